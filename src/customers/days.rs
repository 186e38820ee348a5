//! The days on which each customer bought, and what for: one entry per customer and day, from rows in any order.
//!
//! What purchase models, holdouts and yearly values are made of, in one read. Sixteen bytes per customer and day, and
//! up to half as many again while rows arrive; unlike in the big fold nothing is uncertain, since every day is kept.
//! Does not live here: what is made of the days (`predict`), and which rows count (`clean`).

use std::sync::Mutex;

use super::CustomerIds;
use super::fold::{Pool, ROWS_AT_ONCE, for_each_index, lock, unlock_all};
use super::key::Name;
use super::scatter::{PARTITIONS, Row, Scratch};
use super::table::Table;
use crate::batch::{Batch, Ids};
use crate::error::Result;

/// Entries of one day are made one when there are half as many again as after the last time, and at least this many.
const ENTRIES_BEFORE_JOIN: usize = 4096;
/// Partitions whose states stand in memory at a time.
const PARTITIONS_AT_ONCE: usize = 64;
/// Marks a customer who is not in the customers table.
const NOWHERE: u32 = u32::MAX;

/// A day with a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Days since 1970-01-01.
    pub day: i32,
    /// The sum of its rows, minor units: above zero.
    pub amount: i64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    place: u32,
    day: i32,
    amount: i64,
}

/// The customers of one partition and their days.
#[derive(Debug)]
struct Shelf<N> {
    table: Table<N, ()>,
    entries: Vec<Entry>,
    /// Entries after they were last joined.
    joined: usize,
    /// Per customer his row in the customers table, or [`NOWHERE`]; filled at the end.
    rows: Vec<u32>,
}

impl<N> Default for Shelf<N> {
    fn default() -> Self {
        Self { table: Table::default(), entries: Vec::new(), joined: 0, rows: Vec::new() }
    }
}

/// Work space of one thread for the entries of one shelf.
#[derive(Debug, Default)]
struct Room {
    /// Per customer where his next entry goes.
    ends: Vec<usize>,
    sorted: Vec<Entry>,
}

/// The days of all customers. Batches are added through a shared reference, from as many threads as there are.
#[derive(Debug)]
pub struct DayBook<N> {
    shelves: Vec<Mutex<Shelf<N>>>,
    scratch: Pool<Scratch>,
    rooms: Pool<Room>,
}

impl<N: Name> Default for DayBook<N> {
    fn default() -> Self {
        let shelves = (0..PARTITIONS).map(|_| Mutex::default()).collect();
        Self { shelves, scratch: Pool::default(), rooms: Pool::default() }
    }
}

impl<N: Name> DayBook<N> {
    /// Adds a batch. Sums wrap: the caller proves that they did not, from the total of absolute amounts.
    ///
    /// # Errors
    /// A compute error where there are more customers than a partition can hold.
    pub fn add(&self, batch: &Batch<'_>) -> Result<()> {
        let count = batch.days.len();
        self.scratch.with(|scratch| {
            for start in (0..count).step_by(ROWS_AT_ONCE) {
                // Lines of an order may lie on several days: none travels with another.
                let rows = batch.rows(start..count.min(start + ROWS_AT_ONCE));
                let rows = Batch { orders: None, has_order: None, ..rows };
                scratch.scatter::<N>(&rows, |index, rows, names| {
                    lock(&self.shelves[index]).receive(rows, names, &self.rooms)
                })?;
            }
            Ok(())
        })
    }

    /// Hands every customer with a purchase to `work`: his row in the table of `ids`, if he is in it, and his days in
    /// ascending order. That is done on `threads` threads; each partition has a state of its own, which goes to
    /// `hand_over` when it is complete. Neither the order of a partition's customers nor which of them share a state means
    /// anything: what is made of them may not depend on it.
    ///
    /// # Errors
    /// As [`DayBook::add`].
    pub fn finish<S: Default + Send>(
        self,
        threads: usize,
        ids: &CustomerIds,
        work: impl Fn(&mut S, Option<u32>, &[Day]) + Sync,
        mut hand_over: impl FnMut(S),
    ) -> Result<()> {
        self.number(ids, threads)?;
        for start in (0..PARTITIONS).step_by(PARTITIONS_AT_ONCE) {
            let states: Vec<Mutex<S>> = (0..PARTITIONS_AT_ONCE).map(|_| Mutex::default()).collect();
            for_each_index(threads, PARTITIONS_AT_ONCE, |index| {
                let shelf = std::mem::take(&mut *lock(&self.shelves[start + index]));
                self.rooms.with(|room| shelf.finish(room, &mut *lock(&states[index]), &work));
                Ok(())
            })?;
            unlock_all(states).into_iter().for_each(&mut hand_over);
        }
        Ok(())
    }

