//! One of each warning about the input and its currencies, with its code and its sentence.

use super::super::*;

pub(super) fn of_currencies() -> Vec<(Facts, &'static str, String)> {
    let day = |text: &str| text.parse().unwrap();
    let rows = |currency: &str, rows| CurrencyRows { currency: currency.into(), rows };
    vec![
        (
            Facts::MissingRates { rows: 5, currencies: vec![rows("JPY", 4), rows("CHF", 1)] },
            "missing_rates",
            "5 rows have no rate in `currency.rates` that is recent enough, and are quarantined as `missing_rate`: JPY 4, CHF 1"
                .into(),
        ),
        (
            Facts::CurrencyWithoutEffect { setting: "currency.rates".into(), reason: "there is no column".into() },
            "currency_without_effect",
            "`currency.rates` has no effect: there is no column".into(),
        ),
        (
            Facts::UnreadRateColumns { path: "rates.parquet".into(), columns: vec!["to".into(), "source".into()] },
            "unread_rate_columns",
            "the rates `rates.parquet` have columns that are not read: `to`, `source`; every rate counts as units of \
             `currency.base` for one unit"
                .into(),
        ),
        (
            Facts::RatesEndEarly {
                last_rate: day("2025-01-31"),
                last_date: day("2025-03-31"),
                max_age_days: 7,
            },
            "rates_end_early",
            "the last rate is of 2025-01-31, and dates go to 2025-03-31: rows in other currencies more than 7 days after it \
             have no rate"
                .into(),
        ),
        (
            Facts::OtherCurrency { setting: "score.breaks_from".into(), theirs: "USD".into(), ours: "EUR".into() },
            "other_currency",
            "the run of `score.breaks_from` has money in USD, and this one in EUR: what it has learned of money does not fit"
                .into(),
        ),
    ]
}

pub(super) fn of_inputs() -> Vec<(Facts, &'static str, String)> {
    let (setting, what) = ("social.path".to_owned(), "social measures".to_owned());
    vec![
        (
            Facts::UnmatchedRows(LookupMatches { setting, what, matched: 50, customers: 60, unmatched_rows: 1 }),
            "unmatched_rows",
            "50 of 60 customers have social measures; 1 rows of `social.path` match no customer in the table".into(),
        ),
        (
            Facts::DeliveredTwice { first: "a.parquet".into(), second: "b.parquet".into(), files: 1, rows: 7 },
            "delivered_twice",
            "`a.parquet` and `b.parquet` agree in size, rows and footer, as the same file delivered twice: unless repeats are \
             dropped (--dedupe), the 7 rows of the second count twice"
                .into(),
        ),
        (
            Facts::DeliveredTwice { first: "a.parquet".into(), second: "b.parquet".into(), files: 3, rows: 21 },
            "delivered_twice",
            "`a.parquet` and `b.parquet` agree in size, rows and footer, as the same file delivered twice (so do 2 more files \
             and others): unless repeats are dropped (--dedupe), the 21 rows of such files count twice"
                .into(),
        ),
        (
            Facts::RunMayStop { problem: "every row is bad".into() },
            "run_may_stop",
            "a run stops, unless it leaves out the rows in question: every row is bad".into(),
        ),
    ]
}
