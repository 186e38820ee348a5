//! The revenue order: one sort for everything that needs it.
//!
//! Lives here: rank, cumulative share, ABC class, groups and concentration, on plain numbers.
//! Does not live here: the tables made of them.

use std::ops::Range;

use rayon::prelude::*;

use super::descending::Descending;

/// Customers by revenue descending, then in the order of the table (customer id ascending).
///
/// Revenues below zero come last, and what is held before them is the total or more: a share of the total is passed once.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// Revenue of the customers, minor units, highest first.
    pub revenue: Vec<i64>,
    /// Per row of the customers table its rank in this order, from 1.
    pub rank: Vec<u32>,
    /// Per rank the revenue of all customers up to there, minor units.
    held: Vec<i64>,
    /// Per row the class: 0 is A, 1 is B, 2 is C.
    pub abc: Vec<u8>,
    /// The last ranks of A and B; 0 where there are no classes.
    class_ends: [u32; 2],
    /// Total revenue, minor units.
    pub total: i64,
    /// The ranks of those who never bought, ascending by id, where they count.
    pub prospect_ranks: Vec<u32>,
}

/// Where a customer stands in the revenue order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// From 1.
    pub rank: u32,
    /// 0 is A, 1 is B, 2 is C.
    pub abc: u8,
    /// The share of total revenue of all customers up to this one.
    pub cumulative_share: f64,
}

impl Ranking {
    /// Ranks customers. `limits` are the shares of revenue at which class A and class B end.
    ///
    /// The sum of absolute revenues must fit 64 bits, as the fold proves.
    #[must_use]
    pub fn new(revenue: &[i64], limits: [f64; 2]) -> Self {
        let Descending { values: revenue, rank } = Descending::of(revenue);
        let held = running_sums(&revenue);
        let total = held.last().copied().unwrap_or_default();
        let ends = limits.map(|limit| if total > 0 { class_end(&held, total, limit) } else { 0 });
        let class = |rank: &u32| if total > 0 { u8::from(*rank > ends[0]) + u8::from(*rank > ends[1]) } else { 2 };
        let abc = rank.par_iter().map(class).collect();
        Self { revenue, rank, held, abc, class_ends: ends, total, prospect_ranks: Vec::new() }
    }

    /// The same ranking with those who never bought among the customers without revenue, by id as these are. `before` has for
    /// each of them, ascending by id, the rows of customers with a smaller id.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "ranks are 32 bits wide")]
    pub fn with_prospects(mut self, before: &[u32]) -> Self {
        let above = self.revenue.partition_point(|revenue| *revenue > 0);
        let end = self.revenue.partition_point(|revenue| *revenue >= 0);
        let held = end.checked_sub(1).map_or(0, |last| self.held[last]);
        self.revenue.splice(end..end, before.iter().map(|_| 0));
        self.held.splice(end..end, before.iter().map(|_| held));
        let (mut others, mut prospects) = (above as u32, 0);
        for (row, rank) in (0..).zip(&mut self.rank) {
            if *rank as usize > end {
                *rank += before.len() as u32;
            } else if *rank as usize > above {
                while before.get(prospects).is_some_and(|before| *before <= row) {
                    prospects += 1;
                    self.prospect_ranks.push(others + prospects as u32);
                }
                others += 1;
                *rank = others + prospects as u32;
            }
        }
        let rest = prospects as u32 + 1..=before.len() as u32;
        self.prospect_ranks.extend(rest.map(|prospect| others + prospect));
        self
    }

    /// The share of total revenue of all customers up to the one of this rank; none where the total is not above zero.
    #[must_use]
    pub fn cumulative_share_at(&self, rank: u32) -> Option<f64> {
        (self.total > 0).then(|| share(self.held[rank as usize - 1], self.total))
    }

    /// Per row of `rows` the share of total revenue of all customers up to this one; none where the total is not above
    /// zero.
    #[must_use]
    pub fn cumulative_shares(&self, rows: Range<usize>) -> Option<Vec<f64>> {
        let share = |rank: &u32| share(self.held[*rank as usize - 1], self.total);
        (self.total > 0).then(|| self.rank[rows].iter().map(share).collect())
    }

