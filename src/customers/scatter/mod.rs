//! Sends the rows of a batch to the partitions of their customers.
//!
//! Lives here: the counting sort by partition that runs on every thread at once. Lines of
//! one order and day that lie together, as they mostly do, travel as one row: that spares two thirds of the way where orders
//! have three lines, and the sums are the same. The payload of rows, where they have one, goes the same way.
//! Does not live here: what a partition does with its rows.

mod count;
mod delivery;
mod follow;
mod joins;
mod placed;

pub use delivery::Delivery;
use follow::{Follow, Words};
use joins::joining;
use placed::Placed;

use super::key::{Name, space_of, write_name};
use super::payload::texts::Texts;
use super::payload::{Extras, Layout};
use super::row::{KEY_BITS, Long, Packed, Short};
use crate::batch::{Batch, Ids, Line};
use crate::error::Result;

/// Number of partitions: with a few million customers the table of one fits a core's second-level cache.
pub const PARTITIONS: usize = 1024;
/// The partition of rows that are not used: it is sorted like the others, and nobody gets it.
const NOBODY: u16 = 1 << (u64::BITS - KEY_BITS);
/// Marks a row that goes on with the order of the row before it; the other bits are its partition.
const JOINED: u16 = 1 << 15;

/// What all keys of a partition begin with.
pub(super) const fn upper_key(partition: usize) -> u64 {
    (partition as u64) << KEY_BITS
}

/// The partition of a key.
#[allow(clippy::cast_possible_truncation)]
pub(super) const fn partition_of(key: u64) -> usize {
    (key >> KEY_BITS) as usize
}

/// Which kind of rows a batch becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// For orders of one row.
    Short,
    /// For everything.
    Long,
}

/// Work space of one thread, reused from batch to batch.
#[derive(Debug, Default)]
pub struct Scratch {
    /// The partition of each row, and whether it has [`JOINED`] the one before it.
    partition_of: Vec<u16>,
    hashes: Vec<u64>,
    /// Row and name-byte positions per partition: first counts, then where the next one goes.
    row_cursor: Vec<usize>,
    name_cursor: Vec<usize>,
    short: Placed<Short>,
    long: Placed<Long>,
    names: Vec<u8>,
    words: Vec<u64>,
}

/// Rows that have a work space.
trait Sorted: Packed {
    fn placed(scratch: &mut Scratch) -> &mut Placed<Self>;
}

impl Sorted for Short {
    fn placed(scratch: &mut Scratch) -> &mut Placed<Self> {
        &mut scratch.short
    }
}

impl Sorted for Long {
    fn placed(scratch: &mut Scratch) -> &mut Placed<Self> {
        &mut scratch.long
    }
}

