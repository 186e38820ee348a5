//! Months, quarters and years, as days are put into them.
//!
//! Does not live here: what is counted in them.

use chrono::{Datelike, Days, Months, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::day::date_of;

/// A calendar period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// Calendar months.
    #[default]
    Month,
    /// Calendar quarters.
    Quarter,
    /// Calendar years.
    Year,
}

impl Period {
    /// Months of one of them.
    const fn months(self) -> i32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
        }
    }

    /// The number of the period that a day lies in; those of neighbours differ by one.
    #[must_use]
    pub fn of(self, day: i32) -> i32 {
        let date = date_of(day);
        let month = i32::try_from(date.month0()).unwrap_or_default();
        (12 * date.year() + month).div_euclid(self.months())
    }

    /// The first day of the period of this number, days since 1970-01-01.
    #[must_use]
    pub fn first_day(self, number: i32) -> i32 {
        let months = number * self.months();
        let month = u32::try_from(months.rem_euclid(12)).unwrap_or_default() + 1;
        NaiveDate::from_ymd_opt(months.div_euclid(12), month, 1).map_or(i32::MIN, number_of)
    }

    /// The last day of the period of this number.
    #[must_use]
    pub fn last_day(self, number: i32) -> i32 {
        self.first_day(number + 1) - 1
    }
}

fn number_of(date: NaiveDate) -> i32 {
    i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days()).unwrap_or(i32::MAX)
}

/// The same day so many months before: the last of the month where it has no such day, and the last of the month too where the
/// day is the last of its own.
#[must_use]
pub fn months_before(day: i32, months: u32) -> i32 {
    let date = date_of(day);
    let is_last = date.checked_add_days(Days::new(1)).is_some_and(|next| next.day() == 1);
    let Some(earlier) = date.checked_sub_months(Months::new(months)) else { return i32::MIN };
    let number = 12 * earlier.year() + i32::try_from(earlier.month0()).unwrap_or_default();
    if is_last { Period::Month.last_day(number) } else { number_of(earlier) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::day_of;

    fn day(text: &str) -> i32 {
        day_of(text).unwrap()
    }

    #[test]
    fn periods_have_first_and_last_days() {
        for (period, first, last) in [
            (Period::Month, "2024-02-01", "2024-02-29"),
            (Period::Quarter, "2024-01-01", "2024-03-31"),
            (Period::Year, "2024-01-01", "2024-12-31"),
        ] {
            let number = period.of(day("2024-02-10"));
            assert_eq!((period.first_day(number), period.last_day(number)), (day(first), day(last)), "{period:?}");
            assert_eq!((period.of(day(first)), period.of(day(last) + 1)), (number, number + 1));
        }
        assert_eq!(Period::Month.of(day("1969-12-31")) + 1, Period::Month.of(0));
    }

    #[test]
    fn months_before_keep_ends_of_months() {
        for (from, months, expected) in [
            ("2026-03-31", 1, "2026-02-28"),
            ("2026-02-28", 1, "2026-01-31"),
            ("2026-02-28", 12, "2025-02-28"),
            ("2024-02-29", 12, "2023-02-28"),
            ("2026-03-30", 1, "2026-02-28"),
            ("2026-03-15", 3, "2025-12-15"),
        ] {
            assert_eq!(months_before(day(from), months), day(expected), "{from} less {months}");
        }
    }
}
