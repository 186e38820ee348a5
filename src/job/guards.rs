//! The guards of a run: limits that stop it and warnings, once the rows are read and before anything is published.
//!
//! Does not live here: the rules (`quality`), and denied warnings, which are known only once the run is scored (`published`).

use rayon::prelude::*;

use super::previous_run::PreviousRun;
use crate::batch::role;
use crate::clean::currency::account::CurrencyAccount;
use crate::clean::outcome::{Outcome, Tally};
use crate::clean::quarantine::{RAW, Rejected};
use crate::config::Config;
use crate::customers::Customers;
use crate::error::Result;
use crate::input::Input;
use crate::quality::{self, RowContext};
use crate::warnings::{Facts, OldIds, Warning};

/// The rows and customers of a run, as the guards see them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guarded<'a> {
    pub(super) input: &'a Input,
    pub(super) config: &'a Config,
    pub(super) tally: &'a Tally,
    /// The same of each input, in their order.
    pub(super) tallies: &'a [Tally],
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
        filtered: filters(input).zip(removed_by_filter(input, tally)),
        date_format: date_formats(input),
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

/// The filters of the inputs, each once; none where there are none.
pub(crate) fn filters(input: &Input) -> Option<String> {
    each_once(input.parts.iter().filter_map(|part| part.settings.input.filter.clone()), "`, `")
}

/// The formats of written dates, each once; none where there are none.
pub(crate) fn date_formats(input: &Input) -> Option<String> {
    each_once(input.parts.iter().filter_map(|part| part.settings.dates.format.clone()), "` or `")
}

fn each_once(texts: impl Iterator<Item = String>, between: &str) -> Option<String> {
    let mut found: Vec<String> = Vec::new();
    for text in texts {
        if !found.contains(&text) {
            found.push(text);
        }
    }
    (!found.is_empty()).then(|| found.join(between))
}

/// The rows that the filter left out; none without a filter.
pub(super) fn removed_by_filter(input: &Input, tally: &Tally) -> Option<u64> {
    input.has_filter().then(|| input.rows().saturating_sub(tally.total_rows()))
}

impl Guarded<'_> {
    /// What a reader of the tables should know of the data; `is_published` is false where no tables are made.
    ///
    /// # Errors
    /// A quality error where a limit is passed.
    pub(super) fn check(&self, is_published: bool) -> Result<Vec<Warning>> {
        let Self { input, config, tally, customers, as_of, .. } = *self;
        let last_day = customers.last_day.par_iter().copied().max();
        let fresh = last_day.map(|last| quality::check_freshness(last, as_of, &config.quality)).transpose();
        let volume = if is_published { self.volume()? } else { Vec::new() };
        let found = [
            fresh.map_err(|error| input.named(error))?.flatten(),
            quality::lone_dates(&tally.kept_days, customers),
            quality::nobody(customers),
            quality::floats(customers),
            self.unmatched_exclusions(),
            self.unmatched_aliases(),
        ];
        Ok(volume.into_iter().chain(found.into_iter().flatten()).map(Warning::from).collect())
    }

    fn unmatched_exclusions(&self) -> Option<Facts> {
        let (path, ids) = (self.config.privacy.exclude_ids.clone()?, self.input.rules.excluded.len() as u64);
        (ids > 0 && self.tally.rows_of(Outcome::ExcludedCustomer) == 0)
            .then_some(Facts::UnmatchedExclusions { path, ids })
    }

    fn unmatched_aliases(&self) -> Option<Facts> {
        let old_ids = self.input.rules.aliases.len() as u64;
        (old_ids > 0 && self.tally.moved_rows == 0).then_some(Facts::UnmatchedAliases(OldIds { old_ids }))
    }

    /// Whether about as many rows were read as by the previous run: of all inputs, and of each that has a name.
    fn volume(&self) -> Result<Vec<Facts>> {
        let Some(previous) = PreviousRun::find(self.config, self.as_of) else { return Ok(Vec::new()) };
        let rows_of: Vec<u64> = self.tallies.iter().map(Tally::total_rows).collect();
        previous.compare(self.input, self.config, &rows_of)
    }
}
