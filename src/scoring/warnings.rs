//! What a reader of the figures should know of the customers, however they are scored.
//!
//! Does not live here: what is noticed of the scores (`score`), and the sentences (`warnings`).

use rayon::prelude::*;

use super::ranking::Ranking;
use crate::customers::Customers;
use crate::warnings::{Facts, Warning};

/// A date before this one is what programs write for "unknown": 1900-01-01, 1970-01-01.
const FIRST_LIKELY_DAY: i32 = 365;

/// All of it, in the order in which it is shown.
#[must_use]
pub fn of_customers(customers: &Customers, ranking: &Ranking) -> Vec<Warning> {
    let of_rows = [unusable_margins(customers), early_dates(customers)];
    let of_money = [no_revenue(customers, ranking), share_above_one(ranking), abc_ties(ranking)];
    let of_money = of_money.into_iter().filter(|_| customers.known.has_money());
    of_rows.into_iter().chain(of_money).flatten().map(Warning::from).collect()
}

fn unusable_margins(customers: &Customers) -> Option<Facts> {
    let rows = customers.margins_unusable;
    (rows > 0).then_some(Facts::UnusableMargins { rows })
}

fn early_dates(customers: &Customers) -> Option<Facts> {
    let early = customers.first_day.par_iter().filter(|day| **day < FIRST_LIKELY_DAY).count() as u64;
    (early > 0).then_some(Facts::EarlyDates { customers: early })
}

fn no_revenue(customers: &Customers, ranking: &Ranking) -> Option<Facts> {
    (ranking.total <= 0 && !customers.is_empty()).then_some(Facts::NoRevenue {})
}

/// Some hold more than all, because others are below zero.
fn share_above_one(ranking: &Ranking) -> Option<Facts> {
    let share = ranking.largest_share()?;
    let below_zero = ranking.customers_below_zero();
    (share > 1.0).then_some(Facts::ShareAboveOne { below_zero, share })
}

/// Equal revenues in two classes.
fn abc_ties(ranking: &Ranking) -> Option<Facts> {
    let customers = ranking.customers_split_by_classes();
    (customers > 0).then_some(Facts::AbcTies { customers })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_first_dates_and_missing_revenue_are_warned_of() {
        let customers = Customers {
            ids: crate::customers::CustomerIds::Integer(vec![1, 2]),
            first_day: vec![-25_567, 20_000],
            revenue: vec![5, -5],
            ..Customers::default()
        };
        let ranking = Ranking::new(&customers.revenue, [0.8, 0.95]);
        let found = of_customers(&customers, &ranking);
        assert_eq!(found, [Facts::EarlyDates { customers: 1 }.into(), Facts::NoRevenue {}.into()]);
        let owing = Ranking::new(&[100, 50, -50], [0.8, 0.95]);
        // 150 of 100 are held by the best two; the second one begins at a share of 1 and is of class C
        assert_eq!(
            (share_above_one(&owing), owing.abc),
            (Some(Facts::ShareAboveOne { below_zero: 1, share: 1.5 }), vec![0, 2, 2])
        );
        // of 100 the best holds 70, and the next ones of 10 begin at .7, .8 and .9
        let tied = Ranking::new(&[70, 10, 10, 10], [0.8, 0.95]);
        assert_eq!((abc_ties(&tied), tied.abc), (Some(Facts::AbcTies { customers: 3 }), vec![0, 0, 1, 1]));
        let apart = Ranking::new(&[80, 10, 5, 5], [0.8, 0.9]);
        assert_eq!((abc_ties(&apart), share_above_one(&apart)), (None, None));
        let later = Customers { first_day: vec![365], ..Customers::default() };
        let ranking = Ranking::new(&[], [0.8, 0.95]);
        assert_eq!(of_customers(&later, &ranking), [], "without customers no revenue is missing");
    }
}
