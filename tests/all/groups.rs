//! Customers by group (`score.by`, `reports.by`): laws, frozen breaks, what is shown of groups, and what is refused.

use std::collections::BTreeMap;

use polars::prelude::*;
use serde_json::{Value, json};

use crate::support::{Published, Sandbox, floats, integers, names, shop, texts};

/// The customers of [`shop`] with a country each: `DE`, `FR`, `IT`, none, and ten of `LU`.
fn countries() -> DataFrame {
    let mut frame = shop();
    let of = |id: i64| match id {
        0..10 => Some("LU"),
        _ => [Some("DE"), Some("DE"), Some("FR"), Some("IT"), None][(id % 5) as usize],
    };
    let values: Vec<Option<&str>> = integers(&frame, "customer_id").into_iter().map(of).collect();
    frame.with_column(Column::new("country".into(), values)).unwrap();
    frame
}

/// The same with every customer in Germany.
fn one_country() -> DataFrame {
    let mut frame = shop();
    frame.with_column(Column::new("country".into(), vec!["DE"; frame.height()])).unwrap();
    frame
}

pub const AS_OF: [&str; 2] = ["--as-of", "2023-12-10"];

pub fn published(frame: DataFrame, settings: &str, args: &[&str]) -> (Sandbox, Published) {
    let sandbox = Sandbox::with(frame);
    let published = again(&sandbox, settings, args);
    (sandbox, published)
}

/// Runs with these settings; what is published is moved aside, so that the next run does not replace it.
pub fn again(sandbox: &Sandbox, settings: &str, args: &[&str]) -> Published {
    write(sandbox, settings);
    let published = sandbox.run(&[&AS_OF[..], args].concat());
    let aside =
        (0..1_000).map(|number| sandbox.root().join(format!("run{number}"))).find(|path| !path.exists()).unwrap();
    std::fs::rename(&published.path, &aside).unwrap();
    sandbox.at(&aside)
}

pub fn write(sandbox: &Sandbox, settings: &str) {
    std::fs::write(sandbox.root().join("rfmetrics.toml"), settings).unwrap();
}

/// Settings under which groups must not change what a score is, by name. Each is written behind `columns` and `score.by`, which
/// stand before the first table.
const METHODS: [(&str, &str); 9] = [
    ("quantile", ""),
    (
        "ntile",
        "[score.recency]\nmethod = 'ntile'\n[score.frequency]\nmethod = 'ntile'\n[score.monetary]\nmethod = 'ntile'\n",
    ),
    (
        "nested",
        "score.combination = 'nested'\nsegment.map = 'abc'\n[score.recency]\nmethod = 'ntile'\n[score.frequency]\n\
         method = 'ntile'\n[score.monetary]\nmethod = 'ntile'\n",
    ),
    ("value", "segment.map = 'three_tier'\n[score.value]\nmethod = 'quantile'\n"),
    ("value by ranks", "segment.map = 'three_tier'\n[score.value]\nstandardise = 'rank'\n"),
    ("octants by the median", "[octants]\nthreshold = 'median'\n"),
    ("levels of scores", "segment.map = 'octants'\n[octants]\nof = 'scores'\n"),
    ("pareto", "segment.map = 'octants'\n[octants]\nthreshold = 'pareto'\n"),
    ("window", "dates.window_days = 200\nscore.monetary.measure = 'average_order_value'\n"),
];

pub fn settings(by: &str, rest: &str) -> String {
    format!("columns.attributes = ['country']\nclean.returns = 'net'\n{by}{rest}")
}

const BY: &str = "score.by = ['country']\nscore.by_min_customers = 20\n";

