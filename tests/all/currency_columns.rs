//! The column of currencies through the binary: what it may be, which rows stop a run, and what `explain` and `init` say of it.
//! Conversion is in `currencies`.

use std::fs;
use std::path::Path;

use polars::prelude::*;
use serde_json::{Value, json};

use crate::currencies::{CONVERTED, LINES, Line, RATES, example, put_rates, rates, revenues, run, table};
use crate::support::{Published, Sandbox, integers, minor};

#[test]
fn a_currency_can_be_an_expression_a_constant_or_a_name_of_directories() {
    let sandbox = example();
    let with = |text: &str| {
        let column = format!("currency={text}");
        revenues(&run(&sandbox, &["--column", &column, "--set", "clean.max_quarantined_share=1"]))
    };
    // Of nothing the base: customer 4 has 9.00 twice.
    assert_eq!(
        with("coalesce(nullif(trim(currency), ''), 'EUR')"),
        [(1, 9_709), (2, 1_267), (3, 2_417), (4, 1_800), (5, 100)]
    );
    // All in the base.
    assert_eq!(with("'EUR'")[0], (1, 10_005));
    // All in dollars: 97.00 + 9.75 - 9.66 as above; 1250 * 0.97, and 5.005 * 0.97 = 4.85.
    assert_eq!(with("'USD'")[..2], [(1, 9_709), (2, 121_250 + 485)]);

    let sandbox = Sandbox::new();
    let plain = table(&LINES[..1]).drop("currency").unwrap();
    sandbox.file("currency=USD/a.parquet", plain.clone());
    sandbox.file("currency=EUR/a.parquet", plain.clone());
    sandbox.file("currency=__HIVE_DEFAULT_PARTITION__/a.parquet", plain);
    put_rates(&sandbox, rates(&RATES));
    let published = run(&sandbox, &["--set", "input.hive_partitions=true"]);
    assert_eq!(revenues(&published), [(1, 19_700)]);
    assert_eq!(published.outcomes()["null_currency"], 1);
}

#[test]
fn columns_that_cannot_be_currencies_are_refused() {
    let sandbox = Sandbox::with(table(&LINES));
    let refused = |name: &str, code: i32, told: &str| {
        let ran = sandbox.try_run(&["--column", &format!("currency={name}")]);
        assert!(ran.code == code && ran.stderr.contains(told), "{name}: {}", ran.stderr);
    };
    refused("curency", 3, "currency");
    refused("amount", 2, "a column of its own");
    refused("order_id", 3, "expected a text such as `EUR`");
    refused("length(currency)", 2, "expected a text such as `EUR`");
    let mut numbers = table(&LINES);
    numbers.with_column(Column::new("currency".into(), vec![840_i32; LINES.len()])).unwrap();
    let sandbox = Sandbox::with(numbers);
    let ran = sandbox.try_run(&["--column", "currency=currency"]);
    assert!(ran.code == 3 && ran.stderr.contains("CAST(currency AS VARCHAR)"), "{}", ran.stderr);
    let published = sandbox.run(&["--set", "columns.currency=CAST(currency AS VARCHAR)"]);
    assert_eq!(published.manifest()["currency"]["base"], "840");
    let nothing = table(&[(1, 1, "2025-01-03", 1.0, None)]);
    let ran = Sandbox::with(nothing).try_run(&["--column", "currency=currency"]);
    assert!(ran.code == 4 && ran.stderr.contains("`currency`: the only row are null or blank"), "{}", ran.stderr);
}

