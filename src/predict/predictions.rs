//! The models applied to every customer.
//!
//! Costly figures depend on few numbers: what is expected of a living customer on (x, T), whether they are alive on
//! (x, `t_x`, T). They are computed once for each that occurs, and a customer's are looked up.
//! Does not live here: the models, and which columns are published.

use rayon::prelude::*;

use super::entries::PredictionsEntry;
use super::holdout::Calibration;
use super::inputs::{Inputs, inputs};
use super::learn::FittedModels;
use super::new_customer::{NewCustomer, new_customer, new_customer_forever};
use super::purchase_histories::{Pattern, PurchaseHistories, PurchaseHistory};
use super::terms::Terms;
use super::tracking::Tracking;
use crate::error::{Error, Result};
use crate::models::{History, Model, OrderValues, Unfit};
use crate::warnings::Facts;

/// Marks a customer for whom nothing can be predicted.
const NOBODY: u32 = u32::MAX;

/// What is expected of every customer of the table.
#[derive(Debug)]
pub struct Predictions {
    /// How far ahead and what for.
    pub terms: Terms,
    /// The models.
    pub learned: FittedModels,
    /// The model compared with its data.
    pub tracking: Tracking,
    /// What the models would have predicted some time ago; none without a holdout.
    pub calibration: Option<Calibration>,
    /// Per horizon, a new customer; empty without a model.
    pub new_customer: Vec<NewCustomer>,
    /// The same over all of the future, discounted; none unless asked for.
    pub new_customer_forever: Option<NewCustomer>,
    /// Customers of the table whose returns left no revenue of their purchases.
    pub without_revenue: u64,
    /// Per row the index of the customer's pattern, or [`NOBODY`].
    pattern_of: Vec<u32>,
    /// Per pattern: alive.
    p_alive: Vec<f64>,
    /// Per pattern the index of its (x, T).
    pair_of: Vec<u32>,
    /// Per (x, T) and horizon: purchases if alive, the same discounted.
    ahead: Vec<Vec<[f64; 2]>>,
    /// Per (x, T): all purchases of the future if alive, discounted; empty unless asked for.
    forever: Vec<f64>,
    /// Per row what the models see; empty unless asked for.
    inputs: Vec<Option<Inputs>>,
    /// Per row the expected value of an order, NaN where there is none, 0 where returns left no revenue; empty without a model
    /// of spending.
    order_value: Vec<f64>,
    annuities: Vec<f64>,
    /// Per row the rank by CLV, 0 where there is none; filled by [`Predictions::rank`].
    ranks: Vec<u32>,
}

impl Predictions {
    /// Applies what was learned to the customers of the table.
    ///
    /// # Errors
    /// Where there are more distinct histories than models can take.
    pub fn new(
        mut learned: FittedModels,
        habits: &PurchaseHistories,
        terms: Terms,
        minor_per_major: f64,
    ) -> Result<Self> {
        let tracking = Tracking::new(&learned, habits)?;
        let annuities = terms.annuities();
        let has_amounts = learned.spendings != Err(Unfit::NoAmounts);
        let without_revenue = if has_amounts { habits.without_revenue() } else { 0 };
        if learned.spending.is_some() && without_revenue > 0 {
            learned.warnings.push(Facts::CustomersWithoutRevenue { customers: without_revenue }.into());
        }
        let rows = habits.by_row.len();
        let mut predictions = Self {
            new_customer: new_customer(&learned, &terms, &annuities),
            new_customer_forever: terms.is_infinite.then(|| new_customer_forever(&learned, &terms)).flatten(),
            forever: Vec::new(),
            inputs: inputs(&terms, habits, &learned, minor_per_major),
            terms,
            tracking,
            calibration: None,
            without_revenue,
            pattern_of: vec![NOBODY; rows],
            p_alive: Vec::new(),
            pair_of: Vec::new(),
            ahead: Vec::new(),
            order_value: order_values(learned.spending, habits, minor_per_major),
            annuities,
            ranks: Vec::new(),
            learned,
        };
        if let Some(model) = predictions.learned.model {
            predictions.look_ahead(&model, habits)?;
        }
        Ok(predictions)
    }

