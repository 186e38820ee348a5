//! Whether the business is sound: on one date after another, who bought lately, and who the buyers of each period are.
//!
//! Orders of all days count, as they are known as of the analysis date: one that was taken back since is none on any date.
//! Does not live here: which orders are purchases (`customers::order`), and the sign of growth (`health_signs`).

use super::calendar::Period;
use crate::customers::orders::OrderDay;

/// Days in which customers with a purchase are active.
pub const ACTIVE_DAYS: [i32; 3] = [30, 60, 90];

/// The dates that are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthDates {
    /// The last days of periods that are over, ascending; some earlier ones that are only compared with stand first.
    pub days: Vec<i32>,
    /// Days of quiet after which a buyer is reactivated.
    pub reactivated_after: u32,
    /// The period.
    pub every: Period,
}

impl HealthDates {
    /// The ends of the last `periods` periods that are over on the analysis date, and of those of a year before them.
    #[must_use]
    pub fn new(as_of: i32, every: Period, periods: u32, reactivated_after: u32) -> Self {
        let next = every.of(as_of.saturating_add(1));
        let all = i32::try_from(periods).unwrap_or(i32::MAX / 2).saturating_add(Self::back(every));
        let days = (next.saturating_sub(all)..next).map(|number| every.last_day(number)).collect();
        Self { days, reactivated_after, every }
    }

    /// Periods before the first one that is shown: a year of them, and three at least.
    const fn back(every: Period) -> i32 {
        match every {
            Period::Month => 12,
            Period::Quarter => 4,
            Period::Year => 3,
        }
    }

    /// Periods of a year.
    #[must_use]
    pub const fn per_year(&self) -> usize {
        match self.every {
            Period::Month => 12,
            Period::Quarter => 4,
            Period::Year => 1,
        }
    }

    /// How many of the dates stand only before those that are shown.
    #[must_use]
    pub fn hidden(&self) -> usize {
        usize::try_from(Self::back(self.every)).unwrap_or_default()
    }
}

/// What is counted on one date.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HealthSums {
    /// Customers with a purchase in the last 30, 60 and 90 days.
    pub active: [u64; ACTIVE_DAYS.len()],
    /// Customers with a purchase up to the date.
    pub known: u64,
    /// Buyers of the period whose first purchase lies in it.
    pub first_time: u64,
    /// Buyers who had not bought for long.
    pub reactivated: u64,
    /// All other buyers of the period.
    pub returning: u64,
    /// Purchases of the period.
    pub orders: u64,
    /// Money of all orders of the period, returns too, minor units.
    pub revenue: i64,
}

impl HealthSums {
    /// Everyone with a purchase in the period.
    #[must_use]
    pub const fn buyers(&self) -> u64 {
        self.first_time + self.reactivated + self.returning
    }

    fn add(&mut self, other: &Self) {
        self.active.iter_mut().zip(other.active).for_each(|(own, others)| *own += others);
        self.known += other.known;
        self.first_time += other.first_time;
        self.reactivated += other.reactivated;
        self.returning += other.returning;
        self.orders += other.orders;
        self.revenue = self.revenue.wrapping_add(other.revenue);
    }
}

/// The health of all dates while customers are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The dates.
    pub dates: HealthDates,
    /// One entry per date.
    pub sums: Vec<HealthSums>,
    /// The day of the first purchase of all; none without any.
    pub first_day: Option<i32>,
}

impl Health {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(dates: HealthDates) -> Self {
        let sums = vec![HealthSums::default(); dates.days.len()];
        Self { dates, sums, first_day: None }
    }

    /// Notes a customer, whose days ascend; nobody without a purchase.
    pub fn note(&mut self, days: &[OrderDay]) {
        let Some(first) = days.iter().find(|day| day.is_occasion()).map(|day| day.day) else { return };
        self.first_day = Some(self.first_day.map_or(first, |known| known.min(first)));
        let mut rest = days.iter().peekable();
        let mut last = None;
        let before = self.dates.days.first().map(|first| first.saturating_sub(self.dates.length()));
        while let Some(day) = rest.next_if(|day| before.is_some_and(|before| day.day <= before)) {
            last = if day.is_occasion() { Some(day.day) } else { last };
        }
        for (date, sums) in self.dates.days.iter().zip(&mut self.sums) {
            let last_before = last;
            let mut first_in = None;
            while let Some(day) = rest.next_if(|day| day.day <= *date) {
                sums.orders += u64::from(day.purchases);
                sums.revenue = sums.revenue.wrapping_add(day.revenue());
                if day.is_occasion() {
                    first_in = first_in.or(Some(day.day));
                    last = Some(day.day);
                }
            }
            match (first_in, last_before) {
                (None, _) => {}
                (Some(_), None) => sums.first_time += 1,
                (Some(first), Some(before)) => {
                    let is_reactivated = first.abs_diff(before) > self.dates.reactivated_after;
                    sums.reactivated += u64::from(is_reactivated);
                    sums.returning += u64::from(!is_reactivated);
                }
            }
            let Some(last) = last else { continue };
            sums.known += 1;
            for (active, days) in sums.active.iter_mut().zip(ACTIVE_DAYS) {
                *active += u64::from(date - last < days);
            }
        }
    }