#[test]
fn where_all_customers_are_in_one_group_every_table_is_that_of_a_run_without_groups() {
    for (name, rest) in METHODS {
        let rest = format!("{rest}[kmeans]\nclusters = 3\n");
        let sandbox = Sandbox::with(one_country());
        let plain = again(&sandbox, &settings("", &rest), &[]).bytes();
        let grouped = again(&sandbox, &settings(BY, &rest), &[]).bytes();
        let further: Vec<&String> = grouped.keys().filter(|table| !plain.contains_key(*table)).collect();
        assert_eq!(further, ["bounds_by_group.parquet", "score_groups.parquet"], "{name}");
        for (table, bytes) in plain {
            assert!(grouped[&table] == bytes, "{name}: {table} differs");
        }
    }
}

/// Some columns of the customers table by customer id, of those whose country is `of`.
pub fn rows_of(published: &Published, of: impl Fn(&str) -> bool) -> BTreeMap<i64, Vec<String>> {
    let customers = published.table("customers");
    let shared = ["r_score", "f_score", "m_score", "cell", "segment", "octant", "weighted_value", "v_score"];
    // ABC classes are of all customers, and so are the segments of a map that looks at them.
    let is_of_classes = texts(&customers, "map")[0] == "abc";
    let is_there = |name: &&str| names(&customers).contains(name) && !(is_of_classes && *name == "segment");
    let there: Vec<&str> = shared.into_iter().filter(is_there).collect();
    let columns: Vec<Vec<String>> = there.into_iter().map(|name| texts(&customers, name)).collect();
    let countries = texts(&customers, "country");
    let rows = integers(&customers, "customer_id").into_iter().enumerate();
    rows.filter(|(row, _)| of(&countries[*row]))
        .map(|(row, id)| (id, columns.iter().map(|column| column[row].clone()).collect()))
        .collect()
}

/// The score bounds of a group, or of a run, as texts.
fn bounds(table: &DataFrame, group: Option<&str>) -> Vec<Vec<String>> {
    let columns = ["axis", "score", "lowest_value", "highest_value", "customers", "upper_threshold"];
    let columns: Vec<Vec<String>> = columns.iter().map(|name| texts(table, name)).collect();
    let is_own = |row: &usize| {
        group.is_none_or(|group| texts(table, "customer_group")[*row] == group) && columns[0][*row] != "weighted_value"
    };
    (0..table.height()).filter(is_own).map(|row| columns.iter().map(|column| column[row].clone()).collect()).collect()
}

#[test]
fn the_scores_of_a_group_are_those_of_a_run_over_its_customers_alone() {
    for (name, rest) in METHODS {
        let value = "score.composites.columns = ['weighted_value']\n";
        let rest = format!("{value}{rest}");
        let (_grouped, grouped) = published(countries(), &settings(BY, &rest), &[]);
        let of_groups = grouped.table("bounds_by_group");
        for (group, shown, filter) in
            [("DE", "DE", "country = 'DE'"), ("FR", "FR", "country = 'FR'"), ("(none)", "-", "country IS NULL")]
        {
            let (_alone, alone) = published(countries(), &settings("", &rest), &["--filter", filter]);
            let expected = rows_of(&alone, |_| true);
            assert!(expected.len() > 40, "{name} {group}: {}", expected.len());
            assert_eq!(rows_of(&grouped, |country| country == shown), expected, "{name} {group}");
            assert_eq!(bounds(&of_groups, Some(group)), bounds(&alone.table("score_bounds"), None), "{name} {group}");
            let (groups, octants) = (grouped.table("score_groups"), alone.table("octants"));
            let row = texts(&groups, "customer_group").iter().position(|own| own == group).unwrap();
            for threshold in ["recency_threshold", "frequency_threshold", "monetary_threshold"] {
                let found = [floats(&groups, threshold)[row], floats(&octants, threshold)[0]].map(f64::to_bits);
                assert_eq!(found[0], found[1], "{name} {group}");
            }
        }
    }
}

