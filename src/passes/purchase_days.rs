//! The pass that gathers every day on which a customer bought.
//!
//! It rides on the one read of the fold, though models count other things than a run may be set to: all purchases up to the
//! analysis date, whatever the window (see [`Rules::judges_history`]), and days instead of orders. Only `explain` reads the
//! input once more for it.
//! Does not live here: how days are gathered (`customers::days`), what is made of them (`predict`).

use std::sync::Arc;

use polars::prelude::DataFrame;

use super::pass::Pass;
use super::reading::{Reading, sole};
use super::sums::refuse_sum;
use crate::batch::Batch;
use crate::clean::judge::{Judge, Judged, OrderRule, Rules};
use crate::clean::outcome::Tally;
use crate::config::Config;
use crate::customers::Customers;
use crate::customers::days::{Day, DayBook};
use crate::customers::key::{NoName, Span};
use crate::error::Result;
use crate::input::Input;
use crate::input::customer_id::Id;
use crate::predict::{CustomerOrders, DayCounts, Holdout, OrderDay, PurchaseHistories, PurchaseHistory, Years};
use crate::progress::Progress;
use crate::source::footers;

/// What some of the customers did.
#[derive(Debug, Default)]
struct Part {
    rows: Vec<(u32, PurchaseHistory)>,
    others: Vec<PurchaseHistory>,
    occasions: DayCounts,
    holdout: Option<Holdout>,
    years: Years,
    /// Work space.
    orders: Vec<OrderDay>,
}

/// A day as one order: what is known of it where orders are not.
fn order_day(day: &Day) -> OrderDay {
    let (purchased, returned) = if day.is_purchase() { (day.amount, 0) } else { (0, day.amount) };
    OrderDay { day: day.day, purchases: u32::from(day.is_purchase()), purchased, returned }
}

impl Part {
    fn note(&mut self, row: Option<u32>, days: &[Day], config: &Config, as_of: i32) {
        let mut orders = std::mem::take(&mut self.orders);
        orders.clear();
        orders.extend(days.iter().map(order_day));
        let cut = kept_back(config, as_of).map_or(0, |holdout| orders.partition_point(|day| day.day <= holdout.cut));
        self.note_orders(row, &CustomerOrders { days: &orders, at_cut: &orders[..cut] }, config, as_of);
        self.orders = orders;
    }

    fn note_orders(&mut self, row: Option<u32>, orders: &CustomerOrders<'_>, config: &Config, as_of: i32) {
        if self.holdout.is_none() {
            self.holdout = kept_back(config, as_of);
        }
        if let Some(holdout) = &mut self.holdout {
            holdout.note(orders);
        }
        let Some(habit) = PurchaseHistory::of(orders.days) else { return };
        for day in orders.days.iter().filter(|day| day.is_occasion()) {
            self.occasions.count(day.day);
        }
        match row {
            Some(row) => {
                self.rows.push((row, habit));
                if config.predict.by_year {
                    self.years.note(row, orders.days);
                }
            }
            None => self.others.push(habit),
        }
    }
}

/// What was read.
pub(crate) struct Read {
    /// What the models see.
    pub(crate) habits: PurchaseHistories,
    /// What is kept from them, where it is asked for.
    pub(crate) holdout: Option<Holdout>,
    /// By year of each customer, where it is asked for.
    pub(crate) years: Option<Years>,
}

impl Read {
    fn new(config: &Config, customers: usize, as_of: i32) -> Self {
        Self {
            habits: PurchaseHistories { as_of, by_row: vec![None; customers], ..PurchaseHistories::default() },
            holdout: kept_back(config, as_of),
            years: config.predict.by_year.then(Years::default),
        }
    }

    fn take(&mut self, part: Part) {
        for (row, habit) in part.rows {
            self.habits.by_row[row as usize] = Some(habit);
        }
        self.habits.others.extend(part.others);
        part.occasions.add_to(&mut self.habits.occasions);
        if let (Some(all), Some(own)) = (&mut self.holdout, part.holdout) {
            all.add(own);
        }
        if let Some(years) = &mut self.years {
            years.rows.extend(part.years.rows);
        }
    }
}

