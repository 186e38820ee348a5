//! The waiting room of a partition: rows, with what travels next to them, until there are enough of them to be folded.
//!
//! Does not live here: what is done with them (`lines`).

use super::payload::Layout;
use super::payload::texts::Arena;
use super::row::{Long, Packed, Rows, Short};
use super::scatter::Delivery;
use crate::batch::Line;

/// Rows that wait, of one kind, with what travels next to them.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) short: Vec<Short>,
    pub(super) long: Vec<Long>,
    /// The lines of rows that do not hold them, in the order of rows.
    pub(super) beside: Vec<Line>,
    pub(super) names: Vec<u8>,
    pub(super) words: Vec<u64>,
    pub(super) texts: Arena,
}

impl Waiting {
    /// Whether there is room for these rows.
    pub(super) fn has_room_for(&self, rows: Rows<'_>) -> bool {
        match rows {
            Rows::Short(rows) => self.long.is_empty() && self.short.len() + rows.len() <= Short::MOST_WAITING,
            Rows::Long(rows) => self.short.is_empty() && self.long.len() + rows.len() <= Long::MOST_WAITING,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.short.is_empty() && self.long.is_empty()
    }

    pub(super) fn push(&mut self, delivery: Delivery<'_>, layout: &Layout) {
        match delivery.rows {
            Rows::Short(rows) => extend(&mut self.short, rows),
            Rows::Long(rows) => extend(&mut self.long, rows),
        }
        self.beside.extend(delivery.beside.iter().map(|(_, line)| *line));
        self.names.extend_from_slice(delivery.names);
        let first = self.words.len();
        self.words.extend_from_slice(delivery.words);
        if layout.has_texts() {
            for row in self.words[first..].chunks_exact_mut(layout.row_words()) {
                layout.move_texts(row, delivery.texts, &mut self.texts);
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.short.clear();
        self.long.clear();
        self.beside.clear();
        self.names.clear();
        self.words.clear();
        self.texts.clear();
    }
}

/// Adds rows. The room doubles as it fills, up to its full size and no further.
fn extend<R: Packed>(waiting: &mut Vec<R>, rows: &[R]) {
    let (length, capacity) = (waiting.len(), waiting.capacity());
    if length + rows.len() > capacity {
        let wanted = (capacity * 2).min(R::MOST_WAITING).max(length + rows.len());
        waiting.reserve_exact(wanted - length);
    }
    waiting.extend_from_slice(rows);
}
