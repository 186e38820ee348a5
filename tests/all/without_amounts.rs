//! Inputs without amounts through the binary: recency and frequency, and nothing of money.

use std::fs;

use polars::prelude::*;
use serde_json::{Value, json};

use crate::support::{Published, Sandbox, dates, floats, frame, integers, names, shop, texts};

const NONE: [&str; 2] = ["--column", "amount=none"];

/// Visits of four customers up to 2024-03-31: 1 came on 5 days, 2 on 3, 3 on 2, 4 once.
fn visits() -> DataFrame {
    let rows = [
        (1, "2024-03-31"),
        (1, "2024-03-01"),
        (1, "2024-02-01"),
        (1, "2024-01-15"),
        (1, "2024-01-01"),
        (2, "2024-03-21"),
        (2, "2024-03-11"),
        (2, "2024-02-20"),
        (3, "2024-01-31"),
        (3, "2024-01-02"),
        (4, "2023-12-31"),
    ];
    let days: Vec<&str> = rows.iter().map(|row| row.1).collect();
    frame(vec![Column::new("customer_id".into(), rows.map(|row| row.0)), dates("order_ts", &days)])
}

fn run(sandbox: &Sandbox, more: &[&str]) -> Published {
    sandbox.run(&[&NONE[..], more].concat())
}

const MONEY: [&str; 8] = [
    "revenue",
    "average_order_value",
    "largest_order",
    "m_score",
    "octant",
    "abc_class",
    "revenue_rank",
    "cumulative_revenue_share",
];

#[test]
fn recency_and_frequency_are_whole_and_money_is_null() {
    let published = run(&Sandbox::with(visits()), &[]);
    let customers = published.table("customers");
    assert_eq!(integers(&customers, "recency_days"), [0, 10, 60, 91]);
    assert_eq!(integers(&customers, "orders"), [5, 3, 2, 1]);
    // Type 7 quantiles of 1, 2, 3, 5: 1.6, 2.2, 2.8, 3.8, so that F is 5, 4, 2, 1; of 0, 10, 60, 91: 6, 20, 50, 72.4, so that R is 5, 4, 2, 1.
    assert_eq!(texts(&customers, "cell"), ["55", "44", "22", "11"]);
    assert_eq!(integers(&customers, "score_sum"), [10, 8, 4, 2]);
    assert_eq!(texts(&customers, "segment"), ["champions", "loyal", "hibernating", "hibernating"]);
    for name in MONEY {
        assert_eq!(texts(&customers, name), ["-"; 4], "{name}");
    }
    let segments = published.table("segments");
    assert_eq!(texts(&segments, "segment"), ["champions", "hibernating", "loyal"]);
    assert_eq!((integers(&segments, "customers"), integers(&segments, "orders")), (vec![1, 2, 1], vec![5, 3, 3]));
    for name in [
        "revenue",
        "revenue_share",
        "cumulative_revenue_share",
        "average_order_value",
        "mean_revenue",
        "median_revenue",
    ] {
        assert_eq!(texts(&segments, name), ["-"; 3], "{name}");
    }
    let cells = published.table("cells");
    assert_eq!(
        (texts(&cells, "cell"), texts(&cells, "m_score")),
        (["11", "22", "44", "55"].map(str::to_owned).to_vec(), vec!["-".to_owned(); 4])
    );
    let grid = published.table("grid");
    assert_eq!((grid.height(), integers(&grid, "customers").iter().sum::<i64>()), (25, 4));
    assert_eq!(texts(&grid, "revenue_per_customer"), ["-"; 25]);
    let axes: std::collections::BTreeSet<String> =
        texts(&published.table("score_bounds"), "axis").into_iter().collect();
    assert_eq!(axes.into_iter().collect::<Vec<_>>(), ["orders", "recency_days"]);
    assert!(texts(&published.table("quality"), "amount").iter().all(|amount| amount == "-"));
    assert_eq!(published.outcomes()["kept"], 11);
    let manifest = published.manifest();
    assert_eq!(manifest["totals"]["revenue_minor_units"], Value::Null);
    assert_eq!(manifest["breaks"].as_array().unwrap().len(), 2, "of recency and frequency");
    assert_eq!(manifest["warnings"].to_string().matches("revenue").count(), 0, "nobody is warned of money");
}

