//! The margin of each customer: each row carries its own to its customer.
//!
//! Summed exactly, like revenue and over the same rows: those that the judge keeps, of customers in the table, without
//! orders before the window and those that the returns policy leaves out. Sums of integers do not depend on the order of rows or threads.
//! Does not live here: what a margin is (`clean::margin`), the customers (`customers`), and how margin is scored (`score`).

use std::sync::{Arc, Mutex, PoisonError};

use polars::prelude::{DataFrame, PolarsResult};

use super::judges::Judges;
use super::order_policy::{judges_orders, order_policy};
use super::reading::{Reading, sole};
use super::sums::{is_too_large, refuse_sum};
use crate::batch::{Batch, role};
use crate::clean::currency::Currencies;
use crate::clean::judge::Rules;
use crate::clean::margin::{Margins, margins};
use crate::customers::order::{Order, OrderPolicy};
use crate::customers::payload::{Field, PerCustomer};
use crate::customers::{CustomerIds, Customers};
use crate::error::{Error, Result};
use crate::source::scan::Further;

/// What is known of all rows so far.
#[derive(Debug, Default, Clone, Copy)]
struct Totals {
    /// The sum of the absolute margins, minor units: no partial sum can be larger.
    absolute: u128,
    /// Rows whose margin could not be used.
    unusable: u64,
}

/// How margins travel.
#[derive(Debug)]
pub(super) struct Carried {
    scale: u8,
    currencies: Option<Arc<Currencies>>,
    /// Which orders count, where it depends on the order whether its money does.
    judged_by: Option<OrderPolicy>,
    totals: Mutex<Totals>,
}

impl Carried {
    pub(super) fn of(rules: &Rules) -> Self {
        let judged_by = judges_orders(rules).then(|| order_policy(rules));
        let (scale, currencies) = (rules.scale, rules.currencies.clone());
        Self { scale, currencies, judged_by, totals: Mutex::default() }
    }

    /// The margin of a row, and where orders are judged, whether it is unusable: that counts with the order.
    pub(super) const fn field(&self) -> Field {
        if self.judged_by.is_some() { Field::OrderSum } else { Field::Sum }
    }

    /// Writes the margins of a batch into its payload.
    ///
    /// # Errors
    /// A Polars error where the column is missing or of a type that the footers did not show.
    pub(super) fn fill<'a>(
        &self,
        raw: &DataFrame,
        batch: &Batch<'_>,
        words: impl Iterator<Item = &'a mut [u64]>,
    ) -> PolarsResult<()> {
        let margins = of_rows(raw, batch.days, self.scale, self.currencies.as_deref())?;
        let mut of_batch = Totals::default();
        let mut unusable = margins.unusable.iter().copied().peekable();
        let all_are_summed = batch.kept.is_none() && self.judged_by.is_none_or(|_| has_orders(batch));
        if all_are_summed {
            of_batch.absolute = absolute_sum(&margins.minor);
        }
        for (row, (words, margin)) in words.zip(&margins.minor).enumerate() {
            words[0] = margin.cast_unsigned();
            if !all_are_summed && is_summed(batch, row, self.judged_by) {
                of_batch.absolute += u128::from(margin.unsigned_abs());
            }
            if unusable.next_if_eq(&row).is_some() {
                of_batch.unusable += u64::from(batch.is_kept(row));
                if self.judged_by.is_some() {
                    words[1] = 1;
                }
            }
        }
        let mut totals = self.totals.lock().unwrap_or_else(PoisonError::into_inner);
        totals.absolute += of_batch.absolute;
        totals.unusable += of_batch.unusable;
        Ok(())
    }

    /// Hands the sums over to the customers.
    ///
    /// # Errors
    /// A compute error where a sum could overflow; a source error where a file cannot be decoded.
    pub(super) fn finish(
        self,
        arrived: &PerCustomer,
        field: usize,
        reading: &Reading<'_>,
        rules: &Rules,
        customers: &mut Customers,
    ) -> Result<()> {
        let Totals { mut absolute, unusable } = self.totals.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(policy) = self.judged_by.filter(|_| is_too_large(absolute)) {
            // Rows of people without an order are in it, and do not count.
            absolute = absolute_of(reading, rules, policy, customers)?;
        }
        refuse_sum("margins", absolute).map_err(|error| reading.input.named(error))?;
        customers.margin = arrived.sums(field);
        customers.margins_unusable = if self.judged_by.is_some() { arrived.counts(field) } else { unusable };
        Ok(())
    }
}

/// The margins of a batch: of an input without such a column none of them can be used.
fn of_rows(raw: &DataFrame, days: &[i32], scale: u8, currencies: Option<&Currencies>) -> PolarsResult<Margins> {
    if raw.column(role::MARGIN).is_err() {
        return Ok(Margins { minor: vec![0; raw.height()], unusable: (0..raw.height()).collect() });
    }
    margins(raw, days, scale, currencies)
}

/// Whether every row is a line of an order: then none is left out for being an order that does not count.
const fn has_orders(batch: &Batch<'_>) -> bool {
    batch.orders.is_some() && batch.has_order.is_none()
}

/// Margins have at most 18 digits: a few of them fit into 64 bits, but not all of a batch.
fn absolute_sum(margins: &[i64]) -> u128 {
    margins.chunks(8).map(|few| u128::from(few.iter().map(|margin| margin.unsigned_abs()).sum::<u64>())).sum()
}

/// Whether the margin of a row counts. A row that is an order by itself, and one that does not count, is left out.
fn is_summed(batch: &Batch<'_>, row: usize, judged_by: Option<OrderPolicy>) -> bool {
    let counts = |policy: OrderPolicy| {
        let line = batch.line(row);
        !line.lone || policy.counts_money(&Order::of_row(line))
    };
    batch.is_kept(row) && judged_by.is_none_or(counts)
}

/// The sum of the absolute margins of customers in the table alone, which costs one more read.
fn absolute_of(reading: &Reading<'_>, rules: &Rules, policy: OrderPolicy, customers: &mut Customers) -> Result<u128> {
    let judges = Judges::of(reading.input, &Rules { quarantine_rows: 0, ..rules.clone() });
    let ids = Arc::new(std::mem::take(&mut customers.ids));
    let sum: Arc<Mutex<u128>> = Arc::default();
    let (of, adding, scale) = (Arc::clone(&ids), Arc::clone(&sum), rules.scale);
    let currencies = rules.currencies.clone();
    let reading = Reading { further: Further { margin: true, ..Further::default() }, interactions: None, ..*reading };
    reading.for_each_batch(&judges, move |raw, judged| {
        let margins = of_rows(raw, judged.days(), scale, currencies.as_deref());
        let margins = margins.map_err(|error| Error::source("the margins cannot be read").cause(error))?;
        let absolute = judged.with_batch(|batch| absolute_of_batch(&of, &margins, batch, policy));
        *adding.lock().unwrap_or_else(PoisonError::into_inner) += absolute;
        Ok(())
    })?;
    customers.ids = sole(ids)?;
    Ok(sole(sum)?.into_inner().unwrap_or_else(PoisonError::into_inner))
}

fn absolute_of_batch(ids: &CustomerIds, margins: &Margins, batch: &Batch<'_>, policy: OrderPolicy) -> u128 {
    let counts = |row: &usize| is_summed(batch, *row, Some(policy)) && ids.row_in_batch(batch.ids, *row).is_some();
    (0..margins.minor.len()).filter(counts).map(|row| u128::from(margins.minor[row].unsigned_abs())).sum()
}
