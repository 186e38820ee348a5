//! One number for three scores, or for several measures: the mean, a weighted sum, a weighted standardised value.
//!
//! The cell and the sum of the scores live in `cells`. A weighted value is the sum of weight times standardised measure;
//! it comes as whole numbers of 10^-9, so that it can be ranked, cut into scores and checked for ties like any measure.

pub(crate) mod rfmt;
pub(crate) mod standardise;
pub(crate) mod weighted_value;

use super::composites::standardise::Standard;
use super::measures::VALUE_DECIMALS;
use crate::error::{Error, Result};

/// The weights of recency, frequency and monetary score that IBM's RFM nodes start with: the sum orders customers by R,
/// then F, then M as long as there are at most ten bins.
pub const LEXICAL_WEIGHTS: [f64; 3] = [100.0, 10.0, 1.0];
/// Weights may miss the sum 1 by so much.
const SUM_TOLERANCE: f64 = 1e-6;
/// 10^-9 in one, see [`VALUE_DECIMALS`].
const UNITS: f64 = 1e9;
const _: () = assert!(VALUE_DECIMALS == 9);

/// (r + f + m) / 3 per customer.
///
/// # Errors
/// A bug, where the slices differ in length.
pub fn score_means(r: &[i32], f: &[i32], m: &[i32]) -> Result<Vec<f64>> {
    Ok(crate::score::score_sums(r, f, m)?.into_iter().map(|sum| f64::from(sum) / 3.0).collect())
}

/// The weighted sum of the scores per customer; any weights but negative ones, and not all zero.
///
/// # Errors
/// A config error for such weights; a bug, where the slices differ in length.
pub fn weighted_scores(scores: [&[i32]; 3], weights: [f64; 3]) -> Result<Vec<f64>> {
    let problems = weight_problems(&weights);
    if !problems.is_empty() {
        return Err(Error::config("the weights of the scores are not usable").causes(problems));
    }
    let [r, f, m] = scores;
    if r.len() != f.len() || f.len() != m.len() {
        return Err(Error::bug(format!("columns of {:?} scores reached the weights", scores.map(<[i32]>::len))));
    }
    let [r_weight, f_weight, m_weight] = weights;
    let sum = |((r, f), m): ((&i32, &i32), &i32)| {
        f64::from(*r) * r_weight + f64::from(*f) * f_weight + f64::from(*m) * m_weight
    };
    Ok(r.iter().zip(f).zip(m).map(sum).collect())
}

/// What is wrong with weights that only order customers.
#[must_use]
pub fn weight_problems(weights: &[f64]) -> Vec<String> {
    let wrong = weights.iter().filter(|weight| !(weight.is_finite() && **weight >= 0.0));
    let mut problems: Vec<String> =
        wrong.map(|weight| format!("the weight {weight} is no number of zero or more")).collect();
    if problems.is_empty() && weights.iter().all(|weight| *weight <= 0.0) {
        problems.push("all weights are zero, so that every customer has the same value".to_owned());
    }
    problems
}

/// What is wrong with weights of standardised measures, whose sum must be 1.
#[must_use]
pub fn share_problems(weights: &[f64]) -> Vec<String> {
    let mut problems = weight_problems(weights);
    let sum: f64 = weights.iter().sum();
    if problems.is_empty() && (sum - 1.0).abs() > SUM_TOLERANCE {
        let scaled: Vec<String> = weights.iter().map(|weight| format!("{:.4}", weight / sum)).collect();
        problems.push(format!("the weights sum to {sum}, expected 1: in the same proportion {}", scaled.join(", ")));
    }
    problems
}

/// The weighted value of every customer, in whole numbers of 10^-9: the sum of weight times standardised measure.
///
/// # Errors
/// A config error, where the weights do not sum to 1; a bug, where columns and weights do not belong together.
pub fn weighted_values(measures: &[&[i64]], standards: &[Standard], weights: &[f64]) -> Result<Vec<i64>> {
    weighted_values_among(measures, standards, weights, None)
}

/// As [`weighted_values`], where `buyers` are the rows of the customers with an order in the window
/// ([`Standard::apply_among`]).
///
/// # Errors
/// As [`weighted_values`].
fn weighted_values_among(
    measures: &[&[i64]],
    standards: &[Standard],
    weights: &[f64],
    buyers: Option<&[u32]>,
) -> Result<Vec<i64>> {
    let problems = share_problems(weights);
    if !problems.is_empty() {
        return Err(Error::config("the weights of the value are not usable").causes(problems));
    }
    let customers = measures.first().map_or(0, |column| column.len());
    if measures.len() != weights.len()
        || standards.len() != weights.len()
        || measures.iter().any(|column| column.len() != customers)
    {
        return Err(Error::bug(format!("{} measures and {} weights reached the value", measures.len(), weights.len())));
    }
    let mut sums = vec![0.0; customers];
    for ((column, standard), weight) in measures.iter().zip(standards).zip(weights) {
        for (sum, value) in sums.iter_mut().zip(standard.apply_among(column, buyers)) {
            *sum += weight * value;
        }
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "standardised values are far below 2^63 / 10^9, and casts saturate"
    )]
    let whole = |sum: f64| (sum * UNITS).round() as i64;
    Ok(sums.into_iter().map(whole).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::composites::standardise::Standardise;

    #[test]
    fn lexical_weights_read_as_the_cell() {
        let found = weighted_scores([&[5, 1], &[4, 5], &[5, 5]], LEXICAL_WEIGHTS).unwrap();
        assert_eq!(found, [545.0, 155.0]);
        assert_eq!(score_means(&[5, 1], &[4, 1], &[3, 2]).unwrap(), [4.0, 4.0 / 3.0]);
    }

    #[test]
    fn weights_that_do_not_sum_to_one_are_refused_with_those_that_do() {
        let text = share_problems(&[2.0, 1.0, 1.0]).join("; ");
        assert_eq!(text, "the weights sum to 4, expected 1: in the same proportion 0.5000, 0.2500, 0.2500");
        assert!(share_problems(&[0.2, 0.3, 0.5]).is_empty() && share_problems(&[0.1; 10]).is_empty());
        assert_eq!(weight_problems(&[-1.0, f64::NAN]).len(), 2);
        assert!(
            weighted_scores([&[1], &[1], &[1]], [0.0; 3]).unwrap_err().to_string().contains("all weights are zero")
        );
        assert!(weighted_values(&[&[1]], &[], &[1.0]).is_err());
    }

    #[test]
    fn a_weighted_value_worked_by_hand() {
        // days 0 10 20 turned: 1 .5 0; revenue 0 100 50: 0 1 .5; half of each
        let (days, revenue): (&[i64], &[i64]) = (&[0, 10, 20], &[0, 100, 50]);
        let standards = [
            Standard::learn(days, Standardise::MinMax, true).unwrap(),
            Standard::learn(revenue, Standardise::MinMax, false).unwrap(),
        ];
        let found = weighted_values(&[days, revenue], &standards, &[0.5, 0.5]).unwrap();
        assert_eq!(found, [500_000_000, 750_000_000, 250_000_000]);
        assert!(weighted_values(&[], &[], &[]).is_err(), "no weights are none that sum to 1");
    }
}