    /// The revenues of group `group` (from 0) of `groups` equal groups: as SQL's NTILE, the first ones get one more.
    #[must_use]
    pub fn group(&self, group: usize, groups: usize) -> &[i64] {
        part_of(&self.revenue, group, groups)
    }

    /// The share of revenue held by the best `percent` percent of customers (rounded up to whole customers).
    #[must_use]
    pub fn revenue_share_of_top(&self, percent: usize) -> Option<f64> {
        let count = (self.revenue.len() * percent).div_ceil(100);
        let held = count.checked_sub(1).map_or(0, |last| self.held[last]);
        (self.total > 0).then(|| share(held, self.total))
    }

    /// The least number of best customers who together hold `percent` percent of revenue.
    #[must_use]
    pub fn customers_for(&self, percent: i64) -> Option<usize> {
        if self.total <= 0 {
            return None;
        }
        let enough = i128::from(self.total) * i128::from(percent);
        Some(self.held.partition_point(|held| i128::from(*held) * 100 < enough) + 1)
    }

    /// The largest cumulative share of the total, above 1 where revenues are below zero; none where the total is not above
    /// zero.
    #[must_use]
    pub fn largest_share(&self) -> Option<f64> {
        // Revenues descend, so that what is held rises up to the last one above zero.
        let above = self.revenue.partition_point(|revenue| *revenue > 0);
        let held = above.checked_sub(1).map_or(0, |last| self.held[last]);
        (self.total > 0).then(|| share(held, self.total))
    }

    /// Customers whose revenue is below zero.
    #[must_use]
    pub fn customers_below_zero(&self) -> u64 {
        (self.revenue.len() - self.revenue.partition_point(|revenue| *revenue >= 0)) as u64
    }

    /// Customers who share their revenue with a customer of another class.
    #[must_use]
    pub fn customers_split_by_classes(&self) -> u64 {
        let is_split =
            |end: &usize| *end > 0 && self.revenue.get(*end).is_some_and(|next| *next == self.revenue[end - 1]);
        let split = self.class_ends.iter().map(|end| *end as usize).filter(is_split);
        let mut values: Vec<i64> = split.map(|end| self.revenue[end]).collect();
        values.dedup();
        let with = |value: &i64| {
            let before = self.revenue.partition_point(|revenue| revenue > value);
            self.revenue.partition_point(|revenue| revenue >= value) - before
        };
        values.iter().map(with).sum::<usize>() as u64
    }

    /// The rank, the class and the cumulative share that the customer of `row` would have with another revenue, while all
    /// others keep theirs. None where the total would not be above zero.
    #[must_use]
    pub fn with_revenue(&self, row: usize, revenue: i64, limits: [f64; 2]) -> Option<Place> {
        let own_rank = self.rank[row] as usize;
        let own = self.revenue[own_rank - 1];
        let total = self.total.saturating_sub(own).saturating_add(revenue);
        let above = self.revenue.partition_point(|other| *other > revenue);
        let equal = self.revenue.partition_point(|other| *other >= revenue) - above;
        // Equal ones are ranked in the order of the table.
        let is_before = |(other, rank): (usize, &u32)| {
            let rank = *rank as usize;
            other < row && rank > above && rank <= above + equal
        };
        let ties =
            if equal > 0 { self.rank.iter().take(row).enumerate().filter(|pair| is_before(*pair)).count() } else { 0 };
        let was_before = usize::from(own_rank <= above);
        let before = above - was_before + ties;
        let held_above = above.checked_sub(1).map_or(0, |last| self.held[last]);
        let own_before = if was_before > 0 { own } else { 0 };
        let held = held_above - own_before + i64::try_from(ties).unwrap_or(0) * revenue;
        (total > 0).then(|| {
            let class = limits.iter().filter(|limit| **limit <= 0.0 || share(held, total) >= **limit).count();
            Place {
                rank: u32::try_from(before + 1).unwrap_or(u32::MAX),
                abc: u8::try_from(class).unwrap_or(2),
                cumulative_share: share(held + revenue, total),
            }
        })
    }

