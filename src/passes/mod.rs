//! The pass over the transactions: the lazy scan, judged and folded batch by batch, on every thread at once.
//!
//! Lives here: the one execution of the scan. Polars reads and filters; each batch is judged and folded on the thread
//! that decoded it, so that the rows are still in its cache. Does not live here: any rule or sum.
#![allow(clippy::disallowed_methods, reason = "the one execution of the scan")]

pub mod attributes;
pub(crate) mod interactions;
pub(crate) mod margin;
pub(crate) mod purchase_days;
pub(crate) mod repeats;
pub(crate) mod unreadable;

use std::sync::{Arc, Mutex, PoisonError};

use polars::prelude::*;
use rayon::prelude::*;

use crate::clean::judge::{IDS_TOO_LARGE, Judge, Judged, OrderRule, Rules};
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
use crate::passes::repeats::SeenRows;
use crate::progress::Progress;
use crate::source::options::InputOptions;
use crate::source::scan::{self, Beyond, Request};

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
    if input.has_text_ids() {
        fold_all::<Span>(input, options, rules, threads, progress, Customers::from_text)
    } else {
        fold_all::<NoName>(input, options, rules, threads, progress, Customers::from_integer)
    }
}

/// The last day of a kept row: a pass of its own, for a window that ends with the data.
///
/// # Errors
/// As [`aggregate`].
pub fn last_day(input: &Input, options: &InputOptions, progress: &Progress) -> Result<Option<i32>> {
    let judge = Arc::new(Judge::new(Rules { quarantine_rows: 0, ..input.rules.clone() }));
    for_each_batch(input, options, &judge, progress, |_| Ok(()))?;
    let (tally, _) = sole(judge)?.into_account();
    Ok(tally.last_day)
}

fn fold_all<N: Name + std::fmt::Debug>(
    input: &Input,
    options: &InputOptions,
    rules: &Rules,
    threads: usize,
    progress: &Progress,
    gather: impl FnOnce(Vec<Partition<N>>) -> Customers,
) -> Result<Aggregated> {
    let judge = Arc::new(Judge::new(rules.clone()));
    let fold = Arc::new(Fold::<N>::new(rules.returns, log_kept(input, rules)));
    let adding = Arc::clone(&fold);
    for_each_row(input, options, &judge, progress, move |_, _, judged| judged.with_batch(|batch| adding.add(batch)))?;
    let folded = sole(fold)?.finish(threads)?;
    let done_again = folded.uncertain_customers();
    let partitions = settle(folded, input, options, rules, threads, progress)?;
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
    input: &Input,
    options: &InputOptions,
    rules: &Rules,
    threads: usize,
    progress: &Progress,
) -> Result<Vec<Partition<N>>> {
    if folded.uncertain_customers() == 0 {
        return Ok(folded.partitions);
    }
    let customers = folded.uncertain_customers();
    let ids = rules.tells_ids.then(|| folded.sample(SHOWN_IDS).join(", "));
    tracing::info!(customers, ids, "orders or days could not be told apart in one pass: their rows are read again");
    progress.begin("read again", input.contract.rows);
    let judge = Arc::new(Judge::new(Rules { quarantine_rows: 0, ..rules.clone() }));
    let repair = Arc::new(Repair::new(folded, rules.returns, rules.orders == OrderRule::Row));
    let adding = Arc::clone(&repair);
    for_each_batch(input, options, &judge, progress, move |judged| judged.with_batch(|batch| adding.add(batch)))?;
    sole(repair)?.finish(threads)
}

/// Runs the scan of every group, and hands each judged batch to `work`, from many threads at once.
pub(crate) fn for_each_batch(
    input: &Input,
    options: &InputOptions,
    judge: &Arc<Judge>,
    progress: &Progress,
    work: impl Fn(&Judged) -> Result<()> + Send + Sync + 'static,
) -> Result<()> {
    for_each_raw_batch(input, options, judge, progress, Beyond::Nothing, move |_, _, judged| work(judged))
}

/// As [`for_each_batch`], with the number of the scan and the batch as it was read, which has the columns `beyond`, too.
pub(crate) fn for_each_raw_batch(
    input: &Input,
    options: &InputOptions,
    judge: &Arc<Judge>,
    progress: &Progress,
    beyond: Beyond,
    work: impl Fn(usize, &DataFrame, &Judged) -> Result<()> + Send + Sync + 'static,
) -> Result<()> {
    let request = Request { filter: input.filter.as_ref(), repeats: input.repeats.as_ref(), beyond };
    scan_all(input, options, request, None, judge, progress, work)
}

