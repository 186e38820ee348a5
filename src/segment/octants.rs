//! The eight octants: R, F and M each above or not above the mean or the median of all customers.
//!
//! Above means strictly better than the threshold: for recency fewer days. The comparison is exact: for whole values
//! `v > s/n` is `v > floor(s/n)` and `v < s/n` is `v < ceil(s/n)`.

use super::assign::RunScores;
use super::map::{Combination, Segment};
use super::options::Threshold;
use crate::error::{Error, Result};

/// One octant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Octant {
    /// A digit per axis in the order R, F, M: 1 above, 0 not above; "111" is best.
    pub code: String,
    /// Key, names, colour, action, and the order 111, 101, 011, 001, 110, 100, 010, 000.
    pub segment: Segment,
}

/// All octants, and where to find each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Octants {
    /// In their order.
    pub list: Vec<Octant>,
    /// Index into `list` by 4 (R above) + 2 (F above) + 1 (M above).
    by_bits: [u16; 8],
}

impl Octants {
    /// The octants with their names, from the shipped map.
    ///
    /// # Errors
    /// A bug, where the shipped map is not a partition of the eight.
    pub fn new() -> Result<Self> {
        let map = super::load("octants", |name| Err(super::unknown_map(name)))?;
        let assigner = map.compile(RunScores { bins: [2, 2, 2], combination: Combination::Independent })?;
        let mut list: Vec<Octant> =
            map.segments.into_iter().map(|segment| Octant { code: String::new(), segment }).collect();
        let mut by_bits = [0; 8];
        for (bits, index) in (0_u32..).zip(&mut by_bits) {
            let digits = [bits >> 2 & 1, bits >> 1 & 1, bits & 1];
            let missing = || Error::bug(format!("no octant {digits:?}"));
            *index = assigner.segment_of_cell(digits.map(|digit| digit + 1)).ok_or_else(missing)?;
            list[usize::from(*index)].code = digits.map(|digit| digit.to_string()).concat();
        }
        Ok(Self { list, by_bits })
    }

    /// The octant of every customer, as an index into `list`.
    ///
    /// # Errors
    /// A bug, where the slices differ in length.
    pub fn apply(
        &self,
        recency_days: &[i64],
        orders: &[i64],
        revenue: &[i64],
        threshold: Threshold,
    ) -> Result<Vec<u16>> {
        if recency_days.len() != orders.len() || orders.len() != revenue.len() {
            let lengths = [recency_days.len(), orders.len(), revenue.len()];
            return Err(Error::bug(format!("columns of {lengths:?} customers reached the octants")));
        }
        let (_, below) = floor_and_ceiling(recency_days, threshold);
        let (above_orders, _) = floor_and_ceiling(orders, threshold);
        let (above_revenue, _) = floor_and_ceiling(revenue, threshold);
        let octant = |((&days, &orders), &revenue): ((&i64, &i64), &i64)| {
            let bits = usize::from(days < below) * 4
                + usize::from(orders > above_orders) * 2
                + usize::from(revenue > above_revenue);
            self.by_bits[bits]
        };
        Ok(recency_days.iter().zip(orders).zip(revenue).map(octant).collect())
    }
}

/// The threshold rounded down and up. It lies between the smallest and the largest value, so that both fit.
fn floor_and_ceiling(values: &[i64], threshold: Threshold) -> (i64, i64) {
    let (numerator, denominator) = match threshold {
        Threshold::Mean => (values.iter().map(|&value| i128::from(value)).sum(), values.len() as i128),
        Threshold::Median => median_times_two(values),
    };
    if denominator == 0 {
        return (0, 0);
    }
    let floor = numerator.div_euclid(denominator);
    let ceiling = floor + i128::from(numerator.rem_euclid(denominator) > 0);
    let fit = |value: i128| i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX });
    (fit(floor), fit(ceiling))
}

/// The median as a fraction: the mean of the two middle values, which are one where their number is odd.
fn median_times_two(values: &[i64]) -> (i128, i128) {
    if values.is_empty() {
        return (0, 0);
    }
    let mut values = values.to_vec();
    let odd = values.len() % 2 == 1;
    let middle = values.len() / 2;
    let (below, upper, _) = values.select_nth_unstable(middle);
    let lower = if odd { *upper } else { below.iter().copied().max().unwrap_or(*upper) };
    (i128::from(lower) + i128::from(*upper), 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(recency: &[i64], orders: &[i64], revenue: &[i64], threshold: Threshold) -> Vec<String> {
        let octants = Octants::new().unwrap();
        let found = octants.apply(recency, orders, revenue, threshold).unwrap();
        found.into_iter().map(|index| octants.list[usize::from(index)].code.clone()).collect()
    }

    #[test]
    fn the_eight_codes_and_their_names() {
        let found: Vec<(String, String, String)> =
            Octants::new().unwrap().list.into_iter().map(|o| (o.code, o.segment.key, o.segment.name_zh)).collect();
        let expected = [
            ("111", "important_value", "重要价值客户"),
            ("101", "important_development", "重要发展客户"),
            ("011", "important_retention", "重要保持客户"),
            ("001", "important_win_back", "重要挽留客户"),
            ("110", "general_value", "一般价值客户"),
            ("100", "general_development", "一般发展客户"),
            ("010", "general_retention", "一般保持客户"),
            ("000", "general_win_back", "一般挽留客户"),
        ];
        assert_eq!(found, expected.map(|(code, key, name)| (code.to_owned(), key.to_owned(), name.to_owned())));
    }

    #[test]
    fn above_is_strict_and_recency_is_better_when_smaller() {
        // means: 20 days, 2 orders, 20 revenue; the second customer is exactly on all three
        let found = codes(&[10, 20, 30], &[1, 2, 3], &[10, 20, 30], Threshold::Mean);
        assert_eq!(found, ["100", "000", "011"]);
    }

    #[test]
    fn means_and_medians_between_whole_numbers_are_exact() {
        // days 1 2 2: mean 5/3, only 1 is below; orders 1 2 2: only the twos are above; revenue -1 -2 -2: mean -5/3
        assert_eq!(codes(&[1, 2, 2], &[1, 2, 2], &[-1, -2, -2], Threshold::Mean), ["101", "010", "010"]);
        // medians of four: days 1.5, orders 1.5, revenue 0
        let found = codes(&[0, 1, 2, 3], &[1, 1, 2, 2], &[-3, -1, 1, 3], Threshold::Median);
        assert_eq!(found, ["100", "100", "011", "011"]);
    }

    #[test]
    fn one_outlier_moves_the_mean_and_not_the_median() {
        // revenue 1 2 3 4 90: mean 20, median 3
        let (days, orders, revenue) = ([5; 5], [1; 5], [1, 2, 3, 4, 90]);
        assert_eq!(codes(&days, &orders, &revenue, Threshold::Mean), ["000", "000", "000", "000", "001"]);
        assert_eq!(codes(&days, &orders, &revenue, Threshold::Median), ["000", "000", "000", "001", "001"]);
    }

    #[test]
    fn degenerate_customers_do_not_overflow() {
        for threshold in [Threshold::Mean, Threshold::Median] {
            assert!(codes(&[], &[], &[], threshold).is_empty());
            assert_eq!(codes(&[3], &[1], &[5], threshold), ["000"], "nobody is better than himself");
            let extremes = [i64::MIN, i64::MAX];
            assert_eq!(codes(&extremes, &extremes, &extremes, threshold), ["100", "011"]);
        }
        assert!(Octants::new().unwrap().apply(&[1], &[], &[1], Threshold::Mean).is_err());
    }
}
