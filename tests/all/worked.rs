//! A worked example small enough to be done by hand: ten customers whose revenue adds up to 1000.00.
//!
//! The expected tables are in `tests/golden/*.txt`; `tests/golden/worked.py` computes them by plain Python from the
//! definitions. What a reader can check with a pencil:
//!
//! - revenue 400 200 120 100 60 50 40 20 10 0, so that the cumulative shares are .40 .60 .72 .82 .88 .93 .97 .99 1 1;
//!   the share before customer 4 is .72 (class A), before 5 .82 (B), before 8 .97 (C).
//! - type 7 quintiles of ten values stand at positions 1.8 3.6 5.4 7.2. Recency 0 10 30 31 90 91 180 181 360 400:
//!   10+.8*20 = 26, 31+.6*59 = 66.4, 91+.4*89 = 126.6, 181+.2*179 = 216.8. Orders 1 1 1 1 2 2 2 3 4 5: 1, 1.6, 2, 3.2
//!   (no customer scores 2). Revenue: 10+.8*10 = 18, 40+.6*10 = 46, 60+.4*40 = 76, 120+.2*80 = 136.
//! - means 137.3 days, 2.2 orders, 100.00: customer 4 is exactly on the last, and not above it.
//! - days 30, 31, 90, 91, 180, 181 and 360 are on both sides of every border of the grid.
//! - Gini: sum(i*x) over ascending revenue is 8310, (2*8310/1000 - 11)/10 = 0.562.
//! - customer 7 has one order on two days: it is dated by the first. Customer 10 bought for 30 and sent it back.
//! - 10.004 is rounded to 10.00 and counted. Four rows are bad, one is after the analysis date: 24 + 4 + 1 = 29.

use polars::prelude::*;

use rfmetrics::reports::{Chapter, Report, campaigns};

use crate::support::{Published, Sandbox, assert_golden, day, frame, render, tables_of};
use crate::{worked_campaigns, worked_on_request};

