//! Laws of the judge that need whole batches.

use std::sync::Arc;

use polars::prelude::*;
use proptest::prelude::*;

use super::dates::DateRules;
use super::judge::{Judge, Judged, OrderRule, Rules};
use super::options::{Returns, ZeroAmounts};
use super::outcome::{Outcome, Tally};
use crate::batch::role;

const WINDOW_START: i32 = 10;

fn rules(window_start: Option<i32>, judges_history: bool) -> Rules {
    Rules {
        as_of: Some(20),
        window_start,
        judges_history,
        min_day: Some(3),
        amount_limits: (-1_000, 1_000),
        scale: 0,
        returns: Returns::Drop,
        zero_amounts: ZeroAmounts::Drop,
        dates: DateRules::default(),
        nobody: vec!["nobody".into()],
        trim_ids: false,
        lowercase_ids: false,
        orders: OrderRule::Row,
        quarantine_rows: 5,
        excluded: Arc::default(),
        tells_ids: true,
    }
}

/// Customers, days and amounts, with all that can be wrong with them.
fn batch(rows: &[(u8, u8, u8)]) -> DataFrame {
    let ids = [Some("Ann"), Some("Bob"), Some("nobody"), Some(" "), None];
    let days = [None, Some(1), Some(5), Some(9), Some(10), Some(15), Some(20), Some(21)];
    let amounts = [None, Some(f64::NAN), Some(-5.0), Some(0.0), Some(7.0), Some(50.0), Some(5_000.0)];
    let column = |name: &str, series: Series| series.with_name(name.into()).into_column();
    let ids: Vec<_> = rows.iter().map(|row| ids[usize::from(row.0) % ids.len()]).collect();
    let days: Vec<Option<i32>> = rows.iter().map(|row| days[usize::from(row.1) % days.len()]).collect();
    let amounts: Vec<_> = rows.iter().map(|row| amounts[usize::from(row.2) % amounts.len()]).collect();
    let days = Series::new("".into(), days).cast(&DataType::Date).unwrap();
    let columns = vec![
        column(role::CUSTOMER, Series::new("".into(), ids)),
        column(role::TIME, days),
        column(role::AMOUNT, Series::new("".into(), amounts)),
    ];
    DataFrame::new(rows.len(), columns).unwrap()
}

fn judged(rules: Rules, batch: &DataFrame) -> (Judged, Tally) {
    let judge = Judge::new(rules);
    let judged = judge.judge(batch).unwrap();
    (judged, judge.into_account().0)
}

fn kept(judged: &Judged) -> Vec<bool> {
    judged.with_history(|batch| (0..batch.days.len()).map(|row| batch.is_kept(row)).collect())
}

proptest! {
    /// Judged with what lies before the window, each row has the outcome that it has without, and the rows of the history
    /// are those that a judge without a window keeps.
    #[test]
    fn the_history_is_what_is_kept_without_a_window_and_changes_no_outcome(
        rows in prop::collection::vec((0_u8..5, 0_u8..8, 0_u8..7), 0..60),
    ) {
        let batch = batch(&rows);
        let (plain, plain_tally) = judged(rules(Some(WINDOW_START), false), &batch);
        let (with_history, tally) = judged(rules(Some(WINDOW_START), true), &batch);
        let (unbounded, unbounded_tally) = judged(rules(None, false), &batch);
        prop_assert_eq!(plain.outcomes(), with_history.outcomes());
        prop_assert_eq!(kept(&with_history), kept(&unbounded));
        let in_window: Vec<bool> = plain.outcomes().iter().map(|outcome| *outcome == Outcome::Kept).collect();
        prop_assert_eq!(with_history.with_batch(|batch| (0..rows.len()).map(|row| batch.is_kept(row)).collect::<Vec<_>>()), in_window);
        prop_assert_eq!(tally.absolute_amount + tally.absolute_amount_before, unbounded_tally.absolute_amount);
        prop_assert_eq!(Tally { absolute_amount_before: 0, ..tally }, plain_tally);
    }
}
