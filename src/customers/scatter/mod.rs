//! Sends the rows of a batch to the partitions of their customers.
//!
//! Lives here: the batch, the packed row, and the counting sort by partition that runs on every thread at once. Lines of
//! one order and day that lie together, as they mostly do, travel as one row: that spares two thirds of the way where orders
//! have three lines, and the sums are the same. The payload of rows, where they have one, goes the same way.
//! Does not live here: what a partition does with its rows.

mod follow;
mod joins;

use follow::{Follow, Words};
use joins::Joins;

use super::key::Name;
use super::payload::texts::Texts;
use super::payload::{Extras, Layout};
use super::row::LONGEST_NAME;
pub use super::row::Row;
use crate::batch::Line;
use crate::batch::{Batch, Ids};
use crate::error::{Error, Result};
use crate::hashing::hash_text;

/// Number of partitions: with a few million customers the table of one fits a core's second-level cache.
pub const PARTITIONS: usize = 1024;
/// log2 of [`PARTITIONS`].
const PARTITION_BITS: u32 = PARTITIONS.trailing_zeros();
/// The partition of rows that are not used: it is sorted like the others, and nobody gets it.
const NOBODY: u16 = 1 << PARTITION_BITS;
/// Marks a row that goes on with the order of the row before it; the other bits are its partition.
const JOINED: u16 = 1 << 15;

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

