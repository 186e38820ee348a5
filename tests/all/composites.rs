//! Measures of the axes, composites, clusters and interactions: through the binary, by hand.

use polars::prelude::*;

use crate::support::{Published, Sandbox, dates, floats, frame, integers, minor, names, orders, texts};

/// The scale of whole ranges, which is easily worked by hand.
const MIN_MAX: &str = "score.value.standardise=min-max";

/// One order per customer, 1, 2, ..: all on one day, with these amounts.
fn paying(amounts: &[f64]) -> Sandbox {
    let sandbox = Sandbox::new();
    pay_again(&sandbox, amounts);
    sandbox
}

fn pay_again(sandbox: &Sandbox, amounts: &[f64]) {
    let rows: Vec<(i64, i64, &str, f64)> =
        (1..).zip(amounts).map(|(id, amount)| (id, id, "2025-01-01", *amount)).collect();
    sandbox.file("a.parquet", orders(&rows));
}

fn with(sandbox: &Sandbox, settings: &[&str]) -> Published {
    let set: Vec<&str> = settings.iter().flat_map(|setting| ["--set", setting]).collect();
    sandbox.run(&[&["--as-of", "2025-01-31"][..], &set].concat())
}

fn close(found: &[f64], expected: &[f64]) {
    let near = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9);
    assert!(near && found.len() == expected.len(), "{found:?}, expected {expected:?}");
}

#[test]
fn every_measure_can_be_scored() {
    // Customer 1: orders of 10 + 20 and of 5 on one day; 2: two of 20 on two days; 3: one of 25.
    let sandbox = Sandbox::with(orders(&[
        (1, 10, "2025-01-01", 10.0),
        (1, 10, "2025-01-01", 20.0),
        (1, 11, "2025-01-01", 5.0),
        (2, 20, "2025-01-01", 20.0),
        (2, 21, "2025-01-02", 20.0),
        (3, 30, "2025-01-01", 25.0),
    ]));
    let scores = |axis: &str, measure: &str| {
        let measured = format!("score.{axis}.measure={measure}");
        let args = ["--as-of", "2025-01-31", "--method", "ntile", "--bins", "3", "--map", "abc", "--set", &measured];
        let published = sandbox.run(&args);
        let axes = texts(&published.table("score_bounds"), "axis");
        assert!(axes.contains(&measure.to_owned()), "{axes:?}");
        integers(&published.table("customers"), if axis == "frequency" { "f_score" } else { "m_score" })
    };
    // Equal numbers go by customer id. Orders 2 2 1, days 1 2 1, rows 3 2 1.
    assert_eq!(scores("frequency", "orders"), [2, 3, 1]);
    assert_eq!(scores("frequency", "purchase_days"), [1, 3, 2]);
    assert_eq!(scores("frequency", "transactions"), [3, 2, 1]);
    // Totals 35 40 25, means 17.5 20 25, largest 30 20 25.
    assert_eq!(scores("monetary", "revenue"), [2, 3, 1]);
    assert_eq!(scores("monetary", "average_order_value"), [1, 2, 3]);
    assert_eq!(scores("monetary", "largest_order"), [3, 1, 2]);
}

#[test]
fn money_is_any_column_that_is_named_as_such() {
    let mut rows = orders(&[(1, 1, "2025-01-01", 90.0), (2, 2, "2025-01-01", 10.0)]);
    rows.with_column(Column::new("margin".into(), [1.5, 4.0])).unwrap();
    let published = Sandbox::with(rows).run(&["--as-of", "2025-01-31", "--column", "amount=margin"]);
    let customers = published.table("customers");
    assert_eq!(minor(&customers, "revenue"), [150, 400]);
    assert_eq!(integers(&customers, "m_score"), [1, 5]);
}

/// Orders and visits; a visit has no amount.
fn visits() -> Sandbox {
    Sandbox::with(frame(vec![
        Column::new("customer_id".into(), [1_i64, 1, 2, 2, 3]),
        dates("order_ts", &["2025-01-01", "2025-01-20", "2025-01-10", "2025-02-10", "2025-01-30"]),
        Column::new("amount".into(), [Some(10.0), None, Some(10.0), None, None]),
        Column::new("event".into(), ["purchase", "visit", "purchase", "visit", "visit"]),
    ]))
}

