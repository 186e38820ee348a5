//! The first stage: files, footers, contract, rules, maps and frozen values, with which nothing is wrong. No row is read.
//!
//! Does not live here: the survey of all this, which lists everything that is wrong (`survey`).

use super::Job;
use super::memory::Bounded;
use super::survey::{Purpose, Survey, claimed_paths};
use crate::config::Config;
use crate::error::{Error, Problems, Result};
use crate::input::Input;
use crate::predict::LoadedModels;
use crate::privacy::Pseudonyms;
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
    pub(super) bounded: Option<Bounded>,
}

impl Opened {
    /// # Errors
    /// As [`Job::open`].
    pub(crate) fn open(mut job: Job, purpose: Purpose) -> Result<Self> {
        job.progress.stage("open");
        let surveyed = Problems::refuse_any(|problems| Survey::of(&job.draft, purpose, problems));
        job.progress.finish();
        let surveyed = surveyed?;
        let Survey { input, pseudonyms, scorings, models, bounded, .. } = surveyed;
        let (Some(input), Some(scorings)) = (input, scorings) else {
            return Err(Error::bug("a survey without a problem lacks its input or its scorings"));
        };
        let scorings = scorings.plan()?;
        check_pages(&input, job.config())?;
        job.stages.end("open", input.rows());
        Ok(Self { job, purpose, input, scorings, models, pseudonyms, bounded })
    }

    /// Looks at everything again.
    ///
    /// # Errors
    /// As [`Job::open`].
    pub(crate) fn reopen(self) -> Result<Self> {
        Self::open(self.job, self.purpose)
    }

    /// Takes the output for this run alone; where another run has it, as soon as that one ends, if the settings say so.
    ///
    /// # Errors
    /// A busy error where another run has it; a config or write error where it cannot be one.
    pub fn claim(&self) -> Result<Output> {
        let config = self.job.config();
        let is_waiting = config.output.wait_seconds > 0;
        if is_waiting {
            self.job.progress.stage("wait");
        }
        let output = Output::open(&config.output, &claimed_paths(Some(&self.input), config));
        if is_waiting {
            self.job.progress.finish();
        }
        output
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
