//! The models applied to every customer.
//!
//! Costly figures depend on few numbers: what is expected of a living customer on (x, T), whether they are alive on
//! (x, `t_x`, T). They are computed once for each that occurs, and a customer's are looked up.
//! Does not live here: the models, and which columns are published.

use rayon::prelude::*;

use super::entries::PredictionsEntry;
use super::holdout::Calibration;
use super::learn::FittedModels;
use super::options::{PredictOptions, TimeUnit};
use super::purchase_histories::{Pattern, PurchaseHistories, PurchaseHistory};
use super::tracking::Tracking;
use crate::error::{Error, Result};
use crate::models::{CashFlow, Discounting, Histories, History, Model, OrderValues, PurchaseModel, Spending};
use crate::warnings::Facts;

/// Marks a customer for whom nothing can be predicted.
const NOBODY: u32 = u32::MAX;

/// How far ahead, and what a purchase is worth today.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// Units of time ahead, ascending.
    pub horizons: Vec<u32>,
    /// Their names: `12_months`.
    pub names: Vec<String>,
    /// Discount rate per unit.
    pub rate: f64,
    /// What a purchase leaves and a contact costs.
    pub cash: CashFlow,
    /// What winning a customer costs.
    pub acquisition_cost: f64,
    /// Whether all of the future is looked at, too.
    pub is_infinite: bool,
    /// Whether what the models see of each customer is published.
    pub shows_inputs: bool,
}

impl Terms {
    /// As the settings say.
    #[must_use]
    pub fn of(options: &PredictOptions) -> Self {
        Self {
            horizons: options.horizons.clone(),
            names: options.horizon_names(),
            rate: options.time_unit.discount(options.discount_rate),
            cash: CashFlow { margin: options.margin, contact_cost: options.contact_cost },
            acquisition_cost: options.acquisition_cost,
            is_infinite: options.infinite_horizon,
            shows_inputs: options.model_inputs,
        }
    }

    /// The discounting of the horizon at `index`.
    fn discounting(&self, index: usize) -> Discounting {
        Discounting { periods: self.horizons[index], period: 1.0, rate: self.rate }
    }

    /// Per horizon the purchases of a living customer, and the same discounted.
    fn purchases_ahead(&self, model: &dyn PurchaseModel, x: u32, t_cal: f64) -> Vec<[f64; 2]> {
        let last = self.horizons.last().copied().unwrap_or(0);
        let ends: Vec<f64> = (1..=last).map(f64::from).collect();
        let curve = model.expected_purchases_if_alive(x, t_cal, &ends);
        self.of_curve(&curve)
    }

    fn of_curve(&self, curve: &[f64]) -> Vec<[f64; 2]> {
        let figures = |index: usize| {
            let curve = &curve[..self.horizons[index] as usize];
            [curve.last().copied().unwrap_or(0.0), self.discounting(index).present_value(curve)]
        };
        (0..self.horizons.len()).map(figures).collect()
    }

    /// The rate that compounds continuously to that per unit.
    fn continuous_rate(&self) -> f64 {
        self.rate.ln_1p()
    }

    /// Today's value of 1 at the end of each unit, for ever.
    fn perpetuity(&self) -> f64 {
        1.0 / self.rate
    }

    fn annuities(&self) -> Vec<f64> {
        (0..self.horizons.len()).map(|index| self.discounting(index).annuity()).collect()
    }
}

/// What is expected of a customer who has just come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NewCustomer {
    /// Repeat purchases within the horizon.
    pub orders: f64,
    /// The profit on the first order and on these, today, less contacts and acquisition; none without order values.
    pub value: Option<f64>,
}