#[test]
fn tables_of_money_are_left_out_and_named() {
    let sandbox = Sandbox::with(visits());
    let published = run(&sandbox, &[]);
    for table in ["abc", "pareto", "pareto_summary", "octants"] {
        assert!(!published.path.join(format!("{table}.parquet")).exists(), "{table}");
    }
    let expected = json!([{"because": "the input has no amounts", "tables": ["abc", "octants", "pareto", "pareto_summary"], "null_columns": MONEY}]);
    assert_eq!(published.manifest()["notes"]["left_out"], expected);
    let plain = ["--input", "in", "--output", "out", "--column", "amount=none"];
    let told = sandbox.command(&[&["run"], &plain[..]].concat()).stdout;
    assert!(
        told.contains(
            "left out: the input has no amounts; not published: abc, octants, pareto, pareto_summary; null: revenue,"
        ),
        "{told}"
    );
    assert!(!told.contains("top 20%"), "{told}");
    let checked: Value =
        serde_json::from_str(&sandbox.command(&[&["check"], &plain[..], &["--format", "json"]].concat()).stdout)
            .unwrap();
    assert_eq!((&checked["left_out"], &checked["ok"]), (&expected, &json!(true)));
    assert_eq!(checked["scores"].as_array().unwrap().len(), 2);
    assert!(sandbox.command(&["verify", "out"]).stdout.starts_with("ok: "));
}

#[test]
fn a_forgotten_amount_is_an_error_that_names_the_way_out() {
    let sandbox = Sandbox::with(visits());
    let told = sandbox.try_run(&[]);
    assert_eq!(told.code, 3);
    assert!(
        told.stderr.contains("`amount`: missing in") && told.stderr.contains("`--column amount=none`"),
        "{}",
        told.stderr
    );
    // A column of that name is meant in an expression.
    let mut with_none = visits();
    with_none.with_column(Column::new("none".into(), vec![2.5; 11])).unwrap();
    let published = Sandbox::with(with_none).run(&["--column", "amount=none + 0"]);
    assert_eq!(floats(&published.table("customers"), "revenue"), [12.5, 7.5, 5.0, 2.5]);
}

#[test]
fn what_needs_money_is_refused_with_what_fits() {
    let sandbox = Sandbox::with(visits());
    let refused = |more: &[&str]| {
        let ran = sandbox.try_run(&[&NONE[..], more].concat());
        assert_eq!(ran.code, 2, "{more:?}: {}", ran.stdout);
        ran.stderr
    };
    for map in [
        "octants",
        "rmf4",
        "putler11",
        "list125",
        "r-rfm10",
        "pymc",
        "four_class",
        "basic4",
        "marketing8",
        "abc",
        "list8",
        "bank4",
    ] {
        let told = refused(&["--map", map]);
        assert!(told.contains(&format!("`{map}` looks at what is not known")), "{map}: {told}");
        assert!(
            told.contains("`rf25`, `lifecycle`, `grid25`") && told.contains("the input has no amounts"),
            "{map}: {told}"
        );
    }
    for map in ["rf25", "lifecycle", "grid25"] {
        run(&sandbox, &["--map", map]);
    }
    for (more, key) in [
        (["--returns", "purchases"], "`clean.returns`"),
        (["--returns", "drop"], "`clean.returns`"),
        (["--set", "clean.zero_amounts=drop"], "`clean.zero_amounts`"),
        (["--set", "clean.min_amount=1"], "`clean.min_amount`"),
        (["--column", "margin=customer_id"], "`columns.margin`"),
        (["--set", "predict.by_year=true"], "`predict.by_year`"),
        (["--set", "score.composites.columns=[\"score_mean\"]"], "`score_mean`"),
        (["--set", "score.composites.columns=[\"weighted_score\"]"], "`weighted_score`"),
        (["--set", "score.composites.columns=[\"weighted_value\"]"], "`revenue` is to be scored"),
        (["--set", "kmeans.clusters=2"], "`revenue` is to be scored"),
        (["--map", "three_tier"], "`revenue` is to be scored"),
    ] {
        let told = refused(&more);
        assert!(told.contains(key), "{more:?}: {told}");
    }
    let pareto = [
        "--set",
        "score.recency.method=pareto",
        "--set",
        "score.recency.bins=2",
        "--set",
        "score.frequency.bins=2",
        "--map",
        "grid25",
    ];
    assert!(refused(&pareto).contains("`revenue` is to be scored"), "what the best hold is revenue by default");
}

