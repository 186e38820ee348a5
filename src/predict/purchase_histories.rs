//! What the models see of customers: occasions, which are days with a purchase, and the money that returns left of them.
//!
//! Does not live here: what a purchase is (`orders`).

use std::collections::BTreeMap;

use crate::error::Result;
use crate::models::{Histories, History, OwnSpread, Spending, Spendings};

use super::orders::{OrderDay, occasions};

/// What a customer's orders up to some day say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct PurchaseHistory {
    /// The day of the first occasion, days since 1970-01-01.
    pub first_day: i32,
    /// The day of the last one.
    pub last_day: i32,
    /// Occasions, the first one too.
    pub occasions: u32,
    /// Occasions that tell what a purchase brings: those after the first on which something was paid, and the first one too where
    /// that is asked for. Free ones say nothing of it.
    pub valued: u32,
    /// How far what these brought lies apart: the highest less the lowest, in millionths of their mean.
    pub valued_range: u32,
    /// What these brought, minor units.
    pub valued_amount: i64,
    /// What all purchases brought.
    pub purchased: i64,
    /// The same less returns.
    pub revenue: i64,
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
    /// What ascending `days` say; none where none of them is an occasion. Whether the first one tells what a purchase brings, too,
    /// is `with_first`.
    #[must_use]
    pub fn of(days: &[OrderDay], with_first: bool) -> Option<Self> {
        let first = occasions(days).next()?;
        let mut own = Self { first_day: first.day, ..Self::default() };
        let (mut lowest, mut highest) = (i64::MAX, 0);
        for day in occasions(days) {
            if (own.occasions > 0 || with_first) && day.purchased > 0 {
                own.valued += 1;
                own.valued_amount += day.purchased;
                (lowest, highest) = (lowest.min(day.purchased), highest.max(day.purchased));
            }
            own.last_day = day.day;
            own.occasions += 1; // a calendar has fewer than 2^32 days
        }
        for day in days {
            own.purchased += day.purchased;
            own.revenue += day.revenue();
        }
        if own.valued > 1 {
            let range = i128::from(highest - lowest) * i128::from(own.valued) * 1_000_000;
            own.valued_range = u32::try_from(range / i128::from(own.valued_amount)).unwrap_or(u32::MAX);
        }
        Some(own)
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

    /// The occasions that tell what a purchase brings, and their average in units of `minor_per_major`; 0 where there is none. Returns lower each
    /// occasion by the same share. None where they, or free orders alone, leave no revenue.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "18 digits of money: the first 15 decide")]
    pub fn spending(&self, minor_per_major: f64) -> Option<Spending> {
        if self.revenue <= 0 || self.purchased <= 0 {
            return None;
        }
        let x = self.valued;
        let left = self.revenue as f64 / self.purchased as f64; // 1 without returns
        let z = left * self.valued_amount as f64 / (f64::from(x.max(1)) * minor_per_major);
        Some(Spending { x, z })
    }
}

impl Pattern {
    /// As the models want it, in a unit of time of so many days, or periods.
    #[must_use]
    pub fn history(&self, steps_per_unit: f64) -> History {
        let time = |steps: u32| f64::from(steps) / steps_per_unit;
        History { x: self.x, t_x: time(self.t_x), t_cal: time(self.t_cal) }
    }
}

/// The purchase histories of all customers up to `as_of`.
#[derive(Debug, Clone, Default)]
pub struct PurchaseHistories {
    /// The last day that counts, or the last period, where models count these.
    pub as_of: i32,
    /// Per row of the customers table; none where a customer had no occasion.
    pub by_row: Vec<Option<PurchaseHistory>>,
    /// Customers who are not in that table, in no order.
    pub others: Vec<PurchaseHistory>,
    /// Occasions of all customers, by day.
    pub occasions: BTreeMap<i32, u64>,
    /// Days after the last period that counts, where these are counted.
    pub unfinished_days: u32,
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
    pub fn histories(&self, steps_per_unit: f64) -> Result<Histories> {
        let mut patterns: Vec<Pattern> = self.all().map(|habit| habit.pattern(self.as_of)).collect();
        rayon::slice::ParallelSliceMut::par_sort_unstable(patterns.as_mut_slice());
        let counted =
            patterns.chunk_by(|a, b| a == b).map(|alike| (alike[0].history(steps_per_unit), alike.len() as u64));
        Histories::new(counted.collect())
    }

    /// The distinct spendings of those who left revenue.
    #[must_use]
    pub fn spendings(&self, minor_per_major: f64) -> Spendings {
        let spendings =
            Spendings::new(self.all().filter_map(|habit| Some((habit.spending(minor_per_major)?, 1))).collect());
        match self.own_spread() {
            Some(own) => spendings.with_own_spread(own),
            None => spendings,
        }
    }

