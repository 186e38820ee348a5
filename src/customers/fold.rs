//! The one big aggregation: batches of rows, from any thread and in any order, to one accumulator per customer.
//!
//! Lives here: the partitions behind their locks, and the end of the fold on all threads.
//! Does not live here: reading or cleaning rows, or what a partition does with them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::accumulator::Accumulator;
use super::edges::Edges;
use super::few::{Few, Taken, TakesSums};
use super::key::Name;
use super::log::{Kept, Log};
use super::order::{LonePolicy, OrderPolicy};
use super::partition::Partition;
use super::payload::{Extras, Policy};
use super::scatter::{Form, PARTITIONS, Scratch, partition_of};
use super::table::Who;
use super::work::{Pool, for_each_index, lock, unlock_all};
use crate::batch::{Batch, Ids};
use crate::clean::options::Returns;
use crate::error::Result;

/// Where more than one row in so many does not fit into a short row, rows are long from then on.
const FEWEST_IN: usize = 64;

/// The fold. Batches are added through a shared reference, from as many threads as there are.
///
/// Integer arithmetic is exact and each question of "seen before?" is either answered for certain or marked, so the
/// result does not depend on the order of the batches or on the threads.
#[derive(Debug)]
pub struct Fold<N> {
    partitions: Vec<Mutex<Partition<N>>>,
    scratch: Pool<Scratch>,
    edges: Mutex<Edges>,
    /// Whether short rows are not enough: some input has orders, or many amounts do not fit.
    is_long: AtomicBool,
    /// What each thread knows of customers while they are few.
    few: Pool<Few<N>>,
    /// Whether there are many, or rows are such that it does not matter.
    are_many: AtomicBool,
    policy: Policy,
}

/// Merges the sums of few customers into their partitions.
struct Merging<'a, N>(&'a Fold<N>);

impl<N: Name> TakesSums for Merging<'_, N> {
    fn take(&mut self, who: Who<'_>, sums: &Accumulator, noted: &[(usize, i64, i32)]) -> Result<()> {
        let Self(fold) = self;
        lock(&fold.partitions[partition_of(who.key)]).take_sums(who, sums, noted, &fold.policy)
    }
}

/// What the fold leaves: closed accumulators, and who must be done again.
#[derive(Debug)]
pub struct Folded<N> {
    /// The partitions, each with its customers.
    pub partitions: Vec<Partition<N>>,
    /// Per partition the places of customers whose orders or days could not be told apart in one pass, ascending.
    pub uncertain: Vec<Vec<u32>>,
    /// How the rows were folded.
    pub policy: Policy,
}

impl<N: Name> Fold<N> {
    /// An empty fold. The log of closed orders costs ten bytes per order, and spares a second pass where days come out
    /// of order: `kept` says whether it is kept.
    #[must_use]
    pub fn new(returns: Returns, kept: Kept) -> Self {
        Self::with_policy(Policy::new(OrderPolicy::new(returns)), kept)
    }

    /// As [`Fold::new`], with a window, all orders or a payload.
    #[must_use]
    pub fn with_policy(policy: Policy, kept: Kept) -> Self {
        // What is kept of each order, and a window of money, would have to be merged, too.
        let are_many = kept == Kept::All
            || policy.keeps_orders
            || !policy.layout.is_empty()
            || policy.orders.window_start != i32::MIN;
        let partition = |number| {
            let mut partition = Partition::numbered(number);
            partition.keep(Log::new(kept), policy.keeps_orders);
            Mutex::new(partition)
        };
        let partitions = (0..PARTITIONS).map(partition).collect();
        Self {
            partitions,
            scratch: Pool::default(),
            edges: Mutex::default(),
            is_long: AtomicBool::new(false),
            few: Pool::default(),
            are_many: AtomicBool::new(are_many),
            policy,
        }
    }

    /// Adds a batch of rows without a payload.
    ///
    /// # Errors
    /// A compute error where there are more customers than a partition can hold, or an id is too long.
    pub fn add(&self, batch: &Batch<'_>) -> Result<()> {
        self.add_with(batch, Extras::NONE)
    }

    /// Adds a batch.
    ///
    /// # Errors
    /// As [`Fold::add`].
    pub fn add_with(&self, batch: &Batch<'_>, extras: Extras<'_>) -> Result<()> {
        let layout = &self.policy.layout;
        Edges::without_cut_orders(&self.edges, layout, batch, extras, |batch, extras| self.add_rows(batch, extras))
    }