fn kept_back(config: &Config, as_of: i32) -> Option<Holdout> {
    config.predict.holdout_days.map(|days| Holdout::new(as_of, days))
}

/// The days, by the type of ids.
#[derive(Debug)]
enum Book {
    Integer(DayBook<NoName>),
    Text(DayBook<Span>),
}

/// The pass.
#[derive(Debug)]
pub(crate) struct PurchaseDays {
    book: Book,
    /// The one customer that is looked at; none for all.
    only: Option<Id>,
}

impl PurchaseDays {
    /// The pass, where days are asked for: the rules must judge what lies before the window, too.
    pub(crate) fn wanted(input: &Input, config: &Config) -> Option<Arc<Self>> {
        config.predict.reads_days().then(|| Arc::new(Self::new(input, None)))
    }

    fn new(input: &Input, only: Option<Id>) -> Self {
        let book =
            if input.has_text_ids() { Book::Text(DayBook::default()) } else { Book::Integer(DayBook::default()) };
        Self { book, only }
    }

    fn add_batch(&self, batch: &Batch<'_>) -> Result<()> {
        match &self.book {
            Book::Integer(book) => book.add(batch),
            Book::Text(book) => book.add(batch),
        }
    }

    /// What the days tell, when all rows up to `as_of` were seen and found good: `tally` is their account.
    ///
    /// # Errors
    /// A compute error where money could overflow, or there are too many customers.
    pub(crate) fn finish(self, config: &Config, customers: &Customers, as_of: i32, tally: &Tally) -> Result<Read> {
        refuse_sum("amounts", tally.absolute_amount + tally.absolute_amount_before)?;
        let note = |part: &mut Part, row: Option<u32>, days: &[Day]| part.note(row, days, config, as_of);
        let mut read = Read::new(config, customers.len(), as_of);
        let (threads, ids) = (config.threads(), &customers.ids);
        match self.book {
            Book::Integer(book) => book.finish(threads, ids, note, |part| read.take(part)),
            Book::Text(book) => book.finish(threads, ids, note, |part| read.take(part)),
        }?;
        if let Some(years) = &mut read.years {
            years.sort();
        }
        Ok(read)
    }
}

impl Pass for PurchaseDays {
    fn add(&self, _scan: usize, _raw: &DataFrame, judged: &Judged) -> Result<()> {
        judged.with_history(|batch| match &self.only {
            None => self.add_batch(batch),
            Some(id) => self.add_batch(&Batch { kept: Some(&kept_of(id, batch)), ..*batch }),
        })
    }
}

/// Reads the days of purchases of every customer, or of one alone, in a read of its own.
///
/// # Errors
/// A source error where a file cannot be decoded or has changed; a compute error where money could overflow.
pub(crate) fn read(
    input: &Input,
    config: &Config,
    customers: &Customers,
    as_of: i32,
    only: Option<&Id>,
    progress: &Progress,
) -> Result<Read> {
    progress.begin("read days", input.contract.rows);
    let rules = Rules {
        as_of: Some(as_of),
        window_start: None,
        quarantine_rows: 0,
        orders: OrderRule::Row,
        ..input.rules.clone()
    };
    let judge = Arc::new(Judge::new(rules));
    let days = Arc::new(PurchaseDays::new(input, only.cloned()));
    let seen = Reading::new(input, &config.input, progress).run(&judge, vec![Arc::clone(&days) as Arc<dyn Pass>]);
    progress.finish();
    seen?;
    let (tally, _) = sole(judge)?.into_account();
    let read = sole(days)?.finish(config, customers, as_of, &tally).map_err(|error| input.named(error))?;
    footers::check_unchanged(&input.contract.files)?;
    Ok(read)
}

/// Which rows are kept and this customer's.
fn kept_of(id: &Id, batch: &Batch<'_>) -> Vec<bool> {
    let mut kept = vec![false; batch.days.len()];
    for row in id.rows_in(batch) {
        kept[row] = batch.kept.is_none_or(|kept| kept[row]);
    }
    kept
}
