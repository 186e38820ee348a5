//! One read for several analysis dates: the customers of each, and the account of the rows as a run for each alone would have
//! it.
//!
//! Does not live here: what is kept of the rows (`customers::dates`, `clean::by_date`), and which settings can be read
//! together (`job`).

use std::sync::Arc;

use polars::prelude::DataFrame;

use super::fold::{Aggregated, leave_out_returns, log_kept};
use super::judges::Judges;
use super::order_policy::order_policy;
use super::pass::Pass;
use super::payload::{Arrived, Carried};
use super::reading::{Reading, sole};
use super::sums::refuse_overflow;
use crate::clean::by_date::{AccountAtDate, AccountsByDate};
use crate::clean::judge::{Judged, Rules};
use crate::clean::outcome::Tally;
use crate::clean::quarantine::Rejected;
use crate::customers::FoldedCustomers;
use crate::customers::dates::AtDate;
use crate::customers::dates::again::{Again, Part};
use crate::customers::dates::bounds::Bounds;
use crate::customers::dates::fold::DatesFold;
use crate::customers::dates::histories::Histories;
use crate::customers::dates::partition::{DatesPartition, DatesPolicy};
use crate::customers::key::{Name, NoName, Span};
use crate::error::{Error, Result};
use crate::source::scan::Further;

/// What one read tells of several dates.
#[derive(Debug)]
pub(crate) struct ReadTogether {
    histories: Histories,
    /// Of each date, of each input.
    accounts: Vec<Vec<AccountAtDate>>,
    /// Customers who were read again.
    done_again: usize,
}

/// Reads every transaction once, for all dates: `rules` are those of each date, which ascend.
///
/// # Errors
/// A source error where a file cannot be decoded.
pub(crate) fn read(reading: &Reading<'_>, rules: &[Rules]) -> Result<ReadTogether> {
    if reading.input.has_text_keys() {
        read_all::<Span>(reading, rules, Histories::of_texts)
    } else {
        read_all::<NoName>(reading, rules, Histories::of_integers)
    }
}

fn read_all<N: Name + std::fmt::Debug>(
    reading: &Reading<'_>,
    rules: &[Rules],
    gather: impl FnOnce(Vec<DatesPartition<N>>, Vec<Vec<Part>>, DatesPolicy) -> Histories,
) -> Result<ReadTogether> {
    let last = rules.last().ok_or_else(|| Error::bug("rows are read for no date"))?;
    // Windows and cuts look at orders, not at rows: every date judges a row of its days alike.
    let common = Rules { orders_from: None, cut: None, ..last.clone() };
    let judges = Judges::of(reading.input, &Rules { quarantine_rows: 0, ..common.clone() });
    let carried = Carried::by(reading, &common);
    let bounds = rules.iter().flat_map(|rules| rules.as_of.into_iter().chain(rules.cut)).collect();
    let policy = DatesPolicy {
        bounds: Bounds::new(bounds),
        orders: order_policy(&common),
        layout: carried.layout().clone(),
        kept: log_kept(reading),
    };
    let adding = Arc::new(Adding { fold: DatesFold::<N>::new(policy.clone()), carried });
    let accounts = Arc::new(Accounts::of(reading, rules, &common));
    let passes: Vec<Arc<dyn Pass>> = vec![Arc::clone(&adding) as _, Arc::clone(&accounts) as _];
    reading.run_with_repeats(&judges, passes)?;
    let partitions = sole(adding)?.fold.finish(reading.threads)?;
    let again = read_again(Again::new(partitions, &policy), reading, &common)?;
    let done_again = again.customers();
    let (partitions, parts) = again.finish();
    let accounts = sole(accounts)?.by_date(rules.len());
    Ok(ReadTogether { histories: gather(partitions, parts, policy), accounts, done_again })
}

/// Reads the customers once more of whom whole orders do not tell every date.
fn read_again<N: Name + std::fmt::Debug>(again: Again<N>, reading: &Reading<'_>, rules: &Rules) -> Result<Again<N>> {
    let customers = again.customers();
    if customers == 0 {
        return Ok(again);
    }
    tracing::info!(customers, "orders go on beyond a date or came back: the rows of these customers are read again");
    reading.progress.begin("read again", reading.input.rows());
    let judges = Judges::of(reading.input, &Rules { quarantine_rows: 0, ..rules.clone() });
    let again = Arc::new(again);
    let adding = Arc::clone(&again);
    let plain = Reading { further: Further::default(), interactions: None, ..*reading };
    plain.for_each_batch(&judges, move |_, judged| judged.with_batch(|batch| adding.add(batch)))?;
    sole(again)
}

