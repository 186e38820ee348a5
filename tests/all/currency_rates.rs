//! Tables of rates through the binary: the forms that they may have, everything that can be wrong with them, and settings that have
//! no effect.

use polars::prelude::*;
use serde_json::Value;

use crate::currencies::{CONVERTED, put_rates, rates, run, table};
use crate::support::{Ran, Sandbox, dates, day, frame, minor};

/// 100 dollars on a day with a rate.
fn dollars() -> Sandbox {
    Sandbox::with(table(&[(1, 1, "2025-01-02", 100.0, Some("USD"))]))
}

fn revenue(rates: DataFrame) -> i128 {
    let sandbox = dollars();
    put_rates(&sandbox, rates);
    minor(&run(&sandbox, &[]).table("customers"), "revenue")[0]
}

fn column<T, P: ?Sized>(name: &str, values: T) -> Column
where
    Series: NamedFrom<T, P>,
{
    Column::new(name.into(), values)
}

fn cast(column: &Column, kind: DataType) -> Column {
    column.cast(&kind).unwrap()
}

#[test]
fn rates_of_every_type_are_exact() {
    // 0.97225 * 100 = 97.225, half away from zero 97.23: the double of it is 0.97224999999999994981.
    let with = |rate: Column| {
        revenue(frame(vec![column("currency", ["USD"]), dates("day", &["2025-01-02"]), rate.with_name("rate".into())]))
    };
    let float = column("rate", [0.97225]);
    assert_eq!(with(float.clone()), 9_723);
    assert_eq!(with(cast(&float, DataType::Float32)), 9_723);
    assert_eq!(with(cast(&float, DataType::Decimal(38, 18))), 9_723);
    for text in ["0.97225", " 9.7225e-1 ", "+.97225000000000000000000000000000000000"] {
        assert_eq!(with(column("rate", [text])), 9_723, "{text}");
    }
    assert_eq!(with(column("rate", [2_i32])), 20_000);
    assert_eq!(with(column("rate", [3_u64])), 30_000);
}

#[test]
fn days_are_dates_texts_or_midnights_and_need_not_be_there() {
    let with = |day: Column| {
        revenue(frame(vec![column("currency", ["USD"]), day.with_name("day".into()), column("rate", ["0.5"])]))
    };
    let date = dates("day", &["2025-01-02"]);
    assert_eq!(with(date.clone()), 5_000);
    assert_eq!(with(column("day", ["2025-01-02"])), 5_000);
    for unit in [TimeUnit::Milliseconds, TimeUnit::Microseconds, TimeUnit::Nanoseconds] {
        assert_eq!(with(cast(&date, DataType::Datetime(unit, None))), 5_000);
        assert_eq!(with(cast(&date, DataType::Datetime(unit, Some(TimeZone::UTC)))), 5_000);
    }
    assert_eq!(revenue(frame(vec![column("currency", ["USD", "GBP"]), column("rate", ["0.5", "1.2"])])), 5_000);
    let texts = cast(&column("currency", ["USD"]), DataType::from_categories(Categories::global()));
    assert_eq!(revenue(frame(vec![texts, column("rate", ["0.5"])])), 5_000);
}

#[test]
fn a_rate_counts_for_as_many_days_as_the_setting_says() {
    let sandbox = Sandbox::with(table(&[
        (1, 1, "2025-01-02", 100.0, Some("USD")),
        (2, 2, "2025-01-03", 100.0, Some("USD")),
        (3, 3, "2025-01-30", 100.0, Some("USD")),
    ]));
    put_rates(&sandbox, rates(&[("USD", "2025-01-02", "0.5")]));
    let customers = |days: &str| {
        let setting = format!("currency.max_age_days={days}");
        run(&sandbox, &["--set", &setting, "--set", "clean.max_quarantined_share=1"]).table("customers").height()
    };
    assert_eq!(["0", "1", "27", "28", "4294967295"].map(customers), [1, 2, 2, 3, 3]);
}

