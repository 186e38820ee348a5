//! How the groups of a scoring bought after an earlier date.
//!
//! Does not live here: who is in which group (`scoring`).

use super::outcomes::Outcomes;

/// The standard normal quantile of an interval of 95%: 1.959963984540054 (Abramowitz and Stegun, table 26.5, to 16 digits).
const Z: f64 = 1.959_963_984_540_054;

/// What the customers of a group did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GroupOutcome {
    /// Its customers on the earlier date.
    pub customers: u64,
    /// Of these, those who bought after it.
    pub buyers: u64,
    /// Their purchases after it.
    pub orders: u64,
    /// The money of all their orders after it, minor units.
    pub revenue: i64,
    /// Their revenue in as many days before it.
    pub revenue_before: i64,
}

impl GroupOutcome {
    /// The share of buyers; none without customers.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn repurchase_rate(&self) -> Option<f64> {
        (self.customers > 0).then(|| self.buyers as f64 / self.customers as f64)
    }
}

/// The outcomes of `count` groups; `of` says of each customer in which one they were.
#[must_use]
pub fn by_group(outcomes: &Outcomes, count: usize, of: impl Fn(usize) -> usize) -> Vec<GroupOutcome> {
    let mut groups = vec![GroupOutcome::default(); count];
    for (row, after) in outcomes.after.iter().enumerate() {
        let Some(own) = groups.get_mut(of(row)) else { continue };
        own.customers += 1;
        own.buyers += u64::from(after.is_buyer());
        own.orders += u64::from(after.orders);
        own.revenue = own.revenue.wrapping_add(after.revenue);
        own.revenue_before = own.revenue_before.wrapping_add(outcomes.revenue_before[row]);
    }
    groups
}

/// Wilson's score interval of a rate at 95%, without continuity correction; none without trials.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn wilson(successes: u64, trials: u64) -> Option<[f64; 2]> {
    if trials == 0 {
        return None;
    }
    let (n, p, square) = (trials as f64, successes as f64 / trials as f64, Z * Z);
    let middle = p + square / (2.0 * n);
    let spread = Z * (p * (1.0 - p) / n + square / (4.0 * n * n)).sqrt();
    let within = |bound: f64| (bound / (1.0 + square / n)).clamp(0.0, 1.0);
    // At 0 and 1 the interval ends exactly there.
    let low = if successes == 0 { 0.0 } else { within(middle - spread) };
    let high = if successes == trials { 1.0 } else { within(middle + spread) };
    Some([low, high])
}

#[cfg(test)]
mod tests {
    use super::super::outcomes::Outcome;
    use super::*;

    #[test]
    fn groups_are_summed() {
        let outcome = |orders, revenue| Outcome { orders, revenue };
        let outcomes = Outcomes {
            after: vec![outcome(2, 30), outcome(0, -4), outcome(1, 10)],
            revenue_before: vec![5, 6, 7],
            ..Outcomes::default()
        };
        let groups = by_group(&outcomes, 3, |row| [1, 1, 0][row]);
        let expected = GroupOutcome { customers: 2, buyers: 1, orders: 2, revenue: 26, revenue_before: 11 };
        assert_eq!((groups[1], groups[0].buyers, groups[2].customers), (expected, 1, 0));
        assert_eq!((groups[1].repurchase_rate(), groups[2].repurchase_rate()), (Some(0.5), None));
    }

    /// By the formula with a pencil, for 1 of 2:
    /// (.5 + z^2/4 -+ z sqrt(.125 + z^2/16)) / (1 + z^2/2).
    #[test]
    fn wilson_as_in_the_formula() {
        let near = |found: [f64; 2], expected: [f64; 2]| {
            assert!((found[0] - expected[0]).abs() < 1e-12 && (found[1] - expected[1]).abs() < 1e-12, "{found:?}");
        };
        let square = Z * Z;
        let spread = Z * (0.125 + square / 16.0).sqrt();
        let expected = [-1.0, 1.0].map(|sign| (0.5 + square / 4.0 + sign * spread) / (1.0 + square / 2.0));
        near(wilson(1, 2).unwrap(), expected);
        let [low, high] = wilson(0, 10).unwrap();
        near([low, high], [0.0, square / (10.0 + square)]);
        near(wilson(10, 10).unwrap(), [10.0 / (10.0 + square), 1.0]);
        assert_eq!(wilson(0, 0), None);
    }
}
