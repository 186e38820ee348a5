//! The read that finds rows that repeat others, before all reads that leave them out.
//!
//! Whole rows become fingerprints of their values in all columns ([`fingerprint`]), of which [`distinct`] finds those that
//! come again. A different row is taken for a repeat with a chance of 10^-21 among a billion rows. Of rows with one key the
//! engine keeps one. Does not live here: which rows are compared, by which columns (`source::scan::repeats`), and what
//! becomes of repeats (`clean::judge`).

mod distinct;
mod fingerprint;
mod keys;
mod mixing;
mod numbers;
#[cfg(test)]
mod tests;
mod values;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use polars::prelude::{Column, DataFrame, LazyFrame, PolarsResult};

pub(crate) use distinct::HELD_BYTES;
use distinct::{DistinctRows, Entry, Numbered};
use fingerprint::{Fingerprint, Fingerprints};

use super::reading::{Failure, execute, sole};
use super::unreadable::{self, Columns};
use crate::batch::role;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::input::Input;
use crate::input::part::InputPart;
use crate::progress::Progress;
use crate::source::scan::repeated_rows::RepeatedRows;
use crate::source::scan::repeats::Repeats;
use crate::source::scan::whole_rows::{RowNumbers, WholeRows, WholeScan};
use crate::spill::{Room, SpillFile};

/// What a read for repeats of an input found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The rows that are left out.
    pub(crate) rows: Option<Arc<RepeatedRows>>,
    /// How many rows repeat others, where these are counted and kept.
    pub(crate) counted: Option<u64>,
}

/// Reads what the settings ask for of each input, in their order; nothing where they do not ask. Rows of different inputs
/// repeat none of one another.
///
/// # Errors
/// A source error where a file cannot be decoded; a config error where the filter fails on a row; a write error where
/// fingerprints that memory does not hold cannot be written.
pub(crate) fn find(input: &Input, config: &Config, room: &Room, progress: &Progress) -> Result<Vec<Found>> {
    progress.begin("find repeats", input.rows());
    let tells_ids = input.rules.tells_ids;
    let found = input.parts.iter().map(|part| Search { part, config, room, progress, tells_ids }.found()).collect();
    progress.finish();
    found
}

/// The scans of [`find`], not executed.
///
/// # Errors
/// A source error where one cannot be planned.
pub(super) fn frames(input: &Input) -> Result<Vec<LazyFrame>> {
    let frames_of = |part: &InputPart| {
        let (contract, groups, filter) = (&part.contract, &part.groups, part.filter.as_ref());
        let options = &part.settings.input;
        match &part.repeats {
            None => Ok(Vec::new()),
            Some(Repeats::Counted(whole) | Repeats::Rows(whole)) => {
                let scans = whole.scans(contract, groups, options, filter)?;
                Ok(scans.into_iter().map(|scan| scan.frame).collect())
            }
            Some(Repeats::Keys(keys)) => Ok(vec![
                keys.keys_alone(contract, groups, options, filter)?,
                keys.kept(contract, groups, options, filter, Ok)?,
            ]),
        }
    };
    let frames: Vec<Vec<LazyFrame>> = input.parts.iter().map(frames_of).collect::<Result<_>>()?;
    Ok(frames.into_iter().flatten().collect())
}

/// What a search needs.
struct Search<'a> {
    part: &'a InputPart,
    config: &'a Config,
    room: &'a Room,
    progress: &'a Progress,
    tells_ids: bool,
}

