//! The output directory of a run: checked, locked and cleared.
//!
//! Lives here: the order of these steps. Does not live here: how each is done.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;

use super::fault::os_error;
use super::lock::{self, Lock};
use super::publish::sync_directory;
use super::{Staging, leftovers, place};
use crate::error::{Error, Result};

/// The output directory, held by this run alone until it, and every [`Staging`] made of it, is dropped.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    lock: Arc<Lock>,
}

impl Output {
    /// Opens the output `path`: creates it if it is missing, takes its lock and clears what dead runs left.
    ///
    /// `inputs` is all that is read: what the user named (files and directories) and every file found there,
    /// for a link may lead elsewhere. A run that fails later leaves nothing but an empty directory and
    /// hidden files.
    ///
    /// # Errors
    /// `config` if the path is a file, overlaps an input or holds files of others; `busy` if another run
    /// holds it; `write` if it cannot be created or written.
    pub fn open(path: &Path, inputs: &[PathBuf]) -> Result<Self> {
        let path = place::resolve(path)?;
        place::refuse_overlap(&path, inputs)?;
        create(&path)?;
        if fs::symlink_metadata(path.join(lock::LOCK)).is_err() {
            // Never used before: look before the first hidden file is left in a directory of others.
            place::refuse_foreign(&path)?;
        }
        let lock = Lock::take(&path)?;
        place::refuse_foreign(&path)?;
        leftovers::clear(&path)?;
        Ok(Self { path, lock: Arc::new(lock) })
    }

    /// The output directory, absolute and without links.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the run of `as_of` is, or will be, published.
    #[must_use]
    pub fn published(&self, as_of: NaiveDate) -> PathBuf {
        self.path.join(place::directory_name(as_of))
    }

    /// Makes the private directory in which the run of `as_of` is written.
    ///
    /// # Errors
    /// `write` if it cannot be made; `config` or `write` if what is published for `as_of` must not be replaced.
    pub fn stage(&self, as_of: NaiveDate) -> Result<Staging> {
        place::refuse_foreign_inside(&self.published(as_of))?;
        Staging::create(&self.path, as_of, Arc::clone(&self.lock))
    }
}

/// Creates `path` and its parents, and makes their names durable: a result is no safer than the path to it.
fn create(path: &Path) -> Result<()> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return Ok(()),
        Ok(_) => {
            return Err(Error::config(format!("`{}` cannot be the output: it is a file", path.display()))
                .hint("`output.path` names a directory"));
        }
        Err(_) => {}
    }
    let missing: Vec<&Path> = path.ancestors().take_while(|ancestor| !ancestor.exists()).collect();
    // 0755 and not the usual 0777: even with a umask of 0 nobody else may put files into our results.
    DirBuilder::new().recursive(true).mode(0o755).create(path).map_err(|error| os_error("created", path, &error))?;
    missing.into_iter().filter_map(Path::parent).try_for_each(sync_directory)
}
