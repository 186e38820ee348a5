//! Which rows of the scans repeat others, a bit each.
//!
//! Rows are numbered through all groups, in the order of the groups and of their files. Does not live here: how repeats
//! are found (`passes::repeats`), and what becomes of them (`clean::judge`).

use std::sync::atomic::{AtomicU64, Ordering};

use polars::prelude::*;

use super::Group;
use crate::batch::role;

const BITS: u64 = u64::BITS as u64;

/// A set of rows. It is filled through a shared reference, from as many threads as there are.
#[derive(Debug)]
pub struct RepeatedRows {
    words: Vec<AtomicU64>,
    /// The number of the first row of each group.
    starts: Vec<u64>,
}

impl RepeatedRows {
    /// None of the rows of these groups.
    pub(crate) fn none(groups: &[Group]) -> Self {
        Self::filled(groups, 0)
    }

    /// All of them.
    pub(crate) fn all(groups: &[Group]) -> Self {
        Self::filled(groups, u64::MAX)
    }

    fn filled(groups: &[Group], word: u64) -> Self {
        let rows: u64 = groups.iter().map(|group| group.rows).sum();
        Self { words: (0..rows.div_ceil(BITS)).map(|_| AtomicU64::new(word)).collect(), starts: starts(groups) }
    }

    /// Adds the row of this number; false where it was there.
    pub(crate) fn insert(&self, number: u64) -> bool {
        let (word, bit) = place(number);
        self.words.get(word).is_some_and(|word| word.fetch_or(bit, Ordering::Relaxed) & bit == 0)
    }

    /// Whether the row of this number, through all groups, is there.
    pub(crate) fn has(&self, number: u64) -> bool {
        let (word, bit) = place(number);
        self.words.get(word).is_some_and(|word| word.load(Ordering::Relaxed) & bit != 0)
    }

    /// Takes out the rows of a batch whose rows are numbered through all groups.
    ///
    /// # Errors
    /// A Polars error where the batch has no row numbers.
    pub(crate) fn take_out(&self, batch: &DataFrame) -> PolarsResult<()> {
        for row in batch.column(role::ROW)?.idx()?.iter().flatten() {
            let (word, bit) = place(u64::from(row));
            if let Some(word) = self.words.get(word) {
                word.fetch_and(!bit, Ordering::Relaxed);
            }
        }
        Ok(())
    }

    /// Which rows of a batch of the scan of a group are in the set; none where no row is.
    ///
    /// # Errors
    /// A Polars error where the batch has no row numbers.
    pub(crate) fn of_batch(&self, group: usize, batch: &DataFrame) -> PolarsResult<Option<BooleanChunked>> {
        let start = self.start(group);
        let has = |row: IdxSize| self.has(start + u64::from(row));
        let repeated: BooleanChunked = batch.column(role::ROW)?.idx()?.iter().map(|row| row.is_some_and(has)).collect();
        Ok(repeated.any().then_some(repeated))
    }

    fn start(&self, group: usize) -> u64 {
        self.starts.get(group).copied().unwrap_or(u64::MAX)
    }
}

/// The number of the first row of each group.
pub(super) fn starts(groups: &[Group]) -> Vec<u64> {
    let next = |next: &mut u64, group: &Group| {
        let start = *next;
        *next += group.rows;
        Some(start)
    };
    groups.iter().scan(0, next).collect()
}

/// The word, and the bit in it. A number that is none lies in no word.
fn place(number: u64) -> (usize, u64) {
    (usize::try_from(number / BITS).unwrap_or(usize::MAX), 1 << (number % BITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(rows: &[u32]) -> DataFrame {
        df!(role::ROW => rows).unwrap()
    }

    #[test]
    fn rows_are_known_by_their_group_and_their_number_in_it() {
        let group = |rows| Group { files: Vec::new(), rows, has_own_footers: false };
        let rows = RepeatedRows::none(&[group(70), group(3)]);
        rows.insert(69);
        rows.insert(71);
        let found = |group, numbers: &[u32]| {
            let found = rows.of_batch(group, &batch(numbers)).unwrap();
            found.map(|found| found.iter().map(|bit| bit == Some(true)).collect::<Vec<bool>>())
        };
        assert_eq!(found(0, &[69, 1, 68]), Some(vec![true, false, false]));
        assert_eq!(found(1, &[0, 1, 2]), Some(vec![false, true, false]));
        assert_eq!(found(1, &[0, 2]), None);
        let others = RepeatedRows::all(&[group(70), group(3)]);
        others.take_out(&batch(&[72])).unwrap();
        assert!(others.of_batch(1, &batch(&[2])).unwrap().is_none());
        assert!(others.of_batch(0, &batch(&[2])).unwrap().is_some());
    }
}