impl Search<'_> {
    /// What the settings of the input ask for.
    fn found(&self) -> Result<Found> {
        Ok(match &self.part.repeats {
            None => Found::default(),
            Some(Repeats::Counted(whole)) => {
                let (rows, distinct) = self.whole_rows::<Fingerprint>(whole, "`clean.count_repeats`", |_, _| ())?;
                Found { rows: None, counted: Some(rows - distinct) }
            }
            Some(Repeats::Rows(whole)) => {
                let rows = RepeatedRows::none(&self.part.groups);
                let insert = |number, _| {
                    rows.insert(number);
                };
                self.whole_rows::<Numbered>(whole, "`clean.dedupe`", insert)?;
                Found { rows: Some(Arc::new(rows)), counted: None }
            }
            Some(Repeats::Keys(keys)) => Found { rows: Some(keys::all_but_one(self, keys)?), counted: None },
        })
    }

    /// Compares whole rows: how many there are, and how many are distinct. `repeated` takes the number of each row that
    /// repeats one with a smaller number, and that one.
    fn whole_rows<E: Entry + std::fmt::Debug>(
        &self,
        whole: &WholeRows,
        key: &'static str,
        repeated: impl Fn(u64, u64) + Sync,
    ) -> Result<(u64, u64)> {
        let part = self.part;
        let rows = self.rows::<E>(key);
        let taking = Arc::new(Taking { width: whole.width(), rows, spaces: Mutex::default() });
        let scans = whole.scans(&part.contract, &part.groups, &part.settings.input, part.filter.as_ref())?;
        for WholeScan { frame, group, numbers } in scans {
            let (taker, failure, progress) = (Arc::clone(&taking), Failure::default(), self.progress.clone());
            let failed = failure.clone();
            let outcome = execute(frame, move |batch| {
                progress.advance(batch.height());
                taker.take(&numbers, &batch).map_err(|error| failed.stop(error))?;
                Ok(DataFrame::empty())
            });
            failure.check()?;
            let condition = (part.filter.as_ref(), self.tells_ids);
            outcome.map_err(|cause| part.told(unreadable::error(part, &group, Columns::All, condition, &cause)))?;
        }
        sole(taking)?.rows.finish(self.config.threads(), repeated)
    }

    /// Room for the rows of the input; `key` is the setting that asks for them.
    fn rows<E: Entry>(&self, key: &'static str) -> DistinctRows<E> {
        let file = SpillFile::new(&spill_directory(self.config), key);
        DistinctRows::new(file, self.room.share(HELD_BYTES) / E::BYTES)
    }
}

/// Takes the batches of scans of whole rows.
struct Taking<E> {
    /// Columns of a row.
    width: usize,
    rows: DistinctRows<E>,
    /// Work spaces that threads take and put back.
    spaces: Mutex<Vec<(Fingerprints, Vec<E>)>>,
}

impl<E: Entry> Taking<E> {
    fn take(&self, numbers: &RowNumbers, batch: &DataFrame) -> Result<()> {
        let mut space = self.spaces().pop().unwrap_or_default();
        let (prints, entries) = &mut space;
        let made = self.entries(numbers, batch, prints, entries);
        let added = made
            .map_err(|error| Error::bug("rows cannot be compared").cause(error))
            .and_then(|()| self.rows.add(entries));
        self.spaces().push(space);
        added
    }

    fn entries(
        &self,
        numbers: &RowNumbers,
        batch: &DataFrame,
        prints: &mut Fingerprints,
        entries: &mut Vec<E>,
    ) -> PolarsResult<()> {
        let columns: Vec<Option<&Column>> =
            (0..self.width).map(|index| batch.column(&role::compared(index)).ok()).collect();
        let prints = prints.of(&columns, batch.height())?.iter();
        entries.clear();
        // Without row numbers rows are only counted.
        let Ok(rows) = batch.column(role::ROW) else {
            entries.extend(prints.map(|print| E::of(*print, 0)));
            return Ok(());
        };
        let rows = numbers.of(rows.idx()?.iter().map(|row| row.map_or(0, u64::from)));
        entries.extend(prints.zip(rows).map(|(print, number)| E::of(*print, number)));
        Ok(())
    }

    fn spaces(&self) -> MutexGuard<'_, Vec<(Fingerprints, Vec<E>)>> {
        self.spaces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where that goes which memory does not hold.
fn spill_directory(config: &Config) -> PathBuf {
    config.run.spill_directory(&config.output.path)
}