#[test]
fn values_clusters_and_further_scorings_work_without_money() {
    let sandbox = Sandbox::with(visits());
    let settings = "[columns]\namount = 'none'\n[score.value]\nmeasures = ['recency_days', 'orders']\n[score.composites]\n\
        columns = ['weighted_value']\n[kmeans]\nclusters = 2\n[[scoring]]\nname = 'halves'\nscore.frequency.bins = 2\n\
        segment.map = 'grid25'\n[[scoring]]\nname = 'nested'\nscore.combination = 'nested'\nscore.recency.method = 'ntile'\n\
        score.frequency.method = 'ntile'\nscore.monetary.method = 'ntile'\nscore.recency.bins = 2\nsegment.map = 'grid25'\n";
    fs::write(sandbox.root().join("a.toml"), settings).unwrap();
    let published = sandbox.run(&["--config", "a.toml"]);
    let customers = published.table("customers");
    // Each measure between its quantiles at 0.01 and 0.99: 0.3 and 90.07 days, 1.03 and 4.94 orders, and half of the weight.
    let value = |days: f64, orders: f64| {
        let recency = ((90.07 - days) / (90.07 - 0.3)).clamp(0.0, 1.0);
        0.5 * recency + 0.5 * ((orders - 1.03) / (4.94 - 1.03)).clamp(0.0, 1.0)
    };
    let expected = [value(0.0, 5.0), value(10.0, 3.0), value(60.0, 2.0), value(91.0, 1.0)];
    for (found, expected) in floats(&customers, "weighted_value").iter().zip(expected) {
        assert!((found - expected).abs() < 1e-8, "{found} {expected}");
    }
    assert_eq!(integers(&customers, "cluster"), [1, 1, 2, 2]);
    let scorings = published.table("scorings");
    assert_eq!(texts(&scorings, "m_score"), ["-"; 12]);
    assert_eq!(texts(&scorings, "score_mean"), ["-"; 12]);
    // halves: F above 2.5 is 2; nested: the two most recent are R 2, and each of them a group of its own in F.
    assert_eq!(texts(&scorings, "cell")[..4], ["52", "42", "21", "11"]);
    assert_eq!(texts(&scorings, "scoring")[8], "nested");
    assert_eq!(texts(&scorings, "cell")[8..], ["22", "21", "12", "11"]);
    let sums = published.table("scoring_segments");
    assert!(texts(&sums, "revenue").iter().all(|revenue| revenue == "-"));
    assert_eq!(texts(&published.table("clusters"), "mean_revenue"), ["-"; 6]);
}

#[test]
fn breaks_of_an_earlier_run_are_taken_with_and_without_money() {
    let sandbox = Sandbox::with(shop());
    let with_money = sandbox.run(&[]);
    let manifest = with_money.path.join("manifest.json");
    let frozen = format!("score.breaks_from={}", manifest.display());
    let again = run(&sandbox, &["--set", &frozen]);
    let drift = again.table("drift");
    let axes: std::collections::BTreeSet<String> = texts(&drift, "axis").into_iter().collect();
    assert!(!axes.contains("revenue") && axes.contains("orders"), "{axes:?}");
    let told =
        sandbox.try_run(&["--set", &format!("score.breaks_from={}", again.path.join("manifest.json").display())]);
    assert!(told.stderr.contains("no breaks of the monetary score"), "{}", told.stderr);
}

