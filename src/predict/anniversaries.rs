//! Which year of a customer's life a day belongs to, by the calendar.
//!
//! Does not live here: what is summed per year (`years`).

/// The proleptic Gregorian calendar repeats after this many days, which are 400 years.
const DAYS_OF_ERA: i64 = 146_097;
/// Days from 0000-03-01, with which its eras begin, to 1970-01-01.
const EPOCH: i64 = 719_468;

/// The year, and the month and day as one number that ascends within a year, of a day since 1970-01-01. In whole numbers:
/// Hinnant (2014), "chrono-compatible low-level date algorithms"; months are counted from March, so that a leap day is the
/// last one of its year.
fn civil(day: i32) -> (i64, i64) {
    let days = i64::from(day) + EPOCH;
    let (era, day_of_era) = (days.div_euclid(DAYS_OF_ERA), days.rem_euclid(DAYS_OF_ERA));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month * 32 + day_of_month)
}

/// The years of one customer's life.
#[derive(Debug, Clone, Copy)]
pub(super) struct Anniversaries {
    first: i32,
    year: i64,
    date: i64,
}

impl Anniversaries {
    /// Of a customer whose first purchase was on `first`.
    pub(super) fn of(first: i32) -> Self {
        let (year, date) = civil(first);
        Self { first, year, date }
    }

    /// The year of life of a day, from 1: each begins on an anniversary of the first purchase, and what lies before that is
    /// part of the first one. The anniversary of 29 February is 1 March in common years, the first date that is not before it.
    pub(super) fn year_of(&self, day: i32) -> u32 {
        if day <= self.first {
            return 1;
        }
        let (year, date) = civil(day);
        let begun = year - self.year + i64::from(date >= self.date);
        u32::try_from(begun).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::day_of;
    use chrono::{Datelike as _, NaiveDate};

    fn years(first: &str, days: &[&str]) -> Vec<u32> {
        let years = Anniversaries::of(day_of(first).unwrap());
        days.iter().map(|day| years.year_of(day_of(day).unwrap())).collect()
    }

    #[test]
    fn a_year_begins_on_the_anniversary() {
        assert_eq!(years("2021-01-01", &["2021-01-01", "2021-12-31", "2022-01-01", "2025-01-01"]), [1, 1, 2, 5]);
        assert_eq!(years("2023-03-01", &["2024-02-28", "2024-02-29", "2024-03-01", "2025-02-28"]), [1, 1, 2, 2]);
        assert_eq!(years("2023-06-15", &["2020-01-01", "2023-06-14"]), [1, 1], "before the first purchase");
    }

    #[test]
    fn a_leap_day_has_its_anniversary_on_the_first_of_march_in_common_years() {
        let days = ["2020-02-29", "2021-02-28", "2021-03-01", "2024-02-28", "2024-02-29", "2024-03-01"];
        assert_eq!(years("2020-02-29", &days), [1, 1, 2, 4, 5, 5]);
        // 2100 is a common year
        assert_eq!(years("2096-02-29", &["2100-02-28", "2100-03-01"]), [4, 5]);
    }

    #[test]
    fn dates_are_those_of_chrono_over_all_years_of_the_calendar() {
        let (mut day, last) = (day_of("0001-01-01").unwrap(), day_of("9999-12-31").unwrap());
        while day <= last {
            let date = NaiveDate::default() + chrono::TimeDelta::days(day.into());
            let expected = (i64::from(date.year()), i64::from(date.month() * 32 + date.day()));
            assert_eq!(civil(day), expected, "{date}");
            day += 13; // coprime to the cycles of weeks and years
        }
    }
}
