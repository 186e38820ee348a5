//! The slow way, for exactly the customers whose orders or days could not be told apart in one pass.
//!
//! Their rows are read once more. Where the input has orders, rows are gathered per order and the accumulators built
//! anew from whole orders in the order of days, in which nothing is uncertain: memory follows their orders. Where each
//! row is an order, only the number of distinct days can be in doubt: memory follows their purchase days.
//! Does not live here: noticing who needs it (`partition`).

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::accumulator::Accumulator;
use super::fold::{Folded, Pool, for_each_index, lock, unlock_all};
use super::key::Name;
use super::partition::Partition;
use super::scatter::{PARTITIONS, Row, Scratch};
use crate::batch::Batch;
use crate::clean::options::Returns;
use crate::error::{Error, Result};

/// Lines of one order, or a part of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    place: u32,
    /// Orders that are one row are never joined: each has a number of its own.
    lone: u32,
    order: u64,
    day: i32,
    lines: u32,
    total: i64,
}

impl Part {
    fn order_key(&self) -> (u32, u32, u64) {
        (self.place, self.lone, self.order)
    }
}

/// Parts are joined when they are half as many again as after the last time, and at least this many.
const PARTS_BEFORE_JOIN: usize = 16_384;

#[derive(Debug, Default)]
struct Again {
    /// Places to do again, ascending.
    places: Vec<u32>,
    parts: Vec<Part>,
    /// Place and day of each row, packed; used where each row is an order.
    days: Vec<u64>,
    /// Length of `parts` or `days` after the last join.
    joined: usize,
    lone: u32,
}

/// The second pass: add the same batches once more, in any order, then finish.
#[derive(Debug)]
pub struct Repair<N> {
    partitions: Vec<Partition<N>>,
    again: Vec<Mutex<Again>>,
    scratch: Pool<Scratch>,
    returns: Returns,
    rows_are_orders: bool,
}

impl<N: Name> Repair<N> {
    /// Begins to do the uncertain customers again. `rows_are_orders`: no row has an order id.
    #[must_use]
    pub fn new(folded: Folded<N>, returns: Returns, rows_are_orders: bool) -> Self {
        let again = folded.uncertain.into_iter().map(|places| Mutex::new(Again { places, ..Again::default() }));
        Self {
            partitions: folded.partitions,
            again: again.collect(),
            scratch: Pool::default(),
            returns,
            rows_are_orders,
        }
    }

    /// Adds a batch of the same rows as in the first pass.
    ///
    /// # Errors
    /// A source error where a customer appears who was not there in the first pass: the input has changed.
    pub fn add(&self, batch: &Batch<'_>) -> Result<()> {
        self.scratch.with(|scratch| {
            scratch.scatter::<N>(batch, |index, rows: &[Row], names| {
                let mut again = lock(&self.again[index]);
                if again.places.is_empty() { Ok(()) } else { self.gather(&mut again, index, rows, names) }
            })
        })
    }

    fn gather(&self, again: &mut Again, index: usize, rows: &[Row], names: &[u8]) -> Result<()> {
        let mut name_start = 0;
        for row in rows {
            let name_end = name_start + row.name_length();
            let found = self.partitions[index].find(row.id, &names[name_start..name_end]);
            name_start = name_end;
            let place = found.and_then(|place| u32::try_from(place).ok()).ok_or_else(input_changed)?;
            if again.places.binary_search(&place).is_err() {
                continue;
            }
            if self.rows_are_orders {
                again.push_day(place, row, self.returns);
            } else {
                again.push(place, row);
            }
        }
        again.join_if_many();
        Ok(())
    }

    /// Builds the accumulators of these customers anew, on `threads` threads.
    ///
    /// # Errors
    /// None today; the signature follows the fold's.
    pub fn finish(self, threads: usize) -> Result<Vec<Partition<N>>> {
        let partitions: Vec<Mutex<Partition<N>>> = self.partitions.into_iter().map(Mutex::new).collect();
        for_each_index(threads, PARTITIONS, |index| {
            lock(&self.again[index]).rebuild(&mut lock(&partitions[index]), self.returns);
            Ok(())
        })?;
        Ok(unlock_all(partitions))
    }
}

fn input_changed() -> Error {
    Error::source("the input changed while it was read: a customer appeared in the second pass")
        .hint("give the run files that nobody writes to")
}

impl Again {
    fn push(&mut self, place: u32, row: &Row) {
        let line = row.line();
        self.lone += u32::from(line.lone);
        let lone = if line.lone { self.lone } else { 0 };
        self.parts.push(Part { place, lone, order: line.order, day: line.day, lines: line.lines, total: line.amount });
    }

    fn push_day(&mut self, place: u32, row: &Row, returns: Returns) {
        let line = row.line();
        if line.amount > 0 || returns != Returns::Purchases {
            self.days.push(u64::from(place) << 32 | u64::from(line.day.cast_unsigned()));
        }
    }

    fn join_if_many(&mut self) {
        if self.parts.len().max(self.days.len()) >= (self.joined + self.joined / 2).max(PARTS_BEFORE_JOIN) {
            self.join();
        }
    }

    /// Makes one part of all parts of an order.
    fn join(&mut self) {
        self.parts.sort_unstable();
        self.parts.dedup_by(|part, kept| {
            let same = part.order_key() == kept.order_key();
            if same {
                kept.day = kept.day.min(part.day);
                kept.lines += part.lines;
                kept.total = kept.total.wrapping_add(part.total);
            }
            same
        });
        self.days.sort_unstable();
        self.days.dedup();
        self.joined = self.parts.len().max(self.days.len());
    }

    fn rebuild<N: Name>(&mut self, partition: &mut Partition<N>, returns: Returns) {
        self.join();
        for days in self.days.chunk_by(|a, b| a >> 32 == b >> 32) {
            #[allow(clippy::cast_possible_truncation)]
            partition.accumulator_mut((days[0] >> 32) as usize).settle_days(days.len() as u32);
        }
        let mut orders = std::mem::take(&mut self.parts);
        orders.sort_unstable_by_key(|order| (order.place, order.day));
        let mut rebuilt: BTreeMap<u32, Accumulator> = BTreeMap::new();
        for order in &orders {
            let accumulator = rebuilt.entry(order.place).or_default();
            accumulator.add_order(order.total, order.lines, order.day, returns);
        }
        for (place, accumulator) in rebuilt {
            partition.set(place as usize, accumulator);
        }
    }
}
