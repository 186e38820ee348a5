//! Currencies of the input: the rates from their table, everything that is wrong with it, and settings that have no effect.
//!
//! Does not live here: the columns of the table as they are stored (`source::rates`), and conversion (`clean::currency`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use crate::clean::currency::options::{CurrencyOptions, DEFAULT_MAX_AGE_DAYS};
use crate::clean::currency::rates::{Given, GivenRates, Origin, RateFile, Rates};
use crate::clean::currency::{Currencies, MOST_WITH_RATES, same_currency};
use crate::clean::zone::VALID_DAYS;
use crate::config::Config;
use crate::day::date_text;
use crate::error::{Error, Problems, Result};
use crate::files::checksum::seal_of;
use crate::money::decimal::Decimal;
use crate::source::rates::{self, RateRow, RateTable, Written};
use crate::warnings::{Facts, Warning};

/// More decimals than 128 bits have digits.
const MOST_DECIMALS: u32 = 38;

/// How amounts are told apart and converted; none where no column says what they are in, and where the rates cannot be used,
/// which is noted.
pub(super) fn currencies(config: &Config, problems: &mut Problems) -> Option<Arc<Currencies>> {
    if !config.has_currencies() {
        return None;
    }
    let (options, scale) = (&config.currency, config.clean.money_scale);
    let base = options.base.as_deref().map(same_currency);
    let Some(path) = &options.rates else {
        return Some(Arc::new(Currencies::without_rates(base.as_deref(), scale)));
    };
    // A base that is missing has been noted with the settings.
    let rates = problems.note(read(path, &base?, options, scale))?;
    Some(Arc::new(Currencies::with_rates(rates, scale)))
}

fn read(path: &str, base: &str, options: &CurrencyOptions, scale: u8) -> Result<Rates> {
    let table = rates::read(path)?;
    let given = Gathered::of(&table, base).finish(path, &table)?;
    let files = table.files.iter().map(|(path, rows)| rate_file(path, *rows)).collect::<Result<_>>()?;
    let origin = Origin { files, unread_columns: table.unread_columns };
    Ok(Rates::new(base.to_owned(), given, options.max_age_days, scale).with_origin(origin))
}

fn rate_file(path: &Path, rows: u64) -> Result<RateFile> {
    let seal = File::open(path).and_then(seal_of);
    let seal = seal.map_err(|error| Error::source(format!("`{}` cannot be read", path.display())).cause(error))?;
    Ok(RateFile { path: path.display().to_string(), rows, bytes: seal.bytes, sha256: seal.sha256 })
}

/// Rates by currency and day, and what is wrong with others.
struct Gathered<'a> {
    table: &'a RateTable,
    base: &'a str,
    /// With the row of each.
    rates: BTreeMap<(String, Option<i32>), (Decimal, &'a RateRow)>,
    wrong: Vec<String>,
}

impl<'a> Gathered<'a> {
    fn of(table: &'a RateTable, base: &'a str) -> Self {
        let mut gathered = Self { table, base, rates: BTreeMap::new(), wrong: Vec::new() };
        table.rows.iter().for_each(|row| gathered.take(row));
        gathered
    }

    /// `row 3`, and of several files which one.
    fn place(&self, row: &RateRow) -> String {
        let of = match self.table.files.as_slice() {
            [_] | [] => String::new(),
            files => format!(" of `{}`", files[row.file].0.display()),
        };
        format!("row {}{of}", row.row)
    }

