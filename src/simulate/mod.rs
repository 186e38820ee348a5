//! `rfmetrics simulate`: order lines of a known population, for benchmarks and trials.
//!
//! Customers are drawn one by one, each from their own stream of random numbers; their orders are routed to slices of
//! time; each slice is sorted, numbered, turned into lines and written. So files ascend in time, customers are
//! scattered over all of them, memory does not grow with the number of lines, and the bytes depend neither on the
//! number of threads nor on their timing. Does not live here: the command line; anything that reads.

mod encode;
mod files;
mod ids;
mod lines;
mod options;
mod parallel;
mod period;
mod population;
mod random;
mod size;
mod store;

use std::path::PathBuf;

use chrono::NaiveDate;

pub use crate::simulate::options::{AmountType, IdKind, SimulateOptions};

use crate::error::Result;
use crate::simulate::encode::{Format, LineFile};
use crate::simulate::files::Staged;
use crate::simulate::lines::LineMaker;
use crate::simulate::parallel::{Tasks, on_threads, thread_count};
use crate::simulate::period::{Period, Plan, day_of};
use crate::simulate::population::Population;
use crate::simulate::size::Size;
use crate::simulate::store::{HELD_ORDERS, Router, Store};

/// Customers that a thread draws before it takes more.
const CUSTOMERS_PER_TASK: u32 = 16_384;
/// Orders of one slice, which one thread holds and sorts at a time.
const SLICE_ORDERS: f64 = 1e6;

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulated {
    /// The files, in the order of time. A file whose time has no order exists too, without rows.
    pub files: Vec<PathBuf>,
    /// Rows of all files, duplicates included.
    pub lines: u64,
    /// Distinct orders.
    pub orders: u64,
    /// Distinct customers. With `share_null_ids` the ids of some may not appear.
    pub customers: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// The day of the first order, before dates are made bad.
    pub first_day: NaiveDate,
    /// The day of the last order, before dates are made bad.
    pub last_day: NaiveDate,
}

/// Draws a population and writes its order lines as Parquet files.
///
/// Columns: `customer_id`, `order_id`, `order_ts` (timestamp in microseconds, UTC), `amount`, and with
/// `extra_columns` also `country` and `quantity`. Rows ascend by the time of their order, and the lines of an order
/// lie together, a millisecond apart. Where orders number more than 64 million, 16 bytes for each
/// further one are needed on the disk of the output until the end.
///
/// # Errors
/// `config` for settings out of range, out of reach, or an output directory that holds Parquet files;
/// `write` where the disk refuses.
pub fn simulate(options: &SimulateOptions) -> Result<Simulated> {
    options.validate()?;
    let period = Period::of(options);
    let size = Size::of(options, period.days())?;
    let plan = Plan::of(options, size.expected_orders, SLICE_ORDERS);
    let format = Format::of(options)?;
    let staged = Staged::prepare(&options.output, plan.files.iter().map(|file| &file.path), options.overwrite)?;
    let store = Store::new(plan.slices(), &options.output, HELD_ORDERS)?;

    draw_orders(options, period, size, &plan, &store)?;
    let job = Job { options, plan: &plan, store: &store, staged: &staged, format: &format };
    let written = job.write_files()?;
    let files = staged.publish()?;
    Ok(Simulated {
        files,
        lines: written.iter().map(|file| file.lines).sum(),
        orders: written.iter().map(|file| file.orders).sum(),
        customers: size.customers,
        bytes: written.iter().map(|file| file.bytes).sum(),
        first_day: written.iter().filter_map(|file| file.first).min().map_or(options.start, day_of),
        last_day: written.iter().filter_map(|file| file.last).max().map_or(options.end, day_of),
    })
}

/// Fills the store.
fn draw_orders(options: &SimulateOptions, period: Period, size: Size, plan: &Plan, store: &Store) -> Result<()> {
    let population = Population::new(options, period, size)?;
    let last = u32::try_from(size.customers).unwrap_or(u32::MAX - 1);
    let tasks = Tasks::new(last.div_ceil(CUSTOMERS_PER_TASK) as usize);
    on_threads(thread_count(options.threads), &tasks, || {
        let mut router = Router::new(store, plan);
        while let Some(task) = tasks.take() {
            let before = u32::try_from(task).unwrap_or(u32::MAX).saturating_mul(CUSTOMERS_PER_TASK);
            for customer in before + 1..=before.saturating_add(CUSTOMERS_PER_TASK).min(last) {
                population.each_order(customer, |order| router.put(order))?;
            }
        }
        router.finish()
    })?;
    Ok(())
}

/// What is known about one written file.
#[derive(Debug, Clone, Copy)]
struct Written {
    number: usize,
    lines: u64,
    orders: u64,
    bytes: u64,
    /// Moments of the first and the last order.
    first: Option<i64>,
    last: Option<i64>,
}

/// Everything that writing a file needs, shared by the threads.
struct Job<'a> {
    options: &'a SimulateOptions,
    plan: &'a Plan,
    store: &'a Store,
    staged: &'a Staged,
    format: &'a Format,
}

impl Job<'_> {
    /// Empties the store into files.
    fn write_files(&self) -> Result<Vec<Written>> {
        let first_numbers = first_numbers(&self.store.orders_per_slice());
        let tasks = Tasks::new(self.plan.files.len());
        let per_thread = on_threads(thread_count(self.options.threads), &tasks, || {
            let mut written = Vec::new();
            while let Some(task) = tasks.take() {
                // In reverse: late files are the largest, and a small one at the end keeps no thread waiting.
                written.push(self.write_file(self.plan.files.len() - 1 - task, &first_numbers)?);
            }
            Ok(written)
        })?;
        let mut written = per_thread.concat();
        written.sort_by_key(|file| file.number);
        Ok(written)
    }

    fn write_file(&self, number: usize, first_numbers: &[u64]) -> Result<Written> {
        let maker = LineMaker::new(self.options);
        let mut file = LineFile::create(&self.staged.unfinished(number), self.format)?;
        let (mut orders, mut first, mut last) = (0, None, None);
        for slice in self.plan.files[number].slices.clone() {
            let sorted = self.store.take_sorted(slice)?;
            first = first.or(sorted.first().map(|order| order.micros));
            last = sorted.last().map(|order| order.micros).or(last);
            orders += sorted.len() as u64;
            for (order, order_number) in sorted.into_iter().zip(first_numbers[slice]..) {
                file.add_order(|lines| maker.add(order, order_number, lines))?;
            }
        }
        let (lines, bytes) = file.finish()?;
        Ok(Written { number, lines, orders, bytes, first, last })
    }
}

/// The number of the first order of each slice; orders count from 1.
fn first_numbers(orders_per_slice: &[u64]) -> Vec<u64> {
    let running = |next: &mut u64, orders: &u64| {
        let first = *next;
        *next += orders;
        Some(first)
    };
    orders_per_slice.iter().scan(1, running).collect()
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "statistics of counts far below 2^53")]
mod tests;
