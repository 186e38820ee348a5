//! `input.grain = "customers"` through the binary: customers whose orders somebody else has summed.

use std::fs;

use polars::prelude::*;
use serde_json::{Value, json};

use crate::support::{Published, Sandbox, dates, floats, frame, integers, minor, names, render, texts};

pub const GRAIN: [&str; 2] = ["--set", "input.grain=customers"];

/// Five customers as of 2024-01-31: id, last order, orders, revenue.
const ROWS: [(i64, &str, i64, f64); 5] = [
    (10, "2024-01-30", 9, 900.5),
    (20, "2024-01-21", 7, 70.0),
    (30, "2023-12-02", 5, 500.0),
    (40, "2023-07-15", 2, -20.25),
    (50, "2023-01-31", 1, 10.0),
];

fn five() -> DataFrame {
    let last: Vec<&str> = ROWS.iter().map(|row| row.1).collect();
    frame(vec![
        Column::new("customer_id".into(), ROWS.map(|row| row.0)),
        dates("last_order_date", &last),
        Column::new("orders".into(), ROWS.map(|row| row.2)),
        Column::new("revenue".into(), ROWS.map(|row| row.3)),
    ])
}

fn run(sandbox: &Sandbox, more: &[&str]) -> Published {
    sandbox.run(&[&GRAIN[..], &["--as-of", "2024-01-31"], more].concat())
}

fn refused(sandbox: &Sandbox, more: &[&str]) -> String {
    let ran = sandbox.try_run(&[&GRAIN[..], more].concat());
    assert_ne!(ran.code, 0, "{}", ran.stdout);
    assert!(sandbox.visible().is_empty(), "nothing is published");
    ran.stderr
}

#[test]
fn customers_are_scored_as_they_are_given() {
    let published = run(&Sandbox::with(five()), &[]);
    let customers = published.table("customers");
    // Days from 2024-01-30, 2024-01-21, 2023-12-02, 2023-07-15 and 2023-01-31 to 2024-01-31.
    assert_eq!(integers(&customers, "recency_days"), [1, 10, 60, 200, 365]);
    assert_eq!(integers(&customers, "orders"), [9, 7, 5, 2, 1]);
    assert_eq!(minor(&customers, "revenue"), [90_050, 7_000, 50_000, -2_025, 1_000]);
    // 900.50 / 9, 70 / 7, 500 / 5, -20.25 / 2, 10 / 1.
    assert_eq!(floats(&customers, "average_order_value"), [900.5 / 9.0, 10.0, 100.0, -10.125, 10.0]);
    // Of five different values the type 7 quantiles at 0.2, .. 0.8 lie between neighbours: one customer per score.
    assert_eq!(texts(&customers, "cell"), ["555", "443", "334", "221", "112"]);
    assert_eq!(texts(&customers, "segment"), ["champions", "loyal", "needs_attention", "hibernating", "hibernating"]);
    // Means: 127.2 days, 4.8 orders, 292.05 of money.
    assert_eq!(texts(&customers, "octant"), ["111", "110", "111", "000", "000"]);
    // 1460.25 in all. A while the share before is below 0.80: 0 and 0.617; then 0.959 and more.
    assert_eq!(texts(&customers, "abc_class"), ["A", "C", "A", "C", "C"]);
    assert_eq!(integers(&customers, "revenue_rank"), [1, 3, 2, 5, 4]);
    for unknown in ["first_order_date", "tenure_days", "purchase_days", "transactions", "largest_order"] {
        assert_eq!(texts(&customers, unknown), ["-"; 5], "{unknown}");
    }
    assert_eq!(minor(&published.table("segments"), "revenue").iter().sum::<i128>(), 146_025);
}