    /// The Gini coefficient of revenue: 0 where all have the same, near 1 where one has all.
    /// With x sorted ascending, G = (2 * sum(i * `x_i`) / sum(x) - (n + 1)) / n (Dixon et al. 1987).
    /// None where the total is not above zero or a customer's revenue is below it, for which it is not defined.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn gini(&self) -> Option<f64> {
        let lowest = *self.revenue.last()?;
        if self.total <= 0 || lowest < 0 {
            return None;
        }
        let count = self.revenue.len() as i128;
        let descending = self.revenue.par_iter().enumerate();
        let weighted: i128 = descending.map(|(index, revenue)| (count - index as i128) * i128::from(*revenue)).sum();
        // One division of exact integers.
        let numerator = 2 * weighted - (count + 1) * i128::from(self.total);
        Some(numerator as f64 / (count as f64 * self.total as f64))
    }
}

/// Part `part` (from 0) of `parts` equal ones, no more than there are values: as SQL's NTILE, the first ones get one more.
#[must_use]
pub fn part_of<T>(values: &[T], part: usize, parts: usize) -> &[T] {
    let (size, longer) = (values.len() / parts, values.len() % parts);
    let start = part * size + part.min(longer);
    let end = start + size + usize::from(part < longer);
    &values[start..end]
}

/// Rows whose revenue is summed by one thread at a time.
const ROWS_PER_TASK: usize = 1 << 16;

/// Per rank the sum of all revenues up to there.
fn running_sums(revenue: &[i64]) -> Vec<i64> {
    let sums: Vec<i64> = revenue.par_chunks(ROWS_PER_TASK).map(|revenue| revenue.iter().sum()).collect();
    let mut held = vec![0; revenue.len()];
    let tasks = held.par_chunks_mut(ROWS_PER_TASK).zip(revenue.par_chunks(ROWS_PER_TASK)).enumerate();
    tasks.for_each(|(task, (held, revenue))| {
        let mut sum = sums[..task].iter().sum();
        for (held, revenue) in held.iter_mut().zip(revenue) {
            sum += revenue;
            *held = sum;
        }
    });
    held
}

/// The last rank of a class: the customers before it hold less than `limit` of the total.
#[expect(clippy::cast_possible_truncation, reason = "ranks are 32 bits wide")]
fn class_end(held: &[i64], total: i64, limit: f64) -> u32 {
    if limit > 0.0 { held.partition_point(|held| share(*held, total) < limit) as u32 + 1 } else { 0 }
}

