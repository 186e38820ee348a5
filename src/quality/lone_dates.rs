//! A last date that stands alone: one made-up date in the future would age every customer.
//!
//! The rule, for runs without an analysis date: of the last three gaps between days with orders, the longest is longer than 30
//! days and more than three times as long as any pause before it, there are at least five days with orders before it, and at
//! most three customers, or one in a hundred, bought after it.
//! Does not live here: the analysis date itself (`input::window`).

use crate::customers::Customers;
use crate::day::date_of;
use crate::warnings::Facts;

/// A shorter gap is usual.
const USUAL_GAP_DAYS: i32 = 30;
/// More dates than these after a gap are no mistakes.
const MOST_DATES: usize = 3;
/// The gap is more than so many times as long as any pause before it.
const TIMES_A_PAUSE: i32 = 3;
/// Fewer days say nothing about pauses.
const LEAST_DAYS: usize = 5;
/// So many customers, or one in so many, may have bought on dates that stand alone.
const MOST_CUSTOMERS: usize = 3;
const ONE_IN: usize = 100;

/// The last date and the one before the gap, where the last dates stand alone; none where they do not. `days` are those with a
/// kept row, ascending.
#[must_use]
pub fn lone_dates(days: &[i32], customers: &Customers) -> Option<Facts> {
    let ends = (days.len().saturating_sub(MOST_DATES)..days.len()).filter(|end| *end >= LEAST_DAYS);
    // With several made-up dates there are gaps between them as well: the longest one divides them from the others.
    let end = ends.max_by_key(|end| days[*end] - days[end - 1])?;
    let (before, gap) = (days[end - 1], days[end] - days[end - 1]);
    let pause = days[..end].windows(2).map(|pair| pair[1] - pair[0]).max()?;
    let buyers = customers.last_day.iter().filter(|day| **day > before).count();
    let is_alone = gap > USUAL_GAP_DAYS
        && gap > pause.saturating_mul(TIMES_A_PAUSE)
        && buyers <= MOST_CUSTOMERS.max(customers.len() / ONE_IN);
    is_alone.then(|| Facts::LoneLastDate {
        last_date: date_of(days[days.len() - 1]),
        date_before: date_of(before),
        days: gap.unsigned_abs(),
        customers: buyers as u64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A customer for every day.
    fn found(days: &[i32]) -> Option<Facts> {
        let ids =
            crate::customers::CustomerIds::Integer((0..days.len()).map(|id| i64::try_from(id).unwrap()).collect());
        let mut distinct = days.to_vec();
        distinct.dedup();
        lone_dates(&distinct, &Customers { ids, last_day: days.to_vec(), ..Customers::default() })
    }

    fn after(days: impl Iterator<Item = i32>, later: &[i32]) -> Option<Facts> {
        found(&days.chain(later.iter().copied()).collect::<Vec<_>>())
    }

    #[test]
    fn a_date_far_behind_daily_orders_stands_alone() {
        let alone = |last: i32, gap: u32| {
            Some(Facts::LoneLastDate { last_date: date_of(last), date_before: date_of(39), days: gap, customers: 1 })
        };
        assert_eq!(after(0..40, &[100]), alone(100, 61));
        assert_eq!(after(0..40, &[39 + 30]), None, "thirty days are a usual gap");
        assert_eq!(after(0..40, &[39 + 31]), alone(70, 31));
        assert_eq!(after(0..40, &[]), None);
    }

    #[test]
    fn several_made_up_dates_are_found_by_the_longest_gap() {
        let (last_date, date_before) = (date_of(2_400), date_of(39));
        let facts = Facts::LoneLastDate { last_date, date_before, days: 1_961, customers: 2 };
        assert_eq!(after(0..40, &[2_000, 2_400]), Some(facts));
    }

    #[test]
    fn usual_pauses_and_days_with_many_customers_are_no_mistakes() {
        assert_eq!(after((0..12).map(|month| 31 * month), &[]), None, "monthly orders");
        assert_eq!(after((0..12).map(|month| 31 * month), &[341 + 93]), None, "three months are three pauses");
        assert!(after((0..12).map(|month| 31 * month), &[341 + 94]).is_some());
        assert_eq!(after(0..40, &[200; 4]), None, "four customers came back");
        assert_eq!(after(0..4, &[100]), None, "too few days to know pauses");
        assert!(found(&[]).is_none());
    }
}
