//! Every reason to leave a row out, through whole runs. What an order is: `order_rules`.

use polars::prelude::*;

use crate::support::{Published, Sandbox, dates, floats, frame, integers, minor, orders, texts};

/// Rows of text ids, dates and amounts; one order each.
fn rows(rows: &[(Option<&str>, &str, f64)]) -> DataFrame {
    frame(vec![
        Column::new("customer_id".into(), rows.iter().map(|row| row.0).collect::<Vec<_>>()),
        dates("order_ts", &rows.iter().map(|row| row.1).collect::<Vec<_>>()),
        Column::new("amount".into(), rows.iter().map(|row| row.2).collect::<Vec<_>>()),
    ])
}

/// What became of the rows, as `outcome rows` joined by commas.
pub fn account(published: &Published) -> String {
    let outcomes = published.outcomes();
    outcomes.iter().map(|(outcome, rows)| format!("{outcome} {rows}")).collect::<Vec<_>>().join(", ")
}

/// Customers as `id orders revenue`, joined by commas.
pub fn customers(published: &Published) -> String {
    let customers = published.table("customers");
    let (ids, orders, revenue) =
        (texts(&customers, "customer_id"), integers(&customers, "orders"), texts(&customers, "revenue"));
    let lines = ids.iter().zip(orders).zip(revenue).map(|((id, orders), revenue)| format!("{id} {orders} {revenue}"));
    lines.collect::<Vec<_>>().join(", ")
}

const ANY_SHARE: [&str; 2] = ["--max-quarantined-share", "1"];

pub fn run(frame: DataFrame, args: &[&str]) -> Published {
    Sandbox::with(frame).run(&[&ANY_SHARE[..], args].concat())
}

#[test]
fn ids_that_are_null_or_blank() {
    let zero_width = "\u{200b}\u{200d}\u{2060}";
    let table = rows(&[
        (Some("a"), "2025-01-01", 1.0),
        (None, "2025-01-01", 2.0),
        (Some(""), "2025-01-01", 3.0),
        (Some("  \t"), "2025-01-01", 4.0),
        (Some(zero_width), "2025-01-01", 5.0),
        (Some("\u{feff}"), "2025-01-01", 6.0),
        (Some("\u{a0}\u{3000}"), "2025-01-01", 7.0),
        // Not blank: something is visible.
        (Some(" b"), "2025-01-01", 8.0),
        (Some("\u{feff}c"), "2025-01-01", 9.0),
    ]);
    let published = run(table, &[]);
    assert_eq!(account(&published), "blank_customer 5, kept 3, null_customer 1");
    assert_eq!(customers(&published), " b 1 8.00, a 1 1.00, \u{feff}c 1 9.00");
    let quality = published.table("quality");
    let amount = |outcome: &str| {
        let row = texts(&quality, "outcome").iter().position(|name| name == outcome).unwrap();
        minor(&quality, "amount")[row]
    };
    assert_eq!((amount("null_customer"), amount("blank_customer"), amount("kept")), (200, 2_500, 1_800));
}

#[test]
fn ids_are_compared_byte_for_byte_unless_asked_otherwise() {
    let table = || {
        rows(&[
            (Some("Ada"), "2025-01-01", 1.0),
            (Some(" Ada "), "2025-01-01", 2.0),
            (Some("ADA"), "2025-01-01", 4.0),
            (Some("ada"), "2025-01-01", 8.0),
        ])
    };
    let changed = |published: &Published| published.manifest()["notes"]["ids_changed"].as_u64().unwrap();
    let plain = run(table(), &[]);
    assert_eq!((customers(&plain).as_str(), changed(&plain)), (" Ada  1 2.00, ADA 1 4.00, Ada 1 1.00, ada 1 8.00", 0));
    let trimmed = run(table(), &["--set", "clean.trim_ids=true"]);
    assert_eq!((customers(&trimmed).as_str(), changed(&trimmed)), ("ADA 1 4.00, Ada 2 3.00, ada 1 8.00", 1));
    let both = run(table(), &["--set", "clean.trim_ids=true", "--set", "clean.lowercase_ids=true"]);
    assert_eq!((customers(&both).as_str(), changed(&both)), ("ada 4 15.00", 3));
    let lowered = run(table(), &["--set", "clean.lowercase_ids=true"]);
    assert_eq!((customers(&lowered).as_str(), changed(&lowered)), (" ada  1 2.00, ada 3 13.00", 3));
}

