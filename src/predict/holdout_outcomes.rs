//! What was predicted of each customer for the days of a holdout, and what they did.
//!
//! Does not live here: how it is found, and the sums over groups of customers (`holdout`).

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

/// The outcomes by row of the customers' table: none for those who came after the cut. Empty where nobody asks.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CustomerOutcomes(Vec<Option<CustomerOutcome>>);

impl CustomerOutcomes {
    /// For a table of so many customers.
    pub(super) fn of(customers: usize) -> Self {
        Self(vec![None; customers])
    }

    /// Notes the outcome of the customer at `row`, if there is such a row.
    pub(super) fn note(&mut self, row: u32, outcome: CustomerOutcome) {
        if let Some(place) = self.0.get_mut(row as usize) {
            *place = Some(outcome);
        }
    }

    /// That of the customer at `row`.
    #[must_use]
    pub fn at(&self, row: usize) -> Option<&CustomerOutcome> {
        self.0.get(row)?.as_ref()
    }

    /// Whether nobody asks for them.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reorders the customers: `order` holds the old row of each new row.
    pub(super) fn reorder(&mut self, order: &[u32]) {
        if !self.is_empty() {
            self.0 = order.iter().map(|row| self.0[*row as usize]).collect();
        }
    }
}
