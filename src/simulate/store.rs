//! Orders by slice of time, between drawing them (by customer) and writing them (by time).
//!
//! Up to a gigabyte is held in memory; the rest goes to one nameless file in the output directory, which the system
//! removes with the process, however that ends. Does not live here: the order inside a slice.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::period::Plan;
use super::population::Order;
use crate::error::{Error, Result};

/// Orders held in memory before the rest goes to disk: 64 million, one gigabyte.
pub(super) const HELD_ORDERS: usize = 64 << 20;
/// Bytes of one order on disk.
const ORDER_BYTES: usize = 16;
/// What the buffers of one thread may take together: 64 MB.
const BUFFERED_ORDERS: usize = 4 << 20;

/// A run of orders of one slice.
#[derive(Debug)]
enum Block {
    Held(Vec<Order>),
    Spilled { offset: u64, orders: usize },
}

impl Block {
    fn orders(&self) -> usize {
        match self {
            Self::Held(orders) => orders.len(),
            Self::Spilled { orders, .. } => *orders,
        }
    }
}

/// All orders, by slice.
#[derive(Debug)]
pub(super) struct Store {
    slices: Vec<Mutex<Vec<Block>>>,
    held_orders: AtomicUsize,
    held_limit: usize,
    spill: File,
    spill_end: AtomicU64,
}

impl Store {
    /// An empty store for `slices` slices, which spills orders beyond `held_limit` to `directory`.
    ///
    /// # Errors
    /// `write` where no file can be made in `directory`.
    pub(super) fn new(slices: usize, directory: &Path, held_limit: usize) -> Result<Self> {
        let spill = tempfile::tempfile_in(directory).map_err(|cause| {
            Error::write(format!("`{}`: no temporary file can be made here", directory.display())).cause(cause)
        })?;
        let slices = std::iter::repeat_with(Mutex::default).take(slices).collect();
        Ok(Self { slices, held_orders: AtomicUsize::new(0), held_limit, spill, spill_end: AtomicU64::new(0) })
    }

    /// The number of orders of each slice.
    pub(super) fn orders_per_slice(&self) -> Vec<u64> {
        self.slices.iter().map(|slice| lock(slice).iter().map(|block| block.orders() as u64).sum()).collect()
    }

    /// Takes the orders of one slice out, sorted by time, customer and value: the same whichever thread put them in,
    /// and when.
    ///
    /// # Errors
    /// `write` where the spilled ones cannot be read back.
    pub(super) fn take_sorted(&self, slice: usize) -> Result<Vec<Order>> {
        let blocks = std::mem::take(&mut *lock(&self.slices[slice]));
        let mut orders = Vec::with_capacity(blocks.iter().map(Block::orders).sum());
        for block in blocks {
            match block {
                Block::Held(held) => orders.extend_from_slice(&held),
                Block::Spilled { offset, orders: count } => {
                    self.read_back(offset, count, &mut orders).map_err(spill_error)?;
                }
            }
        }
        orders.sort_unstable();
        Ok(orders)
    }

    fn put(&self, slice: usize, orders: Vec<Order>) -> Result<()> {
        let held = self.held_orders.fetch_add(orders.capacity(), Ordering::Relaxed);
        let block = if held + orders.capacity() <= self.held_limit {
            Block::Held(orders)
        } else {
            self.held_orders.fetch_sub(orders.capacity(), Ordering::Relaxed);
            self.spill(&orders).map_err(spill_error)?
        };
        lock(&self.slices[slice]).push(block);
        Ok(())
    }

    fn spill(&self, orders: &[Order]) -> io::Result<Block> {
        let mut bytes = Vec::with_capacity(orders.len() * ORDER_BYTES);
        for order in orders {
            bytes.extend_from_slice(&order.micros.to_le_bytes());
            bytes.extend_from_slice(&order.customer.to_le_bytes());
            bytes.extend_from_slice(&order.cents.to_le_bytes());
        }
        let offset = self.spill_end.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.spill.write_all_at(&bytes, offset)?;
        Ok(Block::Spilled { offset, orders: orders.len() })
    }

    fn read_back(&self, offset: u64, count: usize, orders: &mut Vec<Order>) -> io::Result<()> {
        let mut bytes = vec![0; count * ORDER_BYTES];
        self.spill.read_exact_at(&mut bytes, offset)?;
        let (records, _) = bytes.as_chunks::<ORDER_BYTES>();
        orders.extend(records.iter().map(from_bytes));
        Ok(())
    }
}

