//! One axis from values to scores: learn or take loaded breaks, apply, and say what deserves a warning.

use super::axis::{Axis, AxisSpec};
use super::bounds::{ScoreBound, score_bounds};
use super::breaks::{Breaks, ntile_has_no_breaks};
use super::options::Method;
use super::rational::Rational;
use super::warnings::{Warning, warnings};
use super::{fixed, ntile, quantile, r_rfm};
use crate::error::Result;

/// What an axis' method keeps of the customers it has seen.
#[derive(Debug, Clone, PartialEq)]
pub enum Learned {
    /// Cut values, which can be written and loaded back.
    Breaks(Breaks),
    /// Equal groups of whatever customers are there: nothing is kept.
    Ntile {
        /// The axis, which tells the order.
        axis: Axis,
        /// Number of groups.
        bins: u32,
    },
}

impl Learned {
    /// Learns from the values of all customers. Without customers only `fixed` has cuts.
    ///
    /// # Errors
    /// A config error, where the settings of the axis are wrong (see [`AxisSpec::problems`]).
    pub fn learn(values: &[i64], spec: &AxisSpec) -> Result<Self> {
        spec.check()?;
        let in_unit = |t: &[Rational]| -> Vec<f64> { t.iter().map(|t| t.in_unit(spec.decimals)).collect() };
        let (thresholds, cuts) = match spec.method {
            Method::Ntile => return Ok(Self::Ntile { axis: spec.axis(), bins: spec.bins }),
            Method::Fixed => (spec.cuts.clone(), fixed::cuts(spec)?),
            Method::Quantile => {
                let exact = quantile::type_7(values, spec.bins);
                (in_unit(&exact), exact.iter().map(|t| t.cut_below_values()).collect())
            }
            Method::RRfm => {
                let exact = r_rfm::thresholds(values, spec.bins, spec.decimals);
                (in_unit(&exact), exact.iter().map(|t| t.cut_up_to_values()).collect())
            }
        };
        Ok(Self::Breaks(Breaks {
            axis: spec.axis(),
            measure: spec.measure,
            method: spec.method,
            bins: spec.bins,
            decimals: spec.decimals,
            customers: values.len() as u64,
            thresholds,
            cuts,
        }))
    }

    /// The breaks, where the method has any.
    #[must_use]
    pub const fn breaks(&self) -> Option<&Breaks> {
        match self {
            Self::Breaks(breaks) => Some(breaks),
            Self::Ntile { .. } => None,
        }
    }

    /// The breaks, for a use that cannot do without.
    ///
    /// # Errors
    /// A config error, where the method is `ntile`.
    pub fn freeze(&self) -> Result<&Breaks> {
        match self {
            Self::Breaks(breaks) => Ok(breaks),
            Self::Ntile { axis, .. } => Err(ntile_has_no_breaks(*axis)),
        }
    }
}

/// The scores of one axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// What was applied: learned here, or loaded.
    pub learned: Learned,
    /// 1 to bins per customer, in the order of the values.
    pub scores: Vec<i32>,
    /// What each score means in the axis' own values, from 1 to bins.
    pub bounds: Vec<ScoreBound>,
    /// What a reader of the scores should know.
    pub warnings: Vec<Warning>,
}

/// Scores one axis: with `loaded` breaks where given, else with what is learned from `values`.
///
/// # Errors
/// A config error, where the settings are wrong or the loaded breaks do not fit them.
pub fn score_axis(values: &[i64], spec: &AxisSpec, loaded: Option<&Breaks>) -> Result<Scored> {
    let learned = match loaded {
        Some(breaks) => {
            breaks.check_loaded(spec)?;
            Learned::Breaks(breaks.clone())
        }
        None => Learned::learn(values, spec)?,
    };
    let (scores, split_customers) = match &learned {
        Learned::Breaks(breaks) => (breaks.apply(values)?, 0),
        Learned::Ntile { axis, bins } => {
            let groups = ntile::ntile_scores(values, *axis, *bins);
            (groups.scores, groups.split_customers)
        }
    };
    let bounds = score_bounds(values, &scores, &learned)?;
    let warnings = warnings(values, &bounds, spec, split_customers);
    Ok(Scored { learned, scores, bounds, warnings })
}

#[cfg(test)]
mod tests {
    use super::super::axis::Measure;
    use super::*;

    fn spec(measure: Measure, decimals: u32, method: Method, cuts: &[f64]) -> AxisSpec {
        AxisSpec { measure, decimals, method, bins: 5, cuts: cuts.to_vec() }
    }

    fn scores(values: &[i64], spec: &AxisSpec) -> Vec<i32> {
        score_axis(values, spec, None).unwrap().scores
    }

