//! Sends the rows of a batch to the partitions of their customers.
//!
//! Lives here: the batch, the packed row, and the counting sort by partition that runs on every thread at once.
//! Does not live here: what a partition does with its rows.

use std::ops::Range;

use super::accumulator::Line;
use super::key::{Name, hash_text};

/// Number of partitions: with a few million customers the table of one fits a core's second-level cache.
pub const PARTITIONS: usize = 1024;
/// log2 of [`PARTITIONS`].
const PARTITION_BITS: u32 = PARTITIONS.trailing_zeros();
/// Marks a row that is not used.
const NOWHERE: u16 = u16::MAX;
/// The bit of [`Row::length_and_lone`] that says that the row is an order by itself.
const LONE: u32 = 1 << 31;

/// Customer ids of a batch, one per row.
#[derive(Debug, Clone, Copy)]
pub enum Ids<'a> {
    /// Integer ids.
    Integer(&'a [i64]),
    /// Text ids, as UTF-8 bytes.
    Text(&'a [&'a [u8]]),
}

/// Cleaned rows, column by column. All slices have one length.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// Who bought.
    pub ids: Ids<'a>,
    /// The order's identity, as bits; `None` where each row is an order.
    pub orders: Option<&'a [i64]>,
    /// Rows without an order id are orders by themselves; `None` where every row has one.
    pub has_order: Option<&'a [bool]>,
    /// Days since 1970-01-01.
    pub days: &'a [i32],
    /// Amounts in minor units.
    pub amounts: &'a [i64],
    /// Rows to use; `None` for all.
    pub kept: Option<&'a [bool]>,
}

impl Batch<'_> {
    /// Some of the rows.
    #[must_use]
    pub fn rows(&self, rows: Range<usize>) -> Self {
        Self {
            ids: match self.ids {
                Ids::Integer(ids) => Ids::Integer(&ids[rows.clone()]),
                Ids::Text(ids) => Ids::Text(&ids[rows.clone()]),
            },
            orders: self.orders.map(|orders| &orders[rows.clone()]),
            has_order: self.has_order.map(|has_order| &has_order[rows.clone()]),
            days: &self.days[rows.clone()],
            amounts: &self.amounts[rows.clone()],
            kept: self.kept.map(|kept| &kept[rows]),
        }
    }

    pub(super) fn line(&self, row: usize) -> Line {
        let has_order = self.has_order.is_none_or(|has_order| has_order[row]);
        let (order, lone) = match self.orders {
            Some(orders) if has_order => (orders[row].cast_unsigned(), false),
            _ => (0, true),
        };
        Line { order, amount: self.amounts[row], day: self.days[row], lone }
    }

    pub(super) fn is_kept(&self, row: usize) -> bool {
        self.kept.is_none_or(|kept| kept[row])
    }
}

/// A row on its way to its customer, 32 bytes. The bytes of a text id travel beside it, in the order of rows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Row {
    /// The integer id's bits, or the hash of the text id.
    pub id: u64,
    order: u64,
    amount: i64,
    day: i32,
    length_and_lone: u32,
}

impl Row {
    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    fn new(id: u64, line: Line, length: usize) -> Self {
        let lone = if line.lone { LONE } else { 0 };
        Self { id, order: line.order, amount: line.amount, day: line.day, length_and_lone: length as u32 | lone }
    }

    /// The order line.
    #[inline]
    #[must_use]
    pub fn line(&self) -> Line {
        Line { order: self.order, amount: self.amount, day: self.day, lone: self.length_and_lone & LONE != 0 }
    }

