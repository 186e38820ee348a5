//! The chosen model compared with the purchases it was fitted on.
//!
//! Does not live here: what a model expects (`models`).

use std::collections::BTreeMap;

use super::learn::FittedModels;
use super::options::TimeUnit;
use super::purchase_histories::PurchaseHistories;
use crate::error::Result;
use crate::models::{Model, expected_cumulative_repeats, expected_repeat_counts};

/// The last row of the repeat counts is for this many or more.
const MOST_REPEATS: u32 = 7;

/// Customers with this many repeat occasions.
#[derive(Debug, Clone, PartialEq)]
pub struct Repeats {
    /// Repeat occasions: 0, 1, .., and for the last row that many or more.
    pub repeats: u32,
    /// Customers who have them.
    pub actual: u64,
    /// Customers with this many as the model expects.
    pub expected: f64,
}

/// Repeat occasions by the end of a week.
#[derive(Debug, Clone, PartialEq)]
pub struct Week {
    /// 1, 2, ..; the first one begins with the first purchase of all, the last one ends with the analysis date.
    pub week: u32,
    /// Its last day, days since 1970-01-01.
    pub last_day: i32,
    /// Repeat occasions of all customers up to then.
    pub actual: u64,
    /// What the model expects of them.
    pub expected: f64,
}

/// Both.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tracking {
    /// By number of repeats; empty without a model.
    pub repeats: Vec<Repeats>,
    /// By week; empty without a model.
    pub weeks: Vec<Week>,
}

impl Tracking {
    /// Compares the model with the purchase histories.
    ///
    /// # Errors
    /// Where there are more distinct histories than models can take.
    pub fn new(learned: &FittedModels, habits: &PurchaseHistories) -> Result<Self> {
        let Some(model) = &learned.model else { return Ok(Self::default()) };
        let histories = learned.histories(habits)?;
        let expected = expected_repeat_counts(model.as_purchase_model(), &histories, MOST_REPEATS);
        let counts = (0..).zip(histories.repeat_counts(MOST_REPEATS)).zip(expected);
        let repeats = counts.map(|((repeats, actual), expected)| Repeats { repeats, actual, expected }).collect();
        let weeks =
            if learned.by_period { periods(model, learned.unit, habits) } else { weeks(model, learned, habits) };
        Ok(Self { repeats, weeks })
    }
}

/// One row per calendar period, where these are counted.
fn periods(model: &Model, unit: TimeUnit, habits: &PurchaseHistories) -> Vec<Week> {
    let Some((start, _)) = habits.occasions.first_key_value() else { return Vec::new() };
    let ends: Vec<i32> = (*start..=habits.as_of).collect();
    let first = habits.first_days();
    // The period of the first purchase is no opportunity.
    let expected = expected_cumulative_repeats(model.as_purchase_model(), 1.0, &first, &ends);
    let mut rows = counted(habits, &first, ends, expected);
    for row in &mut rows {
        row.last_day = unit.first_day_of(row.last_day + 1) - 1;
    }
    rows
}

fn weeks(model: &Model, learned: &FittedModels, habits: &PurchaseHistories) -> Vec<Week> {
    let (Some(span), Some((start, _))) = (habits.span_days(), habits.occasions.first_key_value()) else {
        return Vec::new();
    };
    let week = |week: u32| start.saturating_add_unsigned(7 * week - 1).min(habits.as_of);
    let ends: Vec<i32> = (1..=(span + 1).div_ceil(7)).map(week).collect();
    // A day ends where the next one begins.
    let until: Vec<i32> = ends.iter().map(|day| day.saturating_add(1)).collect();
    let first = habits.first_days();
    let unit = learned.unit.days();
    let expected = expected_cumulative_repeats(model.as_purchase_model(), unit, &first, &until);
    counted(habits, &first, ends, expected)
}

/// The repeats up to each of the ascending `ends`, beside what is expected.
fn counted(habits: &PurchaseHistories, first: &BTreeMap<i32, u64>, ends: Vec<i32>, expected: Vec<f64>) -> Vec<Week> {
    let mut occasions = habits.occasions.iter().peekable();
    let mut firsts = first.iter().peekable();
    let (mut bought, mut came) = (0, 0);
    let mut week = |((week, last_day), expected): ((u32, i32), f64)| {
        while let Some((_, count)) = occasions.next_if(|(day, _)| **day <= last_day) {
            bought += count;
        }
        while let Some((_, count)) = firsts.next_if(|(day, _)| **day <= last_day) {
            came += count;
        }
        Week { week, last_day, actual: bought - came, expected }
    };
    (1..).zip(ends).zip(expected).map(&mut week).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{BgNbd, Candidate, Choice, PurchaseModel, Unfit};
    use crate::predict::purchase_histories::PurchaseHistory;

    #[test]
    fn weeks_count_what_came_after_the_first_purchase_of_each() {
        let habit = |first_day, last_day, occasions| {
            Some(PurchaseHistory { first_day, last_day, occasions, ..PurchaseHistory::default() })
        };
        // day 0: one starts; day 3: they repeat, another starts; day 8: both repeat; as of day 9
        let occasions = [(0, 1), (3, 2), (8, 2)].into();
        let habits = PurchaseHistories {
            as_of: 9,
            by_row: vec![habit(0, 8, 3), habit(3, 8, 2)],
            occasions,
            ..PurchaseHistories::default()
        };
        let parameters = BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
        let learned = FittedModels {
            unit: TimeUnit::Week,
            by_period: false,
            model: Model::new(Candidate::BgNbd, &[0.243, 4.414, 0.793, 2.426]).ok(),
            spending: None,
            purchases: Choice::default(),
            spendings: Err(Unfit::NoCustomers),
            warnings: Vec::new(),
        };
        let tracking = Tracking::new(&learned, &habits).unwrap();
        let weeks: Vec<(u32, i32, u64)> = tracking.weeks.iter().map(|w| (w.week, w.last_day, w.actual)).collect();
        assert_eq!(weeks, [(1, 6, 1), (2, 9, 3)]);
        // to the end of day 9
        let of_two: f64 = parameters.expected_purchases_of_new(&[10.0 / 7.0, 7.0 / 7.0]).iter().sum();
        assert!((tracking.weeks[1].expected - of_two).abs() < 1e-12);
        assert_eq!(tracking.repeats.iter().map(|row| row.actual).collect::<Vec<_>>(), [0, 1, 1, 0, 0, 0, 0, 0]);
    }
}
