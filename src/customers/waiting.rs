//! The waiting room of a partition: rows, with what travels next to them, until there are enough of them to be folded.
//!
//! Does not live here: what is done with them (`lines`).

use super::payload::Layout;
use super::payload::texts::Arena;
use super::scatter::{Delivery, Row};

/// Rows that wait before they are folded: enough that a partition's table, once fetched into the cache, is used
/// many times; 1024 partitions of them take 64 MiB.
pub(super) const WAITING_ROWS: usize = 2048;

/// Rows that wait, with what travels next to them.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) rows: Vec<Row>,
    pub(super) names: Vec<u8>,
    pub(super) words: Vec<u64>,
    pub(super) texts: Arena,
}

impl Waiting {
    pub(super) fn push(&mut self, delivery: Delivery<'_>, layout: &Layout) {
        self.reserve(delivery.rows.len());
        self.rows.extend_from_slice(delivery.rows);
        self.names.extend_from_slice(delivery.names);
        let first = self.words.len();
        self.words.extend_from_slice(delivery.words);
        if layout.has_texts() {
            for row in self.words[first..].chunks_exact_mut(layout.row_words()) {
                layout.move_texts(row, delivery.texts, &mut self.texts);
            }
        }
    }

    /// Doubles the waiting room as it fills, up to its full size and no further.
    fn reserve(&mut self, more: usize) {
        let (length, capacity) = (self.rows.len(), self.rows.capacity());
        if length + more > capacity {
            let wanted = (capacity * 2).min(WAITING_ROWS).max(length + more);
            self.rows.reserve_exact(wanted - length);
        }
    }

    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.names.clear();
        self.words.clear();
        self.texts.clear();
    }
}
