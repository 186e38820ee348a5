//! The first stage: files, footers, contract, rules, maps and frozen values. No row is read.
//!
//! Does not live here: how each of them is opened (`input`, `source`, `scoring`, `predict`), and how what was found is shown
//! (`commands::check`).

use std::path::PathBuf;

use super::{Job, frozen, lookups, memory, predictions, pseudonyms};
use crate::config::Config;
use crate::error::{Problems, Result};
use crate::input::Input;
use crate::predict::LoadedModels;
use crate::privacy::Pseudonyms;
use crate::publish::Output;
use crate::scoring::{PlannedScoring, Scorings, survey};
use crate::source::contract::Role;
use crate::source::footers::hints::column_hint;
use crate::source::footers::pages;
use crate::source::listing;

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Tables.
    Publish,
    /// One customer among the scored ones: nothing is gathered that only tables show.
    Explain,
}

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
        let config = job.config();
        let is_published = purpose == Purpose::Publish;
        let input = open_input(config)?;
        let pseudonyms = if is_published { pseudonyms::wanted(config)? } else { None };
        let scorings = survey(config.scorings()?, frozen::read).plan()?;
        let models = predictions::loaded(config)?;
        if is_published {
            lookups::social::weights(config)?;
            Problems::refuse_any(|problems| lookups::preflight(Some(&input), config, problems))?;
        }
        job.stages.end("open", input.contract.rows);
        Ok(Self { job, purpose, input, scorings, models, pseudonyms })
    }

    /// Takes the output for this run alone.
    ///
    /// # Errors
    /// A busy error where another run has it; a config or write error where it cannot be one.
    pub fn claim(&self) -> Result<Output> {
        let config = self.job.config();
        Output::open(config.output.path.as_ref(), &claimed_paths(Some(&self.input), config))
    }

    /// Refuses early what `run.memory_limit` will not hold. The estimate costs a second look at the footers.
    pub(super) fn refuse_beyond_memory(&self) -> Result<()> {
        let (input, config) = (&self.input, self.job.config());
        let Some(limit) = config.run.memory_limit_bytes() else { return Ok(()) };
        let ids = input.contract.column(Role::CustomerId).map_or("", |column| &column.name);
        let ids = column_hint(&input.contract.files, ids, config.threads());
        memory::refuse_beyond(Some(limit), &memory::estimate(input, config, config.threads(), &ids))
    }
}

/// Looks at the input without reading it, but for what the settings ask to be verified.
///
/// # Errors
/// A source error with everything that is wrong.
pub(crate) fn open_input(config: &Config) -> Result<Input> {
    let input = Input::open(config, config.threads())?;
    if config.input.verify {
        pages::verify_pages(&input.contract.files, config.threads())?;
    }
    Ok(input)
}

/// The paths that no output may touch.
pub(crate) fn claimed_paths(input: Option<&Input>, config: &Config) -> Vec<PathBuf> {
    let mut claimed = input.map(Input::paths).unwrap_or_default();
    let lookups = config.social.path.iter().chain(&config.predict.profits.path);
    claimed.extend(config.input.paths.iter().chain(lookups).map(|path| listing::searched(path)));
    claimed
}