#[test]
fn too_many_rows_without_a_rate_stop_the_run_with_their_currencies() {
    let sandbox = example();
    put_rates(&sandbox, rates(&[("GBP", "2025-01-02", "1.2")]));
    let ran = sandbox.try_run(&CONVERTED);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    for told in
        ["`currency`: 7 of 12 rows have no rate in `currency.rates`", "`USD` 4 rows", "`CHF` 1 row", "(missing_rate)"]
    {
        assert!(ran.stderr.contains(told), "{told}: {}", ran.stderr);
    }
    let denied =
        [&CONVERTED[..], &["--set", "clean.max_quarantined_share=1", "--deny-warnings=missing_rates"]].concat();
    let ran = sandbox.try_run(&denied);
    assert!(ran.code == 4 && ran.stderr.contains("missing_rates"), "{}", ran.stderr);
    assert!(sandbox.visible().is_empty());
}

/// Enough rows for several batches, in files of several types.
#[test]
fn neither_threads_nor_files_nor_the_order_of_rows_change_a_byte() {
    let all = ["USD", "usd", "EUR", "JPY", "GBP", "CHF", "a currency of islands", ""];
    let days = ["2025-01-02", "2025-01-05", "2025-01-06", "2025-01-09", "2025-01-20"];
    let lines: Vec<Line> = (0..60_000)
        .map(|n: i64| {
            let place = (n * 7_919 % 10_007) as usize;
            let currency = (n % 13 != 0).then_some(all[place % all.len()]);
            (n % 701, n / 3, days[place % days.len()], ((place as f64) - 2_000.0) / 100.0, currency)
        })
        .collect();
    let base = Sandbox::with(table(&lines));
    let turned: Vec<Line> = lines.iter().rev().copied().collect();
    let (half, rest) = turned.split_at(20_011);
    let split = Sandbox::new();
    split.file_of_groups("x/a.parquet", table(half), 1_000);
    let mut other = table(rest);
    let categories = other.column("currency").unwrap().cast(&DataType::from_categories(Categories::global())).unwrap();
    other.with_column(categories).unwrap();
    split.file_of_groups("b.parquet", other, 777);
    for sandbox in [&base, &split] {
        put_rates(sandbox, rates(&RATES));
    }
    let more = ["--set", "clean.max_quarantined_share=1", "--set", "clean.quarantine_rows=0", "--threads"];
    let one = run(&base, &[&more[..], &["1"]].concat());
    let two = run(&split, &[&more[..], &["3"]].concat());
    assert!(one.bytes() == two.bytes());
    let told = |published: &Published| {
        let currency = published.manifest()["currency"].clone();
        (currency["rows"].clone(), currency["oldest_rate"].clone())
    };
    assert_eq!(told(&one), told(&two));
    // By hand, in integers: rates of 10^-5, half away from zero.
    let mut expected = 0_i128;
    for (_, _, date, amount, currency) in &lines {
        let rate = match (currency.unwrap_or("").to_uppercase().as_str(), *date) {
            ("EUR", _) => 100_000,
            ("USD", "2025-01-02" | "2025-01-05") => 97_000,
            ("USD", "2025-01-06" | "2025-01-09") => 96_550,
            ("GBP", "2025-01-02" | "2025-01-05" | "2025-01-06" | "2025-01-09") => 120_850,
            ("JPY", "2025-01-02" | "2025-01-05" | "2025-01-06" | "2025-01-09") => 613,
            _ => continue,
        };
        let product = (amount * 100.0).round() as i128 * rate;
        expected += product.signum() * ((product.abs() + 50_000) / 100_000);
    }
    let quality = one.table("quality");
    assert_eq!(minor(&quality, "amount")[0], expected);
}

