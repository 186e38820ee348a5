//! The own rhythm of customers: after how many days of quiet each of them is late, by their own gaps.
//!
//! Whole numbers to the end: two dates with the same days say the same.
//! Does not live here: what is made of it (`alerts`).

use crate::customers::orders::OrderDay;

/// Gaps from which on their own quantile is used.
const LEAST_GAPS: usize = 5;
/// The quantile of the gaps, in tenths.
const TENTHS: usize = 9;
/// What the mean gap is multiplied with where there are fewer.
const TIMES_MEAN: u32 = 2;
/// Days of the money that is at stake.
const MONEY_DAYS: i32 = 365;

/// The gaps between the purchase days of a customer, and their money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rhythm {
    /// The limit is so many days, divided by the next number; that is 0 where there is one purchase day or none.
    limit: u32,
    parts: u32,
    /// Gaps, and the days that they sum to: from the first purchase day to the last.
    pub gaps: u32,
    /// See `gaps`.
    pub span: u32,
    /// The first purchase day, days since 1970-01-01; of no meaning without one.
    pub first_day: i32,
    /// Whether there is a purchase day at all.
    pub has_bought: bool,
    /// What the last 365 days brought, returns too, minor units.
    pub revenue_last_year: i64,
}

impl Rhythm {
    /// Of ascending days up to `as_of`.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)]
    pub fn of(days: &[OrderDay], as_of: i32, space: &mut Vec<u32>) -> Self {
        space.clear();
        let mut last: Option<i32> = None;
        let first_day = days.iter().find(|day| day.is_occasion()).map(|day| day.day);
        for day in days.iter().filter(|day| day.is_occasion()) {
            if let Some(last) = last.replace(day.day) {
                space.push(day.day.abs_diff(last));
            }
        }
        let recent = days.iter().rev().take_while(|day| as_of - day.day < MONEY_DAYS);
        let (gaps, span) = (space.len() as u32, space.iter().sum());
        let revenue_last_year = recent.fold(0_i64, |sum, day| sum.wrapping_add(day.revenue()));
        let (limit, parts) = limit(space, span);
        let (has_bought, first_day) = (first_day.is_some(), first_day.unwrap_or_default());
        Self { limit, parts, gaps, span, first_day, has_bought, revenue_last_year }
    }

    /// Whether so many days of quiet are more than the customer's limit; never where there is none.
    #[must_use]
    pub fn is_passed_by(&self, days: i32) -> bool {
        self.parts > 0 && i64::from(days) * i64::from(self.parts) > i64::from(self.limit)
    }

    /// The limit in days; none with one purchase day.
    #[must_use]
    pub fn limit_days(&self) -> Option<f64> {
        (self.parts > 0).then(|| f64::from(self.limit) / f64::from(self.parts))
    }

    /// The mean gap in days; none with one purchase day.
    #[must_use]
    pub fn mean_gap_days(&self) -> Option<f64> {
        (self.gaps > 0).then(|| f64::from(self.span) / f64::from(self.gaps))
    }
}

/// The 0.9 quantile (type 7) of five gaps or more, else twice their mean: as a number of parts of a day, and how many make one.
#[allow(clippy::cast_possible_truncation)]
fn limit(gaps: &mut [u32], span: u32) -> (u32, u32) {
    let count = gaps.len();
    if count < LEAST_GAPS {
        return (TIMES_MEAN * span, count as u32);
    }
    let position = TENTHS * (count - 1);
    let (low, rest) = (position / 10, (position % 10) as u32);
    gaps.sort_unstable();
    let (lower, upper) = (gaps[low], gaps[(low + 1).min(count - 1)]);
    (10 * lower + rest * (upper - lower), 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rhythm(days: &[(i32, i64)], as_of: i32) -> Rhythm {
        let day = |(day, money): &(i32, i64)| OrderDay {
            day: *day,
            purchases: u32::from(*money >= 0),
            purchased: (*money).max(0),
            returned: (*money).min(0),
        };
        let days: Vec<OrderDay> = days.iter().map(day).collect();
        Rhythm::of(&days, as_of, &mut Vec::new())
    }

    #[test]
    fn few_gaps_give_twice_their_mean() {
        // Gaps 10 and 15, the return of day 20 is no purchase: mean 12.5, limit 25.
        let own = rhythm(&[(0, 5), (10, 5), (20, -2), (25, 5)], 400);
        assert_eq!((own.mean_gap_days(), own.limit_days()), (Some(12.5), Some(25.0)));
        assert_eq!([25, 26].map(|days| own.is_passed_by(days)), [false, true]);
        let one = rhythm(&[(3, 5)], 400);
        assert_eq!((one.mean_gap_days(), one.limit_days(), one.is_passed_by(9_999)), (None, None, false));
    }

    #[test]
    fn five_gaps_give_their_own_quantile() {
        // Gaps 1 2 3 4 10: position .9 * 4 = 3.6, 4 + .6 * 6 = 7.6.
        let own = rhythm(&[(0, 1), (10, 1), (12, 1), (13, 1), (17, 1), (20, 1)], 20);
        assert_eq!(own.limit_days(), Some(7.6));
        assert_eq!([7, 8].map(|days| own.is_passed_by(days)), [false, true]);
        // Eleven equal gaps: exactly 7, which 7 days do not pass.
        let days: Vec<(i32, i64)> = (0..12).map(|at| (7 * at, 1)).collect();
        let own = rhythm(&days, 77);
        assert_eq!((own.limit_days(), own.is_passed_by(7), own.is_passed_by(8)), (Some(7.0), false, true));
    }

    #[test]
    fn money_at_stake_is_that_of_a_year() {
        // As of day 400: days 36 to 400 count.
        assert_eq!(rhythm(&[(35, 100), (36, 20), (90, -3), (400, 1)], 400).revenue_last_year, 18);
    }
}
