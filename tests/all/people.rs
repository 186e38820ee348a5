//! Old ids of customers: who is one customer, in the rows, in the tables next to them and in the list of those who are left
//! out; and tables of old ids that contradict themselves. Figures follow from the rows shown.

use std::fs;

use polars::prelude::*;
use serde_json::{Value, json};

use crate::support::{Published, Ran, Sandbox, floats, frame, integers, minor, orders, texts};

/// Ann has the ids 1, 2 and 5, Bob 3, Cy 4. A receipt of Ann's is split over two of her ids.
fn three() -> DataFrame {
    orders(&[
        (1, 11, "2025-01-01", 5.0),
        (2, 12, "2025-01-02", 7.0),
        (2, 13, "2025-01-03", 11.0),
        (5, 13, "2025-01-03", 1.0),
        (3, 14, "2025-01-04", 13.0),
        (4, 15, "2025-01-05", 2.0),
        (2, 16, "2025-01-06", -3.0),
    ])
}

/// A table of old ids next to the input: 2 -> 5 -> 1.
fn with_aliases(frame: DataFrame, old: &[i64], new: &[i64]) -> Sandbox {
    let sandbox = Sandbox::with(frame);
    write_aliases(&sandbox, old, new);
    sandbox
}

fn write_aliases(sandbox: &Sandbox, old: &[i64], new: &[i64]) {
    let columns = vec![Column::new("old_id".into(), old), Column::new("customer_id".into(), new)];
    sandbox.file("../aliases.parquet", frame(columns));
}

fn settings(extra: &[&str]) -> Vec<String> {
    let own = ["--as-of", "2025-01-10", "--set", "customers.aliases=aliases.parquet"];
    own.iter().chain(extra).map(ToString::to_string).collect()
}

fn try_run(sandbox: &Sandbox, extra: &[&str]) -> Ran {
    let settings = settings(extra);
    sandbox.try_run(&settings.iter().map(String::as_str).collect::<Vec<_>>())
}

fn run(sandbox: &Sandbox, extra: &[&str]) -> Published {
    let ran = try_run(sandbox, extra);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    sandbox.published(&ran)
}

#[test]
fn all_ids_of_a_customer_are_one_customer_whose_orders_are_joined() {
    let sandbox = with_aliases(three(), &[2, 5, 9], &[5, 1, 3]);
    let published = run(&sandbox, &[]);
    let customers = published.table("customers");
    assert_eq!(integers(&customers, "customer_id"), [1, 3, 4]);
    // Ann: 5 + 7 + 12 - 3 = 21 on three orders, the largest of two lines under two ids; the last one is of 3 January.
    assert_eq!(minor(&customers, "revenue"), [2_100, 1_300, 200]);
    assert_eq!(integers(&customers, "orders"), [3, 1, 1]);
    assert_eq!(integers(&customers, "transactions"), [4, 1, 1]);
    assert_eq!(minor(&customers, "largest_order"), [1_200, 1_300, 200]);
    assert_eq!(integers(&customers, "recency_days"), [7, 6, 5]);
    let expected = json!({"old_ids": 3, "longest_chain": 2, "old_ids_found": 2, "old_ids_unmatched": 1, "rows_moved": 4,
        "customers_merged": 1});
    assert_eq!(published.manifest()["aliases"], expected);
    let ran = try_run(&sandbox, &[]);
    let sentence = "rows moved by aliases: 4 of 2 old ids, which are 1 customer now";
    assert!(ran.stderr.contains(sentence) || ran.stdout.contains(sentence) || summary(&sandbox).contains(sentence));
    assert!(Sandbox::with(three()).run(&[]).manifest().get("aliases").is_none(), "nothing is said without a table");
}

/// What a run that is not quiet says.
fn summary(sandbox: &Sandbox) -> String {
    let (input, output) = (sandbox.input(), sandbox.output());
    let args = ["run", "--input", input.to_str().unwrap(), "--output", output.to_str().unwrap()];
    let settings = settings(&[]);
    let ran = sandbox.command(&args.into_iter().chain(settings.iter().map(String::as_str)).collect::<Vec<_>>());
    ran.stdout + &ran.stderr
}