#[test]
fn customers_of_a_small_group_have_the_scores_of_a_run_without_groups() {
    for (name, rest) in METHODS {
        let (_grouped, grouped) = published(countries(), &settings(BY, rest), &[]);
        let (_plain, plain) = published(countries(), &settings("", rest), &[]);
        let of_lu = |published: &Published| rows_of(published, |country| country == "LU");
        assert_eq!(of_lu(&grouped), of_lu(&plain), "{name}");
        assert_eq!(of_lu(&plain).len(), 10, "{name}");
        let others = |published: &Published| rows_of(published, |country| country != "LU");
        assert_ne!(others(&grouped), others(&plain), "{name}: groups make a difference");
        let groups = grouped.table("score_groups");
        assert_eq!(texts(&groups, "customer_group"), ["(none)", "DE", "FR", "IT", "LU"]);
        assert_eq!(texts(&groups, "breaks"), ["own", "own", "own", "own", "all"]);
        let customers = texts(&grouped.table("customers"), "country");
        let counted = |shown: &str| customers.iter().filter(|country| *country == shown).count() as i64;
        assert_eq!(integers(&groups, "customers"), ["-", "DE", "FR", "IT", "LU"].map(counted));
    }
}

/// The warning of this code.
fn warning(published: &Published, code: &str) -> Option<Value> {
    let manifest = published.manifest();
    manifest["warning_details"].as_array().unwrap().iter().find(|warning| warning["code"] == code).cloned()
}

#[test]
fn small_groups_are_named_and_what_is_noticed_in_groups_is_said_of_the_largest() {
    let many_bins = "segment.map = 'abc'\n[score.frequency]\nbins = 30\n";
    let (sandbox, published) = published(countries(), &settings(BY, many_bins), &[]);
    let small = warning(&published, "small_groups").unwrap();
    let expected = json!({"by": ["country"], "groups": 1, "names": ["LU"], "customers": 10, "least": 20});
    assert_eq!(small["facts"], expected);
    let empty = warning(&published, "empty_bins").unwrap();
    assert_eq!(empty["facts"]["score_group"], "DE", "{empty}");
    assert!(empty["text"].as_str().unwrap().starts_with("group `DE`"), "{empty}");
    assert_eq!(sandbox.try_run(&[&AS_OF[..], &["--deny-warnings=small_groups"]].concat()).code, 4);
    let none = again(&sandbox, &settings("score.by = ['country']\nscore.by_min_customers = 10\n", ""), &[]);
    assert_eq!(warning(&none, "small_groups"), None);
    assert!(!texts(&none.table("bounds_by_group"), "customer_group").contains(&"(all)".to_owned()));
}

#[test]
fn score_bounds_span_all_groups_and_thresholds_that_differ_are_left_out() {
    let (_sandbox, published) = published(countries(), &settings(BY, ""), &[]);
    let (all, groups) = (published.table("score_bounds"), published.table("bounds_by_group"));
    let (axes, scores) = (texts(&groups, "axis"), integers(&groups, "score"));
    let (lowest, highest) = (floats(&groups, "lowest_value"), floats(&groups, "highest_value"));
    let (customers, count) = (integers(&groups, "customers"), integers(&all, "customers"));
    assert_eq!(axes.len(), 5 * 15, "four groups of their own, and those who take the breaks of all");
    for (row, (axis, score)) in texts(&all, "axis").iter().zip(integers(&all, "score")).enumerate() {
        let own: Vec<usize> = (0..axes.len()).filter(|own| axes[*own] == *axis && scores[*own] == score).collect();
        assert_eq!(own.iter().map(|own| customers[*own]).sum::<i64>(), count[row], "{axis} {score}");
        let least = own.iter().map(|own| lowest[*own]).fold(f64::NAN, f64::min);
        let most = own.iter().map(|own| highest[*own]).fold(f64::NAN, f64::max);
        assert!(floats(&all, "lowest_value")[row].total_cmp(&least).is_eq(), "{axis} {score}");
        assert!(floats(&all, "highest_value")[row].total_cmp(&most).is_eq(), "{axis} {score}");
    }
    let revenue = texts(&all, "axis").iter().position(|axis| axis == "revenue").unwrap();
    assert!(floats(&all, "upper_threshold")[revenue].is_nan());
    assert!(floats(&published.table("octants"), "monetary_threshold")[0].is_nan());
}

