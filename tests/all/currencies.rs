//! Amounts in several currencies through the binary: conversion, what is judged after it, and what is told of it, on numbers that
//! can be checked by hand. Tables of rates are in `currency_rates`.

use std::fs::{self, File};

use polars::prelude::*;
use serde_json::json;

use crate::support::{Published, Ran, Sandbox, dates, frame, integers, minor, names, texts};

/// Customer, order, date, amount, currency.
pub type Line = (i64, i64, &'static str, f64, Option<&'static str>);

pub fn table(lines: &[Line]) -> DataFrame {
    frame(vec![
        Column::new("customer_id".into(), lines.iter().map(|line| line.0).collect::<Vec<_>>()),
        Column::new("order_id".into(), lines.iter().map(|line| line.1).collect::<Vec<_>>()),
        dates("order_ts", &lines.iter().map(|line| line.2).collect::<Vec<_>>()),
        Column::new("amount".into(), lines.iter().map(|line| line.3).collect::<Vec<_>>()),
        Column::new("currency".into(), lines.iter().map(|line| line.4).collect::<Vec<_>>()),
    ])
}

/// Writes a table of rates beside the input.
pub fn put_rates(sandbox: &Sandbox, mut rates: DataFrame) {
    let file = File::create(sandbox.root().join("rates.parquet")).unwrap();
    ParquetWriter::new(file).finish(&mut rates).unwrap();
}

pub fn rates(rows: &[(&str, &str, &str)]) -> DataFrame {
    frame(vec![
        Column::new("currency".into(), rows.iter().map(|row| row.0).collect::<Vec<_>>()),
        dates("day", &rows.iter().map(|row| row.1).collect::<Vec<_>>()),
        Column::new("rate".into(), rows.iter().map(|row| row.2).collect::<Vec<_>>()),
    ])
}

pub const CONVERTED: [&str; 8] = [
    "--as-of",
    "2025-01-31",
    "--column",
    "currency=currency",
    "--set",
    "currency.base=EUR",
    "--set",
    "currency.rates=rates.parquet",
];

pub fn run(sandbox: &Sandbox, more: &[&str]) -> Published {
    sandbox.run(&[&CONVERTED[..], more].concat())
}

pub fn revenues(published: &Published) -> Vec<(i64, i128)> {
    let customers = published.table("customers");
    integers(&customers, "customer_id").into_iter().zip(minor(&customers, "revenue")).collect()
}

/// 2025-01-05 is a Sunday: the rate of Thursday counts.
pub const RATES: [(&str, &str, &str); 5] = [
    ("USD", "2025-01-02", "0.9700"),
    ("USD", "2025-01-06", "0.9655"),
    ("GBP", "2025-01-02", "1.2085"),
    ("JPY", "2025-01-02", "0.00613"),
    ("XAU", "2025-01-02", "2500"),
];

pub const LINES: [Line; 12] = [
    // 100.00 * 0.97 = 97.00; 10.05 * 0.97 = 9.7485; -10.00 * 0.9655 = -9.655, half away from zero -9.66.
    (1, 10, "2025-01-02", 100.0, Some("USD")),
    (1, 11, "2025-01-05", 10.05, Some("USD")),
    (1, 12, "2025-01-06", -10.0, Some("usd")),
    // 1250 * 0.00613 = 7.6625; 5.005 of the base itself.
    (2, 20, "2025-01-03", 1_250.0, Some("JPY")),
    (2, 21, "2025-01-03", 5.005, Some("EUR")),
    // 20.00 * 1.2085 = 24.17, of a rate of seven days before; a day later it is too old, and before the first there is none.
    (3, 30, "2025-01-09", 20.0, Some(" GBP")),
    (3, 31, "2025-01-10", 20.0, Some("GBP")),
    (3, 32, "2025-01-01", 20.0, Some("USD")),
    (4, 40, "2025-01-03", 9.0, Some("CHF")),
    (4, 41, "2025-01-03", 9.0, None),
    (4, 42, "2025-01-03", 9.0, Some(" ")),
    (5, 50, "2025-01-04", 1.0, Some("eur")),
];

pub fn example() -> Sandbox {
    let sandbox = Sandbox::with(table(&LINES));
    put_rates(&sandbox, rates(&RATES));
    sandbox
}

