//! The pass over the days: every day on which a customer bought, in one more read of the input.
//!
//! The days are read apart from the customers table, since models count other things than a run may be set to: all
//! purchases up to the analysis date, whatever the window, and days instead of orders.
//! Does not live here: how days are gathered (`customers::days`), what is made of them (`predict`).

use std::sync::Arc;

use super::reading::{Reading, sole};
use super::sums::refuse_overflow;
use crate::batch::Batch;
use crate::clean::judge::{Judge, OrderRule, Rules};
use crate::config::Config;
use crate::customers::Customers;
use crate::customers::days::{Day, DayBook};
use crate::customers::key::{Name, NoName, Span};
use crate::error::Result;
use crate::input::Input;
use crate::input::customer_id::Id;
use crate::predict::{DayCounts, Holdout, PurchaseHistories, PurchaseHistory, Years};
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
}

impl Part {
    fn note(&mut self, row: Option<u32>, days: &[Day], config: &Config, as_of: i32) {
        let Some(habit) = PurchaseHistory::of(days) else { return };
        for day in days {
            self.occasions.count(day.day);
        }
        match row {
            Some(row) => {
                self.rows.push((row, habit));
                if config.predict.by_year {
                    self.years.note(row, days);
                }
            }
            None => self.others.push(habit),
        }
        if self.holdout.is_none() {
            self.holdout = kept_back(config, as_of);
        }
        if let Some(holdout) = &mut self.holdout {
            holdout.note(days);
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

/// Reads the days of purchases of every customer, or of one alone.
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
    let gather = if input.has_text_ids() { gather::<Span> } else { gather::<NoName> };
    let mut read = gather(input, config, customers, as_of, only, progress)?;
    footers::check_unchanged(&input.contract.files)?;
    if let Some(years) = &mut read.years {
        years.sort();
    }
    Ok(read)
}

fn kept_back(config: &Config, as_of: i32) -> Option<Holdout> {
    config.predict.holdout_days.map(|days| Holdout::new(as_of, days))
}

fn gather<N: Name + std::fmt::Debug>(
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
    let book = Arc::new(DayBook::<N>::default());
    let (adding, only) = (Arc::clone(&book), only.cloned());
    let reading = Reading::new(input, &config.input, progress);
    let seen = reading.for_each_batch(&judge, move |_, judged| {
        judged.with_batch(|batch| match &only {
            None => adding.add(batch),
            Some(id) => adding.add(&Batch { kept: Some(&kept_of(id, batch)), ..*batch }),
        })
    });
    progress.finish();
    seen?;
    let (tally, _) = sole(judge)?.into_account();
    refuse_overflow(&tally).map_err(|error| input.named(error))?;
    let note = |part: &mut Part, row: Option<u32>, days: &[Day]| part.note(row, days, config, as_of);
    let mut read = Read::new(config, customers.len(), as_of);
    sole(book)?.finish(config.threads(), &customers.ids, note, |part| read.take(part))?;
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