/// Hands rows to the fold.
struct Adding<N> {
    fold: DatesFold<N>,
    carried: Carried,
}

impl<N: Name> Pass for Adding<N> {
    fn add(&self, _scan: usize, raw: &DataFrame, judged: &Judged) -> Result<()> {
        judged.with_batch(|batch| {
            let payload = self.carried.of_batch(raw, batch)?;
            self.fold.add(batch, payload.extras())
        })
    }
}

/// The accounts of the inputs.
struct Accounts {
    /// The input of each scan.
    part_of: Vec<usize>,
    of_parts: Vec<AccountsByDate>,
}

impl Accounts {
    fn of(reading: &Reading<'_>, rules: &[Rules], common: &Rules) -> Self {
        let dates: Arc<[i32]> = rules.iter().filter_map(|rules| rules.as_of).collect();
        let parts = &reading.input.parts;
        let part_of = parts.iter().enumerate().flat_map(|(place, part)| part.groups.iter().map(move |_| place));
        let of_parts = parts.iter().map(|_| AccountsByDate::new(Arc::clone(&dates), common)).collect();
        Self { part_of: part_of.collect(), of_parts }
    }

    fn note(&self, scan: usize, raw: &DataFrame, judged: &Judged) -> Result<()> {
        let account = self.part_of.get(scan).and_then(|part| self.of_parts.get(*part));
        let account = account.ok_or_else(|| Error::bug("a scan is of no input"))?;
        account.note(scan, raw, judged).map_err(|error| Error::source("a bad row cannot be shown").cause(error))
    }

    /// Of each date those of all inputs.
    fn by_date(self, dates: usize) -> Vec<Vec<AccountAtDate>> {
        let mut by_date: Vec<Vec<AccountAtDate>> = (0..dates).map(|_| Vec::new()).collect();
        for accounts in self.of_parts {
            for (date, account) in by_date.iter_mut().zip(accounts.into_accounts()) {
                date.push(account);
            }
        }
        by_date
    }
}

impl Pass for Accounts {
    fn add(&self, scan: usize, raw: &DataFrame, judged: &Judged) -> Result<()> {
        self.note(scan, raw, judged)
    }

    fn add_repeats(&self, scan: usize, raw: &DataFrame, judged: &Judged) -> Result<()> {
        self.note(scan, raw, judged)
    }
}

impl ReadTogether {
    /// What a run for the date at `place` alone would have gathered; `rules` are those of the date, and `reading` says what of
    /// it is wanted.
    ///
    /// # Errors
    /// A compute error where money could overflow.
    pub(crate) fn at(&self, place: usize, reading: &Reading<'_>, rules: &Rules) -> Result<Aggregated> {
        let as_of = rules.as_of.ok_or_else(|| Error::bug("one of several dates is not known"))?;
        let (mut tally, mut of_parts, mut rejects) = (Tally::default(), Vec::new(), Vec::<Rejected>::new());
        for account in self.accounts.get(place).into_iter().flatten() {
            tally.join(&account.tally);
            of_parts.push(account.tally.clone());
            rejects.extend(account.rejects.iter().cloned());
        }
        refuse_overflow(&tally).map_err(|error| reading.input.named(error))?;
        let date = AtDate { as_of, orders: order_policy(rules), keeps_orders: reading.keeps_orders };
        let FoldedCustomers { mut customers, payload, orders } = self.histories.at(&date);
        customers.known = rules.known;
        if !rules.known.has_money() {
            // What sums to nothing says nothing.
            customers.side.not_above_zero = 0;
        }
        leave_out_returns(&mut tally, &customers);
        let carried = Carried::by(reading, rules);
        let arrived = carried.finish(payload, reading, rules, Some(as_of), &mut customers)?;
        let Arrived { attributes, lacks_interactions } = arrived;
        let done_again = self.done_again;
        Ok(Aggregated { customers, attributes, orders, tally, of_parts, rejects, done_again, lacks_interactions })
    }
}
