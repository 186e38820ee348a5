//! Every order of every customer, by day: what purchase models, holdouts and yearly values are made of.
//!
//! Kept only where they are asked for: an entry takes 16 bytes, and is written when the fold closes an order. Orders of one
//! customer and day that follow one another share an entry.
//! Does not live here: which orders are purchases (`order`), and what is made of the days (`predict`).

use std::borrow::Cow;
use std::sync::{Arc, Mutex};

use rayon::prelude::*;

use super::chunks::Chunks;
use super::order::{Order, OrderPolicy};
use super::order_entry::{EARLY, Entry, LATE, OCCASION, is_of_others};
use super::payload::Home;
use super::spill_list::SpillList;
use super::work::{Pool, for_each_index, lock, unlock_all};
use crate::clean::options::Returns;
use crate::error::Result;
use crate::spill::SpillFile;

/// The orders of one customer on one day. A day without any order has no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct OrderDay {
    /// Days since 1970-01-01.
    pub day: i32,
    /// Its purchases; the day is an occasion where there is one.
    pub purchases: u32,
    /// What the purchases come to, minor units: 0 where all were free.
    pub purchased: i64,
    /// What all other orders of the day come to, minor units: 0 or less.
    pub returned: i64,
}

impl OrderDay {
    /// Whether the day is an occasion.
    #[must_use]
    pub const fn is_occasion(&self) -> bool {
        self.purchases > 0
    }

    /// All money of the day's orders.
    #[must_use]
    pub const fn revenue(&self) -> i64 {
        self.purchased.wrapping_add(self.returned)
    }
}

/// The orders of one customer, all days up to the analysis date, whatever the window.
#[derive(Debug, Clone, Copy)]
pub struct CustomerOrders<'a> {
    /// As judged by all lines up to the analysis date. Days ascend.
    pub days: &'a [OrderDay],
    /// The same, but orders up to a holdout's cut are judged by the lines dated up to it: an order that was taken back later is
    /// still a purchase here.
    pub at_cut: &'a [OrderDay],
}

/// The orders of one partition's customers.
#[derive(Debug, Default)]
pub(super) struct Book {
    entries: SpillList<Entry>,
    last: Option<Entry>,
    /// Ascending places of customers whose entries are not theirs any more, and of how many that were spilled by then.
    forgotten: Option<(usize, Vec<u32>)>,
}

impl Book {
    /// Notes a closed order of the customer at `place`.
    #[inline]
    pub(super) fn note(&mut self, place: usize, order: &Order, policy: &OrderPolicy) {
        if policy.has_money(order) {
            self.push(place, order, policy, 0);
        }
    }

    /// Notes an order that has lines on both sides of the cut: as all lines say, and as the lines up to the cut say.
    pub(super) fn note_cut(&mut self, place: usize, order: &Order, early: &Order, policy: &OrderPolicy) {
        if policy.has_money(order) {
            self.push(place, order, policy, LATE);
        }
        if policy.has_money(early) {
            self.push(place, early, policy, EARLY);
        }
    }

    #[inline]
    fn push(&mut self, place: usize, order: &Order, policy: &OrderPolicy, kind: u32) {
        let occasion = if policy.is_occasion(order) { OCCASION } else { 0 };
        let entry = Entry::new(place, kind | occasion, order);
        if self.last.as_mut().is_some_and(|last| last.join(entry)) {
            return;
        }
        if let Some(last) = self.last.replace(entry) {
            self.entries.push(last);
        }
    }

    /// Bytes of memory that spilling frees.
    pub(super) fn held_bytes(&self) -> usize {
        self.entries.held_bytes()
    }

    /// Moves the orders to disk.
    pub(super) fn spill(&mut self, file: &Arc<SpillFile>) -> Result<()> {
        self.entries.spill(file)
    }

    /// Forgets the customers at these ascending places, once. What lies on disk is left out when it is read back.
    pub(super) fn forget(&mut self, places: &[u32]) {
        self.settle();
        let mut kept = Chunks::default();
        let held = self.entries.held().iter();
        held.filter(|entry| is_of_others(entry, places)).for_each(|entry| kept.push(*entry));
        self.entries.set_held(kept);
        self.forgotten = Some((self.entries.spilled(), places.to_vec()));
    }

