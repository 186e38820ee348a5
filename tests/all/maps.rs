//! Segment maps through the binary: what they bring, what they are joined by, whether their names fit.

use std::collections::BTreeSet;

use rfmetrics::segment::options::SegmentOptions;
use serde_json::{Value, json};

use crate::support::{Published, Sandbox, floats, integers, orders, texts};

/// The customers of the means 95 days, 2.25 orders and 100.00: see the test of the classes.
fn four() -> Sandbox {
    let mut rows = Vec::new();
    for (id, dates, amount) in [
        (1_i64, &["2024-06-20", "2024-06-19", "2024-06-18"][..], 100.0),
        (2, &["2024-06-10"], 20.0),
        (3, &["2023-12-13"], 30.0),
        (4, &["2024-02-01", "2024-01-31", "2024-01-30", "2024-01-29"], 12.5),
    ] {
        rows.extend(dates.iter().zip(1_i64..).map(|(date, number)| (id, id * 10 + number, *date, amount)));
    }
    Sandbox::with(orders(&rows))
}

const FOUR: [&str; 2] = ["--as-of", "2024-06-30"];

/// Twenty customers who differ in everything.
fn twenty() -> Sandbox {
    let day = |id: i64| format!("2025-{:02}-{:02}", 1 + (id * 5) % 6, 1 + (id * 7) % 28);
    let rows: Vec<(i64, i64, String, f64)> = (1..=20_i64)
        .flat_map(|id| {
            (0..=id % 4)
                .map(move |n| (id, id * 10 + n, day(id + 3 * n), f64::from(u8::try_from(id * id % 97).unwrap()) + 0.5))
        })
        .collect();
    let rows: Vec<(i64, i64, &str, f64)> = rows.iter().map(|row| (row.0, row.1, row.2.as_str(), row.3)).collect();
    Sandbox::with(orders(&rows))
}

const TWENTY: [&str; 2] = ["--as-of", "2025-07-01"];

fn run(sandbox: &Sandbox, base: &[&str], args: &[&str]) -> Published {
    sandbox.run(&[base, args].concat())
}

#[test]
fn a_map_brings_its_bins_and_methods_and_the_configuration_says_so() {
    let sandbox = four();
    let customers = run(&sandbox, &FOUR, &["--map", "four_class"]).table("customers");
    assert_eq!(texts(&customers, "cell"), ["222", "211", "111", "121"]);
    assert_eq!(texts(&customers, "segment"), ["high_value", "low_value", "at_risk", "potential"]);
    let manifest = run(&sandbox, &FOUR, &["--map", "pymc"]).manifest();
    assert_eq!(manifest["config"]["score"]["monetary"]["bins"], 4);
    let config = sandbox.command(&["config", "--map", "rmf4"]);
    assert!(config.stdout.contains("method = \"mean\" # map rmf4"), "{}", config.stdout);
    for map in ["rmf4", "three_tier", "core", "octants", "list8", "types6", "bank4"] {
        run(&sandbox, &FOUR, &["--map", map]);
    }
}

#[test]
fn what_is_configured_and_does_not_fit_is_an_error_that_names_the_maps_that_do() {
    let sandbox = four();
    let refused = sandbox.try_run(&[&FOUR[..], &["--map", "four_class", "--bins", "5"]].concat());
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("`four_class` does not fit"), "{}", refused.stderr);
    let refused = sandbox.try_run(&[&FOUR[..], &["--bins", "4"]].concat());
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    let fit = "that fits these scores: `pymc`, `three_tier`, `lifecycle`, `grid25`, `abc`";
    assert!(refused.stderr.contains(fit), "{}", refused.stderr);
}

#[test]
fn segment_and_octant_agree_for_every_customer_whatever_the_threshold() {
    let sandbox = twenty();
    let given = ["octants.threshold=given", "octants.recency=60", "octants.frequency=2", "octants.monetary=90.5"];
    let of_scores = ["octants.of=scores", "octants.threshold=median"];
    for settings in [
        &[][..],
        &["octants.threshold=median"],
        &["octants.threshold=pareto", "octants.share=0.6"],
        &given,
        &["octants.of=scores"],
        &of_scores,
    ] {
        let set: Vec<&str> = settings.iter().flat_map(|setting| ["--set", setting]).collect();
        let published = run(&sandbox, &TWENTY, &[&["--map", "octants"][..], &set].concat());
        let (customers, octants) = (published.table("customers"), published.table("octants"));
        let names: Vec<(String, String)> =
            texts(&octants, "octant").into_iter().zip(texts(&octants, "segment")).collect();
        let found = texts(&customers, "octant").into_iter().zip(texts(&customers, "segment"));
        let distinct: BTreeSet<(String, String)> = found.collect();
        assert!(distinct.len() > 2, "{settings:?}: the customers differ");
        assert!(distinct.iter().all(|pair| names.contains(pair)), "{settings:?}: {distinct:?}");
        assert!(!published.warning_codes().contains(&"octant_thresholds".to_owned()), "{settings:?}");
    }
    // What the user sets for the axes stays, and the run says that the two differ.
    let own: Vec<String> =
        ["recency", "frequency", "monetary"].iter().map(|axis| format!("score.{axis}.method=median")).collect();
    let set: Vec<&str> = own.iter().flat_map(|setting| ["--set", setting.as_str()]).collect();
    let published = run(&sandbox, &TWENTY, &[&["--map", "octants"][..], &set].concat());
    assert!(published.warning_codes().contains(&"octant_thresholds".to_owned()), "{:?}", published.warning_codes());
}

