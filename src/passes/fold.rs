//! The pass that makes customers of rows, and the second read of those whom one pass cannot decide.
//!
//! Does not live here: the execution of the scan (`reading`), any rule (`clean`), what rows carry beyond their amounts
//! (`payload`), and how rows become customers (`customers`).

use std::sync::Arc;

use polars::prelude::DataFrame;

use super::attributes::Attributes;
use super::judges::{Judges, RowAccounts};
use super::order_policy::{judges_orders, order_policy};
use super::pass::Pass;
use super::payload::{Arrived, Carried};
use super::reading::{Reading, sole};
use super::sums::refuse_overflow;
use crate::batch::Batch;
use crate::clean::judge::{Judged, OrderRule, Rules};
use crate::clean::outcome::{Outcome, Tally};
use crate::clean::quarantine::Rejected;
use crate::customers::fold::{Fold, Folded};
use crate::customers::key::{Name, NoName, Span};
use crate::customers::log::Kept;
use crate::customers::orders::Orders;
use crate::customers::partition::Partition;
use crate::customers::payload::{ORDER_SUM, Policy};
use crate::customers::repair::Repair;
use crate::customers::{Customers, FoldedCustomers};
use crate::error::Result;
use crate::input::customer_id::Id;
use crate::source::scan::Further;

/// Customers, and the account of the rows that made them.
#[derive(Debug)]
pub struct Aggregated {
    /// One row per customer.
    pub customers: Customers,
    /// The last values of further columns, where they are asked for.
    pub attributes: Attributes,
    /// Every order, where they are kept.
    pub orders: Option<Orders>,
    /// What became of the rows.
    pub tally: Tally,
    /// What became of those of each input, as their judges say: rows of orders that are left out are kept there.
    pub of_parts: Vec<Tally>,
    /// The sample of bad rows.
    pub rejects: Vec<Rejected>,
    /// Customers who were done again because one pass could not tell their orders or days apart.
    pub done_again: usize,
    /// Whether the interactions that came by do not say each customer's last one.
    pub(super) lacks_interactions: bool,
}

/// Reads every transaction once, and those of uncertain customers once more.
///
/// # Errors
/// A source error where a file cannot be decoded; a compute error where money could overflow.
pub(super) fn fold(reading: &Reading<'_>, rules: &Rules) -> Result<Aggregated> {
    if reading.input.has_text_keys() {
        fold_all::<Span>(reading, rules, Customers::from_text_with)
    } else {
        fold_all::<NoName>(reading, rules, Customers::from_integer_with)
    }
}

/// Hands rows to a fold.
struct Adding<N> {
    fold: Fold<N>,
    carried: Carried,
    /// The one customer that is looked at; none for all.
    only: Option<Id>,
}

impl<N: Name> Adding<N> {
    fn add_batch(&self, raw: &DataFrame, batch: &Batch<'_>) -> Result<()> {
        if self.carried.layout().is_empty() {
            return self.fold.add(batch);
        }
        let payload = self.carried.of_batch(raw, batch)?;
        self.fold.add_with(batch, payload.extras())
    }
}

impl<N: Name> Pass for Adding<N> {
    fn add(&self, _scan: usize, raw: &DataFrame, judged: &Judged) -> Result<()> {
        judged.with_batch(|batch| match &self.only {
            None => self.add_batch(raw, batch),
            Some(id) => self.add_batch(raw, &Batch { kept: Some(&kept_of(id, batch)), ..*batch }),
        })?;
        self.carried.notes(raw, judged, true, |ids, extras| self.fold.add_notes(ids, extras))
    }

    fn add_unused(&self, raw: &DataFrame, judged: &Judged) -> Result<()> {
        self.carried.notes(raw, judged, false, |ids, extras| self.fold.add_notes(ids, extras))
    }
}

