//! Rows that repeat others, whole or by a key, through the binary: what is equal, what is kept, and that nothing else decides.

use std::collections::BTreeMap;

use polars::prelude::*;

use crate::support::{Published, Sandbox, dates, integers, minor, orders, shared, texts};

const AS_OF: [&str; 2] = ["--as-of", "2025-01-31"];

/// Repeats may be more than half of the rows here.
const ANY_SHARE: [&str; 2] = ["--max-quarantined-share", "1"];

fn with(words: &[&str]) -> Vec<String> {
    AS_OF.iter().chain(&ANY_SHARE).chain(words).map(|word| (*word).to_owned()).collect()
}

fn run(sandbox: &Sandbox, words: &[&str]) -> Published {
    let words = with(words);
    sandbox.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// What is refused, with its exit code.
fn refused(sandbox: &Sandbox, words: &[&str]) -> (i32, String) {
    let words = with(words);
    let ran = sandbox.try_run(&words.iter().map(String::as_str).collect::<Vec<_>>());
    (ran.code, ran.stderr)
}

fn counted(sandbox: &Sandbox) -> u64 {
    run(sandbox, &["--count-repeats"]).manifest()["notes"]["rows_repeated"].as_u64().unwrap()
}

/// Rows left out as repeats, after the count of the same rows was seen to agree.
fn dropped(sandbox: &Sandbox) -> i64 {
    let outcomes = run(sandbox, &["--dedupe"]).outcomes();
    let dropped = outcomes.get("duplicate").copied().unwrap_or_default();
    assert_eq!(counted(sandbox), dropped.unsigned_abs());
    dropped
}

/// As many rows of one order, alike in all that a run needs.
fn alike(rows: usize) -> DataFrame {
    orders(&vec![(1, 1, "2025-01-01", 10.0); rows])
}

fn and(mut rows: DataFrame, column: Column) -> DataFrame {
    rows.with_column(column).unwrap();
    rows
}

fn list(values: Vec<Option<Vec<Option<f64>>>>) -> Column {
    let lists = values.into_iter().map(|list| list.map(|list| Series::new("".into(), list)));
    Series::new("x".into(), lists.collect::<Vec<Option<Series>>>()).into_column()
}

#[test]
fn a_column_that_no_run_needs_tells_rows_apart() {
    let items = Column::new("sku".into(), ["pen", "cup", "mug", "mug"]);
    let sandbox = Sandbox::with(and(alike(4), items));
    assert_eq!(dropped(&sandbox), 1, "only the second mug repeats a row");
    let customers = run(&sandbox, &["--dedupe"]).table("customers");
    assert_eq!((minor(&customers, "revenue"), integers(&customers, "transactions")), (vec![3_000], vec![3]));
    assert_eq!(minor(&run(&sandbox, &["--count-repeats"]).table("customers"), "revenue"), [4_000]);
}

#[test]
fn values_are_compared_whatever_their_types() {
    let nan = f64::NAN;
    let numbers = |values: Vec<Option<f64>>| Column::new("x".into(), values);
    let inner = list(vec![Some(vec![Some(0.0)]), Some(vec![Some(-0.0)]), Some(vec![None]), Some(vec![]), None]);
    let fields = [inner.as_materialized_series().clone().with_name("leaves".into())];
    let nested = StructChunked::from_series("x".into(), 5, fields.iter()).unwrap().into_series().into_column();
    let texts = Column::new("x".into(), ["a", "a", "b", "a text of more than a dozen bytes", ""]);
    let categories = texts.cast(&DataType::from_categories(Categories::global())).unwrap();
    for (column, repeats) in [
        (numbers(vec![Some(0.0), Some(-0.0), Some(nan), Some(-nan), None]), 2),
        (numbers(vec![None, None, Some(0.0), Some(1.0), Some(nan)]), 1),
        (list(vec![Some(vec![Some(0.0), Some(nan)]), Some(vec![Some(-0.0), Some(-nan)]), None, None, Some(vec![])]), 2),
        (inner, 1),
        (nested, 1),
        (texts, 1),
        (categories, 1),
        (Column::new("x".into(), [true, false, true, true, false]), 3),
        (Column::new("x".into(), [1_i8, 1, 2, 3, 4]), 1),
        (dates("x", &["2025-01-01", "2025-01-02", "2025-01-01", "2025-01-03", "2025-01-04"]), 1),
        (Column::new("x".into(), [0.1, 0.1, 0.11, -0.1, 1.0]).cast(&DataType::Decimal(9, 3)).unwrap(), 1),
        (Column::full_null("x".into(), 5, &DataType::String), 4),
    ] {
        let sandbox = Sandbox::with(and(alike(5), column.clone()));
        assert_eq!(dropped(&sandbox), repeats, "{column:?}");
    }
}

/// The same two lines in two files each time; the second file says the same in other types, or lacks a column.
#[test]
fn files_differ_in_types_and_columns_and_values_are_compared_all_the_same() {
    let first = and(and(alike(2), Column::new("n".into(), [Some(7_i64), None])), Column::new("t".into(), ["a", "b"]));
    let cast = |name: &str, dtype: DataType| {
        let column = first.column(name).unwrap().cast(&dtype).unwrap();
        and(first.clone(), column)
    };
    let without = first.drop("n").unwrap();
    let nothing = and(first.clone(), Column::full_null("n".into(), 2, &DataType::Int64));
    for (second, repeats) in [
        (cast("n", DataType::Float64), 2),
        (cast("n", DataType::Int16), 2),
        (cast("n", DataType::Decimal(5, 1)), 2),
        (cast("t", DataType::from_categories(Categories::global())), 2),
        (cast("t", DataType::Binary), 2),
        // The number as a text is another value.
        (cast("n", DataType::String), 1),
        (cast("customer_id", DataType::Int32), 2),
        (cast("amount", DataType::Float32), 2),
        // The row without a number in one file is the one without the column in the other.
        (without, 1),
        (nothing, 1),
        (first.select(["t", "n", "amount", "order_ts", "order_id", "customer_id"]).unwrap(), 2),
    ] {
        let sandbox = Sandbox::with(first.clone());
        sandbox.file("b.parquet", second.clone());
        assert_eq!(dropped(&sandbox), repeats, "{second:?}");
        let turned = Sandbox::with(second);
        turned.file("b.parquet", first.clone());
        assert_eq!(dropped(&turned), repeats, "the other way around");
    }
}

#[test]
fn keys_of_directories_are_columns_of_a_row_read_as_columns_or_not() {
    let sandbox = Sandbox::new();
    for name in ["store=1/a.parquet", "store=2/a.parquet", "store=2/b.parquet"] {
        sandbox.file(name, alike(1));
    }
    assert_eq!(dropped(&sandbox), 1);
    for hive in ["true", "false"] {
        let setting = format!("input.hive_partitions={hive}");
        assert_eq!(run(&sandbox, &["--dedupe", "--set", &setting]).outcomes()["duplicate"], 1);
    }
    let kept = run(&sandbox, &["--dedupe", "--set", "input.hive_partitions=true", "--filter", "store = '2'"]);
    assert_eq!(kept.outcomes(), BTreeMap::from([("duplicate".to_owned(), 1), ("kept".to_owned(), 1)]));
}

/// 3,000 rows, a third of them twice; each time in another order, in other files and row groups, on other threads.
#[test]
fn neither_order_nor_files_nor_threads_decide() {
    let rows: Vec<(i64, i64, &str, f64)> = (0..2_000_i64)
        .chain((0..2_000).step_by(2))
        .map(|row| (row % 97, row, ["2025-01-03", "2025-01-09"][(row % 2) as usize], (row % 31) as f64 - 3.0))
        .collect();
    let versions = Column::new("version".into(), (0..3_000_i64).map(|row| row % 7).collect::<Vec<_>>());
    let notes = Column::new("note".into(), rows.iter().map(|row| format!("n{}", row.1 % 11)).collect::<Vec<_>>());
    let rows = and(and(orders(&rows), notes), versions);
    let latest = ["--set", "clean.dedupe_keys=[\"order_id\"]", "--set", "clean.dedupe_latest_by=version"];
    let whole = rows.drop("version").unwrap();
    for (rows, words) in [(&whole, &["--dedupe"][..]), (&rows, &latest)] {
        let expected = run(&Sandbox::with(rows.clone()), words);
        assert_eq!(expected.outcomes(), BTreeMap::from([("duplicate".to_owned(), 1_000), ("kept".to_owned(), 2_000)]));
        for (files, group, threads) in [(1, 50, "1"), (3, 1 << 20, "2"), (7, 100, "4")] {
            let sandbox = Sandbox::new();
            let turned = rows.reverse();
            for file in 0..files {
                let own =
                    IdxCa::from_vec("".into(), (0..3_000_u32).filter(|row| *row as usize % files == file).collect());
                sandbox.file_of_groups(&format!("{file}.parquet"), turned.take(&own).unwrap(), group);
            }
            let found = run(&sandbox, &[words, &["--threads", threads]].concat());
            let tables = |published: &Published| {
                let mut bytes = published.bytes();
                // It names files and rows.
                bytes.remove("quarantine.parquet");
                bytes
            };
            assert!(tables(&found) == tables(&expected), "{words:?} in {files} files");
        }
    }
}

#[test]
fn rows_with_one_key_need_one_type_in_all_files() {
    let sandbox = Sandbox::with(alike(1));
    let single = alike(1).lazy().with_column(col("amount").cast(DataType::Float32)).collect().unwrap();
    sandbox.file("b.parquet", single);
    let (code, text) = refused(&sandbox, &["--set", "clean.dedupe_keys=[\"order_id\"]"]);
    assert!(code == 2 && text.contains("`clean.dedupe_keys`") && text.contains("`amount`: float64 in"), "{text}");
    assert_eq!(dropped(&sandbox), 1, "whole rows are compared by value");
}

/// Changes of four lines: inserted and changed; inserted and deleted; deleted and inserted again; inserted once.
fn changes() -> DataFrame {
    let rows = [
        (1, 1, "2025-01-01", 10.0),
        (1, 1, "2025-01-01", 12.0),
        (1, 2, "2025-01-02", 20.0),
        (1, 2, "2025-01-02", 20.0),
        (2, 3, "2025-01-03", 30.0),
        (2, 3, "2025-01-03", 30.0),
        (2, 3, "2025-01-03", 35.0),
        (2, 4, "2025-01-04", 40.0),
    ];
    let kinds = Column::new("op".into(), ["I", "U", "I", "D", "I", "D", "I", "I"]);
    let times = Column::new("changed".into(), [1_i64, 5, 2, 9, 1, 2, 3, 4]);
    and(and(orders(&rows), kinds), times)
}

const LATEST: [&str; 4] = ["--set", "clean.dedupe_keys=[\"order_id\"]", "--set", "clean.dedupe_latest_by=changed"];

#[test]
fn the_latest_version_is_kept_and_the_filter_drops_deleted_lines_afterwards() {
    let sandbox = Sandbox::with(changes());
    let all = run(&sandbox, &LATEST);
    // Lines 1 to 4 as they were last: 12, 20 (deleted), 35, 40; four rows are older versions.
    assert_eq!(all.outcomes(), BTreeMap::from([("duplicate".to_owned(), 4), ("kept".to_owned(), 4)]));
    assert_eq!(minor(&all.table("customers"), "revenue"), [3_200, 7_500]);
    let left = run(&sandbox, &[&LATEST[..], &["--filter", "op <> 'D'"]].concat());
    // The deleted line is gone, and its older version does not come back.
    assert_eq!(left.outcomes(), BTreeMap::from([("duplicate".to_owned(), 4), ("kept".to_owned(), 3)]));
    assert_eq!(minor(&left.table("customers"), "revenue"), [1_200, 7_500]);
    // Without a column of versions the filter comes first: of line 2 the inserted row is left.
    let first = run(&sandbox, &["--set", "clean.dedupe_keys=[\"order_id\"]", "--filter", "op <> 'D'"]);
    assert_eq!(minor(&first.table("customers"), "revenue"), [3_000, 7_000]);
    // The last day is that of a version that is kept.
    let mut moved = changes();
    moved
        .with_column(dates(
            "order_ts",
            &[
                "2025-01-30",
                "2025-01-01",
                "2025-01-02",
                "2025-01-29",
                "2025-01-03",
                "2025-01-28",
                "2025-01-03",
                "2025-01-04",
            ],
        ))
        .unwrap();
    let sandbox = Sandbox::with(moved);
    let words = [&LATEST[..], &["--filter", "op <> 'D'", "--window-days", "30"]].concat();
    let published = sandbox.run(&words);
    assert!(published.path.ends_with("as_of=2025-01-04"), "{}", published.path.display());
}

#[test]
fn a_later_version_in_a_directory_that_the_filter_rules_out_counts() {
    let sandbox = Sandbox::new();
    let rows = changes();
    sandbox.file("country=DE/a.parquet", rows.slice(0, 1));
    sandbox.file("country=FR/a.parquet", rows.slice(1, 1));
    let words = [&LATEST[..], &["--set", "input.hive_partitions=true", "--set", "clean.allow_empty=true"]].concat();
    let published = run(&sandbox, &[&words[..], &["--filter", "country = 'DE'"]].concat());
    assert_eq!(published.outcomes(), BTreeMap::from([("duplicate".to_owned(), 1)]));
}

#[test]
fn the_latest_may_be_said_by_times_texts_and_numbers_and_a_missing_one_is_the_earliest() {
    let rows = orders(&[(1, 1, "2025-01-01", 1.0), (1, 1, "2025-01-01", 2.0), (1, 1, "2025-01-01", 4.0)]);
    for changed in [
        Column::new("changed".into(), [Some("2025-01-01T10:00:00.5"), Some("2025-01-01T10:00:00.25"), None]),
        Column::new("changed".into(), [Some(2.5), Some(-1.0), Some(f64::NAN)]),
        Column::new("changed".into(), [Some(2.5), Some(f64::NEG_INFINITY), None]),
        Column::new("changed".into(), [Some(-1_i64), Some(-2), None]),
        dates("changed", &["2025-01-03", "2025-01-02", "2025-01-01"]),
        Column::new("changed".into(), [10.5, 9.5, 2.0]).cast(&DataType::Decimal(6, 2)).unwrap(),
    ] {
        for turned in [false, true] {
            let rows = and(rows.clone(), changed.clone());
            let sandbox = Sandbox::with(if turned { rows.reverse() } else { rows });
            assert_eq!(minor(&run(&sandbox, &LATEST).table("customers"), "revenue"), [100], "{changed:?}");
        }
    }
}

#[test]
fn a_column_of_versions_needs_keys_and_must_be_there() {
    let sandbox = Sandbox::with(changes());
    let (code, text) = refused(&sandbox, &["--set", "clean.dedupe_latest_by=changed"]);
    assert!(code == 2 && text.contains("`clean.dedupe_keys`"), "{text}");
    let keys = "clean.dedupe_keys=[\"order_id\"]";
    let (code, text) = refused(&sandbox, &["--set", keys, "--set", "clean.dedupe_latest_by=chnaged"]);
    assert!(code == 3 && text.contains("`chnaged`: missing") && text.contains("clean.dedupe_latest_by"), "{text}");
}

#[test]
fn a_file_that_is_delivered_twice_is_a_warning_that_names_both() {
    let sandbox = Sandbox::with(orders(&[(1, 1, "2025-01-01", 1.0), (2, 2, "2025-01-02", 3.0)]));
    let path = sandbox.input();
    std::fs::copy(path.join("a.parquet"), path.join("copy of a.parquet")).unwrap();
    sandbox.file("b.parquet", orders(&[(1, 1, "2025-01-01", 1.0), (2, 2, "2025-01-02", 3.5)]));
    let manifest = run(&sandbox, &[]).manifest();
    let warning = &manifest["warning_details"]
        .as_array()
        .unwrap()
        .iter()
        .find(|w| w["code"] == "delivered_twice")
        .unwrap()["facts"];
    assert!(warning["first"].as_str().unwrap().ends_with("in/a.parquet"), "{warning}");
    assert!(warning["second"].as_str().unwrap().ends_with("in/copy of a.parquet"), "{warning}");
    assert_eq!((&warning["files"], &warning["rows"]), (&1.into(), &2.into()));
    std::fs::remove_file(path.join("copy of a.parquet")).unwrap();
    let manifest = run(&sandbox, &[]).manifest();
    assert!(!manifest["warning_details"].to_string().contains("delivered_twice"));
}

#[test]
fn the_row_that_is_left_out_is_the_later_one_of_the_later_file() {
    let sandbox = Sandbox::with(alike(2));
    sandbox.file("b.parquet", alike(1));
    let quarantine = run(&sandbox, &["--dedupe"]).table("quarantine");
    let mut shown: Vec<(String, i64)> =
        texts(&quarantine, "file").into_iter().zip(integers(&quarantine, "row")).collect();
    for (file, _) in &mut shown {
        *file = file.rsplit('/').next().unwrap().to_owned();
    }
    shown.sort();
    assert_eq!(shown, [("a.parquet".to_owned(), 1), ("b.parquet".to_owned(), 0)]);
}

#[test]
fn check_tells_that_repeats_cost_a_read() {
    let sandbox = Sandbox::with(alike(2));
    let input = sandbox.input();
    let reads = |words: &[&str]| {
        let mut all = vec!["check", "--format", "json", "--input", input.to_str().unwrap()];
        all.extend(words);
        let answer: serde_json::Value = serde_json::from_str(&sandbox.command(&all).stdout).unwrap();
        answer["reads"].clone()
    };
    assert_eq!(reads(&["--dedupe"]), serde_json::json!(["repeats", "customers"]));
    assert_eq!(reads(&[]), serde_json::json!(["customers"]));
}

/// DuckDB: of 541,909 rows 536,639 are distinct, and of 406,829 with a customer 401,602.
#[test]
fn online_retail_loses_the_rows_that_are_no_others() {
    let Some(shared) = shared() else { return };
    let data = shared.join("data/online_retail.parquet");
    if !data.is_file() {
        return;
    }
    let sandbox = Sandbox::new();
    std::fs::copy(&data, sandbox.input().join("retail.parquet")).unwrap();
    let outcomes = sandbox.run(&["--as-of", "2011-12-09", "--dedupe", "--returns", "net"]).outcomes();
    assert_eq!((outcomes["duplicate"], outcomes["kept"]), (541_909 - 536_639, 401_602));
}
