//! The third stage: the customers scored and grouped. `explain` and users of the library stop here.
//!
//! Does not live here: any formula (`scoring`).

use super::Job;
use super::gathered::Gathered;
use crate::clean::judge::Rules;
use crate::config::Config;
use crate::error::Result;
use crate::input::Input;
use crate::passes::attributes::Attributes;
use crate::progress::Progress;
use crate::reports::findings::Findings;
use crate::scoring::{self, Learned};

/// Everything that is known of the customers once they are scored.
#[derive(Debug)]
pub struct Scored {
    pub(super) job: Job,
    pub(crate) input: Input,
    /// The rules that the rows were judged by.
    pub(crate) rules: Rules,
    pub(crate) findings: Findings,
    pub(crate) learned: Learned,
    pub(super) attributes: Attributes,
    /// The models of a former run, where the settings name one.
    pub(crate) models: Option<crate::predict::LoadedModels>,
}

impl Gathered {
    /// Scores and groups the customers.
    ///
    /// # Errors
    /// As [`Scored::score`].
    pub fn score(self) -> Result<Scored> {
        Scored::score(self)
    }
}

impl Scored {
    /// # Errors
    /// A config error where frozen breaks do not fit the run.
    pub(super) fn score(gathered: Gathered) -> Result<Self> {
        let Gathered {
            mut job, input, maps, as_of, rules, customers, attributes, account, predictions, lookups, ..
        } = gathered;
        let rows = customers.len() as u64;
        let (mut findings, mut learned) = scoring::findings(job.config(), customers, as_of, &maps, account)?;
        predictions.attach(&mut findings, &mut learned);
        learned.warnings.extend(gathered.warnings);
        lookups.attach(&mut findings);
        job.stages.end("score", rows);
        Ok(Self { job, input, rules, findings, learned, attributes, models: gathered.models })
    }

    pub(crate) const fn config(&self) -> &Config {
        self.job.config()
    }

    pub(crate) const fn progress(&self) -> &Progress {
        &self.job.progress
    }
}
