//! The days between which intervals lie: analysis dates, and the last days that models see in a holdout.

/// The last days of the intervals, ascending.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bounds(Vec<i32>);

impl Bounds {
    /// These days, in any order.
    #[must_use]
    pub fn new(mut days: Vec<i32>) -> Self {
        days.sort_unstable();
        days.dedup();
        Self(days)
    }

    /// The interval that a day lies in; that after all bounds for a later day.
    #[inline]
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "there are some thousands of bounds at most")]
    pub fn interval(&self, day: i32) -> u16 {
        self.0.partition_point(|bound| *bound < day) as u16
    }

    /// Whether days lie in one interval.
    #[inline]
    #[must_use]
    pub fn are_together(&self, first: i32, last: i32) -> bool {
        first == last || self.interval(first) == self.interval(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_the_last_day_of_its_interval() {
        let bounds = Bounds::new(vec![20, 10, 20]);
        assert_eq!([i32::MIN, 10, 11, 20, 21].map(|day| bounds.interval(day)), [0, 0, 1, 1, 2]);
        assert!(bounds.are_together(11, 20) && !bounds.are_together(10, 11) && bounds.are_together(21, 99));
    }
}