#[test]
fn each_row_is_converted_once_by_the_latest_rate_on_or_before_its_day() {
    let sandbox = example();
    let published = run(&sandbox, &[]);
    // 97.00 + 9.75 - 9.66; 7.66 + 5.01.
    assert_eq!(revenues(&published), [(1, 9_709), (2, 1_267), (3, 2_417), (5, 100)]);
    let customers = published.table("customers");
    assert_eq!(minor(&customers, "largest_order"), [9_700, 766, 2_417, 100]);
    assert_eq!(integers(&customers, "orders"), [2, 2, 1, 1], "the return is no order");
    let outcomes = published.outcomes();
    assert_eq!((outcomes["kept"], outcomes["missing_rate"], outcomes["null_currency"]), (7, 3, 2));
    let quality = published.table("quality");
    let (kept, all) = (minor(&quality, "amount")[0], texts(&quality, "outcome"));
    assert_eq!(kept, 9_709 + 1_267 + 2_417 + 100);
    assert_eq!(all[all.len() - 2..], ["null_currency", "missing_rate"]);
    // 5.005 alone has more decimals than money; what is converted is rounded by that.
    assert_eq!(texts(&quality, "rounded_amounts")[0], "1");

    let quarantine = published.table("quarantine");
    let shown = |name: &str| texts(&quarantine, name);
    let mut rows: Vec<(String, String, String)> = shown("reason")
        .into_iter()
        .zip(shown("order_id"))
        .zip(shown("currency"))
        .map(|((a, b), c)| (a, b, c))
        .collect();
    rows.sort();
    let expected = [
        ("missing_rate", "31", "GBP"),
        ("missing_rate", "32", "USD"),
        ("missing_rate", "40", "CHF"),
        ("null_currency", "41", "-"),
        ("null_currency", "42", " "),
    ];
    assert_eq!(rows, expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())));
    assert_eq!(published.warning_codes().iter().filter(|code| *code == "missing_rates").count(), 1);
    let warning = published.manifest()["warnings"].to_string();
    assert!(warning.contains("3 rows have no rate") && warning.contains("CHF 1, GBP 1, USD 1"), "{warning}");
}

#[test]
fn the_manifest_and_the_summary_say_what_was_converted_by_which_rates() {
    let sandbox = example();
    let published = run(&sandbox, &[]);
    let currency = published.manifest()["currency"].clone();
    let rows = |currency: &str, kept: u64, without: u64| json!({"currency": currency, "rows_kept": kept, "rows_without_rate": without});
    assert_eq!(currency["base"], "EUR");
    assert_eq!(
        currency["rows"],
        json!([rows("CHF", 0, 1), rows("EUR", 2, 0), rows("GBP", 1, 1), rows("JPY", 1, 0), rows("USD", 3, 1)])
    );
    assert_eq!(
        currency["oldest_rate"],
        json!({"currency": "GBP", "rate_date": "2025-01-02", "row_date": "2025-01-09", "age_days": 7})
    );
    let rates = &currency["rates"];
    assert_eq!((&rates["rates"], &rates["currencies"]), (&json!(5), &json!(4)));
    assert_eq!((&rates["first_day"], &rates["last_day"]), (&json!("2025-01-02"), &json!("2025-01-06")));
    let bytes = fs::read(sandbox.root().join("rates.parquet")).unwrap();
    let file = &rates["files"][0];
    assert_eq!((&file["rows"], &file["bytes"]), (&json!(5), &json!(bytes.len())));
    let sha256 = std::process::Command::new("sha256sum").arg(sandbox.root().join("rates.parquet")).output().unwrap();
    let sha256 = String::from_utf8(sha256.stdout).unwrap();
    assert_eq!(file["sha256"].as_str(), sha256.split_whitespace().next());

    let all = [&["run", "--input", "in", "--output", "out"], &CONVERTED[..]].concat();
    let told = sandbox.command(&all).stdout;
    let expected = "amounts in EUR, converted by row: 3 USD + 2 EUR + 1 GBP + 1 JPY; the oldest rate was 7 days old (GBP on \
                    2025-01-09)";
    assert!(told.contains(expected), "{told}");
    // Without the setting nothing is told, and no table has more rows or columns.
    let plain = sandbox.run(&CONVERTED[..2]);
    assert_eq!(plain.manifest().get("currency"), None);
    assert!(!names(&plain.table("quarantine")).contains(&"currency"));
    assert!(!texts(&plain.table("quality"), "outcome").contains(&"missing_rate".to_owned()));
}

