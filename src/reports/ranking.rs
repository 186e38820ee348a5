//! The revenue order: one sort for everything that needs it.
//!
//! Lives here: rank, cumulative share, ABC class, groups and concentration, on plain numbers.
//! Does not live here: the tables made of them.

use rayon::prelude::*;

/// Customers by revenue descending, then in the order of the table (customer id ascending).
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// Revenue of the customers, minor units, highest first.
    pub revenue: Vec<i64>,
    /// Per row of the customers table its place in this order, from 1.
    pub rank: Vec<u32>,
    /// Per row the share of total revenue of all customers up to this one; empty where the total is not above zero.
    pub cumulative_share: Vec<f64>,
    /// Per row the class: 0 is A, 1 is B, 2 is C.
    pub abc: Vec<u8>,
    /// Total revenue, minor units.
    pub total: i64,
}

impl Ranking {
    /// Ranks customers. `limits` are the shares of revenue at which class A and class B end.
    ///
    /// The sum of absolute revenues must fit 64 bits, as the fold proves.
    #[must_use]
    pub fn new(revenue: &[i64], limits: [f64; 2]) -> Self {
        let (sorted, rows) = highest_first(revenue);
        let mut rank = vec![0; revenue.len()];
        for (row, place) in rows.iter().zip(1..) {
            rank[*row as usize] = place;
        }
        let total: i64 = revenue.iter().sum();
        let mut ranking = Self { revenue: sorted, rank, cumulative_share: Vec::new(), abc: Vec::new(), total };
        ranking.share_out(limits);
        ranking
    }

    /// Shares and classes, told by place and handed to the rows.
    fn share_out(&mut self, limits: [f64; 2]) {
        if self.total <= 0 {
            self.abc = vec![2; self.rank.len()];
            return;
        }
        let mut held = 0;
        let up_to = |revenue: &i64| {
            held += revenue;
            share(held, self.total)
        };
        let shares: Vec<f64> = self.revenue.iter().map(up_to).collect();
        let row = |rank: &u32| {
            let place = *rank as usize - 1;
            let before = if place == 0 { 0.0 } else { shares[place - 1] };
            (shares[place], u8::from(before >= limits[0]) + u8::from(before >= limits[1]))
        };
        (self.cumulative_share, self.abc) = self.rank.par_iter().map(row).unzip();
    }

    /// The revenues of group `group` (from 0) of `groups` equal groups: as SQL's NTILE, the first ones get one more.
    #[must_use]
    pub fn group(&self, group: usize, groups: usize) -> &[i64] {
        let (size, longer) = (self.revenue.len() / groups, self.revenue.len() % groups);
        let start = group * size + group.min(longer);
        let end = start + size + usize::from(group < longer);
        &self.revenue[start..end]
    }

    /// The share of revenue held by the best `percent` percent of customers (rounded up to whole customers).
    #[must_use]
    pub fn revenue_share_of_top(&self, percent: usize) -> Option<f64> {
        let count = (self.revenue.len() * percent).div_ceil(100);
        let held: i64 = self.revenue[..count].iter().sum();
        (self.total > 0).then(|| share(held, self.total))
    }

    /// The least number of best customers who together hold `percent` percent of revenue.
    #[must_use]
    pub fn customers_for(&self, percent: i64) -> Option<usize> {
        if self.total <= 0 {
            return None;
        }
        let mut held = 0_i128;
        let enough = i128::from(self.total) * i128::from(percent);
        let reached = self.revenue.iter().position(|revenue| {
            held += i128::from(*revenue);
            held * 100 >= enough
        });
        reached.map(|place| place + 1)
    }

    /// The Gini coefficient of revenue: 0 where all have the same, near 1 where one has all.
    /// With x sorted ascending, G = (2 * sum(i * `x_i`) / sum(x) - (n + 1)) / n (Dixon et al. 1987).
    /// None where the total is not above zero or somebody's revenue is below it, for which it is not defined.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn gini(&self) -> Option<f64> {
        let lowest = *self.revenue.last()?;
        if self.total <= 0 || lowest < 0 {
            return None;
        }
        let count = self.revenue.len() as i128;
        let ascending = self.revenue.iter().rev().zip(1_i128..);
        let weighted: i128 = ascending.map(|(revenue, place)| place * i128::from(*revenue)).sum();
        // One division of exact integers.
        let numerator = 2 * weighted - (count + 1) * i128::from(self.total);
        Some(numerator as f64 / (count as f64 * self.total as f64))
    }
}

/// Revenues, highest first, and the row of each; of equal ones the first row comes first.
#[allow(clippy::cast_possible_truncation)]
fn highest_first(revenue: &[i64]) -> (Vec<i64>, Vec<u32>) {
    let highest = revenue.par_iter().copied().max().unwrap_or(0);
    let below = |revenue: i64| highest.abs_diff(revenue);
    let furthest = revenue.par_iter().map(|revenue| below(*revenue)).max().unwrap_or(0);
    if u32::try_from(furthest).is_ok() {
        // Both in one word: half the memory of a pair, and one comparison.
        let mut keyed: Vec<u64> =
            revenue.par_iter().enumerate().map(|(row, revenue)| below(*revenue) << 32 | row as u64).collect();
        keyed.par_sort_unstable();
        return keyed.par_iter().map(|key| (highest - (key >> 32).cast_signed(), *key as u32)).unzip();
    }
    let mut keyed: Vec<(u64, u32)> =
        revenue.par_iter().enumerate().map(|(row, revenue)| (below(*revenue), row as u32)).collect();
    keyed.par_sort_unstable();
    keyed.par_iter().map(|(_, row)| (revenue[*row as usize], *row)).unzip()
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

    #[test]
    fn ranks_shares_and_classes_of_a_small_table() {
        // Revenue 10, 50, 30, 10 of 100: order 50, 30, 10 (row 0), 10 (row 3).
        let ranking = Ranking::new(&[10, 50, 30, 10], [0.80, 0.95]);
        assert_eq!(ranking.revenue, [50, 30, 10, 10]);
        assert_eq!(ranking.rank, [3, 1, 2, 4]);
        assert_eq!(ranking.cumulative_share, [0.9, 0.5, 0.8, 1.0]);
        // Shares before: 0.8 (row 0), 0.0, 0.5, 0.9 (row 3): A below 0.8, B below 0.95.
        assert_eq!(ranking.abc, [1, 0, 0, 1]);
    }

    #[test]
    fn revenues_far_apart_are_ranked_as_those_close_together() {
        // 2^32 - 1 between the highest and the lowest fit one word with the row; one more does not.
        for far in [i64::from(u32::MAX) - 10, i64::from(u32::MAX) - 9, i64::MAX / 4] {
            let ranking = Ranking::new(&[-3, far + 7, 5, far + 7, -3], [0.80, 0.95]);
            assert_eq!(ranking.revenue, [far + 7, far + 7, 5, -3, -3], "{far}");
            assert_eq!(ranking.rank, [4, 1, 3, 2, 5], "{far}");
        }
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
            assert!(ranking.cumulative_share.is_empty());
            assert_eq!(ranking.revenue_share_of_top(20), None);
            assert_eq!(ranking.customers_for(80), None);
            assert_eq!(ranking.gini(), None);
            assert!(ranking.abc.iter().all(|class| *class == 2));
        }
    }
}
