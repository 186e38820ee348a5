//! The rows of a batch, sorted by partition, and the lines that do not fit into them.
//!
//! Does not live here: which partition a row belongs to (`scatter`).

use super::{JOINED, NOBODY};
use crate::batch::Line;
use crate::customers::row::{Content, Packed, lone};

/// Rows at their places.
#[derive(Debug, Default)]
pub(super) struct Placed<R> {
    pub(super) rows: Vec<R>,
    /// Lines that stand beside the row at a place.
    pub(super) beside: Vec<(usize, Line)>,
}

impl<R: Packed> Placed<R> {
    /// Room for so many rows.
    pub(super) fn make_room(&mut self, rows: usize) {
        if self.rows.len() < rows {
            self.rows.resize(rows, R::default());
        }
        self.beside.clear();
    }

    /// Puts a row to the next place of its partition, or again to the last one where it has joined, and tells which that is.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "called for every row: a call costs as much as the work")]
    pub(super) fn put(&mut self, cursors: &mut [usize], partition: u16, key: u64, line: Line) -> usize {
        let has_joined = usize::from(partition / JOINED);
        let cursor = &mut cursors[usize::from(partition % JOINED)];
        let place = cursor.wrapping_sub(has_joined);
        *cursor = place.wrapping_add(1);
        let (row, fits) = R::pack(key, line);
        self.rows[place] = row;
        if !fits && partition != NOBODY {
            self.put_beside(place, line);
        }
        place
    }

    /// As [`Placed::put`], of a row that is an order by itself and joins none.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "called for every row: a call costs as much as the work")]
    pub(super) fn put_lone(
        &mut self,
        cursors: &mut [usize],
        partition: u16,
        key: u64,
        (amount, day): (i64, i32),
    ) -> usize {
        let cursor = &mut cursors[usize::from(partition)];
        let place = *cursor;
        *cursor = place.wrapping_add(1);
        let (row, fits) = R::pack_lone(key, amount, day);
        self.rows[place] = row;
        if !fits && partition != NOBODY {
            self.put_beside(place, lone(amount, day));
        }
        place
    }

    #[cold]
    fn put_beside(&mut self, place: usize, line: Line) {
        self.beside.push((place, line));
    }

    /// Makes notes of the first rows.
    pub(super) fn make_notes(&mut self, rows: usize) {
        self.rows[..rows].iter_mut().for_each(|row| *row = R::note(row.key()));
    }

    /// Puts what stands beside into the order of places. Of lines that joined one after another the last sum counts, and none
    /// where that fits after all.
    pub(super) fn sort_beside(&mut self) {
        let Self { rows, beside } = self;
        if beside.is_empty() {
            return;
        }
        beside.reverse();
        beside.sort_by_key(|(place, _)| *place);
        beside.dedup_by_key(|(place, _)| *place);
        beside.retain(|(place, _)| rows[*place].content() == Content::Beside);
    }
}
