//! Row filters and computed columns in whole runs: what is kept, what is refused, what files are read.

use polars::prelude::*;

use crate::errors::small;
use crate::support::{Sandbox, integers, minor, orders, texts};

/// Decimals beside numbers and texts: 9.00 is less than 20, and a column of texts is nothing to compare it with.
#[test]
fn a_decimal_is_compared_with_numbers_and_not_with_texts() {
    let sandbox = Sandbox::new();
    let rows =
        df!("customer_id" => [1_i64, 2], "amount" => [9.0, 50.0], "order_ts" => [19_700_i32; 2], "t" => ["9", "50"]);
    let exact = [col("amount").cast(DataType::Decimal(6, 2)), col("order_ts").cast(DataType::Date)];
    sandbox.file("a.parquet", rows.unwrap().lazy().with_columns(exact).collect().unwrap());
    let run = |filter: &str| sandbox.command(&["run", "--input", "in", "--output", "out", "--filter", filter]);
    for filter in ["amount > t", "amount <> 'x'", "amount > TRUE", "amount > DATE '2025-01-01'", "t > 5"] {
        let refused = run(filter);
        assert!(
            refused.code == 2 && refused.stderr.contains("does not fit the columns"),
            "{filter}: {}",
            refused.stderr
        );
    }
    let listed = "amount IN (CAST('50' AS DECIMAL(6,2)), CAST('10' AS DECIMAL(6,2)))";
    for filter in [
        "amount > 20",
        "amount > '20'",
        "amount = 50.00",
        "amount BETWEEN 10 AND 60.5",
        "amount * 2 > 20.5",
        "amount % 9 = 5",
        listed,
    ] {
        let kept = sandbox.published(&run(filter));
        assert_eq!(integers(&kept.table("customers"), "customer_id"), [2], "{filter}");
    }
}

#[test]
fn a_filter_that_fails_on_a_row_is_blamed_and_not_the_file() {
    let sandbox = Sandbox::with(small());
    for (filter, part, what) in [
        ("CAST(amount - 5 AS DECIMAL(12,2)) // CAST(amount - 5 AS DECIMAL(12,2)) = 1", "//", "division by zero"),
        ("customer_id * 9223372036854775807 > 0", "`customer_id * 9223372036854775807`", "overflow"),
        ("CAST(amount * 1000 AS TINYINT) > 0", "CAST(amount * 1000 AS TINYINT)", "out of range"),
    ] {
        let ran = sandbox.try_run(&["--filter", filter]);
        assert_eq!(ran.code, 3, "{}", ran.stderr);
        assert!(ran.stderr.starts_with("error: `input.filter` fails on some of the rows"), "{}", ran.stderr);
        assert!(ran.stderr.contains(part) && ran.stderr.contains(what), "{}", ran.stderr);
        assert!(!ran.stderr.contains(".parquet"), "no file is to blame: {}", ran.stderr);
    }
    let guarded = "amount <> 5 AND 100 // CAST(amount - 5 AS INT) > 9";
    assert_eq!(integers(&sandbox.run(&["--filter", guarded]).table("customers"), "customer_id"), [2]);
}

