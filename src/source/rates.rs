//! Tables of rates of currencies: their columns as they are, row by row.
//!
//! They are small and are read whole. Their footers pass the same checks as those of the input before a page is decoded. Does not
//! live here: which rates can be used, and what they are for.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;

use polars::prelude::*;

use super::footers::{self, Column as FileColumn, FileFooter};
use super::kinds::ColumnKind;
use super::options::InputOptions;
use super::quoted;
use crate::error::{Error, Result};
use crate::money::decimal::{Decimal, NoDecimal};
use crate::threads::caught;

const CURRENCY: &str = "currency";
const RATE: &str = "rate";
const DAY: &str = "day";

/// A table of rates.
#[derive(Debug)]
pub struct RateTable {
    /// Its files, with their rows.
    pub files: Vec<(PathBuf, u64)>,
    /// Whether rates are of days.
    pub has_days: bool,
    /// The columns that are not read.
    pub unread_columns: Vec<String>,
    /// Its rows, file by file.
    pub rows: Vec<RateRow>,
}

/// A row as it is written.
#[derive(Debug)]
pub struct RateRow {
    /// Which of the files it is in.
    pub file: usize,
    /// Its number in the file, from 0.
    pub row: u64,
    /// None where it is null.
    pub currency: Option<String>,
    /// None where there is no such column.
    pub day: Option<Written<i32>>,
    /// Units of the base for one unit of the currency.
    pub rate: Written<Decimal>,
}

/// A value as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written<T> {
    /// This.
    Value(T),
    /// It is null.
    Null,
    /// This text is none.
    Unfit(String),
}

/// Reads the table at `path`.
///
/// # Errors
/// A source error where there is no such table, a column is missing or of a type that cannot be meant, or a file cannot be
/// decoded or has changed.
pub fn read(path: &str) -> Result<RateTable> {
    let options = InputOptions { paths: vec![path.to_owned()], ..InputOptions::default() };
    let footers = footers::of_input(&options, 1).map_err(|error| error.cause("`currency.rates` names it"))?;
    let has_days = footers.iter().any(|footer| column(footer, DAY).is_some());
    let misfits: Vec<String> = footers.iter().flat_map(|footer| misfits(footer, has_days)).collect();
    if !misfits.is_empty() {
        return Err(Error::source(format!("`{path}` is no table of rates")).causes(misfits).hint(
            "expected the columns `currency` (text), `rate` (decimal, text, integer or float) and, where rates change, `day` (date)",
        ));
    }
    let unread = footers.iter().flat_map(unread).map(|column| column.name.clone()).collect::<BTreeSet<_>>();
    let mut rows = Vec::new();
    for (file, footer) in footers.iter().enumerate() {
        let failed = |cause: String| Error::source(format!("{} cannot be read", quoted(&footer.path))).cause(cause);
        let frame = caught(|| frame_of(footer, has_days).map_err(|error| error.to_string())).map_err(failed)?;
        rows.extend(rows_of(&frame, file).map_err(|error| failed(error.to_string()))?);
    }
    footers::check_unchanged(&footers)?;
    let files = footers.iter().map(|footer| (footer.path.clone(), footer.rows)).collect();
    Ok(RateTable { files, has_days, unread_columns: unread.into_iter().collect(), rows })
}

fn column<'a>(footer: &'a FileFooter, name: &str) -> Option<&'a FileColumn> {
    footer.columns.iter().find(|column| column.name == name)
}

fn unread(footer: &FileFooter) -> impl Iterator<Item = &FileColumn> {
    footer.columns.iter().filter(|column| ![CURRENCY, RATE, DAY].contains(&column.name.as_str()))
}

/// What is wrong with the columns of a file. `has_days`: any of the files has a day.
fn misfits(footer: &FileFooter, has_days: bool) -> Vec<String> {
    let path = quoted(&footer.path);
    let mut wrong = Vec::new();
    let needed = [(CURRENCY, true), (RATE, true), (DAY, has_days)];
    for (name, _) in needed.into_iter().filter(|(name, is_needed)| *is_needed && column(footer, name).is_none()) {
        let all: Vec<String> = footer.columns.iter().map(|column| format!("`{}`", column.name)).collect();
        wrong.push(format!("{path} has no column `{name}`; its columns: {}", all.join(", ")));
    }
    for column in footer.columns.iter() {
        let expected = match (column.name.as_str(), &column.kind) {
            (CURRENCY, kind) if !matches!(kind, ColumnKind::Text) => "a text",
            (RATE, kind) if !is_rate(kind) => "a decimal, text, integer or float",
            (DAY, kind) if !is_day(kind) && *kind != ColumnKind::Text => "a date, or a text as `2025-12-31`",
            _ => continue,
        };
        wrong.push(format!("{path}: column `{}` is {}, expected {expected}", column.name, column.kind));
    }
    let days = unread(footer).filter(|column| !has_days && (is_day(&column.kind) || is_called_day(&column.name)));
    wrong.extend(days.map(|column| {
        format!("{path}: column `{}` looks like the day of the rates, which must be called `day`", column.name)
    }));
    wrong
}

const fn is_rate(kind: &ColumnKind) -> bool {
    use ColumnKind as Kind;
    matches!(kind, Kind::Int { .. } | Kind::Float32 | Kind::Float64 | Kind::Decimal { .. } | Kind::Text)
}

const fn is_day(kind: &ColumnKind) -> bool {
    matches!(kind, ColumnKind::Date | ColumnKind::Timestamp { .. } | ColumnKind::Int96)
}

