//! What is an order, and what becomes of returns.

use polars::prelude::*;

use crate::cleaning::{account, customers, run};
use crate::support::{Sandbox, dates, frame, integers, orders, texts};

/// Order 1: 10.00, partly sent back. 2: sent back in full. 3: 5.00. Customer 2 has only a return.
fn returns() -> DataFrame {
    orders(&[
        (1, 1, "2025-01-01", 10.0),
        (1, 1, "2025-01-01", -4.0),
        (1, 2, "2025-01-05", 7.0),
        (1, 2, "2025-01-05", -7.0),
        (1, 3, "2025-01-03", 5.0),
        (2, 4, "2025-01-04", -2.5),
        (3, 5, "2025-01-04", 0.0),
    ])
}

#[test]
fn returns_are_netted_by_default() {
    let published = run(returns(), &[]);
    assert_eq!(account(&published), "kept 7");
    assert_eq!(customers(&published), "1 3 11.00, 2 1 -2.50, 3 1 0.00");
    let table = published.table("customers");
    assert_eq!(texts(&table, "last_order_date")[0], "2025-01-05");
    let manifest = published.manifest();
    // Orders 2, 4 and 5.
    assert_eq!(manifest["notes"]["orders_not_above_zero"], 3);
    let warning = manifest["warnings"].as_array().unwrap().iter().any(|warning| {
        let text = warning.as_str().unwrap();
        text.contains("3 orders") && text.contains("purchases") && text.contains("drop")
    });
    assert!(warning, "the run says how many, and what the other policies are: {}", manifest["warnings"]);
}

#[test]
fn with_purchases_an_order_of_zero_or_less_is_no_order() {
    let published = run(returns(), &["--returns", "purchases", "--as-of", "2025-01-05"]);
    assert_eq!(account(&published), "kept 3, not_a_purchase 4");
    // 10.00 - 4.00 + 5.00; order 2 changes no date; customers 2 and 3 are left without an order.
    assert_eq!(customers(&published), "1 2 11.00");
    let table = published.table("customers");
    assert_eq!((texts(&table, "last_order_date")[0].as_str(), integers(&table, "recency_days")[0]), ("2025-01-03", 2));
    assert_eq!(published.manifest()["notes"]["customers_without_order"], 2);
}

#[test]
fn with_drop_rows_below_zero_are_left_out() {
    let published = run(returns(), &["--returns", "drop"]);
    assert_eq!(account(&published), "kept 4, return_dropped 3");
    assert_eq!(customers(&published), "1 3 22.00, 3 1 0.00");
}

#[test]
fn what_an_order_is() {
    let table = || {
        orders(&[
            (1, 7, "2025-01-01", 1.0),
            (1, 7, "2025-01-02", 2.0),
            (1, 8, "2025-01-02", 4.0),
            (2, 7, "2025-01-02", 8.0),
        ])
    };
    let shown = |args: &[&str]| {
        let published = run(table(), args);
        let frame = published.table("customers");
        let days = integers(&frame, "purchase_days");
        (customers(&published), days, texts(&frame, "largest_order"))
    };
    // By id: order 7 of customer 1 is one order of 3.00 on its first day; that of customer 2 is another.
    assert_eq!(shown(&[]), ("1 2 7.00, 2 1 8.00".into(), vec![2, 1], vec!["4.00".into(), "8.00".into()]));
    assert_eq!(shown(&["--orders-by", "order_id"]), shown(&[]));
    assert_eq!(
        shown(&["--orders-by", "row"]),
        ("1 3 7.00, 2 1 8.00".into(), vec![2, 1], vec!["4.00".into(), "8.00".into()])
    );
    assert_eq!(
        shown(&["--orders-by", "day"]),
        ("1 2 7.00, 2 1 8.00".into(), vec![2, 1], vec!["6.00".into(), "8.00".into()])
    );
}

/// A row without an order id is an order by itself, and counted.
#[test]
fn rows_without_an_order_id_are_orders() {
    let table = frame(vec![
        Column::new("customer_id".into(), [1_i64; 4]),
        Column::new("order_id".into(), [Some("x"), None, None, Some("x")]),
        dates("order_ts", &["2025-01-01"; 4]),
        Column::new("amount".into(), [1.0, 2.0, 4.0, 8.0]),
    ]);
    let published = run(table, &[]);
    assert_eq!(customers(&published), "1 3 15.00");
    assert_eq!(texts(&published.table("customers"), "largest_order"), ["9.00"]);
    assert_eq!(published.manifest()["notes"]["rows_without_order_id"], 2);
}

#[test]
fn zero_amounts_can_be_dropped() {
    let published = run(returns(), &["--set", "clean.zero_amounts=drop"]);
    assert_eq!(account(&published), "kept 6, zero_dropped 1");
    assert_eq!(customers(&published), "1 3 11.00, 2 1 -2.50");
}

/// Rows left out by a setting are not bad: `strict` and the share of bad rows do not count them.
#[test]
fn what_a_setting_leaves_out_is_not_bad() {
    let sandbox = Sandbox::with(returns());
    let args = ["--returns", "drop", "--set", "clean.zero_amounts=drop", "--strict", "--max-quarantined-share", "0"];
    assert_eq!(account(&sandbox.run(&args)), "kept 3, return_dropped 3, zero_dropped 1");
    let args = ["--as-of", "2025-01-03", "--strict"];
    assert_eq!(account(&sandbox.run(&args)), "after_as_of 4, kept 3");
}
