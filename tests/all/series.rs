//! A series of dates through the binary: each date is, byte for byte, what a run of that date alone publishes.

use std::collections::BTreeMap;
use std::fs;

use polars::prelude::*;

use crate::support::{Sandbox, day, frame};

/// Rows of a made-up shop of some dozens of customers: days count from 2025-01-01.
#[derive(Debug, Clone)]
struct Row {
    customer: Option<i64>,
    order: Option<i64>,
    day: Option<i32>,
    amount: f64,
    town: Option<String>,
}

/// The dates of all series of this file: days 31 - 1, 59 - 1, 90 - 1 and 120 - 1 of the year.
const DATES: [&str; 4] = ["2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30"];

/// Orders whose lines lie in two to four of the intervals between the dates, planted by hand; customer `100 + n` has what the
/// comment says.
fn planted() -> Vec<Row> {
    let line = |customer: i64, order: i64, day: i32, amount: f64| Row {
        customer: Some(100 + customer),
        order: Some(order),
        day: Some(day),
        amount,
        town: Some(format!("town {}", day % 7)),
    };
    vec![
        // 1: cancelled a month later.
        line(1, 1, 10, 50.0),
        line(1, 1, 45, -50.0),
        line(1, 2, 80, 5.0),
        // 2: cancelled, and reopened after another two dates.
        line(2, 1, 10, 50.0),
        line(2, 1, 40, -60.0),
        line(2, 1, 70, 20.0),
        line(2, 1, 100, 7.0),
        // 3: its first day moves back: the later line is listed first, and an order in between.
        line(3, 1, 100, 9.0),
        line(3, 2, 62, 4.0),
        line(3, 1, 5, 3.0),
        // 4: first a credit note, that a later line makes a purchase.
        line(4, 1, 20, -30.0),
        line(4, 1, 65, 80.0),
        // 5: free until a later line, and free again.
        line(5, 1, 15, 0.0),
        line(5, 1, 50, -4.0),
        line(5, 1, 95, 4.0),
        // 6: lines on the very days of dates, and on the days after them.
        line(6, 1, 30, 1.0),
        line(6, 1, 31, 2.0),
        line(6, 2, 58, 3.0),
        line(6, 3, 59, 4.0),
        line(6, 3, 119, 5.0),
        line(6, 3, 120, 6.0),
        // 7: days out of order, far apart, so that one read cannot count them.
        line(7, 1, 110, 1.0),
        line(7, 2, 0, 1.0),
        line(7, 3, 3, 1.0),
        line(7, 4, 1, 1.0),
        line(7, 4, 2, 1.0),
        // 8: returns alone at first.
        line(8, 1, 8, -3.0),
        line(8, 2, 90, 12.0),
        // 9: the largest order grows and shrinks.
        line(9, 1, 12, 40.0),
        line(9, 2, 14, 30.0),
        line(9, 1, 64, -20.0),
        line(9, 1, 99, 100.0),
    ]
}

/// The planted rows among made-up ones, some of them bad.
fn rows(count: u64) -> Vec<Row> {
    let mut state = 17_u64;
    let mut below = move |bound: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    let mut rows = planted();
    while (rows.len() as u64) < count {
        let (customer, order, first) = (below(60) as i64, below(9) as i64, below(150) as i32);
        for _ in 0..=below(3) {
            let spread = if below(4) == 0 { below(90) } else { below(2) };
            rows.push(Row {
                customer: (below(40) > 0).then_some(customer),
                order: (below(30) > 0).then_some(order),
                day: (below(50) > 0).then_some(first + spread as i32),
                amount: (below(40_000) as f64 - 9_000.0) / 100.0,
                town: (below(5) > 0).then(|| format!("town with a long name, number {}", below(12))),
            });
        }
    }
    rows
}

fn table(rows: &[Row], text_ids: bool) -> DataFrame {
    let start = day("2025-01-01");
    let days: Vec<Option<i32>> = rows.iter().map(|row| row.day.map(|day| start + day)).collect();
    let ids: Vec<Option<i64>> = rows.iter().map(|row| row.customer).collect();
    let names: Vec<Option<String>> = ids.iter().map(|id| id.map(|id| format!("customer {id:05}"))).collect();
    frame(vec![
        if text_ids { Column::new("customer_id".into(), names) } else { Column::new("customer_id".into(), ids) },
        Column::new("order_id".into(), rows.iter().map(|row| row.order).collect::<Vec<_>>()),
        Column::new("order_ts".into(), days).cast(&DataType::Date).unwrap(),
        Column::new("amount".into(), rows.iter().map(|row| row.amount).collect::<Vec<_>>()),
        Column::new("town".into(), rows.iter().map(|row| row.town.clone()).collect::<Vec<_>>()),
    ])
}

type Tables = BTreeMap<String, Vec<u8>>;