#[test]
fn recency_can_count_from_any_interaction() {
    let settings = "[input]\nfilter = \"event = 'purchase'\"\ninteractions = \"event = 'visit'\"\n\
        [segment]\nmap = \"abc\"\n[score.recency]\nmethod = \"fixed\"\nbins = 2\ncuts = [25]\n\
        [[scoring]]\nname = \"visits\"\nscore.recency.measure = \"interaction_days\"\n";
    let sandbox = visits();
    std::fs::write(sandbox.root().join("rfmetrics.toml"), settings).unwrap();
    let published = sandbox.run(&["--as-of", "2025-01-31", "--threads", "1"]);
    let customers = published.table("customers");
    // A customer who only visits is not a customer. The visit after the analysis date does not count, and an order is
    // an interaction.
    assert_eq!(integers(&customers, "customer_id"), [1, 2]);
    assert_eq!(integers(&customers, "recency_days"), [30, 21]);
    assert_eq!(integers(&customers, "interaction_days"), [11, 21]);
    assert_eq!(integers(&published.table("scorings"), "r_score"), [1, 2, 2, 2]);
    assert!(texts(&published.table("scoring_bounds"), "axis").contains(&"interaction_days".to_owned()));
    assert_eq!(published.outcomes().values().sum::<i64>(), 2, "the account is that of the filter");
    assert!(sandbox.run(&["--as-of", "2025-01-31", "--threads", "2"]).bytes() == published.bytes());
    let message = sandbox.command(&["explain", "--input", "in", "--as-of", "2025-01-31", "1"]);
    assert_eq!(message.code, 0, "{}", message.stderr);
    let hashed = sandbox.command(&[
        "run",
        "--input",
        "in",
        "--output",
        "out",
        "--as-of",
        "2025-01-31",
        "--hash-ids",
        "--hash-key-file",
        "rfmetrics.toml",
    ]);
    let customers = sandbox.published(&hashed).table("customers");
    let mut days: Vec<(i64, i64)> =
        integers(&customers, "recency_days").into_iter().zip(integers(&customers, "interaction_days")).collect();
    days.sort_unstable();
    assert_eq!(days, [(21, 21), (30, 11)], "interactions stay with their customers");
}

/// Customer, day of January 2025 (32 and more: of February), event; a purchase has 10.00 and an order of its own.
const EVENTS: [(i64, u32, &str); 10] = [
    (1, 1, "purchase"),
    (1, 2, "visit"),
    (1, 20, "visit"),
    (1, 20, "search"),
    (2, 10, "purchase"),
    (2, 11, "purchase"),
    (2, 33, "visit"),
    (3, 30, "visit"),
    (4, 30, "purchase"),
    (4, 3, "visit"),
];

fn events() -> DataFrame {
    let day = |day: u32| if day > 31 { format!("2025-02-{:02}", day - 31) } else { format!("2025-01-{day:02}") };
    let days = EVENTS.map(|(_, own, _)| day(own));
    frame(vec![
        Column::new("customer_id".into(), EVENTS.map(|(id, ..)| id)),
        dates("order_ts", &days.each_ref().map(String::as_str)),
        Column::new("amount".into(), EVENTS.map(|(.., event)| (event == "purchase").then_some(10.0))),
        Column::new("event".into(), EVENTS.map(|(.., event)| event)),
    ])
}

/// The customers and their interactions.
fn counted(sandbox: &Sandbox, interactions: &str, more: &[&str]) -> (Vec<i64>, Vec<i64>) {
    let settings = format!(
        "[input]\nfilter = \"event = 'purchase'\"\ninteractions = \"{interactions}\"\n[score.frequency]\nmeasure = \"interactions\"\n"
    );
    std::fs::write(sandbox.root().join("rfmetrics.toml"), settings).unwrap();
    let customers = sandbox.run(more).table("customers");
    (integers(&customers, "customer_id"), integers(&customers, "interactions"))
}

