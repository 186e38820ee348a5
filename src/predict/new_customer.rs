//! What is expected of a customer who has just come.
//!
//! Does not live here: those who are known (`predictions`).

use super::learn::FittedModels;
use super::terms::Terms;
use crate::models::{History, Spending};

/// What is expected of a customer who has just come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NewCustomer {
    /// Repeat purchases within the horizon.
    pub orders: f64,
    /// The profit on the first order and on these, today, less contacts and acquisition; none without order values.
    pub value: Option<f64>,
}

pub(super) fn new_customer_forever(learned: &FittedModels, terms: &Terms) -> Option<NewCustomer> {
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

pub(super) fn new_customer(learned: &FittedModels, terms: &Terms, annuities: &[f64]) -> Vec<NewCustomer> {
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