#[test]
fn the_thresholds_of_the_octants_are_published_and_frozen() {
    let sandbox = four();
    let first = run(&sandbox, &FOUR, &[]);
    let octants = first.table("octants");
    for (column, mean) in [("recency_threshold", 95.0), ("frequency_threshold", 2.25), ("monetary_threshold", 100.0)] {
        assert_eq!(floats(&octants, column), [mean; 8], "{column}");
    }
    assert_eq!(first.manifest()["octants"]["breaks"][1]["thresholds"], json!([2.25]));
    std::fs::copy(first.path.join("manifest.json"), sandbox.root().join("kept.json")).unwrap();
    // A fifth customer moves the mean of orders from 2.25 to 3.8, and not the frozen one.
    let many: Vec<(i64, i64, &str, f64)> = (0..10).map(|n| (5, 500 + n, "2024-06-01", 1.0)).collect();
    sandbox.file("b.parquet", orders(&many));
    let frozen = ["--set", "score.breaks_from=kept.json"];
    assert_eq!(floats(&run(&sandbox, &FOUR, &[]).table("octants"), "frequency_threshold"), [3.8; 8]);
    let later = run(&sandbox, &FOUR, &frozen);
    assert_eq!(floats(&later.table("octants"), "frequency_threshold"), [2.25; 8]);
    assert_eq!(texts(&later.table("customers"), "octant"), ["111", "100", "000", "010", "110"]);
    let other = sandbox.try_run(&[&FOUR[..], &frozen, &["--set", "octants.threshold=median"]].concat());
    assert!(other.code == 2 && other.stderr.contains("the loaded thresholds of the octants"), "{}", other.stderr);
    // A run from before octants were written says nothing of them.
    let mut manifest: Value =
        serde_json::from_slice(&std::fs::read(sandbox.root().join("kept.json")).unwrap()).unwrap();
    manifest.as_object_mut().unwrap().remove("octants");
    std::fs::write(sandbox.root().join("kept.json"), manifest.to_string()).unwrap();
    let older = run(&sandbox, &FOUR, &frozen);
    assert!(older.warning_codes().contains(&"octants_learned_new".to_owned()));
    assert_eq!(floats(&older.table("octants"), "frequency_threshold"), [3.8; 8]);
}

#[test]
fn every_segment_finds_its_names_by_map_and_key() {
    let sandbox = four();
    let settings = "[segment]\nmap = \"four_class\"\n[[scoring]]\nname = \"other\"\nsegment.map = \"rmf4\"\n\
        [[scoring]]\nname = \"plain\"\nsegment.map = \"rf25\"\n";
    std::fs::write(sandbox.root().join("rfmetrics.toml"), settings).unwrap();
    let published = run(&sandbox, &FOUR, &[]);
    let names = published.table("dim_segment");
    let keys: Vec<(String, String)> = texts(&names, "map").into_iter().zip(texts(&names, "segment")).collect();
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len(), "each key once");
    // `low_value` is a segment of two maps: without the map, a join would double its customers.
    assert!(keys.iter().filter(|(_, segment)| segment == "low_value").count() == 2, "{keys:?}");
    for (table, rows) in [("customers", 4), ("segments", 4), ("scorings", 12), ("scoring_segments", 0)] {
        let found = published.table(table);
        let joined = texts(&found, "map").into_iter().zip(texts(&found, "segment"));
        let matches: Vec<usize> = joined.map(|pair| keys.iter().filter(|key| **key == pair).count()).collect();
        assert!(matches.iter().all(|matches| *matches == 1), "{table}: {matches:?}");
        assert!(rows == 0 || matches.len() == rows, "{table} has {} rows", matches.len());
    }
}