    /// Tells the customers their rows. The table travels as rows of transactions do, its numbers in the place of amounts:
    /// looking the ids up in the shelves takes a tenth of a binary search for each in the table.
    fn number(&self, ids: &CustomerIds, threads: usize) -> Result<()> {
        for_each_index(threads, ids.len().div_ceil(ROWS_AT_ONCE), |slice| {
            let rows = slice * ROWS_AT_ONCE..ids.len().min((slice + 1) * ROWS_AT_ONCE);
            let numbers: Vec<i64> = rows.clone().map(|row| i64::try_from(row).unwrap_or(i64::MAX)).collect();
            let names: Vec<&[u8]>;
            let ids = match ids {
                CustomerIds::Integer(ids) => Ids::Integer(&ids[rows]),
                CustomerIds::Text { .. } => {
                    names = rows.map(|row| ids.text(row)).collect();
                    Ids::Text(&names)
                }
            };
            let days = vec![0; numbers.len()];
            let batch = Batch { ids, orders: None, has_order: None, days: &days, amounts: &numbers, kept: None };
            self.scratch.with(|scratch| {
                scratch.scatter::<N>(&batch, |index, rows, names| lock(&self.shelves[index]).number(rows, names))
            })
        })
    }
}

impl<N: Name> Shelf<N> {
    #[expect(clippy::cast_possible_truncation, reason = "a table holds fewer than 2^22 customers")]
    fn receive(&mut self, rows: &[Row], names: &[u8], rooms: &Pool<Room>) -> Result<()> {
        let entries = &mut self.entries;
        self.table.for_each_row(
            rows,
            names,
            |()| 0,
            |table, row, name, likely| {
                note(entries, table.find_or_add_from(likely, row.id, name)? as u32, row);
                Ok(())
            },
        )?;
        if self.entries.len() >= (self.joined + self.joined / 2).max(ENTRIES_BEFORE_JOIN) {
            rooms.with(|room| self.join(room));
        }
        Ok(())
    }

    /// Makes one entry of all entries of a customer's day, in the order of customers and days. They are counted into the
    /// places of their customers, and what is left to be sorted are the few days of each.
    fn join(&mut self, room: &mut Room) {
        room.spread(&self.entries, self.table.customers.len());
        self.entries.clear();
        let mut start = 0;
        for &end in &room.ends[..self.table.customers.len()] {
            let own = &mut room.sorted[start..end];
            start = end;
            own.sort_unstable_by_key(|entry| entry.day);
            for days in own.chunk_by(|a, b| a.day == b.day) {
                let amount = days.iter().fold(0_i64, |sum, entry| sum.wrapping_add(entry.amount));
                self.entries.push(Entry { amount, ..days[0] });
            }
        }
        self.joined = self.entries.len();
    }

    /// Notes the rows of the customers table that some of the customers have.
    fn number(&mut self, rows: &[Row], names: &[u8]) -> Result<()> {
        self.rows.resize(self.table.customers.len(), NOWHERE);
        let places = &mut self.rows;
        self.table.for_each_row(
            rows,
            names,
            |()| 0,
            |table, row, name, likely| {
                if let Some(place) = table.find_from(likely, row.id, name) {
                    places[place] = u32::try_from(row.line().amount).unwrap_or(NOWHERE);
                }
                Ok(())
            },
        )
    }

    fn finish<S>(mut self, room: &mut Room, state: &mut S, work: &impl Fn(&mut S, Option<u32>, &[Day])) {
        self.join(room);
        let mut days = Vec::new();
        for entries in self.entries.chunk_by(|a, b| a.place == b.place) {
            days.clear();
            let bought = entries.iter().filter(|entry| entry.amount > 0);
            days.extend(bought.map(|entry| Day { day: entry.day, amount: entry.amount }));
            if !days.is_empty() {
                let row = self.rows.get(entries[0].place as usize).copied();
                work(state, row.filter(|row| *row != NOWHERE), &days);
            }
        }
    }
}

/// Notes a row of the customer at `place`.
#[inline]
fn note(entries: &mut Vec<Entry>, place: u32, row: &Row) {
    let line = row.line();
    // Lines of one order lie side by side.
    let same = entries.last_mut().filter(|last| last.place == place && last.day == line.day);
    if let Some(same) = same {
        same.amount = same.amount.wrapping_add(line.amount);
    } else {
        reserve_gently(entries);
        entries.push(Entry { place, day: line.day, amount: line.amount });
    }
}