    /// Adds what another thread noted.
    pub fn add(&mut self, other: &Self) {
        self.sums.iter_mut().zip(&other.sums).for_each(|(own, others)| own.add(others));
        self.first_day = match (self.first_day, other.first_day) {
            (Some(own), Some(others)) => Some(own.min(others)),
            (own, others) => own.or(others),
        };
    }
}

impl HealthDates {
    /// Days of the period of the first date.
    fn length(&self) -> i32 {
        let Some(first) = self.days.first() else { return 0 };
        first - self.every.last_day(self.every.of(*first) - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::{date_text, day_of};

    fn day(text: &str, purchases: u32, money: i64) -> OrderDay {
        let (purchased, returned) = if purchases > 0 { (money, 0) } else { (0, money) };
        OrderDay { day: day_of(text).unwrap(), purchases, purchased, returned }
    }

    fn health(customers: &[Vec<OrderDay>]) -> Health {
        let mut health = Health::new(HealthDates::new(day_of("2024-05-20").unwrap(), Period::Month, 3, 180));
        for days in customers {
            health.note(days);
        }
        health
    }

    #[test]
    fn dates_are_the_ends_of_periods_that_are_over() {
        let texts = |as_of: &str, every, periods| {
            let dates = HealthDates::new(day_of(as_of).unwrap(), every, periods, 180);
            dates.days[dates.hidden()..].iter().map(|day| date_text(*day)).collect::<Vec<_>>()
        };
        assert_eq!(texts("2024-05-20", Period::Month, 3), ["2024-02-29", "2024-03-31", "2024-04-30"]);
        assert_eq!(texts("2024-05-31", Period::Month, 2), ["2024-04-30", "2024-05-31"]);
        assert_eq!(texts("2024-05-31", Period::Quarter, 1), ["2024-03-31"]);
        assert_eq!(texts("2024-12-31", Period::Year, 2), ["2023-12-31", "2024-12-31"]);
    }

    #[test]
    fn every_buyer_is_one_of_three() {
        // A buys first in April; B in March and April; C in September and April, 200 days apart; D only gave something back.
        let health = health(&[
            vec![day("2024-04-02", 2, 30)],
            vec![day("2024-03-31", 1, 10), day("2024-04-01", 0, -4), day("2024-04-30", 1, 20)],
            vec![day("2023-09-15", 1, 7), day("2024-04-02", 1, 8)],
            vec![day("2024-04-02", 0, -99)],
        ]);
        let april = health.sums[health.sums.len() - 1];
        assert_eq!((april.first_time, april.returning, april.reactivated, april.buyers()), (1, 1, 1, 3));
        assert_eq!((april.orders, april.revenue, april.known), (4, 54, 3), "30 - 4 + 20 + 8");
        assert_eq!(april.active, [3; 3]);
        let march = health.sums[health.sums.len() - 2];
        assert_eq!((march.first_time, march.known, march.active), (1, 2, [1, 1, 1]), "C was active 198 days ago");
        assert_eq!(health.first_day, Some(day_of("2023-09-15").unwrap()));
    }

    #[test]
    fn days_of_activity_end_exactly() {
        // 2024-04-30 less 30 days is 2024-03-31: a purchase of that day is 30 days old and counts no more.
        let health = health(&[vec![day("2024-03-31", 1, 1)], vec![day("2024-04-01", 1, 1)]]);
        assert_eq!(health.sums[health.sums.len() - 1].active, [1, 2, 2]);
        // 180 days are not enough for a reactivation: 2023-10-05 to 2024-04-02 are 180, from 2023-10-04 181.
        let quiet = |first: &str| health_of(first).reactivated;
        assert_eq!([quiet("2023-10-05"), quiet("2023-10-04")], [0, 1]);
    }

    fn health_of(first: &str) -> HealthSums {
        let health = health(&[vec![day(first, 1, 1), day("2024-04-02", 1, 1)]]);
        health.sums[health.sums.len() - 1]
    }

    #[test]
    fn what_lies_before_all_dates_is_known_and_not_counted() {
        let old = health(&[vec![day("2020-01-01", 1, 500), day("2024-04-02", 1, 1)]]);
        assert_eq!(old.sums.iter().map(|sums| sums.revenue).sum::<i64>(), 1);
        assert_eq!(old.sums[0].known, 1);
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let customers =
            [vec![day("2024-04-02", 2, 30)], vec![day("2023-06-01", 1, 10), day("2024-02-01", 0, -4)], vec![]];
        let (whole, mut one) = (health(&customers), health(&customers[..1]));
        one.add(&health(&customers[1..]));
        assert_eq!(one, whole);
    }
}
