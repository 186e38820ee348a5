//! The orders of all customers, in the order of their ids and of days: what every date is made of.
//!
//! Customers lie in blocks, which threads take one by one. Does not live here: one date (`at_date`).

use std::ops::Range;

use rayon::prelude::*;

use super::again::Part;
use super::intervals::PayloadByInterval;
use super::ledger::{KeptOrder, Ledger};
use super::partition::{DatesPartition, DatesPolicy};
use crate::customers::CustomerIds;
use crate::customers::key::Name;
use crate::customers::payload::Home;
use crate::customers::sort_key::{first_bytes, sortable, unsortable};

/// Customers of a block, at least; there are fewer than 2^16 blocks.
const LEAST_IN_BLOCK: usize = 1 << 14;
const MOST_BLOCKS: usize = 1 << 15;

/// The orders of all customers.
#[derive(Debug)]
pub struct Histories {
    pub(super) blocks: Vec<Block>,
    /// By partition; empty where rows have none.
    pub(super) payload: Vec<PayloadByInterval>,
    pub(super) policy: DatesPolicy,
}

/// Some customers, in the order of their ids.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) ids: CustomerIds,
    /// Where the orders of each customer begin, and where those of the last end.
    starts: Vec<u32>,
    /// Those of one customer in the order of days.
    orders: Vec<KeptOrder>,
    /// Customers of whom lines are kept in place of orders, ascending, and where those of each lie.
    again: Vec<(u32, Range<usize>)>,
    parts: Vec<Part>,
    /// Where each customer was folded; empty where there is no payload.
    pub(super) homes: Vec<Home>,
}

/// What is kept of a customer.
pub(super) enum Kept<'a> {
    Orders(&'a [KeptOrder]),
    Parts(&'a [Part]),
}

impl Block {
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// What is kept of each customer, in their order.
    pub(super) fn customers(&self) -> impl Iterator<Item = Kept<'_>> {
        let mut again = self.again.iter().peekable();
        self.starts.windows(2).enumerate().map(move |(customer, ends)| {
            match again.next_if(|(own, _)| *own as usize == customer) {
                Some((_, range)) => Kept::Parts(&self.parts[range.clone()]),
                None => Kept::Orders(&self.orders[ends[0] as usize..ends[1] as usize]),
            }
        })
    }
}

/// The orders of one partition's customers, by place and day.
struct Sorted {
    starts: Vec<u32>,
    orders: Vec<KeptOrder>,
    /// By place.
    parts: Vec<Part>,
}

impl Sorted {
    /// Orders of customers who were read again are left out.
    #[expect(clippy::cast_possible_truncation, reason = "a partition holds fewer than 2^32 orders")]
    fn of(ledger: Ledger, again: &[u32], parts: Vec<Part>, customers: usize) -> Self {
        let mut starts = vec![0_u32; customers + 1];
        for (place, _) in ledger.iter() {
            starts[place + 1] += 1;
        }
        for place in again {
            starts[*place as usize + 1] = 0;
        }
        for place in 0..customers {
            starts[place + 1] += starts[place];
        }
        let mut next = starts.clone();
        let mut orders = vec![KeptOrder::default(); starts[customers] as usize];
        for (place, order) in ledger.iter() {
            // Of those who were read again there is no room.
            if next[place] < starts[place + 1] {
                orders[next[place] as usize] = order;
                next[place] += 1;
            }
        }
        drop(ledger);
        for ends in starts.windows(2) {
            let own = &mut orders[ends[0] as usize..ends[1] as usize];
            if !own.is_sorted_by_key(|order| order.day) {
                own.sort_unstable_by_key(|order| order.day);
            }
        }
        debug_assert!(u32::try_from(orders.len()).is_ok() && orders.len() as u32 == starts[customers]);
        Self { starts, orders, parts }
    }

    fn orders_of(&self, place: u32) -> &[KeptOrder] {
        let place = place as usize;
        &self.orders[self.starts[place] as usize..self.starts[place + 1] as usize]
    }

    fn parts_of(&self, place: u32) -> &[Part] {
        let first = self.parts.partition_point(|part| part.place < place);
        let count = self.parts[first..].partition_point(|part| part.place == place);
        &self.parts[first..first + count]
    }
}

impl Histories {
    /// Of customers with integer ids.
    #[must_use]
    pub fn of_integers<N: Name>(
        partitions: Vec<DatesPartition<N>>,
        parts: Vec<Vec<Part>>,
        policy: DatesPolicy,
    ) -> Self {
        let id = |home: Home| partitions[usize::from(home.0)].table.customers[home.1 as usize].id.cast_signed();
        let mut keyed: Vec<(u64, Home)> = homes(&partitions).map(|home| (sortable(id(home)), home)).collect();
        keyed.par_sort_unstable();
        let ids = |rows: &[(u64, Home)]| CustomerIds::Integer(rows.iter().map(|(key, _)| unsortable(*key)).collect());
        Self::of(&keyed, ids, partitions, (parts, policy))
    }

