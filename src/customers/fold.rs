//! The one big aggregation: batches of rows, from any thread and in any order, to one accumulator per customer.
//!
//! Lives here: the partitions behind their locks, and the end of the fold on all threads.
//! Does not live here: reading or cleaning rows, or what a partition does with them.

use std::sync::Mutex;

use super::edges::Edges;
use super::key::Name;
use super::log::{Kept, Log};
use super::order::OrderPolicy;
use super::partition::Partition;
use super::payload::{Extras, Policy};
use super::scatter::{PARTITIONS, Scratch};
use super::work::{Pool, for_each_index, lock, unlock_all};
use crate::batch::{Batch, Ids};
use crate::clean::options::Returns;
use crate::error::Result;

/// Rows that are sorted by partition at a time: a whole batch of the engine, as a rule. Fewer would fit a core's
/// second-level cache, but then each partition is called for a few rows only, which costs more.
pub(super) const ROWS_AT_ONCE: usize = 1 << 17;

/// The fold. Batches are added through a shared reference, from as many threads as there are.
///
/// Integer arithmetic is exact and each question of "seen before?" is either answered for certain or marked, so the
/// result does not depend on the order of the batches or on the threads.
#[derive(Debug)]
pub struct Fold<N> {
    partitions: Vec<Mutex<Partition<N>>>,
    scratch: Pool<Scratch>,
    edges: Mutex<Edges>,
    policy: Policy,
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
        let partition = || {
            let mut partition = Partition::default();
            partition.keep(Log::new(kept), policy.keeps_orders);
            Mutex::new(partition)
        };
        let partitions = (0..PARTITIONS).map(|_| partition()).collect();
        Self { partitions, scratch: Pool::default(), edges: Mutex::default(), policy }
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
        let count = batch.days.len();
        for start in (0..count).step_by(ROWS_AT_ONCE) {
            let rows = start..count.min(start + ROWS_AT_ONCE);
            self.add_slice(&batch.rows(rows.clone()), extras.rows(&self.policy.layout, rows))?;
        }
        Ok(())
    }

    /// Adds notes: the payload of rows that are no order lines. Whoever has no order is no customer for all that.
    ///
    /// # Errors
    /// As [`Fold::add`].
    pub fn add_notes(&self, ids: Ids<'_>, extras: Extras<'_>) -> Result<()> {
        self.scratch.with(|scratch| {
            scratch.scatter_notes::<N>(ids, &self.policy.layout, extras, |partition, delivery| {
                lock(&self.partitions[partition]).receive(delivery, &self.policy)
            })
        })
    }

    fn add_slice(&self, batch: &Batch<'_>, extras: Extras<'_>) -> Result<()> {
        let aside = lock(&self.edges).set_aside(batch, &self.policy.layout, extras);
        if aside.is_empty() {
            return self.add_rows(batch, extras);
        }
        let mut kept = batch.kept.map_or_else(|| vec![true; batch.days.len()], <[bool]>::to_vec);
        for row in aside {
            kept[row] = false;
        }
        self.add_rows(&Batch { kept: Some(&kept), ..*batch }, extras)
    }

    fn add_rows(&self, batch: &Batch<'_>, extras: Extras<'_>) -> Result<()> {
        self.scratch.with(|scratch| {
            scratch.scatter_with::<N>(batch, &self.policy.layout, extras, |partition, delivery| {
                lock(&self.partitions[partition]).receive(delivery, &self.policy)
            })
        })
    }

    /// Folds what still waits and closes every order, on `threads` threads.
    ///
    /// # Errors
    /// As [`Fold::add`]; a write error where what was spilled cannot be read back.
    pub fn finish(self, threads: usize) -> Result<Folded<N>> {
        let edges = std::mem::take(&mut *lock(&self.edges));
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
                [] => customer.id.cast_signed().to_string(),
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
