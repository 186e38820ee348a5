//! Responses as orders: the transactions are read as a run reads them, with the days of response as their window.
//!
//! So rules, returns, old ids and pseudonyms are those of every table. Does not live here: reading (`job`).

use super::responses::{Responses, Window};
use crate::config::Config;
use crate::customers::CustomerIds;
use crate::day::date_of;
use crate::error::Result;
use crate::job::Job;
use crate::progress::Progress;
use crate::source::options::WindowAppliesTo;

/// Customers with a purchase in the window, by the settings of the input.
///
/// # Errors
/// As those of a run.
pub(super) fn responses(config: &Config, are_hashed: bool, window: Window, progress: Progress) -> Result<Responses> {
    let Config {
        inputs,
        input,
        mut columns,
        mut dates,
        clean,
        currency,
        mut customers,
        output,
        mut privacy,
        mut run,
        ..
    } = config.clone();
    dates.as_of = Some(window.end().to_string());
    dates.window_days = Some(window.days);
    dates.window_applies_to = WindowAppliesTo::FrequencyAndMoney;
    // Nothing that only tables show is read.
    customers.path = None;
    columns.attributes.clear();
    columns.margin = None;
    privacy.hash_ids = are_hashed;
    run.deny_warnings = crate::quality::options::DenyWarnings::default();
    let own =
        Config { inputs, input, columns, dates, clean, currency, customers, output, privacy, run, ..Config::default() };
    let gathered = Job::new(own)?.with_progress(progress).open()?.gather()?;
    let customers = gathered.customers();
    let buyers: Vec<usize> = (0..customers.len()).filter(|row| customers.orders[*row] > 0).collect();
    let ids = match &customers.ids {
        CustomerIds::Integer(ids) => CustomerIds::Integer(buyers.iter().map(|row| ids[*row]).collect()),
        ids @ CustomerIds::Text { .. } => {
            let mut bytes = Vec::new();
            let ends = buyers.iter().map(|row| {
                bytes.extend_from_slice(ids.text(*row));
                bytes.len()
            });
            let ends = ends.collect();
            CustomerIds::Text { bytes, ends }
        }
    };
    let revenue = buyers.iter().map(|row| customers.revenue[*row]).collect();
    let known_until = customers.last_day.iter().max().map(|day| date_of(*day));
    Ok(Responses { ids, revenue, known_until, outside: 0, nobody: 0 })
}