    /// How far apart the purchases of customers are, each by themselves; none where nobody has two that count. Whole numbers are
    /// summed, so that the order of customers changes nothing.
    #[expect(clippy::cast_precision_loss, reason = "a root mean square: the first 15 digits decide")]
    fn own_spread(&self) -> Option<OwnSpread> {
        let several = self.all().filter(|habit| habit.valued > 1 && habit.spending(1.0).is_some());
        let (customers, squares) = several.fold((0_u64, 0_u128), |(customers, squares), habit| {
            (customers + 1, squares + u128::from(habit.valued_range).pow(2))
        });
        (customers > 0).then(|| OwnSpread { customers, range: (squares as f64 / customers as f64).sqrt() / 1e6 })
    }

    /// Customers of the table with occasions and without revenue.
    #[must_use]
    pub fn without_revenue(&self) -> u64 {
        self.by_row.iter().flatten().filter(|habit| habit.spending(1.0).is_none()).count() as u64
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
    use crate::predict::tests::order_days;

    #[test]
    fn a_customer_worked_by_hand() {
        // 10.00 on day 100, 4.00 on day 107, 8.00 on day 121; as of day 135
        let days = order_days(&[(100, 1_000), (107, 400), (121, 800)]);
        let habit = PurchaseHistory::of(&days, false).unwrap();
        assert_eq!(habit.pattern(135), Pattern { x: 2, t_cal: 35, t_x: 21 });
        assert_eq!(habit.pattern(135).history(7.0), History { x: 2, t_x: 3.0, t_cal: 5.0 });
        assert_eq!(habit.spending(100.0), Some(Spending { x: 2, z: 6.0 }));
        assert_eq!(PurchaseHistory::of(&days[..1], false).unwrap().spending(100.0), Some(Spending { x: 0, z: 0.0 }));
        assert_eq!(PurchaseHistory::of(&[], false), None);
    }

    #[test]
    fn the_first_purchase_tells_what_one_brings_where_it_is_asked() {
        let days = order_days(&[(100, 1_000), (107, 0), (121, 800), (130, 600)]);
        let (without, with) = (PurchaseHistory::of(&days, false).unwrap(), PurchaseHistory::of(&days, true).unwrap());
        assert_eq!(without.spending(100.0), Some(Spending { x: 2, z: 7.0 }));
        assert_eq!(with.spending(100.0), Some(Spending { x: 3, z: 8.0 }));
        assert_eq!(without.pattern(135), with.pattern(135), "what is expected of them is the same");
        // 2.00 of 7.00, and 4.00 of 8.00, in millionths
        assert_eq!((without.valued_range, with.valued_range), (285_714, 500_000));
        // one purchase has no range, and the first one alone is known only with it
        let once = PurchaseHistory::of(&days[..1], true).unwrap();
        assert_eq!((once.spending(100.0), once.valued_range), (Some(Spending { x: 1, z: 10.0 }), 0));
    }

    #[test]
    fn returns_lower_every_occasion_and_free_ones_count_for_x_alone() {
        // purchases of 10.00, 4.00, a free one, 8.00, credit notes of 5.50: 16.50 of 22.00 are left, which is 0.75
        let days = order_days(&[(90, -150), (100, 1_000), (107, 400), (110, 0), (121, 800), (130, -400)]);
        let habit = PurchaseHistory::of(&days, false).unwrap();
        assert_eq!(habit.pattern(135), Pattern { x: 3, t_cal: 35, t_x: 21 });
        assert_eq!((habit.purchased, habit.revenue), (2_200, 1_650));
        // (4.00 + 8.00) / 2 x 0.75
        assert_eq!(habit.spending(100.0), Some(Spending { x: 2, z: 4.5 }));
        // one day with a purchase of 30.00 and a credit note of 50.00 is an occasion of somebody who left nothing
        let day = OrderDay { day: 7, purchases: 1, purchased: 3_000, returned: -5_000 };
        let habit = PurchaseHistory::of(&[day], false).unwrap();
        assert_eq!((habit.occasions, habit.spending(100.0)), (1, None));
        assert_eq!(
            PurchaseHistory::of(&order_days(&[(7, 0)]), false).unwrap().spending(100.0),
            None,
            "a free order alone"
        );
        assert_eq!(PurchaseHistory::of(&order_days(&[(7, -5)]), false), None);
    }

    #[test]
    fn customers_outside_of_the_table_count_too() {
        let habit = PurchaseHistory::of(&order_days(&[(3, 5)]), false).unwrap();
        let occasions = BTreeMap::from([(3, 2)]);
        let habits = PurchaseHistories {
            as_of: 10,
            by_row: vec![None, Some(habit)],
            others: vec![habit],
            occasions,
            unfinished_days: 0,
        };
        assert_eq!(habits.histories(1.0).unwrap().patterns(), [(History { x: 0, t_x: 0.0, t_cal: 7.0 }, 2)]);
        assert_eq!(habits.first_days(), BTreeMap::from([(3, 2)]));
        assert_eq!(habits.span_days(), Some(7));
    }
}