#[test]
fn a_filter_that_does_not_fit_the_types_is_reported_before_anything_is_read() {
    let sandbox = Sandbox::with(small());
    for filter in ["order_ts >= 'soon'", "customer_id > 'x'", "amount + 1", "customer_id", "nosuch(amount) > 1"] {
        let ran = sandbox.try_run(&["--filter", filter]);
        assert_eq!(ran.code, 2, "{filter}: {}", ran.stderr);
        let message = format!("`input.filter` does not fit the columns of the input: `{filter}`");
        assert!(ran.stderr.contains(&message) && ran.stderr.contains("DATE '2026-10-31'"), "{}", ran.stderr);
        assert!(!ran.stderr.contains("plan"), "nothing of the engine's plan: {}", ran.stderr);
    }
    for filter in [
        "order_ts >= DATE '2000-01-01' AND amount / 2 < 3 AND customer_id IN (1, 2)",
        "order_ts >= '2000-01-01'",
        "order_ts >= TIMESTAMP '2000-01-01 00:00:00'",
    ] {
        let ran = sandbox.try_run(&["--filter", filter, "--allow-empty"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
}

#[test]
fn a_misspelt_name_has_the_nearest_one_beside_it_and_the_rule_about_quotes() {
    let sandbox = Sandbox::with(small());
    let told = |args: &[&str]| {
        let ran = sandbox.try_run(args);
        assert_eq!(ran.code, 3, "{}", ran.stderr);
        ran.stderr
    };
    let filter = told(&["--filter", "amuont > 1"]);
    assert!(filter.contains("did you mean `amount`?") && filter.contains("single quotes"), "{filter}");
    let quotes = told(&["--filter", "customer_id = \"paid\""]);
    assert!(quotes.contains("`paid` is no column of the input") && quotes.contains("'paid'"), "{quotes}");
    let role = told(&["--column", "amount=amount - refnd"]);
    assert!(role.contains("no column is called `amount - refnd`") && role.contains("`refnd`"), "{role}");
    let plain = told(&["--column", "amount=amuont"]);
    assert!(plain.contains("`amuont`: missing"), "a misspelt name is no expression: {plain}");
}

/// A customer per day around midnight in New York: the 1st ends at 5:00 in UTC.
#[test]
fn days_in_filters_are_days_of_the_business_zone() {
    let sandbox = Sandbox::new();
    // 2024-01-02 00:00 in UTC is second 1_704_153_600.
    let hours = [4_i64, 5, 29].map(|hour| (1_704_153_600 + hour * 3_600) * 1_000_000);
    let rows = df!("customer_id" => [1_i64, 2, 3], "amount" => [1.0; 3], "order_ts" => hours).unwrap();
    let instants =
        col("order_ts").cast(DataType::Datetime(TimeUnit::Microseconds, Some(polars::prelude::TimeZone::UTC)));
    sandbox.file("a.parquet", rows.lazy().with_columns([instants]).collect().unwrap());
    let kept = |filter: &str| {
        let ran = sandbox.run(&["--time-zone", "America/New_York", "--filter", filter]);
        integers(&ran.table("customers"), "customer_id")
    };
    assert_eq!(kept("CAST(order_ts AS DATE) = DATE '2024-01-02'"), [2]);
    assert_eq!(kept("order_ts >= TIMESTAMP '2024-01-02 00:00:00'"), [2, 3]);
    assert_eq!(kept("order_ts < DATE '2024-01-03'"), [1, 2]);
    assert_eq!(kept("EXTRACT(DAY FROM order_ts) = 1"), [1]);
    assert_eq!(kept("order_ts = TIMESTAMP '2024-01-02 05:00:00Z'"), [2]);
}

/// Amounts from columns of cents, refunds and kinds. By hand: 1: 10.50 - 0.25 = 10.25; 2: 3.00 - 3.00 = 0.
#[test]
fn amounts_are_computed_exactly() {
    let sandbox = Sandbox::new();
    let rows = df!(
        "who" => ["A@x", "a@X", "b@x"],
        "paid" => [Some(19_723_i32), None, None],
        "made" => [19_720_i32, 19_725, 19_726],
        "cents" => [1_050_i64, 99, 300],
        "back" => [25_i64, 0, 300],
        "kind" => ["sale", "refund", "sale"],
    )
    .unwrap();
    let dates = ["paid", "made"].map(|name| col(name).cast(DataType::Date));
    sandbox.file("a.parquet", rows.lazy().with_columns(dates).collect().unwrap());
    let settings = "[columns]\ncustomer_id = \"lower(who)\"\norder_ts = \"coalesce(paid, made)\"\namount = \"(cents - back) / 100\"\n";
    std::fs::write(sandbox.root().join("rfmetrics.toml"), settings).unwrap();
    let published = sandbox.run(&["--as-of", "2024-01-10"]);
    let customers = published.table("customers");
    assert_eq!(texts(&customers, "customer_id"), ["a@x", "b@x"]);
    // 10.25 + 0.99 of the first; dated day 19_723 (the 1st) and 19_725 (the 3rd).
    assert_eq!(minor(&customers, "revenue"), [1_124, 0]);
    assert_eq!(integers(&customers, "recency_days"), [7, 6]);
    let by_kind = "columns.amount=CASE WHEN kind = 'refund' THEN -cents ELSE cents END / 100";
    let customers = sandbox.run(&["--as-of", "2024-01-10", "--set", by_kind]).table("customers");
    assert_eq!(minor(&customers, "revenue"), [1_050 - 99, 300]);
    // What the check says of them.
    let check = sandbox.command(&["check", "--input", "in", "--as-of", "2024-01-10"]);
    for part in ["lower(who)", "(cents - back) / 100", "decimal(38,2)", "expression"] {
        assert!(check.stdout.contains(part), "{part}: {}", check.stdout);
    }
    let wrong = sandbox.try_run(&["--column", "amount=kind || 'x'"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("expected a float, integer or decimal"), "{}", wrong.stderr);
}

#[test]
fn a_column_whose_name_is_the_whole_text_is_no_expression() {
    let sandbox = Sandbox::new();
    let mut rows = orders(&[(1, 1, "2025-01-01", 5.0)]);
    rows.with_column(Column::new("a".into(), [1.0])).unwrap();
    rows.with_column(Column::new("amount - a".into(), [32.0])).unwrap();
    sandbox.file("a.parquet", rows);
    let revenue = |column: &str| minor(&sandbox.run(&["--column", column]).table("customers"), "revenue");
    assert_eq!(revenue("amount=amount - a"), [3_200]);
    assert_eq!(revenue("amount=amount-a"), [400], "not its name");
    assert_eq!(revenue("amount=\"amount - a\" * 2"), [6_400]);
}

/// Files that the filter rules out by their directories are not opened: damaged pages show it.
#[test]
fn keys_of_directories_are_numbers_and_rule_out_files() {
    let sandbox = Sandbox::new();
    for (month, amount) in [(2, 2.0), (6, 6.0), (10, 10.0)] {
        sandbox.file(&format!("month={month}/a.parquet"), orders(&[(month, 1, "2025-01-01", amount)]));
    }
    let path = sandbox.input().join("month=2/a.parquet");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4..60].fill(0xff);
    std::fs::write(&path, bytes).unwrap();
    let kept = |filter: &str| {
        let ran = sandbox.run(&["--set", "input.hive_partitions=true", "--filter", filter]);
        integers(&ran.table("customers"), "customer_id")
    };
    assert_eq!(kept("month >= 6"), [6, 10]);
    assert_eq!(kept("month >= '6' AND amount > 0"), [6, 10]);
    assert_eq!(kept("month % 4 = 2 AND NOT month IN ('2', 6)"), [10]);
    let ran = sandbox.try_run(&["--set", "input.hive_partitions=true", "--filter", "month >= 2"]);
    assert_eq!(ran.code, 3, "the damaged file is read: {}", ran.stderr);
}
