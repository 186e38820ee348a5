//! The present value of future purchases, and the plain formula over given yearly profits.
//!
//! CLV over H periods at discount d per period: the sum over i of
//! `margin * E[M] * (E[Y(i)] - E[Y(i-1)]) / (1+d)^i`, less the contact cost of each period, discounted in the same way.
//! Does not live here: the models, and who the customers are.

use serde::{Deserialize, Serialize};

use crate::models::purchases::purchase_model::PurchaseModel;

/// Periods ahead, and the discount of each.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Discounting {
    /// Number of periods (H).
    pub periods: u32,
    /// Length of a period in the model's time unit.
    pub period: f64,
    /// Discount rate per period (d); 0.01 is one percent.
    pub rate: f64,
}

impl Discounting {
    /// The ends of the periods, in the model's time unit.
    #[must_use]
    pub fn horizons(&self) -> Vec<f64> {
        (1..=self.periods).map(|i| f64::from(i) * self.period).collect()
    }

    /// Today's value of amounts of which `cumulative` arrived by the end of each period.
    #[must_use]
    pub fn present_value(&self, cumulative: &[f64]) -> f64 {
        let before = std::iter::once(0.0).chain(cumulative.iter().copied());
        let arrived = cumulative.iter().zip(before).map(|(now, before)| now - before);
        discounted(arrived, self.rate)
    }

    /// Today's value of 1 at the end of each period.
    #[must_use]
    pub fn annuity(&self) -> f64 {
        discounted((0..self.periods).map(|_| 1.0), self.rate)
    }

    /// The discounted purchases of a customer with `x` repeats who is alive at `t_cal`. They are the costly part of a
    /// CLV and depend on (x, T) alone.
    #[must_use]
    pub fn purchases_if_alive(&self, model: &dyn PurchaseModel, x: u32, t_cal: f64) -> f64 {
        self.present_value(&model.expected_purchases_if_alive(x, t_cal, &self.horizons()))
    }
}

/// The sum of `amounts` at the ends of periods 1, 2, ..
fn discounted(amounts: impl Iterator<Item = f64>, rate: f64) -> f64 {
    let mut factor = 1.0;
    let mut sum = 0.0;
    for amount in amounts {
        factor /= 1.0 + rate;
        sum += amount * factor;
    }
    sum
}

/// The profit on a purchase, and the cost of keeping a customer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CashFlow {
    /// Share of an order's value that is profit.
    pub margin: f64,
    /// Cost of contacting a customer in each period.
    pub contact_cost: f64,
}

impl CashFlow {
    /// CLV of a customer who is alive with probability `p_alive`, given their discounted purchases if alive, and the
    /// value expected of an order. `annuity` is [`Discounting::annuity`], the same for all.
    #[must_use]
    pub fn customer_lifetime_value(
        &self,
        annuity: f64,
        p_alive: f64,
        purchases_if_alive: f64,
        expected_order_value: f64,
    ) -> f64 {
        self.margin * expected_order_value * p_alive * purchases_if_alive - self.contact_cost * annuity
    }
}

/// LTV of given yearly profits: the sum of `profits[t] retention^(t-1) / (1 + rate)^t` over the years t = 1, 2, ..,
/// less what acquiring the customer cost. `retention` is the share of customers who stay from one year to the next, 1
/// if the profits already account for it.
#[must_use]
pub fn lifetime_value_of_profits(profits: &[f64], rate: f64, retention: f64, acquisition_cost: f64) -> f64 {
    let staying = profits.iter().scan(1.0, |share, profit| {
        let kept = profit * *share;
        *share *= retention;
        Some(kept)
    });
    discounted(staying, rate) - acquisition_cost
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profits_of_three_years_worked_by_hand() {
        // 100/1.1 + 100/1.21 + 100/1.331 = 90.909 + 82.645 + 75.131
        assert!((lifetime_value_of_profits(&[100.0; 3], 0.1, 1.0, 0.0) - 248.685_199).abs() < 1e-6);
        // 100/1.1 + 50/1.21 - 30
        assert!((lifetime_value_of_profits(&[100.0; 2], 0.1, 0.5, 30.0) - 102.231_405).abs() < 1e-6);
        assert!((lifetime_value_of_profits(&[], 0.1, 0.5, 30.0) + 30.0).abs() < 1e-12);
    }

    #[test]
    fn a_lifetime_value_worked_by_hand() {
        let discounting = Discounting { periods: 2, period: 4.345, rate: 0.25 };
        assert_eq!(discounting.horizons(), [4.345, 8.69]);
        // 1/1.25 + (1.5 - 1)/1.5625 = 0.8 + 0.32
        assert!((discounting.present_value(&[1.0, 1.5]) - 1.12).abs() < 1e-15);
        // 0.2 * 50 * 0.5 * 1.12 - 1 * (0.8 + 0.64)
        let value =
            CashFlow { margin: 0.2, contact_cost: 1.0 }.customer_lifetime_value(discounting.annuity(), 0.5, 1.12, 50.0);
        assert!((value - 4.16).abs() < 1e-12);
    }
}