/// What the models see of a customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inputs {
    /// x, `t_x` and T.
    pub history: History,
    /// The mean value of the occasions that tell it, after returns, major units; 0 without any.
    pub mean_value: f64,
}

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
        let without_revenue = habits.without_revenue();
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
        let unit = self.learned.unit;
        let patterns = self.index_patterns(habits)?;
        let mut pairs: Vec<(u32, u32)> = patterns.iter().map(|pattern| (pattern.x, pattern.t_cal)).collect();
        pairs.dedup(); // patterns are sorted by both first
        let model = model.as_purchase_model();
        let of_pair = |&(x, t_cal): &(u32, u32)| self.terms.purchases_ahead(model, x, f64::from(t_cal) / unit.days());
        self.ahead = pairs.par_iter().map(of_pair).collect();
        if self.terms.is_infinite {
            let rate = self.terms.continuous_rate();
            let of_pair =
                |&(x, t_cal): &(u32, u32)| model.discounted_purchases_if_alive(x, f64::from(t_cal) / unit.days(), rate);
            self.forever = pairs.par_iter().map(of_pair).collect();
        }
        self.p_alive = p_alive_of_each(model, &patterns, unit)?;
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
            calibration.reorder(order);
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

/// Per row, what the models see; empty unless asked for.
fn inputs(
    terms: &Terms,
    habits: &PurchaseHistories,
    learned: &FittedModels,
    minor_per_major: f64,
) -> Vec<Option<Inputs>> {
    if !terms.shows_inputs {
        return Vec::new();
    }
    let of = |habit: &PurchaseHistory| Inputs {
        history: habit.pattern(habits.as_of).history(learned.unit),
        mean_value: habit.spending(minor_per_major).map_or(0.0, |spending| spending.z),
    };
    habits.by_row.par_iter().map(|habit| habit.as_ref().map(of)).collect()
}

/// P(alive) of each of these patterns, which are distinct.
///
/// # Errors
/// Where there are more than models can take.
fn p_alive_of_each(model: &dyn PurchaseModel, patterns: &[Pattern], unit: TimeUnit) -> Result<Vec<f64>> {
    let histories = Histories::new(patterns.par_iter().map(|pattern| (pattern.history(unit), 1)).collect())?;
    let found = model.p_alive_of_each(&histories);
    // Patterns are in the order of x, T, t_x, histories in that of x, t_x, T.
    let mut order: Vec<u32> = (0..u32::try_from(patterns.len()).unwrap_or(NOBODY)).collect();
    order.par_sort_unstable_by_key(|index| {
        let Pattern { x, t_cal, t_x } = patterns[*index as usize];
        (x, t_x, t_cal)
    });
    let mut p_alive = vec![0.0; patterns.len()];
    for (index, found) in order.into_iter().zip(found) {
        p_alive[index as usize] = found;
    }
    Ok(p_alive)
}

fn new_customer_forever(learned: &FittedModels, terms: &Terms) -> Option<NewCustomer> {
    let model = learned.model.as_ref()?.as_purchase_model();
    let alive = model.p_alive(&History { x: 0, t_x: 0.0, t_cal: 0.0 });
    let orders = alive * model.discounted_purchases_if_alive(0, 0.0, terms.continuous_rate());
    let value = learned.spending.map(|spending| {
        let value = spending.expected_order_value(Spending { x: 0, z: 0.0 });
        let later = terms.cash.customer_lifetime_value(terms.perpetuity(), 1.0, orders, value);
        terms.cash.margin * value + later - terms.acquisition_cost
    });
    Some(NewCustomer { orders, value })
}

fn new_customer(learned: &FittedModels, terms: &Terms, annuities: &[f64]) -> Vec<NewCustomer> {
    let Some(model) = &learned.model else { return Vec::new() };
    let last = terms.horizons.last().copied().unwrap_or(0);
    let ends: Vec<f64> = (1..=last).map(f64::from).collect();
    let purchases_ahead = terms.of_curve(&model.as_purchase_model().expected_purchases_of_new(&ends));
    let order_value = learned.spending.map(|model| model.expected_order_value(Spending { x: 0, z: 0.0 }));
    let figures = |([orders, discounted], annuity): ([f64; 2], &f64)| {
        let value = order_value.map(|value| {
            let first = terms.cash.margin * value;
            first + terms.cash.customer_lifetime_value(*annuity, 1.0, discounted, value) - terms.acquisition_cost
        });
        NewCustomer { orders, value }
    };
    purchases_ahead.into_iter().zip(annuities).map(figures).collect()
}
