//! The measures of the customers: where the values of each come from.
//!
//! What a measure is, its axis, its unit, the setting that it needs, says the table in `score`; a new one that is made of
//! columns of the customers needs its line in [`values_of`] and nothing else here. Does not live here: any formula.

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;

use crate::customers::Customers;
use crate::error::{Error, Result};
use crate::score::{AxisSpec, Measure, average_order_values};
use crate::segment::{MapMeasure, SegmentMap};

/// The values of a column, one per customer.
type Values<'a> = Cow<'a, [i64]>;

/// The customers, measured on a date.
#[derive(Debug)]
pub struct Measured<'a> {
    /// Who is measured.
    pub customers: &'a Customers,
    /// The analysis date, days since 1970-01-01.
    pub as_of: i32,
    recency_days: Vec<i64>,
    orders: Vec<i64>,
}

impl<'a> Measured<'a> {
    /// The measures of these customers.
    #[must_use]
    pub fn new(customers: &'a Customers, as_of: i32) -> Self {
        let recency_days = customers.last_day.par_iter().map(|last| i64::from(as_of - last)).collect();
        let orders = customers.orders.par_iter().map(|orders| i64::from(*orders)).collect();
        Self { customers, as_of, recency_days, orders }
    }

    /// The values of a measure, in the unit of its axis.
    ///
    /// # Errors
    /// As [`values_of`].
    pub fn values(&self, measure: Measure) -> Result<Values<'_>> {
        match measure {
            Measure::RecencyDays => Ok((&self.recency_days).into()),
            Measure::Orders => Ok((&self.orders).into()),
            _ => values_of(self.customers, self.as_of, measure, 0..self.customers.len()),
        }
    }

    /// The column that an axis is weighted by; empty where there is none.
    ///
    /// # Errors
    /// As [`Self::values`].
    pub fn weights(&self, axis: &AxisSpec) -> Result<Values<'_>> {
        axis.weight.map(|weight| self.values(weight)).transpose().map(Option::unwrap_or_default)
    }

    /// What the rules of `map` look at, each at the index of its name in [`MapMeasure`]; empty where they do not. `abc` has
    /// the classes by revenue, from 0.
    ///
    /// # Errors
    /// As [`Self::values`].
    pub fn of_map(&self, map: &SegmentMap, abc: &[u8]) -> Result<[Values<'_>; MapMeasure::ALL.len()]> {
        let mut measures = [const { Values::Borrowed(&[]) }; MapMeasure::ALL.len()];
        for measure in map.needs() {
            let columns = measure.columns().iter().map(|column| self.column(column, abc));
            measures[measure as usize] = measure.of_columns(&columns.collect::<Result<Vec<_>>>()?);
        }
        Ok(measures)
    }

    /// A column of the customers table that maps look at; classes from 1.
    fn column(&self, name: &str, abc: &[u8]) -> Result<Values<'_>> {
        match (Measure::of_column(name), name) {
            (Some(measure), _) => self.values(measure),
            (None, "tenure_days") => Ok(days_before(self.as_of, &self.customers.first_day).into()),
            (None, "abc_class") => Ok(abc.iter().map(|class| i64::from(*class) + 1).collect()),
            _ => Err(Error::bug(format!("no map looks at `{name}`"))),
        }
    }
}

/// The values of a measure for some rows of the customers table, in the unit of its axis.
///
/// # Errors
/// A config error where the setting is missing that the measure needs; a compute error where an average overflows.
pub fn values_of(customers: &Customers, as_of: i32, measure: Measure, rows: Range<usize>) -> Result<Values<'_>> {
    let Customers { last_day, orders, purchase_days, transactions, revenue, largest_order, .. } = customers;
    let Customers { last_interaction_day, margin, .. } = customers;
    let values: Values<'_> = match measure {
        Measure::RecencyDays => days_before(as_of, at(last_day, &rows)).into(),
        Measure::InteractionDays => days_before(as_of, at(last_interaction_day, &rows)).into(),
        Measure::Orders => counts(at(orders, &rows)).into(),
        Measure::PurchaseDays => counts(at(purchase_days, &rows)).into(),
        Measure::Transactions => counts(at(transactions, &rows)).into(),
        Measure::Revenue => at(revenue, &rows).into(),
        Measure::AverageOrderValue => average_order_values(at(revenue, &rows), &counts(at(orders, &rows)))?.into(),
        Measure::LargestOrder => at(largest_order, &rows).into(),
        Measure::Margin => at(margin, &rows).into(),
        Measure::WeightedValue => return Err(Error::bug("no axis of a run measures the weighted value")),
    };
    match measure.entry().needs {
        Some(needs) if values.len() != rows.len() => {
            let (column, lacking) = (measure.column(), needs.lacking);
            Err(Error::config(format!("`{column}` is asked for, but {lacking}")).hint(needs.hint))
        }
        _ => Ok(values),
    }
}

/// The rows of a column; none where it was not asked for.
fn at<'a, T>(column: &'a [T], rows: &Range<usize>) -> &'a [T] {
    column.get(rows.clone()).unwrap_or_default()
}

fn days_before(as_of: i32, days: &[i32]) -> Vec<i64> {
    days.iter().map(|day| i64::from(as_of - day)).collect()
}

fn counts(counts: &[u32]) -> Vec<i64> {
    counts.iter().map(|count| i64::from(*count)).collect()
}