#[test]
fn texts_are_followed_as_the_settings_change_them_and_the_same_whatever_the_order_of_rows() {
    let mut rows = three();
    let ids = ["ann", " OLD ", "old", "Older", "bob", "cy", "OLD"];
    rows.with_column(Column::new("customer_id".into(), ids)).unwrap();
    let sandbox = Sandbox::with(rows.clone());
    let columns = |order: &[usize]| {
        let (old, new) = (["Old", "older ", "nobody knows", "ANN"], ["OLDER", "Ann", "zed", "ann"]);
        let pick = |values: [&'static str; 4]| order.iter().map(|row| values[*row]).collect::<Vec<_>>();
        frame(vec![Column::new("old_id".into(), pick(old)), Column::new("id".into(), pick(new))])
    };
    sandbox.file("../aliases.parquet", columns(&[0, 1, 2, 3]));
    let same = ["--set", "clean.trim_ids=true", "--set", "clean.lowercase_ids=true"];
    let published = run(&sandbox, &same);
    let customers = published.table("customers");
    assert_eq!(texts(&customers, "customer_id"), ["ann", "bob", "cy"]);
    assert_eq!(minor(&customers, "revenue"), [2_100, 1_300, 200]);
    let bytes = published.bytes();
    // Backwards, in several files, on one thread and with the table of old ids in another order.
    let backwards = Sandbox::new();
    for (number, start) in [4_i64, 0].into_iter().enumerate() {
        let part = rows.slice(start, if start == 0 { 4 } else { 3 }).reverse();
        backwards.file(&format!("{number}.parquet"), part);
    }
    backwards.file("../aliases.parquet", columns(&[3, 2, 1, 0]));
    let again = run(&backwards, &[&same[..], &["--threads", "1"]].concat());
    let (ours, others) = (bytes, again.bytes());
    for (name, bytes) in &ours {
        assert!(name == "quarantine.parquet" || others[name] == *bytes, "{name} differs");
    }
}

#[test]
fn leaving_out_one_id_leaves_out_the_person_and_counts_every_row() {
    let sandbox = with_aliases(three(), &[2, 5], &[5, 1]);
    let list = sandbox.root().join("erased.txt");
    for id in ["1", "2", "5"] {
        fs::write(&list, id).unwrap();
        let published = run(&sandbox, &["--exclude-ids", list.to_str().unwrap()]);
        assert_eq!(integers(&published.table("customers"), "customer_id"), [3, 4], "by id {id}");
        assert_eq!(published.outcomes()["excluded_customer"], 5, "by id {id}");
        assert_eq!(published.manifest()["aliases"]["rows_moved"], 0, "none of them is used");
    }
}

#[test]
fn tables_next_to_the_rows_are_summed_per_customer() {
    let sandbox = with_aliases(three(), &[2, 5], &[5, 1]);
    let ids = [2_i64, 1, 3, 4, 77];
    let column = |name: &str, values: [f64; 5]| Column::new(name.into(), values);
    let profits = vec![Column::new("customer_id".into(), ids), column("first", [10.0, 1.0, 4.0, 8.0, 9.0])];
    sandbox.file("../profits.parquet", frame(profits));
    let flags = [
        "--set",
        "predict.profits.path=profits.parquet",
        "--set",
        "predict.profits.years=first",
        "--set",
        "predict.discount_rate=0",
    ];
    let published = run(&sandbox, &flags);
    assert_eq!(floats(&published.table("customers"), "planned_ltv"), [11.0, 4.0, 8.0], "Ann: 10 + 1");
    let warning = &published.manifest()["warning_details"];
    let found = warning.as_array().unwrap().iter().find(|warning| warning["code"] == "unmatched_rows").unwrap();
    assert_eq!((&found["facts"]["matched"], &found["facts"]["unmatched_rows"]), (&json!(3), &json!(1)));
    // One id twice is a fault of the table, whoever it is now.
    let twice = vec![Column::new("customer_id".into(), [2_i64, 1, 2]), Column::new("first".into(), [1.0, 2.0, 3.0])];
    sandbox.file("../profits.parquet", frame(twice));
    let ran = try_run(&sandbox, &flags);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("row 0 of") && ran.stderr.contains("row 2 of"), "{}", ran.stderr);
}

