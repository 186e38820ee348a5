//! Row filters that cannot be evaluated: on columns of these types, or on some of the rows.

use polars::prelude::*;

use crate::errors::small;
use crate::support::Sandbox;

/// The engine compares decimals with texts as texts: 9.00 would be more than 20.
#[test]
fn a_decimal_is_not_compared_with_a_text() {
    let sandbox = Sandbox::new();
    let rows = df!("customer_id" => [1_i64, 2], "amount" => [9.0, 50.0], "order_ts" => [19_700_i32; 2]).unwrap();
    let exact = [col("amount").cast(DataType::Decimal(6, 2)), col("order_ts").cast(DataType::Date)];
    sandbox.file("a.parquet", rows.lazy().with_columns(exact).collect().unwrap());
    let run = |filter: &str| sandbox.command(&["run", "--input", "in", "--output", "out", "--filter", filter]);
    for filter in [
        "amount > '20'",
        "amount BETWEEN '5' AND '10'",
        "amount <> 'x'",
        "amount % 2 = 0",
        "amount > TRUE",
        "amount > DATE '2025-01-01'",
    ] {
        let refused = run(filter);
        assert!(
            refused.code == 2 && refused.stderr.contains("does not fit the columns"),
            "{filter}: {}",
            refused.stderr
        );
    }
    let listed = "amount IN (CAST('50' AS DECIMAL(6,2)), CAST('10' AS DECIMAL(6,2)))";
    for filter in ["amount > 20", "amount = 50.00", "amount BETWEEN 10 AND 60.5", "amount * 2 > 20.5", listed] {
        assert_eq!(run(filter).code, 0, "{filter}");
    }
}

#[test]
fn a_filter_that_fails_on_a_row_is_blamed_and_not_the_file() {
    let sandbox = Sandbox::with(small());
    let ran =
        sandbox.try_run(&["--filter", "CAST(amount - 5 AS DECIMAL(12,2)) / CAST(amount - 5 AS DECIMAL(12,2)) = 1"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.starts_with("error: `input.filter` fails on some of the rows"), "{}", ran.stderr);
    assert!(ran.stderr.contains("division by zero"), "{}", ran.stderr);
}

#[test]
fn a_filter_that_does_not_fit_the_types_is_reported_before_anything_is_read() {
    let sandbox = Sandbox::with(small());
    for filter in ["order_ts >= '2025-02-01'", "customer_id > 'x'", "amount + 1", "customer_id"] {
        let ran = sandbox.try_run(&["--filter", filter]);
        assert_eq!(ran.code, 2, "{filter}: {}", ran.stderr);
        let message = format!("`input.filter` does not fit the columns of the input: `{filter}`");
        assert!(ran.stderr.contains(&message) && ran.stderr.contains("DATE '2026-10-31'"), "{}", ran.stderr);
        assert!(!ran.stderr.contains("plan"), "nothing of the engine's plan: {}", ran.stderr);
    }
    let ran =
        sandbox.try_run(&["--filter", "order_ts >= DATE '2000-01-01' AND amount / 2 < 3 AND customer_id IN (1, 2)"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!ran.stderr.contains("Polars"), "what the engine will drop one day: {}", ran.stderr);
}
