//! Measures on one scale: min-max, z-score and rank, turned so that larger is better.
//!
//! Clipped min-max: as min-max between the 1st and the 99th percentile (type 7), and what lies beyond them is 0 or 1, so
//! that one customer far out does not press all others together. Min-max: (v - min) / (max - min), 0 to 1. Z-score: (v - mean) / sd with N - 1, as `scale` in R. Rank: the share of the
//! other customers with a smaller value, equal values counting half, 0 to 1. For recency each is reversed. Where all
//! values are equal, every customer is at 0 (rank: at a half). All but the rank are two numbers, learned and applied.

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::score::among::{picked, spread};
use crate::score::methods::quantile::type_7;

/// How a measure is put on a common scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Standardise {
    /// From 0 (the 1st percentile and worse) to 1 (the 99th percentile and better).
    #[default]
    ClippedMinMax,
    /// From 0 (worst) to 1 (best).
    MinMax,
    /// In standard deviations from the mean.
    ZScore,
    /// The share of the other customers who are worse; it depends on the customers at hand and cannot be loaded.
    Rank,
}

/// A learned scale of one measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standard {
    /// How.
    pub standardise: Standardise,
    /// Whether a smaller value is better.
    pub fewer_is_better: bool,
    /// The smallest value (the largest one where fewer is better), the percentile in its place, or the mean, in the values'
    /// own unit.
    pub origin: f64,
    /// The range or the standard deviation; 0 where all values (of a clipped range: nearly all) are equal.
    pub spread: f64,
}

impl Standard {
    /// Learns the scale of a measure.
    ///
    /// # Errors
    /// An overflow of the sum of squares.
    pub fn learn(values: &[i64], standardise: Standardise, fewer_is_better: bool) -> Result<Self> {
        let (origin, spread) = match standardise {
            Standardise::Rank => (0.0, 1.0),
            Standardise::ClippedMinMax => percentiles(values, fewer_is_better),
            Standardise::MinMax => range(values, fewer_is_better),
            Standardise::ZScore => moments(values)?,
        };
        Ok(Self { standardise, fewer_is_better, origin, spread })
    }

    /// The standardised values, larger is better.
    #[must_use]
    pub fn apply(&self, values: &[i64]) -> Vec<f64> {
        if self.standardise == Standardise::Rank {
            return ranks(values, self.fewer_is_better);
        }
        values.iter().map(|value| self.of_real(as_f64((*value).into()))).collect()
    }

    /// A value between others on the scale; it must not be one of ranks.
    #[must_use]
    pub fn of_real(&self, value: f64) -> f64 {
        let factor = if self.spread > 0.0 { self.spread.recip() } else { 0.0 };
        let factor = if self.fewer_is_better { -factor } else { factor };
        let standardised = (value - self.origin) * factor;
        if self.standardise == Standardise::ClippedMinMax { self.clipped(value, standardised) } else { standardised }
    }

    /// As [`Self::apply`], where `buyers` are the rows of the customers with an order in the window: the ranks of frequency
    /// and monetary measures are among them, and the others come last, at 0.
    #[must_use]
    pub fn apply_among(&self, values: &[i64], buyers: Option<&[u32]>) -> Vec<f64> {
        match buyers.filter(|_| self.standardise == Standardise::Rank && !self.fewer_is_better) {
            Some(buyers) => spread(&self.apply(&picked(values, buyers)), buyers, values.len(), 0.0),
            None => self.apply(values),
        }
    }

    /// A standardised value between 0 and 1. Where the range is a single value, it parts those beyond it from the others.
    fn clipped(&self, value: f64, standardised: f64) -> f64 {
        let is_beyond = if self.fewer_is_better { value < self.origin } else { value > self.origin };
        if self.spread > 0.0 { standardised.clamp(0.0, 1.0) } else { f64::from(u8::from(is_beyond)) }
    }
}

/// The percentiles between which a clipped scale runs are the first and the last of so many parts.
const PERCENTS: u32 = 100;