impl Room {
    /// Puts the entries into the order of their customers, and notes where those of each end.
    fn spread(&mut self, entries: &[Entry], customers: usize) {
        self.ends.clear();
        self.ends.resize(customers + 1, 0);
        for entry in entries {
            self.ends[entry.place as usize + 1] += 1;
        }
        for place in 0..customers {
            self.ends[place + 1] += self.ends[place];
        }
        if self.sorted.len() < entries.len() {
            self.sorted.resize(entries.len(), Entry::default());
        }
        for entry in entries {
            let next = &mut self.ends[entry.place as usize];
            self.sorted[*next] = *entry;
            *next += 1;
        }
    }
}

/// Grows by a quarter instead of doubling: with a thousand such lists the slack is what counts.
#[inline]
fn reserve_gently<T>(list: &mut Vec<T>) {
    if list.len() == list.capacity() {
        list.reserve_exact((list.len() / 4).max(16));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::batch::Ids;
    use crate::customers::key::{NoName, Span};

    /// Rows of some customers over 90 days, about a third of them returns.
    fn rows() -> (Vec<i64>, Vec<i32>, Vec<i64>) {
        let mut state = 7_u64;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from((state >> 33) % below).unwrap()
        };
        (0..40_000).map(|_| (next(3_000) - 1_500, i32::try_from(next(90)).unwrap(), next(60) - 20)).fold(
            Default::default(),
            |(mut ids, mut days, mut amounts): (Vec<i64>, Vec<i32>, Vec<i64>), (id, day, amount)| {
                ids.push(id);
                days.push(day);
                amounts.push(amount);
                (ids, days, amounts)
            },
        )
    }

    type Book = BTreeMap<i64, Vec<(i32, i64)>>;

    /// The days by the customers' places among `ids`, which stand for ids that ascend; none for those who are not there.
    fn read<N: Name + std::fmt::Debug>(book: DayBook<N>, ids: &CustomerIds) -> (Book, usize) {
        type Seen = Vec<(Option<u32>, Vec<(i32, i64)>)>;
        let note = |state: &mut Seen, row: Option<u32>, days: &[Day]| {
            state.push((row, days.iter().map(|day| (day.day, day.amount)).collect()));
        };
        let (mut book_of, mut others) = (Book::new(), 0);
        let hand_over = |state: Seen| {
            for (row, days) in state {
                match row {
                    Some(row) => assert!(book_of.insert(i64::from(row), days).is_none(), "{row} comes twice"),
                    None => others += 1,
                }
            }
        };
        book.finish(2, ids, note, hand_over).unwrap();
        (book_of, others)
    }

    #[test]
    fn the_days_are_those_of_a_map_whatever_the_order_of_rows() {
        let (ids, days, amounts) = rows();
        let mut sums: BTreeMap<(i64, i32), i64> = BTreeMap::new();
        for ((id, day), amount) in ids.iter().zip(&days).zip(&amounts) {
            *sums.entry((*id, *day)).or_default() += amount;
        }
        let mut expected = Book::new();
        for ((id, day), amount) in sums.into_iter().filter(|(_, amount)| *amount > 0) {
            expected.entry(id).or_default().push((day, amount));
        }
        assert!(expected.len() > 2_000, "most have bought: {}", expected.len());
        // Every third id has no row in the table.
        let (known, unknown): (Vec<i64>, Vec<i64>) = (-1_500..1_500).partition(|id| id % 3 != 0);
        let others = unknown.iter().filter(|id| expected.contains_key(id)).count();
        let by_row = |known: &[i64]| -> Book {
            (0..).zip(known).filter_map(|(row, id)| Some((row, expected.get(id)?.clone()))).collect()
        };
        let batch = Batch {
            ids: Ids::Integer(&ids),
            orders: None,
            has_order: None,
            days: &days,
            amounts: &amounts,
            kept: None,
        };
        let whole = DayBook::<NoName>::default();
        whole.add(&batch).unwrap();
        assert_eq!(read(whole, &CustomerIds::Integer(known.clone())), (by_row(&known), others));
        let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let names: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
        let batch = Batch { ids: Ids::Text(&names), ..batch };
        let in_pieces = DayBook::<Span>::default();
        for piece in (0..40).rev() {
            in_pieces.add(&batch.rows(piece * 1_000..(piece + 1) * 1_000)).unwrap();
        }
        let mut known: Vec<(String, i64)> = known.iter().map(|id| (id.to_string(), *id)).collect();
        known.sort();
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        for (text, _) in &known {
            bytes.extend_from_slice(text.as_bytes());
            ends.push(bytes.len());
        }
        let known: Vec<i64> = known.into_iter().map(|(_, id)| id).collect();
        assert_eq!(read(in_pieces, &CustomerIds::Text { bytes, ends }), (by_row(&known), others));
    }
}