#[test]
fn a_purchase_is_told_from_a_return_after_conversion() {
    // Of customer 1 order 10 is 100 - 1 as it stands, and 0.61 - 1.00 in euros; order 11 is 0.5 yen, which is 0.00 and free.
    // Of customer 2 order 20 is -100 + 1 as it stands, and -0.61 + 1.00 in euros.
    let lines = [
        (1, 10, "2025-01-03", 100.0, Some("JPY")),
        (1, 10, "2025-01-03", -1.0, Some("EUR")),
        (1, 11, "2025-01-03", 0.5, Some("JPY")),
        (2, 20, "2025-01-03", -100.0, Some("JPY")),
        (2, 20, "2025-01-03", 1.0, Some("EUR")),
    ];
    let sandbox = Sandbox::with(table(&lines));
    put_rates(&sandbox, rates(&RATES));
    let published = run(&sandbox, &[]);
    assert_eq!(revenues(&published), [(1, -39), (2, 39)]);
    assert_eq!(integers(&published.table("customers"), "orders"), [1, 1]);
    assert_eq!(published.manifest()["notes"]["returns"], 1);
    // So are zeros, limits and returns that are dropped.
    let outcomes = |set: &str| run(&sandbox, &["--set", set]).outcomes();
    assert_eq!(outcomes("clean.zero_amounts=drop")["zero_dropped"], 1);
    assert_eq!(outcomes("clean.min_amount=-0.61").get("amount_out_of_range"), Some(&1), "-1.00 alone");
    assert_eq!(outcomes("clean.max_amount=0.99")["amount_out_of_range"], 1, "1.00 alone");
    assert_eq!(outcomes("clean.returns=drop")["return_dropped"], 2);
}

#[test]
fn several_currencies_without_rates_are_an_error_that_names_them() {
    let lines = [
        (1, 1, "2025-01-03", 1.0, Some("EUR")),
        (1, 2, "2025-01-03", 1.0, Some("eur")),
        (2, 3, "2025-01-03", 1.0, Some("USD")),
        (3, 4, "2025-01-03", 1.0, Some("EUR")),
        (3, 5, "2025-02-03", 1.0, Some("GBP")),
    ];
    let sandbox = Sandbox::with(table(&lines));
    let column = ["--column", "currency=currency"];
    let run = |more: &[&str]| sandbox.try_run(&[&column[..], more].concat());
    let refused = |ran: Ran, told: &[&str]| {
        assert_eq!(ran.code, 4, "{}", ran.stderr);
        for text in told {
            assert!(ran.stderr.contains(text), "{text}: {}", ran.stderr);
        }
    };
    refused(
        run(&["--as-of", "2025-01-31"]),
        &["in 2 currencies", "`EUR` 3 rows (75.0%), `USD` 1 row (25.0%)", "currency.rates", "currency.base"],
    );
    refused(run(&["--set", "currency.base=EUR"]), &["in 3 currencies", "`GBP` 1 row (20.0%)"]);
    assert!(sandbox.visible().is_empty());
    let explained = sandbox.command(&["explain", "1", "--input", "in", "--column", "currency=currency"]);
    assert_eq!(explained.code, 4, "{}", explained.stderr);

    let one = run(&["--as-of", "2025-01-31", "--filter", "upper(currency) = 'EUR'"]);
    let one = sandbox.published(&one);
    assert_eq!(one.manifest()["currency"]["base"], "EUR", "the currency of all rows");
    assert_eq!(revenues(&one), [(1, 200), (3, 100)]);
    let dollars = ["--as-of", "2025-01-31", "--filter", "currency = 'USD'"];
    assert_eq!(sandbox.published(&run(&dollars)).manifest()["currency"]["base"], "USD");
    refused(
        run(&[&dollars[..], &["--set", "currency.base=EUR"]].concat()),
        &["amounts are in `USD`, `currency.base` is `EUR`"],
    );
    let told = sandbox.command(&[
        "run",
        "--input",
        "in",
        "--output",
        "out",
        "--filter",
        "currency = 'USD'",
        "--column",
        "currency=currency",
    ]);
    assert!(told.stdout.contains("\namounts are in USD\n"), "{}", told.stdout);
}