/// Rates by day whose day is not read would count for all days.
fn is_called_day(name: &str) -> bool {
    let name = name.to_lowercase();
    ["date", "day", "valid_from", "time_period"].iter().any(|word| name.contains(word))
}

fn frame_of(footer: &FileFooter, has_days: bool) -> PolarsResult<DataFrame> {
    let wanted = [CURRENCY, RATE].into_iter().chain(has_days.then_some(DAY)).map(str::to_owned).collect();
    ParquetReader::new(File::open(&footer.path)?).with_columns(Some(wanted)).finish()
}

fn rows_of(frame: &DataFrame, file: usize) -> PolarsResult<Vec<RateRow>> {
    let currencies = frame.column(CURRENCY)?.strict_cast(&DataType::String)?;
    let (currencies, rates, days) = (currencies.str()?, frame.column(RATE)?, frame.column(DAY).ok());
    let row = |(row, currency): (usize, Option<&str>)| {
        let day = days.map(|days| days.get(row).map(|value| day_of(&value))).transpose()?;
        let rate = rate_of(&rates.get(row)?);
        Ok(RateRow { file, row: row as u64, currency: currency.map(str::to_owned), day, rate })
    };
    currencies.iter().enumerate().map(row).collect()
}

/// A rate, of a float its shortest decimal.
fn rate_of(value: &AnyValue<'_>) -> Written<Decimal> {
    let parsed = match value {
        AnyValue::Null => return Written::Null,
        AnyValue::Decimal(units, _, scale) => Ok(Decimal::new(*units, u32::try_from(*scale).unwrap_or(u32::MAX))),
        other => Decimal::parse(&text_of(other)),
    };
    let remark = |why| if why == NoDecimal::TooLong { " (more than 38 digits)" } else { "" };
    parsed.map_or_else(|why| Written::Unfit(text_of(value) + remark(why)), Written::Value)
}

/// A float by its shortest digits: the engine shows four of them.
fn text_of(value: &AnyValue<'_>) -> String {
    match value {
        AnyValue::Float64(number) => format!("{number:e}"),
        AnyValue::Float32(number) => format!("{number:e}"),
        other => other.get_str().map_or_else(|| other.to_string(), str::to_owned),
    }
}

/// A day: a date, a text as `2025-12-31`, or a stamp at midnight, as which some writers store dates.
fn day_of(value: &AnyValue<'_>) -> Written<i32> {
    let stamp = |ticks: i64, unit: TimeUnit| {
        let per_day = 86_400
            * match unit {
                TimeUnit::Milliseconds => 1_000,
                TimeUnit::Microseconds => 1_000_000,
                TimeUnit::Nanoseconds => 1_000_000_000,
            };
        let day = i32::try_from(ticks.div_euclid(per_day)).ok().filter(|_| ticks.rem_euclid(per_day) == 0);
        day.map_or_else(|| Written::Unfit(format!("{value} (no midnight)")), Written::Value)
    };
    match value {
        AnyValue::Null => Written::Null,
        AnyValue::Date(day) => Written::Value(*day),
        AnyValue::Datetime(ticks, unit, _) | AnyValue::DatetimeOwned(ticks, unit, _) => stamp(*ticks, *unit),
        other => {
            let text = text_of(other);
            let is_iso = text.len() == 10 && text.as_bytes()[4] == b'-';
            let day = crate::day::day_of(&text).ok().filter(|_| is_iso);
            day.map_or_else(|| Written::Unfit(text), Written::Value)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_exact_whatever_they_are_stored_as() {
        let decimal = |text: &str| Written::Value(Decimal::parse(text).unwrap());
        assert_eq!(rate_of(&AnyValue::Decimal(10_837_000, 38, 7)), decimal("1.0837"));
        assert_eq!(rate_of(&AnyValue::Float64(0.1)), decimal("0.1"));
        assert_eq!(rate_of(&AnyValue::Float32(0.1)), decimal("0.1"));
        assert_eq!(rate_of(&AnyValue::String(" 1.10 ")), decimal("1.1"));
        assert_eq!(rate_of(&AnyValue::Int32(7)), decimal("7"));
        assert_eq!(rate_of(&AnyValue::Float64(f64::NAN)), Written::Unfit("NaN".into()));
        assert_eq!(rate_of(&AnyValue::Float64(f64::INFINITY)), Written::Unfit("inf".into()));
        assert_eq!(rate_of(&AnyValue::String("1,08")), Written::Unfit("1,08".into()));
        assert_eq!(rate_of(&AnyValue::Float64(1e300)), Written::Unfit("1e300 (more than 38 digits)".into()));
        assert_eq!(rate_of(&AnyValue::Null), Written::Null);
    }

    #[test]
    fn days_are_dates_texts_and_midnights() {
        // 2025-01-01 is day 20_089.
        let noon = AnyValue::Datetime(20_089 * 86_400_000 + 43_200_000, TimeUnit::Milliseconds, None);
        assert_eq!(day_of(&AnyValue::Date(20_089)), Written::Value(20_089));
        assert_eq!(day_of(&AnyValue::String("2025-01-01")), Written::Value(20_089));
        let midnight = AnyValue::Datetime(20_089 * 86_400 * 1_000_000_000, TimeUnit::Nanoseconds, None);
        assert_eq!(day_of(&midnight), Written::Value(20_089));
        assert!(matches!(day_of(&noon), Written::Unfit(text) if text.contains("2025-01-01 12:00")));
        for text in ["01/01/2025", "2025-1-1", "2025-02-30", "+12025-01-01", ""] {
            assert_eq!(day_of(&AnyValue::String(text)), Written::Unfit(text.into()), "{text}");
        }
    }
}