fn from_bytes(bytes: &[u8; ORDER_BYTES]) -> Order {
    let [m0, m1, m2, m3, m4, m5, m6, m7, c0, c1, c2, c3, v0, v1, v2, v3] = *bytes;
    Order {
        micros: i64::from_le_bytes([m0, m1, m2, m3, m4, m5, m6, m7]),
        customer: u32::from_le_bytes([c0, c1, c2, c3]),
        cents: u32::from_le_bytes([v0, v1, v2, v3]),
    }
}

fn spill_error(cause: io::Error) -> Error {
    Error::write("the temporary file of the simulation cannot be used")
        .cause(cause)
        .hint("it lies in the output directory and needs 16 bytes per order beyond 64 million")
}

/// A list of blocks is complete at every moment, so a thread that panicked leaves nothing broken.
fn lock(slice: &Mutex<Vec<Block>>) -> MutexGuard<'_, Vec<Block>> {
    slice.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One thread's way into the store: small buffers, handed over when full.
#[derive(Debug)]
pub(super) struct Router<'a> {
    store: &'a Store,
    plan: &'a Plan,
    buffers: Vec<Vec<Order>>,
    buffer_orders: usize,
}

impl<'a> Router<'a> {
    pub(super) fn new(store: &'a Store, plan: &'a Plan) -> Self {
        let buffer_orders = (BUFFERED_ORDERS / plan.slices().max(1)).clamp(64, 4096);
        Self { store, plan, buffers: vec![Vec::new(); plan.slices()], buffer_orders }
    }

    /// Adds one order to its slice.
    pub(super) fn put(&mut self, order: Order) -> Result<()> {
        let slice = self.plan.slice_at(order.micros);
        let buffer = &mut self.buffers[slice];
        if buffer.capacity() == 0 {
            buffer.reserve_exact(self.buffer_orders);
        }
        buffer.push(order);
        if buffer.len() < self.buffer_orders {
            return Ok(());
        }
        self.store.put(slice, std::mem::take(buffer))
    }

    /// Hands over what is left.
    pub(super) fn finish(self) -> Result<()> {
        for (slice, mut orders) in self.buffers.into_iter().enumerate() {
            if !orders.is_empty() {
                orders.shrink_to_fit();
                self.store.put(slice, orders)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::options::SimulateOptions;
    use crate::simulate::period::Period;

    /// 10,000 orders in three slices, routed with room for `held` of them in memory.
    fn routed(held: usize) -> Vec<Vec<Order>> {
        let options = SimulateOptions { files: 3, ..SimulateOptions::default() };
        let (period, plan) = (Period::of(&options), Plan::of(&options, 1.0, 1.0));
        let directory = tempfile::tempdir().expect("a temporary directory");
        let store = Store::new(plan.slices(), directory.path(), held).expect("an empty store");
        let mut router = Router::new(&store, &plan);
        for i in 0..10_000_u32 {
            // Steps of a prime number of hours: not in the order of time.
            let hours = f64::from(i * 7919 % 10_000) * 1.75;
            let order = Order { micros: period.at(hours * 3.6e9), customer: i, cents: u32::MAX - i };
            router.put(order).expect("room for it");
        }
        router.finish().expect("room for the rest");
        assert_eq!(store.orders_per_slice().iter().sum::<u64>(), 10_000);
        assert_eq!(std::fs::read_dir(directory.path()).expect("the directory").count(), 0, "the spill has no name");
        (0..plan.slices()).map(|slice| store.take_sorted(slice).expect("the slice")).collect()
    }

    #[test]
    fn what_goes_in_comes_out_sorted_by_time() {
        let slices = routed(usize::MAX);
        let all: Vec<Order> = slices.concat();
        assert!(all.is_sorted(), "inside the slices and from one to the next");
        let mut customers: Vec<u32> = all.iter().map(|order| order.customer).collect();
        customers.sort_unstable();
        assert!(customers.into_iter().eq(0..10_000));
        assert!(all.iter().all(|order| order.cents == u32::MAX - order.customer));
    }

    #[test]
    fn disk_and_memory_give_the_same() {
        let held = routed(usize::MAX);
        assert_eq!(held, routed(0), "all of it on disk");
        assert_eq!(held, routed(5000), "half of it on disk");
    }
}
