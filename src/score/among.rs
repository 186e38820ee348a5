//! Scores where some customers have no order in the window: frequency and monetary scores are learned from those who have
//! one, and everyone else has score 1.
//!
//! Recency is of all customers. Where everybody has an order nothing here is of any effect. Does not live here: how an axis
//! is learned and applied (`scored`, `methods`).

use super::axis::AxisSpec;
use super::bounds::{ScoreBound, score_bounds};
use super::breaks::Breaks;
use super::learned::Learned;
use super::measures::Axis;
use super::method::LearnFrom;
use super::scored::{Scored, score_axis_weighted};
use crate::error::Result;

/// The values of an axis, one per customer.
#[derive(Debug, Clone, Copy)]
pub struct AxisColumn<'a> {
    /// The values.
    pub values: &'a [i64],
    /// The column that [`AxisSpec::weight`] names; empty where there is none.
    pub weights: &'a [i64],
    /// The rows of the customers with an order in the window, ascending; none where all of them have one.
    pub buyers: Option<&'a [u32]>,
}

impl<'a> AxisColumn<'a> {
    /// Those whom an axis is about: all customers on recency and the weighted value, else the buyers, where these alone are
    /// learned from.
    #[must_use]
    pub fn learned_from(self, axis: Axis, learn_from: LearnFrom) -> Option<&'a [u32]> {
        self.told_apart(axis).filter(|_| learn_from == LearnFrom::Buyers)
    }

    /// The buyers, on an axis where the others have score 1.
    fn told_apart(self, axis: Axis) -> Option<&'a [u32]> {
        self.buyers.filter(|_| matches!(axis, Axis::Frequency | Axis::Monetary))
    }
}

/// The values of some rows.
#[must_use]
pub fn picked<T: Copy>(values: &[T], rows: &[u32]) -> Vec<T> {
    // A column that was not asked for is empty.
    if values.is_empty() { Vec::new() } else { rows.iter().map(|row| values[*row as usize]).collect() }
}

/// `values` at `rows` among `count`, and `rest` elsewhere.
#[must_use]
pub fn spread<T: Copy>(values: &[T], rows: &[u32], count: usize, rest: T) -> Vec<T> {
    let mut spread = vec![rest; count];
    for (row, value) in rows.iter().zip(values) {
        spread[*row as usize] = *value;
    }
    spread
}

/// The score of customers without an order.
const LOWEST: i32 = 1;

/// Scores an axis as [`score_axis_weighted`], among those with an order in the window.
///
/// # Errors
/// As [`score_axis_weighted`].
pub fn score_axis_among(
    column: AxisColumn<'_>,
    spec: &AxisSpec,
    loaded: Option<&Breaks>,
    learn_from: LearnFrom,
) -> Result<Scored> {
    let AxisColumn { values, weights, .. } = column;
    let Some(buyers) = column.told_apart(spec.axis()) else {
        return score_axis_weighted(values, weights, spec, loaded);
    };
    let (scored, scores) = if learn_from == LearnFrom::Buyers {
        let scored = score_axis_weighted(&picked(values, buyers), &picked(weights, buyers), spec, loaded)?;
        let scores = spread(&scored.scores, buyers, values.len(), LOWEST);
        (scored, scores)
    } else {
        let scored = score_axis_weighted(values, weights, spec, loaded)?;
        let scores = match scored.learned {
            Learned::Breaks(_) => spread(&picked(&scored.scores, buyers), buyers, values.len(), LOWEST),
            Learned::Ntile { .. } | Learned::Nested { .. } => scored.scores.clone(),
        };
        (scored, scores)
    };
    let bounds = bounds_among(values, &scores, &scored.learned, spec.measure.needs_an_order().then_some(buyers))?;
    Ok(Scored { scores, bounds, ..scored })
}

