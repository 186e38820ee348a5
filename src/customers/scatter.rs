//! Sends the rows of a batch to the partitions of their customers.
//!
//! Lives here: the batch, the packed row, and the counting sort by partition that runs on every thread at once. Lines of
//! one order that lie together, as they mostly do, travel as one row: that spares two thirds of the way where orders
//! have three lines, and the sums are the same.
//! Does not live here: what a partition does with its rows.

use super::key::Name;
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
            && self.joined < MOST_JOINED
            && [row - 1, row].into_iter().all(|row| self.batch.is_kept(row) && has_order(row));
        self.joined = if joins { self.joined + 1 } else { 0 };
        joins
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
    /// The first error of `deliver`; a compute error where a text id has 16 MiB or more.
    pub fn scatter<N: Name>(
        &mut self,
        batch: &Batch<'_>,
        deliver: impl FnMut(usize, &[Row], &[u8]) -> Result<()>,
    ) -> Result<()> {
        self.count::<N>(batch)?;
        self.place(batch);
        self.deliver(deliver)
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
                lines: 1,
                lone: true,
            }),
            (Some(orders), None) => self.place_rows(ids, |row| Line {
                order: orders[row].cast_unsigned(),
                amount: batch.amounts[row],
                day: batch.days[row],
                lines: 1,
                lone: false,
            }),
            (Some(_), Some(_)) => self.place_rows(ids, |row| batch.line(row)),
        }
    }

    #[inline]
    fn place_rows(&mut self, ids: impl Iterator<Item = u64>, line: impl Fn(usize) -> Line) {
        let Self { partition_of, row_cursor, rows, .. } = self;
        let mut last = 0;
        for (row, (&partition, id)) in partition_of.iter().zip(ids).enumerate() {
            match partition {
                NOWHERE => {}
                JOINED => rows[last].join(line(row)),
                _ => last = put(rows, row_cursor, partition, Row::new(id, line(row), 0)),
            }
        }
    }

    fn place_texts(&mut self, batch: &Batch<'_>, ids: &[&[u8]]) {
        let names = self.name_cursor[PARTITIONS];
        if self.names.len() < names {
            self.names.resize(names, 0);
        }
        let mut last = 0;
        for (row, id) in ids.iter().enumerate() {
            match self.partition_of[row] {
                NOWHERE => {}
                JOINED => self.rows[last].join(batch.line(row)),
                partition => {
                    let name = &mut self.name_cursor[usize::from(partition)];
                    self.names[*name..*name + id.len()].copy_from_slice(id);
                    *name += id.len();
                    let packed = Row::new(self.hashes[row], batch.line(row), id.len());
                    last = put(&mut self.rows, &mut self.row_cursor, partition, packed);
                }
            }
        }
    }

    fn deliver(&self, mut deliver: impl FnMut(usize, &[Row], &[u8]) -> Result<()>) -> Result<()> {
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
mod tests {
    use super::*;
    use crate::customers::key::{NoName, Span};

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
        let result = Scratch::default().scatter::<NoName>(&batch, |_, rows, _| {
            assert!(rows.windows(2).all(|pair| pair[0].line().amount < pair[1].line().amount));
            seen.extend(rows.iter().map(|row| (row.id.cast_signed(), row.line().amount)));
            Ok(())
        });
        assert!(result.is_ok());
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
        let result = Scratch::default().scatter::<Span>(&batch, |_, rows, names| {
            let mut start = 0;
            for row in rows {
                let amount = usize::try_from(row.line().amount).unwrap();
                assert_eq!(&names[start..start + row.name_length()], ids[amount]);
                start += row.name_length();
                seen[amount] = true;
            }
            Ok(())
        });
        assert!(result.is_ok());
        assert!(seen.iter().all(|seen| *seen));
    }

    /// The rows of a batch of one customer and these orders, as (order, amount, day, lines).
    fn rows_of(orders: &[i64], has_order: Option<&[bool]>, kept: Option<&[bool]>) -> Vec<(u64, i64, i32, u32)> {
        let count = orders.len();
        let days: Vec<i32> = (0_i32..).map(|row| 100 - row).take(count).collect();
        let (ids, names, amounts) = (vec![7; count], vec!["Ann".as_bytes(); count], vec![1; count]);
        let batch = |ids| Batch { ids, orders: Some(orders), has_order, days: &days, amounts: &amounts, kept };
        let collect = |batch: &Batch<'_>| {
            let mut found = Vec::new();
            let result = Scratch::default().scatter::<Span>(batch, |_, rows, _| {
                let lines = rows.iter().map(Row::line);
                found.extend(lines.map(|line| (line.order, line.amount, line.day, line.lines)));
                Ok(())
            });
            result.map(|()| found).unwrap()
        };
        let found = collect(&batch(Ids::Integer(&ids)));
        assert_eq!(found, collect(&batch(Ids::Text(&names))));
        found
    }

    #[test]
    fn lines_of_one_order_that_lie_together_travel_as_one() {
        assert_eq!(rows_of(&[5, 5, 5, 6, 5], None, None), [(5, 3, 98, 3), (6, 1, 97, 1), (5, 1, 96, 1)]);
        // Rows without an order id are orders by themselves; a row left out parts its neighbours.
        let has_order = [true, true, false, false, true];
        let lone = rows_of(&[5; 5], Some(&has_order), None);
        assert_eq!(lone, [(5, 2, 99, 2), (0, 1, 98, 1), (0, 1, 97, 1), (5, 1, 96, 1)]);
        let kept = [true, false, true, true, true];
        assert_eq!(rows_of(&[5; 5], None, Some(&kept)), [(5, 1, 100, 1), (5, 3, 96, 3)]);
        // More lines than a row can count.
        let many: Vec<u32> = rows_of(&[5; 300], None, None).iter().map(|row| row.3).collect();
        assert_eq!(many, [128, 128, 44]);
    }

    #[test]
    fn an_id_that_is_too_long_is_refused() {
        let long = vec![b'x'; LONGEST_NAME + 1];
        let lines =
            |name| Batch { ids: Ids::Text(name), orders: None, has_order: None, days: &[0], amounts: &[1], kept: None };
        let ids = [long.as_slice()];
        let refused = Scratch::default().scatter::<Span>(&lines(&ids), |_, _, _| Ok(()));
        assert!(refused.unwrap_err().headline().contains("16777216 bytes"));
        let ids = [&long[1..]];
        let lengths = |_, rows: &[Row], _: &[u8]| {
            assert_eq!((rows[0].name_length(), rows[0].line().lines, rows[0].line().lone), (LONGEST_NAME, 1, true));
            Ok(())
        };
        Scratch::default().scatter::<Span>(&lines(&ids), lengths).unwrap();
    }
}