fn manifest_copied(sandbox: &Sandbox, published: &Published) -> String {
    let path = sandbox.root().join("then.json");
    std::fs::copy(published.path.join("manifest.json"), &path).unwrap();
    path.display().to_string()
}

#[test]
fn frozen_breaks_are_of_each_group_and_a_new_group_takes_those_of_all() {
    let frozen_settings = "segment.map = 'three_tier'\n[kmeans]\nclusters = 2\n";
    let (sandbox, then) = published(countries(), &settings(BY, frozen_settings), &["--filter", "country <> 'FR'"]);
    let path = manifest_copied(&sandbox, &then);
    let by = format!("{BY}score.breaks_from = '{path}'\n");
    let now = again(&sandbox, &settings(&by, frozen_settings), &["--filter", "country <> 'FR'"]);
    assert_eq!(then.table("customers"), now.table("customers"), "the same customers by the same breaks");
    let drift = now.table("drift_by_group");
    assert_eq!(texts(&drift, "customer_group"), [["DE"; 4], ["IT"; 4]].concat(), "without nulls: `<>` leaves them out");
    assert!(floats(&drift, "population_stability_index").iter().all(|index| *index == 0.0));
    assert_eq!(integers(&drift, "changed_customers"), [0; 8]);
    // France is new, and everyone who was there keeps their scores.
    let now = again(&sandbox, &settings(&by, frozen_settings), &[]);
    for country in ["DE", "IT"] {
        assert_eq!(rows_of(&now, |own| own == country), rows_of(&then, |own| own == country), "{country}");
    }
    let plain = manifest_without_groups(&sandbox, &path);
    let plain = format!("score.breaks_from = '{plain}'\n");
    let of_all = again(&sandbox, &settings(&plain, frozen_settings), &[]);
    for country in ["FR", "-", "LU"] {
        assert_eq!(rows_of(&now, |own| own == country), rows_of(&of_all, |own| own == country), "{country}");
    }
    let new = warning(&now, "groups_without_breaks").unwrap();
    // 58 customers of France, 58 without a country, ten of Luxembourg.
    assert_eq!((&new["facts"]["groups"], &new["facts"]["customers"]), (&json!(3), &json!(126)), "{new}");
    assert_eq!(texts(&now.table("score_groups"), "breaks"), ["all", "own", "all", "own", "all"]);
    // The breaks go on: those of groups that are not there, too.
    let chained = again(&sandbox, &settings(&by, frozen_settings), &["--filter", "country = 'IT'"]);
    let groups = |published: &Published| published.manifest()["score_groups"].clone();
    assert_eq!(groups(&chained), groups(&then));
}

/// The manifest of the same run as if it had learned nothing of groups.
fn manifest_without_groups(sandbox: &Sandbox, path: &str) -> String {
    let mut manifest: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(manifest.as_object_mut().unwrap().remove("score_groups").is_some());
    let path = sandbox.root().join("plain.json");
    std::fs::write(&path, manifest.to_string()).unwrap();
    path.display().to_string()
}