    /// Adds notes: the payload of rows that are no order lines. Whoever has no order is no customer for all that.
    ///
    /// # Errors
    /// As [`Fold::add`].
    pub fn add_notes(&self, ids: Ids<'_>, extras: Extras<'_>) -> Result<()> {
        self.scratch.with(|scratch| {
            scratch.scatter_notes::<N>(ids, self.form(), &self.policy.layout, extras, |partition, delivery| {
                lock(&self.partitions[partition]).receive(delivery, &self.policy)
            })
        })
    }

    fn add_rows(&self, batch: &Batch<'_>, extras: Extras<'_>) -> Result<()> {
        if self.are_many.load(Ordering::Relaxed) || batch.orders.is_some() {
            return self.scatter(batch, extras);
        }
        let policy = LonePolicy::of(&self.policy.orders);
        let taken = self.few.with(|few| few.add(batch, &policy, &mut Merging(self)))?;
        match taken {
            Taken::All => Ok(()),
            Taken::None => self.scatter(batch, extras),
            Taken::TooMany(from) => {
                self.are_many.store(true, Ordering::Relaxed);
                self.scatter(&batch.rows(from..batch.days.len()), extras)
            }
        }
    }

    fn scatter(&self, batch: &Batch<'_>, extras: Extras<'_>) -> Result<()> {
        if batch.orders.is_some() {
            self.is_long.store(true, Ordering::Relaxed);
        }
        let form = self.form();
        self.scratch.with(|scratch| {
            scratch.scatter::<N>(batch, form, &self.policy.layout, extras, |partition, delivery| {
                lock(&self.partitions[partition]).receive(delivery, &self.policy)
            })?;
            if form == Form::Short && scratch.rows_beside() > batch.days.len() / FEWEST_IN {
                self.is_long.store(true, Ordering::Relaxed);
            }
            Ok(())
        })
    }

    /// The kind of rows. A partition folds what waits where the kind changes; so it changes once.
    fn form(&self) -> Form {
        if self.is_long.load(Ordering::Relaxed) { Form::Long } else { Form::Short }
    }

    /// Folds what still waits and closes every order, on `threads` threads.
    ///
    /// # Errors
    /// As [`Fold::add`]; a write error where what was spilled cannot be read back.
    pub fn finish(mut self, threads: usize) -> Result<Folded<N>> {
        let edges = std::mem::take(&mut *lock(&self.edges));
        for mut few in std::mem::take(&mut self.few).into_all() {
            few.hand_over(&mut Merging(&self))?;
        }
        edges.with_whole_orders(&self.policy.layout, |batch, extras| self.add_rows(batch, extras))?;
        drop(self.scratch);
        let uncertain: Vec<Mutex<Vec<u32>>> = (0..PARTITIONS).map(|_| Mutex::new(Vec::new())).collect();
        for_each_index(threads, PARTITIONS, |index| {
            let mut partition = lock(&self.partitions[index]);
            partition.finish(&self.policy)?;
            *lock(&uncertain[index]) = partition.settle(&self.policy.orders)?;
            partition.note_room(&self.policy.room)
        })?;
        // Every log is settled.
        self.policy.room.logs().into_iter().for_each(|logs| logs.empty());
        let (partitions, uncertain) = (unlock_all(self.partitions), unlock_all(uncertain));
        Ok(Folded { partitions, uncertain, policy: self.policy })
    }
}

impl<N: Name> Folded<N> {
    /// Some of the customers who must be done again, as text.
    #[must_use]
    pub fn sample(&self, most: usize) -> Vec<String> {
        let places = self.partitions.iter().zip(&self.uncertain);
        let customers = places.flat_map(|(partition, places)| places.iter().map(move |place| (partition, *place)));
        let id = |(partition, place): (&Partition<N>, u32)| {
            let customer = &partition.customers()[place as usize];
            match customer.name.text(partition.names()) {
                [] => N::id(customer.key).cast_signed().to_string(),
                text => String::from_utf8_lossy(text).into_owned(),
            }
        };
        customers.take(most).map(id).collect()
    }
}

impl<N> Folded<N> {
    /// Number of customers who must be done again.
    #[must_use]
    pub fn uncertain_customers(&self) -> usize {
        self.uncertain.iter().map(Vec::len).sum()
    }
}

#[cfg(test)]
mod tests;
