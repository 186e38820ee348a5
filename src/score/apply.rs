//! Values and cuts to scores, in one pass without branches.

use super::breaks::Breaks;
use crate::error::{Error, Result};

/// Where the cuts span at most this many values, the score is read from a table.
const TABLE_SPAN: u64 = 1 << 16;
/// Up to this many cuts, comparing with each is quicker than searching.
const FEW_CUTS: usize = 8;

impl Breaks {
    /// The score of every value, 1 to `bins`; equal values always share one.
    ///
    /// # Errors
    /// A bug, where the breaks have no cuts though there are values: loaded breaks must be checked first.
    pub fn apply(&self, values: &[i64]) -> Result<Vec<i32>> {
        if values.is_empty() {
            return Ok(Vec::new());
        }
        if self.cuts.len() + 1 != self.bins as usize {
            return Err(Error::bug(format!("{} cuts for {} bins reached the scores", self.cuts.len(), self.bins)));
        }
        let (start, step) = if self.axis.fewer_is_better() { (self.bins.cast_signed(), -1) } else { (1, 1) };
        Ok(count_below(&self.cuts, values, start, step))
    }
}

/// `start + step * #{cut < value}` for each value; the cuts ascend.
pub(super) fn count_below(cuts: &[i64], values: &[i64], start: i32, step: i32) -> Vec<i32> {
    let (Some(&first), Some(&last)) = (cuts.first(), cuts.last()) else { return vec![start; values.len()] };
    if last.abs_diff(first) < TABLE_SPAN {
        return by_table(cuts, values, first, last.saturating_add(1), start, step);
    }
    if cuts.len() <= FEW_CUTS {
        let below = |value: i64| cuts.iter().map(|&cut| i32::from(cut < value)).sum::<i32>();
        return values.iter().map(|&value| start + step * below(value)).collect();
    }
    let scores = score_by_count(cuts.len(), start, step);
    values.iter().map(|&value| scores[cuts.partition_point(|&cut| cut < value)]).collect()
}

/// Values outside the cuts score as the first cut or as the value after the last one.
fn by_table(cuts: &[i64], values: &[i64], first: i64, after_last: i64, start: i32, step: i32) -> Vec<i32> {
    let scores = score_by_count(cuts.len(), start, step);
    let score = |value: i64| scores[cuts.partition_point(|&cut| cut < value)];
    let table: Vec<i32> = (first..=after_last).map(score).collect();
    #[expect(clippy::cast_possible_truncation, reason = "at most the span of the table")]
    let slot = |value: i64| value.clamp(first, after_last).abs_diff(first) as usize;
    values.iter().map(|&value| table[slot(value)]).collect()
}

fn score_by_count(cuts: usize, start: i32, step: i32) -> Vec<i32> {
    std::iter::successors(Some(start), |score| Some(score + step)).take(cuts + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slow(cuts: &[i64], values: &[i64], start: i32, step: i32) -> Vec<i32> {
        values
            .iter()
            .map(|v| cuts.iter().fold(start, |score, cut| if cut < v { score + step } else { score }))
            .collect()
    }

    #[test]
    fn every_path_counts_the_cuts_strictly_below() {
        let values = [i64::MIN, -1, 0, 9, 10, 11, 29, 30, 31, 99_999, 100_000, 100_001, i64::MAX];
        let many: Vec<i64> = (0..99).map(|i| i * 10_000).collect();
        let lists: [&[i64]; 8] = [
            &[10, 20, 30, 30],
            &[10, 10, 10, 10],
            &[10, 100_000],
            &[i64::MIN, i64::MAX],
            &[i64::MAX],
            &[i64::MIN],
            &many,
            &[-5],
        ];
        for cuts in lists {
            assert_eq!(count_below(cuts, &values, 1, 1), slow(cuts, &values, 1, 1), "{cuts:?}");
            assert_eq!(count_below(cuts, &values, 100, -1), slow(cuts, &values, 100, -1), "{cuts:?}");
        }
    }
}
