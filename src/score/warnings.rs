//! What a reader of the scores should know: empty bins, fewer values than bins, split ties.
//!
//! Does not live here: the sentences (`warnings`).

use super::axis::AxisSpec;
use super::bounds::ScoreBound;
use super::methods::order_statistics::{Ranked, counts_in_narrow_range};
use crate::warnings::{CommonValue, Facts, Warning};

/// The warnings for one scored axis.
pub(super) fn warnings(values: &[i64], bounds: &[ScoreBound], spec: &AxisSpec, split_customers: u64) -> Vec<Warning> {
    if values.is_empty() {
        return Vec::new();
    }
    let empty = bounds.iter().filter(|bound| bound.customers == 0).map(|bound| bound.score.cast_unsigned());
    let empty: Vec<u32> = empty.collect();
    if empty.is_empty() && split_customers == 0 {
        return Vec::new(); // so that there are at least as many distinct values as bins, too
    }
    let mut found = Vec::new();
    let (measure, score) = (|| spec.measure.column().to_owned(), || spec.axis().name().to_owned());
    let counts = counts_in_narrow_range(values);
    if let Some(distinct) = distinct_below(values, counts.as_deref(), spec.bins) {
        found.push(Facts::FewValues { measure: measure(), score: score(), distinct, bins: spec.bins });
    }
    if !empty.is_empty() {
        let common = |(value, share)| CommonValue { value: in_unit(value, spec.decimals), share };
        let most_common = most_common(values, counts.as_deref(), spec.bins).map(common);
        found.push(Facts::EmptyBins { measure: measure(), score: score(), empty, most_common });
    }
    if split_customers > 0 {
        let share = share(split_customers, values.len());
        found.push(Facts::SplitTies { measure: measure(), score: score(), customers: split_customers, share });
    }
    found.into_iter().map(Warning::from).collect()
}

/// Distinct values in ascending order with their numbers, where they are known.
type Counts<'a> = Option<&'a [(i64, usize)]>;

/// The number of distinct values, where it is below `bins`.
fn distinct_below(values: &[i64], counts: Counts<'_>, bins: u32) -> Option<u32> {
    let below_bins = |distinct: usize| u32::try_from(distinct).ok().filter(|&distinct| distinct < bins);
    if let Some(counts) = counts {
        return below_bins(counts.len());
    }
    let mut seen: Vec<i64> = Vec::with_capacity(bins as usize);
    for value in values {
        if let Err(index) = seen.binary_search(value) {
            seen.insert(index, *value);
            below_bins(seen.len())?;
        }
    }
    below_bins(seen.len())
}

/// The most common value (of several the smallest) and its share, where that share is at least one bin's.
fn most_common(values: &[i64], counts: Counts<'_>, bins: u32) -> Option<(i64, f64)> {
    let count = |candidate: i64| values.iter().map(|&value| usize::from(value == candidate)).sum::<usize>();
    let counted: Vec<(i64, usize)> = match counts {
        Some(counts) => counts.to_vec(),
        None => candidates(values, bins).into_iter().map(|candidate| (candidate, count(candidate))).collect(),
    };
    // the last of equal counts, from behind: the smallest value, whatever the order of customers
    let (value, count) = counted.into_iter().rev().max_by_key(|&(_, count)| count)?;
    (count as u64 * u64::from(bins) >= values.len() as u64).then(|| (value, share(count as u64, values.len())))
}

/// The values that can have a share of one bin, ascending: in sorted order such a value covers two neighbouring ranks
/// of those that are half a bin apart.
fn candidates(values: &[i64], bins: u32) -> Vec<i64> {
    let step = values.len() / (2 * bins as usize);
    let ranked = Ranked::at(values, (0..values.len()).step_by(step.max(1)).collect());
    let mut candidates: Vec<i64> = match step {
        0 => ranked.values().to_vec(),
        _ => ranked.values().windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect(),
    };
    candidates.dedup();
    candidates
}

