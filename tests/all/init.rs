//! `init` through the binary: what it leaves open, what it proposes, and what it points at.

use polars::prelude::*;

use crate::support::{Sandbox, dates, frame};

/// The answer of `init` for one file of these columns, and the file that it wrote.
fn init(columns: Vec<Column>) -> (Sandbox, String, String) {
    let sandbox = Sandbox::with(frame(columns));
    let input = sandbox.input();
    let ran = sandbox.command(&["init", "--input", input.to_str().unwrap(), "--output-file", "my.toml"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let written = std::fs::read_to_string(sandbox.root().join("my.toml")).unwrap();
    (sandbox, ran.stdout, written)
}

fn ids() -> Column {
    Column::new("customer_id".into(), [1_i64, 2, 3])
}

fn amounts() -> Column {
    Column::new("amount".into(), [10.0, 5.0, 7.5])
}

/// 45292 is 2024-01-01 as Excel counts, and 2094-01-02 as days since 1970.
#[test]
fn days_of_excel_are_no_days_since_1970() {
    let (sandbox, answer, written) =
        init(vec![ids(), Column::new("order_ts".into(), [45_292_i64, 45_323, 45_400]), amounts()]);
    for text in [&answer, &written] {
        assert!(text.contains("2024-01-01 to 2024-04-18 as Excel counts days"), "{text}");
        assert!(text.contains("2094-01-02"), "{text}");
    }
    assert!(!written.contains("\nepoch_unit"), "{written}");
    assert!(answer.contains("TO DO epoch unit"), "{answer}");
    // Nothing was decided, so a run says what is missing.
    assert_eq!(sandbox.command(&["run", "--config", "my.toml", "--output", "out"]).code, 3);
}

/// The same with the time of day, in a column of another name.
#[test]
fn days_of_excel_with_a_fraction_are_pointed_at() {
    let days = Column::new("order_date".into(), [45_292.5, 45_323.0, 45_400.25]);
    let (_, answer, _) = init(vec![ids(), days, amounts()]);
    assert!(answer.contains("TO DO `order_date` holds floats, and 45292 to 45400 are 2024-01-01"), "{answer}");
}

#[test]
fn an_event_stream_gets_a_filter_and_runs_with_it() {
    let events = Column::new("event_type".into(), ["view", "purchase", "cart", "purchase"]);
    let (sandbox, answer, written) = init(vec![
        Column::new("user_id".into(), [1_i64, 1, 2, 3]),
        dates("event_time", &["2025-01-01", "2025-01-02", "2025-01-03", "2025-01-04"]),
        Column::new("price".into(), [999.0, 10.0, 50.0, 4.5]),
        events,
    ]);
    assert!(written.contains("\nfilter = \"event_type = 'purchase'\""), "{written}");
    assert!(answer.contains("`event_type` is also `cart`, `view` in the first rows"), "{answer}");
    let ran = sandbox.command(&["run", "--config", "my.toml", "--output", "out", "--format", "json"]);
    let answer: serde_json::Value = serde_json::from_str(ran.stdout.lines().last().unwrap()).unwrap();
    let totals = if answer["totals"].is_object() { &answer["totals"] } else { &answer };
    // 10.00 + 4.50
    assert_eq!(totals["revenue_minor_units"], 1_450, "{answer}");
    let (_, _, written) = init(vec![
        ids(),
        dates("event_time", &["2025-01-01", "2025-01-02", "2025-01-03"]),
        amounts(),
        Column::new("event_type".into(), ["purchase"; 3]),
    ]);
    assert!(!written.contains("\nfilter"), "nothing is to be left out: {written}");
}

#[test]
fn columns_of_currencies_and_refunds_stand_at_the_head_of_the_file() {
    let (_, answer, written) = init(vec![
        ids(),
        dates("order_ts", &["2025-01-01", "2025-01-02", "2025-01-03"]),
        Column::new("total_price".into(), [10.0, 5.0, 7.5]),
        Column::new("currency".into(), ["EUR", "USD", "EUR"]),
        Column::new("total_refunded".into(), [0.0, 5.0, 0.0]),
        Column::new("status".into(), ["completed", "cancelled", "completed"]),
    ]);
    let head = written.split_once("[input]").unwrap().0;
    for text in [answer.as_str(), head] {
        assert!(text.contains("currency: `currency` is `EUR`, `USD` in the first rows"), "{text}");
        assert!(text.contains("set `columns.amount` to total_price - total_refunded"), "{text}");
        assert!(text.contains("such as status NOT IN ('cancelled')"), "{text}");
    }
    assert!(head.lines().filter(|line| line.contains("refunds:")).all(|line| line.starts_with("#: ")), "{head}");
}

/// Visits: ids, dates and words.
#[test]
fn without_a_number_that_could_be_an_amount_there_is_none() {
    let days = ["2025-01-01", "2025-01-02", "2025-01-03"];
    let page = || Column::new("page".into(), ["a", "b", "c"]);
    let (sandbox, answer, written) = init(vec![ids(), dates("visited_at", &days), page()]);
    assert!(written.contains("\namount = \"none\" # guessed because no column"), "{written}");
    assert!(answer.contains("LOOK AT amount: `none`"), "{answer}");
    assert_eq!(sandbox.command(&["run", "--config", "my.toml", "--output", "out", "--quiet"]).code, 0);
    // A number of unknown meaning may be one: that is for people to say.
    let (_, answer, written) = init(vec![
        ids(),
        dates("visited_at", &days),
        Column::new("x".into(), [1_i64, 2, 3]),
        Column::new("y".into(), [1_i64, 2, 3]),
    ]);
    assert!(!written.contains("\namount = "), "{written}");
    assert!(
        answer.contains("TO DO amount: could not be guessed")
            && answer.contains("\"none\" where the input has no amounts"),
        "{answer}"
    );
}

#[test]
fn a_table_of_customers_is_seen_as_one_and_runs() {
    let (sandbox, answer, written) = init(vec![
        ids(),
        dates("first_order", &["2024-01-01", "2024-02-01", "2024-03-01"]),
        dates("most_recent_order", &["2025-01-01", "2025-01-02", "2025-01-03"]),
        Column::new("number_of_orders".into(), [3_i64, 2, 1]),
        Column::new("customer_lifetime_value".into(), [30.0, 20.5, 10.0]),
    ]);
    for line in [
        "grain = \"customers\"",
        "last_order_date = \"most_recent_order\"",
        "orders = \"number_of_orders\"",
        "revenue = \"customer_lifetime_value\"",
        "first_order_date = \"first_order\"",
    ] {
        assert!(written.contains(&format!("\n{line} # guessed")), "{line}: {written}");
    }
    assert!(!written.contains("\namount") && !written.contains("\norder_ts") && !answer.contains("TO DO"), "{answer}");
    let ran = sandbox.command(&["run", "--config", "my.toml", "--output", "out", "--format", "json"]);
    let answer: serde_json::Value = serde_json::from_str(ran.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&answer["totals"]["customers"], &answer["totals"]["revenue_minor_units"]),
        (&serde_json::json!(3), &serde_json::json!(6050))
    );
    let days = Column::new("recency_days".into(), [3_i64, 2, 1]);
    let (_, answer, _) = init(vec![ids(), days, Column::new("orders".into(), [3_i64, 2, 1])]);
    assert!(answer.contains("TO DO as_of:") && answer.contains("TO DO revenue:"), "{answer}");
}
