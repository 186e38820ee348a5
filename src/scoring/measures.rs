//! The measures of the customers: where the values of each come from.
//!
//! What a measure is, its axis, its unit, the setting that it needs, says the table in `score`; a new one that is made of
//! columns of the customers needs its line in [`values_of`] and nothing else here. Does not live here: any formula.

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;

use crate::customers::Customers;
use crate::error::{Error, Result};
use crate::score::{AxisColumn, AxisSpec, Measure, average_order_values};
use crate::segment::MapMeasure;

/// The values of a column, one per customer.
type Values<'a> = Cow<'a, [i64]>;

/// The customers, measured on a date.
#[derive(Debug)]
pub struct Measured<'a> {
    /// Who is measured.
    pub customers: &'a Customers,
    /// The analysis date, days since 1970-01-01.
    pub as_of: i32,
    /// The rows of those with an order in the window, ascending; none where all of them have one.
    pub buyers: Option<Vec<u32>>,
    recency_days: Vec<i64>,
    orders: Vec<i64>,
}

impl<'a> Measured<'a> {
    /// The measures of these customers.
    #[must_use]
    pub fn new(customers: &'a Customers, as_of: i32) -> Self {
        let recency_days = customers.last_day.par_iter().map(|last| i64::from(as_of - last)).collect();
        let orders = customers.orders.par_iter().map(|orders| i64::from(*orders)).collect();
        Self { customers, as_of, buyers: buyers(&customers.orders), recency_days, orders }
    }

    /// The orders of the customers, where some have none and these are low on an axis (0 to 2): not on recency.
    #[must_use]
    pub fn without_orders(&self, axis: usize) -> Option<&[u32]> {
        self.buyers.as_ref().filter(|_| axis > 0).map(|_| self.customers.orders.as_slice())
    }

    /// The column of an axis.
    ///
    /// # Errors
    /// As [`Self::values`].
    pub fn axis<T>(&self, axis: &AxisSpec, work: impl FnOnce(AxisColumn<'_>) -> Result<T>) -> Result<T> {
        let (values, weights) = (self.values(axis.measure)?, self.weights(axis)?);
        work(AxisColumn { values: &values, weights: &weights, buyers: self.buyers.as_deref() })
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

    /// A measure that maps look at, of the columns that it is made of. `abc` has the classes by revenue, from 0.
    ///
    /// # Errors
    /// As [`Self::values`].
    pub fn of_map(&self, measure: MapMeasure, abc: &[u8]) -> Result<Values<'_>> {
        let columns = measure.columns().iter().map(|column| self.column(column, abc));
        Ok(measure.of_columns(columns.collect::<Result<_>>()?))
    }

    /// A column of the customers table that maps look at; classes from 1.
    fn column(&self, name: &str, abc: &[u8]) -> Result<Values<'_>> {
        match (Measure::of_column(name), name) {
            (Some(measure), _) => self.values(measure),
            (None, "orders_ever") => Ok(counts(self.customers.orders_of_all_days()).into()),
            (None, "purchase_days_ever") => Ok(counts(self.customers.purchase_days_of_all_days()).into()),
            (None, "tenure_days") => Ok(days_before(self.as_of, &self.customers.first_day).into()),
            (None, "abc_class") => Ok(abc.iter().map(|class| i64::from(*class) + 1).collect()),
            _ => Err(Error::bug(format!("no map looks at `{name}`"))),
        }
    }
}

/// The rows with an order; none where all have one.
fn buyers(orders: &[u32]) -> Option<Vec<u32>> {
    let lack_orders = orders.par_iter().any(|orders| *orders == 0);
    lack_orders.then(|| (0..).zip(orders).filter(|(_, orders)| **orders > 0).map(|(row, _)| row).collect())
}

