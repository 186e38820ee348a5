//! Sends the rows of a batch to the partitions of their customers.
//!
//! Lives here: the batch, the packed row, and the counting sort by partition that runs on every thread at once. Lines of
//! one order and day that lie together, as they mostly do, travel as one row: that spares two thirds of the way where orders
//! have three lines, and the sums are the same. The payload of rows, where they have one, goes the same way.
//! Does not live here: what a partition does with its rows.

use super::key::Name;
use super::payload::texts::Texts;
use super::payload::{Extras, Layout};
pub use super::row::Row;
use super::row::{LONGEST_NAME, MOST_JOINED};
use crate::batch::Line;
use crate::batch::{Batch, Ids};
use crate::error::{Error, Result};
use crate::hashing::hash_text;

/// Number of partitions: with a few million customers the table of one fits a core's second-level cache.
pub const PARTITIONS: usize = 1024;
/// log2 of [`PARTITIONS`].
const PARTITION_BITS: u32 = PARTITIONS.trailing_zeros();
/// Marks a row that is not used.
const NOWHERE: u16 = u16::MAX;
/// Marks a row that goes on with the order of the row before it.
const JOINED: u16 = u16::MAX - 1;

/// Tells which rows go on with the order of the row before them, going through a batch from its beginning.
struct Joins<'a> {
    batch: &'a Batch<'a>,
    /// Lines that have joined the current row.
    joined: u32,
}

impl Joins<'_> {
    #[inline]
    fn joins(&mut self, row: usize, is_same_id: impl FnOnce() -> bool) -> bool {
        let has_order = |row: usize| self.batch.has_order.is_none_or(|has_order| has_order[row]);
        let joins = self.batch.orders.is_some_and(|orders| row > 0 && orders[row] == orders[row - 1])
            && is_same_id()
            && self.batch.days[row] == self.batch.days[row - 1]
            && self.joined < MOST_JOINED
            && [row - 1, row].into_iter().all(|row| self.batch.is_kept(row) && has_order(row));
        self.joined = if joins { self.joined + 1 } else { 0 };
        joins
    }
}

/// What a partition gets: rows, the text ids of each in their order, and the payload of each.
#[derive(Clone, Copy)]
pub struct Delivery<'a> {
    /// The rows.
    pub rows: &'a [Row],
    /// The bytes of their text ids.
    pub names: &'a [u8],
    /// The words of their payload.
    pub words: &'a [u64],
    /// The long texts that the words refer to.
    pub texts: &'a dyn Texts,
}

/// What else is put where a row is put.
trait Follow {
    /// Row `row` of the batch went to `place`.
    fn put(&mut self, place: usize, row: usize);
    /// Row `row` of the batch has joined the row at `place`.
    fn join(&mut self, place: usize, row: usize);
}

/// Rows without a payload.
impl Follow for () {
    #[inline]
    fn put(&mut self, _place: usize, _row: usize) {}

    #[inline]
    fn join(&mut self, _place: usize, _row: usize) {}
}

/// The payload of a batch, and where it goes.
struct Words<'a> {
    layout: &'a Layout,
    extras: Extras<'a>,
    placed: &'a mut [u64],
}

impl Words<'_> {
    #[inline]
    fn both(&mut self, place: usize, row: usize) -> (&mut [u64], &[u64]) {
        let width = self.layout.row_words();
        (&mut self.placed[place * width..][..width], &self.extras.words[row * width..][..width])
    }
}

impl Follow for Words<'_> {
    #[inline]
    fn put(&mut self, place: usize, row: usize) {
        let (to, from) = self.both(place, row);
        // Mostly one or two words: a loop is cheaper than a call.
        to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
    }

    #[inline]
    fn join(&mut self, place: usize, row: usize) {
        let (layout, texts) = (self.layout, self.extras.texts);
        let (to, from) = self.both(place, row);
        layout.join(to, from, texts);
    }
}

/// Work space of one thread, reused from batch to batch.
#[derive(Debug, Default)]
pub struct Scratch {
    partition_of: Vec<u16>,
    hashes: Vec<u64>,
    /// Row and name-byte positions per partition: first counts, then where the next one goes.
    row_cursor: Vec<usize>,
    name_cursor: Vec<usize>,
    rows: Vec<Row>,
    names: Vec<u8>,
    words: Vec<u64>,
}

