//! What customers did after an earlier date.
//!
//! Does not live here: who they were then (`job`).

use crate::customers::orders::OrderDay;

/// What a customer did between two dates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Purchases whose day lies after the earlier date, up to the later one. Whoever has one is a buyer.
    pub orders: u32,
    /// The money of all orders of these days, credit notes too, minor units. What takes back orders of earlier days is in none of
    /// them.
    pub revenue: i64,
}

impl Outcome {
    /// Of ascending days: those after `from`, up to `to`.
    #[must_use]
    pub fn of(days: &[OrderDay], from: i32, to: i32) -> Self {
        let start = days.partition_point(|day| day.day <= from);
        let end = days.partition_point(|day| day.day <= to);
        days[start..end].iter().fold(Self::default(), |sum, day| Self {
            orders: sum.orders + day.purchases,
            revenue: sum.revenue.wrapping_add(day.revenue()),
        })
    }

    /// Whether they bought.
    #[must_use]
    pub const fn is_buyer(&self) -> bool {
        self.orders > 0
    }
}

/// The customers of the earlier date, with what they did before it and after it. Vectors have one entry per customer then.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// The earlier date, days since 1970-01-01.
    pub as_of: i32,
    /// Days from it to the analysis date.
    pub horizon_days: u32,
    /// What they did after it.
    pub after: Vec<Outcome>,
    /// Their revenue in as many days up to the earlier date, as known then, minor units.
    pub revenue_before: Vec<i64>,
    /// Customers who came after it.
    pub new_customers: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_of_the_period_count() {
        let day = |day, purchases, purchased, returned| OrderDay { day, purchases, purchased, returned };
        let days = [
            day(5, 1, 90, 0),
            day(10, 1, 50, 0),
            day(11, 1, 20, 0),
            day(15, 0, 0, -5),
            day(20, 2, 7, -1),
            day(21, 1, 1, 0),
        ];
        // After day 10, up to day 20.
        assert_eq!(Outcome::of(&days, 10, 20), Outcome { orders: 3, revenue: 21 });
        assert!(!Outcome::of(&days, 11, 19).is_buyer(), "a credit note alone buys nothing");
        assert_eq!(Outcome::of(&days, 21, 99), Outcome::default());
    }
}
