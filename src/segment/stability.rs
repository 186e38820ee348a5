//! How far two groupings of the same customers agree: who is where in both, and the adjusted Rand index (Hubert and
//! Arabie 1985), which is 1 where the groups are the same and 0 on average for groups by chance.

use crate::error::{Error, Result};

/// Customers by their group in one and in another grouping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crossing {
    /// Customers per pair of groups, row by row: the first grouping's groups are the rows.
    pub customers: Vec<u64>,
    /// Groups of the first grouping.
    pub rows: usize,
    /// Groups of the second one.
    pub columns: usize,
}

impl Crossing {
    /// Counts the pairs of groups; both slices hold numbers from 0 in the order of the same customers.
    ///
    /// # Errors
    /// A bug, where the slices differ in length or a number is out of range.
    pub fn new(first: &[u16], second: &[u16], rows: usize, columns: usize) -> Result<Self> {
        if first.len() != second.len() {
            return Err(Error::bug(format!("{} and {} customers are compared", first.len(), second.len())));
        }
        let mut customers = vec![0; rows * columns];
        for (&row, &column) in first.iter().zip(second) {
            let (row, column) = (usize::from(row), usize::from(column));
            if row >= rows || column >= columns {
                return Err(Error::bug(format!("group {row} of {rows} and {column} of {columns}")));
            }
            customers[row * columns + column] += 1;
        }
        Ok(Self { customers, rows, columns })
    }

    /// Customers of each group of the first grouping.
    #[must_use]
    pub fn row_totals(&self) -> Vec<u64> {
        (0..self.rows).map(|row| self.customers[row * self.columns..][..self.columns].iter().sum()).collect()
    }

    /// Customers of each group of the second grouping.
    #[must_use]
    pub fn column_totals(&self) -> Vec<u64> {
        let total = |column: usize| (0..self.rows).map(|row| self.customers[row * self.columns + column]).sum();
        (0..self.columns).map(total).collect()
    }

    /// Customers whose group of the second grouping is not the one of the same number in the first: meaningful where
    /// both groupings have the same groups.
    #[must_use]
    pub fn moved(&self) -> u64 {
        let all: u64 = self.customers.iter().sum();
        let kept: u64 = (0..self.rows.min(self.columns)).map(|n| self.customers[n * self.columns + n]).sum();
        all - kept
    }

    /// The adjusted Rand index: with pairs(n) = n (n - 1) / 2 and the pairs that are together in both, in the first and
    /// in the second grouping, (both - expected) / ((first + second) / 2 - expected), expected = first second / all.
    /// 1 where neither grouping separates or joins customers in another way.
    #[must_use]
    pub fn adjusted_rand_index(&self) -> f64 {
        let pairs = |customers: &u64| i128::from(*customers) * (i128::from(*customers) - 1) / 2;
        let sum = |counts: &[u64]| counts.iter().map(pairs).sum::<i128>();
        let (both, first, second) = (sum(&self.customers), sum(&self.row_totals()), sum(&self.column_totals()));
        let all = pairs(&self.customers.iter().sum());
        if all == 0 || (first == second && both == first) {
            return 1.0;
        }
        let [both, first, second, all] = [both, first, second, all].map(as_f64);
        let expected = first / all * second;
        (both - expected) / (f64::midpoint(first, second) - expected)
    }
}

#[expect(clippy::cast_precision_loss, reason = "indices for people")]
fn as_f64(count: i128) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn index(first: &[u16], second: &[u16]) -> f64 {
        Crossing::new(first, second, 10, 10).unwrap().adjusted_rand_index()
    }

    #[test]
    fn indices_as_scikit_learn_gives_them() {
        // sklearn.metrics.adjusted_rand_score
        let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-15, "{found} {expected}");
        close(index(&[0, 0, 1, 1], &[0, 0, 1, 2]), 0.571_428_571_428_571_4);
        close(index(&[0, 0, 0, 0], &[0, 1, 2, 3]), 0.0);
        close(index(&[0, 0, 1, 1], &[1, 1, 0, 0]), 1.0);
        close(index(&[0, 0, 1, 1], &[0, 1, 0, 1]), -0.5);
        close(index(&[0, 0, 0, 1, 1, 1, 2, 2, 2, 2], &[0, 0, 1, 1, 1, 2, 2, 2, 2, 0]), 0.204_545_454_545_454_56);
    }

    #[test]
    fn the_matrix_counts_customers_and_those_who_moved() {
        let crossing = Crossing::new(&[0, 0, 1, 1, 1], &[0, 1, 1, 1, 0], 2, 3).unwrap();
        assert_eq!(crossing.customers, [1, 1, 0, 1, 2, 0]);
        assert_eq!((crossing.row_totals(), crossing.column_totals()), (vec![2, 3], vec![2, 3, 0]));
        assert_eq!(crossing.moved(), 2);
        assert!(Crossing::new(&[0], &[], 1, 1).is_err() && Crossing::new(&[1], &[0], 1, 1).is_err());
        assert!((index(&[], &[]) - 1.0).abs() < f64::EPSILON);
    }

    proptest! {
        #[test]
        fn agreement_does_not_depend_on_the_names_of_groups_or_on_which_comes_first(
            groups in prop::collection::vec((0_u16..4, 0_u16..4), 2..60), shift in 1_u16..4
        ) {
            let (first, second): (Vec<u16>, Vec<u16>) = groups.into_iter().unzip();
            let renamed: Vec<u16> = second.iter().map(|group| (group + shift) % 4).collect();
            prop_assert!((index(&first, &second) - index(&first, &renamed)).abs() < 1e-12);
            prop_assert!((index(&first, &second) - index(&second, &first)).abs() < 1e-12);
            prop_assert!(index(&first, &first) >= 1.0);
        }
    }
}
