//! The pass that makes customers of rows, and the second read of those whom one pass cannot decide.
//!
//! Does not live here: the execution of the scan (`reading`), any rule (`clean`), and how rows become customers
//! (`customers`).

use std::sync::Arc;

use polars::prelude::DataFrame;
use rayon::prelude::*;

use super::reading::{Pass, Reading, sole};
use crate::clean::judge::{Judge, Judged, OrderRule, Rules};
use crate::clean::outcome::{Outcome, Tally};
use crate::clean::quarantine::Rejected;
use crate::customers::Customers;
use crate::customers::fold::{Fold, Folded};
use crate::customers::key::{Name, NoName, Span};
use crate::customers::log::Kept;
use crate::customers::partition::Partition;
use crate::customers::repair::Repair;
use crate::error::{Error, Result};
use crate::input::Input;
use crate::money::LARGEST_MINOR;
use crate::progress::Progress;
use crate::source::options::InputOptions;

/// Customers, and the account of the rows that made them.
#[derive(Debug)]
pub struct Aggregated {
    /// One row per customer.
    pub customers: Customers,
    /// What became of the rows.
    pub tally: Tally,
    /// The sample of bad rows.
    pub rejects: Vec<Rejected>,
    /// Customers who were done again because one pass could not tell their orders or days apart.
    pub done_again: usize,
}

/// Reads every transaction once, and those of uncertain customers once more.
///
/// # Errors
/// A source error where a file cannot be decoded; a compute error where money could overflow.
pub fn aggregate(
    input: &Input,
    options: &InputOptions,
    rules: &Rules,
    threads: usize,
    progress: &Progress,
) -> Result<Aggregated> {
    aggregate_with(&Reading { threads, ..Reading::new(input, options, progress) }, rules, Vec::new())
}

/// As [`aggregate`], and hands the rows of that one read to the `others`, too.
///
/// # Errors
/// As [`aggregate`]; the first error of a pass.
pub(crate) fn aggregate_with(reading: &Reading<'_>, rules: &Rules, others: Vec<Arc<dyn Pass>>) -> Result<Aggregated> {
    if reading.input.has_text_ids() {
        fold_all::<Span>(reading, rules, others, Customers::from_text)
    } else {
        fold_all::<NoName>(reading, rules, others, Customers::from_integer)
    }
}

/// The last day of a kept row: a pass of its own, for a window that ends with the data.
///
/// # Errors
/// As [`aggregate`].
pub fn last_day(input: &Input, options: &InputOptions, progress: &Progress) -> Result<Option<i32>> {
    let judge = Arc::new(Judge::new(Rules { quarantine_rows: 0, ..input.rules.clone() }));
    Reading::new(input, options, progress).run(&judge, Vec::new())?;
    let (tally, _) = sole(judge)?.into_account();
    Ok(tally.last_day)
}

/// Hands kept rows to a fold.
struct Adding<N>(Arc<Fold<N>>);

impl<N: Name> Pass for Adding<N> {
    fn add(&self, _scan: usize, _raw: &DataFrame, judged: &Judged) -> Result<()> {
        judged.with_batch(|batch| self.0.add(batch))
    }
}

fn fold_all<N: Name + std::fmt::Debug>(
    reading: &Reading<'_>,
    rules: &Rules,
    others: Vec<Arc<dyn Pass>>,
    gather: impl FnOnce(Vec<Partition<N>>) -> Customers,
) -> Result<Aggregated> {
    let input = reading.input;
    let judge = Arc::new(Judge::new(rules.clone()));
    let fold = Arc::new(Fold::<N>::new(rules.returns, log_kept(input, rules)));
    let mut passes: Vec<Arc<dyn Pass>> = vec![Arc::new(Adding(Arc::clone(&fold)))];
    passes.extend(others);
    reading.run_with_repeats(&judge, passes)?;
    let folded = sole(fold)?.finish(reading.threads)?;
    let done_again = folded.uncertain_customers();
    let partitions = settle(folded, reading, rules)?;
    let customers = gather(partitions);
    let (mut tally, rejects) = sole(judge)?.into_account();
    refuse_overflow(&tally).map_err(|error| input.named(error))?;
    leave_out_returns(&mut tally, &customers);
    Ok(Aggregated { customers, tally, rejects, done_again })
}

/// Where each row is an order, its log would be as long as the input: beyond this many rows it is not kept.
const MOST_ROWS_LOGGED: u64 = 1 << 24;

/// With order ids the log is what notices orders that come back; without, it only helps with days out of order.
fn log_kept(input: &Input, rules: &Rules) -> Kept {
    let is_needed = rules.orders != OrderRule::Row;
    if is_needed || input.contract.rows <= MOST_ROWS_LOGGED { Kept::All } else { Kept::None }
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
    tracing::info!(customers, ids, "orders or days could not be told apart in one pass: their rows are read again");
    reading.progress.begin("read again", reading.input.contract.rows);
    let judge = Arc::new(Judge::new(Rules { quarantine_rows: 0, ..rules.clone() }));
    let repair = Arc::new(Repair::new(folded, rules.returns, rules.orders == OrderRule::Row));
    let adding = Arc::clone(&repair);
    let plain = Reading::new(reading.input, reading.options, reading.progress);
    plain.for_each_batch(&judge, move |_, judged| judged.with_batch(|batch| adding.add(batch)))?;
    sole(repair)?.finish(reading.threads)
}

/// Refuses amounts whose sum could have more than 18 digits.
fn refuse_overflow(tally: &Tally) -> Result<()> {
    refuse_sum("amounts", tally.absolute_amount)
}

/// No sum of a part of the values can be larger than the sum of all absolute ones: if that has 18 digits, nothing
/// wrapped, and every total fits the published `decimal(18, s)`.
pub(crate) fn refuse_sum(what: &str, absolute: u128) -> Result<()> {
    if absolute <= u128::from(LARGEST_MINOR.unsigned_abs()) {
        return Ok(());
    }
    Err(Error::compute(format!("the {what} are too large: their sum could have more than 18 digits"))
        .cause(format!("the absolute {what} sum to {absolute} minor units, expected at most {LARGEST_MINOR}"))
        .hint("lower `clean.money_scale`, or set `clean.max_amount` so that impossible amounts are quarantined"))
}

/// Rows of orders that are no purchases were kept by the judge and left out by the fold: the account says so.
fn leave_out_returns(tally: &mut Tally, customers: &Customers) {
    let used: u64 = customers.transactions.par_iter().map(|rows| u64::from(*rows)).sum();
    let revenue: i128 = customers.revenue.par_iter().map(|revenue| i128::from(*revenue)).sum();
    let rows = tally.rows_of(Outcome::Kept).saturating_sub(used);
    if rows > 0 {
        let amount = tally.amounts[Outcome::Kept.index()] - revenue;
        tally.move_rows(Outcome::Kept, Outcome::NotAPurchase, rows, amount);
    }
}