#[test]
fn breaks_of_other_groups_are_refused() {
    let (sandbox, then) = published(countries(), &settings(BY, ""), &[]);
    let path = manifest_copied(&sandbox, &then);
    let refused = |by: &str, path: &str| {
        write(&sandbox, &settings(&format!("{by}score.breaks_from = '{path}'\n"), ""));
        let ran = sandbox.try_run(&AS_OF);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        ran.stderr
    };
    let plain = refused("", &path);
    assert!(plain.contains("groups by [\"country\"], this run asks for no groups"), "{plain}");
    let none = refused(BY, &manifest_without_groups(&sandbox, &path));
    assert!(none.contains("the breaks are of no groups, this run asks for groups by [\"country\"]"), "{none}");
    let mut manifest = then.manifest();
    manifest["score_groups"]["groups"][1]["breaks"][0]["cuts"][0] = json!(100_000);
    let edited = sandbox.root().join("edited.json");
    std::fs::write(&edited, manifest.to_string()).unwrap();
    let wrong = refused(BY, edited.to_str().unwrap());
    assert!(wrong.contains("in the group `DE` of the earlier run") && wrong.contains("must ascend"), "{wrong}");
}

#[test]
fn a_further_scoring_has_groups_of_its_own_and_stands_beside_one_without() {
    let scorings = "[[scoring]]\nname = 'local'\nscore.by = ['country']\nscore.by_min_customers = 20\n";
    let (sandbox, published) = published(countries(), &settings("", scorings), &[]);
    let of = published.manifest()["scorings"][0]["score_groups"]["by"].clone();
    assert_eq!(of, json!(["country"]));
    let rows = published.table("stability_summary");
    assert!(floats(&rows, "adjusted_rand_index")[0] < 1.0, "the groups move customers between segments");
    let table = published.table("scorings");
    let (scoring, groups) = (texts(&table, "scoring"), texts(&table, "customer_group"));
    assert_eq!(names(&table).last(), Some(&"customer_group"));
    let countries_of: Vec<String> = texts(&published.table("customers"), "country")
        .into_iter()
        .map(|country| if country == "-" { "(none)".to_owned() } else { country })
        .collect();
    for (row, (scoring, group)) in scoring.iter().zip(&groups).enumerate() {
        let expected = if scoring == "main" { "(all)" } else { countries_of[row % countries_of.len()].as_str() };
        assert_eq!((scoring, group.as_str()), (scoring, expected));
    }
    let shown = sandbox.command(&["check", "--input", "in"]);
    assert!(shown.stdout.contains("scored among those of equal `country`"), "{}", shown.stdout);
    let by = again(&sandbox, &settings(BY, ""), &[]);
    let cells = texts(&by.table("customers"), "cell");
    assert!(texts(&table, "cell")[..cells.len()] == cells, "`local` sorts first, and is as `score.by` itself");
}

#[test]
fn several_attributes_part_the_customers_together() {
    let mut frame = countries();
    let channels: Vec<&str> =
        integers(&frame, "customer_id").iter().map(|id| if id % 2 == 0 { "web" } else { "till" }).collect();
    frame.with_column(Column::new("channel".into(), channels)).unwrap();
    let by = "score.by = ['channel', 'country']\nscore.by_min_customers = 20\n";
    let (_both, both) = published(frame.clone(), by, &[]);
    let groups = both.table("score_groups");
    let found = texts(&groups, "customer_group");
    let expected: Vec<String> = ["till", "web"]
        .iter()
        .flat_map(|channel| ["(none)", "DE", "FR", "IT", "LU"].map(|country| format!("{channel}/{country}")))
        .collect();
    assert_eq!(found, expected);
    let filter = "channel = 'web' AND country = 'DE'";
    let (_alone, alone) = published(frame, "columns.attributes = ['country']\n", &["--filter", filter]);
    let own = rows_of(&both, |country| country == "DE");
    let own: BTreeMap<i64, Vec<String>> = own.into_iter().filter(|(id, _)| id % 2 == 0).collect();
    assert_eq!(own, rows_of(&alone, |_| true));
    assert_eq!(names(&both.table("customers"))[23..], ["channel", "country", "map"], "carried along though not named");
}