    fn look_ahead(&mut self, model: &Model, habits: &PurchaseHistories) -> Result<()> {
        let unit = self.learned.steps_per_unit();
        let patterns = self.index_patterns(habits)?;
        let mut pairs: Vec<(u32, u32)> = patterns.iter().map(|pattern| (pattern.x, pattern.t_cal)).collect();
        pairs.dedup(); // patterns are sorted by both first
        let model = model.as_purchase_model();
        let of_pair = |&(x, t_cal): &(u32, u32)| self.terms.purchases_ahead(model, x, f64::from(t_cal) / unit);
        self.ahead = pairs.par_iter().map(of_pair).collect();
        if self.terms.is_infinite {
            let rate = self.terms.continuous_rate();
            let of_pair =
                |&(x, t_cal): &(u32, u32)| model.discounted_purchases_if_alive(x, f64::from(t_cal) / unit, rate);
            self.forever = pairs.par_iter().map(of_pair).collect();
        }
        let histories: Vec<History> = patterns.par_iter().map(|pattern| pattern.history(unit)).collect();
        self.p_alive = model.p_alive_of_each(&histories);
        drop(histories);
        let mut index = 0_u32;
        self.pair_of = patterns
            .iter()
            .map(|pattern| {
                while pairs[index as usize] != (pattern.x, pattern.t_cal) {
                    index += 1;
                }
                index
            })
            .collect();
        Ok(())
    }

    /// Finds the distinct patterns, and the index of each row's pattern.
    fn index_patterns(&mut self, habits: &PurchaseHistories) -> Result<Vec<Pattern>> {
        let rows = (0_u32..).zip(&habits.by_row);
        let mut placed: Vec<(Pattern, u32)> =
            rows.filter_map(|(row, habit)| Some((habit.as_ref()?.pattern(habits.as_of), row))).collect();
        if habits.by_row.len() >= NOBODY as usize {
            return Err(Error::compute("more customers than predictions can be made for (about 4 billion)"));
        }
        placed.par_sort_unstable();
        let mut patterns: Vec<Pattern> = Vec::new();
        for alike in placed.chunk_by(|a, b| a.0 == b.0) {
            let index = u32::try_from(patterns.len()).unwrap_or(NOBODY);
            patterns.push(alike[0].0);
            for (_, row) in alike {
                self.pattern_of[*row as usize] = index;
            }
        }
        Ok(patterns)
    }

    fn pattern(&self, row: usize) -> Option<usize> {
        let index = self.pattern_of[row];
        (index != NOBODY && !self.p_alive.is_empty()).then_some(index as usize)
    }

    fn figures(&self, pattern: usize, horizon: usize) -> [f64; 2] {
        self.ahead[self.pair_of[pattern] as usize][horizon]
    }

    /// P(alive) of a customer.
    #[must_use]
    pub fn p_alive(&self, row: usize) -> Option<f64> {
        self.pattern(row).map(|pattern| self.p_alive[pattern])
    }

    /// The orders expected of the customer within a horizon, given by its index.
    #[must_use]
    pub fn expected_orders(&self, row: usize, horizon: usize) -> Option<f64> {
        self.pattern(row).map(|pattern| self.p_alive[pattern] * self.figures(pattern, horizon)[0])
    }

    /// The orders expected of the customer over all of the future, discounted to today: DERT.
    #[must_use]
    pub fn expected_orders_infinite(&self, row: usize) -> Option<f64> {
        let pattern = self.pattern(row)?;
        let if_alive = self.forever.get(self.pair_of[pattern] as usize)?;
        Some(self.p_alive[pattern] * if_alive)
    }

