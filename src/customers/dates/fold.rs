//! Batches of rows, from any thread and in any order, to the orders of each customer.
//!
//! Does not live here: what a partition does with its rows (`partition`).

use std::sync::Mutex;

use super::partition::{DatesPartition, DatesPolicy};
use crate::batch::Batch;
use crate::customers::edges::Edges;
use crate::customers::key::Name;
use crate::customers::payload::Extras;
use crate::customers::scatter::{Form, PARTITIONS, Scratch};
use crate::customers::work::{Pool, for_each_index, lock, unlock_all};
use crate::error::Result;

/// The fold of several dates. Batches are added through a shared reference, from as many threads as there are.
#[derive(Debug)]
pub struct DatesFold<N> {
    partitions: Vec<Mutex<DatesPartition<N>>>,
    scratch: Pool<Scratch>,
    edges: Mutex<Edges>,
    policy: DatesPolicy,
}

impl<N: Name> DatesFold<N> {
    /// An empty fold.
    #[must_use]
    pub fn new(policy: DatesPolicy) -> Self {
        let partitions =
            (0..PARTITIONS).map(|number| Mutex::new(DatesPartition::numbered(number, policy.kept))).collect();
        Self { partitions, scratch: Pool::default(), edges: Mutex::default(), policy }
    }

    /// Adds a batch.
    ///
    /// # Errors
    /// A compute error where there are more customers than a partition can hold, or an id is too long.
    pub fn add(&self, batch: &Batch<'_>, extras: Extras<'_>) -> Result<()> {
        let layout = &self.policy.layout;
        Edges::without_cut_orders(&self.edges, layout, batch, extras, |batch, extras| self.add_rows(batch, extras))
    }

    fn add_rows(&self, batch: &Batch<'_>, extras: Extras<'_>) -> Result<()> {
        self.scratch.with(|scratch| {
            scratch.scatter::<N>(batch, Form::Long, &self.policy.layout, extras, |partition, delivery| {
                lock(&self.partitions[partition]).receive(delivery, &self.policy)
            })
        })
    }

    /// Closes every order, on `threads` threads.
    ///
    /// # Errors
    /// As [`DatesFold::add`].
    pub fn finish(self, threads: usize) -> Result<Vec<DatesPartition<N>>> {
        let edges = std::mem::take(&mut *lock(&self.edges));
        edges.with_whole_orders(&self.policy.layout, |batch, extras| self.add_rows(batch, extras))?;
        drop(self.scratch);
        for_each_index(threads, PARTITIONS, |index| lock(&self.partitions[index]).finish(&self.policy))?;
        Ok(unlock_all(self.partitions))
    }
}
