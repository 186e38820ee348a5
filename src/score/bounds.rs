//! What each score means in the axis' own values: the table `score_bounds`.

use super::learned::Learned;
use super::measures::Axis;
use crate::error::{Error, Result};

/// One score of one axis.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreBound {
    /// 1 to bins.
    pub score: i32,
    /// The smallest value with this score, in the values' own unit; none where no customer has it.
    pub lowest_value: Option<i64>,
    /// The largest value with this score; none where no customer has it.
    pub highest_value: Option<i64>,
    /// Customers with this score.
    pub customers: u64,
    /// The threshold that bounds the values of this score from above, in the column's unit (days, counts, major units
    /// of money). None for the score with the largest values, which is open, and for `ntile`, which has none.
    pub upper_threshold: Option<f64>,
}

/// All scores of an axis from 1 to bins, those without customers too.
///
/// # Errors
/// A bug, where values and scores differ in length or a score is out of range.
pub fn score_bounds(values: &[i64], scores: &[i32], learned: &Learned) -> Result<Vec<ScoreBound>> {
    let (axis, bins, thresholds): (Axis, u32, &[f64]) = match learned {
        Learned::Breaks(breaks) => (breaks.axis, breaks.bins, &breaks.thresholds),
        Learned::Ntile { axis, bins } | Learned::Nested { axis, bins } => (*axis, *bins, &[]),
    };
    let ranges = ranges(values, scores, bins)?;
    let bound = |(score, range): (i32, Range)| ScoreBound {
        score,
        lowest_value: (range.customers > 0).then_some(range.lowest),
        highest_value: (range.customers > 0).then_some(range.highest),
        customers: range.customers,
        upper_threshold: threshold_above(axis, bins, score).and_then(|i| thresholds.get(i).copied()),
    };
    Ok((1..).zip(ranges).map(bound).collect())
}

/// The index of the threshold above a score: scores of recency run against the values.
fn threshold_above(axis: Axis, bins: u32, score: i32) -> Option<usize> {
    let from_the_lowest_values = if axis.fewer_is_better() { bins.cast_signed() - score } else { score - 1 };
    usize::try_from(from_the_lowest_values).ok()
}

/// The bounds over several groups of customers, each of which has those of the same axis: the widest range of values, and a
/// threshold where all groups have the same. Empty without groups.
#[must_use]
pub fn merged_bounds(groups: &[&[ScoreBound]]) -> Vec<ScoreBound> {
    let Some((first, others)) = groups.split_first() else { return Vec::new() };
    let mut merged = first.to_vec();
    for (bound, own) in others.iter().flat_map(|group| (0..).zip(*group)) {
        let all: &mut ScoreBound = &mut merged[bound];
        all.lowest_value = all.lowest_value.into_iter().chain(own.lowest_value).min();
        all.highest_value = all.highest_value.max(own.highest_value);
        all.customers += own.customers;
        all.upper_threshold = all.upper_threshold.filter(|threshold| own.upper_threshold == Some(*threshold));
    }
    merged
}

#[derive(Clone, Copy)]
struct Range {
    lowest: i64,
    highest: i64,
    customers: u64,
}

