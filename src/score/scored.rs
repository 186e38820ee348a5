//! One axis from values to scores: learn or take frozen breaks, apply them, and say what deserves a warning.
//!
//! Does not live here: how breaks are learned (`learned`).

use super::axis::AxisSpec;
use super::bounds::{ScoreBound, score_bounds};
use super::breaks::Breaks;
use super::learned::Learned;
use super::methods::ntile;
use super::warnings::warnings;
use crate::error::Result;
use crate::warnings::Warning;

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

impl Scored {
    /// An axis whose measure is not known: every customer has the score 0, which is none.
    #[must_use]
    pub fn unknown(customers: usize, spec: &AxisSpec) -> Self {
        let learned = Learned::Nested { axis: spec.axis(), bins: spec.bins };
        Self { learned, scores: vec![0; customers], bounds: Vec::new(), warnings: Vec::new() }
    }
}

/// Scores one axis: with `loaded` breaks where given, else with what is learned from `values`.
///
/// # Errors
/// A config error, where the settings are wrong or the loaded breaks do not fit them.
pub fn score_axis(values: &[i64], spec: &AxisSpec, loaded: Option<&Breaks>) -> Result<Scored> {
    score_axis_weighted(values, &[], spec, loaded)
}

/// As [`score_axis`], with the column that [`AxisSpec::weight`] names.
///
/// # Errors
/// As [`score_axis`] and [`Learned::learn_weighted`].
pub fn score_axis_weighted(
    values: &[i64],
    weights: &[i64],
    spec: &AxisSpec,
    loaded: Option<&Breaks>,
) -> Result<Scored> {
    let learned = match loaded {
        Some(breaks) => {
            breaks.check_loaded(spec)?;
            Learned::Breaks(breaks.clone())
        }
        None => Learned::learn_weighted(values, weights, spec)?,
    };
    let (scores, split_customers) = match &learned {
        Learned::Breaks(breaks) => (breaks.apply(values)?, 0),
        Learned::Ntile { axis, bins } | Learned::Nested { axis, bins } => {
            let groups = ntile::ntile_scores(values, *axis, *bins);
            (groups.scores, groups.split_customers)
        }
    };
    let mut scored = describe(values, scores, learned, spec, split_customers)?;
    if let (Learned::Breaks(breaks), None) = (&mut scored.learned, loaded) {
        breaks.customers_per_score = scored.bounds.iter().map(|bound| bound.customers).collect();
    }
    Ok(scored)
}

/// Bounds and warnings for scores.
pub(super) fn describe(
    values: &[i64],
    scores: Vec<i32>,
    learned: Learned,
    spec: &AxisSpec,
    split_customers: u64,
) -> Result<Scored> {
    let bounds = score_bounds(values, &scores, &learned)?;
    let warnings = warnings(values, &bounds, spec, split_customers);
    Ok(Scored { learned, scores, bounds, warnings })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::measures::Measure;
    use crate::score::method::Method;

    fn spec(measure: Measure, decimals: u32, method: Method, cuts: &[f64]) -> AxisSpec {
        AxisSpec { cuts: cuts.to_vec(), ..AxisSpec::new(measure, decimals, method, 5) }
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

    fn two_bins(values: &[i64], measure: Measure, method: Method) -> Vec<i32> {
        scores(values, &AxisSpec::new(measure, 0, method, 2))
    }

    #[test]
    fn better_than_mean_and_median_is_strict_on_every_axis() {
        // days 10 20 30 and orders 1 2 3: the second customer is exactly on mean and median
        for method in [Method::Mean, Method::Median] {
            assert_eq!(two_bins(&[10, 20, 30], Measure::RecencyDays, method), [2, 1, 1]);
            assert_eq!(two_bins(&[1, 2, 3], Measure::Orders, method), [1, 1, 2]);
            assert_eq!(two_bins(&[3], Measure::Orders, method), [1], "no customer is better than themselves");
            assert_eq!(two_bins(&[i64::MIN, i64::MAX], Measure::Revenue, method), [1, 2]);
        }
        // days 1 2 2: mean 5/3, only 1 is below; -1 -2 -2: mean -5/3; medians of four: 1.5 and 0
        assert_eq!(two_bins(&[1, 2, 2], Measure::RecencyDays, Method::Mean), [2, 1, 1]);
        assert_eq!(two_bins(&[-1, -2, -2], Measure::Revenue, Method::Mean), [2, 1, 1]);
        assert_eq!(two_bins(&[0, 1, 2, 3], Measure::RecencyDays, Method::Median), [2, 2, 1, 1]);
        // one outlier moves the mean (20) and not the median (3)
        assert_eq!(two_bins(&[1, 2, 3, 4, 90], Measure::Revenue, Method::Mean), [1, 1, 1, 1, 2]);
        assert_eq!(two_bins(&[1, 2, 3, 4, 90], Measure::Revenue, Method::Median), [1, 1, 1, 2, 2]);
    }

    #[test]
    fn the_best_who_hold_four_fifths_score_two() {
        // total 100: 50 + 30 = 80 is enough; of two who stand on the last value both are in
        assert_eq!(two_bins(&[5, 50, 10, 30, 5], Measure::Revenue, Method::Pareto), [1, 2, 1, 2, 1]);
        assert_eq!(two_bins(&[40, 40, 20], Measure::Revenue, Method::Pareto), [2, 2, 1]);
        assert_eq!(two_bins(&[30, 30, 40], Measure::Revenue, Method::Pareto), [2, 2, 2]);
        let recency =
            AxisSpec { weight: Some(Measure::Revenue), ..AxisSpec::new(Measure::RecencyDays, 0, Method::Pareto, 2) };
        let scored = score_axis_weighted(&[1, 9, 5, 2], &[10, 15, 25, 50], &recency, None).unwrap();
        assert_eq!(scored.scores, [2, 1, 2, 2], "10 + 50 + 25 of 100 is held by those up to 5 days");
        assert!(score_axis(&[1], &recency, None).unwrap_err().to_string().contains("0 weights for 1 customers"));
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