    /// The customer's lifetime value over all of the future, major units; 0 where returns left no revenue.
    #[must_use]
    pub fn clv_infinite(&self, row: usize) -> Option<f64> {
        let (orders, value) = (self.expected_orders_infinite(row)?, self.expected_value(row)?);
        let Terms { cash, .. } = &self.terms;
        let worth = || cash.customer_lifetime_value(self.terms.perpetuity(), 1.0, orders, value);
        Some(if value <= 0.0 { 0.0 } else { worth() })
    }

    /// What the models see of the customer; none where it is not asked for, or they have no occasion.
    #[must_use]
    pub fn inputs(&self, row: usize) -> Option<&Inputs> {
        self.inputs.get(row)?.as_ref()
    }

    /// The value expected of the customer's next order, major units.
    #[must_use]
    pub fn expected_value(&self, row: usize) -> Option<f64> {
        self.order_value.get(row).copied().filter(|value| !value.is_nan())
    }

    /// The customer's lifetime value within a horizon, major units; 0 where returns left no revenue.
    #[must_use]
    pub fn clv(&self, row: usize, horizon: usize) -> Option<f64> {
        let (pattern, value) = (self.pattern(row)?, self.expected_value(row)?);
        if value <= 0.0 {
            return Some(0.0);
        }
        let [_, discounted] = self.figures(pattern, horizon);
        let annuity = self.annuities[horizon];
        Some(self.terms.cash.customer_lifetime_value(annuity, self.p_alive[pattern], discounted, value))
    }

    /// As manifests have it.
    #[must_use]
    pub fn entry(&self) -> PredictionsEntry {
        PredictionsEntry { customers_without_revenue: self.without_revenue, ..self.learned.entry() }
    }

    /// The customer's rank by CLV of the longest horizon, from 1.
    #[must_use]
    pub fn rank_of(&self, row: usize) -> Option<u32> {
        self.ranks.get(row).copied().filter(|rank| *rank > 0)
    }

    /// The rows with a CLV within this horizon, highest first, then in the order of the table.
    #[must_use]
    pub fn by_clv(&self, horizon: usize) -> Vec<(f64, u32)> {
        let rows = 0..u32::try_from(self.pattern_of.len()).unwrap_or(NOBODY);
        let valued = |row: u32| Some((self.clv(row as usize, horizon)?, row));
        let mut order: Vec<(f64, u32)> = rows.into_par_iter().filter_map(valued).collect();
        order.par_sort_unstable_by(|(a, row_a), (b, row_b)| b.total_cmp(a).then(row_a.cmp(row_b)));
        order
    }

    /// Ranks the customers by CLV of the longest horizon. To be called when they are in their final order.
    pub fn rank(&mut self) {
        let Some(last) = self.terms.horizons.len().checked_sub(1) else { return };
        self.ranks = vec![0; self.pattern_of.len()];
        for (rank, (_, row)) in (1..).zip(self.by_clv(last)) {
            self.ranks[row as usize] = rank;
        }
    }

    /// Reorders the customers: `order` holds the old row of each new row.
    pub fn reorder(&mut self, order: &[u32]) {
        self.pattern_of = order.iter().map(|row| self.pattern_of[*row as usize]).collect();
        if !self.order_value.is_empty() {
            self.order_value = order.iter().map(|row| self.order_value[*row as usize]).collect();
        }
        if !self.inputs.is_empty() {
            self.inputs = order.iter().map(|row| self.inputs[*row as usize]).collect();
        }
        if let Some(calibration) = &mut self.calibration {
            calibration.outcomes.reorder(order);
        }
    }
}

/// Per row, E[M | z, x]; 0 where returns left no revenue, NaN for customers without an occasion. Empty without a model.
fn order_values(model: Option<OrderValues>, habits: &PurchaseHistories, minor_per_major: f64) -> Vec<f64> {
    let Some(model) = model else { return Vec::new() };
    let value = |habit: &PurchaseHistory| {
        habit.spending(minor_per_major).map_or(0.0, |spending| model.expected_order_value(spending))
    };
    habits.by_row.par_iter().map(|habit| habit.as_ref().map_or(f64::NAN, value)).collect()
}
