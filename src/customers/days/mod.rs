//! The days on which each customer bought, and what for: one entry per customer and day, from rows in any order.
//!
//! What purchase models, holdouts and yearly values are made of. An entry takes 16 bytes; while rows arrive there may be more
//! than one of a customer's day, at most half as many again where days have several orders. Unlike in the big fold nothing is
//! uncertain, since every day is kept.
//! Lives here: locks and threads. Does not live here: a partition and its entries (`partition`), how rows come there (`runs`),
//! what is made of the days (`predict`), and which rows count (`clean`).

mod partition;
mod runs;
#[cfg(test)]
mod tests;

use std::sync::Mutex;

use partition::{DayPartition, JoinSpace};
use runs::Scratch;

use super::CustomerIds;
use super::fold::{Pool, ROWS_AT_ONCE, for_each_index, lock, unlock_all};
use super::key::Name;
use super::scatter::PARTITIONS;
use crate::batch::{Batch, Ids};
use crate::error::Result;

/// Partitions whose states stand in memory at a time.
const PARTITIONS_AT_ONCE: usize = 64;

/// A day with rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Days since 1970-01-01.
    pub day: i32,
    /// The sum of its rows, minor units.
    pub amount: i64,
    /// Whether one of them is below zero.
    pub has_return: bool,
}

impl Day {
    /// Whether the day as a whole is a purchase: above zero, or free.
    #[must_use]
    pub const fn is_purchase(&self) -> bool {
        self.amount > 0 || (self.amount == 0 && !self.has_return)
    }
}

/// The days of all customers. Batches are added through a shared reference, from as many threads as there are.
#[derive(Debug)]
pub struct DayBook<N> {
    partitions: Vec<Mutex<DayPartition<N>>>,
    scratch: Pool<Scratch>,
    spaces: Pool<JoinSpace>,
}

impl<N: Name> Default for DayBook<N> {
    fn default() -> Self {
        let partitions = (0..PARTITIONS).map(|_| Mutex::default()).collect();
        Self { partitions, scratch: Pool::default(), spaces: Pool::default() }
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
                let rows = batch.rows(start..count.min(start + ROWS_AT_ONCE));
                scratch.scatter::<N>(&rows, |index, runs, names| {
                    lock(&self.partitions[index]).receive(runs, names, &self.spaces)
                })?;
            }
            Ok(())
        })
    }

    /// Hands every customer to `work`: their row in the table of `ids`, if they are in it, and their days in
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
        for_each_index(threads, PARTITIONS, |index| lock(&self.partitions[index]).settle(&self.spaces))?;
        self.number(ids, threads)?;
        for start in (0..PARTITIONS).step_by(PARTITIONS_AT_ONCE) {
            let states: Vec<Mutex<S>> = (0..PARTITIONS_AT_ONCE).map(|_| Mutex::default()).collect();
            for_each_index(threads, PARTITIONS_AT_ONCE, |index| {
                let partition = std::mem::take(&mut *lock(&self.partitions[start + index]));
                let mut state = lock(&states[index]);
                self.spaces.with(|space| partition.finish(space, |row, days| work(&mut *state, row, days)));
                Ok(())
            })?;
            unlock_all(states).into_iter().for_each(&mut hand_over);
        }
        Ok(())
    }

    /// Finds the row of each customer. The table of ids travels as rows of transactions do, its row numbers in place of
    /// amounts: looking the ids up in the partitions takes a tenth of a binary search for each in the table.
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
                scratch.scatter::<N>(&batch, |index, runs, names| lock(&self.partitions[index]).number(runs, names))
            })
        })
    }
}