#[expect(clippy::cast_precision_loss, reason = "a share for people")]
fn share(part: u64, all: usize) -> f64 {
    part as f64 / all as f64
}

/// A whole number of `10^-decimals` as decimal text without trailing zeros.
fn in_unit(value: i64, decimals: u32) -> String {
    let one = 10_u64.pow(decimals.min(18));
    let (whole, fraction) = (value.unsigned_abs() / one, value.unsigned_abs() % one);
    let sign = if value < 0 { "-" } else { "" };
    let text = format!("{sign}{whole}.{fraction:0width$}", width = decimals as usize);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::measures::Measure;
    use crate::score::method::Method;
    use crate::score::scored::score_axis;

    fn texts(values: &[i64], measure: Measure, decimals: u32, method: Method) -> Vec<String> {
        let spec = AxisSpec::new(measure, decimals, method, 5);
        score_axis(values, &spec, None).unwrap().warnings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_common_value_that_empties_bins_is_named() {
        // ten customers, six with one order; positions 1.8 3.6 5.4 7.2 give thresholds 1 1 1.4 3.2
        let values = [1, 1, 1, 1, 1, 1, 2, 3, 4, 5];
        let found = texts(&values, Measure::Orders, 0, Method::Quantile);
        assert_eq!(found, ["60.0% of customers have `orders` = 1: the frequency score has 2 empty bins (2, 3)"]);
    }

    #[test]
    fn no_warning_where_every_bin_is_filled() {
        assert!(texts(&[1, 2, 3, 4, 5, 6], Measure::Orders, 0, Method::Quantile).is_empty());
        assert!(texts(&[], Measure::Orders, 0, Method::Quantile).is_empty());
    }

    #[test]
    fn more_bins_than_values_is_a_warning_and_money_is_shown_in_its_unit() {
        let found = texts(&[1_050; 8], Measure::Revenue, 2, Method::Quantile);
        assert_eq!(found[0], "`revenue` has 1 distinct value, fewer than the 5 bins of the monetary score");
        assert!(found[1].starts_with("100.0% of customers have `revenue` = 10.5: the monetary score has 4 empty bins"));
    }

    #[test]
    fn distinct_values_are_counted_only_as_far_as_the_bins() {
        let far = 1 << 40;
        assert_eq!(distinct_below(&[0, far, 0, far], None, 3), Some(2));
        assert_eq!(distinct_below(&[0, far, 0, far, 1], None, 3), None);
        assert_eq!(distinct_below(&[], Some(&[(4, 2), (5, 1)]), 3), Some(2));
        assert_eq!(distinct_below(&[], Some(&[(4, 2), (5, 1), (6, 1)]), 3), None);
    }

    #[test]
    fn split_ties_of_ntile_are_counted() {
        // ten customers: 1 1 | 1 2 | 3 4 | 5 6 | 7 8: the three ones are split
        let found = texts(&[1, 1, 1, 2, 3, 4, 5, 6, 7, 8], Measure::Orders, 0, Method::Ntile);
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("30.0% of customers (3) share their `orders` with a customer of another frequency")
        );
    }

    #[test]
    fn the_most_common_value_is_found_with_and_without_counts() {
        let values: Vec<i64> = (100..180).chain([7; 20]).collect();
        for counts in [counts_in_narrow_range(&values), None] {
            assert_eq!(most_common(&values, counts.as_deref(), 5), Some((7, 0.2)));
        }
        let different: Vec<i64> = (0..100).collect();
        assert_eq!(most_common(&different, None, 5), None);
        assert_eq!(most_common(&[9, 3], None, 5), Some((3, 0.5)), "of equally common values the smallest");
    }

    #[test]
    fn values_as_text_are_exact() {
        assert_eq!(in_unit(-5, 2), "-0.05");
        assert_eq!(in_unit(100, 2), "1");
        assert_eq!(in_unit(100, 0), "100");
        assert_eq!(in_unit(i64::MIN, 18), "-9.223372036854775808");
    }
}
