//! What was predicted of each customer for the days of a holdout, and what they did.
//!
//! Does not live here: the sums over groups of customers (`holdout`).

use super::holdout::{Calibration, Holdout};

/// What was predicted of a customer, and what they did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CustomerOutcome {
    /// Occasions after the cut, as predicted; none without a model.
    pub predicted_orders: Option<f64>,
    /// The same as they were.
    pub actual_orders: u32,
    /// Revenue after the cut, major units, as predicted; none without a model of order values.
    pub predicted_revenue: Option<f64>,
    /// The same as it was.
    pub actual_revenue: f64,
}

impl Holdout {
    /// Asks for the outcome of each of the `customers` rows of the table.
    #[must_use]
    pub fn by_customer(mut self, customers: usize) -> Self {
        self.customers = customers;
        self
    }

    /// The outcome of each customer, where it is asked for; the order is that of the records.
    pub(super) fn by_row(
        &self,
        orders: &[f64],
        revenue: Option<&[f64]>,
        brought: &[f64],
    ) -> Vec<Option<CustomerOutcome>> {
        let mut by_row = vec![None; self.customers];
        for (index, (record, brought)) in self.records.iter().zip(brought).enumerate() {
            if let Some(outcome) = by_row.get_mut(record.row as usize) {
                *outcome = Some(CustomerOutcome {
                    predicted_orders: orders.get(index).copied(),
                    actual_orders: record.later_occasions,
                    predicted_revenue: revenue.and_then(|revenue| revenue.get(index).copied()),
                    actual_revenue: *brought,
                });
            }
        }
        by_row
    }
}

impl Calibration {
    /// What was predicted of the customer at `row`, and what they did; none where they came after the cut, or nobody asked.
    #[must_use]
    pub fn outcome(&self, row: usize) -> Option<&CustomerOutcome> {
        self.by_row.get(row)?.as_ref()
    }

    /// Whether it is known for each customer.
    #[must_use]
    pub fn is_by_customer(&self) -> bool {
        !self.by_row.is_empty()
    }

    /// Reorders the customers: `order` holds the old row of each new row.
    pub fn reorder(&mut self, order: &[u32]) {
        if self.is_by_customer() {
            self.by_row = order.iter().map(|row| self.by_row[*row as usize]).collect();
        }
    }
}
