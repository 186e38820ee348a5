//! The margin of each customer: a pass of its own over the input, only where `columns.margin` asks for it.
//!
//! Summed exactly, like revenue and over the same rows: those that the judge keeps, of customers in the table, without the
//! orders that the returns policy makes no purchases of. Sums of integers do not depend on the order of rows or threads.
//! Does not live here: what a margin is (`clean::margin`), the customers (`customers`), and how margin is scored (`score`).

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use polars::prelude::{DataFrame, PolarsResult};

use super::fold::refuse_sum;
use super::reading::{Reading, sole};
use crate::batch::Batch;
use crate::batch::role;
use crate::clean::judge::{Judge, Judged, Rules};
use crate::clean::margin::{Margins, margins};
use crate::clean::options::Returns;
use crate::customers::{CustomerIds, Customers};
use crate::error::{Error, Result};
use crate::input::Input;
use crate::progress::Progress;
use crate::source::contract::Role;
use crate::source::options::InputOptions;
use crate::source::scan::Further;

/// An order: the row of its customer, and its identity.
type Order = (usize, i64);

/// What an order with returns comes to.
#[derive(Debug, Default, Clone, Copy)]
struct Total {
    amount: i64,
    margin: i64,
    unusable: u64,
}

/// Sums so far, from any thread.
struct Sums {
    ids: CustomerIds,
    /// Minor units per customer. Wrapping is proved away by `absolute`.
    margin: Vec<AtomicI64>,
    absolute: Mutex<u128>,
    /// Rows whose margin could not be used.
    unusable: AtomicU64,
    /// Whether an order that sums to zero or less is no purchase.
    judges_orders: bool,
    /// Orders of several rows with one that is not above zero: only these can sum to zero or less.
    doubtful: Mutex<HashSet<Order>>,
}

/// Fills in the margin of every customer; nothing where none is asked for.
///
/// # Errors
/// A source error where a file cannot be decoded; a compute error where the sum could overflow.
pub(crate) fn read(
    input: &Input,
    options: &InputOptions,
    rules: &Rules,
    customers: &mut Customers,
    progress: &Progress,
) -> Result<()> {
    if input.contract.column(Role::Margin).is_none() {
        return Ok(());
    }
    progress.begin("read margins", input.contract.rows);
    let sums = Arc::new(Sums::new(std::mem::take(&mut customers.ids), rules));
    let adding = Arc::clone(&sums);
    for_each(input, options, rules, progress, move |batch, margins| adding.add(batch, margins))?;
    let sums = sole(sums)?;
    let absolute = *sums.absolute.lock().unwrap_or_else(PoisonError::into_inner);
    refuse_sum("margins", absolute).map_err(|error| input.named(error))?;
    sums.finish(input, options, rules, customers, progress)
}

/// Runs the scan with the margins, and hands each judged batch to `work`.
fn for_each(
    input: &Input,
    options: &InputOptions,
    rules: &Rules,
    progress: &Progress,
    work: impl Fn(&Batch<'_>, &Margins) + Send + Sync + 'static,
) -> Result<()> {
    let judge = Arc::new(Judge::new(Rules { quarantine_rows: 0, ..rules.clone() }));
    let scale = rules.scale;
    let add = move |frame: &DataFrame, judged: &Judged| -> PolarsResult<()> {
        let margins = margins(frame.column(role::MARGIN)?, scale)?;
        judged.with_batch(|batch| work(batch, &margins));
        Ok(())
    };
    let further = Further { margin: true, ..Further::default() };
    let reading = Reading { further, ..Reading::new(input, options, progress) };
    let read = reading.for_each_batch(&judge, move |frame, judged| {
        add(frame, judged).map_err(|error| Error::source("the margins cannot be read").cause(error))
    });
    progress.finish();
    read
}

impl Sums {
    fn new(ids: CustomerIds, rules: &Rules) -> Self {
        let margin = (0..ids.len()).map(|_| AtomicI64::new(0)).collect();
        Self {
            ids,
            margin,
            absolute: Mutex::default(),
            unusable: AtomicU64::new(0),
            judges_orders: rules.returns == Returns::Purchases,
            doubtful: Mutex::default(),
        }
    }

    fn add(&self, batch: &Batch<'_>, margins: &Margins) {
        let mut absolute = 0_u128;
        let mut doubtful = Vec::new();
        for row in (0..margins.minor.len()).filter(|row| batch.is_kept(*row)) {
            // Who has no order is no customer.
            let Some(place) = self.ids.row_in_batch(batch.ids, row) else { continue };
            if self.judges_orders && batch.amounts[row] <= 0 {
                match batch.order_of(row) {
                    Some(order) => doubtful.push((place, order)),
                    // The row is an order, and no purchase.
                    None => continue,
                }
            }
            let margin = margins.minor[row];
            absolute += u128::from(margin.unsigned_abs());
            self.margin[place].fetch_add(margin, Ordering::Relaxed);
            self.unusable.fetch_add(is_unusable(margins, row), Ordering::Relaxed);
        }
        *self.absolute.lock().unwrap_or_else(PoisonError::into_inner) += absolute;
        if !doubtful.is_empty() {
            self.doubtful.lock().unwrap_or_else(PoisonError::into_inner).extend(doubtful);
        }
    }

    /// Takes out the orders that are no purchases, which costs one more read where any is in doubt, and hands the sums over.
    fn finish(
        mut self,
        input: &Input,
        options: &InputOptions,
        rules: &Rules,
        customers: &mut Customers,
        progress: &Progress,
    ) -> Result<()> {
        let doubtful = std::mem::take(self.doubtful.get_mut().unwrap_or_else(PoisonError::into_inner));
        let sums = Arc::new(self);
        let mut totals = HashMap::new();
        if !doubtful.is_empty() {
            progress.begin("read margins of returns", input.contract.rows);
            let found: Arc<Mutex<HashMap<Order, Total>>> = Arc::default();
            let (adding, of) = (Arc::clone(&found), Arc::clone(&sums));
            for_each(input, options, rules, progress, move |batch, margins| {
                of.add_totals(&doubtful, &adding, batch, margins);
            })?;
            totals = sole(found)?.into_inner().unwrap_or_else(PoisonError::into_inner);
        }
        let mut own = sole(sums)?;
        for ((place, _), total) in totals.into_iter().filter(|(_, total)| total.amount <= 0) {
            *own.margin[place].get_mut() -= total.margin;
            *own.unusable.get_mut() -= total.unusable;
        }
        customers.ids = own.ids;
        customers.margin = own.margin.into_iter().map(AtomicI64::into_inner).collect();
        customers.margins_unusable = own.unusable.into_inner();
        Ok(())
    }

    /// The rows of doubtful orders.
    fn add_totals(
        &self,
        doubtful: &HashSet<Order>,
        totals: &Mutex<HashMap<Order, Total>>,
        batch: &Batch<'_>,
        margins: &Margins,
    ) {
        let key = |row: usize| Some((self.ids.row_in_batch(batch.ids, row)?, batch.order_of(row)?));
        for row in (0..margins.minor.len()).filter(|row| batch.is_kept(*row)) {
            let Some(order) = key(row).filter(|order| doubtful.contains(order)) else { continue };
            let mut totals = totals.lock().unwrap_or_else(PoisonError::into_inner);
            let total = totals.entry(order).or_default();
            total.amount += batch.amounts[row];
            total.margin += margins.minor[row];
            total.unusable += is_unusable(margins, row);
        }
    }
}

fn is_unusable(margins: &Margins, row: usize) -> u64 {
    u64::from(!margins.unusable.is_empty() && margins.unusable.binary_search(&row).is_ok())
}
