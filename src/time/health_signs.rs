//! Whether active customers become more or fewer: each date against those before it, and against the season.
//!
//! Does not live here: who is active (`health`).

use super::health::{Health, HealthSums};

/// The fewest days after the first purchase of all on which a date says something of growth: before them the 30 days of activity
/// reach back to where there is no data.
const LEAST_DAYS: u32 = 30;
/// Dates whose mean a date is held against.
const DATES_BEFORE: usize = 3;

/// Which way it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// Clearly more than before.
    Growing,
    /// Neither.
    Steady,
    /// Clearly fewer than before.
    Shrinking,
}

impl Sign {
    /// The word of the tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Growing => "growing",
            Self::Steady => "steady",
            Self::Shrinking => "shrinking",
        }
    }

    /// Of a ratio: `limits` are the highest one that is shrinking, and the lowest that is growing.
    fn of(ratio: f64, limits: [f64; 2]) -> Self {
        if ratio >= limits[1] {
            Self::Growing
        } else if ratio <= limits[0] {
            Self::Shrinking
        } else {
            Self::Steady
        }
    }
}

/// A date, with what it says of growth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DatedHealth {
    /// The date, days since 1970-01-01.
    pub day: i32,
    /// What was counted.
    pub sums: HealthSums,
    /// Customers active in 30 days against the date before: 0.1 is a tenth more. None where nobody was active then.
    pub change_on_previous: Option<f64>,
    /// The same against the date a year before.
    pub change_on_year: Option<f64>,
    /// Against the mean of the three dates before; none where there are fewer, or they lie too near the first purchase of all.
    pub sign: Option<Sign>,
    /// Against the date a year before, so that the season plays no part; none likewise.
    pub sign_on_year: Option<Sign>,
}

impl Health {
    /// The dates that are shown, from the first one with a customer on. `limits` as in [`Sign`].
    #[must_use]
    pub fn dated(&self, limits: [f64; 2]) -> Vec<DatedHealth> {
        let shown = self.dates.hidden()..self.dates.days.len();
        shown.filter(|at| self.sums[*at].known > 0).map(|at| self.at(at, limits)).collect()
    }

    fn at(&self, at: usize, limits: [f64; 2]) -> DatedHealth {
        let sums = self.sums[at];
        let year_ago = at.checked_sub(self.dates.per_year());
        let change = |then: Option<usize>| self.active(then?).map(|then| ratio(sums.active[0], then) - 1.0);
        DatedHealth {
            day: self.dates.days[at],
            sums,
            change_on_previous: change(at.checked_sub(1)),
            change_on_year: change(year_ago),
            sign: self.mean_before(at).map(|[sum, dates]| Sign::of(ratio(dates * sums.active[0], sum), limits)),
            sign_on_year: year_ago
                .filter(|then| self.says_something(*then))
                .and_then(|then| self.active(then))
                .map(|then| Sign::of(ratio(sums.active[0], then), limits)),
        }
    }

    /// The active customers of a date; none where there are none.
    fn active(&self, at: usize) -> Option<u64> {
        Some(self.sums[at].active[0]).filter(|active| *active > 0)
    }

    /// The active customers of the dates before one, summed, and how many dates these are.
    fn mean_before(&self, at: usize) -> Option<[u64; 2]> {
        let dates = at.checked_sub(DATES_BEFORE)?..at;
        let all_say_something = dates.clone().all(|date| self.says_something(date));
        let sum: u64 = dates.map(|date| self.sums[date].active[0]).sum();
        (all_say_something && sum > 0).then_some([sum, DATES_BEFORE as u64])
    }

    fn says_something(&self, at: usize) -> bool {
        let date = self.dates.days[at];
        self.first_day.is_some_and(|first| date >= first && date.abs_diff(first) >= LEAST_DAYS)
    }
}

#[expect(clippy::cast_precision_loss, reason = "customers are far fewer than 2^53")]
fn ratio(one: u64, other: u64) -> f64 {
    one as f64 / other as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::day_of;
    use crate::time::calendar::Period;
    use crate::time::health::HealthDates;

    /// Months up to May 2024 with so many active customers each, the last ones; the first purchase of all is of `first`.
    fn months(first: &str, active: &[u64]) -> Vec<DatedHealth> {
        let dates = HealthDates::new(day_of("2024-05-31").unwrap(), Period::Month, 24, 180);
        let mut health = Health::new(dates);
        health.first_day = Some(day_of(first).unwrap());
        let start = health.sums.len() - active.len();
        for (sums, active) in health.sums[start..].iter_mut().zip(active) {
            *sums = HealthSums { active: [*active; 3], known: 100, ..HealthSums::default() };
        }
        health.dated([0.95, 1.05])
    }

    fn signs(found: &[DatedHealth]) -> Vec<Option<&'static str>> {
        found.iter().map(|own| own.sign.map(Sign::name)).collect()
    }

    #[test]
    fn a_date_is_held_against_the_three_before_it() {
        // Means 20, 20 1/3, 19: 21 is 1.05 of 20; 16 is .787 of 20 1/3; 19 is exactly the mean.
        let found = months("2023-11-01", &[20, 20, 20, 21, 16, 19]);
        assert_eq!(signs(&found), [None, None, None, Some("growing"), Some("shrinking"), Some("steady")]);
        let near = |found: Option<f64>, expected: f64| assert!((found.unwrap() - expected).abs() < 1e-12, "{found:?}");
        near(found[3].change_on_previous, 0.05);
        near(found[4].change_on_previous, 16.0 / 21.0 - 1.0);
        assert_eq!((found[0].change_on_previous, found[5].change_on_year), (None, None));
        assert_eq!(signs(&months("2023-11-01", &[20, 20, 20, 19]))[3], Some("shrinking"), ".95 is shrinking");
    }

    #[test]
    fn dates_near_the_first_purchase_say_nothing() {
        // 2023-12-31 is 29 days after 2023-12-02, and 30 after the day before.
        let signs = |first: &str| signs(&months(first, &[20, 20, 20, 20, 20, 20]))[3];
        assert_eq!((signs("2023-12-02"), signs("2023-12-01")), (None, Some("steady")));
    }

    #[test]
    fn the_season_is_taken_out_by_the_year_before() {
        let mut active = vec![100; 13];
        active[12] = 105;
        let found = months("2023-01-01", &active);
        assert_eq!((found.len(), found[12].sign_on_year), (13, Some(Sign::Growing)));
        assert!(found[..12].iter().all(|own| own.sign_on_year.is_none()));
        let empty = months("2023-01-01", &[0, 0, 0, 5]);
        assert_eq!((empty[3].sign, empty[3].change_on_previous), (None, None), "nothing to be held against");
    }
}
