//! Rows that repeat others: how many there are, and which they are where the scan leaves them out.
//!
//! [`CountRepeats`] counts them as the rows come by, by a [`fingerprint`] of each row's values in all columns that the run
//! reads: rows less [`distinct`] rows. A different row is taken for a repeat with a chance of 10^-21 among a billion rows.
//! [`seen_rows`] tells which rows a scan without repeats has given. Does not live here: what makes a row a repeat
//! (`source::scan::repeats`), and what becomes of it (`clean::judge`).

mod distinct;
mod fingerprint;
pub(crate) mod seen_rows;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use polars::prelude::{Column, DataFrame, PolarsError, PolarsResult};

use distinct::DistinctCount;
pub(crate) use distinct::HELD_PRINTS;
use fingerprint::Fingerprints;

use super::pass::Pass;
use crate::batch::role;
use crate::clean::judge::Judged;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::input::Input;
use crate::source::scan;

/// The pass that counts the rows which repeat others.
#[derive(Debug)]
pub(crate) struct CountRepeats {
    /// The names of the compared columns in a batch.
    columns: Vec<String>,
    /// Work spaces that threads take and put back.
    spaces: Mutex<Vec<Fingerprints>>,
    rows: DistinctCount,
}

impl CountRepeats {
    /// The pass, where repeats are to be counted.
    pub(crate) fn wanted(input: &Input, config: &Config) -> Option<Arc<Self>> {
        config.clean.count_repeats.then(|| Arc::new(Self::new(input, spill_directory(config), HELD_PRINTS)))
    }

    /// A pass that holds at most so many fingerprints in memory, and some for each of its parts.
    fn new(input: &Input, directory: PathBuf, held_limit: usize) -> Self {
        let columns = (0..scan::names(&input.contract).len()).map(role::compared).collect();
        Self { columns, spaces: Mutex::default(), rows: DistinctCount::new(directory, held_limit) }
    }

    /// How many rows repeat others, when all were seen; counted on `threads` threads.
    ///
    /// # Errors
    /// A write error where what went to disk cannot be read back.
    pub(crate) fn finish(self, threads: usize) -> Result<u64> {
        let (rows, distinct) = self.rows.finish(threads)?;
        Ok(rows - distinct)
    }
}

impl Pass for CountRepeats {
    fn add(&self, _scan: usize, raw: &DataFrame, _judged: &Judged) -> Result<()> {
        let missing = |error: PolarsError| Error::bug("rows cannot be compared").cause(error);
        let columns: PolarsResult<Vec<&Column>> = self.columns.iter().map(|name| raw.column(name)).collect();
        let columns = columns.map_err(missing)?;
        let lock = || self.spaces.lock().unwrap_or_else(PoisonError::into_inner);
        let mut space = lock().pop().unwrap_or_default();
        let added = space.of(&columns).map_err(missing).and_then(|prints| self.rows.add(prints));
        lock().push(space);
        added
    }
}

/// Where fingerprints go that memory does not hold: next to the tables, where there must be room anyhow. A run that did not
/// take its output, as a library's may not, goes where the system keeps such files.
fn spill_directory(config: &Config) -> PathBuf {
    let output = Path::new(&config.output.path);
    if output.is_dir() { output.to_owned() } else { std::env::temp_dir() }
}