#[test]
fn ids_that_mean_nobody() {
    let table = rows(&[
        (Some("guest"), "2025-01-01", 1.0),
        (Some("Guest"), "2025-01-01", 2.0),
        (Some("NULL"), "2025-01-01", 4.0),
        (Some("guests"), "2025-01-01", 8.0),
    ]);
    let nobody = "clean.nobody_ids=[\"guest\", \"NULL\"]";
    let published = run(table.clone(), &["--set", nobody]);
    assert_eq!(account(&published), "blank_customer 2, kept 2");
    assert_eq!(customers(&published), "Guest 1 2.00, guests 1 8.00");
    // With folded case, the ids that stand for no customer are folded too.
    let published = run(table, &["--set", nobody, "--set", "clean.lowercase_ids=true"]);
    assert_eq!(account(&published), "blank_customer 3, kept 1");
}

#[test]
fn integer_ids_can_mean_no_customer_too() {
    let table = orders(&[(0, 1, "2025-01-01", 1.0), (-1, 2, "2025-01-01", 2.0), (7, 3, "2025-01-01", 4.0)]);
    let published = run(table, &["--set", "clean.nobody_ids=[\"0\", \"-1\"]"]);
    assert_eq!(account(&published), "blank_customer 2, kept 1");
}

#[test]
fn dates_that_are_null_or_none() {
    let table = frame(vec![
        Column::new("customer_id".into(), [1_i32, 1, 1, 1, 1]),
        Column::new("order_ts".into(), [Some("2025-01-31"), None, Some("2025-02-30"), Some("31.01.2025"), Some("")]),
        Column::new("amount".into(), [1.0, 2.0, 4.0, 8.0, 16.0]),
    ]);
    let published = run(table, &["--date-format", "%Y-%m-%d"]);
    assert_eq!(account(&published), "kept 1, null_date 1, unparsable_date 3");
    // A timestamp far beyond the year 9999 is no date either.
    let far = frame(vec![
        Column::new("customer_id".into(), [1_i32, 1]),
        Column::new("order_ts".into(), [1_735_689_600_000_i64, 1_735_689_600_000_000]),
        Column::new("amount".into(), [1.0, 2.0]),
    ]);
    let published = run(far, &["--epoch-unit", "ms"]);
    assert_eq!(account(&published), "kept 1, unparsable_date 1");
}

#[test]
fn amounts_that_are_null_or_not_finite() {
    let table = frame(vec![
        Column::new("customer_id".into(), [1_i32; 5]),
        dates("order_ts", &["2025-01-01"; 5]),
        Column::new("amount".into(), [Some(1.0), None, Some(f64::NAN), Some(f64::INFINITY), Some(f64::NEG_INFINITY)]),
    ]);
    assert_eq!(account(&run(table, &[])), "kept 1, non_finite_amount 3, null_amount 1");
}

#[test]
fn dates_before_the_first_allowed_one() {
    let table = rows(&[
        (Some("a"), "1999-12-31", 1.0),
        (Some("a"), "2000-01-01", 2.0),
        (Some("b"), "1970-01-01", 4.0),
        (Some("c"), "1969-12-31", 8.0),
    ]);
    let published = run(table.clone(), &["--set", "dates.min_date=2000-01-01"]);
    assert_eq!(account(&published), "date_before_min 3, kept 1");
    assert_eq!(customers(&published), "a 1 2.00");
    let published = run(table, &["--set", "dates.min_date=1970-01-01"]);
    assert_eq!(account(&published), "date_before_min 1, kept 3");
}

#[test]
fn amounts_out_of_range() {
    let table = rows(&[
        (Some("a"), "2025-01-01", -0.01),
        (Some("a"), "2025-01-01", 0.0),
        (Some("a"), "2025-01-01", 99.99),
        (Some("a"), "2025-01-01", 100.0),
        (Some("a"), "2025-01-01", 100.01),
    ]);
    let published = run(table.clone(), &["--set", "clean.min_amount=0", "--set", "clean.max_amount=100"]);
    assert_eq!(account(&published), "amount_out_of_range 2, kept 3");
    assert_eq!(customers(&published), "a 3 199.99");
    let published = run(table, &["--set", "clean.max_amount=99.99"]);
    assert_eq!(account(&published), "amount_out_of_range 2, kept 3");
    // What does not fit 18 digits is out of range without any setting.
    let huge =
        rows(&[(Some("a"), "2025-01-01", 1.0), (Some("a"), "2025-01-01", 1e16), (Some("a"), "2025-01-01", -1e300)]);
    assert_eq!(account(&run(huge, &[])), "amount_out_of_range 2, kept 1");
}

