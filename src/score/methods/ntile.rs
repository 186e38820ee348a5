//! Exactly equal groups, as SQL's NTILE: sorted by value (recency descending), then by customer id.
//!
//! Reproducible, but equal values can be split: the number of customers this concerns is counted. Instead of a sort,
//! the value at the start of each group is selected, every customer is placed on or between these values, and one
//! pass hands out the scores in the order of the customers.

use super::order_statistics::Ranked;
use crate::score::apply::count_below;
use crate::score::measures::Axis;

/// The scores by equal groups, and how many customers are on a split value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NtileScores {
    /// 1 to bins per customer.
    pub scores: Vec<i32>,
    /// Customers that share their value with a customer of another score.
    pub split_customers: u64,
}

/// Cuts `values` (in ascending order of customer id) into `bins` groups; the first N mod bins groups get one more.
#[must_use]
pub fn ntile_scores(values: &[i64], axis: Axis, bins: u32) -> NtileScores {
    let borders = borders(values, axis, bins);
    let mut scores = slots(values, axis, &borders);
    let mut customers = vec![0_usize; 2 * borders.len() + 1];
    for &slot in &scores {
        customers[slot.cast_unsigned() as usize] += 1;
    }
    let (mut runs, split_customers) = runs(borders, &customers);
    for slot in &mut scores {
        *slot = runs[slot.cast_unsigned() as usize].hand_out();
    }
    NtileScores { scores, split_customers }
}

/// A value at which at least one group starts.
struct Border {
    value: i64,
    /// Positions, in sorted order, at which a group starts on this value.
    starts: Vec<usize>,
}

/// The distinct starting values, worst first. Groups beyond the number of customers start nowhere and stay empty.
fn borders(values: &[i64], axis: Axis, bins: u32) -> Vec<Border> {
    let (customers, bins) = (values.len(), bins as usize);
    let (size, one_more) = (customers / bins, customers % bins);
    let starts: Vec<usize> = (1..bins).map(|j| j * size + j.min(one_more)).filter(|&start| start < customers).collect();
    let rank = |start: usize| if axis.fewer_is_better() { customers - 1 - start } else { start };
    let ranked = Ranked::at(values, starts.iter().map(|&start| rank(start)).collect());
    let mut borders: Vec<Border> = Vec::with_capacity(starts.len());
    for start in starts {
        let value = ranked.value(rank(start));
        match borders.last_mut().filter(|border| border.value == value) {
            Some(border) => border.starts.push(start),
            None => borders.push(Border { value, starts: vec![start] }),
        }
    }
    borders
}

/// The slot of each value among the borders, worst first: 2i + 1 on border i, 2i before it, 2 * borders after the last.
fn slots(values: &[i64], axis: Axis, borders: &[Border]) -> Vec<i32> {
    let mut ascending: Vec<i64> = borders.iter().map(|border| border.value).collect();
    ascending.sort_unstable();
    // a value passes `border - 1` when it reaches the border and `border` when it is beyond; all reach the smallest integer
    let reached_by_all = i32::from(ascending.first() == Some(&i64::MIN));
    let cuts: Vec<i64> = ascending.iter().flat_map(|&v| v.checked_sub(1).into_iter().chain([v])).collect();
    let last = i32::try_from(2 * borders.len()).unwrap_or(i32::MAX);
    if axis.fewer_is_better() {
        count_below(&cuts, values, last - reached_by_all, -1)
    } else {
        count_below(&cuts, values, reached_by_all, 1)
    }
}

/// The scores that the customers of one slot get, in their order.
struct Run {
    score: i32,
    /// Customers that still get this score.
    left: usize,
    /// How many customers get each score after this one, last first.
    later: Vec<usize>,
}

impl Run {
    fn hand_out(&mut self) -> i32 {
        while self.left == 0 {
            self.score += 1;
            self.left = self.later.pop().unwrap_or(usize::MAX);
        }
        self.left -= 1;
        self.score
    }
}

