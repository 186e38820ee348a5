//! Calendar periods: the opportunities of a model that counts in them.
//!
//! Does not live here: what customers did in them (`look`).

use chrono::{Datelike as _, NaiveDate};

use super::options::TimeUnit;

/// Days from 0001-01-01, less one, to 1970-01-01.
const EPOCH: i32 = 719_163;

impl TimeUnit {
    /// The number of the calendar period that a day lies in; weeks begin on Mondays. They ascend by one.
    pub(super) fn period_of(self, day: i32) -> i32 {
        let months = |count: i32| {
            let date = NaiveDate::from_num_days_from_ce_opt(day.saturating_add(EPOCH)).unwrap_or_default();
            (date.year() * 12 + date.month0().cast_signed()).div_euclid(count)
        };
        match self {
            Self::Day => day,
            Self::Week => (day + 3).div_euclid(7), // day 0 is a Thursday
            Self::Month => months(1),
            Self::Quarter => months(3),
            Self::Year => months(12),
        }
    }

    /// The first day of a calendar period.
    pub(super) fn first_day_of(self, period: i32) -> i32 {
        let months = |count: i32| {
            let month = period * count;
            let date = NaiveDate::from_ymd_opt(month.div_euclid(12), month.rem_euclid(12).cast_unsigned() + 1, 1);
            date.unwrap_or_default().num_days_from_ce() - EPOCH
        };
        match self {
            Self::Day => period,
            Self::Week => period * 7 - 3,
            Self::Month => months(1),
            Self::Quarter => months(3),
            Self::Year => months(12),
        }
    }

    /// The last calendar period that has ended with this day.
    pub(super) fn last_whole_period(self, day: i32) -> i32 {
        self.period_of(day.saturating_add(1)) - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::day_of;

    #[test]
    fn every_day_lies_in_the_period_that_begins_on_or_before_it() {
        for unit in [TimeUnit::Day, TimeUnit::Week, TimeUnit::Month, TimeUnit::Quarter, TimeUnit::Year] {
            for day in (-3_000..30_000).step_by(7) {
                let period = unit.period_of(day);
                assert!(unit.first_day_of(period) <= day && day < unit.first_day_of(period + 1), "{unit:?} {day}");
                assert_eq!(unit.period_of(unit.first_day_of(period)), period);
            }
        }
    }

    #[test]
    fn periods_are_those_of_the_calendar() {
        let day = |date: &str| day_of(date).unwrap();
        let starts = |unit: TimeUnit, date: &str| unit.first_day_of(unit.period_of(day(date)));
        assert_eq!(starts(TimeUnit::Week, "2024-01-07"), day("2024-01-01"), "a Monday");
        assert_eq!(starts(TimeUnit::Month, "2024-02-29"), day("2024-02-01"));
        assert_eq!(starts(TimeUnit::Quarter, "2023-12-31"), day("2023-10-01"));
        assert_eq!(starts(TimeUnit::Year, "1969-12-31"), day("1969-01-01"));
        let last = |date: &str| TimeUnit::Year.last_whole_period(day(date));
        assert_eq!((last("2001-12-31"), last("2001-12-30"), last("2002-01-01")), (2001, 2000, 2001));
    }
}