fn percentiles(values: &[i64], fewer_is_better: bool) -> (f64, f64) {
    let percentiles = type_7(values, PERCENTS);
    let (Some(low), Some(high)) = (percentiles.first(), percentiles.last()) else { return (0.0, 0.0) };
    let (low, high) = (low.in_unit(0), high.in_unit(0));
    (if fewer_is_better { high } else { low }, high - low)
}

fn range(values: &[i64], fewer_is_better: bool) -> (f64, f64) {
    let (Some(&min), Some(&max)) = (values.iter().min(), values.iter().max()) else { return (0.0, 0.0) };
    let worst = if fewer_is_better { max } else { min };
    (as_f64(worst.into()), as_f64(i128::from(max) - i128::from(min)))
}

/// Mean and standard deviation from exact sums around a whole number near the mean, so that they do not depend on the
/// order of customers.
fn moments(values: &[i64]) -> Result<(f64, f64)> {
    let n = values.len() as i128;
    if n == 0 {
        return Ok((0.0, 0.0));
    }
    let near = values.iter().map(|&value| i128::from(value)).sum::<i128>().div_euclid(n);
    let (mut sum, mut squares) = (0_i128, 0_i128);
    for &value in values {
        let distance = i128::from(value) - near;
        let square = distance.checked_mul(distance);
        squares = square.and_then(|square| squares.checked_add(square)).ok_or_else(|| {
            Error::compute("the squares of a measure overflow")
                .hint("standardise by `min-max` or `rank` instead of `z-score`")
        })?;
        sum += distance;
    }
    let (n, sum) = (as_f64(n), as_f64(sum));
    let variance = (as_f64(squares) - sum * sum / n) / (n - 1.0).max(1.0);
    Ok((as_f64(near) + sum / n, variance.max(0.0).sqrt()))
}

/// (smaller + (equal - 1) / 2) / (N - 1) of every customer.
fn ranks(values: &[i64], fewer_is_better: bool) -> Vec<f64> {
    let (Some(&min), Some(&max)) = (values.iter().min(), values.iter().max()) else { return Vec::new() };
    // The table of a narrow range takes two looks per value; beyond it, a sort.
    let most = (WIDEST_TABLE).min((4 * values.len() as u64).max(NARROW_SPAN));
    let span = max.abs_diff(min);
    if span < most {
        ranks_by_table(values, min, span, fewer_is_better)
    } else {
        ranks_by_sort(values, fewer_is_better)
    }
}

/// A range of at most this many values is always counted, and one of more than the second limit never: the table would
/// not pay off.
const NARROW_SPAN: u64 = 1 << 16;
const WIDEST_TABLE: u64 = 1 << 26;

/// The rank of the values that `smaller` customers are below and `not_larger` are not above.
fn rank(smaller: usize, not_larger: usize, customers: usize, fewer_is_better: bool) -> f64 {
    let others = as_f64(customers as i128 - 1);
    let rank = if others > 0.0 { as_f64((smaller + not_larger) as i128 - 1) / (2.0 * others) } else { 0.5 };
    if fewer_is_better { 1.0 - rank } else { rank }
}

fn ranks_by_table(values: &[i64], min: i64, span: u64, fewer_is_better: bool) -> Vec<f64> {
    #[expect(clippy::cast_possible_truncation, reason = "at most the span of the table")]
    let slot = |value: i64| value.abs_diff(min) as usize;
    #[expect(clippy::cast_possible_truncation, reason = "at most the widest table")]
    let mut table = vec![0_u32; span as usize + 1];
    for &value in values {
        table[slot(value)] += 1;
    }
    let mut smaller = 0;
    let rank_of = |&count: &u32| {
        let before = smaller;
        smaller += count as usize;
        rank(before, smaller, values.len(), fewer_is_better)
    };
    let ranks: Vec<f64> = table.iter().map(rank_of).collect();
    values.par_iter().map(|&value| ranks[slot(value)]).collect()
}