#[test]
fn what_the_table_lacks_is_told_by_run_check_and_manifest() {
    let sandbox = Sandbox::with(five());
    let published = run(&sandbox, &[]);
    let manifest = published.manifest();
    let left_out: Vec<(Value, Value)> = manifest["notes"]["left_out"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["because"].clone(), entry["null_columns"].clone()))
        .collect();
    let of =
        |because: &str, columns: &[&str]| (json!(format!("the table of customers has no {because}")), json!(columns));
    let expected = [
        of("date of the first order", &["first_order_date", "tenure_days"]),
        of("number of purchase days", &["purchase_days"]),
        of("number of transactions", &["transactions"]),
        of("largest order", &["largest_order"]),
    ];
    assert_eq!(left_out, expected);
    let ran = sandbox.command(&["run", "--input", "in", "--output", "again", "--set", "input.grain=customers"]);
    assert!(
        ran.stdout.contains("left out: the table of customers has no largest order; null: largest_order"),
        "{}",
        ran.stdout
    );
    let json = ["run", "--input", "in", "--output", "again", "--set", "input.grain=customers", "--format", "json"];
    let answer: Value = serde_json::from_str(&sandbox.command(&json).stdout).unwrap();
    assert_eq!(answer["left_out"], manifest["notes"]["left_out"]);
    let check = ["check", "--input", "in", "--output", "again", "--set", "input.grain=customers"];
    let checked = sandbox.command(&check);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    for part in
        ["each row is a customer", "revenue", "last_order_date", "has no number of transactions; null: transactions"]
    {
        assert!(checked.stdout.contains(part), "{part}: {}", checked.stdout);
    }
    let answer: Value =
        serde_json::from_str(&sandbox.command(&[&check[..], &["--format", "json"]].concat()).stdout).unwrap();
    assert_eq!(answer["left_out"], manifest["notes"]["left_out"], "known before a row is read");
}

#[test]
fn days_since_the_last_order_are_as_good_as_its_date() {
    let by_date = run(&Sandbox::with(five()), &[]);
    let mut table = five().drop("last_order_date").unwrap();
    // Whole numbers of any type: these are floats.
    table.with_column(Column::new("days".into(), [1.0, 10.0, 60.0, 200.0, 365.0])).unwrap();
    let sandbox = Sandbox::with(table);
    let by_days = run(&sandbox, &["--column", "recency_days=days"]);
    assert_eq!(by_days.bytes()["customers.parquet"], by_date.bytes()["customers.parquet"]);
    let told = sandbox.try_run(&[&GRAIN[..], &["--column", "recency_days=days"]].concat());
    assert!(
        told.code == 2
            && told.stderr.contains("`dates.as_of`")
            && told.stderr.contains("`columns.recency_days` is set"),
        "{}",
        told.stderr
    );
    let told = sandbox.try_run(
        &[&GRAIN[..], &["--column", "recency_days=days", "--column", "last_order_date=d", "--as-of", "2024-01-31"]]
            .concat(),
    );
    assert!(told.stderr.contains("leave out one of them"), "{}", told.stderr);
    // An expression computes them.
    let computed = run(&sandbox, &["--column", "recency_days=days + 0", "--column", "revenue=revenue * 1"]);
    assert_eq!(computed.bytes()["customers.parquet"], by_date.bytes()["customers.parquet"]);
}

#[test]
fn rows_that_cannot_be_are_quarantined_with_their_reason() {
    let last = [
        "2024-01-30",
        "2024-02-01",
        "2024-01-01",
        "2024-01-01",
        "2024-01-01",
        "2024-01-01",
        "2024-01-01",
        "2024-01-01",
    ];
    let first = [
        "2023-01-01",
        "2023-01-01",
        "2024-01-02",
        "2023-01-01",
        "2023-01-01",
        "2023-01-01",
        "2023-01-01",
        "2023-01-01",
    ];
    let table = frame(vec![
        Column::new("customer_id".into(), (1..=8_i64).collect::<Vec<_>>()),
        dates("last_order_date", &last),
        Column::new(
            "orders".into(),
            [Some(3.0), Some(3.0), Some(3.0), Some(-1.0), None, Some(1.5), Some(2.0), Some(0.0)],
        ),
        Column::new(
            "revenue".into(),
            [Some(1.5), Some(2.0), Some(4.0), Some(8.0), Some(16.0), Some(32.0), Some(64.0), Some(0.25)],
        ),
        dates("first_order_date", &first),
        Column::new("purchase_days".into(), [3_i64, 3, 3, 1, 1, 1, 3, 0]),
        Column::new(
            "largest_order".into(),
            [Some(1.0), Some(1.0), Some(1.0), Some(1.0), Some(1.0), Some(1.0), Some(1.0), None],
        ),
    ]);
    let published = run(&Sandbox::with(table), &["--max-quarantined-share", "0.9"]);
    let expected = json!({"kept": 2, "last_order_after_as_of": 1, "first_order_after_last": 1, "null_count": 1, "count_out_of_range": 3});
    assert_eq!(json!(published.outcomes()), expected);
    let quality = published.table("quality");
    assert_eq!(integers(&quality, "rows").iter().sum::<i64>(), 8, "every row is accounted for");
    // 1.50 and 0.25 are kept; of counts 8, 32 and 64.
    let money = |outcome: &str| {
        let row = texts(&quality, "outcome").iter().position(|name| name == outcome).unwrap();
        minor(&quality, "amount")[row]
    };
    assert_eq!([money("kept"), money("count_out_of_range"), money("null_count")], [175, 10_400, 1_600]);
    let rejected = published.table("quarantine");
    let mut reasons: Vec<(String, i64)> =
        texts(&rejected, "reason").into_iter().zip(integers(&rejected, "row")).collect();
    reasons.sort();
    let expected = [
        ("count_out_of_range", 3),
        ("count_out_of_range", 5),
        ("count_out_of_range", 6),
        ("first_order_after_last", 2),
        ("last_order_after_as_of", 1),
        ("null_count", 4),
    ];
    assert_eq!(reasons, expected.map(|(reason, row)| (reason.to_owned(), row)));
    // Who has no order is a customer with none: no average, no largest order, the lowest F and M.
    let customers = published.table("customers");
    assert_eq!(texts(&customers, "largest_order"), ["1.00", "-"]);
    assert_eq!(texts(&customers, "average_order_value")[1], "-");
    assert_eq!((integers(&customers, "f_score")[1], integers(&customers, "m_score")[1]), (1, 1));
    assert_eq!(minor(&customers, "revenue").iter().sum::<i128>(), 175, "the money that is kept");
}