/// The values of a measure for some rows of the customers table, in the unit of its axis.
///
/// # Errors
/// A config error where the setting is missing that the measure needs; a compute error where an average overflows.
pub fn values_of(customers: &Customers, as_of: i32, measure: Measure, rows: Range<usize>) -> Result<Values<'_>> {
    let Customers { last_day, orders, purchase_days, transactions, revenue, largest_order, .. } = customers;
    let Customers { last_interaction_day, interactions, margin, .. } = customers;
    let values: Values<'_> = match measure {
        Measure::RecencyDays => days_before(as_of, at(last_day, &rows)).into(),
        Measure::InteractionDays => days_before(as_of, at(last_interaction_day, &rows)).into(),
        Measure::Interactions => counts(at(interactions, &rows)).into(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customers::CustomerIds;
    use crate::score::MEASURES;

    /// Two customers, measured on day 100: three orders on two days from day 20 to 60, and one order on day 95.
    fn two() -> Customers {
        Customers {
            ids: CustomerIds::Integer(vec![1, 2]),
            first_day: vec![20, 95],
            last_day: vec![60, 95],
            orders: vec![3, 1],
            purchase_days: vec![2, 1],
            transactions: vec![4, 1],
            revenue: vec![1_000, 50],
            largest_order: vec![700, 50],
            last_interaction_day: vec![90, 100],
            interactions: vec![7, 0],
            margin: vec![300, -5],
            ..Customers::default()
        }
    }

    #[test]
    fn every_measure_of_an_axis_has_its_values() {
        let customers = two();
        let of = |measure: Measure| values_of(&customers, 100, measure, 0..2).unwrap().into_owned();
        assert_eq!((of(Measure::RecencyDays), of(Measure::InteractionDays)), (vec![40, 5], vec![10, 0]));
        assert_eq!((of(Measure::Orders), of(Measure::PurchaseDays)), (vec![3, 1], vec![2, 1]));
        assert_eq!(of(Measure::Interactions), [7, 0]);
        assert_eq!((of(Measure::Transactions), of(Measure::Revenue)), (vec![4, 1], vec![1_000, 50]));
        // 1000 / 3 with four decimals more: 333.3333
        assert_eq!(of(Measure::AverageOrderValue), [3_333_333, 500_000]);
        assert_eq!((of(Measure::LargestOrder), of(Measure::Margin)), (vec![700, 50], vec![300, -5]));
        let second = values_of(&customers, 100, Measure::Margin, 1..2).unwrap();
        assert_eq!(second.to_vec(), [-5], "of one row alone");
        let measured = Measured::new(&customers, 100);
        for entry in MEASURES.iter().filter(|entry| entry.as_axis.is_some()) {
            assert_eq!(measured.values(entry.measure).unwrap(), of(entry.measure), "{}", entry.column);
        }
        assert!(measured.values(Measure::WeightedValue).is_err());
    }

    #[test]
    fn those_with_an_order_in_the_window_are_told_from_the_others() {
        assert_eq!(Measured::new(&two(), 100).buyers, None);
        let customers = Customers { orders: vec![0, 1], ..two() };
        assert_eq!(Measured::new(&customers, 100).buyers, Some(vec![1]));
        let average = values_of(&customers, 100, Measure::AverageOrderValue, 0..2).unwrap();
        assert_eq!(average.to_vec(), [0, 500_000]);
        // the life cycle looks at all days: three purchase days are two gaps over 40 days, 40 days of silence are 200 percent
        let ever = Customers { orders_ever: vec![4, 1], purchase_days_ever: vec![3, 1], ..customers };
        let measured = Measured::new(&ever, 100);
        let of = |measure: MapMeasure| measured.of_map(measure, &[]).unwrap().into_owned();
        assert_eq!((of(MapMeasure::OrdersEver), of(MapMeasure::OverduePercent)), (vec![4, 1], vec![200, 0]));
    }

    #[test]
    fn a_measure_whose_setting_is_missing_is_refused_with_what_to_set() {
        let customers = Customers { margin: Vec::new(), last_interaction_day: Vec::new(), ..two() };
        for (measure, setting) in
            [(Measure::Margin, "columns.margin"), (Measure::InteractionDays, "input.interactions")]
        {
            let text = Measured::new(&customers, 100).values(measure).unwrap_err().to_string();
            assert!(text.starts_with(&format!("`{}` is asked for, but no", measure.column())), "{text}");
            assert!(text.contains(setting), "{text}");
        }
    }

    #[test]
    fn maps_get_the_measures_that_they_look_at() {
        let customers = two();
        let measured = Measured::new(&customers, 100);
        let of = |measure: MapMeasure| measured.of_map(measure, &[0, 2]).unwrap().into_owned();
        assert_eq!(of(MapMeasure::TenureDays), [80, 5]);
        // 40 days of silence after one gap of 40 days; one purchase day has no gap
        assert_eq!(of(MapMeasure::OverduePercent), [100, 0]);
        assert_eq!((of(MapMeasure::AbcClass), of(MapMeasure::Revenue)), (vec![1, 3], vec![1_000, 50]));
        assert_eq!(of(MapMeasure::Margin), [300, -5]);
    }
}
