//! Laws that hold for the scores of any customers.

use proptest::prelude::*;

use super::method::Method;
use super::{AxisSpec, Measure, score_axis};

fn spec(measure: Measure, method: Method, bins: u32) -> AxisSpec {
    AxisSpec::new(measure, 0, method, bins)
}

fn measures() -> impl Strategy<Value = Measure> {
    prop::sample::select(vec![Measure::RecencyDays, Measure::Orders, Measure::Revenue])
}

fn values() -> impl Strategy<Value = Vec<i64>> {
    let few = prop::collection::vec(0_i64..6, 0..80);
    let wide = prop::collection::vec(any::<i64>(), 0..80);
    let money = prop::collection::vec(-1_000_000_i64..1_000_000, 0..80);
    prop_oneof![few, wide, money]
}

/// Every method with its number of bins: as drawn, or the only one it has.
fn all_methods() -> impl Strategy<Value = (Method, Option<u32>)> {
    let any = [Method::Quantile, Method::RRfm, Method::Ntile, Method::Uniform].map(|method| (method, None));
    let two = [Method::Mean, Method::Median, Method::Pareto].map(|method| (method, Some(2)));
    prop::sample::select([&any[..], &two[..]].concat())
}

/// Those whose scores depend on the value alone.
fn methods_with_breaks() -> impl Strategy<Value = (Method, Option<u32>)> {
    all_methods().prop_filter("ntile has no breaks", |(method, _)| *method != Method::Ntile)
}

/// The definition by sorting, in exact fractions: n times the threshold is lo*n + (hi-lo)*rest.
fn quantile_scores_by_sorting(values: &[i64], bins: u32) -> Vec<i32> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let n = i128::from(bins);
    let last = values.len().saturating_sub(1);
    let threshold_times_n = |k: u32| {
        let position = k as usize * last;
        let (rank, rest) = (position / bins as usize, position % bins as usize);
        let (low, high) = (i128::from(sorted[rank]), i128::from(sorted[(rank + 1).min(last)]));
        low * n + (high - low) * i128::try_from(rest).unwrap()
    };
    let score =
        |&v: &i64| 1 + i32::try_from((1..bins).filter(|&k| threshold_times_n(k) < i128::from(v) * n).count()).unwrap();
    values.iter().map(score).collect()
}

proptest! {
    #[test]
    fn quantile_scores_are_those_of_the_sorted_definition(values in values(), bins in 2_u32..12) {
        let expected = quantile_scores_by_sorting(&values, bins);
        let frequency = score_axis(&values, &spec(Measure::Orders, Method::Quantile, bins), None).unwrap();
        prop_assert_eq!(&frequency.scores, &expected);
        let recency = score_axis(&values, &spec(Measure::RecencyDays, Method::Quantile, bins), None).unwrap();
        let turned: Vec<i32> = expected.iter().map(|score| bins.cast_signed() + 1 - score).collect();
        prop_assert_eq!(&recency.scores, &turned);
    }

    #[test]
    fn scores_lie_in_the_bins_and_follow_the_values(
        values in values(), bins in 2_u32..101, (method, own_bins) in all_methods(), measure in measures()
    ) {
        let bins = own_bins.unwrap_or(bins);
        let scores = score_axis(&values, &spec(measure, method, bins), None).unwrap().scores;
        prop_assert!(scores.iter().all(|score| (1..=bins.cast_signed()).contains(score)));
        let mut pairs: Vec<(i64, i32)> = values.into_iter().zip(scores).collect();
        pairs.sort_unstable();
        for pair in pairs.windows(2).filter(|pair| pair[0].0 < pair[1].0) {
            let follows = if measure == Measure::RecencyDays { pair[0].1 >= pair[1].1 } else { pair[0].1 <= pair[1].1 };
            prop_assert!(follows, "{:?}", pair);
        }
    }

    #[test]
    fn equal_values_share_a_score_and_the_order_of_customers_changes_nothing(
        values in values(), bins in 2_u32..12, measure in measures(), turn in 0_usize..80,
        (method, own_bins) in methods_with_breaks()
    ) {
        let spec = spec(measure, method, own_bins.unwrap_or(bins));
        let scored = score_axis(&values, &spec, None).unwrap();
        let by_value: std::collections::BTreeMap<i64, i32> = values.iter().copied().zip(scored.scores.clone()).collect();
        prop_assert!(values.iter().zip(&scored.scores).all(|(value, score)| by_value[value] == *score));
        let mut turned = values.clone();
        turned.rotate_left(turn % values.len().max(1));
        prop_assert_eq!(score_axis(&turned, &spec, None).unwrap().learned, scored.learned);
    }

    #[test]
    fn ntile_groups_differ_by_one_at_most_and_the_larger_come_first(
        values in values(), bins in 2_u32..12, measure in measures()
    ) {
        let scored = score_axis(&values, &spec(measure, Method::Ntile, bins), None).unwrap();
        let bounds = scored.bounds;
        let (size, more) = (values.len() / bins as usize, values.len() % bins as usize);
        let sizes: Vec<u64> = bounds.iter().map(|bound| bound.customers).collect();
        let expected: Vec<u64> = (0..bins as usize).map(|group| (size + usize::from(group < more)) as u64).collect();
        prop_assert_eq!(sizes, expected);
    }

    #[test]
    fn breaks_applied_to_their_own_customers_give_the_same_scores(
        values in prop::collection::vec(-1_000_i64..1_000, 1..80), bins in 2_u32..12, measure in measures(),
        (method, own_bins) in methods_with_breaks()
    ) {
        let spec = spec(measure, method, own_bins.unwrap_or(bins));
        let first = score_axis(&values, &spec, None).unwrap();
        let text = serde_json::to_string(first.learned.freeze().unwrap()).unwrap();
        let loaded = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(score_axis(&values, &spec, Some(&loaded)).unwrap().scores, first.scores);
    }

    #[test]
    fn bounds_add_up_and_lie_on_the_right_side_of_their_threshold(
        values in prop::collection::vec(-1_000_i64..1_000, 1..80), bins in 2_u32..12, measure in measures()
    ) {
        let scored = score_axis(&values, &spec(measure, Method::Quantile, bins), None).unwrap();
        let bounds = scored.bounds;
        prop_assert_eq!(bounds.iter().map(|bound| bound.customers).sum::<u64>(), values.len() as u64);
        prop_assert_eq!(bounds.iter().filter(|bound| bound.upper_threshold.is_none()).count(), 1);
        for bound in bounds {
            if let (Some(highest), Some(threshold)) = (bound.highest_value, bound.upper_threshold) {
                #[expect(clippy::cast_precision_loss, reason = "small values")]
                let highest = highest as f64;
                prop_assert!(highest <= threshold);
            }
        }
    }
}