fn fold_all<N: Name + std::fmt::Debug>(
    reading: &Reading<'_>,
    rules: &Rules,
    gather: impl FnOnce(Vec<Partition<N>>, Policy) -> FoldedCustomers,
) -> Result<Aggregated> {
    let judges = Judges::of(reading.input, rules);
    let carried = Carried::by(reading, rules);
    let layout = carried.layout().clone();
    let room = reading.room.cloned().unwrap_or_default();
    let policy = Policy { orders: order_policy(rules), keeps_orders: reading.keeps_orders, layout, room };
    let fold = Fold::<N>::with_policy(policy.clone(), log_kept(reading));
    let adding = Arc::new(Adding { fold, carried, only: reading.only.cloned() });
    reading.run_with_repeats(&judges, vec![Arc::clone(&adding) as Arc<dyn Pass>])?;
    let Adding { fold, carried, .. } = sole(adding)?;
    let folded = fold.finish(reading.threads)?;
    let done_again = folded.uncertain_customers();
    let has_given_up = folded.partitions.iter().any(Partition::has_given_up);
    let partitions = settle(folded, reading, rules)?;
    let FoldedCustomers { mut customers, payload, orders } = gather(partitions, policy);
    customers.known = rules.known;
    if !rules.known.has_money() {
        // What sums to nothing says nothing.
        customers.side.not_above_zero = 0;
    }
    let RowAccounts { mut tally, of_parts, rejects } = judges.into_accounts()?;
    refuse_overflow(&tally).map_err(|error| reading.input.named(error))?;
    leave_out_returns(&mut tally, &customers);
    let as_of = rules.as_of.or(tally.last_day);
    let Arrived { attributes, lacks_interactions } = carried.finish(payload, reading, rules, as_of, &mut customers)?;
    let lacks_interactions = lacks_interactions || has_given_up;
    Ok(Aggregated { customers, attributes, orders, tally, of_parts, rejects, done_again, lacks_interactions })
}

/// Where each row is an order, its log would be as long as the input: beyond this many rows it is not kept.
const MOST_ROWS_LOGGED: u64 = 1 << 24;

/// With order ids the log is what notices orders that come back; without, it only helps with days out of order.
fn log_kept(reading: &Reading<'_>) -> Kept {
    if !rows_are_orders(reading) || reading.input.rows() <= MOST_ROWS_LOGGED { Kept::All } else { Kept::None }
}

/// Whether every row of every input is an order.
fn rows_are_orders(reading: &Reading<'_>) -> bool {
    reading.input.parts.iter().all(|part| part.rules.orders == OrderRule::Row)
}

/// Ids in one line of the log, where it may hold any.
const SHOWN_IDS: usize = 10;

/// The customers of the fold, those who are uncertain done again.
fn settle<N: Name + std::fmt::Debug>(
    folded: Folded<N>,
    reading: &Reading<'_>,
    rules: &Rules,
) -> Result<Vec<Partition<N>>> {
    if folded.uncertain_customers() == 0 {
        return Ok(folded.partitions);
    }
    let customers = folded.uncertain_customers();
    let ids = rules.tells_ids.then(|| folded.sample(SHOWN_IDS).join(", "));
    tracing::info!(customers, ids, "orders or days could not be separated in one pass: their rows are read again");
    reading.progress.begin("read again", reading.input.rows());
    // Nothing but margins may depend on which orders count.
    let margin = reading.further.margin && judges_orders(rules);
    let further = Further { margin, ..Further::default() };
    let again = Reading { further, interactions: None, ..*reading };
    if margin { repair::<N, ORDER_SUM>(folded, &again, rules) } else { repair::<N, 0>(folded, &again, rules) }
}

fn repair<N: Name + std::fmt::Debug, const M: usize>(
    folded: Folded<N>,
    reading: &Reading<'_>,
    rules: &Rules,
) -> Result<Vec<Partition<N>>> {
    let judges = Judges::of(reading.input, &Rules { quarantine_rows: 0, ..rules.clone() });
    let carried = Carried::by(reading, rules);
    let repair = Arc::new(Repair::<N, M>::new(folded, rows_are_orders(reading)));
    let (adding, only) = (Arc::clone(&repair), reading.only.cloned());
    let add = move |raw: &DataFrame, batch: &Batch<'_>| adding.add(batch, carried.of_batch(raw, batch)?.extras());
    reading.for_each_batch(&judges, move |raw, judged| {
        judged.with_batch(|batch| match &only {
            None => add(raw, batch),
            Some(id) => add(raw, &Batch { kept: Some(&kept_of(id, batch)), ..*batch }),
        })
    })?;
    sole(repair)?.finish(reading.threads)
}

/// Rows of orders that the policy leaves out were kept by the judge: the account says so.
fn leave_out_returns(tally: &mut Tally, customers: &Customers) {
    let side = &customers.side;
    if side.rows_left_out > 0 {
        tally.move_rows(Outcome::Kept, Outcome::NotAPurchase, side.rows_left_out, side.left_out);
    }
}

/// Which rows are kept and this customer's.
fn kept_of(id: &Id, batch: &Batch<'_>) -> Vec<bool> {
    let mut kept = vec![false; batch.days.len()];
    for row in id.rows_in(batch) {
        kept[row] = batch.is_kept(row);
    }
    kept
}