fn ranks_by_sort(values: &[i64], fewer_is_better: bool) -> Vec<f64> {
    let (Some(&min), Some(&max)) = (values.iter().min(), values.iter().max()) else { return Vec::new() };
    if u32::try_from(max.abs_diff(min)).is_ok() && u32::try_from(values.len()).is_ok() {
        // Value and index in one number: half the memory traffic of a pair.
        let packed = values.iter().zip(0_u64..).map(|(value, index)| value.abs_diff(min) << 32 | index);
        let mut sorted: Vec<u64> = packed.collect();
        sorted.par_sort_unstable();
        #[expect(clippy::cast_possible_truncation, reason = "the lower half is an index")]
        return ranks_of_sorted(&sorted, |key| key >> 32, |key| key as u32 as usize, fewer_is_better);
    }
    let mut sorted: Vec<(i64, usize)> = values.iter().copied().zip(0..).collect();
    sorted.par_sort_unstable();
    ranks_of_sorted(&sorted, |key| key.0, |key| key.1, fewer_is_better)
}

/// The rank of each index, from sorted keys.
fn ranks_of_sorted<K: Copy, V: PartialEq>(
    sorted: &[K],
    value: impl Fn(K) -> V,
    index: impl Fn(K) -> usize,
    fewer_is_better: bool,
) -> Vec<f64> {
    let mut ranks = vec![0.0; sorted.len()];
    let mut smaller = 0;
    for equal in sorted.chunk_by(|a, b| value(*a) == value(*b)) {
        let not_larger = smaller + equal.len();
        let own = rank(smaller, not_larger, sorted.len(), fewer_is_better);
        for &key in equal {
            ranks[index(key)] = own;
        }
        smaller = not_larger;
    }
    ranks
}