#[test]
fn silence_is_held_against_the_own_rhythm_exactly() {
    // 352, 282, 212 and 141 days before: gaps of 211/3 days, 141 are 200.47 percent of it; 140 of 210/3 are 200.
    let rows = [
        (1, 11, "2024-01-14", 10.0),
        (1, 12, "2024-03-24", 10.0),
        (1, 13, "2024-06-02", 10.0),
        (1, 14, "2024-08-12", 10.0),
        (2, 21, "2024-01-16", 10.0),
        (2, 22, "2024-03-26", 10.0),
        (2, 23, "2024-06-04", 10.0),
        (2, 24, "2024-08-13", 10.0),
    ];
    let published = Sandbox::with(orders(&rows)).run(&["--as-of", "2024-12-31", "--map", "lifecycle"]);
    assert_eq!(texts(&published.table("customers"), "segment"), ["declining", "growing"]);
}

#[test]
fn names_that_do_not_fit_the_customers_are_warned_of() {
    // One order each, the last one two years ago: `new` is the most recent fifth, whatever its age.
    let rows: Vec<(i64, i64, &str, f64)> = [
        (1, 1, "2020-01-01", 5.0),
        (2, 2, "2020-06-01", 5.0),
        (3, 3, "2021-01-01", 5.0),
        (4, 4, "2021-06-01", 5.0),
        (5, 5, "2022-01-01", 5.0),
    ]
    .to_vec();
    let published = Sandbox::with(orders(&rows)).run(&["--as-of", "2024-01-01"]);
    let details = published.manifest()["warning_details"].clone();
    let of = |segment: &str| {
        let found = details.as_array().unwrap().iter();
        found.map(|detail| detail["facts"].clone()).find(|facts| facts["segment"] == segment).unwrap_or_default()
    };
    let new = of("new");
    assert_eq!((&new["says"], &new["customers"], &new["concerned"]), (&json!("new"), &json!(1), &json!(1)));
    // the third is 1095 days silent
    assert_eq!((&of("about_to_sleep")["says"], &of("about_to_sleep")["mean"]), (&json!("recent"), &json!(1095.0)));
    assert_eq!(of("hibernating"), Value::Null, "they are away");
}

#[test]
fn equal_revenues_and_shares_above_one_are_warned_of() {
    let rows = [
        (1, 1, "2024-01-01", 70.0),
        (2, 2, "2024-01-01", 10.0),
        (3, 3, "2024-01-01", 10.0),
        (4, 4, "2024-01-01", 10.0),
    ];
    let tied = Sandbox::with(orders(&rows)).run(&["--as-of", "2024-01-02"]);
    assert_eq!(texts(&tied.table("customers"), "abc_class"), ["A", "A", "B", "B"]);
    assert!(tied.warning_codes().contains(&"abc_ties".to_owned()), "{:?}", tied.warning_codes());
    let rows = [
        (1, 1, "2024-01-01", 100.0),
        (2, 2, "2024-01-01", 50.0),
        (3, 3, "2024-01-01", 20.0),
        (3, 3, "2024-01-01", -10.0),
        (3, 4, "2024-01-02", -60.0),
    ];
    let owing = Sandbox::with(orders(&rows)).run(&["--as-of", "2024-01-02"]);
    assert_eq!(texts(&owing.table("customers"), "abc_class"), ["A", "C", "C"]);
    assert!(owing.warning_codes().contains(&"share_above_one".to_owned()), "{:?}", owing.warning_codes());
}

#[test]
fn a_measure_that_decides_the_value_alone_is_warned_of() {
    let sandbox = twenty();
    let value = ["--set", "score.composites.columns=weighted_value"];
    let weights = ["--set", "score.value.weights=0.005,0.005,0.99"];
    let ruled = run(&sandbox, &TWENTY, &[&value[..], &weights].concat());
    let details = ruled.manifest()["warning_details"].clone();
    let found = details.as_array().unwrap().iter().find(|detail| detail["code"] == "ruling_measure").cloned();
    let facts = found.unwrap_or_default()["facts"].clone();
    assert!(facts["measure"] == "revenue" && facts["correlation"].as_f64().unwrap() > 0.95, "{details}");
    let alike = run(&sandbox, &TWENTY, &value);
    assert!(!alike.warning_codes().contains(&"ruling_measure".to_owned()), "{:?}", alike.warning_codes());
}

