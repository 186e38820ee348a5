//! Rules of segment maps over more than scores, through the binary: sums, values, octants, margins, attributes, predictions.

use std::collections::BTreeMap;
use std::fs;

use polars::prelude::*;
use serde_json::{Value, json};

use crate::support::{Ran, Sandbox, dates, floats, frame, integers, shop, texts};

pub const AS_OF: [&str; 2] = ["--as-of", "2024-06-30"];

/// Four customers. Days, orders, revenue, profit: 10, 2, 200, 50 | 20, 1, 20, -1 | 181, 1, 300, 10 | 148, 3, 30, 0.
/// Country, age, vip: DE 30 yes | AT 17 no | none of the third is known | FR 65 yes.
fn four() -> DataFrame {
    let some = |text: &'static str| Some(text);
    frame(vec![
        Column::new("customer_id".into(), [1_i64, 1, 2, 3, 4, 4, 4]),
        Column::new("order_id".into(), [11_i64, 12, 21, 31, 41, 42, 43]),
        dates(
            "order_ts",
            &["2024-06-19", "2024-06-20", "2024-06-10", "2024-01-01", "2024-02-01", "2024-02-02", "2024-02-03"],
        ),
        Column::new("amount".into(), [100.0, 100.0, 20.0, 300.0, 10.0, 10.0, 10.0]),
        Column::new("profit".into(), [25.0, 25.0, -1.0, 10.0, 1.0, 1.0, -2.0]),
        // the latest value counts
        Column::new("country".into(), [some("CH"), some("DE"), some("AT"), None, some("FR"), some("FR"), some("FR")]),
        Column::new("age".into(), [Some(29_i64), Some(30), Some(17), None, Some(65), Some(65), Some(65)]),
        Column::new("vip".into(), [Some(true), Some(true), Some(false), None, Some(true), Some(true), Some(true)]),
    ])
}

/// Scores of two bins: R better up to 30 days, F above one order, M above 100: 222, 211, 112, 121.
const SETTINGS: &str = "columns.margin = 'profit'\ncolumns.attributes = ['country', 'age', 'vip']\n\
    score.composites.weights = [0.5, 0.3, 0.2]\nscore.recency = { method = 'fixed', bins = 2, cuts = [30] }\n\
    score.frequency = { method = 'fixed', bins = 2, cuts = [1] }\n\
    score.monetary = { method = 'fixed', bins = 2, cuts = [100] }\nsegment.map = 'abc'\n";

/// A map of the segments `yes`, by these rules, and `no`, the rest.
fn yes(name: &str, rules: &[&str]) -> String {
    let rules: Vec<String> = rules.iter().map(|rule| format!("[[rules]]\nsegment = \"yes\"\n{rule}\n")).collect();
    let rules = rules.concat();
    format!(
        "name = \"{name}\"\nbins = {{}}\notherwise = \"no\"\n[[segments]]\nkey = \"yes\"\nname_en = \"Yes\"\n\
         [[segments]]\nkey = \"no\"\nname_en = \"No\"\n{rules}"
    )
}

pub fn write(sandbox: &Sandbox, name: &str, text: &str) {
    fs::write(sandbox.root().join(name), text).unwrap();
}

/// The customers in `yes` by the rules of each scoring; the settings of an entry stand behind a `|`.
fn in_yes(sandbox: &Sandbox, rules: &[(&str, &str)]) -> Vec<Vec<i64>> {
    let mut settings = SETTINGS.to_owned();
    for (number, (rule, more)) in rules.iter().enumerate() {
        let name = format!("m{number:02}");
        write(sandbox, &format!("{name}.toml"), &yes(&name, &[rule]));
        settings.push_str(&format!("[[scoring]]\nname = \"{name}\"\nsegment.map = \"{name}.toml\"\n{more}\n"));
    }
    write(sandbox, "rfmetrics.toml", &settings);
    let scorings = sandbox.run(&AS_OF).table("scorings");
    let (names, ids) = (texts(&scorings, "scoring"), integers(&scorings, "customer_id"));
    let mut found: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for ((name, id), segment) in names.into_iter().zip(ids).zip(texts(&scorings, "segment")) {
        let own = found.entry(name).or_default();
        if segment == "yes" {
            own.push(id);
        }
    }
    found.remove("main");
    found.into_values().collect()
}

