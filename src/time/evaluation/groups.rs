//! How the groups of a scoring bought after an earlier date.
//!
//! Does not live here: who is in which group (`scoring`).

use super::outcomes::Outcomes;

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
}
