//! How far ahead predictions look, and what a purchase is worth today.
//!
//! Does not live here: the models, and what they say of each customer (`predictions`).

use super::options::PredictOptions;
use crate::models::{CashFlow, Discounting, PurchaseModel};

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
    pub(super) fn discounting(&self, index: usize) -> Discounting {
        Discounting { periods: self.horizons[index], period: 1.0, rate: self.rate }
    }

    /// Per horizon the purchases of a living customer, and the same discounted.
    pub(super) fn purchases_ahead(&self, model: &dyn PurchaseModel, x: u32, t_cal: f64) -> Vec<[f64; 2]> {
        let last = self.horizons.last().copied().unwrap_or(0);
        let ends: Vec<f64> = (1..=last).map(f64::from).collect();
        let curve = model.expected_purchases_if_alive(x, t_cal, &ends);
        self.of_curve(&curve)
    }

    pub(super) fn of_curve(&self, curve: &[f64]) -> Vec<[f64; 2]> {
        let figures = |index: usize| {
            let curve = &curve[..self.horizons[index] as usize];
            [curve.last().copied().unwrap_or(0.0), self.discounting(index).present_value(curve)]
        };
        (0..self.horizons.len()).map(figures).collect()
    }

    /// The rate that compounds continuously to that per unit.
    pub(super) fn continuous_rate(&self) -> f64 {
        self.rate.ln_1p()
    }

    /// Today's value of 1 at the end of each unit, for ever.
    pub(super) fn perpetuity(&self) -> f64 {
        1.0 / self.rate
    }

    pub(super) fn annuities(&self) -> Vec<f64> {
        (0..self.horizons.len()).map(|index| self.discounting(index).annuity()).collect()
    }
}