/// Every table of these dates, from the directory `output` below the sandbox.
pub fn tables(sandbox: &Sandbox, output: &str, dates: &[&str]) -> Vec<Tables> {
    let of = |date: &&str| sandbox.at(format!("{output}/as_of={date}").as_ref()).bytes();
    dates.iter().map(of).collect()
}

/// A series of [`DATES`] with these settings.
fn series(sandbox: &Sandbox, output: &str, settings: &[&str]) -> Vec<Tables> {
    let dates = DATES.join(",");
    let fixed = ["run", "--quiet", "--input", "in", "--output", output, "--as-of", &dates];
    let ran = sandbox.command(&[&fixed, settings].concat());
    assert_eq!(ran.code, 0, "{settings:?}: {}", ran.stderr);
    tables(sandbox, output, &DATES)
}

/// A run for each date alone.
fn single_runs(sandbox: &Sandbox, settings: &[&str]) -> Vec<Tables> {
    for date in DATES {
        let fixed = ["run", "--quiet", "--input", "in", "--output", "single", "--as-of", date];
        let ran = sandbox.command(&[&fixed, settings].concat());
        assert_eq!(ran.code, 0, "{settings:?}: {}", ran.stderr);
    }
    let found = tables(sandbox, "single", &DATES);
    fs::remove_dir_all(sandbox.root().join("single")).unwrap();
    found
}

#[track_caller]
fn assert_same(found: &[Tables], expected: &[Tables], settings: &[&str]) {
    for ((found, expected), date) in found.iter().zip(expected).zip(DATES) {
        let names = |tables: &Tables| tables.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(found), names(expected), "{date} {settings:?}");
        for (name, bytes) in expected {
            assert!(found[name] == *bytes, "{name} of {date} differs with {settings:?}");
        }
    }
}

/// What changes which rows and orders count, and what is kept of them.
const SETTINGS: [&[&str]; 14] = [
    &[],
    &["--returns", "literal"],
    &["--returns", "purchases"],
    &["--returns", "drop"],
    &["--window-days", "40"],
    &["--window-days", "40", "--returns", "purchases"],
    &["--window-days", "40", "--set", "dates.window_applies_to=everything"],
    &["--set", "columns.attributes=[\"town\"]"],
    &["--set", "columns.attributes=[\"town\"]", "--set", "reports.by=[\"town\"]", "--window-days", "75"],
    &["--orders-by", "row"],
    &["--orders-by", "order_id_and_day"],
    &["--count-repeats", "--map", "lifecycle", "--window-days", "50"],
    &["--dedupe", "--set", "clean.zero_amounts=drop", "--set", "dates.min_date=2025-01-08"],
    &["--filter", "amount < 200 AND order_id <> 3", "--money-scale", "0"],
];

#[test]
fn each_date_is_what_its_own_run_publishes() {
    let sandbox = Sandbox::with(table(&rows(1_500), false));
    for settings in SETTINGS {
        let found = series(&sandbox, "out", settings);
        assert_same(&found, &single_runs(&sandbox, settings), settings);
        fs::remove_dir_all(sandbox.root().join("out")).unwrap();
    }
}

#[test]
fn predictions_holdouts_and_years_of_each_date_are_those_of_its_own_run() {
    let sandbox = Sandbox::with(table(&rows(2_500), false));
    let model = ["--predict", "bg_nbd", "--set", "predict.min_history_days=1", "--set", "predict.by_year=true"];
    for more in [&[][..], &["--set", "predict.holdout_days=20"], &["--window-days", "30"]] {
        let settings = [&model[..], more].concat();
        let found = series(&sandbox, "out", &settings);
        assert_same(&found, &single_runs(&sandbox, &settings), &settings);
        fs::remove_dir_all(sandbox.root().join("out")).unwrap();
    }
}

#[test]
fn neither_ids_nor_files_nor_order_nor_threads_change_a_byte() {
    let all = rows(1_500);
    // The table of bad rows names the files.
    let attributes = "columns.attributes=[\"town\"]";
    let settings = ["--set", attributes, "--window-days", "60", "--set", "clean.quarantine_rows=0"];
    for text_ids in [false, true] {
        let plain = Sandbox::with(table(&all, text_ids));
        let expected = single_runs(&plain, &settings);
        let mut turned = all.clone();
        turned.reverse();
        for (files, group, threads, rows) in [(1, 1 << 20, "1", &all), (3, 97, "8", &all), (5, 50, "3", &turned)] {
            let sandbox = Sandbox::new();
            for (number, part) in rows.chunks(rows.len().div_ceil(files)).enumerate() {
                sandbox.file_of_groups(&format!("{number}.parquet"), table(part, text_ids), group);
            }
            let settings = [&settings[..], &["--threads", threads]].concat();
            assert_same(&series(&sandbox, "out", &settings), &expected, &settings);
        }
    }
}