#[test]
fn attributes_and_predictions_are_of_the_whole_customer() {
    let mut rows = three();
    rows.with_column(Column::new("city".into(), ["a", "b", "c", "d", "e", "f", "g"])).unwrap();
    let sandbox = with_aliases(rows, &[2, 5], &[5, 1]);
    let published = run(&sandbox, &["--set", "columns.attributes=city", "--set", "predict.by_year=true"]);
    // The latest of Ann's rows is that of 6 January.
    assert_eq!(texts(&published.table("customers"), "city"), ["g", "e", "f"]);
    let years = published.table("customer_years");
    assert_eq!((integers(&years, "customer_id"), minor(&years, "revenue")), (vec![1, 3, 4], vec![2_100, 1_300, 200]));
}

#[test]
fn tables_that_contradict_themselves_are_refused_with_their_rows() {
    let sandbox = Sandbox::with(three());
    let refused = |old: &[i64], new: &[i64]| {
        write_aliases(&sandbox, old, new);
        let ran = try_run(&sandbox, &[]);
        assert_eq!(ran.code, 3, "{}", ran.stderr);
        assert!(sandbox.visible().is_empty(), "nothing is published");
        ran.stderr
    };
    let error = refused(&[7, 1, 2, 3, 7], &[8, 2, 3, 1, 9]);
    assert!(error.contains("`customers.aliases` contradicts itself"), "{error}");
    assert!(error.contains("`1` -> `2` -> `3` -> `1`"), "{error}");
    assert!(error.contains("`7` has become `8` (row 0 of") && error.contains("and `9` (row 4 of"), "{error}");
    let error = refused(&[1, 1], &[1, 2]);
    assert!(error.contains("`1` has become `1`") && error.contains("`2`"), "{error}");
    // An id that leads to itself says nothing, and what is said twice is said once.
    write_aliases(&sandbox, &[1, 2, 2, 5, 1], &[1, 1, 1, 1, 1]);
    assert_eq!(integers(&run(&sandbox, &[]).table("customers"), "customer_id"), [1, 3, 4]);
    let checked = sandbox.command(&["check", "--input", "in", "--set", "customers.aliases=aliases.parquet"]);
    assert!(checked.code == 0 && checked.stdout.contains("aliases   2 old ids"), "{}", checked.stdout);
}

