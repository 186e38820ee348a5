//! The rows of one customer: what became of each, and the newest of each outcome as they are in the input.
//!
//! Lives here: the second scan, judged by the same rules. Memory is bounded: counts for all rows, texts for a few, and
//! one entry per order.
//! Does not live here: the rules (`clean`).

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use polars::prelude::*;
use serde::Serialize;

use crate::batch::{Line, role};
use crate::clean::currency::{AppliedRate, Currencies};
use crate::clean::judge::{Judged, Rules};
use crate::clean::outcome::Outcome;
use crate::clean::quarantine::{RAW, raw_texts};
use crate::clean::zone::VALID_DAYS;
use crate::customers::order::{Order, OrderPolicy};
use crate::day::date_of;
use crate::error::{Error, Result};
use crate::input::Input;
use crate::input::customer_id::Id;
use crate::money;
use crate::passes::judges::Judges;
use crate::passes::order_policy;
use crate::passes::reading::{Reading, sole};
use crate::progress::Progress;

/// Rows of each outcome that are shown, so that many used rows do not hide those that are left out.
pub(crate) const SHOWN: usize = 50;

/// The rows of a customer.
#[derive(Debug, Default, Serialize)]
pub(crate) struct CustomerRows {
    /// All of them, whatever became of them.
    pub(crate) rows: u64,
    /// Rows that are used: those of orders, of returns, and of orders before the window.
    pub(crate) used: u64,
    /// Rows of orders that count in the window.
    pub(crate) of_orders: u64,
    /// Rows per outcome; outcomes without rows are left out.
    pub(crate) outcomes: Vec<OutcomeRows>,
    /// The newest of each outcome, at most [`SHOWN`] and as many returns; the newest first, and those without a date last.
    pub(crate) newest: Vec<RowExplained>,
}

/// How many rows had one outcome.
#[derive(Debug, Serialize)]
pub(crate) struct OutcomeRows {
    pub(crate) outcome: &'static str,
    pub(crate) rows: u64,
}

/// A row as it is in the input.
#[derive(Debug, Serialize)]
pub(crate) struct RowExplained {
    /// The name of its input; none where there is one that has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) input: Option<String>,
    /// What became of it.
    pub(crate) outcome: &'static str,
    /// What its order is, where the row is used.
    pub(crate) order: Option<&'static str>,
    /// Its day in the business time zone.
    pub(crate) date: Option<String>,
    /// The old id that the row has, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) old_id: Option<String>,
    pub(crate) order_ts: Option<String>,
    pub(crate) order_id: Option<String>,
    pub(crate) amount: Option<String>,
    pub(crate) quantity: Option<String>,
    pub(crate) unit_price: Option<String>,
    /// What became of an amount in another currency; none where the input has no currencies.
    #[serde(flatten)]
    pub(crate) conversion: Option<Conversion>,
    pub(crate) file: Option<String>,
    /// Number of the row in the file, from 0.
    pub(crate) row: Option<u64>,
}

/// An amount that was converted.
#[derive(Debug, Serialize)]
pub(crate) struct Conversion {
    /// As in the input.
    pub(crate) currency: Option<String>,
    /// Units of the base for one unit of the currency; none where there is no rate.
    pub(crate) rate: Option<String>,
    /// The day that the rate is of; none where rates have no days.
    pub(crate) rate_date: Option<String>,
    /// The amount in the base; none without a rate.
    pub(crate) converted: Option<String>,
    /// The base.
    pub(crate) base: Option<String>,
}

/// A row that may be shown; the greatest is the oldest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    day: Reverse<i32>,
    scan: usize,
    row: Option<u64>,
    raw: [Option<String>; RAW.len()],
    outcome: Outcome,
    order: Option<u64>,
    amount: i64,
    rate: Option<AppliedRate>,
}

/// Kept rows of one customer by their orders.
#[derive(Debug)]
struct Gathered {
    policy: OrderPolicy,
    rows: [u64; Outcome::ALL.len()],
    /// Per outcome as judged, returns apart: an order that is not a purchase has one, so that each of them is shown.
    newest: [[BinaryHeap<Seen>; 2]; Outcome::ALL.len()],
    /// The orders that have an id.
    orders: HashMap<u64, Order>,
    of_lone_orders: u64,
}

/// What an order is to the figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counts {
    AsOrder,
    AsReturn,
    BeforeWindow,
    NotAtAll,
}

impl Counts {
    fn of(order: &Order, policy: &OrderPolicy) -> Self {
        match (policy.has_money(order), policy.is_order(order)) {
            (false, _) => Self::NotAtAll,
            _ if order.day < policy.window_start => Self::BeforeWindow,
            (_, true) => Self::AsOrder,
            (_, false) => Self::AsReturn,
        }
    }

    const fn name(self) -> Option<&'static str> {
        match self {
            Self::AsOrder => Some("order"),
            Self::AsReturn => Some("return"),
            Self::BeforeWindow => Some("order before the window"),
            Self::NotAtAll => None,
        }
    }
}

