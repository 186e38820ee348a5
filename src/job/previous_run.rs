//! The previous run of the same inputs, and whether this one has about as many rows.
//!
//! Does not live here: how many rows are enough (`quality`).

use chrono::NaiveDate;

use crate::config::Config;
use crate::day::date_of;
use crate::error::Result;
use crate::history::PublishedRun;
use crate::input::Input;
use crate::manifest::InputAccountEntry;
use crate::publish;
use crate::quality::{self, PreviousRows};
use crate::warnings::Facts;

/// What an earlier run read.
#[derive(Debug)]
pub(crate) struct PreviousRun {
    /// Its analysis date.
    pub(crate) as_of: NaiveDate,
    /// The rows that it read.
    pub(crate) rows: u64,
    of_inputs: Vec<InputAccountEntry>,
}

impl PreviousRun {
    /// The newest published date before the analysis date `as_of` that read the same inputs by the same filters.
    pub(crate) fn find(config: &Config, as_of: i32) -> Option<Self> {
        let read = |config: &Config| -> Vec<_> {
            let inputs = config.every_input().into_iter();
            inputs.map(|own| (own.name, own.input.paths, own.input.filter)).collect()
        };
        let own = read(config);
        let same = |run: &PublishedRun| run.settings().is_ok_and(|other| read(&other) == own);
        let output = config.output.path.as_ref();
        let mut dates = publish::published_dates(output);
        dates.retain(|date| *date < date_of(as_of));
        let run = |date| {
            let run = PublishedRun::open(publish::published_path(output, date)).ok().filter(same)?;
            let of_inputs = run.account_by_input().ok()?;
            Some(Self { as_of: date, rows: run.totals().ok()?.rows_in, of_inputs })
        };
        dates.into_iter().rev().find_map(run)
    }

    /// Whether about as many rows are read now: of all inputs, and of each that has a name. `rows_of` are those of each input.
    ///
    /// # Errors
    /// A quality error where there are too few of them by the settings.
    pub(crate) fn compare(&self, input: &Input, config: &Config, rows_of: &[u64]) -> Result<Vec<Facts>> {
        let check = |rows: u64, previous: u64, input: Option<String>| {
            let previous = PreviousRows { as_of: self.as_of, rows: previous, input };
            quality::check_volume(rows, previous, &config.quality)
        };
        let all = check(rows_of.iter().sum(), self.rows, None).map_err(|error| input.named(error))?;
        let mut found: Vec<Facts> = all.into_iter().collect();
        for (part, rows) in input.parts.iter().zip(rows_of) {
            let earlier = self.of_inputs.iter().find(|entry| Some(entry.name.as_str()) == part.name());
            let Some(previous) = earlier.map(|entry| entry.rows_in) else { continue };
            let name = part.name().map(str::to_owned);
            found.extend(check(*rows, previous, name).map_err(|error| part.named(error))?);
        }
        Ok(found)
    }
}