#[test]
fn a_column_of_anything_else_is_not_shown_in_messages() {
    let lines =
        [(1, 1, "2025-01-03", 1.0, Some("ann@example.org")), (2, 2, "2025-01-03", 1.0, Some("bob@example.org"))];
    let ran = Sandbox::with(table(&lines)).try_run(&["--column", "currency=currency"]);
    assert!(ran.code == 4 && ran.stderr.contains("in 2 currencies"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("example.org"), "{}", ran.stderr);
    let lines = [lines[0], (2, 2, "2025-01-03", 1.0, Some("EUR"))];
    let ran = Sandbox::with(table(&lines)).try_run(&["--column", "currency=currency"]);
    assert!(
        ran.code == 4 && ran.stderr.contains("other texts") && !ran.stderr.contains("example.org"),
        "{}",
        ran.stderr
    );
}

#[test]
fn letter_case_and_blanks_do_not_matter_but_pence_are_no_pounds() {
    let lines = [
        (1, 1, "2025-01-03", 100.0, Some("gbp")),
        (2, 2, "2025-01-03", 100.0, Some("Gbp ")),
        (3, 3, "2025-01-03", 100.0, Some("GBp")),
    ];
    let sandbox = Sandbox::with(table(&lines));
    put_rates(&sandbox, rates(&[(" gbp", "2025-01-02", "1.2")]));
    let published = run(&sandbox, &["--set", "currency.base= eur "]);
    assert_eq!(revenues(&published), [(1, 12_000), (2, 12_000)]);
    assert_eq!(published.outcomes()["missing_rate"], 1, "pence have a rate of their own");
    put_rates(&sandbox, rates(&[("GBP", "2025-01-02", "1.2"), ("GBp", "2025-01-02", "0.012")]));
    assert_eq!(revenues(&run(&sandbox, &[])), [(1, 12_000), (2, 12_000), (3, 120)]);
}

#[test]
fn margins_are_converted_by_the_rate_of_their_row() {
    let mut rows = table(&LINES);
    let profit: Vec<f64> = LINES.iter().map(|line| line.3 / 10.0).collect();
    rows.with_column(Column::new("profit".into(), profit)).unwrap();
    let sandbox = Sandbox::with(rows);
    put_rates(&sandbox, rates(&RATES));
    let published = run(&sandbox, &["--column", "margin=profit"]);
    // 10.00 * 0.97 + 1.005 * 0.97 - 1.00 * 0.9655 = 9.70 + 0.97 - 0.97; 125 * 0.00613 = 0.77, 0.5005; 2.00 * 1.2085 = 2.42.
    assert_eq!(minor(&published.table("customers"), "margin"), [970, 77 + 50, 242, 10]);
    assert!(!published.warning_codes().contains(&"unusable_margins".to_owned()));
    // Orders are judged where returns are left out: the margin of a return is.
    let purchases = run(&sandbox, &["--column", "margin=profit", "--returns", "purchases"]);
    assert_eq!(minor(&purchases.table("customers"), "margin"), [1_067, 127, 242, 10]);
}

#[test]
fn products_are_exact_before_they_are_converted() {
    let rows = frame(vec![
        Column::new("customer_id".into(), [1_i64, 2]),
        dates("order_ts", &["2025-01-02", "2025-01-02"]),
        Column::new("pieces".into(), [3_i64, 3]),
        Column::new("price".into(), [0.335, 0.335]).cast(&DataType::Decimal(9, 3)).unwrap(),
        Column::new("currency".into(), ["USD", "EUR"]),
    ]);
    let sandbox = Sandbox::with(rows);
    put_rates(&sandbox, rates(&RATES));
    let published = run(&sandbox, &["--column", "quantity=pieces", "--column", "unit_price=price"]);
    // 1.005 * 0.97 = 0.97485; rounded before, 1.01 * 0.97 = 0.9797 would be 0.98. 1.005 of the base is 1.01.
    assert_eq!(revenues(&published), [(1, 97), (2, 101)]);
}

#[test]
fn amounts_of_any_type_are_exact() {
    // 10.05 * 0.9655 = 9.703275; 12 * 0.9655 = 11.586; 8.145 * 1000 yen.
    let of = |amount: Column, currency: &str| {
        let rows = frame(vec![
            Column::new("customer_id".into(), [1_i64]),
            dates("order_ts", &["2025-01-06"]),
            amount.with_name("amount".into()),
            Column::new("currency".into(), [currency]).cast(&DataType::from_categories(Categories::global())).unwrap(),
        ]);
        let sandbox = Sandbox::with(rows);
        put_rates(&sandbox, rates(&RATES));
        let scale = ["--money-scale", "4"];
        revenues(&run(&sandbox, &scale))[0].1
    };
    let cents = Column::new("".into(), [10.05]);
    assert_eq!(of(cents.clone(), "USD"), 97_033);
    assert_eq!(of(cents.cast(&DataType::Decimal(38, 2)).unwrap(), "USD"), 97_033);
    assert_eq!(of(cents.cast(&DataType::Float32).unwrap(), "USD"), 97_033);
    assert_eq!(of(Column::new("".into(), [12_i32]), "USD"), 115_860);
    assert_eq!(of(Column::new("".into(), [8_145_u64]), "JPY"), 499_289, "49.92885");
}

#[test]
fn what_is_too_large_after_conversion_is_out_of_range() {
    let lines = [
        (1, 1, "2025-01-03", 1.0, Some("XAU")),
        (2, 2, "2025-01-03", 9e12, Some("XAU")),
        (3, 3, "2025-01-03", 9e15, Some("XAU")),
        (4, 4, "2025-01-03", 9e17, Some("JPY")),
        (5, 5, "2025-01-03", f64::NAN, Some("CHF")),
        (6, 6, "2025-01-03", 1e300, Some("CHF")),
    ];
    let sandbox = Sandbox::with(table(&lines));
    put_rates(&sandbox, rates(&RATES));
    let published = run(&sandbox, &["--set", "clean.max_quarantined_share=1"]);
    // 9e12 * 2500 has 17 digits, and 19 of cents; 9e17 yen have 18 digits of cents: 9e17 * 0.00613 = 5.517e15.
    assert_eq!(revenues(&published), [(1, 250_000), (4, 551_700_000_000_000_000)]);
    let outcomes = published.outcomes();
    assert_eq!((outcomes["amount_out_of_range"], outcomes["non_finite_amount"]), (2, 1));
    assert_eq!(outcomes["missing_rate"], 1);
}

#[test]
fn time_comes_first_and_made_up_dates_are_bad_for_being_that() {
    let lines = [
        (1, 1, "2025-01-03", 1.0, Some("USD")),
        (1, 2, "2025-02-03", 1.0, Some("CHF")),
        (1, 3, "1970-01-01", 1.0, Some("USD")),
        (1, 4, "1970-01-01", 1.0, None),
    ];
    let sandbox = Sandbox::with(table(&lines));
    put_rates(&sandbox, rates(&RATES));
    let outcomes = |more: &[&str]| {
        let loose = ["--set", "clean.max_quarantined_share=1"];
        run(&sandbox, &[&loose[..], more].concat()).outcomes()
    };
    let plain = outcomes(&[]);
    assert_eq!((plain["after_as_of"], plain["missing_rate"], plain["null_currency"]), (1, 1, 1));
    let least = outcomes(&["--set", "dates.min_date=2000-01-01"]);
    assert_eq!((least["date_before_min"], least.get("missing_rate"), least.get("null_currency")), (2, None, None));
    let everything = ["--window-days", "40", "--set", "dates.window_applies_to=everything"];
    assert_eq!(outcomes(&everything)["before_window"], 2);
}

#[test]
fn the_day_of_a_rate_is_the_business_day_of_the_row() {
    // 23:30 UTC on the 5th is 00:30 of the 6th in Berlin.
    let micros = (i64::from(crate::support::day("2025-01-05")) * 86_400 + 84_600) * 1_000_000;
    let stamps = Column::new("order_ts".into(), [micros]);
    let stamps = stamps.cast(&DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))).unwrap();
    let rows = frame(vec![
        Column::new("customer_id".into(), [1_i64]),
        stamps,
        Column::new("amount".into(), [100.0]),
        Column::new("currency".into(), ["USD"]),
    ]);
    let sandbox = Sandbox::with(rows);
    put_rates(&sandbox, rates(&RATES));
    assert_eq!(revenues(&run(&sandbox, &[])), [(1, 9_700)]);
    assert_eq!(revenues(&run(&sandbox, &["--time-zone", "Europe/Berlin"])), [(1, 9_655)]);
}
