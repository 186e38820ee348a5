//! How models look at a customer's orders: day by day, or one calendar period after the other.
//!
//! Does not live here: what they make of it (`purchase_histories`).

use std::borrow::Cow;

use super::options::{PredictOptions, TimeUnit};
use super::orders::OrderDay;
use super::purchase_histories::PurchaseHistory;

/// The settings of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Look {
    /// Whether the first purchase tells what one brings.
    with_first: bool,
    /// The calendar period that is one opportunity; none where days count.
    period: Option<TimeUnit>,
    /// The last day, or the last period that has ended.
    pub(super) last: i32,
}

impl Look {
    /// As the settings say, up to `as_of`.
    pub(super) fn of(options: &PredictOptions, as_of: i32) -> Self {
        let period = options.is_by_period().then_some(options.time_unit);
        let last = period.map_or(as_of, |unit| unit.last_whole_period(as_of));
        Self { with_first: options.first_purchase_in_value, period, last }
    }

    /// Days up to `as_of` after the last period that has ended; 0 where days count.
    pub(super) fn unfinished_days(self, as_of: i32) -> u32 {
        self.period.map_or(0, |unit| (as_of + 1).abs_diff(unit.first_day_of(self.last + 1)))
    }

    /// What counts in the place of ascending `days`: themselves, or periods in which orders are summed. What came after the last
    /// whole period is no occasion yet, except for those who came then: the period of a first purchase is no opportunity.
    pub(super) fn steps(self, days: &[OrderDay]) -> Cow<'_, [OrderDay]> {
        let Some(unit) = self.period else { return days.into() };
        let mut steps: Vec<OrderDay> = Vec::new();
        let mut is_known = false;
        for day in days {
            let period = unit.period_of(day.day);
            let counts = period <= self.last || !is_known;
            is_known |= day.is_occasion();
            let step =
                OrderDay { day: period.min(self.last), purchases: if counts { day.purchases } else { 0 }, ..*day };
            match steps.last_mut().filter(|last| last.day == step.day && counts) {
                Some(last) => {
                    last.purchases += step.purchases;
                    last.purchased = last.purchased.wrapping_add(step.purchased);
                    last.returned = last.returned.wrapping_add(step.returned);
                }
                None => steps.push(step),
            }
        }
        steps.into()
    }

    /// What models see of these steps.
    pub(super) fn history(self, steps: &[OrderDay]) -> Option<PurchaseHistory> {
        PurchaseHistory::of(steps, self.with_first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::day_of;
    use crate::predict::options::ModelChoice;
    use crate::predict::purchase_histories::Pattern;
    use crate::predict::tests::order_days;

    fn seen(as_of: &str, days: &[(&str, i64)]) -> Option<PurchaseHistory> {
        let model = Some(ModelChoice::BgBb);
        let options = PredictOptions { model, time_unit: TimeUnit::Year, ..PredictOptions::default() };
        let look = Look::of(&options, day_of(as_of).unwrap());
        let days: Vec<(i32, i64)> = days.iter().map(|(day, money)| (day_of(day).unwrap(), *money)).collect();
        look.history(&look.steps(&order_days(&days)))
    }

    #[test]
    fn years_with_a_donation_are_counted_once_and_an_unfinished_one_not_yet() {
        let days = [
            ("1995-05-01", 1_000),
            ("1996-02-01", 500),
            ("1996-11-30", 700),
            ("1999-01-01", 900),
            ("2001-03-01", 4_000),
        ];
        let history = seen("2001-06-30", &days).unwrap();
        assert_eq!(history.pattern(2000), Pattern { x: 2, t_cal: 5, t_x: 4 });
        // 12.00 of 1996 and 9.00 of 1999; the money of 2001 is revenue all the same
        assert_eq!((history.valued, history.valued_amount, history.revenue), (2, 2_100, 7_100));
        let history = seen("2001-12-31", &days).unwrap();
        assert_eq!(history.pattern(2001), Pattern { x: 3, t_cal: 6, t_x: 6 });
    }

    #[test]
    fn whoever_came_in_the_unfinished_period_had_no_opportunity_yet() {
        let history = seen("2001-06-30", &[("2001-02-01", 1_000), ("2001-04-01", 500)]).unwrap();
        assert_eq!((history.pattern(2000), history.revenue), (Pattern { x: 0, t_cal: 0, t_x: 0 }, 1_500));
        assert_eq!(seen("2001-06-30", &[("2001-02-01", -500)]), None);
    }
}