/// As [`for_each_raw_batch`], and then the same for the rows that repeat others, none of which is kept.
pub(crate) fn for_each_row(
    input: &Input,
    options: &InputOptions,
    judge: &Arc<Judge>,
    progress: &Progress,
    work: impl Fn(usize, &DataFrame, &Judged) -> Result<()> + Send + Sync + 'static,
) -> Result<()> {
    let Some(given) = SeenRows::wanted(input).map(Arc::new) else {
        return for_each_raw_batch(input, options, judge, progress, Beyond::Nothing, work);
    };
    let work = Arc::new(work);
    let (noting, working) = (Arc::clone(&given), Arc::clone(&work));
    for_each_raw_batch(input, options, judge, progress, Beyond::Nothing, move |scan, batch, judged| {
        noting.note(batch).map_err(|error| Error::bug("rows have no numbers").cause(error))?;
        working(scan, batch, judged)
    })?;
    if given.are_all() {
        return Ok(());
    }
    progress.begin("read repeats", input.contract.rows);
    let request = Request { filter: input.filter.as_ref(), ..Request::default() };
    scan_all(input, options, request, Some(&given), judge, progress, move |scan, batch, judged| {
        work(scan, batch, judged)
    })
}

/// Runs the scan of every group; of the rows that were `given` before, none is judged again.
fn scan_all(
    input: &Input,
    options: &InputOptions,
    request: Request<'_>,
    given: Option<&Arc<SeenRows>>,
    judge: &Arc<Judge>,
    progress: &Progress,
    work: impl Fn(usize, &DataFrame, &Judged) -> Result<()> + Send + Sync + 'static,
) -> Result<()> {
    let work = Arc::new(work);
    let failure: Arc<Mutex<Option<Error>>> = Arc::default();
    let too_large = input.named(ids_too_large());
    for (number, group) in input.groups.iter().enumerate() {
        judge.begin_scan(number);
        let plan = scan::scan(&input.contract, group, options, request)?;
        let (judge, given, work, noted, progress) =
            (Arc::clone(judge), given.cloned(), Arc::clone(&work), Arc::clone(&failure), progress.clone());
        let too_large = too_large.clone();
        let consume = move |batch: DataFrame| {
            let stop = |error: Error| {
                let stop = polars_err!(ComputeError: "{}", error.headline());
                noted.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                stop
            };
            progress.advance(batch.height());
            let (judged, batch) = match &given {
                None => (judge.judge(&batch), batch),
                Some(given) => {
                    let repeats = given.others(&batch)?;
                    (judge.judge_repeats(&repeats), repeats)
                }
            };
            let judged = judged.map_err(|error| match error {
                PolarsError::ComputeError(text) if text.starts_with(IDS_TOO_LARGE) => stop(too_large.clone()),
                other => other,
            })?;
            work(number, &batch, &judged).map_err(stop)?;
            Ok(DataFrame::empty())
        };
        let outcome = execute(plan, consume);
        if let Some(error) = failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(error);
        }
        outcome.map_err(|cause| unreadable::error(input, group, &cause))?;
    }
    Ok(())
}

/// The published ids have a sign, as all tools read them.
pub(crate) fn ids_too_large() -> Error {
    Error::source(IDS_TOO_LARGE).hint("cast the column to a text at its source: tables have no unsigned columns")
}

/// Runs a plan on the streaming engine, every batch through `consume`; panics of decoders become texts.
fn execute(
    plan: LazyFrame,
    consume: impl Fn(DataFrame) -> PolarsResult<DataFrame> + Send + Sync + 'static,
) -> std::result::Result<(), String> {
    let no_columns = |_: &Schema| Ok(Arc::new(Schema::default()));
    let plan = plan.map(consume, OptFlags::STREAMING, Some(Arc::new(no_columns)), Some("fold"));
    crate::threads::caught(|| plan.collect_with_engine(Engine::Streaming).map(drop).map_err(|error| error.to_string()))
}

/// The contents of a shared value that nobody else holds any more.
pub(crate) fn sole<T>(shared: Arc<T>) -> Result<T> {
    Arc::into_inner(shared).ok_or_else(|| Error::bug("the engine still holds a part of the finished scan"))
}

/// Refuses amounts whose sum could have more than 18 digits.
pub(crate) fn refuse_overflow(tally: &Tally) -> Result<()> {
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
