//! What is an order, and what becomes of returns.

use polars::prelude::*;
use serde_json::json;

use crate::cleaning::{account, customers, run};
use crate::support::{Published, Sandbox, dates, frame, integers, orders, texts};

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

fn warns(published: &Published, words: &[&str]) -> bool {
    let warnings = published.manifest()["warnings"].clone();
    warnings.as_array().unwrap().iter().any(|text| words.iter().all(|word| text.as_str().unwrap().contains(word)))
}

/// Order 2 was taken back, order 4 is a credit note; order 5 is free, and a purchase.
#[test]
fn returns_lower_revenue_and_are_no_orders_by_default() {
    let published = run(returns(), &["--as-of", "2025-01-05"]);
    assert_eq!(account(&published), "kept 7");
    assert_eq!(customers(&published), "1 2 11.00, 3 1 0.00");
    let table = published.table("customers");
    assert_eq!(texts(&table, "last_order_date"), ["2025-01-03", "2025-01-04"]);
    assert_eq!(integers(&table, "transactions"), [3, 1]);
    let notes = published.manifest()["notes"].clone();
    assert_eq!((&notes["orders_not_above_zero"], &notes["returns"]), (&json!(3), &json!(2)));
    assert_eq!((&notes["customers_without_order"], &notes["returns_minor_units"]), (&json!(1), &json!(-250)));
    assert_eq!(notes["revenue_without_order_minor_units"], -250);
    assert!(warns(&published, &["2 orders are returns", "-2.50"]) && warns(&published, &["1 customers", "-2.50"]));
}

#[test]
fn every_order_id_counts_where_it_is_taken_literally() {
    let published = run(returns(), &["--returns", "literal"]);
    assert_eq!(account(&published), "kept 7");
    assert_eq!(customers(&published), "1 3 11.00, 2 1 -2.50, 3 1 0.00");
    assert_eq!(texts(&published.table("customers"), "last_order_date")[0], "2025-01-05");
    // Orders 2, 4 and 5.
    assert!(warns(&published, &["3 orders are not above zero", "clean.returns"]));
}

/// A later line takes order 1 back, far from its first one and behind many others; the rows are judged as one order.
#[test]
fn an_order_is_judged_by_all_its_lines_wherever_they_lie() {
    let mut lines = vec![(1, 1, "2025-01-01", 10.0)];
    lines.extend((0..3_000).map(|number| (1 + number % 7, 100 + number, "2025-01-02", 1.0)));
    lines.push((1, 1, "2025-01-20", -10.0));
    let published = run(orders(&lines), &["--as-of", "2025-01-20"]);
    let table = published.table("customers");
    // Customer 1: 429 orders of 1.00, those whose number divided by 7 leaves 0.
    assert_eq!((texts(&table, "first_order_date")[0].as_str(), integers(&table, "orders")[0]), ("2025-01-02", 429));
    assert_eq!(texts(&table, "revenue")[0], "429.00");
    // As of the day before it was taken back, it is an order.
    let before = run(orders(&lines), &["--as-of", "2025-01-19"]).table("customers");
    assert_eq!((texts(&before, "first_order_date")[0].as_str(), integers(&before, "orders")[0]), ("2025-01-01", 430));
}

/// Customer 1 bought before the window and in it, customer 2 before it alone; order 2 was opened before it.
#[test]
fn a_window_selects_orders_by_their_day_for_frequency_and_money() {
    let table = orders(&[
        (1, 1, "2024-06-01", 50.0),
        (1, 2, "2024-12-31", 20.0),
        (1, 2, "2025-01-03", -5.0),
        (1, 3, "2025-01-05", 7.0),
        (1, 4, "2025-01-06", -3.0),
        (2, 5, "2024-05-01", 9.0),
    ]);
    // (2025-01-10 - 10, 2025-01-10]: from 2025-01-01 on.
    let published = run(table, &["--as-of", "2025-01-10", "--window-days", "10"]);
    assert_eq!(account(&published), "kept 6");
    // 7.00 - 3.00: the line of -5.00 belongs to an order from before.
    assert_eq!(customers(&published), "1 1 4.00, 2 0 0.00");
    let customers = published.table("customers");
    assert_eq!(texts(&customers, "first_order_date"), ["2024-06-01", "2024-05-01"]);
    assert_eq!(texts(&customers, "last_order_date"), ["2025-01-05", "2024-05-01"]);
    assert_eq!(integers(&customers, "purchase_days"), [1, 0]);
    // 50.00 + 15.00 + 9.00.
    assert_eq!(published.manifest()["notes"]["revenue_before_window_minor_units"], 7_400);
}

#[test]
fn orders_whose_lines_lie_far_apart_are_counted() {
    let table = orders(&[(1, 17, "2025-01-02", 10.0), (1, 17, "2025-02-02", 5.0), (2, 18, "2025-01-02", 5.0)]);
    assert!(warns(&run(table, &[]), &["1 orders have lines more than 30 days apart"]));
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
    // Orders 2, 4 and 5: 0.00 - 2.50 + 0.00.
    assert!(warns(&published, &["4 rows", "-2.50"]));
}

#[test]
fn with_drop_rows_below_zero_are_left_out() {
    let published = run(returns(), &["--returns", "drop"]);
    assert_eq!(account(&published), "kept 4, return_dropped 3");
    assert_eq!(customers(&published), "1 3 22.00, 3 1 0.00");
    // -4.00 - 7.00 - 2.50.
    assert!(warns(&published, &["3 rows", "-13.50"]));
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
    assert_eq!(customers(&published), "1 2 11.00");
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