#[test]
fn every_condition_admits_whom_it_says() {
    // means of days, orders, revenue: 89.75, 1.75, 137.5: octants 111, 100, 001, 010
    // weighted score 0.5 r + 0.3 f + 0.2 m: 2, 1.5, 1.2, 1.3
    // value, revenue from 0 (20) to 1 (300): 180/280 = 0.642857143, 0, 1, 10/280 = 0.035714286
    let value = "score.value = { measures = ['revenue'], standardise = 'min-max' }";
    let rules = [
        ("min_score_sum = 5", "", vec![1]),
        ("max_score_sum = 4", "", vec![2, 3, 4]),
        ("above_weighted_score = 1.3", "", vec![1, 2]),
        ("min_weighted_score = 1.3\nmax_weighted_score = 1.3", "", vec![4]),
        ("min_value = 0.642857143", value, vec![1, 3]),
        ("above_value = 0.642857143", value, vec![3]),
        ("below_weighted_value = 0.04", value, vec![2, 4]),
        ("octant = [\"111\", \"001\"]", "", vec![1, 3]),
        ("octant = \"010\"", "", vec![4]),
        ("abc = [\"B\", \"C\"]", "", vec![2, 4]),
        ("above_margin = 0", "", vec![1, 3]),
        ("max_margin = 0", "", vec![2, 4]),
        ("above_orders = 1\nbelow_orders = 3", "", vec![1]),
        ("attributes.country = [\"DE\", \"AT\"]", "", vec![1, 2]),
        ("attributes.country = { not_in = [\"AT\"] }", "", vec![1, 4]),
        ("attributes.country = { is_not = \"FR\" }", "", vec![1, 2]),
        ("attributes.country = { min = \"AU\", max = \"DE\" }", "", vec![1]),
        ("attributes.country = { is_null = true }", "", vec![3]),
        ("attributes.age = { min = 17, below = 65 }", "", vec![1, 2]),
        ("attributes.age = { above = 17.5 }", "", vec![1, 4]),
        ("attributes.age = 65", "", vec![4]),
        ("attributes.age = { is_null = false }", "", vec![1, 2, 4]),
        ("attributes.vip = false", "", vec![2]),
        ("attributes.vip = true\nattributes.age = { max = 40 }", "", vec![1]),
    ];
    let asked: Vec<(&str, &str)> = rules.iter().map(|(rule, more, _)| (*rule, *more)).collect();
    let sandbox = Sandbox::with(four());
    for ((rule, _, expected), found) in rules.iter().zip(in_yes(&sandbox, &asked)) {
        assert_eq!(&found, expected, "{rule}");
    }
}

#[test]
fn the_bytes_do_not_depend_on_the_order_of_rows_or_on_threads() {
    let rules = ["attributes.country = \"DE\"\nmin_score_sum = 5", "octant = \"010\"\nattributes.age = { min = 60 }"];
    let bytes = |rows: DataFrame, threads: &str| {
        let sandbox = Sandbox::with(rows);
        write(&sandbox, "own.toml", &yes("own", &rules));
        write(&sandbox, "rfmetrics.toml", &SETTINGS.replace("'abc'", "'own.toml'"));
        sandbox.run(&[&AS_OF[..], &["--threads", threads]].concat()).bytes()
    };
    let turned = four().reverse();
    assert_eq!(bytes(four(), "1"), bytes(turned, "3"));
}

/// A map by the chance that customers still buy, and what they are worth.
const ALIVE: &str = "name = \"alive\"\nbins = {}\notherwise = \"unknown\"\n[[segments]]\nkey = \"worth_it\"\n\
    name_en = \"Worth it\"\n[[segments]]\nkey = \"alive\"\nname_en = \"Alive\"\n[[segments]]\nkey = \"gone\"\n\
    name_en = \"Gone\"\n[[segments]]\nkey = \"unknown\"\nname_en = \"Unknown\"\n[[rules]]\nsegment = \"worth_it\"\n\
    min_p_alive = 0.8\nmin_clv = 500\nabove_clv_3_months = 100\n[[rules]]\nsegment = \"alive\"\nmin_p_alive = 0.8\n\
    [[rules]]\nsegment = \"gone\"\nbelow_p_alive = 0.8\n";

