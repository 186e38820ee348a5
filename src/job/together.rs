//! One read for several dates of a job, where the settings allow it.
//!
//! Does not live here: what is read (`passes::dates`), and which dates are asked for (`dates`).

use chrono::NaiveDate;

use super::opened::Opened;
use super::rows_read::{RowsRead, Wanted, find_repeats, rules_of_window};
use super::survey::{self, Purpose};
use crate::clean::judge::Rules;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::input::Input;
use crate::passes::dates::{self, ReadTogether};
use crate::source::options::WindowAppliesTo;

/// The rows of several dates.
#[derive(Debug)]
pub(super) struct Together {
    dates: Vec<NaiveDate>,
    /// Those of each date.
    rules: Vec<Rules>,
    /// Of each input how many rows repeat others, where they are only counted.
    repeated_rows: Vec<Option<u64>>,
    read: ReadTogether,
}

impl Together {
    /// Reads the rows of `opened` for all `dates`, which ascend, and has rows that repeat others left out of it.
    ///
    /// # Errors
    /// As for each date alone.
    pub(super) fn read(opened: &mut Opened, dates: &[NaiveDate]) -> Result<Self> {
        let config = opened.job.config().clone();
        let is_published = opened.purpose == Purpose::Publish;
        let repeated_rows = find_repeats(&mut opened.input, &mut opened.job, is_published)?;
        let progress = opened.job.progress.clone();
        let mut rules = Vec::new();
        for date in dates {
            let at = opened.at(*date, None)?;
            rules.push(rules_of_window(&at.input, at.job.config(), &progress)?);
        }
        let wanted = Wanted::of(opened.purpose, &config, &opened.scorings);
        let last = rules.last().ok_or_else(|| Error::bug("rows are read for no date"))?;
        let input = &opened.input;
        progress.begin("read", input.rows());
        let read = dates::read(&wanted.reading(last, input, &config, &progress), &rules);
        progress.finish();
        let read = read?;
        input.check_unchanged()?;
        opened.job.stages.end("read", input.rows());
        Ok(Self { dates: dates.to_vec(), rules, repeated_rows, read })
    }

    /// Whether this date was read.
    pub(super) fn has(&self, date: NaiveDate) -> bool {
        self.dates.contains(&date)
    }

    /// The rows of one of the dates; `opened` is the job of that date.
    ///
    /// # Errors
    /// A compute error where money could overflow.
    pub(super) fn at(&self, date: NaiveDate, mut opened: Opened) -> Result<RowsRead> {
        let place = self.dates.iter().position(|own| *own == date);
        let place = place.ok_or_else(|| Error::bug("a date was not read"))?;
        let rules = self.rules[place].clone();
        let wanted = Wanted::of(opened.purpose, opened.job.config(), &opened.scorings);
        let progress = opened.job.progress.clone();
        progress.stage("customers");
        let reading = wanted.reading(&rules, &opened.input, opened.job.config(), &progress);
        let aggregated = self.read.at(place, &reading, &rules);
        progress.finish();
        let aggregated = aggregated?;
        opened.job.stages.end("aggregate", opened.input.rows());
        let repeated_rows = self.repeated_rows.clone();
        Ok(RowsRead { opened, wanted, rules, repeated_rows, skipped: Vec::new(), aggregated })
    }
}

/// Why each date needs a read of its own; none where one read tells all of them.
pub(super) fn reads_apart(config: &Config, input: &Input) -> Option<&'static str> {
    let cuts_rows = config.dates.window_days.is_some() && config.dates.window_applies_to == WindowAppliesTo::Everything;
    let skips_files = input.parts.iter().any(|part| part.settings.input.trust_statistics);
    let has_interactions = input.parts.iter().any(|part| part.interactions.is_some());
    let reasons = [
        (cuts_rows, "`dates.window_applies_to` is `everything`, so that the rows that count differ from date to date"),
        (skips_files, "`input.trust_statistics` leaves other files unread at each date"),
        (has_interactions, "`input.interactions` is set, and interactions are kept for one date"),
        (input.further().margin, "`columns.margin` is set, and margins are summed for one date"),
        (!input.rules.aliases.is_empty(), "`customers.aliases` is set, and old ids are counted for one date"),
    ];
    let by_settings = reasons.into_iter().find_map(|(holds, reason)| holds.then_some(reason));
    by_settings.or_else(|| {
        let limit = config.run.memory_limit_bytes()?;
        let needed = survey::estimate(input, config).typical_bytes.saturating_add(orders_bytes(input));
        (needed > limit).then_some("`run.memory_limit` would not hold the orders of all dates at once")
    })
}

/// An order as it is closed, and in the order of its customers.
const KEPT_ORDER_BYTES: u64 = 20 + 16;
/// Lines of a typical order.
const TYPICAL_LINES: u64 = 4;

/// What the orders of all dates need beyond a run for one date.
fn orders_bytes(input: &Input) -> u64 {
    let has_order_ids = input.parts.iter().any(|part| part.rules.orders.uses_ids());
    let orders = input.rows() / if has_order_ids { TYPICAL_LINES } else { 1 };
    orders.saturating_mul(KEPT_ORDER_BYTES)
}