    /// Of customers with text ids.
    #[must_use]
    pub fn of_texts<N: Name>(
        mut partitions: Vec<DatesPartition<N>>,
        parts: Vec<Vec<Part>>,
        policy: DatesPolicy,
    ) -> Self {
        let stores: Vec<(Vec<u8>, Vec<N>)> = partitions
            .iter_mut()
            .map(|partition| {
                let table = &mut partition.table;
                (std::mem::take(&mut table.names), table.customers.iter().map(|customer| customer.name).collect())
            })
            .collect();
        let name = |home: Home| {
            let (store, names) = &stores[usize::from(home.0)];
            names[home.1 as usize].text(store)
        };
        let mut keyed: Vec<(u64, Home)> = homes(&partitions).map(|home| (0, home)).collect();
        let prefix = keyed.first().map_or(0, |(_, first)| {
            let first = name(*first);
            let shared = |length: usize, home: Home| {
                first[..length].iter().zip(name(home)).take_while(|(own, others)| own == others).count()
            };
            keyed.iter().fold(first.len(), |length, (_, home)| shared(length, *home))
        });
        keyed.par_iter_mut().for_each(|(key, home)| *key = first_bytes(&name(*home)[prefix..]));
        keyed.par_sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| name(a.1).cmp(name(b.1))));
        let ids = |rows: &[(u64, Home)]| {
            let (mut bytes, mut ends) = (Vec::new(), Vec::with_capacity(rows.len()));
            for (_, home) in rows {
                bytes.extend_from_slice(name(*home));
                ends.push(bytes.len());
            }
            CustomerIds::Text { bytes, ends }
        };
        Self::of(&keyed, ids, partitions, (parts, policy))
    }

    fn of<N: Name>(
        keyed: &[(u64, Home)],
        ids: impl Fn(&[(u64, Home)]) -> CustomerIds + Sync,
        partitions: Vec<DatesPartition<N>>,
        (parts, policy): (Vec<Vec<Part>>, DatesPolicy),
    ) -> Self {
        let has_payload = !policy.layout.is_empty();
        let taken = partitions.into_par_iter().zip(parts).map(|(partition, parts)| {
            let customers = partition.table.customers.len();
            (Sorted::of(partition.ledger, &partition.again, parts, customers), partition.payload)
        });
        let (sorted, payload): (Vec<Sorted>, Vec<PayloadByInterval>) = taken.unzip();
        let size = LEAST_IN_BLOCK.max(keyed.len().div_ceil(MOST_BLOCKS));
        let blocks = keyed.par_chunks(size).map(|rows| block(rows, ids(rows), &sorted, has_payload));
        Self { blocks: blocks.collect(), payload: if has_payload { payload } else { Vec::new() }, policy }
    }
}

/// Where every customer was folded.
#[expect(clippy::cast_possible_truncation, reason = "there are 1024 partitions, and fewer than 2^22 customers in each")]
fn homes<N>(partitions: &[DatesPartition<N>]) -> impl Iterator<Item = Home> {
    let places = |(number, partition): (usize, &DatesPartition<N>)| {
        (0..partition.table.customers.len()).map(move |place| (number as u16, place as u32))
    };
    partitions.iter().enumerate().flat_map(places)
}

#[expect(clippy::cast_possible_truncation, reason = "a block holds fewer than 2^32 orders")]
fn block(rows: &[(u64, Home)], ids: CustomerIds, sorted: &[Sorted], has_payload: bool) -> Block {
    let mut block = Block {
        ids,
        starts: Vec::with_capacity(rows.len() + 1),
        orders: Vec::new(),
        again: Vec::new(),
        parts: Vec::new(),
        homes: if has_payload { rows.iter().map(|(_, home)| *home).collect() } else { Vec::new() },
    };
    block.starts.push(0);
    for (customer, (_, (partition, place))) in (0..).zip(rows) {
        let own = &sorted[usize::from(*partition)];
        let parts = own.parts_of(*place);
        if !parts.is_empty() {
            let first = block.parts.len();
            block.parts.extend_from_slice(parts);
            block.again.push((customer, first..block.parts.len()));
        }
        block.orders.extend_from_slice(own.orders_of(*place));
        block.starts.push(block.orders.len() as u32);
    }
    block
}