impl Scratch {
    /// Sorts the batch's rows by partition and hands each partition its rows and their names.
    ///
    /// # Errors
    /// The first error of `deliver`; a compute error where a text id has 16 MiB or more.
    pub fn scatter<N: Name>(
        &mut self,
        batch: &Batch<'_>,
        mut deliver: impl FnMut(usize, &[Row], &[u8]) -> Result<()>,
    ) -> Result<()> {
        let deliver = |partition, delivery: Delivery<'_>| deliver(partition, delivery.rows, delivery.names);
        self.scatter_with::<N>(batch, &Layout::default(), Extras::NONE, deliver)
    }

    /// As [`Self::scatter`], with the payload of each row.
    ///
    /// # Errors
    /// As [`Self::scatter`].
    pub fn scatter_with<N: Name>(
        &mut self,
        batch: &Batch<'_>,
        layout: &Layout,
        extras: Extras<'_>,
        deliver: impl FnMut(usize, Delivery<'_>) -> Result<()>,
    ) -> Result<()> {
        self.count::<N>(batch)?;
        self.place(batch, layout, extras);
        self.deliver(layout, extras.texts, deliver)
    }

    /// As [`Self::scatter_with`], of rows that are no lines: only their payload counts.
    ///
    /// # Errors
    /// As [`Self::scatter`].
    pub(super) fn scatter_notes<N: Name>(
        &mut self,
        ids: Ids<'_>,
        layout: &Layout,
        extras: Extras<'_>,
        deliver: impl FnMut(usize, Delivery<'_>) -> Result<()>,
    ) -> Result<()> {
        let zeros = vec![0; ids.len()];
        let days = vec![0; ids.len()];
        let batch = Batch { ids, orders: None, has_order: None, days: &days, amounts: &zeros, kept: None };
        self.count::<N>(&batch)?;
        self.place(&batch, layout, extras);
        self.rows[..ids.len()].iter_mut().for_each(Row::make_note);
        self.deliver(layout, extras.texts, deliver)
    }

    /// First pass: the partition of every row, and how much each partition gets.
    fn count<N: Name>(&mut self, batch: &Batch<'_>) -> Result<()> {
        self.row_cursor.clear();
        self.row_cursor.resize(PARTITIONS + 1, 0);
        self.name_cursor.clear();
        self.name_cursor.resize(PARTITIONS + 1, 0);
        self.partition_of.clear();
        self.hashes.clear();
        match batch.ids {
            Ids::Integer(ids) => self.count_integers::<N>(batch, ids),
            Ids::Text(ids) => self.count_texts::<N>(batch, ids)?,
        }
        for partition in 0..PARTITIONS {
            self.row_cursor[partition + 1] += self.row_cursor[partition];
            self.name_cursor[partition + 1] += self.name_cursor[partition];
        }
        Ok(())
    }

    fn count_integers<N: Name>(&mut self, batch: &Batch<'_>, ids: &[i64]) {
        let mut joins = Joins { batch, joined: 0 };
        self.partition_of.extend(ids.iter().enumerate().map(|(row, id)| {
            if joins.joins(row, || ids[row - 1] == *id) {
                return JOINED;
            }
            count_row(batch.is_kept(row), N::spread(id.cast_unsigned()), &mut self.row_cursor)
        }));
    }

    fn count_texts<N: Name>(&mut self, batch: &Batch<'_>, ids: &[&[u8]]) -> Result<()> {
        let mut joins = Joins { batch, joined: 0 };
        for (row, id) in ids.iter().enumerate() {
            let (hash, partition) = if joins.joins(row, || ids[row - 1] == *id) {
                (0, JOINED)
            } else {
                let hash = hash_text(id);
                (hash, count_row(batch.is_kept(row), N::spread(hash), &mut self.row_cursor))
            };
            if partition < JOINED {
                self.name_cursor[usize::from(partition) + 1] += id.len();
                if id.len() > LONGEST_NAME {
                    return Err(id_too_long(id.len()));
                }
            }
            self.hashes.push(hash);
            self.partition_of.push(partition);
        }
        Ok(())
    }

    /// Second pass: every row, with its name and its payload, to its place. Afterwards a cursor stands at its partition's
    /// end.
    fn place(&mut self, batch: &Batch<'_>, layout: &Layout, extras: Extras<'_>) {
        let rows = self.row_cursor[PARTITIONS];
        if self.rows.len() < rows {
            self.rows.resize(rows, Row::default());
        }
        if layout.is_empty() {
            return self.place_all(batch, &mut ());
        }
        let mut words = std::mem::take(&mut self.words);
        if words.len() < rows * layout.row_words() {
            words.resize(rows * layout.row_words(), 0);
        }
        self.place_all(batch, &mut Words { layout, extras, placed: &mut words });
        self.words = words;
    }

    fn place_all(&mut self, batch: &Batch<'_>, follow: &mut impl Follow) {
        match batch.ids {
            Ids::Integer(ids) => self.place_integers(batch, ids, follow),
            Ids::Text(ids) => self.place_texts(batch, ids, follow),
        }
    }

    fn place_integers(&mut self, batch: &Batch<'_>, ids: &[i64], follow: &mut impl Follow) {
        let ids = ids.iter().map(|id| id.cast_unsigned());
        // What a batch lacks is decided once, not per row.
        match (batch.orders, batch.has_order) {
            (None, _) => self.place_rows(ids, follow, |row| Line {
                order: 0,
                amount: batch.amounts[row],
                day: batch.days[row],
                lines: 1,
                is_lowered: batch.amounts[row] < 0,
                lone: true,
            }),
            (Some(orders), None) => self.place_rows(ids, follow, |row| Line {
                order: orders[row].cast_unsigned(),
                amount: batch.amounts[row],
                day: batch.days[row],
                lines: 1,
                is_lowered: batch.amounts[row] < 0,
                lone: false,
            }),
            (Some(_), Some(_)) => self.place_rows(ids, follow, |row| batch.line(row)),
        }
    }

    #[inline]
    fn place_rows(&mut self, ids: impl Iterator<Item = u64>, follow: &mut impl Follow, line: impl Fn(usize) -> Line) {
        let Self { partition_of, row_cursor, rows, .. } = self;
        let mut last = 0;
        for (row, (&partition, id)) in partition_of.iter().zip(ids).enumerate() {
            match partition {
                NOWHERE => {}
                JOINED => {
                    rows[last].join(line(row));
                    follow.join(last, row);
                }
                _ => {
                    last = put(rows, row_cursor, partition, Row::new(id, line(row), 0));
                    follow.put(last, row);
                }
            }
        }
    }

    fn place_texts(&mut self, batch: &Batch<'_>, ids: &[&[u8]], follow: &mut impl Follow) {
        let names = self.name_cursor[PARTITIONS];
        if self.names.len() < names {
            self.names.resize(names, 0);
        }
        let mut last = 0;
        for (row, id) in ids.iter().enumerate() {
            match self.partition_of[row] {
                NOWHERE => {}
                JOINED => {
                    self.rows[last].join(batch.line(row));
                    follow.join(last, row);
                }
                partition => {
                    let name = &mut self.name_cursor[usize::from(partition)];
                    self.names[*name..*name + id.len()].copy_from_slice(id);
                    *name += id.len();
                    let packed = Row::new(self.hashes[row], batch.line(row), id.len());
                    last = put(&mut self.rows, &mut self.row_cursor, partition, packed);
                    follow.put(last, row);
                }
            }
        }
    }

    fn deliver(
        &self,
        layout: &Layout,
        texts: &dyn Texts,
        mut deliver: impl FnMut(usize, Delivery<'_>) -> Result<()>,
    ) -> Result<()> {
        let width = layout.row_words();
        let (mut row_start, mut name_start) = (0, 0);
        for partition in 0..PARTITIONS {
            let (row_end, name_end) = (self.row_cursor[partition], self.name_cursor[partition]);
            if row_end > row_start {
                let rows = &self.rows[row_start..row_end];
                let names = &self.names[name_start..name_end];
                let words = &self.words[row_start * width..row_end * width];
                deliver(partition, Delivery { rows, names, words, texts })?;
            }
            (row_start, name_start) = (row_end, name_end);
        }
        Ok(())
    }
}

#[inline]
#[allow(clippy::cast_possible_truncation)]
fn count_row(is_kept: bool, spread: u64, counts: &mut [usize]) -> u16 {
    if !is_kept {
        return NOWHERE;
    }
    let partition = (spread >> (64 - PARTITION_BITS)) as usize;
    counts[partition + 1] += 1;
    partition as u16
}

/// Puts a row to the next place of its partition, and tells which that is.
#[inline]
fn put(rows: &mut [Row], cursors: &mut [usize], partition: u16, row: Row) -> usize {
    let cursor = &mut cursors[usize::from(partition)];
    let place = *cursor;
    rows[place] = row;
    *cursor += 1;
    place
}

fn id_too_long(length: usize) -> Error {
    Error::compute(format!("a customer id has {length} bytes, expected at most {LONGEST_NAME}"))
        .hint("map `customer_id` to the column that holds ids; texts of that size are something else")
}

#[cfg(test)]
mod tests;
