//! Every way that rows can take through a fold, against sums made one customer at a time.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::customers::key::NoName;
use crate::customers::{CustomerIds, Customers};

/// A row that is an order by itself.
type Row = (i64, i32, i64);

/// A linear congruential generator.
fn rows(count: i64, customers: i64, seed: u64, amount: impl Fn(u64) -> i64) -> Vec<Row> {
    let mut state = seed;
    let mut draw = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    // Days ascend, some of them out of order by a few.
    let row = |n: i64| {
        let id = i64::try_from(draw()).unwrap() % customers - 20;
        let late = i64::try_from(draw()).unwrap() % 3;
        (id * 7_919, 18_000 + i32::try_from(n * 900 / count - late).unwrap(), amount(draw()))
    };
    (0..count).map(row).collect()
}

/// What a customer's rows come to: first and last day, orders, days, revenue, largest order. A return lowers revenue.
fn expected(rows: &[Row]) -> BTreeMap<i64, (i32, i32, u32, u32, i64, i64)> {
    let mut by_customer: BTreeMap<i64, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        by_customer.entry(row.0).or_default().push(row);
    }
    let measures = |rows: Vec<&Row>| {
        let orders: Vec<&&Row> = rows.iter().filter(|row| row.2 >= 0).collect();
        let days: BTreeSet<i32> = orders.iter().map(|row| row.1).collect();
        let revenue = rows.iter().map(|row| row.2).sum();
        let largest = orders.iter().map(|row| row.2).max()?;
        let (orders, distinct) = (u32::try_from(orders.len()).ok()?, u32::try_from(days.len()).ok()?);
        Some((*days.first()?, *days.last()?, orders, distinct, revenue, largest))
    };
    by_customer.into_iter().filter_map(|(id, rows)| Some((id, measures(rows)?))).collect()
}

fn folded(rows: &[Row], batch_rows: usize, kept: Kept) -> Customers {
    let fold = Fold::<NoName>::new(Returns::Net, kept);
    for rows in rows.chunks(batch_rows) {
        let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
        let days: Vec<i32> = rows.iter().map(|row| row.1).collect();
        let amounts: Vec<i64> = rows.iter().map(|row| row.2).collect();
        let ids = Ids::Integer(&ids);
        fold.add(&Batch { ids, orders: None, has_order: None, days: &days, amounts: &amounts, kept: None }).unwrap();
    }
    let folded = fold.finish(2).unwrap();
    assert_eq!(folded.uncertain_customers(), 0);
    Customers::from_integer(folded.partitions)
}

fn check(rows: &[Row], batch_rows: usize) {
    // Where orders are logged, customers are never taken for few.
    let (few, many) = (folded(rows, batch_rows, Kept::None), folded(rows, batch_rows, Kept::All));
    assert_eq!(few, many, "what returns and the rest come to, too");
    let CustomerIds::Integer(ids) = &few.ids else { panic!("integers") };
    let found = ids.iter().enumerate().map(|(row, id)| {
        let days = (few.first_day[row], few.last_day[row], few.orders[row], few.purchase_days[row]);
        (*id, (days.0, days.1, days.2, days.3, few.revenue[row], few.largest_order[row]))
    });
    assert!(found.eq(expected(rows)), "{} rows", rows.len());
}

#[test]
fn few_customers_come_to_the_same_as_many() {
    let amount = |draw: u64| i64::try_from(draw % 1_000).unwrap() - 50;
    check(&rows(60_000, 50, 1, amount), 1_000);
    check(&rows(60_000, 3_000, 2, amount), 500);
}

#[test]
fn customers_who_become_many_are_no_less_exact() {
    let amount = |draw: u64| i64::try_from(draw % 1_000).unwrap() - 50;
    let mut all = rows(20_000, 50, 3, amount);
    all.extend(rows(60_000, 20_000, 4, amount).into_iter().map(|(id, day, amount)| (id, day + 900, amount)));
    check(&all, 700);
}

#[test]
fn amounts_that_do_not_fit_change_nothing() {
    // One amount in 500 takes 40 bits, then one in three.
    let rare = |draw: u64| i64::try_from(if draw.is_multiple_of(500) { draw << 20 } else { draw % 900 }).unwrap();
    let often = |draw: u64| i64::try_from(if draw.is_multiple_of(3) { draw << 20 } else { draw % 900 }).unwrap();
    check(&rows(40_000, 12_000, 5, rare), 1_500);
    let mut all = rows(20_000, 12_000, 6, rare);
    all.extend(rows(20_000, 12_000, 7, often).into_iter().map(|(id, day, amount)| (id, day + 900, amount)));
    check(&all, 1_500);
}
