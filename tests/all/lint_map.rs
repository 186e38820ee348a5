//! `lint-map --data` through the binary: how the customers of a published run are distributed over a map's segments.

use std::collections::BTreeMap;
use std::fs::{self, File};

use polars::prelude::*;
use serde_json::{Value, json};

use crate::support::{Published, Ran, Sandbox, orders, shop, texts};

const AS_OF: [&str; 2] = ["--as-of", "2023-12-10"];

fn lint(sandbox: &Sandbox, map: &str, published: &Published) -> Ran {
    sandbox.command(&["lint-map", map, "--data", published.path.to_str().unwrap(), "--format", "json"])
}

fn data(sandbox: &Sandbox, map: &str, published: &Published) -> Value {
    let ran = lint(sandbox, map, published);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    serde_json::from_str::<Value>(&ran.stdout).unwrap()["data"].clone()
}

/// Customers per segment as `customers` of a run with this map has them.
fn published_counts(published: &Published) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for segment in texts(&published.table("customers"), "segment") {
        *counts.entry(segment).or_default() += 1;
    }
    counts
}

/// The table of a run that used the map says which customer is in which segment; `lint-map` must find the same from
/// another run's scores.
#[test]
fn the_census_of_a_map_is_that_of_a_run_with_it_whatever_map_the_data_was_published_with() {
    let sandbox = Sandbox::with(shop());
    let value = ["--set", "score.composites.columns=weighted_value"];
    let base = sandbox.run(&[&AS_OF[..], &value].concat());
    let kept = sandbox.at(&sandbox.root().join("kept"));
    fs::rename(&base.path, &kept.path).unwrap();
    for map in ["rf25", "putler11", "list125", "abc", "lifecycle", "grid25", "three_tier", "r-rfm10", "marketing8"] {
        let own = sandbox.run(&[&AS_OF[..], &["--map", map]].concat());
        let expected = published_counts(&own);
        let census = data(&sandbox, map, &kept);
        let all = expected.values().sum::<u64>();
        assert_eq!(census["customers"], all, "{map}");
        let mut empty = Vec::new();
        for entry in census["segments"].as_array().unwrap() {
            let key = entry["segment"].as_str().unwrap();
            let count = expected.get(key).copied().unwrap_or_default();
            assert_eq!(entry["customers"], count, "{map}: {key}");
            assert!((entry["customer_share"].as_f64().unwrap() - count as f64 / all as f64).abs() < 1e-12);
            if count == 0 {
                empty.push(key);
            }
        }
        assert_eq!(census["segments_without_customers"], json!(empty), "{map}");
        assert_eq!(own.manifest()["notes"]["segments_without_customers"], json!(empty), "{map}");
    }
}

/// By revenue alone, both ends included.
const BY_REVENUE: &str = r#"
name = "spenders"
bins = {}
[[segments]]
key = "large"
name_en = "Large"
[[segments]]
key = "between"
name_en = "Between"
[[segments]]
key = "small"
name_en = "Small"
[[rules]]
segment = "large"
min_revenue = 1000
[[rules]]
segment = "between"
min_revenue = 200
max_revenue = 999.99
[[rules]]
segment = "small"
max_revenue = 199.99
"#;

/// Five customers on the bounds of the map above, and one below zero.
#[test]
fn a_map_over_revenue_divides_at_its_bounds_whatever_the_decimals_and_the_type_of_money() {
    let amounts = [1_000.0, 999.99, 199.99, 200.0, 5_000.0, -3.0];
    let mut rows = df!("customer_id" => [1_i64, 2, 3, 4, 5, 6], "amount" => amounts).unwrap();
    rows.with_column(Column::new("order_ts".into(), [19_700_i32; 6]).cast(&DataType::Date).unwrap()).unwrap();
    let sandbox = Sandbox::with(rows);
    fs::write(sandbox.root().join("spenders.toml"), BY_REVENUE).unwrap();
    let alone = sandbox.command(&["lint-map", "spenders.toml"]);
    assert_eq!(alone.code, 0, "no cent lies between the rules: {}", alone.stderr);
    let six = ["run", "--input", "in", "--output", "out", "--map", "spenders.toml", "--set", "clean.money_scale=6"];
    let refused = sandbox.command(&six);
    assert!(refused.code == 2 && refused.stderr.contains("leaves customers without a segment"), "{}", refused.stderr);
    let closed = BY_REVENUE.replace("bins = {}", "bins = {}\notherwise = \"between\"");
    fs::write(sandbox.root().join("closed.toml"), closed).unwrap();
    for (map, settings) in [
        ("spenders.toml", "clean.money_scale=2"),
        ("spenders.toml", "output.money=double"),
        ("closed.toml", "clean.money_scale=6"),
    ] {
        let published = sandbox.run(&["--returns", "literal", "--set", settings, "--map", map]);
        let segments = texts(&published.table("customers"), "segment");
        assert_eq!(segments, ["large", "between", "small", "between", "large", "small"], "{settings:?}");
        assert_eq!(data(&sandbox, map, &published)["segments"][0]["customers"], 2, "{settings:?}");
    }
    let words = ["explain", "2", "--input", "in", "--map", "spenders.toml", "--format", "json"];
    let answer: Value = serde_json::from_str(&sandbox.command(&words).stdout).unwrap();
    assert_eq!(answer["standing"]["segment"]["key"], "between");
    // This customer's m_score rises at a revenue above that of the next customer, who has 1,000.00.
    assert_eq!(answer["standing"]["next"]["better_segment"], "large", "{answer:#}");
    // One more order brings customer 4 from 200 to 400, and 2 from 999.99 to 1,999.98: whatever the axis measures.
    for (id, measure, segment) in [("4", "revenue", "between"), ("2", "average_order_value", "large")] {
        let measure = format!("score.monetary.measure={measure}");
        let words = [&["explain", id, "--set", &measure][..], &words[2..]].concat();
        let answer: Value = serde_json::from_str(&sandbox.command(&words).stdout).unwrap();
        assert_eq!(answer["standing"]["next"]["one_more_order"]["segment"], segment, "{id}");
    }
}