#[test]
fn frequency_can_count_interactions() {
    let sandbox = Sandbox::with(events());
    let as_of = ["--as-of", "2025-01-31"];
    // Rows that meet the condition up to the analysis date, of those who bought: 3 only visited, and the visit of 2 is of February.
    let all = "event IN ('visit', 'purchase')";
    assert_eq!(counted(&sandbox, all, &as_of), (vec![1, 2, 4], vec![3, 2, 2]));
    assert_eq!(counted(&sandbox, "event = 'visit'", &as_of), (vec![1, 2, 4], vec![2, 0, 1]));
    // From 2025-01-11 on; the purchase of 1 lies before it, their visit in it.
    assert_eq!(counted(&sandbox, all, &["--as-of", "2025-01-31", "--window-days", "21"]).1, [1, 1, 1]);
    // Without an analysis date it is the last purchase, 2025-01-30: the later visit is seen and does not count.
    assert_eq!(counted(&sandbox, all, &[]).1, [3, 2, 2]);
    // The scores are those of the counts: of 3, 2, 2 the thresholds are 2, 2, 2.2, 2.6.
    let published = sandbox.run(&as_of);
    assert_eq!(integers(&published.table("customers"), "f_score"), [5, 1, 1]);
    assert!(texts(&published.table("score_bounds"), "axis").contains(&"interactions".to_owned()));
    let found = published.table("customers");
    let names = crate::support::names(&found);
    assert_eq!(
        names[names.len() - 3..],
        ["interaction_days", "interactions", "map"],
        "behind the columns of the table"
    );
    let explained = sandbox.command(&["explain", "--input", "in", "--as-of", "2025-01-31", "1"]);
    assert!(explained.stdout.contains("interactions    3\n"), "{}", explained.stdout);
    // The same of files and threads, and of directories that the filter rules out.
    let apart = Sandbox::new();
    for event in ["purchase", "visit", "search"] {
        let of = events().lazy().filter(col("event").eq(lit(event))).collect().unwrap().drop("event").unwrap();
        apart.file(&format!("event={event}/a.parquet"), of);
    }
    let hive = ["--as-of", "2025-01-31", "--set", "input.hive_partitions=true", "--threads", "1"];
    assert_eq!(counted(&apart, all, &hive).1, [3, 2, 2]);
}

#[test]
fn interactions_are_counted_only_where_they_can_be() {
    let sandbox = Sandbox::with(events());
    let told = |more: &[&str]| sandbox.try_run(&[&["--as-of", "2025-01-31"], more].concat()).stderr;
    let plain = told(&["--set", "score.frequency.measure=interactions"]);
    assert!(
        plain.contains("`score.frequency.measure`") && plain.contains("does not say which rows are interactions"),
        "{plain}"
    );
    let interactions = ["--set", "input.interactions=event = 'visit'", "--set", "score.frequency.measure=interactions"];
    let repeats = told(&[&interactions[..], &["--dedupe"]].concat());
    assert!(repeats.contains("interactions are counted with their repeats"), "{repeats}");
    // Who does not look at their number has no column of it.
    let ran = sandbox.run(&[
        "--as-of",
        "2025-01-31",
        "--filter",
        "event = 'purchase'",
        "--set",
        "input.interactions=event = 'visit'",
    ]);
    let table = ran.table("customers");
    assert!(!crate::support::names(&table).contains(&"interactions"));
}

#[test]
fn interactions_must_be_set_and_be_a_condition() {
    for (settings, message) in [
        (["score.recency.measure=interaction_days", "run.threads=1"], "`input.interactions` does not say which rows"),
        (["input.interactions=event =", "run.threads=1"], "`input.interactions` is no SQL condition"),
        (["input.interactions=absent = 'x'", "run.threads=1"], "absent"),
    ] {
        let ran = visits().try_run(&["--as-of", "2025-01-31", "--set", settings[0], "--set", settings[1]]);
        assert!([2, 3].contains(&ran.code), "{}", ran.stderr);
        assert!(ran.stderr.contains(message), "{}", ran.stderr);
    }
}

#[test]
fn composites_are_columns_where_they_are_requested() {
    let sandbox = paying(&[1.0, 2.0, 3.0, 4.0, 5.0]);
    let own = names(&with(&sandbox, &[]).table("customers")).len() - 1;
    let published = with(&sandbox, &["score.composites.columns=weighted_score,score_mean"]);
    let customers = published.table("customers");
    assert_eq!(names(&customers)[own..], ["score_mean", "weighted_score", "map"]);
    // All are equally recent (5) and frequent (1): cells 511 to 515.
    close(&floats(&customers, "weighted_score"), &[511.0, 512.0, 513.0, 514.0, 515.0]);
    close(&floats(&customers, "score_mean"), &[7.0 / 3.0, 8.0 / 3.0, 3.0, 10.0 / 3.0, 11.0 / 3.0]);
    let weights = ["score.composites.columns=weighted_score", "score.composites.weights=0,0.5,2"];
    close(&floats(&with(&sandbox, &weights).table("customers"), "weighted_score"), &[2.5, 4.5, 6.5, 8.5, 10.5]);

    let value = ["score.composites.columns=weighted_value", "score.value.measures=revenue,recency_days"];
    let weighted =
        [value[0], value[1], MIN_MAX, "score.value.weights=1,0", "score.value.bins=2", "score.value.method=median"];
    let published = with(&sandbox, &weighted);
    let customers = published.table("customers");
    assert_eq!(names(&customers)[own..], ["weighted_value", "v_score", "map"]);
    close(&floats(&customers, "weighted_value"), &[0.0, 0.25, 0.5, 0.75, 1.0]);
    assert_eq!(integers(&customers, "v_score"), [1, 1, 1, 2, 2], "better than the median");
    let scale = &published.manifest()["value"]["scale"];
    assert_eq!(scale["standards"][0]["origin"], 100.0, "1.00 in cents");
    assert_eq!(scale["standards"][0]["spread"], 400.0);
}