impl Scratch {
    /// Sorts the batch's rows by partition and hands each partition its rows, with their names and payload.
    ///
    /// # Errors
    /// The first error of `deliver`; a compute error where a text id has 16 MiB or more.
    pub(super) fn scatter<N: Name>(
        &mut self,
        batch: &Batch<'_>,
        form: Form,
        layout: &Layout,
        extras: Extras<'_>,
        deliver: impl FnMut(usize, Delivery<'_>) -> Result<()>,
    ) -> Result<()> {
        match form {
            Form::Short => self.scatter_into::<N, Short>(batch, false, layout, extras, deliver),
            Form::Long => self.scatter_into::<N, Long>(batch, false, layout, extras, deliver),
        }
    }

    /// As [`Self::scatter`], of rows that are no lines: only their payload counts.
    ///
    /// # Errors
    /// As [`Self::scatter`].
    pub(super) fn scatter_notes<N: Name>(
        &mut self,
        ids: Ids<'_>,
        form: Form,
        layout: &Layout,
        extras: Extras<'_>,
        deliver: impl FnMut(usize, Delivery<'_>) -> Result<()>,
    ) -> Result<()> {
        let zeros = vec![0; ids.len()];
        let days = vec![0; ids.len()];
        let batch = Batch { ids, orders: None, has_order: None, days: &days, amounts: &zeros, kept: None };
        match form {
            Form::Short => self.scatter_into::<N, Short>(&batch, true, layout, extras, deliver),
            Form::Long => self.scatter_into::<N, Long>(&batch, true, layout, extras, deliver),
        }
    }

    fn scatter_into<N: Name, R: Sorted>(
        &mut self,
        batch: &Batch<'_>,
        are_notes: bool,
        layout: &Layout,
        extras: Extras<'_>,
        deliver: impl FnMut(usize, Delivery<'_>) -> Result<()>,
    ) -> Result<()> {
        self.count::<N>(batch)?;
        let mut placed = std::mem::take(R::placed(self));
        self.place::<N, R>(batch, layout, extras, &mut placed);
        if are_notes {
            placed.make_notes(batch.days.len());
        }
        let delivered = self.deliver(&placed, layout, extras.texts, deliver);
        *R::placed(self) = placed;
        delivered
    }

    /// How many rows of the last batch did not hold their lines.
    pub(super) const fn rows_beside(&self) -> usize {
        self.short.beside.len()
    }

    /// Second pass: every row, with its name and its payload, to its place. Afterwards a cursor stands at its partition's
    /// end.
    fn place<N: Name, R: Packed>(
        &mut self,
        batch: &Batch<'_>,
        layout: &Layout,
        extras: Extras<'_>,
        placed: &mut Placed<R>,
    ) {
        let rows = self.row_cursor[usize::from(NOBODY) + 1];
        placed.make_room(rows);
        if layout.is_empty() {
            self.place_all::<N, _>(batch, placed, &mut ());
        } else {
            let mut words = std::mem::take(&mut self.words);
            if words.len() < rows * layout.row_words() {
                words.resize(rows * layout.row_words(), 0);
            }
            self.place_all::<N, _>(batch, placed, &mut Words { layout, extras, placed: &mut words });
            self.words = words;
        }
        placed.sort_beside();
    }

    fn place_all<N: Name, R: Packed>(&mut self, batch: &Batch<'_>, placed: &mut Placed<R>, follow: &mut impl Follow) {
        match batch.ids {
            Ids::Integer(ids) => {
                let ids = &ids[..self.partition_of.len()];
                let key = |row: usize| N::key(ids[row].cast_unsigned());
                // What a batch lacks is decided once, not per row.
                match (batch.orders, batch.has_order) {
                    (None, _) => self.place_lone(key, placed, follow, batch),
                    (Some(orders), None) => {
                        let (orders, amounts, days) =
                            (&orders[..ids.len()], &batch.amounts[..ids.len()], &batch.days[..ids.len()]);
                        self.place_rows(key, placed, follow, |row| {
                            let (order, amount) = (orders[row].cast_unsigned(), amounts[row]);
                            Line { order, amount, day: days[row], lines: 1, is_lowered: amount < 0, lone: false }
                        });
                    }
                    (Some(_), Some(_)) => self.place_rows(key, placed, follow, |row| batch.line(row)),
                }
            }
            Ids::Text(ids) => {
                self.place_names(ids);
                let hashes = std::mem::take(&mut self.hashes);
                let key = |row: usize| N::key(hashes[row]);
                if batch.orders.is_none() {
                    self.place_lone(key, placed, follow, batch);
                } else {
                    self.place_rows(key, placed, follow, |row| batch.line(row));
                }
                self.hashes = hashes;
            }
        }
    }

    /// Each row is written, and only the first of those that travel together moves the cursor on: whether a row joins
    /// cannot be foreseen, and a branch would be guessed wrongly.
    #[inline]
    fn place_rows<R: Packed>(
        &mut self,
        key: impl Fn(usize) -> u64,
        placed: &mut Placed<R>,
        follow: &mut impl Follow,
        line: impl Fn(usize) -> Line,
    ) {
        let mut last = Line { order: 0, amount: 0, day: 0, lines: 0, is_lowered: false, lone: false };
        for (row, &partition) in self.partition_of.iter().enumerate() {
            let has_joined = partition & JOINED != 0;
            last = joining(line(row), &last, has_joined);
            let place = placed.put(&mut self.row_cursor, partition, key(row), last);
            follow.put(place, row, has_joined);
        }
    }

    /// Rows that are orders by themselves: none joins another.
    #[inline]
    fn place_lone<R: Packed>(
        &mut self,
        key: impl Fn(usize) -> u64,
        placed: &mut Placed<R>,
        follow: &mut impl Follow,
        batch: &Batch<'_>,
    ) {
        let count = self.partition_of.len();
        let (amounts, days) = (&batch.amounts[..count], &batch.days[..count]);
        for (row, &partition) in self.partition_of.iter().enumerate() {
            let place = placed.put_lone(&mut self.row_cursor, partition, key(row), (amounts[row], days[row]));
            follow.put(place, row, false);
        }
    }

    /// The names of rows that have not joined another, each to its place.
    fn place_names(&mut self, ids: &[&[u8]]) {
        let names = self.name_cursor[PARTITIONS];
        if self.names.len() < names {
            self.names.resize(names, 0);
        }
        for (id, partition) in ids.iter().zip(&self.partition_of) {
            if *partition < NOBODY {
                let cursor = &mut self.name_cursor[usize::from(*partition)];
                let end = *cursor + space_of(id);
                write_name(&mut self.names[*cursor..end], id);
                *cursor = end;
            }
        }
    }

    fn deliver<R: Packed>(
        &self,
        placed: &Placed<R>,
        layout: &Layout,
        texts: &dyn Texts,
        mut deliver: impl FnMut(usize, Delivery<'_>) -> Result<()>,
    ) -> Result<()> {
        let width = layout.row_words();
        let mut beside = placed.beside.as_slice();
        let (mut row_start, mut name_start) = (0, 0);
        for partition in 0..PARTITIONS {
            let (row_end, name_end) = (self.row_cursor[partition], self.name_cursor[partition]);
            if row_end > row_start {
                let (own, others) = beside.split_at(beside.partition_point(|(place, _)| *place < row_end));
                beside = others;
                let rows = R::rows(&placed.rows[row_start..row_end]);
                let names = &self.names[name_start..name_end];
                let words = &self.words[row_start * width..row_end * width];
                deliver(partition, Delivery { rows, beside: own, names, words, texts })?;
            }
            (row_start, name_start) = (row_end, name_end);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