    /// All entries, in memory.
    fn all(&self) -> Result<Cow<'_, Chunks<Entry>>> {
        if self.entries.spilled() == 0 {
            return Ok(Cow::Borrowed(self.entries.held()));
        }
        let (before, places) = self.forgotten.as_ref().map_or((0, &[][..]), |(before, places)| (*before, places));
        let (mut all, mut number) = (Chunks::default(), 0);
        self.entries.for_each(|entry| {
            if number >= before || is_of_others(&entry, places) {
                all.push(entry);
            }
            number += 1;
        })?;
        Ok(Cow::Owned(all))
    }

    fn settle(&mut self) {
        if let Some(last) = self.last.take() {
            self.entries.push(last);
        }
    }

    /// The number of distinct days in the window with an order, of each of `customers` places.
    pub(super) fn order_days(&mut self, customers: usize, policy: &OrderPolicy) -> Result<Vec<u32>> {
        let counts = self.counts(customers, policy.returns, policy.window_start, &mut Space::default())?;
        Ok(counts.into_iter().map(|counts| counts.days).collect())
    }

    /// The orders from the day `from` on, of each of `customers` places.
    fn counts(&mut self, customers: usize, returns: Returns, from: i32, space: &mut Space) -> Result<Vec<Counts>> {
        self.settle();
        let counts_all = returns == Returns::Literal;
        let mut counts = vec![Counts::default(); customers];
        space.sort(self.all()?.as_ref(), customers);
        space.for_each(|place, entries| {
            let is_order = |entry: &&Entry| (counts_all || entry.is(OCCASION)) && !entry.is(EARLY);
            let mut last = None;
            for entry in entries.iter().filter(is_order).filter(|entry| entry.day >= from) {
                counts[place].orders += entry.count();
                counts[place].days += u32::from(last.replace(entry.day) != Some(entry.day));
            }
        });
        Ok(counts)
    }
}

/// The orders of one customer, and the distinct days that they lie on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    orders: u32,
    days: u32,
}

/// Work space of one thread for the entries of one partition.
#[derive(Debug, Default)]
pub(super) struct Space {
    /// Per place where its next entry goes, and afterwards where its entries end.
    ends: Vec<usize>,
    sorted: Vec<Entry>,
    days: Vec<OrderDay>,
    at_cut: Vec<OrderDay>,
}

impl Space {
    /// Puts the entries into the order of their customers: they are counted into their places, since customers are few.
    fn sort(&mut self, entries: &Chunks<Entry>, customers: usize) {
        self.ends.clear();
        self.ends.resize(customers + 1, 0);
        for entry in entries.iter() {
            self.ends[entry.place() + 1] += 1;
        }
        for place in 0..customers {
            self.ends[place + 1] += self.ends[place];
        }
        if self.sorted.len() < entries.len() {
            self.sorted.resize(entries.len(), Entry::default());
        }
        for entry in entries.iter() {
            let next = &mut self.ends[entry.place()];
            self.sorted[*next] = *entry;
            *next += 1;
        }
        self.ends.pop();
    }

    /// Hands over each customer's entries in the order of days.
    fn for_each(&mut self, mut work: impl FnMut(usize, &[Entry])) {
        let mut start = 0;
        for (place, &end) in self.ends.iter().enumerate() {
            let own = &mut self.sorted[start..end];
            start = end;
            if own.is_empty() {
                continue;
            }
            if !own.is_sorted_by_key(|entry| entry.day) {
                own.sort_unstable_by_key(|entry| entry.day);
            }
            work(place, own);
        }
    }
}

/// The days of entries that are sorted by day, without those of the kind `without`.
fn fill_days(days: &mut Vec<OrderDay>, entries: &[Entry], without: u32) {
    days.clear();
    for entry in entries.iter().filter(|entry| !entry.is(without)) {
        if days.last().is_none_or(|last| last.day != entry.day) {
            days.push(OrderDay { day: entry.day, ..OrderDay::default() });
        }
        let Some(day) = days.last_mut() else { continue };
        if entry.is(OCCASION) {
            day.purchases += entry.count();
            day.purchased = day.purchased.wrapping_add(entry.money);
        } else {
            day.returned = day.returned.wrapping_add(entry.money);
        }
    }
}

/// The orders of all customers, and where each stands in the customers table.
#[derive(Debug, Default)]
pub struct Orders {
    books: Vec<Book>,
    /// Per partition and place the row in the customers table, or [`NOWHERE`].
    rows: Vec<Vec<u32>>,
}

