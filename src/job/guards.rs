//! The guards of a run: limits that stop it and warnings, once the rows are read and before anything is published.
//!
//! Does not live here: the rules (`quality`), and denied warnings, which are known only once the run is scored (`published`).

use rayon::prelude::*;

use crate::batch::role;
use crate::clean::currency::account::CurrencyAccount;
use crate::clean::outcome::{Outcome, Tally};
use crate::clean::quarantine::{RAW, Rejected};
use crate::config::Config;
use crate::customers::Customers;
use crate::error::Result;
use crate::history::PublishedRun;
use crate::input::Input;
use crate::publish;
use crate::quality::{self, PreviousRows, RowContext};
use crate::warnings::{Facts, Warning};

/// The rows and customers of a run, as the guards see them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guarded<'a> {
    pub(super) input: &'a Input,
    pub(super) config: &'a Config,
    pub(super) tally: &'a Tally,
    pub(super) customers: &'a Customers,
    /// The analysis date.
    pub(super) as_of: i32,
}

/// Refuses a run whose data is too bad; `rejects` are the sample of bad rows.
///
/// # Errors
/// As [`quality::gate`] and [`quality::check_rows`], with the files.
pub(super) fn refuse_bad(input: &Input, config: &Config, tally: &Tally, rejects: &[Rejected]) -> Result<()> {
    let time = RAW.iter().position(|name| *name == role::TIME).unwrap_or_default();
    let no_dates = rejects.iter().filter(|rejected| rejected.reason == Outcome::UnparsableDate);
    let context = RowContext {
        labels: input.column_labels(),
        as_of: input.rules.as_of,
        filtered: config.input.filter.clone().zip(removed_by_filter(input, tally)),
        date_format: config.dates.format.clone(),
        no_dates: Vec::new(),
        without_rate: currencies(input, tally).map(|account| account.without_rate).unwrap_or_default(),
    };
    let context = context.with_no_dates(no_dates.filter_map(|rejected| rejected.raw[time].as_deref()));
    quality::gate(tally, &context, &config.clean)
        .and_then(|()| quality::check_rows(tally, &config.quality))
        .map_err(|error| input.named(error))
}

/// The rows by currency; none where the input has no currencies.
fn currencies(input: &Input, tally: &Tally) -> Option<CurrencyAccount> {
    let currencies = input.rules.currencies.as_deref()?;
    Some(CurrencyAccount::new(currencies, &tally.currencies))
}

/// The rows by currency, and what a reader should know of them. Refuses amounts of several currencies without rates.
///
/// # Errors
/// As [`quality::check_currencies`], with the files; a config error where a run cannot be read whose breaks or models are taken.
pub(super) fn currencies_or_refuse(
    input: &Input,
    config: &Config,
    tally: &Tally,
) -> Result<(Option<CurrencyAccount>, Vec<Warning>)> {
    let Some(account) = currencies(input, tally) else { return Ok((None, Vec::new())) };
    let facts = quality::check_currencies(&account, &input.column_labels().currency);
    let facts = facts.map_err(|error| input.named(error))?;
    let mut warnings: Vec<Warning> = facts.map(Warning::from).into_iter().collect();
    warnings.extend(super::currencies::warnings(config, &account)?);
    Ok((Some(account), warnings))
}

/// The rows that the filter left out; none without a filter.
pub(super) fn removed_by_filter(input: &Input, tally: &Tally) -> Option<u64> {
    input.filter.as_ref().map(|_| input.contract.rows.saturating_sub(tally.total_rows()))
}

impl Guarded<'_> {
    /// What a reader of the tables should know of the data; `is_published` is false where no tables are made.
    ///
    /// # Errors
    /// A quality error where a limit is passed.
    pub(super) fn check(&self, is_published: bool) -> Result<Vec<Warning>> {
        let Self { input, config, tally, customers, as_of } = *self;
        let last_day = customers.last_day.par_iter().copied().max();
        let fresh = last_day.map(|last| quality::check_freshness(last, as_of, &config.quality)).transpose();
        let previous = if is_published { self.previous_rows() } else { None };
        let volume = previous.map(|previous| quality::check_volume(tally.total_rows(), previous, &config.quality));
        let found = [
            fresh.map_err(|error| input.named(error))?.flatten(),
            volume.transpose().map_err(|error| input.named(error))?.flatten(),
            quality::lone_dates(&tally.kept_days, customers),
            quality::nobody(customers),
            quality::floats(customers),
            self.unmatched_exclusions(),
        ];
        Ok(found.into_iter().flatten().map(Warning::from).collect())
    }

    fn unmatched_exclusions(&self) -> Option<Facts> {
        let (path, ids) = (self.config.privacy.exclude_ids.clone()?, self.input.rules.excluded.len() as u64);
        (ids > 0 && self.tally.rows_of(Outcome::ExcludedCustomer) == 0)
            .then_some(Facts::UnmatchedExclusions { path, ids })
    }

    /// The rows of the newest published date before this one that read the same input by the same filter.
    fn previous_rows(&self) -> Option<PreviousRows> {
        let own = &self.config.input;
        let same = |run: &PublishedRun| {
            run.settings().is_ok_and(|other| other.input.paths == own.paths && other.input.filter == own.filter)
        };
        let output = self.config.output.path.as_ref();
        let mut dates = publish::published_dates(output);
        dates.retain(|date| *date < crate::day::date_of(self.as_of));
        let run = |date| {
            let run = PublishedRun::open(publish::published_path(output, date)).ok().filter(same)?;
            Some(PreviousRows { as_of: date, rows: run.totals().ok()?.rows_in })
        };
        dates.into_iter().rev().find_map(run)
    }
}
