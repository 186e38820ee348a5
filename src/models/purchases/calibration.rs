//! Predictions compared with what happened afterwards.
//!
//! Does not live here: the split of the data into before and after.

use serde::{Deserialize, Serialize};

use crate::models::numeric::special::weight;

/// How well predictions agree with what happened, over all customers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// The sum of predictions.
    pub predicted: f64,
    /// The sum of what happened.
    pub actual: f64,
    /// The mean distance of the two per customer.
    pub mean_absolute_error: f64,
    /// Their correlation; none where either is the same for all.
    pub correlation: Option<f64>,
}

/// Compares predictions with what happened, customer by customer; none where there are no customers.
#[must_use]
pub fn agreement(predicted: &[f64], actual: &[f64]) -> Option<Agreement> {
    let customers = predicted.len().min(actual.len());
    if customers == 0 {
        return None;
    }
    let count = weight(customers as u64);
    let sum = |of: &dyn Fn(f64, f64) -> f64| predicted.iter().zip(actual).map(|(&p, &a)| of(p, a)).sum::<f64>();
    let (total_p, total_a) = (sum(&|p, _| p), sum(&|_, a| a));
    let (mean_p, mean_a) = (total_p / count, total_a / count);
    let covariance = sum(&|p, a| (p - mean_p) * (a - mean_a));
    let spread = (sum(&|p, _| (p - mean_p).powi(2)) * sum(&|_, a| (a - mean_a).powi(2))).sqrt();
    Some(Agreement {
        predicted: total_p,
        actual: total_a,
        mean_absolute_error: sum(&|p, a| (p - a).abs()) / count,
        correlation: (spread > 0.0).then(|| (covariance / spread).clamp(-1.0, 1.0)),
    })
}

/// Customers who had bought equally often, and what was predicted for them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FrequencyRow {
    /// Repeat purchases before; the last row is for that many or more.
    pub x: u32,
    /// Customers.
    pub customers: u64,
    /// Mean prediction per customer; none where there are no customers.
    pub predicted: Option<f64>,
    /// Mean of what happened; none where there are no customers.
    pub actual: Option<f64>,
}

/// Compares by the number of repeat purchases before, with the last row for `last` or more. Groups of any other kind
/// (deciles) are compared in the same way, by their number.
#[must_use]
pub fn by_frequency(x: &[u32], predicted: &[f64], actual: &[f64], last: u32) -> Vec<FrequencyRow> {
    let mut sums = vec![(0_u64, 0.0, 0.0); last as usize + 1];
    for ((&x, p), a) in x.iter().zip(predicted).zip(actual) {
        let sum = &mut sums[x.min(last) as usize];
        *sum = (sum.0 + 1, sum.1 + p, sum.2 + a);
    }
    let row = |(x, (customers, predicted, actual)): (u32, (u64, f64, f64))| {
        let mean = |sum: f64| (customers > 0).then(|| sum / weight(customers));
        FrequencyRow { x, customers, predicted: mean(predicted), actual: mean(actual) }
    };
    (0..).zip(sums).map(row).collect()
}

/// The share of `values` that the best customers by `score` hold, who are the first `top` (0 to 1) of all, rounded up.
/// Of customers with equal scores at the border any could be chosen: each counts with the same part of their value,
/// which is the average of a random choice. None if the values do not add up to more than 0.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most the number of customers")]
pub fn captured_share(score: &[f64], values: &[f64], top: f64) -> Option<f64> {
    let mut order: Vec<usize> = (0..score.len().min(values.len())).collect();
    order.sort_by(|&one, &other| score[other].total_cmp(&score[one])); // stable
    let mut left = (weight(order.len() as u64) * top.clamp(0.0, 1.0)).ceil() as usize;
    let (mut total, mut captured) = (0.0, 0.0);
    for alike in order.chunk_by(|&one, &other| score[one].total_cmp(&score[other]).is_eq()) {
        let value: f64 = alike.iter().map(|&i| values[i]).sum();
        let chosen = alike.len().min(left);
        total += value;
        captured += value * weight(chosen as u64) / weight(alike.len() as u64);
        left -= chosen;
    }
    (total > 0.0).then(|| captured / total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_customers_worked_by_hand() {
        let (predicted, actual) = ([0.0, 1.0, 2.0, 3.0], [0.0, 2.0, 1.0, 5.0]);
        let found = agreement(&predicted, &actual).unwrap();
        assert_eq!((found.predicted, found.actual, found.mean_absolute_error), (6.0, 8.0, 1.0));
        // covariance 7, spreads 5 and 14
        assert!((found.correlation.unwrap() - 7.0 / 70.0_f64.sqrt()).abs() < 1e-12);
        let rows = by_frequency(&[0, 1, 9, 1], &predicted, &actual, 2);
        assert_eq!(rows[1], FrequencyRow { x: 1, customers: 2, predicted: Some(2.0), actual: Some(3.5) });
        assert_eq!(rows[2].customers, 1);
        assert_eq!(captured_share(&predicted, &actual, 0.3), Some(0.75));
        // one of four; the three best are equal and hold 7 of 8: a third of that
        let found = captured_share(&[0.0, 1.0, 1.0, 1.0], &[1.0, 2.0, 0.0, 5.0], 0.25).unwrap();
        assert!((found - 7.0 / 24.0).abs() < 1e-15);
    }

    #[test]
    fn nothing_to_compare_gives_none() {
        assert_eq!(agreement(&[], &[]), None);
        assert_eq!(agreement(&[1.0, 1.0], &[0.0, 3.0]).unwrap().correlation, None);
        assert_eq!(captured_share(&[1.0], &[0.0], 0.5), None);
        assert_eq!(by_frequency(&[], &[], &[], 0)[0].predicted, None);
    }
}