#[test]
fn a_value_of_frozen_breaks_keeps_its_scale() {
    let sandbox = paying(&[1.0, 2.0, 3.0, 4.0, 5.0]);
    let settings = [
        "score.composites.columns=weighted_value",
        "score.value.measures=revenue",
        "score.value.method=uniform",
        MIN_MAX,
    ];
    let first = with(&sandbox, &settings);
    std::fs::copy(first.path.join("manifest.json"), sandbox.root().join("kept.json")).unwrap();
    pay_again(&sandbox, &[1.0, 2.0, 9.0]);
    let kept = [&settings[..], &["score.breaks_from=kept.json"]].concat();
    let published = with(&sandbox, &kept);
    // On the scale from 1 to 5: (9 - 1) / 4 = 2.
    close(&floats(&published.table("customers"), "weighted_value"), &[0.0, 0.25, 2.0]);
    assert_eq!(integers(&published.table("customers"), "v_score"), [1, 2, 5]);
    assert!(texts(&published.table("drift"), "axis").contains(&"weighted_value".to_owned()));
    let other = [&kept[..], &["score.value.standardise=rank"]].concat();
    let set: Vec<&str> = other.iter().flat_map(|setting| ["--set", setting]).collect();
    let ran = sandbox.try_run(&[&["--as-of", "2025-01-31"][..], &set].concat());
    assert!(ran.code == 2 && ran.stderr.contains("ranks depend on the customers at hand"), "{}", ran.stderr);
}

const BY_REVENUE: [&str; 3] = ["score.value.measures=revenue", "kmeans.clusters=2", MIN_MAX];

#[test]
fn clusters_are_numbered_by_value_and_described() {
    let sandbox = paying(&[90.0, 1.0, 2.0, 91.0, 3.0]);
    let published = with(&sandbox, &BY_REVENUE);
    assert_eq!(integers(&published.table("customers"), "cluster"), [1, 2, 2, 1, 2]);
    let clusters = published.table("clusters");
    assert_eq!(texts(&clusters, "scoring"), ["main", "main"]);
    assert_eq!(integers(&clusters, "customers"), [2, 3]);
    assert_eq!(minor(&clusters, "revenue"), [18_100, 600]);
    close(&floats(&clusters, "revenue_share"), &[181.0 / 187.0, 6.0 / 187.0]);
    close(&floats(&clusters, "mean_revenue"), &[90.5, 2.0]);
    close(&floats(&clusters, "mean_orders"), &[1.0, 1.0]);
    close(&floats(&clusters, "mean_recency_days"), &[30.0, 30.0]);
    // From 0 to 1 over 1 to 91: 89/90 and 1; 0, 1/90 and 2/90.
    close(&floats(&clusters, "mean_weighted_value"), &[179.0 / 180.0, 1.0 / 90.0]);
    let centers = &published.manifest()["kmeans"]["centroids"]["centers"];
    close(&[centers[0][0].as_f64().unwrap(), centers[1][0].as_f64().unwrap()], &[179.0 / 180.0, 1.0 / 90.0]);
    // Two groups that lie far apart: their silhouette is the largest.
    let chosen = with(&sandbox, &["score.value.measures=revenue", "kmeans.choose_up_to=4", MIN_MAX]);
    assert_eq!(chosen.table("clusters").height(), 2);
    assert_eq!(chosen.manifest()["kmeans"]["silhouettes"].as_array().unwrap().len(), 3);
    assert!(
        sandbox
            .run(&[
                "--as-of",
                "2025-01-31",
                "--threads",
                "1",
                "--set",
                BY_REVENUE[0],
                "--set",
                BY_REVENUE[1],
                "--set",
                MIN_MAX
            ])
            .bytes()
            == published.bytes()
    );
}

