//! The last days of the periods of the calendar.

use chrono::{Datelike, Days, Months, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far the analysis dates of a series lie apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// Each day.
    Day,
    /// The Sundays, with which weeks end (ISO 8601).
    Week,
    /// The last day of each month.
    #[default]
    Month,
    /// The last day of each quarter of the calendar.
    Quarter,
    /// The last day of each year.
    Year,
}

/// More dates than this are hardly meant: ten years, day by day.
pub const MOST_DATES: usize = 4_000;

/// What is wrong with a setting of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The setting.
    pub key: &'static str,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

/// The last days of all periods that end from `from` to `to`, ascending: at most one more than [`MOST_DATES`].
///
/// # Errors
/// Where there is none.
pub fn last_days(from: NaiveDate, to: NaiveDate, every: Every) -> Result<Vec<NaiveDate>, Problem> {
    let problem = |expected: String| Err(Problem { key: "series.to", found: format!("`{to}`"), expected });
    if to < from {
        return problem(format!("a day on or after `series.from`, which is `{from}`"));
    }
    let next = |date: &NaiveDate| date.succ_opt().and_then(|day| last_day(day, every));
    let dates = std::iter::successors(last_day(from, every), next).take_while(|date| *date <= to);
    let dates: Vec<NaiveDate> = dates.take(MOST_DATES + 1).collect();
    if dates.is_empty() {
        return problem(format!("a later day: no {} ends from `{from}` to `{to}`", name(every)));
    }
    Ok(dates)
}

/// The last day of the period that `day` lies in; none beyond the calendar.
fn last_day(day: NaiveDate, every: Every) -> Option<NaiveDate> {
    let month = day.month();
    match every {
        Every::Day => Some(day),
        Every::Week => day.checked_add_days(Days::new(u64::from(6 - day.weekday().num_days_from_monday()))),
        Every::Month => end_of_month(day, month),
        Every::Quarter => end_of_month(day, month.div_ceil(3) * 3),
        Every::Year => end_of_month(day, 12),
    }
}

/// The last day of a month of the year of `day`.
fn end_of_month(day: NaiveDate, month: u32) -> Option<NaiveDate> {
    let first = NaiveDate::from_ymd_opt(day.year(), month, 1)?;
    first.checked_add_months(Months::new(1))?.pred_opt()
}

const fn name(every: Every) -> &'static str {
    match every {
        Every::Day => "day",
        Every::Week => "week",
        Every::Month => "month",
        Every::Quarter => "quarter",
        Every::Year => "year",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(from: &str, to: &str, every: Every) -> Vec<String> {
        let dates = last_days(from.parse().unwrap(), to.parse().unwrap(), every).unwrap();
        dates.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn months_quarters_and_years_end_as_the_calendar_says() {
        let months = texts("2023-12-31", "2024-03-30", Every::Month);
        assert_eq!(months, ["2023-12-31", "2024-01-31", "2024-02-29"], "2024 is a leap year, and March is not over");
        assert_eq!(
            texts("2024-02-10", "2024-12-31", Every::Quarter),
            ["2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31"]
        );
        assert_eq!(texts("2022-01-01", "2024-12-30", Every::Year), ["2022-12-31", "2023-12-31"]);
    }

    /// 2025-01-05 is a Sunday, as ISO weeks end.
    #[test]
    fn weeks_end_on_sundays_and_days_on_themselves() {
        assert_eq!(texts("2025-01-01", "2025-01-19", Every::Week), ["2025-01-05", "2025-01-12", "2025-01-19"]);
        assert_eq!(texts("2025-01-05", "2025-01-05", Every::Week), ["2025-01-05"]);
        assert_eq!(texts("2025-02-27", "2025-03-01", Every::Day), ["2025-02-27", "2025-02-28", "2025-03-01"]);
    }

    #[test]
    fn a_range_without_an_end_of_a_period_is_refused() {
        let (from, to) = ("2025-01-01".parse().unwrap(), "2025-01-30".parse().unwrap());
        let problem = last_days(from, to, Every::Month).unwrap_err();
        assert!(problem.expected.contains("no month ends"), "{problem:?}");
    }
}