/// A part of a whole, 0..1.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn share(part: i64, whole: i64) -> f64 {
    part as f64 / whole as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scoring::descending::WORD_LIMIT;

    #[test]
    fn ranks_shares_and_classes_of_a_small_table() {
        // Revenue 10, 50, 30, 10 of 100: order 50, 30, 10 (row 0), 10 (row 3).
        let ranking = Ranking::new(&[10, 50, 30, 10], [0.80, 0.95]);
        assert_eq!(ranking.revenue, [50, 30, 10, 10]);
        assert_eq!(ranking.rank, [3, 1, 2, 4]);
        assert_eq!(ranking.cumulative_shares(0..4).unwrap(), [0.9, 0.5, 0.8, 1.0]);
        assert_eq!(ranking.cumulative_shares(2..3).unwrap(), [0.8]);
        // Shares before: 0.8 (row 0), 0.0, 0.5, 0.9 (row 3): A below 0.8, B below 0.95.
        assert_eq!(ranking.abc, [1, 0, 0, 1]);
    }

    #[test]
    fn another_revenue_gives_the_place_that_a_new_ranking_gives() {
        let (before, limits) = ([10, 50, 30, 10, -5, 10], [0.80, 0.95]);
        let ranking = Ranking::new(&before, limits);
        for row in 0..before.len() {
            for revenue in [-20, -5, 0, 9, 10, 11, 30, 40, 50, 51, 500] {
                let mut after = before;
                after[row] = revenue;
                let anew = Ranking::new(&after, limits);
                let place = ranking.with_revenue(row, revenue, limits).unwrap();
                assert_eq!((place.rank, place.abc), (anew.rank[row], anew.abc[row]), "{row} {revenue}");
                let share = anew.cumulative_shares(row..row + 1).unwrap()[0];
                assert!((place.cumulative_share - share).abs() < 1e-15, "{row} {revenue}");
            }
        }
        assert_eq!(Ranking::new(&[5, -5], limits).with_revenue(0, 2, limits), None);
    }

    #[test]
    fn revenues_far_apart_are_ranked_as_those_close_together() {
        // The last one that shares a word with its row, the first one that does not, and one far beyond.
        let limit = WORD_LIMIT.cast_signed();
        for far in [limit - 1, limit, i64::MAX / 4] {
            let ranking = Ranking::new(&[-3, far, 5, far, -3], [0.80, 0.95]);
            assert_eq!(ranking.revenue, [far, far, 5, -3, -3], "{far}");
            assert_eq!(ranking.rank, [4, 1, 3, 2, 5], "{far}");
        }
    }

    #[test]
    fn those_who_never_bought_are_ranked_by_id_among_those_without_revenue() {
        // Rows 0 to 4; prospects before row 0, between 1 and 2, and after all.
        let ranking = Ranking::new(&[0, 7, 0, -2, 3], [0.80, 0.95]).with_prospects(&[0, 2, 5]);
        // 7 (row 1), 3 (row 4), then 0: a prospect, row 0, a prospect, row 2, a prospect; -2 (row 3) last.
        assert_eq!(ranking.rank, [4, 1, 6, 8, 2]);
        assert_eq!(ranking.prospect_ranks, [3, 5, 7]);
        assert_eq!(ranking.revenue, [7, 3, 0, 0, 0, 0, 0, -2]);
        // As if they stood in the table, a row each with nothing.
        let whole = Ranking::new(&[0, 0, 7, 0, 0, -2, 3, 0], [0.80, 0.95]);
        assert_eq!((&ranking.revenue, &ranking.held), (&whole.revenue, &whole.held));
        assert_eq!([whole.rank[0], whole.rank[3], whole.rank[7]], [3, 5, 7]);
        assert_eq!([1, 2, 4, 5, 6].map(|row| whole.rank[row]), *ranking.rank);
        assert_eq!((whole.customers_for(90), ranking.customers_for(90)), (Some(2), Some(2)));
        let none = Ranking::new(&[], [0.80, 0.95]).with_prospects(&[0, 0]);
        assert_eq!((none.prospect_ranks, none.revenue), (vec![1, 2], vec![0, 0]));
    }

    #[test]
    fn groups_are_those_of_ntile() {
        let ranking = Ranking::new(&[5, 4, 3, 2, 1], [0.8, 0.95]);
        let groups: Vec<&[i64]> = (0..3).map(|group| ranking.group(group, 3)).collect();
        assert_eq!(groups, [&[5, 4][..], &[3, 2], &[1]]);
        assert!(ranking.group(7, 8).is_empty());
    }

    #[test]
    fn concentration_of_a_small_table() {
        let revenue = [80, 10, 5, 3, 2];
        let ranking = Ranking::new(&revenue, [0.8, 0.95]);
        assert_eq!(ranking.revenue_share_of_top(20), Some(0.8));
        assert_eq!(ranking.customers_for(80), Some(1));
        assert_eq!(ranking.customers_for(90), Some(2));
        // Ascending 2, 3, 5, 10, 80: sum(i * x) = 2 + 6 + 15 + 40 + 400 = 463; (2 * 463 / 100 - 6) / 5 = 0.652.
        assert!((ranking.gini().unwrap() - 0.652).abs() < 1e-15);
        assert_eq!(Ranking::new(&[7, 7, 7], [0.8, 0.95]).gini(), Some(0.0));
    }

    #[test]
    fn without_revenue_nothing_is_claimed() {
        for revenue in [&[][..], &[0, 0], &[-5, 3]] {
            let ranking = Ranking::new(revenue, [0.8, 0.95]);
            assert_eq!(ranking.cumulative_shares(0..revenue.len()), None);
            assert_eq!(ranking.revenue_share_of_top(20), None);
            assert_eq!(ranking.customers_for(80), None);
            assert_eq!(ranking.gini(), None);
            assert!(ranking.abc.iter().all(|class| *class == 2));
        }
    }
}
