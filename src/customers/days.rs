//! The days on which each customer bought, and what for: one entry per customer and day, from rows in any order.
//!
//! What purchase models, holdouts and yearly values are made of, in one read. Sixteen bytes per customer and day, and
//! up to half as many again while rows arrive; unlike in the big fold nothing is uncertain, since every day is kept.
//! Does not live here: what is made of the days (`predict`), and which rows count (`clean`).

use std::sync::Mutex;

use super::CustomerIds;
use super::fold::{Pool, for_each_index, lock, unlock_all};
use super::key::Name;
use super::scatter::{Batch, PARTITIONS, Row, Scratch};
use super::table::Table;
use crate::error::Result;

/// Rows that are sorted by partition at a time, as in the big fold.
const ROWS_AT_ONCE: usize = 1 << 15;
/// Entries of one day are made one when there are half as many again as after the last time, and at least this many.
const ENTRIES_BEFORE_JOIN: usize = 4096;

/// A day with a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Days since 1970-01-01.
    pub day: i32,
    /// The sum of its rows, minor units: above zero.
    pub amount: i64,
}

/// Who bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who<'a> {
    /// An integer id.
    Integer(i64),
    /// A text id.
    Text(&'a [u8]),
}

impl Who<'_> {
    /// His row in the customers table.
    #[must_use]
    pub fn place_in(self, ids: &CustomerIds) -> Option<usize> {
        match self {
            Self::Integer(id) => ids.place_of_integer(id),
            Self::Text(id) => ids.place_of_text(id),
        }
    }
}

#[derive(Debug, Clone, Copy)]
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
}

impl<N> Default for Shelf<N> {
    fn default() -> Self {
        Self { table: Table::default(), entries: Vec::new(), joined: 0 }
    }
}

/// The days of all customers. Batches are added through a shared reference, from as many threads as there are.
#[derive(Debug)]
pub struct DayBook<N> {
    shelves: Vec<Mutex<Shelf<N>>>,
    scratch: Pool<Scratch>,
}

impl<N: Name> Default for DayBook<N> {
    fn default() -> Self {
        Self { shelves: (0..PARTITIONS).map(|_| Mutex::default()).collect(), scratch: Pool::default() }
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
                scratch.scatter::<N>(&rows, |index, rows, names| lock(&self.shelves[index]).receive(rows, names))?;
            }
            Ok(())
        })
    }

    /// Hands every customer with a purchase to `work`, with his days in ascending order, on `threads` threads. Each
    /// partition has a state of its own. Neither the order of the partitions' customers nor which of them share a state
    /// means anything: what is made of them may not depend on it.
    ///
    /// # Errors
    /// None today; the signature follows the fold's.
    pub fn finish<S: Default + Send>(
        self,
        threads: usize,
        work: impl Fn(&mut S, Who<'_>, &[Day]) + Sync,
    ) -> Result<Vec<S>> {
        drop(self.scratch);
        let states: Vec<Mutex<S>> = (0..PARTITIONS).map(|_| Mutex::default()).collect();
        for_each_index(threads, PARTITIONS, |index| {
            let shelf = std::mem::take(&mut *lock(&self.shelves[index]));
            shelf.finish(&mut *lock(&states[index]), &work);
            Ok(())
        })?;
        Ok(unlock_all(states))
    }
}

impl<N: Name> Shelf<N> {
    #[expect(clippy::cast_possible_truncation, reason = "a table holds fewer than 2^22 customers")]
    fn receive(&mut self, rows: &[Row], names: &[u8]) -> Result<()> {
        let mut name_start = 0;
        for row in rows {
            let name_end = name_start + row.name_length();
            let place = self.table.find_or_add(row.id, &names[name_start..name_end])? as u32;
            name_start = name_end;
            let line = row.line();
            // Lines of one order lie side by side.
            let same = self.entries.last_mut().filter(|last| last.place == place && last.day == line.day);
            if let Some(same) = same {
                same.amount = same.amount.wrapping_add(line.amount);
            } else {
                reserve_gently(&mut self.entries);
                self.entries.push(Entry { place, day: line.day, amount: line.amount });
            }
        }
        if self.entries.len() >= (self.joined + self.joined / 2).max(ENTRIES_BEFORE_JOIN) {
            self.join();
        }
        Ok(())
    }

    /// Makes one entry of all entries of a customer's day.
    fn join(&mut self) {
        self.entries.sort_unstable_by_key(|entry| (entry.place, entry.day));
        self.entries.dedup_by(|next, kept| {
            let same = (next.place, next.day) == (kept.place, kept.day);
            if same {
                kept.amount = kept.amount.wrapping_add(next.amount);
            }
            same
        });
        self.joined = self.entries.len();
    }

    fn finish<S>(mut self, state: &mut S, work: &impl Fn(&mut S, Who<'_>, &[Day])) {
        self.join();
        let mut days = Vec::new();
        for entries in self.entries.chunk_by(|a, b| a.place == b.place) {
            days.clear();
            let bought = entries.iter().filter(|entry| entry.amount > 0);
            days.extend(bought.map(|entry| Day { day: entry.day, amount: entry.amount }));
            if days.is_empty() {
                continue;
            }
            let customer = &self.table.customers[entries[0].place as usize];
            let who = match customer.name.text(&self.table.names) {
                [] => Who::Integer(customer.id.cast_signed()),
                text => Who::Text(text),
            };
            work(state, who, &days);
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

    use super::super::key::{NoName, Span};
    use super::super::scatter::Ids;
    use super::*;

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

    fn read<N: Name + std::fmt::Debug>(book: DayBook<N>, id: impl Fn(Who<'_>) -> i64 + Sync) -> Book {
        let note = |state: &mut Vec<(i64, Vec<(i32, i64)>)>, who: Who<'_>, days: &[Day]| {
            state.push((id(who), days.iter().map(|day| (day.day, day.amount)).collect()));
        };
        book.finish(2, note).unwrap().into_iter().flatten().collect()
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
        let of_integer = |who: Who<'_>| if let Who::Integer(id) = who { id } else { panic!("{who:?}") };
        assert_eq!(read(whole, of_integer), expected);
        let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let names: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
        let batch = Batch { ids: Ids::Text(&names), ..batch };
        let in_pieces = DayBook::<Span>::default();
        for piece in (0..40).rev() {
            in_pieces.add(&batch.rows(piece * 1_000..(piece + 1) * 1_000)).unwrap();
        }
        let of_text = |who: Who<'_>| match who {
            Who::Text(text) => std::str::from_utf8(text).unwrap().parse().unwrap(),
            Who::Integer(_) => panic!("{who:?}"),
        };
        assert_eq!(read(in_pieces, of_text), expected);
    }

    #[test]
    fn a_customer_is_found_in_the_table_by_his_id() {
        let numbers = CustomerIds::Integer(vec![-3, 5, 9]);
        assert_eq!(Who::Integer(5).place_in(&numbers), Some(1));
        assert_eq!(Who::Integer(6).place_in(&numbers), None);
        let texts = CustomerIds::Text { bytes: b"aab".to_vec(), ends: vec![1, 3] };
        assert_eq!(Who::Text(b"ab").place_in(&texts), Some(1));
    }
}