/// The bounds of scores; `with_values` are the rows of the customers who have a value at all, where others have none.
///
/// # Errors
/// As [`score_bounds`].
pub fn bounds_among(
    values: &[i64],
    scores: &[i32],
    learned: &Learned,
    with_values: Option<&[u32]>,
) -> Result<Vec<ScoreBound>> {
    let Some(rows) = with_values else { return score_bounds(values, scores, learned) };
    let mut bounds = score_bounds(&picked(values, rows), &picked(scores, rows), learned)?;
    let everyone = score_bounds(values, scores, learned)?;
    for (bound, of_everyone) in bounds.iter_mut().zip(everyone) {
        bound.customers = of_everyone.customers;
    }
    Ok(bounds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::measures::Measure;
    use crate::score::method::Method;

    /// Customers 0 and 3 have no order; the others have 2, 4, 6 and 8 orders.
    const ORDERS: [i64; 6] = [0, 2, 4, 0, 6, 8];
    const BUYERS: [u32; 4] = [1, 2, 4, 5];

    fn column(values: &[i64]) -> AxisColumn<'_> {
        AxisColumn { values, weights: &[], buyers: Some(&BUYERS) }
    }

    #[test]
    fn frequency_is_learned_from_buyers_and_the_others_score_one() {
        let spec = AxisSpec::new(Measure::Orders, 0, Method::Quantile, 4);
        let scored = score_axis_among(column(&ORDERS), &spec, None, LearnFrom::Buyers).unwrap();
        // quartiles of 2 4 6 8: 3.5 5 6.5
        assert_eq!(scored.scores, [1, 1, 2, 1, 3, 4]);
        let breaks = scored.learned.freeze().unwrap();
        assert_eq!((breaks.thresholds.clone(), breaks.customers), (vec![3.5, 5.0, 6.5], 4));
        assert_eq!(breaks.customers_per_score, [1; 4]);
        assert_eq!((scored.bounds[0].customers, scored.bounds[0].lowest_value), (3, Some(0)));
        // of all: 0 0 2 4 6 8 gives .5 3 5.5
        let of_all = score_axis_among(column(&ORDERS), &spec, None, LearnFrom::All).unwrap();
        assert_eq!(of_all.learned.freeze().unwrap().thresholds, [0.5, 3.0, 5.5]);
        assert_eq!(of_all.scores, [1, 2, 3, 1, 4, 4]);
        // this month's customers with last month's breaks
        let frozen = score_axis_among(column(&[9, 9, 1, 9, 4, 6]), &spec, Some(breaks), LearnFrom::Buyers).unwrap();
        assert_eq!(frozen.scores, [1, 4, 1, 1, 2, 3]);
    }

    #[test]
    fn equal_groups_are_of_buyers_alone() {
        let spec = AxisSpec::new(Measure::Orders, 0, Method::Ntile, 2);
        let scored = score_axis_among(column(&ORDERS), &spec, None, LearnFrom::Buyers).unwrap();
        assert_eq!(scored.scores, [1, 1, 1, 1, 2, 2], "two and two of four, and the others apart");
        let of_all = score_axis_among(column(&ORDERS), &spec, None, LearnFrom::All).unwrap();
        assert_eq!(of_all.scores, [1, 1, 2, 1, 2, 2], "three and three of six");
    }

    #[test]
    fn recency_is_of_all_and_a_value_that_is_not_there_is_no_bound() {
        let days = AxisSpec::new(Measure::RecencyDays, 0, Method::Median, 2);
        let scored = score_axis_among(column(&[9, 1, 2, 8, 3, 4]), &days, None, LearnFrom::Buyers).unwrap();
        assert_eq!(scored.scores, [1, 2, 2, 1, 2, 1], "the median of six is 3.5");
        let average = AxisSpec::new(Measure::AverageOrderValue, 0, Method::Median, 2);
        let scored = score_axis_among(column(&[0, 20, 30, 0, 40, 50]), &average, None, LearnFrom::Buyers).unwrap();
        let bound = &scored.bounds[0];
        assert_eq!((bound.customers, bound.lowest_value, bound.highest_value), (4, Some(20), Some(30)));
    }

    #[test]
    fn where_nobody_has_an_order_everybody_scores_one() {
        let spec = AxisSpec::new(Measure::Revenue, 2, Method::Mean, 2);
        let nobody = AxisColumn { values: &[0, -5], weights: &[], buyers: Some(&[]) };
        assert_eq!(score_axis_among(nobody, &spec, None, LearnFrom::Buyers).unwrap().scores, [1, 1]);
    }
}
