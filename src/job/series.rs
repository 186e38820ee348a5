//! A run for several analysis dates: each date is published when it is complete.
//!
//! The manifest of each date is that of a run of this date alone, so that whoever reads it cannot tell. Does not live here:
//! what is gathered at each date (`dates`), and which dates are up to date (`resumed`).

use std::path::PathBuf;

use chrono::NaiveDate;

use super::dates::{AtDate, Dates};
use super::published::Published;
use super::{Job, Opened, Purpose, against, resumed};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::publish::Output;
use crate::quality;
use crate::series::options::BreaksOf;
use crate::warnings::{Facts, SkippedDate, Warning};

/// What became of one date of a series.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one at a time")]
pub enum DateDone {
    /// It is published now.
    Published(Published),
    /// It was published before, with the same settings, of the same input.
    UpToDate {
        /// The date.
        as_of: NaiveDate,
        /// Where it is.
        path: PathBuf,
    },
    /// No order speaks for it.
    Skipped(Warning),
}

impl Job {
    /// Runs the whole job for every date of `[series]`; `tell` hears of each date when it is done.
    ///
    /// # Errors
    /// Any kind. The dates that were published before it stand.
    pub fn run_series(self, mut tell: impl FnMut(DateDone)) -> Result<()> {
        let resume = self.config().series.resume;
        let dates = self.at_dates(Purpose::Publish)?;
        let config = dates.config().clone();
        // Nothing is read while another run holds the output.
        let output = dates.claim()?;
        let mut walk = Walk { dates, output, resume, published: 0, has_new_breaks: false };
        let mut left = walk.dates.list().to_vec();
        let breaks_from = walk.breaks(config.series.breaks_of(), &mut left, &mut tell)?;
        if let Some(reason) = walk.dates.reads_apart() {
            tracing::info!(reason, "each date is read by itself");
        }
        walk.await_only_missing(&left, breaks_from.as_deref())?;
        for date in left {
            tell(walk.date(date, breaks_from.as_deref())?.0);
        }
        if walk.published == 0 {
            return Err(Error::quality(
                "no date of the series is published: each lies before the first order or after the last",
            )
            .hint("give dates from the day of the first order to that of the last one (`series.from`, `series.to`)"));
        }
        Ok(())
    }

    /// The job at the dates of `[series]`; nothing is read yet.
    ///
    /// # Errors
    /// As [`Job::open`]; a config error where the settings name no dates.
    pub(crate) fn at_dates(self, purpose: Purpose) -> Result<Dates> {
        let opened = Opened::open(self.with_given_breaks(), purpose)?;
        let config = opened.job.config();
        let dates = analysis_dates(config)?;
        refuse_without_breaks(config)?;
        Ok(opened.at_dates(dates))
    }

    /// A path in `series.breaks` is what `score.breaks_from` means at every date.
    fn with_given_breaks(mut self) -> Self {
        let config = &mut self.draft.config;
        if let BreaksOf::Run(path) = config.series.breaks_of() {
            config.score.breaks_from = Some(path.to_owned());
        }
        self
    }
}

/// The dates, where any are asked for.
fn analysis_dates(config: &Config) -> Result<Vec<NaiveDate>> {
    let dates = config.series.analysis_dates();
    let dates = dates.map_err(|wrong| Error::config(format!("`{}`: expected {}", wrong.key, wrong.expected)))?;
    if dates.is_empty() {
        return Err(Error::config("the settings name no analysis dates").hint("set `series.from` and `series.to`"));
    }
    Ok(dates)
}

/// Refuses methods without breaks where all dates are to use those of one of them.
fn refuse_without_breaks(config: &Config) -> Result<()> {
    let breaks = &config.series.breaks;
    if !matches!(config.series.breaks_of(), BreaksOf::First | BreaksOf::Last) {
        return Ok(());
    }
    let with_breaks = config.at(NaiveDate::default(), Some(breaks));
    crate::config::validate(&with_breaks).map_err(|error| {
        Error::config(format!("`series.breaks` is `{breaks}`, and these scores have no breaks"))
            .causes(error.shown_causes())
            .hint("choose methods with breaks, or leave `series.breaks` at `own`")
    })
}

/// The dates on their way.
struct Walk {
    dates: Dates,
    output: Output,
    resume: bool,
    /// Dates that are published, now or before.
    published: usize,
    /// Whether the date whose breaks the others use was published anew, so that none of them is up to date.
    has_new_breaks: bool,
}

impl Walk {
    /// Publishes the date whose breaks all others use, and takes it from those that are `left`; gives where it is.
    fn breaks(
        &mut self,
        breaks_of: BreaksOf<'_>,
        left: &mut Vec<NaiveDate>,
        tell: &mut impl FnMut(DateDone),
    ) -> Result<Option<String>> {
        let is_last = match breaks_of {
            BreaksOf::First => false,
            BreaksOf::Last => true,
            BreaksOf::Own | BreaksOf::Run(_) => return Ok(None),
        };
        while !left.is_empty() {
            let date = left.remove(if is_last { left.len() - 1 } else { 0 });
            let (done, path) = self.date(date, None)?;
            self.has_new_breaks |= matches!(done, DateDone::Published(_));
            tell(done);
            if let Some(path) = path {
                return Ok(Some(path.display().to_string()));
            }
        }
        Ok(None)
    }

    /// Only dates that are not up to date are read.
    fn await_only_missing(&mut self, left: &[NaiveDate], breaks_from: Option<&str>) -> Result<()> {
        let mut missing = Vec::new();
        for date in left {
            if !self.is_up_to_date(*date, breaks_from)? {
                missing.push(*date);
            }
        }
        self.dates.await_only(missing);
        Ok(())
    }

    fn is_up_to_date(&self, date: NaiveDate, breaks_from: Option<&str>) -> Result<bool> {
        let may_stand = self.resume && !(breaks_from.is_some() && self.has_new_breaks);
        let path = self.output.published(date);
        Ok(may_stand && resumed::is_up_to_date(&self.dates.opened(date, breaks_from)?, &path))
    }

    /// Publishes one date, unless it is up to date or skipped; gives where it is.
    fn date(&mut self, date: NaiveDate, breaks_from: Option<&str>) -> Result<(DateDone, Option<PathBuf>)> {
        let path = self.output.published(date);
        if self.is_up_to_date(date, breaks_from)? {
            tracing::info!(as_of = %date, "published already with the same settings, of the same input");
            self.published += 1;
            return Ok((DateDone::UpToDate { as_of: date, path: path.clone() }, Some(path)));
        }
        let gathered = match self.dates.gather(date, breaks_from)? {
            AtDate::Gathered(gathered) => gathered,
            AtDate::Skipped(skipped) => return Ok((DateDone::Skipped(self.skip(skipped)?), None)),
        };
        let scored = against::hold(gathered.score()?, &mut self.dates, breaks_from)?;
        let published = scored.publish(&self.output)?;
        self.published += 1;
        let path = published.path.clone();
        Ok((DateDone::Published(published), Some(path)))
    }

    fn skip(&self, skipped: SkippedDate) -> Result<Warning> {
        let warning = Warning::from(Facts::DateSkipped(skipped));
        let denied = &self.dates.config().run.deny_warnings;
        quality::refuse_denied(std::slice::from_ref(&warning), denied)?;
        Ok(warning)
    }
}
