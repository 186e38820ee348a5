//! Where a customer's value falls on an axis: the values of the score, and the thresholds around it.
//!
//! Does not live here: the value itself (`subject`), what would raise it (`next_change`), and how it is shown (`text`).

use serde::Serialize;

use super::subject::Subject;
use crate::error::Result;
use crate::score::{Breaks, Measure};
use crate::scoring::{AxisBounds, BasisOf, Scoring};

/// Where a value falls on one axis.
#[derive(Debug, Serialize)]
pub(crate) struct AxisExplained {
    pub(crate) axis: &'static str,
    pub(crate) measure: Measure,
    /// None where the customer has no order, and so no average and no largest one.
    pub(crate) value: Option<f64>,
    pub(crate) score: i32,
    pub(crate) bins: usize,
    /// The values of this score, both ends included; an open end is none. With ntile, the values that
    /// customers of this score have.
    pub(crate) lowest_value: Option<f64>,
    pub(crate) highest_value: Option<f64>,
    /// The thresholds around the value; none where the range is open or the method has none.
    pub(crate) lower_threshold: Option<f64>,
    pub(crate) upper_threshold: Option<f64>,
    pub(crate) has_thresholds: bool,
}

/// The axes of a scoring that are scored.
///
/// # Errors
/// As [`Subject::value`].
pub(crate) fn axes(subject: &Subject<'_>, scoring: &Scoring) -> Result<Vec<AxisExplained>> {
    let basis = scoring.basis_of(subject.row);
    let axis = |axis: usize| -> Result<AxisExplained> {
        let bounds = &basis.bounds[axis];
        let found = explained(basis, bounds, subject.value(bounds.measure)?, scoring.scores[axis][subject.row]);
        let lacks_value = bounds.measure.needs_an_order() && subject.customer.orders[0] == 0;
        Ok(AxisExplained { value: found.value.filter(|_| !lacks_value), ..found })
    };
    (0..scoring.bounds.len()).filter(|place| !scoring.bounds[*place].bounds.is_empty()).map(axis).collect()
}

/// The weighted value of a scoring and its score, where it was made.
pub(crate) fn weighted_value(scoring: &Scoring, row: usize) -> Option<AxisExplained> {
    let (made, basis) = (scoring.value.as_ref()?, scoring.basis_of(row));
    Some(explained(basis, basis.value_bounds?, made.values[row], made.scores[row]))
}

/// The breaks of an axis; none with ntile and in nested scores.
pub(crate) fn breaks_of<'a>(basis: BasisOf<'a>, bounds: &AxisBounds) -> Option<&'a Breaks> {
    basis.learned.breaks.iter().find(|breaks| breaks.measure == bounds.measure)
}

/// A value in the unit of its column.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn in_unit(value: i64, decimals: u32) -> f64 {
    value as f64 / 10_f64.powf(f64::from(decimals))
}

fn explained(basis: BasisOf<'_>, bounds: &AxisBounds, value: i64, score: i32) -> AxisExplained {
    let breaks = breaks_of(basis, bounds);
    let number = |value: i64| in_unit(value, bounds.decimals);
    let (range, thresholds) = if let Some(breaks) = breaks {
        let below = breaks.cuts.partition_point(|cut| *cut < value);
        let lower = below.checked_sub(1);
        let range = (lower.and_then(|lower| breaks.cuts[lower].checked_add(1)), breaks.cuts.get(below).copied());
        (range, (lower.map(|lower| breaks.thresholds[lower]), breaks.thresholds.get(below).copied()))
    } else {
        let own = bounds.bounds.iter().find(|bound| bound.score == score);
        ((own.and_then(|own| own.lowest_value), own.and_then(|own| own.highest_value)), (None, None))
    };
    AxisExplained {
        axis: bounds.measure.axis().name(),
        measure: bounds.measure,
        value: Some(number(value)),
        score,
        bins: bounds.bounds.len(),
        lowest_value: range.0.map(number),
        highest_value: range.1.map(number),
        lower_threshold: thresholds.0,
        upper_threshold: thresholds.1,
        has_thresholds: breaks.is_some(),
    }
}