/// Scans for the rows of `id`, and judges them by `rules`.
///
/// # Errors
/// A source error where the input cannot be read.
pub(crate) fn customer_rows(input: &Input, rules: &Rules, id: &Id, progress: &Progress) -> Result<CustomerRows> {
    let judges = Judges::of(input, &Rules { quarantine_rows: 0, ..rules.clone() });
    let gathered = Arc::new(Mutex::new(Gathered::new(order_policy(rules))));
    let (adding, id, currencies) = (Arc::clone(&gathered), id.clone(), rules.currencies.clone());
    let reading = Reading::new(input, progress);
    reading.for_each_row(&judges, move |scan, raw, judged| {
        let found = judged.with_batch(|batch| id.rows_in(batch));
        found.into_iter().try_for_each(|index| {
            let seen = see(scan, raw, judged, index, currencies.as_deref());
            if let Some(seen) = seen.map_err(|error| Error::source("the input cannot be read").cause(error))? {
                adding.lock().unwrap_or_else(PoisonError::into_inner).add(seen);
            }
            Ok(())
        })
    })?;
    let gathered = sole(gathered)?.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(gathered.into_rows(input))
}

/// The row at `index`; none where its id is null.
fn see(
    scan: usize,
    raw: &DataFrame,
    judged: &Judged,
    index: usize,
    currencies: Option<&Currencies>,
) -> PolarsResult<Option<Seen>> {
    let texts = raw_texts(raw, index)?;
    if texts[0].is_none() {
        return Ok(None);
    }
    let row = raw.column(role::ROW).ok().map(|rows| rows.get(index)).transpose()?;
    let order = judged.with_batch(|batch| {
        let has_order = batch.has_order.is_none_or(|has_order| has_order[index]);
        batch.orders.filter(|_| has_order).map(|orders| orders[index].cast_unsigned())
    });
    Ok(Some(Seen {
        day: Reverse(judged.days()[index]),
        scan,
        row: row.and_then(|row| row.extract()),
        raw: texts,
        outcome: judged.outcomes()[index],
        order,
        amount: judged.amounts()[index],
        rate: currencies.and_then(|currencies| judged.applied_rate(currencies, index)),
    }))
}

impl Seen {
    fn line(&self) -> Line {
        let (order, amount, day) = (self.order.unwrap_or(0), self.amount, self.day.0);
        Line { order, amount, day, lines: 1, is_lowered: amount < 0, lone: self.order.is_none() }
    }
}

impl Gathered {
    fn new(policy: OrderPolicy) -> Self {
        let rows = [0; Outcome::ALL.len()];
        Self { policy, rows, newest: Default::default(), orders: HashMap::new(), of_lone_orders: 0 }
    }

    fn add(&mut self, mut seen: Seen) {
        if seen.outcome == Outcome::Kept {
            let row = Order::of_row(seen.line());
            match seen.order {
                Some(order) => {
                    self.orders.entry(order).and_modify(|known| known.join(&row)).or_insert(row);
                }
                None => match Counts::of(&row, &self.policy) {
                    Counts::AsOrder => self.of_lone_orders += 1,
                    Counts::NotAtAll => seen.outcome = Outcome::NotAPurchase,
                    Counts::AsReturn | Counts::BeforeWindow => {}
                },
            }
        }
        self.rows[seen.outcome.index()] += 1;
        let newest = &mut self.newest[seen.outcome.index()][usize::from(seen.amount < 0)];
        newest.push(seen);
        if newest.len() > SHOWN {
            newest.pop();
        }
    }

    fn counts(&self, seen: &Seen) -> Counts {
        let lone = Order::of_row(seen.line());
        Counts::of(seen.order.and_then(|order| self.orders.get(&order)).unwrap_or(&lone), &self.policy)
    }

    /// Rows of orders with an id that count in this way.
    fn rows_that(&self, count: Counts) -> u64 {
        let such = self.orders.values().filter(|order| Counts::of(order, &self.policy) == count);
        such.map(|order| u64::from(order.lines)).sum()
    }

    fn into_rows(mut self, input: &Input) -> CustomerRows {
        let left_out = self.rows_that(Counts::NotAtAll);
        self.rows[Outcome::Kept.index()] -= left_out;
        self.rows[Outcome::NotAPurchase.index()] += left_out;
        let mut newest: Vec<Seen> = std::mem::take(&mut self.newest).into_iter().flatten().flatten().collect();
        newest.sort_unstable();
        let explained = |mut seen: Seen| {
            let counts = (seen.outcome == Outcome::Kept).then(|| self.counts(&seen));
            if counts == Some(Counts::NotAtAll) {
                seen.outcome = Outcome::NotAPurchase;
            }
            let order = counts.filter(|_| !input.rules.known.is_of_customers()).and_then(Counts::name);
            row_explained(seen, order, input)
        };
        let newest = newest.into_iter().map(explained).collect();
        let rows_of = |outcome: Outcome| self.rows[outcome.index()];
        let outcomes = Outcome::ALL.into_iter().filter(|outcome| rows_of(*outcome) > 0);
        CustomerRows {
            rows: self.rows.iter().sum(),
            used: rows_of(Outcome::Kept),
            of_orders: self.of_lone_orders + self.rows_that(Counts::AsOrder),
            outcomes: outcomes.map(|o| OutcomeRows { outcome: o.name(), rows: rows_of(o) }).collect(),
            newest,
        }
    }
}

