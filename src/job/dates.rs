//! The seam at several analysis dates of one job: what a run for each of them alone would gather.
//!
//! Whoever asks for two dates of one job gets them here, in any order: a series, or a date and the one that it is compared
//! with. Does not live here: how one read tells all of them (`together`), which dates those are (`series`), and what becomes of what is gathered (`gathered`).

use chrono::NaiveDate;

use super::Gathered;
use super::opened::Opened;
use super::rows_read::RowsRead;
use super::together::{self, Together};
use crate::clean::outcome::{Outcome, Tally};
use crate::config::Config;
use crate::day::date_of;
use crate::error::Result;
use crate::input::Input;
use crate::publish::Output;
use crate::warnings::SkippedDate;

/// A job that is gathered at several dates.
#[derive(Debug)]
pub struct Dates {
    opened: Opened,
    list: Vec<NaiveDate>,
    /// Those that will be asked for.
    awaited: Vec<NaiveDate>,
    /// The rows of these, once one of them was asked for.
    together: Option<Together>,
    /// Why each date needs a read of its own; none where one read tells all of them.
    apart: Option<&'static str>,
}

/// What is known at one of the dates.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one at a time")]
pub enum AtDate {
    /// As a run of this date alone gathers it.
    Gathered(Gathered),
    /// No order speaks for the date.
    Skipped(SkippedDate),
}

/// Why each date of a job needs a read of its own; none where one read tells all of them.
pub(crate) fn reads_apart(config: &Config, input: &Input) -> Option<&'static str> {
    together::reads_apart(config, input)
}

impl Opened {
    /// The same job at these dates, ascending and each once.
    #[must_use]
    pub fn at_dates(self, dates: Vec<NaiveDate>) -> Dates {
        let apart = reads_apart(self.job.config(), &self.input);
        Dates { awaited: dates.clone(), opened: self, list: dates, together: None, apart }
    }
}

impl Dates {
    /// The dates, ascending.
    #[must_use]
    pub fn list(&self) -> &[NaiveDate] {
        &self.list
    }

    /// Why each date needs a read of its own; none where one read tells all of them.
    #[must_use]
    pub const fn reads_apart(&self) -> Option<&'static str> {
        self.apart
    }

    /// Says that none but these dates, which ascend, will be asked for.
    pub(super) fn await_only(&mut self, dates: Vec<NaiveDate>) {
        self.awaited = dates;
    }

    pub(crate) const fn config(&self) -> &Config {
        self.opened.job.config()
    }

    /// Takes the output for this job alone.
    ///
    /// # Errors
    /// As [`Opened::claim`].
    pub(super) fn claim(&self) -> Result<Output> {
        self.opened.claim()
    }

    /// The job of one of the dates, as it would be opened for this date alone; with `breaks_from`, with the breaks of that
    /// published run.
    ///
    /// # Errors
    /// A config error where the scorings cannot be made with these breaks.
    pub(super) fn opened(&self, date: NaiveDate, breaks_from: Option<&str>) -> Result<Opened> {
        self.opened.at(date, breaks_from)
    }

    /// What is known at one of the dates; with `breaks_from`, with the breaks of that published run.
    ///
    /// # Errors
    /// As [`Opened::gather`]; a config error where the scorings cannot be made with these breaks.
    pub fn gather(&mut self, date: NaiveDate, breaks_from: Option<&str>) -> Result<AtDate> {
        self.gather_altered(date, breaks_from, |_| {})
    }

    /// As [`Self::gather`], with settings that leave out what is not wanted of this date. They may not change what is read.
    ///
    /// # Errors
    /// As [`Self::gather`].
    pub(super) fn gather_altered(
        &mut self,
        date: NaiveDate,
        breaks_from: Option<&str>,
        alter: impl FnOnce(&mut Config),
    ) -> Result<AtDate> {
        let allows_empty = self.config().clean.allow_empty;
        let mut read = self.rows(date, breaks_from)?;
        alter(&mut read.opened.job.draft.config);
        match skipped(date, &read.aggregated.tally) {
            Some(skipped) if !(allows_empty && skipped.last_order.is_none()) => Ok(AtDate::Skipped(skipped)),
            _ => Gathered::of(read).map(AtDate::Gathered),
        }
    }
}

impl Dates {
    /// What is known at one of the dates, whether an order speaks for it or not: what a run of this date alone publishes.
    ///
    /// # Errors
    /// As [`Self::gather`].
    pub(super) fn gather_whatever(&mut self, date: NaiveDate) -> Result<Gathered> {
        Gathered::of(self.rows(date, None)?)
    }

    /// The rows of one of the dates.
    fn rows(&mut self, date: NaiveDate, breaks_from: Option<&str>) -> Result<RowsRead> {
        let is_one_of_several = self.awaited.len() > 1 && self.awaited.contains(&date);
        if self.together.is_none() && self.apart.is_none() && is_one_of_several {
            self.together = Some(Together::read(&mut self.opened, &self.awaited)?);
        }
        let opened = self.opened(date, breaks_from)?;
        match self.together.as_ref().filter(|together| together.has(date)) {
            Some(together) => together.at(date, opened),
            None => RowsRead::of(opened),
        }
    }
}

/// Whether a date lies before the first order or after the last one. A row that is dated after it says that the data go on.
fn skipped(as_of: NaiveDate, tally: &Tally) -> Option<SkippedDate> {
    let last_order = tally.last_day.map(date_of);
    let goes_on = tally.rows_of(Outcome::AfterAsOf) > 0;
    match last_order {
        None => (tally.rows_of(Outcome::Kept) == 0 && goes_on).then_some(SkippedDate { as_of, last_order }),
        Some(last) => (last < as_of && !goes_on).then_some(SkippedDate { as_of, last_order }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(kept: u64, after: u64, last: Option<i32>) -> Tally {
        let mut tally = Tally { last_day: last, ..Tally::default() };
        tally.rows[Outcome::Kept.index()] = kept;
        tally.rows[Outcome::AfterAsOf.index()] = after;
        tally
    }

    #[test]
    fn a_date_outside_the_days_of_orders_is_skipped() {
        let date = date_of(10);
        let skip = |last: Option<i32>| Some(SkippedDate { as_of: date, last_order: last.map(date_of) });
        assert_eq!(skipped(date, &tally(5, 0, Some(10))), None, "the last order is of this day");
        assert_eq!(skipped(date, &tally(5, 2, Some(7))), None, "three days without an order, and then more");
        assert_eq!(skipped(date, &tally(5, 0, Some(9))), skip(Some(9)));
        assert_eq!(skipped(date, &tally(0, 2, None)), skip(None));
        assert_eq!(skipped(date, &tally(0, 0, None)), None, "all rows are bad: the run says so");
    }
}