/// Three customers of one order each on one day: they have the same scores except for revenue.
fn three() -> Sandbox {
    Sandbox::with(orders(&[(1, 1, "2025-01-01", 1.0), (2, 2, "2025-01-01", 2.0), (3, 3, "2025-01-01", 3.0)]))
}

#[test]
fn empty_segments_are_a_note_and_not_a_failure() {
    let sandbox = three();
    let published = sandbox.run(&["--as-of", "2025-01-31"]);
    let ran = sandbox.command(&["lint-map", "rf25", "--data", published.path.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    // Every customer is on the best side of every recency cut and below none of frequency: r 5, f 1 is `new`.
    assert!(ran.stdout.contains("3 customers as of 2025-01-31"), "{}", ran.stdout);
    assert!(ran.stdout.lines().any(|line| line.split_whitespace().eq(["new", "3", "100.0%"])), "{}", ran.stdout);
    assert!(ran.stdout.contains("nobody here is in 9 of 10 segments: `champions`, `loyal`"), "{}", ran.stdout);
    let alone = sandbox.command(&["lint-map", "rf25"]);
    assert!(ran.stdout.starts_with(&alone.stdout), "what the linter says comes first, as without data");
}

#[test]
fn the_findings_of_the_linter_are_available_as_json_too() {
    let sandbox = three();
    let map = "name = \"t\"\nbins = { r = 3 }\n[[segments]]\nkey = \"a\"\nname_en = \"A\"\n[[segments]]\nkey = \"b\"\n\
               name_en = \"B\"\n[[rules]]\nsegment = \"a\"\nr = [1, 2]\n[[rules]]\nsegment = \"b\"\nr = 2\n";
    fs::write(sandbox.root().join("t.toml"), map).unwrap();
    let ran = sandbox.command(&["lint-map", "t.toml", "--format", "json", "--data", "nowhere"]);
    assert_eq!(ran.code, 2, "a gap is an error, and the map is put to nobody");
    assert!(ran.stderr.contains("1 of 3 cells match no rule"), "{}", ran.stderr);
    let found: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&found["clean"], &found["data"], &found["cells"]), (&json!(false), &Value::Null, &json!(3)));
    assert_eq!(found["gaps"], json!({"count": 1, "examples": ["r3"]}));
    assert_eq!(found["rules_that_never_win"], json!([{"rule": 2, "segment": "b"}]));
    assert_eq!(found["segments_never_produced"], json!(["b"]));
    assert_eq!(found["overlaps"], json!([{"earlier": 1, "later": 2, "cells": {"count": 1, "examples": ["r2"]}}]));
}

#[test]
fn data_that_a_map_cannot_be_applied_to_is_reported() {
    let sandbox = three();
    let published = sandbox.run(&["--as-of", "2025-01-31", "--set", "score.recency.bins=4", "--map", "abc"]);
    let refused = |map: &str, directory: &str| {
        let ran = sandbox.command(&["lint-map", map, "--data", directory]);
        assert!(ran.stdout.starts_with(&format!("map `{map}`")), "the map itself is shown: {}", ran.stdout);
        (ran.code, ran.stderr)
    };
    let directory = published.path.to_str().unwrap();
    for (map, data, code, message) in [
        ("abc", "nowhere", 2, "`nowhere` holds no published run\ncause: there is no such directory"),
        ("abc", "out", 2, "it has no `manifest.json`"),
        ("rf25", directory, 2, "it is made for 5 bins of r, this run has 4"),
        ("three_tier", directory, 2, "has no column `v_score`"),
        ("three_tier", directory, 2, "`score.composites.columns = [\"weighted_value\"]`"),
    ] {
        let (found, text) = refused(map, data);
        assert_eq!(found, code, "{text}");
        assert!(text.contains(message), "`{message}` is not in\n{text}");
    }
    let table = published.path.join("customers.parquet");
    let mut narrow = published.table("customers").drop_many(["abc_class", "m_score"]);
    ParquetWriter::new(File::create(&table).unwrap()).finish(&mut narrow).unwrap();
    let (code, text) = refused("abc", directory);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("it has no column `abc_class`") && text.contains("no column `m_score`"), "{text}");
    fs::write(&table, "PAR1 no table").unwrap();
    assert_eq!(refused("abc", directory).0, 3);
    fs::remove_file(&table).unwrap();
    let (code, text) = refused("abc", directory);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("has no customers table"), "{text}");
    fs::write(published.path.join("manifest.json"), "{}").unwrap();
    let (code, text) = refused("abc", directory);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("holds no scores of a published run"), "{text}");
}
