//! The currencies of a run as its manifest tells them, and other runs that it is compared with.
//!
//! Does not live here: the account of the rows (`clean::currency::account`).

use crate::clean::currency::account::{CurrencyAccount, OldestRate};
use crate::clean::currency::rates::{RateFile, Rates};
use crate::config::Config;
use crate::day::date_of;
use crate::error::Result;
use crate::history::{PublishedRun, Reference};
use crate::input::Input;
use crate::manifest::{CurrencyEntry, CurrencyRowsEntry, OldestRateEntry, RateFileEntry, RatesEntry};
use crate::warnings::{Facts, Warning};

/// The entry of the manifest.
pub(super) fn entry(input: &Input, account: &CurrencyAccount) -> CurrencyEntry {
    let CurrencyAccount { kept, without_rate, oldest, .. } = account;
    let rows_of = |rows: &[(String, u64)], name: &str| {
        rows.iter().find(|(currency, _)| currency == name).map_or(0, |(_, rows)| *rows)
    };
    let mut names: Vec<&String> = kept.iter().chain(without_rate).map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    let rows = names.into_iter().map(|name| CurrencyRowsEntry {
        currency: name.clone(),
        rows_kept: rows_of(kept, name),
        rows_without_rate: rows_of(without_rate, name),
    });
    let rates = input.rules.currencies.as_ref().and_then(|currencies| currencies.rates().map(rates_entry));
    CurrencyEntry { base: base(account), rows: rows.collect(), rates, oldest_rate: oldest.as_ref().map(oldest_entry) }
}

/// What money is in: without rates, the one currency of all rows.
pub(super) fn base(account: &CurrencyAccount) -> Option<String> {
    let only = account.kept.first().filter(|_| !account.has_rates).map(|(name, _)| name.clone());
    account.base.clone().or(only)
}

fn rates_entry(rates: &Rates) -> RatesEntry {
    let file = |file: &RateFile| RateFileEntry {
        path: file.path.clone(),
        bytes: file.bytes,
        rows: file.rows,
        sha256: file.sha256.clone(),
    };
    let days = rates.days();
    RatesEntry {
        files: rates.origin().files.iter().map(file).collect(),
        rates: rates.len() as u64,
        currencies: rates.names().count() as u64 - 1,
        first_day: days.map(|(first, _)| date_of(first)),
        last_day: days.map(|(_, last)| date_of(last)),
    }
}

fn oldest_entry(oldest: &OldestRate) -> OldestRateEntry {
    OldestRateEntry {
        currency: oldest.currency.clone(),
        rate_date: date_of(oldest.row_day.saturating_sub_unsigned(oldest.age_days)),
        row_date: date_of(oldest.row_day),
        age_days: oldest.age_days,
    }
}

/// Runs whose breaks or models are taken, and which have money in another currency.
///
/// # Errors
/// A config error where such a run cannot be read.
pub(super) fn warnings(config: &Config, account: &CurrencyAccount) -> Result<Vec<Warning>> {
    base(account).map_or_else(|| Ok(Vec::new()), |ours| of_base(config, &ours))
}

/// The same where it is known what money will be in.
///
/// # Errors
/// As [`warnings`].
pub(crate) fn of_base(config: &Config, ours: &str) -> Result<Vec<Warning>> {
    let mut runs = vec![("score.breaks_from", config.score.breaks_from.clone())];
    // Further scorings may have breaks of their own.
    for scoring in config.scorings()?.further {
        runs.push(("score.breaks_from", scoring.score.breaks_from));
    }
    runs.push(("predict.params_from", config.predict.params_from.clone()));
    let mut warnings: Vec<Warning> = Vec::new();
    for (setting, path) in runs {
        let Some(path) = path.filter(|path| !path.is_empty()) else { continue };
        let run = PublishedRun::refer(Reference::new(setting, &path, "money of an earlier run", "a published run"))?;
        let theirs = run.currency()?.and_then(|currency| currency.base).filter(|theirs| *theirs != ours);
        let facts =
            theirs.map(|theirs| Facts::OtherCurrency { setting: setting.to_owned(), theirs, ours: ours.to_owned() });
        let warning = facts.map(Warning::from);
        warnings.extend(warning.filter(|warning| !warnings.contains(warning)));
    }
    Ok(warnings)
}
