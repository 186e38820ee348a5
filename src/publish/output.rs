//! The output directory of a run: checked, locked and cleared.
//!
//! Lives here: the order of these steps. Does not live here: how each is done.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;

use super::claim::{Claim, Hold};
use super::options::OutputOptions;
use super::published_name::PublishedName;
use super::{Staging, layout, leftovers, parts, target};
use crate::error::Result;

/// The output directory, held by this run alone until it, and every [`Staging`] made from it, is dropped.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    options: OutputOptions,
    has_waited: bool,
    hold: Arc<Hold>,
}

impl Output {
    /// Opens the output of these settings: creates it if it is missing, takes its lock, waiting as long as they say, and clears
    /// what dead runs left.
    ///
    /// `inputs` is everything that is read: what the user named (files and directories) and every file found there, for
    /// a link may lead elsewhere. If nothing is published in the end, what was created is removed again; in a directory
    /// that existed before, the lock file stays.
    ///
    /// # Errors
    /// `config` if the path is a file, overlaps an input or holds files of others; `busy` if another run
    /// holds it; `write` if it cannot be created or written.
    pub fn open(options: &OutputOptions, inputs: &[PathBuf]) -> Result<Self> {
        let path = target::resolve(options.path.as_ref())?;
        target::refuse_overlap(&path, inputs)?;
        let Claim { hold, has_waited } = Hold::take(&path, options)?;
        target::refuse_foreign(&path, options.layout)?;
        leftovers::clear(&path)?;
        parts::clear(&path)?;
        Ok(Self { path, options: options.clone(), has_waited, hold: Arc::new(hold) })
    }

    /// The output directory, absolute and without links.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether another run held the output at first: what was looked at before may have changed.
    #[must_use]
    pub const fn has_waited(&self) -> bool {
        self.has_waited
    }

    /// Where the run of `as_of` is, or will be, published.
    #[must_use]
    pub fn published(&self, as_of: NaiveDate) -> PathBuf {
        layout::published(&self.path, self.options.layout, as_of)
    }

    /// Makes the private directory in which the run of `as_of` is written.
    ///
    /// # Errors
    /// `write` if it cannot be made; `config` or `write` if what is published for `as_of` must not be replaced.
    pub fn stage(&self, as_of: NaiveDate) -> Result<Staging> {
        target::refuse_foreign_inside(&self.published(as_of))?;
        Staging::create(&self.path, &self.options, as_of.into(), Arc::clone(&self.hold))
    }

    /// Makes the private directory in which the campaign called `name` is written.
    ///
    /// # Errors
    /// As [`Output::stage`].
    pub fn stage_campaign(&self, name: &str) -> Result<Staging> {
        target::refuse_foreign_inside(&self.path.join(name))?;
        let name = PublishedName::Campaign(name.to_owned());
        Staging::create(&self.path, &self.options, name, Arc::clone(&self.hold))
    }
}
