//! The published date that a campaign is from.
//!
//! Does not live here: its customers (`candidates`).

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::history::{PublishedRun, PublishedTable};
use crate::privacy::Pseudonyms;
use crate::publish;
use crate::reports::campaigns::Stamp;

/// The published date, and the settings of the campaign.
pub(super) struct Source {
    pub(super) run: PublishedRun,
    /// The directory, as it was typed.
    pub(super) directory: PathBuf,
    /// The settings of the run.
    pub(super) settings: Config,
    /// The settings of the campaign, which are those of this process.
    pub(super) config: Config,
    pub(super) as_of: NaiveDate,
    /// The day of contact.
    pub(super) on: NaiveDate,
    pub(super) customers: PublishedTable,
}

impl Source {
    /// Opens the run in `directory`.
    ///
    /// # Errors
    /// A config error where there is none, its customers are pairs, or the day of contact lies before its date.
    pub(super) fn open(directory: &Path, config: Config) -> Result<Self> {
        let run = PublishedRun::open(directory)?;
        let (settings, as_of) = (run.settings()?, run.as_of()?);
        let on = match config.campaign.on.as_deref().map(str::parse) {
            Some(Ok(on)) => on,
            _ => as_of,
        };
        if on < as_of {
            return Err(Error::config(format!("`campaign.on` is {on}, before the analysis date {as_of}"))
                .cause("what was known of the customers then is not what is published here")
                .hint("name an earlier published date, or a later day of contact"));
        }
        if let Some(per) = &settings.customers.per {
            return Err(Error::config(format!("`{}` has one customer per id and `{per}`", directory.display()))
                .cause("a campaign contacts people, and an id alone names none there")
                .hint("publish a date without `customers.per`, and choose by `--where` instead"));
        }
        let customers = run.table("customers")?;
        customers.require(&["customer_id", "segment", "cell"])?;
        Ok(Self { run, directory: directory.to_owned(), settings, config, as_of, on, customers })
    }

    /// The directory that holds the campaigns of its output.
    pub(super) fn campaigns(&self) -> PathBuf {
        campaigns_of(&self.directory)
    }

    /// What all rows of its tables have.
    pub(super) fn stamp(&self, campaign: &str) -> Result<Stamp> {
        Ok(Stamp {
            as_of: crate::day::days_of(self.as_of),
            campaign: campaign.to_owned(),
            scale: self.run.totals()?.money_scale,
            money: self.settings.output.money,
        })
    }

    /// The pseudonyms that ids of lists go through; none where ids are published as they are.
    ///
    /// # Errors
    /// A config error where ids are pseudonyms and there is no key.
    pub(super) fn pseudonyms(&self) -> Result<Option<Pseudonyms>> {
        pseudonyms(self.settings.privacy.hash_ids, &self.config)
    }
}

/// The pseudonyms of a campaign whose ids are hashed.
///
/// # Errors
/// A config error where there is no key.
pub(super) fn pseudonyms(are_hashed: bool, config: &Config) -> Result<Option<Pseudonyms>> {
    let mut config = config.clone();
    config.privacy.hash_ids = are_hashed;
    crate::job::pseudonyms::wanted(&config)
}

/// The directory of campaigns next to a published directory.
fn campaigns_of(directory: &Path) -> PathBuf {
    // Behind a link such as `latest`, the output is where the date lies.
    let directory = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
    publish::campaigns_of(&directory)
}
