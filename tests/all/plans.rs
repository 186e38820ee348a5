//! The plans that the engine gets: only the needed columns, one scan per group of files, the filter at the scan.

use std::path::Path;

use polars::prelude::*;
use rfmetrics::config::Config;
use rfmetrics::input::Input;
use rfmetrics::source::scan::{Request, scan};

use crate::support::{Sandbox, frame, minor, orders};

/// Two orders with columns that no run needs.
fn wide() -> DataFrame {
    let mut wide = orders(&[(1, 1, "2025-01-01", 5.0), (2, 2, "2025-01-02", 7.0)]);
    for name in ["aa", "zz", "country"] {
        wide.with_column(Column::new(name.into(), ["DE", "FR"])).unwrap();
    }
    wide
}

fn opened(sandbox: &Sandbox, change: impl FnOnce(&mut Config)) -> (Config, Input) {
    let mut config = Config::default();
    config.input.paths = vec![sandbox.input().to_str().unwrap().to_owned()];
    change(&mut config);
    let input = Input::open(&config, 1).unwrap();
    (config, input)
}

/// The optimised plan of each group.
fn plans(sandbox: &Sandbox, change: impl FnOnce(&mut Config)) -> Vec<String> {
    let (config, input) = opened(sandbox, change);
    let plan = |group| {
        let part = &input.parts[0];
        scan(&part.contract, group, &config.input, Request { filter: part.filter.as_ref(), ..Request::default() })
            .unwrap()
    };
    input.parts[0].groups.iter().map(|group| plan(group).explain(true).unwrap()).collect()
}

fn scans(plan: &str) -> usize {
    plan.matches("SCAN").count()
}

#[test]
fn only_the_needed_columns_are_read() {
    let plans = plans(&Sandbox::with(wide()), |_| ());
    assert_eq!(plans.len(), 1);
    assert_eq!(scans(&plans[0]), 1, "{}", plans[0]);
    // Four of the seven columns of the file; the number of the row is not in the file.
    assert!(plans[0].contains("PROJECT 4/7 COLUMNS"), "{}", plans[0]);
    for unused in ["\"aa\"", "\"zz\"", "\"country\""] {
        assert!(!plans[0].contains(unused), "{}", plans[0]);
    }
}

#[test]
fn a_filter_adds_its_column_and_is_at_the_scan() {
    let plans = plans(&Sandbox::with(wide()), |config| config.input.filter = Some("country = 'DE'".into()));
    assert_eq!(scans(&plans[0]), 1);
    assert!(plans[0].contains("SELECTION: col(\"country\") == \"DE\""), "{}", plans[0]);
    assert!(!plans[0].contains("FILTER"), "the filter was pushed into the scan: {}", plans[0]);
    assert!(!plans[0].contains("\"aa\""), "{}", plans[0]);
}

#[test]
fn rows_that_are_orders_need_no_order_id() {
    use rfmetrics::clean::options::OrdersBy;
    for by in [OrdersBy::Row, OrdersBy::Day] {
        let plans = plans(&Sandbox::with(wide()), |config| config.clean.orders_by = Some(by));
        assert!(!plans[0].contains("order_id"), "{}", plans[0]);
    }
}

#[test]
fn a_computed_amount_does_not_read_the_amount() {
    let mut frame = wide();
    frame.with_column(Column::new("pieces".into(), [1_i32, 2])).unwrap();
    frame.with_column(Column::new("price".into(), [1.5, 2.5])).unwrap();
    let plans = plans(&Sandbox::with(frame), |config| {
        config.columns.quantity = Some("pieces".into());
        config.columns.unit_price = Some("price".into());
    });
    assert!(!plans[0].contains("col(\"amount\")"), "{}", plans[0]);
}

/// Many files of one shape are one scan; a file of another type is a scan of its own; an empty one is none.
#[test]
fn there_is_one_scan_per_group_of_files() {
    let sandbox = Sandbox::new();
    for number in 0..5 {
        sandbox.file(&format!("a{number}.parquet"), wide());
    }
    let mut narrow = wide();
    narrow.with_column(narrow.column("customer_id").unwrap().cast(&DataType::Int32).unwrap()).unwrap();
    sandbox.file("b0.parquet", narrow.clone());
    sandbox.file("b1.parquet", narrow);
    sandbox.file("empty.parquet", wide().head(Some(0)));
    let plans = plans(&sandbox, |_| ());
    assert_eq!(plans.len(), 2);
    assert!(plans.iter().all(|plan| scans(plan) == 1), "{plans:?}");
    let (_, input) = opened(&sandbox, |_| ());
    assert_eq!(input.parts[0].groups.iter().map(|group| group.rows).collect::<Vec<_>>(), [10, 4]);
}

/// Files before and after the window are not opened beyond their footers; the account is the same except for amounts.
#[test]
fn the_window_reaches_the_scan_where_statistics_are_trusted() {
    let sandbox = Sandbox::new();
    sandbox.file("before.parquet", orders(&[(1, 1, "2024-01-01", 5.0), (2, 2, "2024-02-01", 7.0)]));
    sandbox.file("within.parquet", orders(&[(1, 3, "2025-01-01", 11.0), (3, 4, "2025-02-01", 13.0)]));
    sandbox.file("across.parquet", orders(&[(1, 5, "2025-02-02", 17.0), (2, 6, "2026-01-01", 19.0)]));
    sandbox.file("after.parquet", orders(&[(4, 7, "2025-12-31", 23.0)]));
    let cuts = "dates.window_applies_to=everything";
    let window = ["--as-of", "2025-06-30", "--window-days", "365", "--set", cuts];
    let left = sandbox.run(&window).table("quality");
    // Pages that cannot be decoded show which files are read.
    for name in ["before", "after"] {
        let path = sandbox.input().join(format!("{name}.parquet"));
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[4..60].fill(0xff);
        std::fs::write(&path, bytes).unwrap();
    }
    assert_eq!(sandbox.try_run(&window).code, 3);
    let trusting = sandbox.run(&[&window[..], &["--set", "input.trust_statistics=true"]].concat());
    let right = trusting.table("quality");
    assert!(left.column("rows").unwrap().equals_missing(right.column("rows").unwrap()));
    // Outcomes: kept, after_as_of, before_window, ... Cut amounts are 42.00 after and 12.00 before; now both are
    // unknown.
    assert_eq!(minor(&left, "amount")[..3], [4_100, 4_200, 1_200]);
    assert_eq!(right.column("amount").unwrap().null_count(), 2);
    assert_eq!(minor(&trusting.table("customers"), "revenue"), [2_800, 1_300]);
}

/// A row of a scan is found again in its file.
#[test]
fn rows_of_a_scan_are_located_in_their_files() {
    let sandbox = Sandbox::new();
    sandbox.file("a.parquet", wide());
    sandbox.file("b.parquet", frame(wide().columns().iter().map(|column| column.slice(0, 1)).collect()));
    sandbox.file("c.parquet", wide());
    let (_, input) = opened(&sandbox, |_| ());
    let located: Vec<Option<(usize, u64)>> =
        (0..6).map(|row| input.parts[0].groups[0].locate(&input.parts[0].contract, row)).collect();
    assert_eq!(located, [Some((0, 0)), Some((0, 1)), Some((1, 0)), Some((2, 0)), Some((2, 1)), None]);
    let names: Vec<&Path> = input.files().map(|file| file.path.as_path()).collect();
    assert!(names[0].ends_with("a.parquet") && names[2].ends_with("c.parquet"));
}