fn alive(sandbox: &Sandbox, more: &[&str]) -> Ran {
    write(sandbox, "alive.toml", ALIVE);
    sandbox.try_run(&[&["--map", "alive.toml"], more].concat())
}

#[test]
fn segments_follow_from_the_predictions_that_are_published() {
    let sandbox = Sandbox::with(shop());
    let ran = alive(&sandbox, &["--as-of", "2023-12-10", "--set", "predict.model=bg_nbd"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let published = sandbox.published(&ran);
    let customers = published.table("customers");
    let [p, year, quarter] = ["p_alive", "clv_12_months", "clv_3_months"].map(|name| floats(&customers, name));
    let segments = texts(&customers, "segment");
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (row, segment) in segments.iter().enumerate() {
        let expected = match (p[row], year[row], quarter[row]) {
            (p, year, quarter) if p >= 0.8 && year >= 500.0 && quarter > 100.0 => "worth_it",
            (p, ..) if p >= 0.8 => "alive",
            (p, ..) if p < 0.8 => "gone",
            _ => "unknown",
        };
        assert_eq!(segment, expected, "row {row}");
        *counts.entry(expected).or_default() += 1;
    }
    assert!(["worth_it", "alive", "gone"].iter().all(|key| counts[key] > 3), "{counts:?}");
    // the same map put to the published table
    let census =
        sandbox.command(&["lint-map", "alive.toml", "--format", "json", "--data", published.path.to_str().unwrap()]);
    assert_eq!(census.code, 0, "{}", census.stderr);
    let census: Value = serde_json::from_str(&census.stdout).unwrap();
    for entry in census["data"]["segments"].as_array().unwrap() {
        let count = counts.get(entry["segment"].as_str().unwrap()).copied().unwrap_or_default();
        assert_eq!(entry["customers"], count, "{entry}");
    }
    // and to single customers
    let ids = integers(&customers, "customer_id");
    for row in (0..ids.len()).step_by(60) {
        let id = ids[row].to_string();
        let words =
            ["explain", &id, "--input", "in", "--as-of", "2023-12-10", "--map", "alive.toml", "--format", "json"];
        let story = sandbox.command(&[&words[..], &["--set", "predict.model=bg_nbd"]].concat());
        assert_eq!(story.code, 0, "{}", story.stderr);
        let story: Value = serde_json::from_str(&story.stdout).unwrap();
        assert_eq!(story["standing"]["segment"]["key"], segments[row], "{id}");
        assert_eq!(story["standing"]["segment"]["rule"]["conditions"][0]["value"], p[row].to_string(), "{id}");
        let next = story["standing"]["next"]["text"].as_str().unwrap();
        assert!(next.contains("looks at predictions") || segments[row] == "worth_it", "{next}");
    }
}

#[test]
fn null_meets_no_comparison_and_a_column_of_nulls_is_warned_of() {
    let sandbox = Sandbox::with(four());
    let ran = alive(&sandbox, &["--as-of", "2024-06-30", "--set", "predict.model=auto"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let published = sandbox.published(&ran);
    assert_eq!(texts(&published.table("customers"), "segment"), ["unknown"; 4], "four customers support no model");
    let found = published.warning_codes().iter().filter(|code| *code == "rules_without_values").count();
    assert_eq!(found, 3, "p_alive, clv and clv_3_months");
}

#[test]
fn what_is_not_in_the_run_is_refused_by_check_and_run_alike_with_what_to_set() {
    let sandbox = Sandbox::with(four());
    let rules = "min_p_alive = 0.5\nmin_margin = 1\nattributes.contry = \"DE\"\nattributes.age = \"old\"";
    write(&sandbox, "own.toml", &yes("own", &[rules]));
    let settings = ["--map", "own.toml", "--set", "columns.attributes=[\"country\",\"age\"]"];
    let checked = sandbox.command(&[&["check", "--input", "in"], &settings[..]].concat());
    let ran = sandbox.try_run(&settings);
    for (who, done) in [("check", checked), ("run", ran)] {
        assert_eq!(done.code, 2, "{who}: {}", done.stderr);
        for part in [
            "looks at what this run does not have",
            "`p_alive` in rule 1: nothing is predicted",
            "`margin` in rule 1: no column is the margin",
            "`attributes.contry` in rule 1: this column is not carried along (did you mean `country`?)",
            "predict.model",
            "columns.margin",
            "columns.attributes = [\"country\", \"age\", \"contry\"]",
        ] {
            assert!(done.stderr.contains(part), "{who}: {part} in {}", done.stderr);
        }
    }
    write(&sandbox, "own.toml", &yes("own", &["attributes.age = \"old\""]));
    for command in [&["check", "--input", "in"][..], &["run", "--input", "in", "--output", "out"]] {
        let done = sandbox.command(&[command, &settings].concat());
        assert_eq!(done.code, 2, "{}", done.stderr);
        assert!(
            done.stderr.contains("rule 1 compares the attribute `age` with texts, but the column (int64) has numbers")
        );
    }
    assert!(sandbox.visible().is_empty(), "nothing was published");
    let horizon = yes("own", &["min_clv_24_months = 5"]);
    write(&sandbox, "own.toml", &horizon);
    let done = sandbox.command(&["check", "--input", "in", "--map", "own.toml", "--set", "predict.model=auto"]);
    assert!(
        done.code == 2 && done.stderr.contains("the horizons of this run are 3_months, 12_months"),
        "{}",
        done.stderr
    );
}

#[test]
fn the_linter_knows_what_rules_look_at() {
    let sandbox = Sandbox::with(four());
    let map = "name = \"t\"\nbins = { r = 2, f = 2, m = 2 }\n[[segments]]\nkey = \"a\"\nname_en = \"A\"\n[[segments]]\n\
               key = \"b\"\nname_en = \"B\"\n[[rules]]\nsegment = \"a\"\nmin_score_sum = 5\n[[rules]]\nsegment = \"b\"\n\
               max_score_sum = 4\n[[rules]]\nsegment = \"b\"\nattributes.country = \"DE\"\n";
    write(&sandbox, "t.toml", map);
    let found = sandbox.command(&["lint-map", "t.toml", "--format", "json"]);
    let found: Value = serde_json::from_str(&found.stdout).unwrap();
    assert_eq!(found["rules_that_never_win"], json!([{"rule": 3, "segment": "b"}]), "{found}");
    assert_eq!(found["gaps"]["count"], 0);
    write(&sandbox, "t.toml", &map.replace("max_score_sum = 4", "max_score_sum = 3"));
    let open = sandbox.command(&["lint-map", "t.toml"]);
    // sums of 4 are left: 211, 121 and 112, unless the country is DE
    assert!(open.stdout.contains("no rule: 3 cells (r1 f1 m2, r1 f2 m1, r2 f1 m1) go nowhere"), "{}", open.stdout);
    assert!(open.stdout.contains("among them customers with country not \"DE\" or null"), "{}", open.stdout);
    assert!(open.code == 2 && open.stderr.contains("leaves customers without a segment"), "{}", open.stderr);
    let shown = sandbox.command(&["maps", "t.toml"]);
    assert!(shown.stdout.contains("1 sum of the scores 5 or more -> a\n"), "{}", shown.stdout);
    assert!(shown.stdout.contains("3 country \"DE\" -> b\n"), "{}", shown.stdout);
    assert_eq!(
        sandbox.command(&["maps", "t.toml", "--toml"]).stdout,
        fs::read_to_string(sandbox.root().join("t.toml")).unwrap()
    );
    assert_eq!(sandbox.command(&["maps", "nowhere.toml"]).code, 2);
}

#[test]
fn the_census_of_a_published_run_knows_attributes_sums_and_octants() {
    let sandbox = Sandbox::with(four());
    write(&sandbox, "rfmetrics.toml", &format!("{SETTINGS}score.composites.columns = ['weighted_value']\n"));
    let published = sandbox.run(&AS_OF);
    let directory = published.path.to_str().unwrap();
    for (rule, expected) in [
        ("above_weighted_score = 1.3", 2),
        ("octant = [\"111\", \"001\"]", 2),
        ("attributes.country = { not_in = [\"AT\"] }", 2),
        ("attributes.age = { is_null = true }", 1),
        ("attributes.vip = true\nabove_margin = 0", 1),
        ("max_score_sum = 4", 3),
        ("min_value = 0", 4),
    ] {
        write(&sandbox, "own.toml", &yes("own", &[rule]));
        let done = sandbox.command(&["lint-map", "own.toml", "--data", directory, "--format", "json"]);
        assert_eq!(done.code, 0, "{rule}: {}", done.stderr);
        let done: Value = serde_json::from_str(&done.stdout).unwrap();
        assert_eq!(done["data"]["segments"][0]["customers"], expected, "{rule}");
    }
    write(&sandbox, "own.toml", &yes("own", &["min_p_alive = 0.5"]));
    let done = sandbox.command(&["lint-map", "own.toml", "--data", directory]);
    assert!(done.code == 2 && done.stderr.contains("nothing is predicted"), "{}", done.stderr);
}

#[test]
fn explain_says_which_rule_and_what_a_better_one_asks_for() {
    let sandbox = Sandbox::with(four());
    let map = "name = \"t\"\nbins = { r = 2 }\notherwise = \"rest\"\n[[segments]]\nkey = \"best\"\nname_en = \"Best\"\n\
               [[segments]]\nkey = \"good\"\nname_en = \"Good\"\n[[segments]]\nkey = \"rest\"\nname_en = \"Rest\"\n\
               [[rules]]\nsegment = \"best\"\nr = 2\nmin_score_sum = 5\nattributes.country = [\"DE\", \"AT\"]\n[[rules]]\n\
               segment = \"good\"\nr = 2\nabove_margin = -5\n";
    write(&sandbox, "t.toml", map);
    write(&sandbox, "rfmetrics.toml", &SETTINGS.replace("'abc'", "'t.toml'"));
    let story = |id: &str| {
        let done = sandbox.command(&[&["explain", id, "--input", "in", "--format", "json"], &AS_OF[..]].concat());
        assert_eq!(done.code, 0, "{}", done.stderr);
        serde_json::from_str::<Value>(&done.stdout).unwrap()["standing"].clone()
    };
    let second = story("2");
    let rule = &second["segment"]["rule"];
    assert_eq!((&rule["number"], &rule["of"]), (&json!(2), &json!(2)));
    assert_eq!(rule["text"], "2 of 2: R 2, margin above -5 (has -1) -> good");
    // of the first rule only the sum of 4 lacks
    assert_eq!(
        rule["better"]["lacking"],
        json!([{"condition": "sum of the scores 5 or more", "value": "4", "holds": false}])
    );
    assert_eq!(rule["better"]["text"], "1 (best) asks for sum of the scores 5 or more (has 4)");
    // a second order, or more than 100 of revenue, makes a sum of 5
    assert_eq!(second["next"]["better_segment"], "best");
    assert_eq!(second["next"]["one_more_order"]["segment"], "best");
    let third = story("3");
    assert_eq!(third["segment"]["rule"]["number"], Value::Null);
    assert_eq!(third["segment"]["rule"]["text"], "none of 2: otherwise -> rest");
    let better = third["segment"]["rule"]["better"]["text"].as_str().unwrap();
    assert_eq!(better, "2 (good) asks for R 2 (has R 1)");
    assert_eq!(story("1")["segment"]["rule"]["better"], Value::Null);
    let text = sandbox.command(&[&["explain", "3", "--input", "in"], &AS_OF[..]].concat()).stdout;
    assert!(text.contains("\nrule            none of 2: otherwise -> rest\n"), "{text}");
    assert!(text.contains("\nbetter rule     2 (good) asks for R 2 (has R 1)\n"), "{text}");
}

#[test]
fn frozen_breaks_decide_the_sums_that_rules_look_at() {
    let sandbox = Sandbox::with(four());
    write(&sandbox, "own.toml", &yes("own", &["min_score_sum = 5\nattributes.country = { is_null = false }"]));
    let settings = "columns.attributes = ['country']\nscore.recency.bins = 2\nscore.frequency.bins = 2\n\
                    score.monetary.bins = 2\nsegment.map = 'own.toml'\n";
    write(&sandbox, "rfmetrics.toml", settings);
    let first = sandbox.run(&AS_OF);
    fs::copy(first.path.join("manifest.json"), sandbox.root().join("kept.json")).unwrap();
    // medians of days, orders, revenue: 84, 1.5, 115: 222, 211, 112, 121
    assert_eq!(texts(&first.table("customers"), "segment"), ["yes", "no", "no", "no"]);
    let mut more = four();
    more.extend(&four().with_column(Column::new("customer_id".into(), [5_i64, 5, 5, 6, 6, 6, 6])).unwrap().clone())
        .unwrap();
    sandbox.file("a.parquet", more);
    let frozen = sandbox.run(&[&AS_OF[..], &["--set", "score.breaks_from=kept.json"]].concat());
    let customers = frozen.table("customers");
    // 5: 10 days before, 3 orders, 220; 6: 148 days, 4 orders, 330: 222 and 122
    assert_eq!(texts(&customers, "cell"), ["222", "211", "112", "121", "222", "122"]);
    assert_eq!(texts(&customers, "segment"), ["yes", "no", "no", "no", "yes", "yes"]);
}

#[test]
fn labels_stand_beside_the_scores_with_one_as_the_best() {
    let sandbox = Sandbox::with(four());
    let plain = sandbox.run(&[&AS_OF[..], &["--method", "ntile", "--set", "segment.map=abc"]].concat());
    let before: Vec<String> = plain.table("customers").get_column_names().iter().map(ToString::to_string).collect();
    assert!(!plain.table("score_bounds").get_column_names().iter().any(|name| name.as_str() == "label"));
    let settings = "[score]\nlabels = 'best_is_one'\ncomposites.columns = ['weighted_value']\nrecency.bins = 4\n[segment]\nmap = 'abc'\n\
                    [[scoring]]\nname = 'plain'\nscore.labels = 'none'\n";
    write(&sandbox, "rfmetrics.toml", settings);
    let labelled = sandbox.run(&AS_OF);
    let customers = labelled.table("customers");
    for (score, label, bins) in
        [("r_score", "r_label", 4), ("f_score", "f_label", 5), ("m_score", "m_label", 5), ("v_score", "v_label", 5)]
    {
        let scores = integers(&customers, score);
        let turned: Vec<i64> = scores.iter().map(|score| bins + 1 - score).collect();
        assert_eq!(integers(&customers, label), turned, "{label}");
    }
    let digits = |names: [&str; 3]| {
        let [r, f, m] = names.map(|name| texts(&customers, name));
        (0..4).map(|row| format!("{}{}{}", r[row], f[row], m[row])).collect::<Vec<_>>()
    };
    assert_eq!(texts(&customers, "cell_label"), digits(["r_label", "f_label", "m_label"]));
    assert_eq!(texts(&customers, "cell"), digits(["r_score", "f_score", "m_score"]));
    let after: Vec<String> = customers.get_column_names().iter().map(ToString::to_string).collect();
    let added = ["weighted_value", "v_score", "r_label", "f_label", "m_label", "v_label", "cell_label"];
    assert_eq!(after[..after.len() - 1], [&before[..before.len() - 1], &added.map(str::to_owned)[..]].concat());
    let bounds = labelled.table("score_bounds");
    let (scores, labels) = (integers(&bounds, "score"), integers(&bounds, "label"));
    let bins = texts(&bounds, "axis").into_iter().map(|axis| if axis == "recency_days" { 4 } else { 5 });
    assert!(scores.iter().zip(&labels).zip(bins).all(|((score, label), bins)| score + label == bins + 1));
    let scorings = labelled.table("scorings");
    for (name, label) in texts(&scorings, "scoring").iter().zip(texts(&scorings, "r_label")) {
        assert_eq!(label == "-", name == "plain", "null where a scoring has none");
    }
}