/// A row has one reason only: the rows are bad in several ways at once, and the total is still that of the rows.
#[test]
fn a_row_has_one_outcome() {
    let table = frame(vec![
        Column::new("customer_id".into(), [Some("a"), None, None, Some("")]),
        Column::new("order_ts".into(), [Some("2025-01-01"), None, Some("2030-01-01"), Some("never")]),
        Column::new("amount".into(), [Some(1.0), None, Some(f64::NAN), None]),
    ]);
    let published = run(table, &["--date-format", "%Y-%m-%d", "--as-of", "2025-12-31"]);
    assert_eq!(account(&published), "after_as_of 1, blank_customer 1, kept 1, null_customer 1");
}

fn repeats() -> DataFrame {
    orders(&[
        (1, 1, "2025-01-01", 5.0),
        (1, 1, "2025-01-01", 5.0),
        (1, 1, "2025-01-01", 5.0),
        (1, 1, "2025-01-01", 6.0),
        (2, 1, "2025-01-01", 5.0),
    ])
}

#[test]
fn exact_repeats_are_kept() {
    let published = run(repeats(), &[]);
    assert_eq!((account(&published).as_str(), customers(&published).as_str()), ("kept 5", "1 1 21.00, 2 1 5.00"));
}

#[test]
fn exact_repeats_are_dropped_where_asked() {
    let published = run(repeats(), &["--dedupe"]);
    assert_eq!(account(&published), "duplicate 2, kept 3");
    assert_eq!(customers(&published), "1 1 11.00, 2 1 5.00");
}

#[test]
fn rows_that_agree_in_the_keys_are_repeats() {
    let published = run(repeats(), &["--set", "clean.dedupe_keys=[\"customer_id\", \"order_id\"]"]);
    assert_eq!(account(&published), "duplicate 3, kept 2");
    // The first by all columns is kept.
    assert_eq!(customers(&published), "1 1 5.00, 2 1 5.00");
}

#[test]
fn a_window_of_everything_is_open_at_its_start_and_closed_at_its_end() {
    let table = || {
        rows(&[
            (Some("a"), "2025-01-01", 1.0),
            (Some("a"), "2025-01-02", 2.0),
            (Some("a"), "2025-01-11", 4.0),
            (Some("a"), "2025-01-12", 8.0),
        ])
    };
    let cuts = ["--window-days", "10", "--set", "dates.window_applies_to=everything"];
    // (2025-01-11 - 10, 2025-01-11]
    let published = run(table(), &[&["--as-of", "2025-01-11"][..], &cuts].concat());
    assert_eq!(account(&published), "after_as_of 1, before_window 1, kept 2");
    assert_eq!(customers(&published), "a 2 6.00");
    // Without an analysis date the window ends with the data: (2025-01-02, 2025-01-12].
    let published = run(table(), &cuts);
    assert!(published.path.ends_with("as_of=2025-01-12"));
    assert_eq!(account(&published), "before_window 2, kept 2");
    // Bad rows do not determine when the data end.
    let mut bad = table();
    bad.extend(&rows(&[(None, "2025-03-01", 9.0)])).unwrap();
    let published = run(bad, &cuts);
    assert!(published.path.ends_with("as_of=2025-01-12"), "{}", published.path.display());
}

#[test]
fn the_gate_is_where_it_is_set() {
    let table = rows(&[(Some("a"), "2025-01-01", 1.0), (None, "2025-01-01", 1.0)]);
    let sandbox = Sandbox::with(table);
    sandbox.run(&[]); // half is the default, and half it is
    assert_eq!(sandbox.try_run(&["--max-quarantined-share", "0.49"]).code, 4);
    assert_eq!(sandbox.try_run(&["--strict"]).code, 4);
    sandbox.run(&["--filter", "customer_id IS NOT NULL", "--strict"]);
}

