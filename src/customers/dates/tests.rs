//! Laws of several dates: what one read tells of a date is what a fold of the rows up to it tells.

use proptest::prelude::*;

use super::AtDate;
use super::again::Again;
use super::bounds::Bounds;
use super::fold::DatesFold;
use super::histories::Histories;
use super::partition::DatesPolicy;
use crate::batch::{Batch, Ids};
use crate::clean::options::Returns;
use crate::customers::fold::Fold;
use crate::customers::key::NoName;
use crate::customers::log::Kept;
use crate::customers::order::OrderPolicy;
use crate::customers::orders::{CustomerOrders, OrderDay, Orders};
use crate::customers::payload::{Extras, Layout, Policy};
use crate::customers::repair::Repair;
use crate::customers::{Customers, FoldedCustomers};
use crate::spill::Room;

/// Rows of customer, order, whether there is one, day and amount.
type Row = (i64, i64, bool, i32, i64);

struct Columns {
    ids: Vec<i64>,
    orders: Vec<i64>,
    has_order: Vec<bool>,
    days: Vec<i32>,
    amounts: Vec<i64>,
}

impl Columns {
    fn of(rows: &[Row]) -> Self {
        Self {
            ids: rows.iter().map(|row| row.0).collect(),
            orders: rows.iter().map(|row| row.1).collect(),
            has_order: rows.iter().map(|row| row.2).collect(),
            days: rows.iter().map(|row| row.3).collect(),
            amounts: rows.iter().map(|row| row.4).collect(),
        }
    }

    fn batch(&self) -> Batch<'_> {
        Batch {
            ids: Ids::Integer(&self.ids),
            orders: Some(&self.orders),
            has_order: Some(&self.has_order),
            days: &self.days,
            amounts: &self.amounts,
            kept: None,
        }
    }
}

/// The customers of the rows up to a date, by the fold of one run.
fn alone(rows: &[Row], date: &AtDate) -> FoldedCustomers {
    let rows: Vec<Row> = rows.iter().copied().filter(|row| row.3 <= date.as_of).collect();
    let columns = Columns::of(&rows);
    let policy = Policy { orders: date.orders, keeps_orders: true, layout: Layout::default(), room: Room::default() };
    let fold = Fold::<NoName>::with_policy(policy.clone(), Kept::All);
    // In slices, so that orders come back.
    let add = |add: &dyn Fn(&Batch<'_>)| {
        (0..rows.len()).step_by(7).for_each(|start| add(&columns.batch().rows(start..rows.len().min(start + 7))));
    };
    add(&|batch| fold.add(batch).unwrap());
    let repair = Repair::<NoName, 0>::new(fold.finish(1).unwrap(), false);
    add(&|batch| repair.add(batch, Extras::NONE).unwrap());
    Customers::from_integer_with(repair.finish(1).unwrap(), policy)
}

/// All dates from one read.
fn together(rows: &[Row], dates: &[AtDate]) -> Histories {
    let columns = Columns::of(rows);
    let days = dates.iter().flat_map(|date| [date.as_of, date.orders.cut]).filter(|day| *day < i32::MAX);
    let policy = DatesPolicy {
        bounds: Bounds::new(days.collect()),
        orders: OrderPolicy { window_start: i32::MIN, cut: i32::MAX, ..dates[0].orders },
        layout: Layout::default(),
        kept: Kept::All,
    };
    let fold = DatesFold::<NoName>::new(policy.clone());
    let add = |add: &dyn Fn(&Batch<'_>)| {
        (0..rows.len()).step_by(5).for_each(|start| add(&columns.batch().rows(start..rows.len().min(start + 5))));
    };
    add(&|batch| fold.add(batch, Extras::NONE).unwrap());
    let again = Again::new(fold.finish(1).unwrap(), &policy);
    add(&|batch| again.add(batch).unwrap());
    let (partitions, parts) = again.finish();
    Histories::of_integers(partitions, parts, policy)
}

/// The days of each customer of the table, and at the cut, by row.
fn days(orders: Option<Orders>) -> Vec<(Option<u32>, Vec<OrderDay>, Vec<OrderDay>)> {
    let mut all = Vec::new();
    let note = |found: &mut Vec<_>, row: Option<u32>, own: CustomerOrders<'_>| {
        found.push((row, own.days.to_vec(), own.at_cut.to_vec()));
    };
    orders.unwrap().finish(1, note, |found| all.extend(found)).unwrap();
    all.sort();
    all
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (0..6_i64, 0..5_i64, prop::bool::weighted(0.9), 0..160_i32, -5..9_i64);
    prop::collection::vec(row, 1..60)
}

fn policies() -> impl Strategy<Value = (Returns, Option<i32>, Option<i32>)> {
    let returns = prop::sample::select(vec![Returns::Net, Returns::Literal, Returns::Purchases]);
    (returns, prop::option::of(1..90_i32), prop::option::of(1..40_i32))
}

proptest! {
    #[test]
    fn a_date_of_several_is_the_fold_of_the_rows_up_to_it(
        rows in rows(),
        (returns, window_days, holdout_days) in policies(),
        as_of in prop::collection::btree_set(0..170_i32, 1..5),
    ) {
        let date = |as_of: i32| AtDate {
            as_of,
            orders: OrderPolicy {
                window_start: window_days.map_or(i32::MIN, |days| as_of - days + 1),
                cut: holdout_days.map_or(i32::MAX, |days| as_of - days),
                ..OrderPolicy::new(returns)
            },
            keeps_orders: true,
        };
        let dates: Vec<AtDate> = as_of.into_iter().map(date).collect();
        let histories = together(&rows, &dates);
        for date in &dates {
            let (found, expected) = (histories.at(date), alone(&rows, date));
            prop_assert_eq!(&found.customers, &expected.customers, "{:?}", date);
            prop_assert_eq!(days(found.orders), days(expected.orders), "{:?}", date);
        }
    }
}

#[test]
fn customers_of_text_ids_are_sorted_by_all_of_their_bytes() {
    use crate::customers::key::Span;
    let names: Vec<Vec<u8>> = ["customer-b", "customer-a-long-1", "customer-a-long-0", "customer-"]
        .iter()
        .map(|name| name.bytes().collect())
        .collect();
    let ids: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
    let batch = Batch {
        ids: Ids::Text(&ids),
        orders: None,
        has_order: None,
        days: &[3, 2, 1, 9],
        amounts: &[30, 20, 10, 90],
        kept: None,
    };
    let policy = DatesPolicy {
        bounds: Bounds::new(vec![5, 9]),
        orders: OrderPolicy::new(Returns::Net),
        layout: Layout::default(),
        kept: Kept::All,
    };
    let fold = DatesFold::<Span>::new(policy.clone());
    fold.add(&batch, Extras::NONE).unwrap();
    let (partitions, parts) = Again::new(fold.finish(1).unwrap(), &policy).finish();
    let histories = Histories::of_texts(partitions, parts, policy);
    let at =
        |as_of| histories.at(&AtDate { as_of, orders: OrderPolicy::new(Returns::Net), keeps_orders: false }).customers;
    assert_eq!((at(5).revenue, at(5).first_day), (vec![10, 20, 30], vec![1, 2, 3]));
    let all = at(9);
    let texts: Vec<&[u8]> = (0..all.len()).map(|row| all.ids.text(row)).collect();
    assert_eq!(texts, [&b"customer-"[..], b"customer-a-long-0", b"customer-a-long-1", b"customer-b"]);
}