#[test]
fn purchases_are_predicted_and_no_money() {
    let sandbox = Sandbox::with(shop());
    let more = ["--predict", "bg_nbd", "--set", "predict.holdout_days=120", "--as-of", "2023-12-31"];
    let published = run(&sandbox, &more);
    let customers = published.table("customers");
    assert!(floats(&customers, "p_alive").iter().all(|p| (0.0..=1.0).contains(p)));
    assert!(floats(&customers, "expected_orders_12_months").iter().all(|orders| *orders >= 0.0));
    for name in ["expected_value", "clv_12_months", "clv_rank"] {
        assert!(texts(&customers, name).iter().all(|value| value == "-"), "{name}");
    }
    assert!(!published.path.join("clv_pareto.parquet").exists());
    let fit = published.table("model_fit");
    let place = texts(&fit, "model").iter().position(|model| model == "gamma_gamma").unwrap();
    assert_eq!(
        (texts(&fit, "measure")[place].as_str(), texts(&fit, "note")[place].as_str()),
        ("not_fitted", "the input has no amounts")
    );
    let summary = published.table("calibration_summary");
    let measures = texts(&summary, "measure");
    assert!(
        measures.iter().any(|name| name.ends_with("by_rf_sum"))
            && !measures.iter().any(|name| name.ends_with("by_revenue"))
    );
    for (name, value) in measures.iter().zip(texts(&summary, "value")).filter(|(name, _)| name.starts_with("revenue")) {
        assert_eq!(value, "-", "{name}");
    }
    let manifest = published.manifest();
    assert_eq!(manifest["predictions"]["spending"], Value::Null);
    assert!(!manifest["warnings"].to_string().contains("spend"), "{}", manifest["warnings"]);
    // The days of purchases are those of a run with amounts, where no return is among them.
    let mut positive = shop();
    let amounts = floats(&positive, "amount").into_iter().map(f64::abs).collect::<Vec<_>>();
    positive.with_column(Column::new("amount".into(), amounts)).unwrap();
    let with_money = Sandbox::with(positive).run(&more).table("customers");
    assert_eq!(floats(&with_money, "p_alive"), floats(&customers, "p_alive"));
}

#[test]
fn dates_with_and_without_amounts_stack() {
    let sandbox = Sandbox::with(shop());
    let without = run(&sandbox, &["--as-of", "2023-06-30"]);
    let with = sandbox.run(&["--as-of", "2023-12-31"]);
    for (name, _) in without.bytes() {
        let table = name.trim_end_matches(".parquet");
        let (one, other) = (without.table(table), with.table(table));
        assert_eq!(one.schema(), other.schema(), "{table}");
    }
    let told = sandbox.command(&["verify", "out"]);
    assert!(told.stdout.starts_with("ok: 2 published runs"), "{}", told.stdout);
}

#[test]
fn a_visitor_is_explained_without_money() {
    let sandbox = Sandbox::with(visits());
    let ran = sandbox.command(&["explain", "3", "--input", "in", "--column", "amount=none"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stdout.contains("cell            22")
            && ran.stdout.contains("one more order  on the analysis date -> r 5 f 4, segment"),
        "{}",
        ran.stdout
    );
    for money in ["revenue", "octant", "abc", "monetary"] {
        assert!(!ran.stdout.contains(money), "{money}: {}", ran.stdout);
    }
    let ran = sandbox.command(&["explain", "3", "--input", "in", "--column", "amount=none", "--format", "json"]);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json["standing"]["axes"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&json["standing"]["abc_class"], &json["standing"]["next"]["one_more_order"]["m_score"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn a_window_counts_visits_as_it_counts_orders() {
    let published = run(&Sandbox::with(visits()), &["--window-days", "31", "--as-of", "2024-03-31"]);
    let customers = published.table("customers");
    // From 2024-03-01 on: 1 came twice, 2 twice, the others not.
    assert_eq!(integers(&customers, "orders"), [2, 2, 0, 0]);
    assert_eq!(texts(&customers, "cell")[2..].iter().map(|cell| &cell[1..]).collect::<Vec<_>>(), ["1", "1"]);
    assert_eq!(names(&published.table("grid")).len(), 10);
}

#[test]
fn a_map_is_tried_on_a_run_without_amounts() {
    let sandbox = Sandbox::with(visits());
    run(&sandbox, &[]);
    let census = |map: &str| sandbox.command(&["lint-map", map, "--data", "out/as_of=2024-03-31", "--format", "json"]);
    let json: Value = serde_json::from_str(&census("rf25").stdout).unwrap();
    let hibernating = json["data"]["segments"].as_array().unwrap().iter().find(|own| own["segment"] == "hibernating");
    assert_eq!(hibernating.unwrap()["customers"], 2, "{json}");
    let refused = census("abc");
    assert!(refused.code == 2 && refused.stderr.contains("`abc` looks at what is not known"), "{}", refused.stderr);
}