#[test]
fn unfit_tables_are_refused_and_the_error_says_what_to_write() {
    let sandbox = Sandbox::with(three());
    let refused = |columns: Vec<Column>, flags: &[&str]| {
        sandbox.file("../aliases.parquet", frame(columns));
        let ran = try_run(&sandbox, flags);
        assert_eq!(ran.code, 3, "{}", ran.stderr);
        ran.stderr
    };
    let numbers = |name: &str, values: &[Option<i64>]| Column::new(name.into(), values);
    let error = refused(vec![numbers("old_id", &[Some(1), None]), numbers("customer_id", &[Some(2), Some(3)])], &[]);
    assert!(error.contains("row 1 of") && error.contains("`old_id` is null"), "{error}");
    let error = refused(vec![Column::new("old_id".into(), ["C-1"]), numbers("customer_id", &[Some(2)])], &[]);
    assert!(error.contains("row 0 is `C-1`") && error.contains("CAST(old_id AS BIGINT)"), "{error}");
    let error = refused(vec![numbers("old", &[Some(1)]), numbers("customer_id", &[Some(2)])], &[]);
    assert!(error.contains("has no column `old_id`") && error.contains("the columns there: `old`"), "{error}");
    let error = refused(vec![numbers("old_id", &[Some(1)]), numbers("to", &[Some(2)])], &[]);
    assert!(error.contains("`customer_id` or `new_id` or `id`"), "{error}");
    let columns = vec![numbers("old", &[Some(2), Some(5)]), numbers("to", &[Some(1), Some(1)])];
    sandbox.file("../aliases.parquet", frame(columns));
    let published = run(&sandbox, &["--set", "customers.old_id=old", "--set", "customers.new_id=to"]);
    assert_eq!(integers(&published.table("customers"), "customer_id"), [1, 3, 4]);
    let nobody = vec![numbers("old_id", &[Some(1), Some(0)]), numbers("customer_id", &[Some(2), Some(3)])];
    let error = refused(nobody, &["--set", "clean.nobody_ids=0"]);
    assert!(error.contains("`old_id` is `0`") && error.contains("row 1 of"), "{error}");
    let ran = sandbox.try_run(&["--set", "customers.aliases=missing.parquet"]);
    assert!(ran.code == 3 && ran.stderr.contains("missing.parquet"), "{}", ran.stderr);
    let ran = sandbox.try_run(&["--set", "customers.new_id=to"]);
    assert!(ran.code == 2 && ran.stderr.contains("`customers.aliases`, which names it"), "{}", ran.stderr);
}

#[test]
fn old_ids_that_no_row_has_are_counted_and_all_of_them_are_worth_a_warning() {
    let sandbox = with_aliases(three(), &[100, 101], &[1, 100]);
    let published = run(&sandbox, &[]);
    let warnings = published.manifest()["warning_details"].clone();
    let codes: Vec<&Value> = warnings.as_array().unwrap().iter().map(|warning| &warning["code"]).collect();
    assert!(codes.contains(&&json!("unmatched_aliases")), "{codes:?}");
    assert_eq!(published.manifest()["aliases"]["old_ids_unmatched"], 2);
    assert_eq!(try_run(&sandbox, &["--set", "run.deny_warnings=unmatched_aliases"]).code, 4);
}

#[test]
fn explain_follows_an_old_id_and_says_so() {
    let sandbox = with_aliases(three(), &[2, 5], &[5, 1]);
    let ran = sandbox.command(&["explain", "2", "--input", "in", "--set", "customers.aliases=aliases.parquet"]);
    assert!(ran.code == 0 && ran.stdout.contains("2 is an old id of 1 (`customers.aliases`)"), "{}", ran.stdout);
    assert!(ran.stdout.contains("kept (order), as 5"), "{}", ran.stdout);
    let args = ["explain", "2", "--format", "json", "--input", "in", "--set", "customers.aliases=aliases.parquet"];
    let story: Value = serde_json::from_str(&sandbox.command(&args).stdout).unwrap();
    assert_eq!((&story["customer_id"], &story["old_id"]), (&json!("1"), &json!("2")));
    assert_eq!((&story["rows"]["rows"], &story["standing"]["measures"]["orders"]), (&json!(5), &json!(3)));
}

#[test]
fn the_manifest_has_the_checksum_of_every_table_next_to_the_rows() {
    let sandbox = with_aliases(three(), &[2, 5], &[5, 1]);
    let lookups = run(&sandbox, &[]).manifest()["lookups"].clone();
    let file = sandbox.root().join("aliases.parquet");
    assert_eq!(lookups.as_array().unwrap().len(), 1);
    assert_eq!((&lookups[0]["setting"], &lookups[0]["rows"]), (&json!("customers.aliases"), &json!(2)));
    assert_eq!(lookups[0]["bytes"], fs::metadata(&file).unwrap().len());
    let again = run(&sandbox, &[]).manifest()["lookups"].clone();
    assert_eq!(again, lookups, "the same files have the same checksums");
    write_aliases(&sandbox, &[2, 5], &[5, 3]);
    assert_ne!(run(&sandbox, &[]).manifest()["lookups"][0]["sha256"], lookups[0]["sha256"]);
}