    fn take(&mut self, row: &'a RateRow) {
        let place = self.place(row);
        let name = row.currency.as_deref().map(same_currency);
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            let found = row.currency.as_ref().map_or_else(|| "null".to_owned(), |text| format!("`{text}`"));
            self.wrong.push(format!("{place}: the currency is {found}, expected a text such as `USD`"));
            return;
        };
        let day = match &row.day {
            None => Ok(None),
            Some(Written::Value(day)) if VALID_DAYS.contains(day) => Ok(Some(*day)),
            Some(Written::Value(day)) => Err(format!("`{}`", date_text(*day))),
            Some(Written::Null) => Err("null".to_owned()),
            Some(Written::Unfit(text)) => Err(format!("`{text}`")),
        };
        let rate = match &row.rate {
            Written::Value(rate) if rate.is_above_zero() && rate.decimals() <= MOST_DECIMALS => Ok(*rate),
            Written::Value(rate) => Err(format!("`{rate}`")),
            Written::Null => Err("null".to_owned()),
            Written::Unfit(text) => Err(format!("`{text}`")),
        };
        if let Err(found) = &day {
            self.wrong.push(format!(
                "{place}: the day of a rate of `{name}` is {found}, expected a date such as `2025-12-31`"
            ));
        }
        if let Err(found) = &rate {
            let expected = "a number above zero such as `1.0837`, with 38 digits and decimals at most";
            self.wrong.push(format!("{place}: the rate of `{name}` is {found}, expected {expected}"));
        }
        if let (Ok(day), Ok(rate)) = (day, rate) {
            self.add(name, day, rate, row);
        }
    }

    fn add(&mut self, name: String, day: Option<i32>, rate: Decimal, row: &'a RateRow) {
        let place = self.place(row);
        if name == self.base {
            if rate != Decimal::ONE {
                self.wrong.push(format!(
                    "{place}: the rate of `{name}` is `{rate}`, expected 1: it is `currency.base`, into which all others are converted"
                ));
            }
            return;
        }
        let of_day = day.map(|day| format!(" of {}", date_text(day))).unwrap_or_default();
        if let Some((first, earlier)) = self.rates.get(&(name.clone(), day)) {
            let earlier = self.place(earlier);
            self.wrong
                .push(format!("{place}: the rate of `{name}`{of_day} is `{rate}`, and in {earlier} it is `{first}`"));
            return;
        }
        self.rates.insert((name, day), (rate, row));
    }

    fn finish(self, path: &str, table: &RateTable) -> Result<Vec<Given>> {
        if table.rows.is_empty() {
            return Err(Error::source(format!("`{path}` has no rates")).cause("expected at least one row"));
        }
        if !self.wrong.is_empty() {
            let noun = if self.wrong.len() == 1 { "problem" } else { "problems" };
            let headline =
                format!("`{path}` has rates that cannot be used: {} {noun} (rows count from 0)", self.wrong.len());
            return Err(Error::source(headline).causes(self.wrong).hint(
                "each currency has one rate, with a column `day` one for each day: units of `currency.base` for one unit of it",
            ));
        }
        let currencies = self.rates.keys().map(|(name, _)| name).collect::<BTreeSet<_>>().len();
        if currencies > MOST_WITH_RATES {
            return Err(Error::source(format!("`{path}` has rates of {currencies} currencies"))
                .cause(format!("expected {MOST_WITH_RATES} at most")));
        }
        let mut given: Vec<Given> = Vec::new();
        for ((name, day), (rate, _)) in self.rates {
            match (day, given.last_mut().filter(|last| last.name == name).map(|last| &mut last.rates)) {
                (Some(day), Some(GivenRates::ByDay(days))) => days.push((day, rate)),
                (Some(day), _) => given.push(Given { name, rates: GivenRates::ByDay(vec![(day, rate)]) }),
                (None, _) => given.push(Given { name, rates: GivenRates::OfAllDays(rate) }),
            }
        }
        Ok(given)
    }
}

/// Settings of currencies that change no amount, and columns of rates that are not read.
pub(super) fn warnings(config: &Config, currencies: Option<&Currencies>) -> Vec<Warning> {
    let CurrencyOptions { base, rates, max_age_days } = &config.currency;
    let without_effect = |setting: &str, reason: &str| {
        Warning::from(Facts::CurrencyWithoutEffect { setting: setting.to_owned(), reason: reason.to_owned() })
    };
    if !config.has_currencies() {
        let reason = "`columns.currency` names no column, and amounts count as they stand";
        let set = [("currency.base", base.is_some()), ("currency.rates", rates.is_some())];
        return set.into_iter().filter(|(_, is_set)| *is_set).map(|(key, _)| without_effect(key, reason)).collect();
    }
    let read = currencies.and_then(Currencies::rates);
    let has_no_days = read.is_none_or(|rates| rates.days().is_none());
    let mut warnings = Vec::new();
    if *max_age_days != DEFAULT_MAX_AGE_DAYS && has_no_days {
        let reason = if rates.is_some() { "the rates have no column `day`" } else { "there are no rates" };
        warnings.push(without_effect("currency.max_age_days", reason));
    }
    if let Some(columns) = read.map(|rates| &rates.origin().unread_columns).filter(|columns| !columns.is_empty()) {
        let path = rates.clone().unwrap_or_default();
        warnings.push(Facts::UnreadRateColumns { path, columns: columns.clone() }.into());
    }
    warnings
}