#[test]
fn money_is_exact_at_its_scale() {
    // A tenth, ten times, is one: floats would sum to 0.9999999999999999.
    let tenths = rows(&[(Some("a"), "2025-01-01", 0.1); 10]);
    assert_eq!(customers(&run(tenths, &[])), "a 10 1.00");
    let odd =
        || rows(&[(Some("a"), "2025-01-01", 1.005), (Some("a"), "2025-01-01", 2.0), (Some("b"), "2025-01-01", -1.005)]);
    // A return of its own makes no customer by `net`.
    let run = |table: DataFrame, args: &[&str]| run(table, &[args, &["--returns", "literal"]].concat());
    let rounded = |published: &Published| published.manifest()["notes"]["amounts_rounded"].as_u64().unwrap();
    let published = run(odd(), &[]);
    // Half away from zero: 1.01 and -1.01.
    assert_eq!((customers(&published).as_str(), rounded(&published)), ("a 2 3.01, b 1 -1.01", 2));
    let published = run(odd(), &["--money-scale", "3"]);
    assert_eq!((customers(&published).as_str(), rounded(&published)), ("a 2 3.005, b 1 -1.005", 0));
    let published = run(odd(), &["--money-scale", "0"]);
    assert_eq!((customers(&published).as_str(), rounded(&published)), ("a 2 3, b 1 -1", 2));
    let published = run(odd(), &["--set", "output.money=double"]);
    assert_eq!(floats(&published.table("customers"), "revenue"), [3.01, -1.01]);
}

#[test]
fn the_quarantine_shows_a_bounded_sample_with_the_raw_values() {
    let mut bad: Vec<(Option<&str>, &str, f64)> = vec![(None, "2025-01-01", 1.5); 50];
    bad.extend([(Some("ok"), "2025-01-01", 1.0); 60]);
    bad.push((Some("nan\u{1b}[31m"), "2025-01-01", f64::NAN));
    let published = run(rows(&bad), &["--set", "clean.quarantine_rows=7"]);
    let quarantine = published.table("quarantine");
    let reasons = texts(&quarantine, "reason");
    assert_eq!(reasons.iter().filter(|reason| *reason == "null_customer").count(), 7);
    assert_eq!(reasons.last().unwrap(), "non_finite_amount");
    assert_eq!(published.outcomes()["null_customer"], 50, "all of them are counted");
    assert_eq!(texts(&quarantine, "amount")[..2], ["1.5", "1.5"]);
    assert_eq!(texts(&quarantine, "order_ts")[0], "2025-01-01");
    assert_eq!(*integers(&quarantine, "row").last().unwrap(), 110);
    let none = run(rows(&bad), &["--set", "clean.quarantine_rows=0"]);
    assert_eq!(none.table("quarantine").height(), 0);
}

/// Rows that the filter leaves out are not read, and the numbers of the others stay those of the file.
#[test]
fn a_filter_in_sql() {
    let sandbox = Sandbox::new();
    let mut table = rows(&[
        (Some("a"), "2025-01-01", 1.0),
        (Some("b"), "2025-01-01", 2.0),
        (None, "2025-01-01", 4.0),
        (Some("c"), "2025-01-01", 8.0),
    ]);
    table.with_column(Column::new("kind".into(), ["sale", "test", "sale", "sale"])).unwrap();
    sandbox.file_of_groups("a.parquet", table.clone(), 1);
    sandbox.file("b.parquet", table);
    let published = sandbox.run(&["--filter", "kind = 'sale' AND amount < 8"]);
    assert_eq!(account(&published), "kept 2, null_customer 2");
    assert_eq!(customers(&published), "a 2 2.00");
    let quarantine = published.table("quarantine");
    assert_eq!(integers(&quarantine, "row"), [2, 2]);
    let mut files: Vec<String> =
        texts(&quarantine, "file").iter().map(|f| f.rsplit('/').next().unwrap().into()).collect();
    files.sort();
    assert_eq!(files, ["a.parquet", "b.parquet"]);
    for filter in
        ["customer_id IN ('a', 'c')", "customer_id LIKE 'a%' OR customer_id = 'c'", "NOT (amount BETWEEN 2 AND 4)"]
    {
        assert_eq!(customers(&sandbox.run(&["--filter", filter])), "a 2 2.00, c 2 16.00", "{filter}");
    }
}