    #[test]
    fn quantile_scores_of_ten_customers() {
        // thresholds 2.8 4.6 6.4 8.2: 1 2 | 3 4 | 5 6 | 7 8 | 9 10
        let values: Vec<i64> = (1..=10).collect();
        let frequency = spec(Measure::Orders, 0, Method::Quantile, &[]);
        assert_eq!(scores(&values, &frequency), [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
        let recency = spec(Measure::RecencyDays, 0, Method::Quantile, &[]);
        assert_eq!(scores(&values, &recency), [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]);
    }

    #[test]
    fn a_value_on_a_quantile_is_below_it() {
        // six values: thresholds are exactly 20 30 40 50; strictly below
        let values = [10, 20, 30, 40, 50, 60];
        let frequency = spec(Measure::Orders, 0, Method::Quantile, &[]);
        assert_eq!(scores(&values, &frequency), [1, 1, 2, 3, 4, 5]);
        let recency = spec(Measure::RecencyDays, 0, Method::Quantile, &[]);
        assert_eq!(scores(&values, &recency), [5, 5, 4, 3, 2, 1]);
    }

    #[test]
    fn r_rfm_scores_are_closed_on_the_left_and_one_higher() {
        // thresholds 20 30 40 50 plus one: 21 31 41 51; 1 + the number that is not above the value
        let frequency = spec(Measure::Transactions, 0, Method::RRfm, &[]);
        assert_eq!(scores(&[10, 20, 30, 40, 50, 60], &frequency), [1, 1, 2, 3, 4, 5]);
        // sixfold 20 and one each 21, 22: thresholds 20 20 20 20.6 (position 5.6 = 20 + .6) plus one: 21 21 21 21.6
        assert_eq!(scores(&[20, 20, 20, 20, 20, 20, 21, 22], &frequency), [1, 1, 1, 1, 1, 1, 4, 5]);
        // the same in cents, where one is 100: thresholds 1.20 1.20 1.20 1.206, all above every value
        let money = spec(Measure::Revenue, 2, Method::RRfm, &[]);
        assert_eq!(scores(&[20, 20, 20, 20, 20, 20, 21, 22], &money), [1; 8]);
    }

    #[test]
    fn fixed_cuts_of_the_user() {
        let recency = spec(Measure::RecencyDays, 0, Method::Fixed, &[7.0, 30.0, 90.0, 180.0]);
        assert_eq!(scores(&[0, 7, 8, 30, 31, 90, 91, 180, 181], &recency), [5, 5, 4, 4, 3, 3, 2, 2, 1]);
        let money = spec(Measure::Revenue, 2, Method::Fixed, &[19.99, 50.0, 100.0, 200.5]);
        assert_eq!(scores(&[1_999, 2_000, 20_050, 20_051], &money), [1, 2, 4, 5]);
    }

    #[test]
    fn loaded_breaks_score_as_they_did_when_they_were_learned() {
        let recency = spec(Measure::RecencyDays, 0, Method::Quantile, &[]);
        let first = score_axis(&[10, 20, 30, 40, 50, 60], &recency, None).unwrap();
        let later = score_axis(&[1, 30, 31, 1_000], &recency, Some(first.learned.freeze().unwrap())).unwrap();
        assert_eq!(later.scores, [5, 4, 3, 1]);
        assert_eq!(later.learned, first.learned);
    }

    #[test]
    fn ntile_cannot_be_frozen() {
        let ntile = spec(Measure::Orders, 0, Method::Ntile, &[]);
        let scored = score_axis(&[1, 2, 3, 4, 5], &ntile, None).unwrap();
        assert_eq!(scored.scores, [1, 2, 3, 4, 5]);
        assert!(scored.learned.breaks().is_none());
        let error = scored.learned.freeze().unwrap_err();
        assert_eq!(error.kind(), crate::error::Kind::Config);
        assert!(error.to_string().contains("`score.frequency.method = \"ntile\"` has no breaks"));
    }

    #[test]
    fn degenerate_numbers_of_customers() {
        for method in [Method::Quantile, Method::Ntile, Method::RRfm] {
            let orders = spec(Measure::Orders, 0, method, &[]);
            assert!(scores(&[], &orders).is_empty());
            assert_eq!(scores(&[3], &orders), [1]);
        }
        let orders = spec(Measure::Orders, 0, Method::Quantile, &[]);
        assert_eq!(scores(&[3; 7], &orders), [1; 7], "all equal: no threshold is below");
        // N = 2: thresholds 14.4 35.8 57.2 78.6 separate the two by four
        assert_eq!(scores(&[-7, 100], &orders), [1, 5]);
        let recency = spec(Measure::RecencyDays, 0, Method::Quantile, &[]);
        assert_eq!(scores(&[3; 7], &recency), [5; 7]);
        assert_eq!(scores(&[i64::MIN, 0, i64::MAX], &recency), [5, 3, 1]);
    }
}
