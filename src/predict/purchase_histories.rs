//! What the models see of customers: occasions, which are days with a purchase.
//!
//! Does not live here: how orders are gathered (`customers::orders`).

use std::collections::BTreeMap;

use crate::customers::orders::OrderDay;
use crate::error::Result;
use crate::models::{Histories, History, Spending, Spendings};

use super::options::TimeUnit;

/// What a customer's occasions up to some day say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PurchaseHistory {
    /// The day of the first occasion, days since 1970-01-01.
    pub first_day: i32,
    /// The day of the last one.
    pub last_day: i32,
    /// Occasions, the first one too.
    pub occasions: u32,
    /// What the first one brought, minor units.
    pub first_amount: i64,
    /// What all of them brought.
    pub amount: i64,
}

/// Repeat occasions, and the days from the first one to the last and to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pattern {
    /// Repeat occasions.
    pub x: u32,
    /// Days to the end: before the days to the last, so that neighbours share what depends on (x, T).
    pub t_cal: u32,
    /// Days to the last one.
    pub t_x: u32,
}

impl PurchaseHistory {
    /// What ascending `days` say; none where there are none.
    #[must_use]
    pub fn of(days: &[OrderDay]) -> Option<Self> {
        let mut occasions = days.iter().filter(|day| day.purchases > 0);
        let first = *occasions.next()?;
        let start = Self {
            first_day: first.day,
            last_day: first.day,
            occasions: 1,
            first_amount: first.bought,
            amount: first.bought,
        };
        Some(occasions.fold(start, |history, day| Self {
            last_day: day.day,
            occasions: history.occasions + 1,
            amount: history.amount + day.bought,
            ..history
        }))
    }

    /// The trio of the models, in days up to `as_of`.
    #[must_use]
    pub fn pattern(&self, as_of: i32) -> Pattern {
        Pattern {
            x: self.occasions - 1,
            t_cal: as_of.abs_diff(self.first_day),
            t_x: self.last_day.abs_diff(self.first_day),
        }
    }

    /// The repeat occasions and their average in units of `minor_per_major`; 0 where there is none.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "18 digits of money: the first 15 decide")]
    pub fn spending(&self, minor_per_major: f64) -> Spending {
        let x = self.occasions - 1;
        let z = (self.amount - self.first_amount) as f64 / (f64::from(x.max(1)) * minor_per_major);
        Spending { x, z }
    }
}

impl Pattern {
    /// As the models want it, in another unit of time.
    #[must_use]
    pub fn history(&self, unit: TimeUnit) -> History {
        History { x: self.x, t_x: f64::from(self.t_x) / unit.days(), t_cal: f64::from(self.t_cal) / unit.days() }
    }
}

/// The purchase histories of all customers up to `as_of`.
#[derive(Debug, Clone, Default)]
pub struct PurchaseHistories {
    /// The last day that counts.
    pub as_of: i32,
    /// Per row of the customers table; none where a customer had no occasion.
    pub by_row: Vec<Option<PurchaseHistory>>,
    /// Customers who are not in that table, in no order.
    pub others: Vec<PurchaseHistory>,
    /// Occasions of all customers, by day.
    pub occasions: BTreeMap<i32, u64>,
}

impl PurchaseHistories {
    /// Everyone, in no order.
    pub fn all(&self) -> impl Iterator<Item = &PurchaseHistory> {
        self.by_row.iter().flatten().chain(&self.others)
    }

    /// The distinct histories.
    ///
    /// # Errors
    /// Where there are more than models can take.
    pub fn histories(&self, unit: TimeUnit) -> Result<Histories> {
        let mut patterns: Vec<Pattern> = self.all().map(|habit| habit.pattern(self.as_of)).collect();
        rayon::slice::ParallelSliceMut::par_sort_unstable(patterns.as_mut_slice());
        let counted = patterns.chunk_by(|a, b| a == b).map(|alike| (alike[0].history(unit), alike.len() as u64));
        Histories::new(counted.collect())
    }

    /// The distinct spendings.
    #[must_use]
    pub fn spendings(&self, minor_per_major: f64) -> Spendings {
        Spendings::new(self.all().map(|habit| (habit.spending(minor_per_major), 1)).collect())
    }

    /// How many customers bought first on which day.
    #[must_use]
    pub fn first_days(&self) -> BTreeMap<i32, u64> {
        let mut first = BTreeMap::new();
        for habit in self.all() {
            *first.entry(habit.first_day).or_default() += 1;
        }
        first
    }

    /// Days from the first purchase of all to the end; none without purchases.
    #[must_use]
    pub fn span_days(&self) -> Option<u32> {
        self.occasions.first_key_value().map(|(first, _)| self.as_of.abs_diff(*first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_worked_by_hand() {
        // 10.00 on day 100, 4.00 on day 107, 8.00 on day 121; as of day 135
        let days = [(100, 1_000), (107, 400), (121, 800)].map(|(day, bought)| OrderDay {
            day,
            purchases: 1,
            bought,
            returned: 0,
        });
        let habit = PurchaseHistory::of(&days).unwrap();
        assert_eq!(habit.pattern(135), Pattern { x: 2, t_cal: 35, t_x: 21 });
        assert_eq!(habit.pattern(135).history(TimeUnit::Week), History { x: 2, t_x: 3.0, t_cal: 5.0 });
        assert_eq!(habit.spending(100.0), Spending { x: 2, z: 6.0 });
        assert_eq!(PurchaseHistory::of(&days[..1]).unwrap().spending(100.0), Spending { x: 0, z: 0.0 });
        assert_eq!(PurchaseHistory::of(&[]), None);
    }

    #[test]
    fn customers_outside_of_the_table_count_too() {
        let habit = PurchaseHistory { first_day: 3, last_day: 3, occasions: 1, first_amount: 5, amount: 5 };
        let occasions = BTreeMap::from([(3, 2)]);
        let habits = PurchaseHistories { as_of: 10, by_row: vec![None, Some(habit)], others: vec![habit], occasions };
        assert_eq!(habits.histories(TimeUnit::Day).unwrap().patterns(), [(History { x: 0, t_x: 0.0, t_cal: 7.0 }, 2)]);
        assert_eq!(habits.first_days(), BTreeMap::from([(3, 2)]));
        assert_eq!(habits.span_days(), Some(7));
    }
}