/// One run per slot, and the number of customers on split values. `customers` are those of each slot.
fn runs(borders: Vec<Border>, customers: &[usize]) -> (Vec<Run>, u64) {
    let (mut score, mut before, mut split_customers) = (1, 0, 0);
    let mut runs = Vec::with_capacity(customers.len());
    let plain = |score| Run { score, left: usize::MAX, later: Vec::new() };
    for (border, counts) in borders.into_iter().zip(customers.chunks_exact(2)) {
        runs.push(plain(score));
        let less = before + counts[0];
        before = less + counts[1];
        if border.starts.last().is_some_and(|&start| start > less) {
            split_customers += counts[1] as u64;
        }
        let ends = border.starts.iter().copied().chain([before]);
        let mut lengths: Vec<usize> = ends.scan(less, |from, end| Some(end - std::mem::replace(from, end))).collect();
        lengths.reverse();
        let left = lengths.pop().unwrap_or(0);
        runs.push(Run { score, left, later: lengths });
        score += i32::try_from(border.starts.len()).unwrap_or(0);
    }
    runs.push(plain(score));
    (runs, split_customers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition itself: sort, then cut.
    fn by_sorting(values: &[i64], axis: Axis, bins: usize) -> Vec<i32> {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|&a, &b| {
            let by_value = values[a].cmp(&values[b]);
            (if axis.fewer_is_better() { by_value.reverse() } else { by_value }).then(a.cmp(&b))
        });
        let (size, more) = (values.len() / bins, values.len() % bins);
        let mut scores = vec![0; values.len()];
        let mut position = order.into_iter();
        for group in 0..bins {
            for customer in position.by_ref().take(size + usize::from(group < more)) {
                scores[customer] = i32::try_from(group).unwrap() + 1;
            }
        }
        scores
    }

    #[test]
    fn seven_customers_in_three_groups_worked_by_hand() {
        // 7 = 3 + 2 + 2; sorted by (orders, id): 1a 1c 1d | 1f 2b | 2g 3e -> the ones at a, c, d, f are split, as are the twos
        let found = ntile_scores(&[1, 2, 1, 1, 3, 1, 2], Axis::Frequency, 3);
        assert_eq!(found.scores, [1, 2, 1, 1, 3, 2, 3]);
        assert_eq!(found.split_customers, 4 + 2);
        // days descending, then id: 9c 5a 5d | 5f 2b | 2g 0e
        let found = ntile_scores(&[5, 2, 9, 5, 0, 5, 2], Axis::Recency, 3);
        assert_eq!(found.scores, [1, 2, 1, 1, 3, 2, 3]);
    }

    #[test]
    fn fewer_customers_than_bins_fill_the_first_groups_as_sql_does() {
        // select ntile(5) over (order by v) from (values (10), (20), (30)) is 1, 2, 3
        assert_eq!(ntile_scores(&[20, 10, 30], Axis::Monetary, 5).scores, [2, 1, 3]);
        assert_eq!(ntile_scores(&[7], Axis::Recency, 5).scores, [1]);
        assert!(ntile_scores(&[], Axis::Recency, 5).scores.is_empty());
    }

    #[test]
    fn equal_values_are_cut_by_customer_id_and_all_counted_as_split() {
        let found = ntile_scores(&[4; 6], Axis::Frequency, 3);
        assert_eq!(found.scores, [1, 1, 2, 2, 3, 3]);
        assert_eq!(found.split_customers, 6);
    }

    #[test]
    fn a_group_that_starts_with_its_value_splits_nothing() {
        assert_eq!(ntile_scores(&[1, 1, 2, 2], Axis::Frequency, 2).split_customers, 0);
    }

    proptest! {
        #[test]
        fn groups_are_those_of_a_sort(values in prop::collection::vec(-4_i64..5, 0..60), bins in 2_u32..9, up in any::<bool>()) {
            let axis = if up { Axis::Frequency } else { Axis::Recency };
            let found = ntile_scores(&values, axis, bins);
            let expected = by_sorting(&values, axis, bins as usize);
            let is_split = |(v, s): (&i64, &i32)| values.iter().zip(&expected).any(|(w, t)| v == w && s != t);
            let split = values.iter().zip(&expected).filter(|pair| is_split(*pair)).count();
            prop_assert_eq!(found.split_customers, split as u64);
            prop_assert_eq!(found.scores, expected);
        }

        #[test]
        fn extremes_are_ordered_too(values in prop::collection::vec(any::<i64>(), 0..40), bins in 2_u32..9) {
            let values: Vec<i64> = values.into_iter().chain([i64::MIN, i64::MAX, i64::MIN]).collect();
            prop_assert_eq!(ntile_scores(&values, Axis::Recency, bins).scores, by_sorting(&values, Axis::Recency, bins as usize));
        }
    }
}