    /// Bytes of the text id.
    #[inline]
    #[must_use]
    pub fn name_length(&self) -> usize {
        (self.length_and_lone & !LONE) as usize
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
}

impl Scratch {
    /// Sorts the batch's rows by partition and hands each partition its rows and their names.
    ///
    /// # Errors
    /// The first error of `deliver`.
    pub fn scatter<N: Name, E>(
        &mut self,
        batch: &Batch<'_>,
        deliver: impl FnMut(usize, &[Row], &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.count::<N>(batch);
        self.place(batch);
        self.deliver(deliver)
    }

    /// First pass: the partition of every row, and how much each partition gets.
    fn count<N: Name>(&mut self, batch: &Batch<'_>) {
        self.row_cursor.clear();
        self.row_cursor.resize(PARTITIONS + 1, 0);
        self.name_cursor.clear();
        self.name_cursor.resize(PARTITIONS + 1, 0);
        self.partition_of.clear();
        self.hashes.clear();
        match batch.ids {
            Ids::Integer(ids) => {
                self.partition_of.extend(ids.iter().enumerate().map(|(row, id)| {
                    count_row(batch.is_kept(row), N::spread(id.cast_unsigned()), &mut self.row_cursor)
                }));
            }
            Ids::Text(ids) => {
                for (row, id) in ids.iter().enumerate() {
                    let hash = hash_text(id);
                    let partition = count_row(batch.is_kept(row), N::spread(hash), &mut self.row_cursor);
                    if partition != NOWHERE {
                        self.name_cursor[usize::from(partition) + 1] += id.len();
                    }
                    self.hashes.push(hash);
                    self.partition_of.push(partition);
                }
            }
        }
        for partition in 0..PARTITIONS {
            self.row_cursor[partition + 1] += self.row_cursor[partition];
            self.name_cursor[partition + 1] += self.name_cursor[partition];
        }
    }

    /// Second pass: every row, and its name, to its place. Afterwards a cursor stands at its partition's end.
    fn place(&mut self, batch: &Batch<'_>) {
        let rows = self.row_cursor[PARTITIONS];
        if self.rows.len() < rows {
            self.rows.resize(rows, Row::default());
        }
        match batch.ids {
            Ids::Integer(ids) => self.place_integers(batch, ids),
            Ids::Text(ids) => self.place_texts(batch, ids),
        }
    }

    fn place_integers(&mut self, batch: &Batch<'_>, ids: &[i64]) {
        let ids = ids.iter().map(|id| id.cast_unsigned());
        // What a batch lacks is decided once, not per row.
        match (batch.orders, batch.has_order) {
            (None, _) => self.place_rows(ids, |row| Line {
                order: 0,
                amount: batch.amounts[row],
                day: batch.days[row],
                lone: true,
            }),
            (Some(orders), None) => self.place_rows(ids, |row| Line {
                order: orders[row].cast_unsigned(),
                amount: batch.amounts[row],
                day: batch.days[row],
                lone: false,
            }),
            (Some(_), Some(_)) => self.place_rows(ids, |row| batch.line(row)),
        }
    }

    #[inline]
    fn place_rows(&mut self, ids: impl Iterator<Item = u64>, line: impl Fn(usize) -> Line) {
        for (row, (&partition, id)) in self.partition_of.iter().zip(ids).enumerate() {
            if partition != NOWHERE {
                let place = &mut self.row_cursor[usize::from(partition)];
                self.rows[*place] = Row::new(id, line(row), 0);
                *place += 1;
            }
        }
    }

    fn place_texts(&mut self, batch: &Batch<'_>, ids: &[&[u8]]) {
        let names = self.name_cursor[PARTITIONS];
        if self.names.len() < names {
            self.names.resize(names, 0);
        }
        for (row, &partition) in self.partition_of.iter().enumerate() {
            if partition == NOWHERE {
                continue;
            }
            let name = &mut self.name_cursor[usize::from(partition)];
            self.names[*name..*name + ids[row].len()].copy_from_slice(ids[row]);
            *name += ids[row].len();
            let place = &mut self.row_cursor[usize::from(partition)];
            self.rows[*place] = Row::new(self.hashes[row], batch.line(row), ids[row].len());
            *place += 1;
        }
    }

    fn deliver<E>(&self, mut deliver: impl FnMut(usize, &[Row], &[u8]) -> Result<(), E>) -> Result<(), E> {
        let (mut row_start, mut name_start) = (0, 0);
        for partition in 0..PARTITIONS {
            let (row_end, name_end) = (self.row_cursor[partition], self.name_cursor[partition]);
            if row_end > row_start {
                deliver(partition, &self.rows[row_start..row_end], &self.names[name_start..name_end])?;
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

#[cfg(test)]
mod tests {
    use super::super::key::{NoName, Span};
    use super::*;

    #[test]
    fn every_kept_row_arrives_once_in_the_order_of_its_partition() {
        let ids: Vec<i64> = (0..5_000).map(|i| i % 700 - 350).collect();
        let amounts: Vec<i64> = (0..5_000).collect();
        let days = vec![7; 5_000];
        let kept: Vec<bool> = (0..5_000).map(|i| i % 3 != 0).collect();
        let batch = Batch {
            ids: Ids::Integer(&ids),
            orders: None,
            has_order: None,
            days: &days,
            amounts: &amounts,
            kept: Some(&kept),
        };
        let mut seen = Vec::new();
        let result: Result<(), ()> = Scratch::default().scatter::<NoName, ()>(&batch, |_, rows, _| {
            assert!(rows.windows(2).all(|pair| pair[0].line().amount < pair[1].line().amount));
            seen.extend(rows.iter().map(|row| (row.id.cast_signed(), row.line().amount)));
            Ok(())
        });
        assert_eq!(result, Ok(()));
        seen.sort_by_key(|pair| pair.1);
        let expected: Vec<(i64, i64)> = (0..5_000).filter(|i| i % 3 != 0).map(|i| (i % 700 - 350, i)).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn names_travel_beside_their_rows() {
        let texts: Vec<String> = (0..300_usize).map(|i| "x".repeat(i % 5) + &i.to_string()).collect();
        let ids: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
        let amounts: Vec<i64> = (0..300).collect();
        let days = vec![0; 300];
        let batch =
            Batch { ids: Ids::Text(&ids), orders: None, has_order: None, days: &days, amounts: &amounts, kept: None };
        let mut seen = vec![false; 300];
        let result: Result<(), ()> = Scratch::default().scatter::<Span, ()>(&batch, |_, rows, names| {
            let mut start = 0;
            for row in rows {
                let amount = usize::try_from(row.line().amount).map_err(|_| ())?;
                assert_eq!(&names[start..start + row.name_length()], ids[amount]);
                start += row.name_length();
                seen[amount] = true;
            }
            Ok(())
        });
        assert_eq!(result, Ok(()));
        assert!(seen.iter().all(|seen| *seen));
    }
}