#[test]
fn centres_of_an_earlier_run_are_kept_with_its_breaks() {
    let sandbox = paying(&[90.0, 1.0, 2.0, 91.0, 3.0]);
    let first = with(&sandbox, &BY_REVENUE);
    std::fs::copy(first.path.join("manifest.json"), sandbox.root().join("kept.json")).unwrap();
    // 45 is 44/90 on the scale, nearer to 1/90 than to 89.5/90. Fresh centres would be at 2 and at (45 + 91) / 2.
    pay_again(&sandbox, &[45.0, 1.0, 2.0, 91.0, 3.0]);
    assert_eq!(integers(&with(&sandbox, &BY_REVENUE).table("customers"), "cluster"), [1, 2, 2, 1, 2]);
    let kept = with(&sandbox, &[BY_REVENUE[0], BY_REVENUE[1], MIN_MAX, "score.breaks_from=kept.json"]);
    assert_eq!(integers(&kept.table("customers"), "cluster"), [2, 2, 2, 1, 2]);
    let three = [
        "--set",
        BY_REVENUE[0],
        "--set",
        MIN_MAX,
        "--set",
        "kmeans.clusters=3",
        "--set",
        "score.breaks_from=kept.json",
    ];
    let ran = sandbox.try_run(&[&["--as-of", "2025-01-31"][..], &three].concat());
    assert!(ran.code == 2 && ran.stderr.contains("set `kmeans.clusters = 2`"), "{}", ran.stderr);
}

#[test]
fn clusters_that_cannot_be_made_are_refused_with_what_to_set() {
    let sandbox = paying(&[1.0, 2.0, 2.0]);
    for (settings, message) in [
        (["kmeans.clusters=3", "score.value.measures=revenue"], "only 2 different customers"),
        (["kmeans.clusters=1", "kmeans.choose_up_to=5"], "`kmeans.clusters` is 1, expected 2 to 100"),
        (["kmeans.clusters=2", "kmeans.choose_up_to=5"], "leave out one"),
        (["score.composites.weights=0,0,0", "kmeans.clusters=2"], "all weights are zero"),
        (
            ["score.value.judgements=[[1.0,9.0,0.2],[0.11,1.0,9.0],[5.0,0.11,1.0]]", "run.threads=1"],
            "contradict one another",
        ),
        (["score.value.preset=rfmt", "score.value.standardise=rank"], "leave out `measures` and `standardise`"),
    ] {
        let ran = sandbox.try_run(&["--as-of", "2025-01-31", "--set", settings[0], "--set", settings[1]]);
        assert_eq!(ran.code, 2, "{settings:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(message), "{settings:?}: {}", ran.stderr);
    }
}

#[test]
fn the_rfmt_preset_weighs_four_measures_by_judgement_and_groups_them() {
    let sandbox = paying(&[1.0, 2.0, 3.0, 40.0, 41.0, 90.0]);
    let published = with(&sandbox, &["score.value.preset=rfmt", "kmeans.clusters=3"]);
    let value = &published.manifest()["value"];
    let measures = serde_json::json!(["recency_days", "orders", "average_order_value", "largest_order"]);
    assert_eq!(value["scale"]["measures"], measures);
    assert!(value["ahp"]["consistency_ratio"].as_f64().unwrap() < 0.1);
    assert_eq!(integers(&published.table("customers"), "cluster"), [3, 3, 3, 2, 2, 1]);
    let means = floats(&published.table("clusters"), "mean_weighted_value");
    assert!(means.is_sorted_by(|a, b| a > b), "{means:?}");
}

#[test]
fn no_customers_make_empty_tables_of_the_right_shape() {
    let sandbox = Sandbox::with(orders(&[(1, 1, "2025-06-01", 1.0)]));
    let further =
        "[[scoring]]\nname = \"other\"\n[kmeans]\nclusters = 2\n[score.composites]\ncolumns = [\"weighted_value\"]\n";
    std::fs::write(sandbox.root().join("rfmetrics.toml"), further).unwrap();
    let published = sandbox.run(&["--as-of", "2025-01-31", "--allow-empty"]);
    for table in ["scorings", "scoring_segments", "stability", "clusters"] {
        assert_eq!(published.table(table).height(), 0, "{table}");
    }
    assert_eq!(published.table("stability_summary").height(), 1);
}
