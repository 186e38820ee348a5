//! The output directory of a run: checked, locked and cleared.
//!
//! Lives here: the order of these steps. Does not live here: how each is done.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;

use super::claim::Hold;
use super::published_name::PublishedName;
use super::{Staging, leftovers, target};
use crate::error::Result;

/// The output directory, held by this run alone until it, and every [`Staging`] made from it, is dropped.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    hold: Arc<Hold>,
}

impl Output {
    /// Opens the output `path`: creates it if it is missing, takes its lock and clears what dead runs left.
    ///
    /// `inputs` is everything that is read: what the user named (files and directories) and every file found there, for
    /// a link may lead elsewhere. If nothing is published in the end, what was created is removed again; in a directory
    /// that existed before, the lock file stays.
    ///
    /// # Errors
    /// `config` if the path is a file, overlaps an input or holds files of others; `busy` if another run
    /// holds it; `write` if it cannot be created or written.
    pub fn open(path: &Path, inputs: &[PathBuf]) -> Result<Self> {
        let path = target::resolve(path)?;
        target::refuse_overlap(&path, inputs)?;
        let hold = Hold::take(&path)?;
        target::refuse_foreign(&path)?;
        leftovers::clear(&path)?;
        Ok(Self { path, hold: Arc::new(hold) })
    }

    /// The output directory, absolute and without links.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the run of `as_of` is, or will be, published.
    #[must_use]
    pub fn published(&self, as_of: NaiveDate) -> PathBuf {
        self.path.join(target::directory_name(as_of))
    }

    /// Makes the private directory in which the run of `as_of` is written.
    ///
    /// # Errors
    /// `write` if it cannot be made; `config` or `write` if what is published for `as_of` must not be replaced.
    pub fn stage(&self, as_of: NaiveDate) -> Result<Staging> {
        target::refuse_foreign_inside(&self.published(as_of))?;
        Staging::create(&self.path, as_of.into(), Arc::clone(&self.hold))
    }

    /// Makes the private directory in which the campaign called `name` is written.
    ///
    /// # Errors
    /// As [`Output::stage`].
    pub fn stage_campaign(&self, name: &str) -> Result<Staging> {
        target::refuse_foreign_inside(&self.path.join(name))?;
        Staging::create(&self.path, PublishedName::Campaign(name.to_owned()), Arc::clone(&self.hold))
    }
}