fn row_explained(seen: Seen, order: Option<&'static str>, input: &Input) -> RowExplained {
    let location = seen.row.and_then(|row| input.locate(seen.scan, row));
    let part = input.scans().nth(seen.scan).map(|(part, _)| part);
    let conversion = input.rules.currencies.as_ref().map(|currencies| conversion(&seen, currencies, input.rules.scale));
    let is_old = |id: &String| Id::alone(id, input).is_ok_and(|id| id.followed(&input.rules.aliases).is_some());
    let [customer, order_id, order_ts, amount, quantity, unit_price, _] = seen.raw;
    RowExplained {
        input: part.and_then(|part| part.name()).map(str::to_owned),
        outcome: seen.outcome.name(),
        order,
        date: Some(seen.day.0).filter(|day| VALID_DAYS.contains(day)).map(|day| date_of(day).to_string()),
        old_id: customer.filter(is_old),
        order_ts,
        order_id,
        amount,
        quantity,
        unit_price,
        conversion,
        file: location.map(|(_, file, _)| file.path.display().to_string()),
        row: location.map(|(.., row)| row),
    }
}

fn conversion(seen: &Seen, currencies: &Currencies, scale: u8) -> Conversion {
    let rate = seen.rate.as_ref();
    let is_amount = match seen.outcome {
        Outcome::NullAmount | Outcome::NonFiniteAmount | Outcome::UnparsableAmount => false,
        // Beyond a limit, or beyond 18 digits.
        Outcome::AmountOutOfRange => seen.amount != 0,
        _ => true,
    };
    Conversion {
        currency: seen.raw[RAW.len() - 1].clone(),
        rate: rate.map(|rate| rate.rate.clone()),
        rate_date: rate.and_then(|rate| rate.day).map(|day| date_of(day).to_string()),
        converted: rate.filter(|_| is_amount).map(|_| money::text(seen.amount.into(), scale)),
        base: currencies.base(),
    }
}

impl CustomerRows {
    /// The rows of orders here must be those behind the customer's measures.
    ///
    /// # Errors
    /// A source error where they are not: the input was changed between the two scans.
    pub(crate) fn check(&self, transactions: u32) -> Result<()> {
        if self.of_orders == u64::from(transactions) {
            return Ok(());
        }
        Err(Error::source("the input changed while it was read")
            .cause(format!("the customer's orders had {transactions} rows at first, and then {}", self.of_orders))
            .hint("give files that no other program writes to"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::options::Returns;

    fn seen(day: i32, order: Option<u64>, amount: i64) -> Seen {
        let (raw, outcome) = (Default::default(), Outcome::Kept);
        Seen { day: Reverse(day), scan: 0, row: None, raw, outcome, order, amount, rate: None }
    }

    fn gathered(returns: Returns) -> Gathered {
        Gathered::new(OrderPolicy::new(returns))
    }

    #[test]
    fn the_newest_rows_are_kept_and_all_are_counted() {
        let mut gathered = gathered(Returns::Net);
        (0..500).for_each(|day| gathered.add(seen((day * 7) % 500, None, 1)));
        let [kept, _] = std::mem::take(&mut gathered.newest[Outcome::Kept.index()]);
        let days: Vec<i32> = kept.into_sorted_vec().into_iter().map(|seen| seen.day.0).collect();
        assert_eq!(days, (450..500).rev().collect::<Vec<i32>>());
        assert_eq!(gathered.rows[Outcome::Kept.index()], 500);
    }

    #[test]
    fn older_returns_are_not_hidden_by_newer_purchases() {
        let mut gathered = gathered(Returns::Purchases);
        (0..10_u64).for_each(|day| gathered.add(seen(i32::try_from(day).unwrap(), Some(day), -1)));
        (100..300_u64).for_each(|day| gathered.add(seen(i32::try_from(day).unwrap(), Some(day), 1)));
        let [kept, returns] = &gathered.newest[Outcome::Kept.index()];
        assert_eq!((kept.len(), returns.len()), (SHOWN, 10));
    }

    #[test]
    fn rows_count_as_the_policy_says_of_their_orders() {
        // Order 1 sums to zero, order 2 to 3; a lone return stands for itself. Rows of orders, and rows that are left out.
        let cases = [(Returns::Net, 1, 0), (Returns::Literal, 4, 0), (Returns::Purchases, 1, 3)];
        for (returns, of_orders, left_out) in cases {
            let mut gathered = gathered(returns);
            for (order, amount) in [(Some(1), 5), (Some(1), -5), (Some(2), 3), (None, -1)] {
                gathered.add(seen(0, order, amount));
            }
            assert_eq!(gathered.of_lone_orders + gathered.rows_that(Counts::AsOrder), of_orders, "{returns:?}");
            let lone = gathered.rows[Outcome::NotAPurchase.index()];
            assert_eq!(lone + gathered.rows_that(Counts::NotAtAll), left_out, "{returns:?}");
        }
    }
}