#[test]
fn a_customer_with_several_rows_is_an_error_that_names_the_rows() {
    let sandbox = Sandbox::with(five());
    sandbox.file("b.parquet", five().slice(1, 2));
    let told = refused(&sandbox, &["--as-of", "2024-01-31"]);
    assert!(told.contains("2 customers have several rows, expected one row per customer"), "{told}");
    for part in
        ["customer `20`: 2 rows: row 1 of", "a.parquet`, row 0 of", "b.parquet`", "customer `30`: 2 rows: row 2 of"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    fs::write(sandbox.root().join("key"), "0123456789abcdef0123456789abcdef").unwrap();
    let told = refused(&sandbox, &["--as-of", "2024-01-31", "--hash-ids", "--hash-key-file", "key"]);
    assert!(told.contains("a customer: 2 rows") && !told.contains("`20`"), "ids that are to be hidden are: {told}");
    // A row that is not used is none of theirs.
    sandbox.file("b.parquet", five().slice(1, 2).lazy().with_column(lit(-1_i64).alias("orders")).collect().unwrap());
    assert_eq!(run(&sandbox, &[]).outcomes()["count_out_of_range"], 2);
}

#[test]
fn settings_of_single_orders_are_refused_all_at_once() {
    let sandbox = Sandbox::with(five());
    let more = [
        "--window-days",
        "30",
        "--returns",
        "drop",
        "--dedupe",
        "--orders-by",
        "day",
        "--predict",
        "auto",
        "--set",
        "input.interactions=orders > 1",
        "--column",
        "amount=revenue",
    ];
    let told = refused(&sandbox, &more);
    for key in [
        "dates.window_days",
        "clean.returns",
        "clean.dedupe",
        "clean.orders_by",
        "predict.model",
        "input.interactions",
        "columns.amount",
    ] {
        assert!(told.contains(&format!("`{key}`")), "{key}: {told}");
    }
    assert!(told.contains("expected `columns.revenue` instead"), "{told}");
    let told = sandbox.try_run(&["--column", "orders=orders"]).stderr;
    assert!(told.contains("`input.grain = \"customers\"` with it"), "{told}");
}

#[test]
fn what_cannot_be_scored_is_refused_with_the_column_to_name() {
    let sandbox = Sandbox::with(five());
    let told = refused(&sandbox, &["--set", "score.frequency.measure=purchase_days"]);
    assert!(
        told.contains("`purchase_days` is to be scored, and is not known") && told.contains("`columns.purchase_days`"),
        "{told}"
    );
    let told = refused(&sandbox, &["--map", "lifecycle"]);
    for part in [
        "`lifecycle` looks at what is not known",
        "no date of the first order",
        "no number of purchase days",
        "`rf25`",
        "`octants`",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("`lifecycle`,"), "it is not among those that fit: {told}");
    let told = refused(&sandbox, &["--column", "orders=count_of_orders"]);
    assert!(told.contains("`count_of_orders`: missing") && told.contains("--column orders=THEIR_NAME"), "{told}");
    let told = refused(&sandbox, &["--column", "first_order_date=begun"]);
    assert!(told.contains("`begun`: missing"), "a name that was set must be there: {told}");
}

#[test]
fn attributes_margins_filters_and_hidden_ids_work_as_for_transactions() {
    let mut table = five();
    table.with_column(Column::new("country".into(), ["DE", "FR", "DE", "DE", "FR"])).unwrap();
    table.with_column(Column::new("profit".into(), [90.0, 7.0, 50.0, -2.0, 1.0])).unwrap();
    let sandbox = Sandbox::with(table);
    let more = ["--filter", "country = 'DE'", "--set", "columns.attributes=[\"country\"]", "--column", "margin=profit"];
    let published = run(&sandbox, &more);
    let customers = published.table("customers");
    assert_eq!(
        (texts(&customers, "country"), minor(&customers, "margin")),
        (vec!["DE".to_owned(); 3], vec![9_000, 5_000, -200])
    );
    assert_eq!(published.manifest()["notes"]["rows_filtered"], 2);
    assert_eq!(published.manifest()["totals"]["margin_minor_units"], 13_800);
    fs::write(sandbox.root().join("key"), "0123456789abcdef0123456789abcdef").unwrap();
    let hashed = run(&sandbox, &[&more[..], &["--hash-ids", "--hash-key-file", "key"]].concat());
    let mut revenue = minor(&hashed.table("customers"), "revenue");
    revenue.sort_unstable();
    assert_eq!(revenue, [-2_025, 50_000, 90_050]);
    // Without a date the attributes are there all the same.
    let mut by_days = five().drop("last_order_date").unwrap();
    by_days.with_column(Column::new("days".into(), [1_i64, 10, 60, 200, 365])).unwrap();
    by_days.with_column(Column::new("country".into(), ["DE", "FR", "DE", "DE", "FR"])).unwrap();
    let published =
        run(&Sandbox::with(by_days), &["--column", "recency_days=days", "--set", "columns.attributes=[\"country\"]"]);
    assert_eq!(texts(&published.table("customers"), "country"), ["DE", "FR", "DE", "DE", "FR"]);
}

#[test]
fn tables_are_the_same_whatever_the_order_of_rows_and_files() {
    let plain = run(&Sandbox::with(five()), &[]);
    let turned = Sandbox::with(five().slice(3, 2));
    turned.file("b.parquet", five().slice(0, 3).reverse());
    let turned = run(&turned, &["--threads", "1"]);
    for (name, bytes) in plain.bytes() {
        assert!(turned.bytes()[&name] == bytes, "{name}");
    }
}

#[test]
fn a_customer_is_explained_by_their_row() {
    let sandbox = Sandbox::with(five());
    let explain = |more: &[&str]| {
        let ran =
            sandbox.command(&[&["explain", "20", "--input", "in", "--as-of", "2024-01-31"], &GRAIN[..], more].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    };
    let text = explain(&[]);
    for part in [
        "cell            443",
        "orders         7 orders\n",
        "last            2024-01-21: 10 days ago",
        "70.00; on average 10.00 per order\n",
        "1 = 1 kept",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let json: Value = serde_json::from_str(&explain(&["--format", "json"])).unwrap();
    assert_eq!(json["standing"]["measures"]["first_order_date"], Value::Null);
    assert_eq!(json["standing"]["measures"]["revenue"], 70.0);
}

#[test]
fn a_table_of_customers_without_amounts_has_recency_and_frequency() {
    let sandbox = Sandbox::with(five().drop("revenue").unwrap());
    let told = refused(&sandbox, &[]);
    assert!(told.contains("`revenue`: missing") && told.contains("`--column revenue=none`"), "{told}");
    let published = run(&sandbox, &["--column", "revenue=none"]);
    let customers = published.table("customers");
    assert_eq!(texts(&customers, "cell"), ["55", "44", "33", "22", "11"]);
    assert_eq!(
        (texts(&customers, "revenue"), texts(&customers, "m_score")),
        (vec!["-".to_owned(); 5], vec!["-".to_owned(); 5])
    );
    assert!(!published.path.join("abc.parquet").exists());
}

#[test]
fn empty_tables_have_their_columns() {
    let published = run(&Sandbox::with(five().head(Some(0))), &["--allow-empty"]);
    let customers = published.table("customers");
    assert_eq!(customers.height(), 0);
    assert_eq!(names(&customers), names(&run(&Sandbox::with(five()), &[]).table("customers")));
    assert!(render(&published.table("quality"), &["as_of"]).contains("last_order_after_as_of | 0"));
}