/// Customer, order, date and amount.
pub type Row = (Option<i64>, i64, Option<&'static str>, Option<f64>);

const ROWS: [Row; 29] = [
    (Some(1), 101, Some("2025-03-31"), Some(60.0)),
    (Some(1), 101, Some("2025-03-31"), Some(40.0)),
    (Some(1), 102, Some("2025-03-01"), Some(100.0)),
    (Some(1), 103, Some("2025-02-01"), Some(100.0)),
    (Some(1), 104, Some("2025-01-01"), Some(60.0)),
    (Some(1), 105, Some("2024-12-01"), Some(40.0)),
    (Some(2), 201, Some("2025-03-21"), Some(120.0)),
    (Some(2), 202, Some("2024-06-01"), Some(80.0)),
    (Some(3), 301, Some("2025-03-01"), Some(50.5)),
    (Some(3), 302, Some("2025-02-01"), Some(29.5)),
    (Some(3), 303, Some("2024-03-31"), Some(40.0)),
    (Some(4), 401, Some("2025-02-28"), Some(100.0)),
    (Some(5), 501, Some("2024-12-31"), Some(10.0)),
    (Some(5), 502, Some("2024-12-31"), Some(20.0)),
    (Some(5), 503, Some("2024-12-01"), Some(15.0)),
    (Some(5), 504, Some("2024-11-01"), Some(15.0)),
    (Some(6), 601, Some("2024-12-30"), Some(50.0)),
    (Some(7), 701, Some("2024-10-03"), Some(15.0)),
    (Some(7), 701, Some("2024-10-02"), Some(25.0)),
    (Some(8), 801, Some("2024-10-01"), Some(10.0)),
    (Some(8), 802, Some("2024-10-01"), Some(10.0)),
    (Some(9), 901, Some("2024-04-05"), Some(10.004)),
    (Some(10), 1001, Some("2024-02-20"), Some(30.0)),
    (Some(10), 1002, Some("2024-02-25"), Some(-30.0)),
    (None, 9001, Some("2025-01-01"), Some(5.0)),
    (Some(1), 9002, None, Some(7.0)),
    (Some(2), 9003, Some("2025-01-01"), None),
    (Some(3), 9004, Some("2025-01-01"), Some(f64::NAN)),
    (Some(2), 203, Some("2025-04-01"), Some(99.0)),
];

pub fn example() -> DataFrame {
    frame_of(&ROWS)
}

/// Rows as an input file has them.
pub fn frame_of(rows: &[Row]) -> DataFrame {
    let days: Vec<Option<i32>> = rows.iter().map(|row| row.2.map(day)).collect();
    frame(vec![
        Column::new("customer_id".into(), rows.iter().map(|row| row.0).collect::<Vec<_>>()),
        Column::new("order_id".into(), rows.iter().map(|row| row.1).collect::<Vec<_>>()),
        Column::new("order_ts".into(), days).cast(&DataType::Date).unwrap(),
        Column::new("amount".into(), rows.iter().map(|row| row.3).collect::<Vec<_>>()),
    ])
}

fn published(sandbox: &Sandbox) -> Published {
    sandbox.run(&["--as-of", "2025-03-31", "--set", "reports.pareto_groups=4"])
}

#[test]
fn every_table_is_as_worked_out_by_hand() {
    let sandbox = Sandbox::with(example());
    let published = published(&sandbox);
    for table in tables_of(&[Chapter::EveryRun]) {
        // The location of a row is the only thing that differs from machine to machine.
        let without: &[&str] = if table.name == "quarantine" { &["as_of", "file"] } else { &["as_of"] };
        assert_golden(table.name, &render(&published.table(table.name), without));
    }
}

#[test]
fn every_report_has_a_worked_example_and_every_worked_example_a_test() {
    let of_every_run = tables_of(&[Chapter::EveryRun]).into_iter().map(|table| table.name);
    let on_request = worked_on_request::TABLES.concat().into_iter().chain(worked_campaigns::TABLES);
    let mut tested: Vec<String> = of_every_run.chain(on_request).map(|name| format!("{name}.txt")).collect();
    tested.sort();
    let tables = Report::ALL.iter().map(|report| report.table.name);
    for name in tables.chain(campaigns::TABLES.iter().map(|table| table.name)) {
        let file = format!("{name}.txt");
        assert!(tested.contains(&file), "{file}: no worked example");
    }
    let golden = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let names = std::fs::read_dir(golden).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut there: Vec<String> = names.filter(|name| name.ends_with(".txt")).collect();
    there.sort();
    assert_eq!(there, tested, "every worked example is compared");
}

#[test]
fn the_row_account_and_the_notes_are_in_the_manifest() {
    let sandbox = Sandbox::with(example());
    let manifest = published(&sandbox).manifest();
    let totals = &manifest["totals"];
    // 24 rows are used; orders: 5 + 2 + 3 + 1 + 4 + 1 + 1 + 2 + 1 + 1 = 21, and a return of customer 10.
    for (key, value) in [
        ("rows_in", 29),
        ("rows_used", 24),
        ("rows_rejected", 4),
        ("rows_after_as_of", 1),
        ("rows_before_window", 0),
        ("customers", 10),
        ("orders", 21),
        ("revenue_minor_units", 100_000),
        ("money_scale", 2),
    ] {
        assert_eq!(totals[key], value, "{key}");
    }
    assert_eq!(totals["last_date"], "2025-03-31");
    assert_eq!(manifest["notes"]["amounts_rounded"], 1);
    assert_eq!(manifest["notes"]["orders_not_above_zero"], 1);
    let account = manifest["account"].as_array().unwrap();
    assert_eq!(account.iter().map(|entry| entry["rows"].as_u64().unwrap()).sum::<u64>(), 29);
}

#[test]
fn the_file_of_a_bad_row_is_named() {
    let sandbox = Sandbox::with(example());
    let quarantine = published(&sandbox).table("quarantine");
    for file in crate::support::texts(&quarantine, "file") {
        assert!(file.ends_with("in/a.parquet"), "{file}");
    }
}

/// With the last date of the data as the analysis date, the row of 2025-04-01 counts: all days are one more.
#[test]
fn without_an_analysis_date_it_is_the_last_date_of_the_data() {
    let sandbox = Sandbox::with(example());
    let published = sandbox.run(&[]);
    assert!(published.path.ends_with("as_of=2025-04-01"), "{}", published.path.display());
    let days = crate::support::integers(&published.table("customers"), "recency_days");
    // Customer 2 bought again on that day.
    assert_eq!(days, [1, 0, 31, 32, 91, 92, 181, 182, 361, 406]);
}
