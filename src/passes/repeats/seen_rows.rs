//! The rows that repeat others: which they are, for the account, the sample and `explain`.
//!
//! The scan leaves repeats out before anyone sees them. So the numbers of the rows that it gives are noted, a bit each, and a
//! plain scan then shows the others.
//! Does not live here: what makes a row a repeat (`source::repeats`), and what becomes of it (`clean::judge`).
#![allow(clippy::disallowed_methods, reason = "repeats are counted by the engine alone")]

use std::sync::atomic::{AtomicU64, Ordering};

use polars::prelude::*;

use super::super::pass::Pass;
use crate::batch::role;
use crate::clean::judge::Judged;
use crate::error::{Error, Result};
use crate::input::Input;

const BITS: u64 = u64::BITS as u64;

/// The rows that the scan without repeats has given.
#[derive(Debug)]
pub(crate) struct SeenRows {
    words: Vec<AtomicU64>,
    /// All rows of the scan.
    rows: u64,
}

impl SeenRows {
    /// None yet; nothing at all where repeats are not left out.
    pub(crate) fn wanted(input: &Input) -> Option<Self> {
        input.repeats.as_ref()?;
        // Files of several types are not searched for repeats, so that there is one scan, and each number stands for one row.
        let rows: u64 = input.groups.iter().map(|group| group.rows).sum();
        Some(Self { words: (0..rows.div_ceil(BITS)).map(|_| AtomicU64::new(0)).collect(), rows })
    }

    fn note(&self, batch: &DataFrame) -> PolarsResult<()> {
        for (word, bit) in numbers(batch)?.iter().flatten().map(place) {
            if let Some(word) = self.words.get(word) {
                word.fetch_or(bit, Ordering::Relaxed);
            }
        }
        Ok(())
    }

    /// True where none is left out.
    pub(crate) fn are_all(&self) -> bool {
        let given: u64 = self.words.iter().map(|word| u64::from(word.load(Ordering::Relaxed).count_ones())).sum();
        given == self.rows
    }

    /// The rows of a batch that were not given.
    ///
    /// # Errors
    /// A Polars error where the batch has no row numbers.
    pub(crate) fn others(&self, batch: &DataFrame) -> PolarsResult<DataFrame> {
        let is_given = |(word, bit): (usize, u64)| {
            self.words.get(word).is_some_and(|word| word.load(Ordering::Relaxed) & bit != 0)
        };
        let others: BooleanChunked = numbers(batch)?.iter().map(|row| !row.map(place).is_some_and(is_given)).collect();
        batch.filter(&others)
    }
}

/// Notes the rows of the scan that leaves repeats out.
impl Pass for SeenRows {
    fn add(&self, _scan: usize, raw: &DataFrame, _judged: &Judged) -> Result<()> {
        self.note(raw).map_err(|error| Error::bug("rows have no numbers").cause(error))
    }
}

fn numbers(batch: &DataFrame) -> PolarsResult<&IdxCa> {
    batch.column(role::ROW)?.idx()
}

/// The word, and the bit in it.
#[allow(clippy::cast_possible_truncation)]
fn place(row: IdxSize) -> (usize, u64) {
    ((u64::from(row) / BITS) as usize, 1 << (u64::from(row) % BITS))
}