/// Marks a customer who is not in the customers table.
const NOWHERE: u32 = u32::MAX;
/// Partitions whose states stand in memory at a time.
const PARTITIONS_AT_ONCE: usize = 64;

impl Orders {
    /// The books of the partitions, which have so many customers, and where each customer of the table stands in them.
    pub(super) fn new(books: Vec<Book>, customers: &[usize], homes: &[Home]) -> Self {
        let mut rows: Vec<Vec<u32>> = customers.iter().map(|count| vec![NOWHERE; *count]).collect();
        for (row, (partition, place)) in (0..).zip(homes) {
            rows[usize::from(*partition)][*place as usize] = row;
        }
        Self { books, rows }
    }

    /// The orders of all days of each of `customers` rows of the customers table, and the distinct days that they lie on.
    ///
    /// # Errors
    /// A write error where what was spilled cannot be read back.
    pub fn of_all_days(&mut self, customers: usize, returns: Returns) -> Result<(Vec<u32>, Vec<u32>)> {
        let (mut orders, mut days) = (vec![0; customers], vec![0; customers]);
        let books = self.books.par_iter_mut().zip(&self.rows);
        let counted = books.map_init(Space::default, |space, (book, rows)| {
            Ok((rows, book.counts(rows.len(), returns, i32::MIN, space)?))
        });
        for (rows, counts) in counted.collect::<Result<Vec<_>>>()? {
            for (row, counts) in rows.iter().zip(counts).filter(|(row, _)| **row != NOWHERE) {
                (orders[*row as usize], days[*row as usize]) = (counts.orders, counts.days);
            }
        }
        Ok((orders, days))
    }

    /// Moves the customers to the rows of another table: `row_of` holds the new row of each old one, if there is one.
    pub fn renumber(&mut self, row_of: &[Option<u32>]) {
        for row in self.rows.iter_mut().flatten().filter(|row| **row != NOWHERE) {
            *row = row_of[*row as usize].unwrap_or(NOWHERE);
        }
    }

    /// Hands the days of every customer to `work`, with their row in the customers table, if they are in it. That is done on
    /// `threads` threads; each partition has a state of its own, which goes to `hand_over` when it is complete. Neither the
    /// order of customers nor which of them share a state means anything: what is made of them may not depend on it.
    ///
    /// # Errors
    /// A write error where what was spilled cannot be read back.
    pub fn finish<S: Default + Send>(
        self,
        threads: usize,
        work: impl Fn(&mut S, Option<u32>, CustomerOrders<'_>) + Sync,
        mut hand_over: impl FnMut(S),
    ) -> Result<()> {
        let spaces: Pool<Space> = Pool::default();
        let partitions: Vec<Mutex<(Book, Vec<u32>)>> = self.books.into_iter().zip(self.rows).map(Mutex::new).collect();
        for partitions in partitions.chunks(PARTITIONS_AT_ONCE) {
            let states: Vec<Mutex<S>> = partitions.iter().map(|_| Mutex::default()).collect();
            for_each_index(threads, partitions.len(), |index| {
                let (book, rows) = std::mem::take(&mut *lock(&partitions[index]));
                let mut state = lock(&states[index]);
                spaces.with(|space| space.finish(book, &rows, |row, days| work(&mut *state, row, days)))
            })?;
            unlock_all(states).into_iter().for_each(&mut hand_over);
        }
        Ok(())
    }
}

impl Space {
    fn finish(
        &mut self,
        mut book: Book,
        rows: &[u32],
        mut work: impl FnMut(Option<u32>, CustomerOrders<'_>),
    ) -> Result<()> {
        book.settle();
        self.sort(book.all()?.as_ref(), rows.len());
        drop(book);
        let (mut days, mut at_cut) = (std::mem::take(&mut self.days), std::mem::take(&mut self.at_cut));
        self.for_each(|place, entries| {
            fill_days(&mut days, entries, EARLY);
            let row = Some(rows[place]).filter(|row| *row != NOWHERE);
            if entries.iter().any(|entry| entry.is(EARLY | LATE)) {
                fill_days(&mut at_cut, entries, LATE);
                work(row, CustomerOrders { days: &days, at_cut: &at_cut });
            } else {
                work(row, CustomerOrders { days: &days, at_cut: &days });
            }
        });
        (self.days, self.at_cut) = (days, at_cut);
        Ok(())
    }
}