#[test]
fn the_default_scale_is_clipped_and_frozen() {
    let amounts: Vec<(i64, i64, &str, f64)> =
        (0..=100).map(|n| (n, n, "2025-01-01", f64::from(i32::try_from(n).unwrap()))).collect();
    let sandbox = Sandbox::with(orders(&amounts));
    let value = ["--set", "score.composites.columns=weighted_value", "--set", "score.value.measures=revenue"];
    let first = run(&sandbox, &["--as-of", "2025-01-31"], &value);
    // 0.00 to 100.00: the percentiles are 1.00 and 99.00 (numpy.quantile), and 50.00 is in the middle
    let found = floats(&first.table("customers"), "weighted_value");
    let expected = [(0, 0.0), (1, 0.0), (50, 0.5), (99, 1.0), (100, 1.0)];
    assert!(expected.iter().all(|(row, value)| (found[*row] - value).abs() < 1e-9), "{found:?}");
    let standard = &first.manifest()["value"]["scale"]["standards"][0];
    assert_eq!(
        *standard,
        json!({"standardise": "clipped-min-max", "fewer_is_better": false, "origin": 100.0, "spread": 9800.0})
    );
    std::fs::copy(first.path.join("manifest.json"), sandbox.root().join("kept.json")).unwrap();
    sandbox.file("a.parquet", orders(&[(1, 1, "2025-01-01", 25.5), (2, 2, "2025-01-01", 500.0)]));
    let frozen = [&value[..], &["--set", "score.breaks_from=kept.json"]].concat();
    let later = run(&sandbox, &["--as-of", "2025-01-31"], &frozen).table("customers");
    assert_eq!(floats(&later, "weighted_value"), [0.25, 1.0], "(25.5 - 1) / 98");
    assert_eq!(integers(&later, "v_score"), [2, 5]);
}

#[test]
fn maps_are_shown_with_their_bins_and_rules() {
    let sandbox = Sandbox::new();
    let list = sandbox.command(&["maps"]).stdout;
    for line in ["rf25 (R 5, F 5): ", "four_class (R 2 by mean, F 2 by mean, M 2 by mean): ", "abc: ", "list8 (R 2"] {
        assert!(list.contains(line), "`{line}` is not in\n{list}");
    }
    let help = sandbox.command(&["run", "--help"]).stdout;
    let default = format!("[default: {}]", SegmentOptions::default().map);
    assert!(help.contains(&default), "`{default}` is not in\n{help}");
    let one = sandbox.command(&["maps", "rf25"]).stdout;
    for line in
        ["rf25 (R 5, F 5): ", "champions", "rules, of which the first that holds wins:", "  1 R 5, F 4-5 -> champions"]
    {
        assert!(one.contains(line), "`{line}` is not in\n{one}");
    }
}

#[test]
fn methods_and_cuts_that_need_more_say_what_to_set() {
    let sandbox = four();
    for (method, needs) in [("mean", "score.recency.method"), ("fixed", ".cuts")] {
        let refused = sandbox.try_run(&["--method", method]);
        assert!(refused.code == 2 && refused.stderr.contains(needs), "{}", refused.stderr);
    }
    let refused = sandbox.try_run(&["--set", "score.recency.cuts=[30, 90]"]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("set `method = \"fixed\"` and `bins = 3`"), "{}", refused.stderr);
}

#[test]
fn one_more_order_moves_class_and_revenue_rules_and_says_what_it_holds_still() {
    let sandbox =
        Sandbox::with(orders(&[(1, 1, "2024-01-01", 60.0), (2, 2, "2024-01-01", 25.0), (3, 3, "2024-01-01", 15.0)]));
    let own = "name = \"spent\"\nbins = {}\notherwise = \"rest\"\n[[segments]]\nkey = \"much\"\nname_en = \"Much\"\n\
        [[segments]]\nkey = \"rest\"\nname_en = \"Rest\"\n[[rules]]\nsegment = \"much\"\nmin_revenue = 40\n";
    std::fs::write(sandbox.root().join("spent.toml"), own).unwrap();
    let story = |map: &str| -> Value {
        let args = ["explain", "3", "--input", "in", "--as-of", "2024-01-31", "--map", map, "--format", "json"];
        let ran = sandbox.command(&args);
        serde_json::from_str::<Value>(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr))["standing"].clone()
    };
    // 15 of 100 after 60 and 25: they begin at .85, class B. With 30 of 115 they stand before 25 and begin at 60/115: A.
    let abc = story("abc");
    let more = &abc["next"]["one_more_order"];
    assert_eq!((&abc["abc_class"], &more["abc_class"], &more["segment"]), (&json!("B"), &json!("A"), &json!("a")));
    assert_eq!((&more["revenue_rank"], &more["value"]), (&json!(2), &json!(15.0)));
    assert_eq!(more["held_still"], json!(["the thresholds", "the orders of all other customers"]));
    assert_eq!(story("spent.toml")["next"]["one_more_order"]["segment"], "rest", "30 is less than 40");
    let richer = own.replace("40", "30");
    std::fs::write(sandbox.root().join("spent.toml"), richer).unwrap();
    assert_eq!(story("spent.toml")["next"]["one_more_order"]["segment"], "much");
    let text = sandbox.command(&["explain", "3", "--input", "in", "--as-of", "2024-01-31"]).stdout;
    assert!(text.contains("held still: the thresholds, the orders of all other customers"), "{text}");
}
