//! Cohorts: customers by the period of their first purchase, followed from period to period.
//!
//! All days count, whatever the window. Does not live here: which orders are purchases (`customers::order`).

use std::collections::BTreeMap;

use super::calendar::Period;
use crate::customers::orders::OrderDay;

/// What the customers of a cohort did in one period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Cell {
    active: u64,
    orders: u64,
    revenue: i64,
}

/// The cohorts while customers are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cohorts {
    by: Period,
    as_of: i32,
    /// Customers by the number of their first period.
    customers: BTreeMap<i32, u64>,
    /// By first period and age.
    cells: BTreeMap<(i32, i32), Cell>,
}

/// What a cohort did in the period of one age.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CohortAge {
    /// The first day of the period of the first purchase.
    pub first_day: i32,
    /// Periods since then.
    pub age: i32,
    /// Customers of the cohort.
    pub customers: u64,
    /// What they did in the period; none where it is not over.
    pub done: Option<Done>,
}

/// What a cohort did in a period that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// Customers with a purchase.
    pub active: u64,
    /// Purchases.
    pub orders: u64,
    /// The money of all orders, returns too, minor units.
    pub revenue: i64,
    /// The same of all periods up to this one.
    pub cumulative_revenue: i64,
}

impl Cohorts {
    /// No cohort yet, as of this day.
    #[must_use]
    pub const fn new(by: Period, as_of: i32) -> Self {
        Self { by, as_of, customers: BTreeMap::new(), cells: BTreeMap::new() }
    }

    /// Notes a customer, whose days ascend; nobody without a purchase. Money of days before the first purchase counts with it.
    pub fn note(&mut self, days: &[OrderDay]) {
        let Some(first) = days.iter().find(|day| day.is_occasion()) else { return };
        let cohort = self.by.of(first.day);
        *self.customers.entry(cohort).or_default() += 1;
        let mut last_active = None;
        for day in days {
            let age = (self.by.of(day.day) - cohort).max(0);
            let cell = self.cells.entry((cohort, age)).or_default();
            cell.orders += u64::from(day.purchases);
            cell.revenue = cell.revenue.wrapping_add(day.revenue());
            if day.is_occasion() && last_active.replace(age) != Some(age) {
                cell.active += 1;
            }
        }
    }

    /// Adds what another thread noted.
    pub fn add(&mut self, other: Self) {
        for (cohort, customers) in other.customers {
            *self.customers.entry(cohort).or_default() += customers;
        }
        for (key, others) in other.cells {
            let own = self.cells.entry(key).or_default();
            own.active += others.active;
            own.orders += others.orders;
            own.revenue = own.revenue.wrapping_add(others.revenue);
        }
    }

    /// Every cohort at every age that it has reached; the period of the analysis date is not over, unless it ends with it.
    #[must_use]
    pub fn ages(&self) -> Vec<CohortAge> {
        let now = self.by.of(self.as_of);
        let mut found = Vec::new();
        for (&cohort, &customers) in &self.customers {
            let mut cumulative_revenue: i64 = 0;
            for age in 0..=now - cohort {
                let Cell { active, orders, revenue } = self.cells.get(&(cohort, age)).copied().unwrap_or_default();
                cumulative_revenue = cumulative_revenue.wrapping_add(revenue);
                let is_over = self.by.last_day(cohort + age) <= self.as_of;
                let done = is_over.then_some(Done { active, orders, revenue, cumulative_revenue });
                found.push(CohortAge { first_day: self.by.first_day(cohort), age, customers, done });
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::day_of;

    fn days(days: &[(&str, u32, i64, i64)]) -> Vec<OrderDay> {
        let day = |(day, purchases, purchased, returned): &(&str, u32, i64, i64)| OrderDay {
            day: day_of(day).unwrap(),
            purchases: *purchases,
            purchased: *purchased,
            returned: *returned,
        };
        days.iter().map(day).collect()
    }

    #[test]
    fn customers_are_followed_from_month_to_month() {
        let mut cohorts = Cohorts::new(Period::Month, day_of("2024-03-20").unwrap());
        cohorts.note(&days(&[("2023-12-31", 0, 0, -5), ("2024-01-02", 1, 100, 0), ("2024-01-09", 2, 60, 0)]));
        cohorts.note(&days(&[("2024-01-31", 1, 40, 0), ("2024-02-01", 0, 0, -10), ("2024-02-29", 1, 30, 0)]));
        cohorts.note(&days(&[("2024-03-01", 1, 70, 0)]));
        cohorts.note(&days(&[("2024-03-01", 0, 0, -70)]));
        let line = |own: &CohortAge| {
            let done = own.done.map(|done| (done.active, done.orders, done.revenue, done.cumulative_revenue));
            (own.age, own.customers, done)
        };
        let found: Vec<_> = cohorts.ages().iter().map(line).collect();
        assert_eq!(
            found,
            [
                // -5 of December counts with the first purchase: 100 + 60 + 40 - 5.
                (0, 2, Some((2, 4, 195, 195))),
                (1, 2, Some((1, 1, 20, 215))),
                (2, 2, None),
                (0, 1, None),
            ]
        );
        let end = Cohorts { as_of: day_of("2024-03-31").unwrap(), ..cohorts };
        assert_eq!(end.ages().iter().filter(|own| own.done.is_none()).count(), 0, "March is over on its last day");
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let customers = [
            days(&[("2024-01-02", 1, 100, 0), ("2024-06-09", 2, 60, -3)]),
            days(&[("2024-01-05", 1, 1, 0)]),
            days(&[("2023-01-05", 1, 1, 0), ("2024-01-05", 1, 7, 0)]),
        ];
        let empty = || Cohorts::new(Period::Quarter, day_of("2024-07-01").unwrap());
        let (mut whole, mut one, mut other) = (empty(), empty(), empty());
        for days in &customers {
            whole.note(days);
        }
        one.note(&customers[2]);
        other.note(&customers[0]);
        other.note(&customers[1]);
        one.add(other);
        assert_eq!(one, whole);
    }
}
