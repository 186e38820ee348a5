//! The first stage: files, footers, contract, rules, maps and frozen values, with which nothing is wrong. No row is read.
//!
//! Does not live here: the survey of all this, which lists everything that is wrong (`survey`).

use std::sync::Arc;

use chrono::NaiveDate;

use super::Job;
use super::survey::{self, Purpose, Survey, claimed_paths};
use crate::config::Config;
use crate::error::{Error, Problems, Result};
use crate::input::Input;
use crate::predict::LoadedModels;
use crate::privacy::Pseudonyms;
use crate::progress::Stages;
use crate::publish::Output;
use crate::scoring::{PlannedScoring, Scorings};
use crate::source::footers::pages;

/// A run whose input and settings fit.
#[derive(Debug)]
pub struct Opened {
    pub(super) job: Job,
    pub(super) purpose: Purpose,
    pub(super) input: Input,
    pub(super) scorings: Scorings<PlannedScoring>,
    pub(super) models: Option<LoadedModels>,
    pub(super) pseudonyms: Option<Pseudonyms>,
}

impl Opened {
    /// # Errors
    /// As [`Job::open`].
    pub(crate) fn open(mut job: Job, purpose: Purpose) -> Result<Self> {
        job.progress.stage("open");
        let surveyed = Problems::refuse_any(|problems| Survey::of(&job.draft, purpose, problems));
        job.progress.finish();
        let surveyed = surveyed?;
        let Survey { input, pseudonyms, scorings, models, .. } = surveyed;
        let (Some(input), Some(scorings)) = (input, scorings) else {
            return Err(Error::bug("a survey without a problem lacks its input or its scorings"));
        };
        let scorings = scorings.plan()?;
        check_pages(&input, job.config())?;
        job.stages.end("open", input.rows());
        Ok(Self { job, purpose, input, scorings, models, pseudonyms })
    }

    /// The same run for one of several analysis dates, as if it had been asked for this date alone; with `breaks_from`, with
    /// the breaks of that published run.
    ///
    /// # Errors
    /// A config error where the scorings cannot be made with these breaks.
    pub(super) fn at(&self, date: NaiveDate, breaks_from: Option<&str>) -> Result<Self> {
        let mut draft = self.job.draft.clone();
        draft.config = draft.config.at(date, breaks_from);
        let mut input = self.input.clone();
        let since_epoch = date.signed_duration_since(NaiveDate::default()).num_days();
        input.rules.as_of = i32::try_from(since_epoch).ok();
        input.rules.aliases = Arc::new(input.rules.aliases.unseen());
        let known = input.rules.known;
        let surveyed = Problems::refuse_any(|problems| survey::scorings(&draft.config, known, problems))?;
        let (progress, stages) = (self.job.progress.of_date(date), Stages::of_date(date));
        Ok(Self {
            job: Job { draft, progress, stages },
            purpose: self.purpose,
            input,
            scorings: surveyed.plan()?,
            models: self.models,
            pseudonyms: self.pseudonyms.clone(),
        })
    }

    /// Takes the output for this run alone.
    ///
    /// # Errors
    /// A busy error where another run has it; a config or write error where it cannot be one.
    pub fn claim(&self) -> Result<Output> {
        let config = self.job.config();
        Output::open(config.output.path.as_ref(), &claimed_paths(Some(&self.input), config))
    }
}

/// Looks at the input without reading it, but for what the settings ask to be verified.
///
/// # Errors
/// A source error with everything that is wrong.
pub(crate) fn open_input(config: &Config) -> Result<Input> {
    let input = Input::open(config, config.threads())?;
    check_pages(&input, config)?;
    Ok(input)
}

/// Looks at pages, where more than footers is to be checked.
fn check_pages(input: &Input, config: &Config) -> Result<()> {
    let mut verified = input.parts.iter().filter(|part| part.settings.input.verify);
    verified.try_for_each(|part| pages::verify_pages(&part.contract.files, config.threads()))
}
