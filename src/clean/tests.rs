//! Laws of the judge that need whole batches.

use std::sync::Arc;

use polars::prelude::*;
use proptest::prelude::*;

use super::by_date::AccountsByDate;
use super::dates::DateRules;
use super::judge::{InputRules, Judge, Judged, OrderRule, Rules};
use super::options::{Returns, ZeroAmounts};
use super::outcome::{Outcome, Tally};
use crate::batch::role;

const WINDOW_START: i32 = 10;

fn rules_of(window_start: Option<i32>) -> Rules {
    Rules {
        known: crate::known::Known::ALL,
        as_of: Some(20),
        window_start,
        orders_from: None,
        cut: None,
        min_day: Some(3),
        amount_limits: (-1_000, 1_000),
        scale: 0,
        currencies: None,
        returns: Returns::Drop,
        zero_amounts: ZeroAmounts::Drop,
        trim_ids: false,
        lowercase_ids: false,
        text_ids: false,
        quarantine_rows: 5,
        aliases: Arc::default(),
        excluded: Arc::default(),
        tells_ids: true,
        shows_ids: true,
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
    let nobody = vec!["nobody".into()];
    let own = InputRules { dates: DateRules::default(), nobody, orders: OrderRule::Row, order_salt: 0 };
    let judge = Judge::new(rules, own);
    let judged = judge.judge(batch).unwrap();
    (judged, judge.into_account().0)
}

proptest! {
    /// A window says nothing of a row but that it lies before it: time comes before every other question.
    #[test]
    fn a_window_changes_the_outcomes_of_the_rows_before_it_alone(
        rows in prop::collection::vec((0_u8..5, 0_u8..8, 0_u8..7), 0..60),
    ) {
        let batch = batch(&rows);
        let (windowed, _) = judged(rules_of(Some(WINDOW_START)), &batch);
        let (unbounded, _) = judged(rules_of(None), &batch);
        for (row, outcome) in windowed.outcomes().iter().enumerate() {
            // The days of `batch`: 1, 5 and 9 lie before the window.
            let expected = if (1..4).contains(&rows[row].1) { Outcome::BeforeWindow } else { unbounded.outcomes()[row] };
            prop_assert_eq!(*outcome, expected);
        }
    }
}

proptest! {
    /// Rows that are judged once, for the last date, tell of each date what a judge for that date alone does.
    #[test]
    fn the_account_of_each_of_several_dates_is_that_of_a_judge_for_the_date(
        rows in prop::collection::vec((0_u8..5, 0_u8..8, 0_u8..7), 0..80),
    ) {
        let dates = [4, 9, 15, 20];
        let judge_for = |as_of: i32| {
            let nobody = vec!["nobody".into()];
            let own = InputRules { dates: DateRules::default(), nobody, orders: OrderRule::Row, order_salt: 0 };
            Judge::new(Rules { as_of: Some(as_of), ..rules_of(None) }, own)
        };
        let accounts = AccountsByDate::new(Arc::from(dates), &rules_of(None));
        let halves: Vec<DataFrame> = rows.chunks(30).map(batch).collect();
        for (scan, half) in halves.iter().enumerate() {
            accounts.note(scan, half, &judge_for(20).judge(half).unwrap()).unwrap();
        }
        for (date, found) in dates.into_iter().zip(accounts.into_accounts()) {
            let judge = judge_for(date);
            for (scan, half) in halves.iter().enumerate() {
                judge.begin_scan(scan);
                judge.judge(half).unwrap();
            }
            let (tally, rejects) = judge.into_account();
            prop_assert_eq!(&found.tally, &tally, "{}", date);
            prop_assert_eq!(&found.rejects, &rejects, "{}", date);
        }
    }
}

/// Ann is an old id of Eve, Bob one of Ann; the second row of Bob has no amount, and the last row is excluded by her old id.
#[test]
fn old_ids_count_as_those_of_today_before_anything_else_is_asked_and_kept_rows_are_counted() {
    use super::aliases::{Aliases, FoundAliases};
    use super::excluded::Excluded;
    use polars_arrow::array::Utf8ViewArray;
    let texts = |ids: &[&str]| Utf8ViewArray::from_slice_values(ids);
    let aliases = Arc::new(Aliases::of_texts(texts(&["Ann", "Bob", "Kim"]), texts(&["Eve", "Ann", "Lee"])).unwrap());
    let excluded = Arc::new(Excluded::texts("Kim\n", str::to_owned).followed(&aliases));
    let rules = Rules { aliases: Arc::clone(&aliases), excluded, ..rules_of(None) };
    let mut frame = batch(&[(0, 4, 4), (1, 4, 4), (1, 4, 0), (0, 4, 4)]);
    frame.with_column(Column::new(role::CUSTOMER.into(), ["Ann", "Bob", "Bob", "Lee"])).unwrap();
    let (judged, tally) = judged(rules, &frame);
    judged.with_batch(|batch| {
        let crate::batch::Ids::Text(ids) = batch.ids else { panic!("texts") };
        assert_eq!(ids, [&b"Eve"[..], b"Eve", b"Eve", b"Lee"]);
    });
    let outcomes = [Outcome::Kept, Outcome::Kept, Outcome::NullAmount, Outcome::ExcludedCustomer];
    assert_eq!((judged.outcomes(), tally.moved_rows), (&outcomes[..], 2));
    assert_eq!(aliases.found(), FoundAliases { old_ids: 2, customers: 1 });
}