#[test]
fn explain_names_the_group_and_reads_its_breaks() {
    let (sandbox, published) = published(countries(), &settings(BY, ""), &[]);
    let explained = |id: &str, more: &[&str]| {
        let ran = sandbox.command(&[&["explain", id, "--input", "in"], &AS_OF[..], more].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    };
    let json: Value = serde_json::from_str(&explained("11", &["--format", "json"])).unwrap();
    let standing = &json["standing"];
    assert_eq!(standing["group"]["customer_group"], "DE");
    assert_eq!(standing["group"]["breaks"], "own");
    let bounds = published.table("bounds_by_group");
    let own = (0..bounds.height()).filter(|row| {
        texts(&bounds, "customer_group")[*row] == "DE"
            && texts(&bounds, "axis")[*row] == "revenue"
            && integers(&bounds, "score")[*row] == standing["axes"][2]["score"].as_i64().unwrap()
    });
    let threshold = floats(&bounds, "upper_threshold")[own.last().unwrap()];
    assert_eq!(standing["axes"][2]["upper_threshold"].as_f64().unwrap_or(f64::NAN).to_bits(), threshold.to_bits());
    let held = standing["next"]["one_more_order"]["held_still"].as_array().unwrap();
    assert!(held.contains(&json!("the group of the customer")), "{held:?}");
    write(&sandbox, "reports.by = ['country']\n");
    assert!(explained("11", &[]).contains("customer 11"), "groups of reports alone do not stand in the way");
    write(&sandbox, &settings(BY, ""));
    let small = explained("1", &[]);
    assert!(small.contains("LU (by country), 10 customers; scored by the breaks of all customers"), "{small}");
    let large = explained("11", &[]);
    assert!(large.contains("DE (by country)") && large.contains("scored among them"), "{large}");
}

#[test]
fn check_shows_the_groups_and_a_wrong_attribute_is_refused() {
    let (sandbox, then) = published(countries(), &settings(BY, ""), &[]);
    let path = manifest_copied(&sandbox, &then);
    let shown = sandbox.command(&["check", "--input", "in"]).stdout;
    assert!(shown.contains("equal `country`; groups of fewer than 20 customers take the breaks of all"), "{shown}");
    write(&sandbox, &settings(&format!("{BY}score.breaks_from = '{path}'\n"), ""));
    let shown = sandbox.command(&["check", "--input", "in", "--format", "json"]).stdout;
    let json: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(json["groups"], json!({"by": ["country"], "min_customers": null, "loaded_groups": 4}));
    for (by, message) in [
        ("score.by = ['land']\n", "`land`"),
        ("score.by = ['country', 'country']\n", "found `country` twice"),
        ("score.by = ['']\n", "found 1 empty of 1"),
        ("score.by_min_customers = 0\n", "expected 1 or more"),
        ("reports.by = ['segment']\n", "as the customers table calls a column of its own"),
    ] {
        write(&sandbox, by);
        let ran = sandbox.try_run(&AS_OF);
        assert!(ran.code == 2 || ran.code == 3, "{by}: {}", ran.stderr);
        assert!(ran.stderr.contains(message), "{by}: {}", ran.stderr);
    }
}

#[test]
fn the_latest_value_of_a_customer_decides_where_they_belong() {
    let rows = [(1, "2023-01-01", "FR"), (1, "2023-05-01", "DE"), (2, "2023-02-01", "DE"), (3, "2023-03-01", "FR")];
    let frame = df!(
        "customer_id" => rows.map(|row| row.0),
        "order_ts" => rows.map(|row| crate::support::day(row.1)),
        "amount" => [1.0; 4],
        "country" => rows.map(|row| row.2),
    );
    let mut frame = frame.unwrap();
    let days = frame.column("order_ts").unwrap().cast(&DataType::Date).unwrap();
    frame.with_column(days).unwrap();
    let (_sandbox, published) = published(frame, "score.by = ['country']\nscore.by_min_customers = 1\n", &[]);
    let groups = published.table("score_groups");
    assert_eq!(texts(&groups, "customer_group"), ["DE", "FR"]);
    assert_eq!(integers(&groups, "customers"), [2, 1]);
}
