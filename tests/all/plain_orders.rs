//! What customers, orders and days come to by the simplest code that computes it: a map of customers of lists of orders.
//!
//! Does not live here: the fold, and the inputs that both are given (`oracle`).

use std::collections::{BTreeMap, BTreeSet};

use rfmetrics::clean::options::Returns;
use rfmetrics::customers::accumulator::Measures;
use rfmetrics::customers::order::OrderPolicy;
use rfmetrics::customers::orders::OrderDay;
use rfmetrics::customers::side::SideTotals;

/// A cleaned row; `order` is missing where the row is an order by itself.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) customer: usize,
    pub(crate) order: Option<u64>,
    pub(crate) day: i32,
    pub(crate) amount: i64,
    pub(crate) kept: bool,
}

/// How the order ids reach the fold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum OrderIds {
    /// Every row has one.
    All,
    /// Some rows have none.
    Some,
    /// There is no such column.
    None,
}

pub(crate) fn is_used(row: &Row, returns: Returns) -> bool {
    row.kept && (returns != Returns::Drop || row.amount >= 0)
}

/// An order of the oracle: the day of each line, and its amount.
pub(crate) type Lines = Vec<(i32, i64)>;

/// What `methods` says of an order, in its words.
#[derive(Debug, Clone, Copy)]
struct Judged {
    day: i32,
    lines: u32,
    total: i64,
    is_purchase: bool,
    is_stretched: bool,
}

fn judged(lines: &[(i32, i64)]) -> Judged {
    let (first, last) = (lines.iter().map(|line| line.0).min(), lines.iter().map(|line| line.0).max());
    let total = lines.iter().map(|line| line.1).sum();
    Judged {
        day: first.unwrap(),
        lines: lines.len() as u32,
        total,
        is_purchase: total > 0 || (total == 0 && lines.iter().all(|line| line.1 >= 0)),
        is_stretched: i64::from(last.unwrap()) - i64::from(first.unwrap()) > 30,
    }
}

fn is_order(order: &Judged, returns: Returns) -> bool {
    match returns {
        Returns::Literal => true,
        Returns::Purchases => order.total > 0,
        Returns::Net | Returns::Drop => order.is_purchase,
    }
}

fn has_money(order: &Judged, returns: Returns) -> bool {
    returns != Returns::Purchases || order.total > 0
}

/// The orders of each customer.
pub(crate) fn orders_of(rows: &[Row], returns: Returns, order_ids: OrderIds) -> BTreeMap<usize, Vec<Lines>> {
    let mut orders: BTreeMap<usize, BTreeMap<(u64, usize), Lines>> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate().filter(|(_, row)| is_used(row, returns)) {
        let key = match (order_ids, row.order) {
            (OrderIds::None, _) | (OrderIds::Some, None) => (u64::MAX, index),
            (_, order) => (order.unwrap_or(3), 0),
        };
        orders.entry(row.customer).or_default().entry(key).or_default().push((row.day, row.amount));
    }
    orders.into_iter().map(|(customer, orders)| (customer, orders.into_values().collect())).collect()
}

/// The measures of one customer; none without an order.
pub(crate) fn measures(orders: &[Lines], policy: &OrderPolicy) -> Option<Measures> {
    let returns = policy.returns;
    let orders: Vec<Judged> = orders.iter().map(|lines| judged(lines)).collect();
    let all: BTreeSet<i32> = orders.iter().filter(|order| is_order(order, returns)).map(|order| order.day).collect();
    let in_window: Vec<&Judged> = orders.iter().filter(|order| order.day >= policy.window_start).collect();
    let counted: Vec<&&Judged> = in_window.iter().filter(|order| is_order(order, returns)).collect();
    let days: BTreeSet<i32> = counted.iter().map(|order| order.day).collect();
    Some(Measures {
        first_day: *all.first()?,
        last_day: *all.last()?,
        orders: counted.len() as u32,
        purchase_days: days.len() as u32,
        transactions: counted.iter().map(|order| order.lines).sum(),
        revenue: in_window.iter().filter(|order| has_money(order, returns)).map(|order| order.total).sum(),
        largest_order: counted.iter().map(|order| order.total).max().unwrap_or(0),
    })
}

/// What the measures of all customers leave out.
pub(crate) fn side<'a>(orders: impl Iterator<Item = &'a Lines>, policy: &OrderPolicy) -> SideTotals {
    let mut side = SideTotals::default();
    for order in orders.map(|lines| judged(lines)) {
        let (lines, total) = (u64::from(order.lines), i128::from(order.total));
        if !has_money(&order, policy.returns) {
            (side.rows_left_out, side.left_out) = (side.rows_left_out + lines, side.left_out + total);
        } else if order.day < policy.window_start {
            (side.rows_before, side.money_before) = (side.rows_before + lines, side.money_before + total);
        } else if !order.is_purchase {
            side.returned += total;
            side.rows_returned += if is_order(&order, policy.returns) { 0 } else { lines };
        }
        side.returns += u64::from(!order.is_purchase);
        side.not_above_zero += u64::from(order.total <= 0);
        side.stretched += u64::from(order.is_stretched);
    }
    side
}

/// The days of a customer, of orders that are judged by lines up to `cut` where they begin up to it.
pub(crate) fn order_days(orders: &[Lines], returns: Returns, cut: i32) -> Vec<OrderDay> {
    let mut days: BTreeMap<i32, OrderDay> = BTreeMap::new();
    for lines in orders {
        let early: Lines = lines.iter().copied().filter(|line| line.0 <= cut).collect();
        let order = judged(if early.is_empty() { lines } else { &early });
        if !has_money(&order, returns) {
            continue;
        }
        let day = days.entry(order.day).or_insert(OrderDay { day: order.day, ..OrderDay::default() });
        // Models look at purchases whatever counts as an order.
        if order.is_purchase {
            day.purchases += 1;
            day.bought += order.total;
        } else {
            day.returned += order.total;
        }
    }
    days.into_values().collect()
}