/// Work space of one thread, reused from batch to batch.
#[derive(Debug, Default)]
pub struct Scratch {
    /// The partition of each row, and whether it has [`JOINED`] the one before it.
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
        let borders = usize::from(NOBODY) + 2;
        self.row_cursor.clear();
        self.row_cursor.resize(borders, 0);
        self.name_cursor.clear();
        self.name_cursor.resize(borders, 0);
        self.partition_of.clear();
        self.hashes.clear();
        match batch.ids {
            Ids::Integer(ids) => self.count_integers::<N>(batch, ids),
            Ids::Text(ids) => self.count_texts::<N>(batch, ids)?,
        }
        for partition in 0..borders - 1 {
            self.row_cursor[partition + 1] += self.row_cursor[partition];
            self.name_cursor[partition + 1] += self.name_cursor[partition];
        }
        Ok(())
    }

    fn count_integers<N: Name>(&mut self, batch: &Batch<'_>, ids: &[i64]) {
        // What a batch lacks is decided once, not per row.
        match (batch.orders, batch.has_order, batch.kept) {
            (None, _, None) => self.count_each::<N>(ids, |_| true, |_, _, _| false),
            (None, _, Some(kept)) => self.count_each::<N>(ids, |row| kept[row], |_, _, _| false),
            (Some(orders), None, None) => {
                let mut joins = Joins::new(orders, batch.days);
                self.count_each::<N>(ids, |_| true, |row, _, is_same_id| joins.joins(row, true, is_same_id));
            }
            (Some(orders), has_order, _) => {
                let mut joins = Joins::new(orders, batch.days);
                let has_order = |row: usize| has_order.is_none_or(|has_order| has_order[row]);
                let joins = |row, is_kept, is_same_id| joins.joins(row, is_kept & has_order(row), is_same_id);
                self.count_each::<N>(ids, |row| batch.is_kept(row), joins);
            }
        }
    }

    #[inline]
    fn count_each<N: Name>(
        &mut self,
        ids: &[i64],
        is_kept: impl Fn(usize) -> bool,
        mut joins: impl FnMut(usize, bool, bool) -> bool,
    ) {
        let counts = &mut self.row_cursor;
        let mut last = 0;
        self.partition_of.extend(ids.iter().enumerate().map(|(row, &id)| {
            let is_kept = is_kept(row);
            let has_joined = joins(row, is_kept, id == last);
            last = id;
            count_row(is_kept, has_joined, N::spread(id.cast_unsigned()), counts)
        }));
    }

    fn count_texts<N: Name>(&mut self, batch: &Batch<'_>, ids: &[&[u8]]) -> Result<()> {
        let mut joins = batch.orders.map(|orders| Joins::new(orders, batch.days));
        let has_order = |row: usize| batch.has_order.is_none_or(|has_order| has_order[row]);
        let (mut hash, mut last): (u64, &[u8]) = (0, &[]);
        for (row, &id) in ids.iter().enumerate() {
            let is_kept = batch.is_kept(row);
            let is_same_id = row > 0 && last == id;
            if !is_same_id {
                (hash, last) = (hash_text(id), id);
            }
            let is_line = is_kept && has_order(row);
            let has_joined = joins.as_mut().is_some_and(|joins| joins.joins(row, is_line, is_same_id));
            let partition = count_row(is_kept, has_joined, N::spread(hash), &mut self.row_cursor);
            if partition < NOBODY {
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
        let rows = self.row_cursor[usize::from(NOBODY) + 1];
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
            (None, _) => self.place_rows::<false>(ids, follow, |row| Line {
                order: 0,
                amount: batch.amounts[row],
                day: batch.days[row],
                lines: 1,
                is_lowered: batch.amounts[row] < 0,
                lone: true,
            }),
            (Some(orders), None) => self.place_rows::<true>(ids, follow, |row| Line {
                order: orders[row].cast_unsigned(),
                amount: batch.amounts[row],
                day: batch.days[row],
                lines: 1,
                is_lowered: batch.amounts[row] < 0,
                lone: false,
            }),
            (Some(_), Some(_)) => self.place_rows::<true>(ids, follow, |row| batch.line(row)),
        }
    }

    /// Each row is written, and only the first of those that travel together moves the cursor on: whether a row joins
    /// cannot be foreseen, and a branch would be guessed wrongly.
    #[inline]
    fn place_rows<const JOIN: bool>(
        &mut self,
        ids: impl Iterator<Item = u64>,
        follow: &mut impl Follow,
        line: impl Fn(usize) -> Line,
    ) {
        let Self { partition_of, row_cursor, rows, .. } = self;
        let mut last = Row::default();
        for (row, (&partition, id)) in partition_of.iter().zip(ids).enumerate() {
            let has_joined = JOIN && partition & JOINED != 0;
            last = Row::new(id, line(row), 0).joining(&last, has_joined);
            let place = put(rows, row_cursor, partition, last);
            follow.put(place, row, has_joined);
        }
    }

    fn place_texts(&mut self, batch: &Batch<'_>, ids: &[&[u8]], follow: &mut impl Follow) {
        let names = self.name_cursor[PARTITIONS];
        if self.names.len() < names {
            self.names.resize(names, 0);
        }
        let mut last = Row::default();
        for (row, id) in ids.iter().enumerate() {
            let partition = self.partition_of[row];
            if partition < NOBODY {
                let name = &mut self.name_cursor[usize::from(partition)];
                self.names[*name..*name + id.len()].copy_from_slice(id);
                *name += id.len();
            }
            let has_joined = partition & JOINED != 0;
            // The name of a row that is not used goes nowhere.
            let length = if partition == NOBODY { 0 } else { id.len() };
            last = Row::new(self.hashes[row], batch.line(row), length).joining(&last, has_joined);
            let place = put(&mut self.rows, &mut self.row_cursor, partition, last);
            follow.put(place, row, has_joined);
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

/// The partition of a row, marked where it has joined the one before, and counted where not.
#[inline]
#[allow(clippy::cast_possible_truncation)]
fn count_row(is_kept: bool, has_joined: bool, spread: u64, counts: &mut [usize]) -> u16 {
    let partition = (spread >> (64 - PARTITION_BITS)) as u16;
    let partition = if is_kept { partition } else { NOBODY };
    counts[usize::from(partition) + 1] += usize::from(!has_joined);
    partition | if has_joined { JOINED } else { 0 }
}

/// Puts a row to the next place of its partition, or again to the last one where it has joined, and tells which that is.
#[inline]
fn put(rows: &mut [Row], cursors: &mut [usize], partition: u16, row: Row) -> usize {
    let has_joined = usize::from(partition / JOINED);
    let cursor = &mut cursors[usize::from(partition % JOINED)];
    let place = *cursor - has_joined;
    rows[place] = row;
    *cursor = place + 1;
    place
}

fn id_too_long(length: usize) -> Error {
    Error::compute(format!("a customer id has {length} bytes, expected at most {LONGEST_NAME}"))
        .hint("map `customer_id` to the column that holds ids; texts of that size are something else")
}

#[cfg(test)]
mod tests;