fn ranges(values: &[i64], scores: &[i32], bins: u32) -> Result<Vec<Range>> {
    if values.len() != scores.len() {
        return Err(Error::bug(format!("{} values and {} scores", values.len(), scores.len())));
    }
    let mut ranges = vec![Range { lowest: i64::MAX, highest: i64::MIN, customers: 0 }; bins as usize];
    for (&value, &score) in values.iter().zip(scores) {
        let slot = score.wrapping_sub(1).cast_unsigned() as usize;
        let Some(range) = ranges.get_mut(slot) else {
            return Err(Error::bug(format!("a score of {score} where {bins} bins were asked for")));
        };
        range.lowest = range.lowest.min(value);
        range.highest = range.highest.max(value);
        range.customers += 1;
    }
    Ok(ranges)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::axis::AxisSpec;
    use crate::score::measures::Measure;
    use crate::score::method::Method;
    use crate::score::scored::score_axis;

    fn bounds(values: &[i64], measure: Measure, method: Method) -> Vec<ScoreBound> {
        let spec = AxisSpec::new(measure, 0, method, 5);
        score_axis(values, &spec, None).unwrap().bounds
    }

    fn row(score: i32, lowest: i64, highest: i64, customers: u64, upper: Option<f64>) -> ScoreBound {
        ScoreBound {
            score,
            lowest_value: Some(lowest),
            highest_value: Some(highest),
            customers,
            upper_threshold: upper,
        }
    }

    #[test]
    fn bounds_of_groups_span_them_and_keep_a_threshold_that_all_have() {
        let empty = ScoreBound { lowest_value: None, highest_value: None, customers: 0, ..row(1, 0, 0, 0, Some(2.5)) };
        let one = [row(1, 1, 2, 2, Some(2.5)), row(2, 3, 9, 4, None)];
        let other = [empty, row(2, -5, 4, 1, None)];
        let third = [row(1, 0, 3, 3, Some(3.5)), row(2, 5, 5, 1, None)];
        let both = merged_bounds(&[&one, &other]);
        assert_eq!(both, [row(1, 1, 2, 2, Some(2.5)), row(2, -5, 9, 5, None)]);
        assert_eq!(merged_bounds(&[&other, &one]), both);
        let all = merged_bounds(&[&one, &other, &third]);
        assert_eq!(all, [row(1, 0, 3, 5, None), row(2, -5, 9, 6, None)]);
        assert_eq!((merged_bounds(&[&one]), merged_bounds(&[])), (one.to_vec(), Vec::new()));
    }

    #[test]
    fn bounds_of_ten_days_and_ten_orders() {
        // thresholds 2.8 4.6 6.4 8.2
        let values: Vec<i64> = (1..=10).collect();
        let orders = bounds(&values, Measure::Orders, Method::Quantile);
        assert_eq!(orders[0], row(1, 1, 2, 2, Some(2.8)));
        assert_eq!(orders[3], row(4, 7, 8, 2, Some(8.2)));
        assert_eq!(orders[4], row(5, 9, 10, 2, None));
        let days = bounds(&values, Measure::RecencyDays, Method::Quantile);
        assert_eq!(days[4], row(5, 1, 2, 2, Some(2.8)));
        assert_eq!(days[0], row(1, 9, 10, 2, None));
    }

    #[test]
    fn empty_bins_are_rows_too() {
        // 1 1 1 1 2: thresholds 1 1 1 1.2 (position 3.2): ones score 1, the two scores 5
        let rows = bounds(&[1, 1, 1, 1, 2], Measure::Orders, Method::Quantile);
        assert_eq!(rows[0].customers, 4);
        for row in &rows[1..4] {
            assert_eq!((row.customers, row.lowest_value, row.highest_value), (0, None, None));
            assert!(row.upper_threshold.is_some());
        }
        assert_eq!(rows[4], row(5, 2, 2, 1, None));
    }

    #[test]
    fn ntile_has_values_and_no_thresholds_and_no_customers_are_five_empty_rows() {
        let rows = bounds(&[1, 2, 3, 4, 5], Measure::Orders, Method::Ntile);
        assert_eq!(rows[2], row(3, 3, 3, 1, None));
        let rows = bounds(&[], Measure::Orders, Method::Quantile);
        assert_eq!(rows.iter().map(|row| row.customers).collect::<Vec<_>>(), [0; 5]);
    }

    #[test]
    fn scores_out_of_range_are_a_bug() {
        let learned = Learned::Ntile { axis: Axis::Frequency, bins: 5 };
        for score in [0, 6, i32::MIN] {
            assert_eq!(score_bounds(&[1], &[score], &learned).unwrap_err().kind(), crate::error::Kind::Bug);
        }
        assert!(score_bounds(&[1, 2], &[1], &learned).is_err());
    }
}