#[test]
fn the_table_may_be_several_files() {
    let sandbox = dollars();
    std::fs::create_dir(sandbox.root().join("rates")).unwrap();
    for (name, row) in [("a", ("USD", "2025-01-01", "0.4")), ("b", ("USD", "2025-01-02", "0.5"))] {
        put_rates(&sandbox, rates(&[row]));
        let path = sandbox.root().join(format!("rates/{name}.parquet"));
        std::fs::rename(sandbox.root().join("rates.parquet"), path).unwrap();
    }
    let published = run(&sandbox, &["--set", "currency.rates=rates"]);
    assert_eq!(minor(&published.table("customers"), "revenue"), [5_000]);
    assert_eq!(published.manifest()["currency"]["rates"]["files"].as_array().unwrap().len(), 2);
    put_rates(&sandbox, rates(&[("usd", "2025-01-02", "0.6")]));
    std::fs::rename(sandbox.root().join("rates.parquet"), sandbox.root().join("rates/c.parquet")).unwrap();
    let ran = sandbox.try_run(&[&CONVERTED[..], &["--set", "currency.rates=rates"]].concat());
    assert!(
        ran.code == 3 && ran.stderr.contains("c.parquet`: the rate of `USD` of 2025-01-02 is `0.6`"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("b.parquet` it is `0.5`"), "{}", ran.stderr);
}

fn both(sandbox: &Sandbox, more: &[&str]) -> Ran {
    let ran = sandbox.try_run(&[&CONVERTED[..], more].concat());
    // A check says the same.
    let all = [&["check", "--input", "in", "--output", "out"], &CONVERTED[..], more].concat();
    let checked = sandbox.command(&all);
    assert_eq!((checked.code, &checked.stderr), (ran.code, &ran.stderr));
    assert!(sandbox.visible().is_empty(), "nothing is published");
    ran
}

#[test]
fn everything_that_is_wrong_with_a_table_is_told_with_row_and_value() {
    let sandbox = dollars();
    let rows: [(Option<&str>, Option<&str>, Option<&str>); 14] = [
        (Some("USD"), Some("2025-01-02"), Some("0.97")),
        (Some("usd"), Some("2025-01-02"), Some("0.98")),
        (Some("GBP"), Some("2025-01-02"), Some("0")),
        (Some("GBP"), Some("2025-01-03"), Some("-1.2")),
        (Some("GBP"), Some("2025-01-04"), Some("nan")),
        (Some("GBP"), Some("2025-01-05"), Some("1,2085")),
        (Some("GBP"), Some("2025-01-06"), None),
        (None, Some("2025-01-02"), Some("1")),
        (Some("  "), Some("2025-01-02"), Some("1")),
        (Some("JPY"), None, Some("1")),
        (Some("JPY"), Some("02/01/2025"), Some("1")),
        (Some("EUR"), Some("2025-01-02"), Some("1.00")),
        (Some("eur"), Some("2025-01-03"), Some("1.08")),
        (Some("CHF"), Some("2025-02-30"), Some("1e60")),
    ];
    put_rates(
        &sandbox,
        frame(vec![
            column("currency", rows.map(|row| row.0)),
            column("day", rows.map(|row| row.1)),
            column("rate", rows.map(|row| row.2)),
        ]),
    );
    let ran = both(&sandbox, &[]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    for told in [
        "`rates.parquet` has rates that cannot be used: 13 problems (rows count from 0)",
        "row 1: the rate of `USD` of 2025-01-02 is `0.98`, and in row 0 it is `0.97`",
        "row 2: the rate of `GBP` is `0`",
        "row 3: the rate of `GBP` is `-1.2`",
        "row 4: the rate of `GBP` is `nan`",
        "row 5: the rate of `GBP` is `1,2085`",
        "row 6: the rate of `GBP` is null",
        "row 7: the currency is null",
        "row 8: the currency is `  `",
        "row 9: the day of a rate of `JPY` is null",
        "row 10: the day of a rate of `JPY` is `02/01/2025`",
        "row 12: the rate of `EUR` is `1.08`, expected 1",
        "row 13: the day of a rate of `CHF` is `2025-02-30`",
        "row 13: the rate of `CHF` is `1e60 (more than 38 digits)`",
    ] {
        assert!(ran.stderr.contains(told), "{told}: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("row 11"), "{}", ran.stderr);
    let floats = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0];
    put_rates(&sandbox, frame(vec![column("currency", ["A", "B", "C", "D"]), column("rate", floats)]));
    let ran = both(&sandbox, &[]);
    for told in ["`A` is `NaN`", "`B` is `inf`", "`C` is `-inf`", "`D` is `0`"] {
        assert!(ran.stderr.contains(told), "{told}: {}", ran.stderr);
    }
}

#[test]
fn a_rate_for_all_days_is_there_once() {
    let sandbox = dollars();
    put_rates(&sandbox, frame(vec![column("currency", ["USD", "USD"]), column("rate", ["1", "1"])]));
    let ran = both(&sandbox, &[]);
    assert!(ran.stderr.contains("row 1: the rate of `USD` is `1`, and in row 0 it is `1`"), "{}", ran.stderr);
}

#[test]
fn a_table_without_the_columns_is_refused_by_name() {
    let refused = |rates: DataFrame, told: &[&str]| {
        let sandbox = dollars();
        put_rates(&sandbox, rates);
        let ran = both(&sandbox, &[]);
        assert_eq!(ran.code, 3, "{}", ran.stderr);
        for text in told {
            assert!(ran.stderr.contains(text), "{text}: {}", ran.stderr);
        }
    };
    let usd = || column("currency", ["USD"]);
    refused(
        frame(vec![column("Currency", ["USD"]), column("value", [1.0])]),
        &["no column `currency`; its columns: `Currency`, `value`", "no column `rate`"],
    );
    refused(
        frame(vec![column("currency", [840_i32]), column("rate", [true])]),
        &[
            "column `currency` is int32, expected a text",
            "column `rate` is boolean, expected a decimal, text, integer or float",
        ],
    );
    refused(frame(vec![usd(), column("day", [20_250_102_i64]), column("rate", [1.0])]), &["column `day` is int64"]);
    // A day that is called otherwise would make of each rate one for all days.
    refused(
        frame(vec![usd(), dates("valid", &["2025-01-02"]), column("rate", [1.0])]),
        &["`valid` looks like the day"],
    );
    refused(
        frame(vec![usd(), column("rate_date", ["2025-01-02"]), column("rate", [1.0])]),
        &["`rate_date` looks like"],
    );
    refused(rates(&[]), &["has no rates"]);
    let noon = i64::from(day("2025-01-02")) * 86_400_000 + 43_200_000;
    let noon = cast(&column("day", [noon]), DataType::Datetime(TimeUnit::Milliseconds, None));
    refused(frame(vec![usd(), noon, column("rate", [1.0])]), &["row 0: the day", "2025-01-02 12:00", "no midnight"]);

    let sandbox = dollars();
    let ran = both(&sandbox, &[]);
    assert!(
        ran.code == 3 && ran.stderr.contains("rates.parquet") && ran.stderr.contains("currency.rates"),
        "{}",
        ran.stderr
    );
    std::fs::write(sandbox.root().join("rates.parquet"), "currency,rate\nUSD,0.97\n").unwrap();
    assert_eq!(both(&sandbox, &[]).code, 3);
}

#[test]
fn other_columns_of_the_table_are_a_warning() {
    let sandbox = dollars();
    let mut given = rates(&[("USD", "2025-01-02", "0.5")]);
    given.with_column(column("to_currency", ["CHF"])).unwrap();
    put_rates(&sandbox, given);
    let published = run(&sandbox, &[]);
    assert!(published.warning_codes().contains(&"unread_rate_columns".to_owned()));
    assert!(published.manifest()["warnings"].to_string().contains("columns that are not read: `to_currency`"));
}

#[test]
fn settings_that_change_nothing_are_a_warning_and_rates_need_a_base() {
    let sandbox = dollars();
    put_rates(&sandbox, rates(&[("USD", "2025-01-02", "0.5"), ("XXX", "2025-01-02", "9")]));
    assert!(!run(&sandbox, &[]).warning_codes().contains(&"currency_without_effect".to_owned()), "XXX is no matter");
    let told = |args: &[&str]| {
        let published = sandbox.run(args);
        assert_eq!(minor(&published.table("customers"), "revenue"), [10_000]);
        let warnings = published.manifest()["warnings"].clone();
        let warnings = warnings.as_array().unwrap().iter().map(|warning| warning.as_str().unwrap().to_owned());
        warnings.filter(|warning| warning.contains("has no effect")).collect::<Vec<String>>()
    };
    let without = told(&["--set", "currency.base=EUR", "--set", "currency.rates=rates.parquet"]);
    assert_eq!(without.len(), 2, "{without:?}");
    assert!(without[0].starts_with("`currency.base` has no effect: `columns.currency` names no column"), "{without:?}");
    assert!(without[1].starts_with("`currency.rates` has no effect"), "{without:?}");
    let age = told(&["--column", "currency=currency", "--set", "currency.max_age_days=30"]);
    assert_eq!(age, ["`currency.max_age_days` has no effect: there are no rates"]);
    put_rates(&sandbox, frame(vec![column("currency", ["USD"]), column("rate", ["0.5"])]));
    let published = run(&sandbox, &["--set", "currency.max_age_days=30"]);
    assert!(published.manifest()["warnings"].to_string().contains("the rates have no column `day`"));

    for (settings, told) in [
        (&["currency.rates=rates.parquet"][..], "found none, expected the currency to convert into"),
        (&["currency.rates=rates.parquet", "currency.base= "], "`currency.base`"),
        (&["currency.max_age_days=-1"], "currency.max_age_days"),
        (&["currency.bases=EUR"], "did you mean `currency.base`?"),
    ] {
        let set: Vec<&str> = settings.iter().flat_map(|setting| ["--set", *setting]).collect();
        let ran = sandbox.try_run(&[&["--column", "currency=currency"], &set[..]].concat());
        assert!(ran.code == 2 && ran.stderr.contains(told), "{settings:?}: {}", ran.stderr);
    }
}

#[test]
fn check_reads_the_rates_and_says_what_they_cover() {
    let sandbox =
        Sandbox::with(table(&[(1, 1, "2025-01-02", 100.0, Some("USD")), (1, 2, "2025-01-20", 100.0, Some("USD"))]));
    put_rates(&sandbox, rates(&[("USD", "2025-01-02", "0.5"), ("GBP", "2025-01-01", "1.2")]));
    let check = |more: &[&str]| {
        let ran = sandbox.command(&[&["check", "--input", "in", "--output", "out"], &CONVERTED[..], more].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    };
    let report: Value = serde_json::from_str(&check(&["--format", "json"])).unwrap();
    let currency = &report["input"]["currency"];
    assert_eq!((&currency["column"], &currency["base"]), (&"currency".into(), &"EUR".into()));
    assert_eq!(currency["rates"]["currencies"], serde_json::json!(["GBP", "USD"]));
    assert_eq!(currency["rates"]["last_day"], "2025-01-02");
    let codes = report["warning_details"].as_array().unwrap().iter().map(|warning| &warning["code"]);
    assert!(codes.clone().any(|code| code == "rates_end_early"), "{report}");
    let text = check(&[]);
    let expected =
        "`currency`, into `EUR` by 2 rates of `GBP`, `USD`, 2025-01-01 to 2025-01-02, each for 7 days after its own";
    assert!(text.contains(expected), "{text}");
    assert!(!check(&["--set", "currency.max_age_days=18"]).contains("the last rate is of"));
    let plain = sandbox.command(&["check", "--input", "in", "--output", "out", "--format", "json"]).stdout;
    assert!(!plain.contains("\"currency\":{"), "{plain}");
    let without =
        sandbox.command(&["check", "--input", "in", "--output", "out", "--column", "currency=currency"]).stdout;
    assert!(without.contains("`currency`: all rows must be of one currency"), "{without}");
}

#[test]
fn the_output_may_not_be_where_the_rates_are() {
    let sandbox = dollars();
    let args = ["--set", "output.path=rates.parquet"];
    put_rates(&sandbox, rates(&[("USD", "2025-01-02", "0.5")]));
    let ran = sandbox.command(&[&["run", "--quiet", "--input", "in"], &CONVERTED[..], &args].concat());
    assert_ne!(ran.code, 0, "{}", ran.stdout);
    assert!(sandbox.root().join("rates.parquet").is_file());
}