#[expect(clippy::cast_precision_loss, reason = "standardised values are doubles")]
fn as_f64(value: i128) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standardised(values: &[i64], standardise: Standardise, fewer_is_better: bool) -> Vec<f64> {
        Standard::learn(values, standardise, fewer_is_better).unwrap().apply(values)
    }

    fn close(found: &[f64], expected: &[f64]) {
        let near = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12);
        assert!(near && found.len() == expected.len(), "{found:?} {expected:?}");
    }

    #[test]
    fn each_scale_worked_by_hand_and_turned_for_recency() {
        close(&standardised(&[10, 20, 50], Standardise::MinMax, false), &[0.0, 0.25, 1.0]);
        close(&standardised(&[10, 20, 50], Standardise::MinMax, true), &[1.0, 0.75, 0.0]);
        // R: scale(c(1, 2, 3, 4)) = -1.1618950 -0.3872983 0.3872983 1.1618950
        let expected =
            [-1.161_895_003_862_225, -0.387_298_334_620_741_7, 0.387_298_334_620_741_7, 1.161_895_003_862_225];
        close(&standardised(&[1, 2, 3, 4], Standardise::ZScore, false), &expected);
        close(&standardised(&[4, 3, 2, 1], Standardise::ZScore, true), &expected);
        // 5 5 among 1 5 5 9: one smaller, one equal: 1.5 of 3
        close(&standardised(&[5, 1, 9, 5], Standardise::Rank, false), &[0.5, 0.0, 1.0, 0.5]);
        close(&standardised(&[5, 1, 9, 5], Standardise::Rank, true), &[0.5, 1.0, 0.0, 0.5]);
    }

    #[test]
    fn a_clipped_scale_runs_between_the_first_and_the_last_percentile() {
        // numpy.quantile(numpy.arange(101), [.01, .99]) = [1, 99]: 0 and 1 are at 0, 50 at 49/98, 99 and 100 at 1
        let values: Vec<i64> = (0..=100).collect();
        let found = standardised(&values, Standardise::ClippedMinMax, false);
        close(&[found[0], found[1], found[50], found[99], found[100]], &[0.0, 0.0, 0.5, 1.0, 1.0]);
        let days = standardised(&values, Standardise::ClippedMinMax, true);
        close(&[days[0], days[1], days[50], days[99], days[100]], &[1.0, 1.0, 0.5, 0.0, 0.0]);
        // numpy.quantile([0, 10], [.01, .99]) = [.1, 9.9]
        close(&standardised(&[0, 10], Standardise::ClippedMinMax, false), &[0.0, 1.0]);
        // one customer far out: of 1 (99 times) and a million the percentiles are 1 and 1 + .01 * 999,999 = 10,000.99
        let mut far = vec![1; 99];
        far.extend([1_000_000]);
        let found = standardised(&far, Standardise::ClippedMinMax, false);
        close(&[found[0], found[99]], &[0.0, 1.0]);
        // of 1,000 equal ones and one beyond them both percentiles are equal: the one beyond is still told
        let mut far = vec![1; 1_000];
        far.extend([5]);
        close(&standardised(&far, Standardise::ClippedMinMax, false)[999..], &[0.0, 1.0]);
    }

    #[test]
    fn ranks_are_among_buyers_and_the_others_come_last() {
        let rank = Standard::learn(&[5, 9, 7], Standardise::Rank, false).unwrap();
        close(&rank.apply_among(&[0, 5, 9, 0, 7], Some(&[1, 2, 4])), &[0.0, 0.0, 1.0, 0.0, 0.5]);
        let days = Standard::learn(&[5, 9, 7], Standardise::Rank, true).unwrap();
        close(&days.apply_among(&[9, 5, 7], Some(&[1])), &[0.0, 1.0, 0.5]);
    }

    #[test]
    fn ranks_by_table_and_by_sort_are_those_of_the_definition() {
        let values: Vec<i64> = (0..500_i64).map(|i| (i * i) % 97 - 40).collect();
        let by_definition = |value: &i64| {
            let smaller = values.iter().filter(|other| *other < value).count();
            let equal = values.iter().filter(|other| *other == value).count();
            (as_f64(smaller as i128) + as_f64(equal as i128 - 1) / 2.0) / as_f64(values.len() as i128 - 1)
        };
        let expected: Vec<f64> = values.iter().map(by_definition).collect();
        close(&ranks(&values, false), &expected);
        close(&ranks_by_sort(&values, false), &expected);
        // the same order far apart is sorted and not counted, in one number or in two
        let wide: Vec<i64> = values.iter().map(|value| value << 20).collect();
        close(&ranks(&wide, false), &expected);
        let far: Vec<i64> = values.iter().map(|value| value << 40).collect();
        close(&ranks(&far, false), &expected);
        close(&ranks(&far, true), &expected.iter().map(|rank| 1.0 - rank).collect::<Vec<f64>>());
    }

    #[test]
    fn equal_values_single_customers_and_extremes_have_values_too() {
        for standardise in [Standardise::MinMax, Standardise::ZScore, Standardise::ClippedMinMax] {
            close(&standardised(&[7; 3], standardise, true), &[0.0; 3]);
            close(&standardised(&[7], standardise, false), &[0.0]);
            assert!(standardised(&[], standardise, false).is_empty());
        }
        close(&standardised(&[7], Standardise::Rank, true), &[0.5]);
        close(&standardised(&[i64::MIN, i64::MAX], Standardise::MinMax, false), &[0.0, 1.0]);
        let far: Vec<i64> = (0..4).map(|i| i64::MAX - i).collect();
        assert!(Standard::learn(&far, Standardise::ZScore, false).is_ok());
        let text = Standard::learn(&[i64::MIN, i64::MAX, i64::MIN, i64::MAX], Standardise::ZScore, false);
        assert!(text.unwrap_err().to_string().contains("standardise by `min-max` or `rank`"));
    }

    #[test]
    fn a_scale_can_be_written_and_loaded() {
        let learned = Standard::learn(&[1, 9], Standardise::ZScore, true).unwrap();
        let text = serde_json::to_string(&learned).unwrap();
        assert!(text.starts_with(r#"{"standardise":"z-score""#), "{text}");
        assert_eq!(serde_json::from_str::<Standard>(&text).unwrap(), learned);
    }
}
