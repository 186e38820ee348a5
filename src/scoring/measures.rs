//! The columns that scores, weights and maps are made from.
//!
//! Lives here: which column of the customers a measure is. Does not live here: any formula.

use std::borrow::Cow;

use super::ranking::Ranking;
use crate::customers::Customers;
use crate::error::{Error, Result};
use crate::score::{AxisSpec, Measure, average_order_values};
use crate::segment::{self, MapMeasure, SegmentMap};

/// The customers, and their days since the last order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured<'a> {
    pub(crate) customers: &'a Customers,
    /// Days since the last order.
    pub(crate) days: &'a [i64],
    pub(crate) orders: &'a [i64],
    pub(crate) as_of: i32,
}

impl<'a> Measured<'a> {
    /// The values of a measure.
    pub(crate) fn values(&self, measure: Measure) -> Result<Cow<'a, [i64]>> {
        let customers = self.customers;
        let counts = |values: &[u32]| -> Vec<i64> { values.iter().map(|value| i64::from(*value)).collect() };
        let computed = match measure {
            Measure::RecencyDays => return Ok(self.days.into()),
            Measure::Orders => return Ok(self.orders.into()),
            Measure::Revenue => return Ok((&customers.revenue).into()),
            Measure::LargestOrder => return Ok((&customers.largest_order).into()),
            Measure::Margin => return self.margin().map(Into::into),
            Measure::InteractionDays => self.interaction_days()?,
            Measure::PurchaseDays => counts(&customers.purchase_days),
            Measure::Transactions => counts(&customers.transactions),
            Measure::WeightedValue => return Err(Error::bug("no axis of a run measures the weighted value")),
            Measure::AverageOrderValue => average_order_values(&customers.revenue, self.orders)?,
        };
        Ok(computed.into())
    }

    fn interaction_days(&self) -> Result<Vec<i64>> {
        let last = &self.customers.last_interaction_day;
        if last.len() != self.customers.len() {
            return Err(Error::config("`interaction_days` is asked for, but no row is an interaction")
                .hint("say which rows are with `input.interactions`, such as `event_type IN ('visit', 'purchase')`"));
        }
        Ok(last.iter().map(|day| i64::from(self.as_of - day)).collect())
    }

    fn margin(&self) -> Result<&'a [i64]> {
        let margin = &self.customers.margin;
        if margin.len() != self.customers.len() {
            return Err(Error::config("`margin` is asked for, but no column is one")
                .hint("say which column is with `columns.margin`"));
        }
        Ok(margin)
    }

    /// The column that an axis is weighted by; empty where there is none.
    pub(crate) fn weights(&self, spec: &AxisSpec) -> Result<Cow<'a, [i64]>> {
        spec.weight.map(|weight| self.values(weight)).transpose().map(Option::unwrap_or_default)
    }
}

/// What a map may look at beside scores, orders and recency; empty where it does not.
#[derive(Debug, Default)]
pub(crate) struct MapMeasures {
    pub(crate) tenure_days: Vec<i64>,
    pub(crate) overdue_percent: Vec<i64>,
    pub(crate) abc_class: Vec<i64>,
}

impl MapMeasures {
    pub(crate) fn of(map: &SegmentMap, measured: Measured<'_>, ranking: &Ranking) -> Self {
        let Measured { customers, as_of, .. } = measured;
        let needs = map.needs();
        let is_needed = |measure| needs.contains(&measure);
        let tenure = |row: usize| i64::from(as_of - customers.first_day[row]);
        let overdue = |row: usize| {
            let recency = i64::from(as_of - customers.last_day[row]);
            segment::overdue_percent(recency, tenure(row), customers.purchase_days[row].into())
        };
        let column = |measure, value: &dyn Fn(usize) -> i64| -> Vec<i64> {
            if is_needed(measure) { (0..customers.len()).map(value).collect() } else { Vec::new() }
        };
        Self {
            tenure_days: column(MapMeasure::TenureDays, &tenure),
            overdue_percent: column(MapMeasure::OverduePercent, &overdue),
            abc_class: column(MapMeasure::AbcClass, &|row| i64::from(ranking.abc[row]) + 1),
        }
    }
}
