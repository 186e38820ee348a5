//! The guards of a run: limits that stop it and warnings, once the rows are read and before anything is published.
//!
//! Does not live here: the rules (`quality`), and denied warnings, which are known only once the run is scored (`published`).

use chrono::NaiveDate;
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
use crate::manifest::InputAccountEntry;
use crate::publish;
use crate::quality::{self, PreviousRows, RowContext};
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

/// What an earlier run read.
struct Previous {
    as_of: NaiveDate,
    rows: u64,
    of_inputs: Vec<InputAccountEntry>,
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
        let Some(previous) = self.previous() else { return Ok(Vec::new()) };
        let check = |rows: u64, previous: PreviousRows| quality::check_volume(rows, previous, &self.config.quality);
        let Previous { as_of, rows, of_inputs } = previous;
        let all = check(self.tally.total_rows(), PreviousRows { as_of, rows, input: None });
        let mut found: Vec<Facts> = all.map_err(|error| self.input.named(error))?.into_iter().collect();
        for (part, tally) in self.input.parts.iter().zip(self.tallies) {
            let earlier = of_inputs.iter().find(|entry| Some(entry.name.as_str()) == part.name());
            let Some(rows) = earlier.map(|entry| entry.rows_in) else { continue };
            let input = part.name().map(str::to_owned);
            found.extend(
                check(tally.total_rows(), PreviousRows { as_of, rows, input }).map_err(|error| part.named(error))?,
            );
        }
        Ok(found)
    }

    /// The newest published date before this one that read the same inputs by the same filters.
    fn previous(&self) -> Option<Previous> {
        let read = |config: &Config| -> Vec<_> {
            let inputs = config.every_input().into_iter();
            inputs.map(|own| (own.name, own.input.paths, own.input.filter)).collect()
        };
        let own = read(self.config);
        let same = |run: &PublishedRun| run.settings().is_ok_and(|other| read(&other) == own);
        let output = self.config.output.path.as_ref();
        let mut dates = publish::published_dates(output);
        dates.retain(|date| *date < crate::day::date_of(self.as_of));
        let run = |date| {
            let run = PublishedRun::open(publish::published_path(output, date)).ok().filter(same)?;
            let of_inputs = run.account_by_input().ok()?;
            Some(Previous { as_of: date, rows: run.totals().ok()?.rows_in, of_inputs })
        };
        dates.into_iter().rev().find_map(run)
    }
}