#[test]
fn explain_shows_the_amount_the_currency_the_rate_and_what_it_became() {
    let sandbox = example();
    let explain = |customer: &str, more: &[&str]| {
        let ran = sandbox.command(&[&["explain", customer, "--input", "in"], &CONVERTED[..], more].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    };
    let answer: Value = serde_json::from_str(&explain("1", &["--format", "json"])).unwrap();
    let row = &answer["rows"]["newest"][0];
    let expected = [
        ("amount", "-10.0"),
        ("currency", "usd"),
        ("rate", "0.9655"),
        ("rate_date", "2025-01-06"),
        ("converted", "-9.66"),
        ("base", "EUR"),
    ];
    for (name, value) in expected {
        assert_eq!(row[name], value, "{row}");
    }
    assert_eq!(answer["standing"]["measures"]["revenue"], json!(97.09));
    let text = explain("3", &[]);
    assert!(text.contains("currency") && text.contains("1.2085 (2025-01-02)") && text.contains("24.17 EUR"), "{text}");
    let answer: Value = serde_json::from_str(&explain("3", &["--format", "json"])).unwrap();
    let missing = &answer["rows"]["newest"][0];
    assert_eq!(
        (&missing["outcome"], &missing["rate"], &missing["converted"]),
        (&json!("missing_rate"), &Value::Null, &Value::Null)
    );
    let plain = sandbox.command(&["explain", "1", "--input", "in", "--as-of", "2025-01-31", "--format", "json"]).stdout;
    assert!(!plain.contains("\"rate\"") && !plain.contains("\"converted\""), "{plain}");
}

#[test]
fn rows_without_a_rate_are_interactions_all_the_same() {
    let lines = [
        (1, 1, "2025-01-03", 1.0, Some("EUR")),
        (1, 2, "2025-01-20", 0.0, Some("CHF")),
        (2, 3, "2025-01-03", 1.0, Some("EUR")),
        (2, 4, "2025-01-25", 0.0, None),
    ];
    let sandbox = Sandbox::with(table(&lines));
    put_rates(&sandbox, rates(&RATES));
    let published =
        run(&sandbox, &["--set", "input.interactions=amount >= 0", "--set", "score.recency.measure=interaction_days"]);
    assert_eq!(integers(&published.table("customers"), "interaction_days"), [11, 6]);
}

#[test]
fn breaks_of_a_run_in_another_currency_are_a_warning() {
    let sandbox = example();
    let first = run(&sandbox, &[]);
    fs::copy(first.path.join("manifest.json"), sandbox.root().join("kept.json")).unwrap();
    let frozen = ["--set", "score.breaks_from=kept.json"];
    assert!(!run(&sandbox, &frozen).warning_codes().contains(&"other_currency".to_owned()));
    put_rates(&sandbox, rates(&[("EUR", "2025-01-02", "1.03")]));
    let dollars = ["--set", "currency.base=USD", "--set", "clean.max_quarantined_share=1", frozen[0], frozen[1]];
    let published = run(&sandbox, &dollars);
    assert!(published.warning_codes().contains(&"other_currency".to_owned()));
    assert!(published.manifest()["warnings"].to_string().contains("has money in EUR, and this one in USD"));
}

#[test]
fn init_points_at_the_column_and_proposes_it() {
    let sandbox = example();
    let answer = sandbox.command(&["init", "--input", "in"]).stdout;
    for told in ["set `columns.currency` to `currency`", "`currency.base`", "`currency.rates`", "= ' GBP'"] {
        assert!(answer.contains(told), "{told}: {answer}");
    }
    let path = sandbox.root().join("rfmetrics.toml");
    let file = fs::read_to_string(&path).unwrap();
    let proposal = "\n# currency = \"currency\" # guessed by its name and type (text)\n";
    assert!(file.contains(proposal), "{file}");
    assert_eq!(sandbox.run(&[]).manifest().get("currency"), None, "a comment is no setting");
    fs::write(&path, file.replace("# currency = \"currency\"", "currency = \"currency\"")).unwrap();
    let ran = sandbox.try_run(&["--set", "clean.max_quarantined_share=1"]);
    assert!(ran.code == 4 && ran.stderr.contains("in 5 currencies"), "{}", ran.stderr);

    let one = Sandbox::with(table(&[(1, 1, "2025-01-03", 1.0, Some("EUR"))]));
    let answer = one.command(&["init", "--input", "in"]).stdout;
    assert!(answer.contains("with `columns.currency = \"currency\"` a run stops"), "{answer}");
    assert!(!Path::new("rfmetrics.toml").exists());
}
