//! Who moved between two published dates: the laws of `rfmetrics compare`, and what it refuses.

use std::collections::BTreeMap;

use polars::prelude::*;
use serde_json::Value;

use crate::support::{Published, Ran, Sandbox, frame, integers, shop, texts};

/// Two dates of the shop, published with the same settings.
pub fn two_dates(sandbox: &Sandbox, args: &[&str]) -> [Published; 2] {
    ["2023-09-30", "2023-12-10"].map(|date| sandbox.run(&[&["--as-of", date][..], args].concat()))
}

pub fn compare(sandbox: &Sandbox, [then, now]: &[Published; 2], args: &[&str]) -> Ran {
    let (then, now) = (then.path.display().to_string(), now.path.display().to_string());
    sandbox.command(&[&["compare", &then, &now][..], args].concat())
}

#[track_caller]
pub fn moves(sandbox: &Sandbox, dates: &[Published; 2], args: &[&str]) -> Published {
    let ran = compare(sandbox, dates, &[&["--output", "moves", "--customers"][..], args].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    sandbox.published(&ran)
}

/// Customers of `migration` by one of its columns, of one basis and by.
pub fn sums(table: &DataFrame, basis: &str, by: &str, column: &str) -> BTreeMap<String, i64> {
    let (bases, kinds, names) = (texts(table, "basis"), texts(table, "by"), texts(table, column));
    let mut found = BTreeMap::new();
    for (row, customers) in integers(table, "customers").into_iter().enumerate() {
        if bases[row] == basis && kinds[row] == by && names[row] != "absent" {
            *found.entry(names[row].clone()).or_default() += customers;
        }
    }
    found
}

/// Customers by segment or octant, as a run has published them.
pub fn published(run: &Published, table: &str, column: &str) -> BTreeMap<String, i64> {
    let table = run.table(table);
    texts(&table, column)
        .into_iter()
        .zip(integers(&table, "customers"))
        .filter(|(_, customers)| *customers > 0)
        .collect()
}

#[test]
fn published_moves_sum_to_the_tables_of_both_dates() {
    for args in [&[][..], &["--window-days", "60"], &["--map", "lifecycle"], &["--set", "segment.map=abc"]] {
        let sandbox = Sandbox::with(shop());
        let dates = two_dates(&sandbox, args);
        let migration = moves(&sandbox, &dates, &["--by", "segment", "--by", "octant"]).table("migration");
        for (by, table, column) in [("segment", "segments", "segment"), ("octant", "octants", "octant")] {
            for (run, side) in dates.iter().zip(["from_segment", "to_segment"]) {
                let expected = published(run, table, column);
                assert_eq!(sums(&migration, "published", by, side), expected, "{args:?} {by} {side}");
            }
        }
    }
}

#[test]
fn frozen_moves_sum_to_the_earlier_date_and_are_those_of_frozen_breaks() {
    let sandbox = Sandbox::with(shop());
    let dates = two_dates(&sandbox, &[]);
    let moves = moves(&sandbox, &dates, &[]);
    let migration = moves.table("migration");
    assert_eq!(sums(&migration, "frozen", "segment", "from_segment"), published(&dates[0], "segments", "segment"));
    // A run with the breaks of the earlier date is the other side.
    let breaks = dates[0].path.join("manifest.json").display().to_string();
    let set = format!("score.breaks_from={breaks}");
    let input = sandbox.input().display().to_string();
    let args = ["run", "--quiet", "--input", &input, "--output", "frozen", "--as-of", "2023-12-10", "--set", &set];
    let ran = sandbox.command(&args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let frozen = sandbox.published(&ran);
    assert_eq!(sums(&migration, "frozen", "segment", "to_segment"), published(&frozen, "segments", "segment"));
    let customers = moves.table("migration_customers");
    let expected: BTreeMap<String, String> = rows_of(&frozen.table("customers"), "segment");
    let mut found = rows_of(&customers, "frozen_segment");
    found.retain(|_, segment| segment != "absent");
    assert_eq!(found, expected);
}

/// A column by customer.
pub fn rows_of(table: &DataFrame, column: &str) -> BTreeMap<String, String> {
    texts(table, "customer_id").into_iter().zip(texts(table, column)).collect()
}

#[test]
fn every_customer_of_either_date_is_there_once() {
    let sandbox = Sandbox::with(shop());
    let dates = two_dates(&sandbox, &[]);
    let customers = moves(&sandbox, &dates, &[]).table("migration_customers");
    let [then, now] = dates.each_ref().map(|run| rows_of(&run.table("customers"), "segment"));
    let mut ids: Vec<&String> = then.keys().chain(now.keys()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(customers.height(), ids.len());
    let (from, to) = (rows_of(&customers, "from_segment"), rows_of(&customers, "to_segment"));
    let absent = "absent".to_owned();
    for id in ids {
        assert_eq!((&from[id], &to[id]), (then.get(id).unwrap_or(&absent), now.get(id).unwrap_or(&absent)), "{id}");
    }
}

#[test]
fn scores_without_breaks_have_published_moves_alone_and_a_warning() {
    let sets = ["score.frequency.method=ntile", "score.combination=nested", "segment.map=abc"];
    for set in sets {
        let sandbox = Sandbox::with(shop());
        let mut args = vec!["--set", set];
        if set.ends_with("nested") {
            args.extend(["--method", "ntile", "--set", "segment.map=grid25"]);
        }
        let dates = two_dates(&sandbox, &args);
        let moves = moves(&sandbox, &dates, &[]);
        assert_eq!(moves.warning_codes(), ["no_frozen_breaks"], "{set}");
        let bases = texts(&moves.table("migration"), "basis");
        assert!(!bases.is_empty() && bases.iter().all(|basis| basis == "published"), "{set}: {bases:?}");
        let moved = texts(&moves.table("migration_customers"), "moved");
        assert!(moved.iter().all(|moved| moved == "-"), "{set}");
    }
}

#[test]
fn text_and_pair_ids_are_put_side_by_side() {
    let mut pairs = shop();
    let ids = pairs.column("customer_id").unwrap().cast(&DataType::String).unwrap();
    let countries: Vec<Option<&str>> = (0..pairs.height()).map(|row| [Some("DE"), Some("FR"), None][row % 3]).collect();
    pairs.with_column(ids).unwrap();
    pairs.with_column(Column::new("country".into(), countries)).unwrap();
    let sandbox = Sandbox::with(pairs);
    let dates = two_dates(&sandbox, &["--set", "customers.per=country"]);
    let moves = moves(&sandbox, &dates, &[]);
    for (run, side) in dates.iter().zip(["from_segment", "to_segment"]) {
        let expected = published(run, "segments", "segment");
        assert_eq!(sums(&moves.table("migration"), "published", "segment", side), expected);
    }
}

#[test]
fn members_who_never_bought_stay_where_they_are() {
    let sandbox = Sandbox::with(shop());
    let ids: Vec<i64> = (0..400).collect();
    sandbox.file("../members.parquet", frame(vec![Column::new("customer_id".into(), ids)]));
    let members = ["--set", "customers.path=members.parquet", "--set", "customers.prospects=counted"];
    let dates = two_dates(&sandbox, &members);
    let migration = moves(&sandbox, &dates, &[]).table("migration");
    for (run, side) in dates.iter().zip(["from_segment", "to_segment"]) {
        let expected = published(run, "segments", "segment");
        assert!(expected.contains_key("prospects"), "{expected:?}");
        assert_eq!(sums(&migration, "published", "segment", side), expected);
    }
    assert!(sums(&migration, "frozen", "segment", "to_segment").contains_key("prospects"));
}

#[test]
fn what_cannot_be_compared_is_refused_and_what_differs_is_said() {
    let sandbox = Sandbox::with(shop());
    let dates = two_dates(&sandbox, &[]);
    let [then, now] = dates.clone();
    let swapped = compare(&sandbox, &[now.clone(), then.clone()], &[]);
    assert!(swapped.code == 2 && swapped.stderr.contains("is not earlier than"), "{}", swapped.stderr);
    let nowhere = sandbox.command(&["compare", "nowhere", &now.path.display().to_string()]);
    assert!(nowhere.code == 2 && nowhere.stderr.contains("holds no published run"), "{}", nowhere.stderr);
    let scaled = sandbox.run(&["--as-of", "2023-12-09", "--set", "clean.money_scale=3"]);
    let refused = compare(&sandbox, &[then.clone(), scaled], &[]);
    assert!(refused.code == 2 && refused.stderr.contains("the decimals of money differ"), "{}", refused.stderr);
    let literal = sandbox.run(&["--as-of", "2023-12-09", "--set", "clean.returns=literal"]);
    let differing = compare(&sandbox, &[then.clone(), literal], &["--format", "json"]);
    let answer: Value = serde_json::from_str(&differing.stdout).unwrap();
    assert_eq!(answer["warning_details"][0]["facts"]["settings"], serde_json::json!(["clean.returns"]));
    let own = compare(&sandbox, &[then, now], &["--format", "json"]);
    let answer: Value = serde_json::from_str(&own.stdout).unwrap();
    assert_eq!(answer["warnings"].as_array().unwrap().len(), 0, "{answer}");
    assert!(answer["path"].is_null() && !answer["migration"].as_array().unwrap().is_empty());
}

#[test]
fn what_compare_publishes_is_verified_and_the_dates_stay_as_they_are() {
    let sandbox = Sandbox::with(shop());
    let dates = two_dates(&sandbox, &[]);
    let before = dates.each_ref().map(Published::bytes);
    let moves = moves(&sandbox, &dates, &[]);
    assert_eq!(dates.each_ref().map(Published::bytes), before);
    assert_eq!(sandbox.command(&["verify", "moves"]).code, 0);
    assert!(moves.path.ends_with("moves/as_of=2023-12-10"), "{}", moves.path.display());
    let inside = compare(&sandbox, &dates, &["--output", "out"]);
    assert_ne!(inside.code, 0, "the output of a run is not that of a comparison");
    assert_eq!(dates.each_ref().map(Published::bytes), before);
    let text = compare(&sandbox, &dates, &[]);
    assert!(text.stdout.contains("moved up") && text.stdout.contains("moves by behaviour"), "{}", text.stdout);
}
