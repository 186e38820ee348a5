//! A list whose beginning may lie on disk.
//!
//! Does not live here: when it goes there (`partition`), and the file (`crate::spill`).

use std::sync::Arc;

use super::chunks::Chunks;
use crate::error::Result;
use crate::spill::{Record, SpillFile, Spilled};

/// The list: what was spilled comes first.
#[derive(Debug)]
pub(super) struct SpillList<T> {
    spilled: Spilled<T>,
    held: Chunks<T>,
}

impl<T> Default for SpillList<T> {
    fn default() -> Self {
        Self { spilled: Spilled::default(), held: Chunks::default() }
    }
}

impl<T: Record> SpillList<T> {
    /// Adds a value at the end.
    #[inline]
    pub(super) fn push(&mut self, value: T) {
        self.held.push(value);
    }

    /// Number of values.
    pub(super) fn len(&self) -> usize {
        self.spilled.len() + self.held.len()
    }

    /// Number of values that are not in memory.
    pub(super) fn spilled(&self) -> usize {
        self.spilled.len()
    }

    /// Those that are in memory.
    pub(super) const fn held(&self) -> &Chunks<T> {
        &self.held
    }

    /// Bytes of memory that spilling frees.
    pub(super) fn held_bytes(&self) -> usize {
        self.held.len() * size_of::<T>()
    }

    /// Replaces those that are in memory.
    pub(super) fn set_held(&mut self, held: Chunks<T>) {
        self.held = held;
    }

    /// Moves all values to disk.
    ///
    /// # Errors
    /// A write error where the disk does not take them.
    pub(super) fn spill(&mut self, file: &Arc<SpillFile>) -> Result<()> {
        let held = std::mem::take(&mut self.held);
        self.spilled.append(file, held.iter())
    }

    /// Hands all values over, in their order.
    ///
    /// # Errors
    /// A write error where the disk does not give them back.
    pub(super) fn for_each(&self, mut work: impl FnMut(T)) -> Result<()> {
        self.spilled.for_each(&mut work)?;
        self.held.iter().copied().for_each(work);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_order_wherever_they_are() {
        let root = tempfile::tempdir().unwrap();
        let file = Arc::new(SpillFile::new(root.path(), "tests"));
        let mut list = SpillList::<u64>::default();
        for value in 0..5_000 {
            list.push(value);
            if value % 1_700 == 1_000 {
                list.spill(&file).unwrap();
            }
        }
        let mut found = Vec::new();
        list.for_each(|value| found.push(value)).unwrap();
        assert!(found.into_iter().eq(0..5_000));
        // Spilled at 1000, 2700 and 4400.
        assert_eq!((list.len(), list.spilled(), list.held_bytes()), (5_000, 4_401, 599 * 8));
    }
}
