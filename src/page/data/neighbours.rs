//! The dates that are published next to the one that is shown: their totals, and the newest before it.
//!
//! Does not live here: finding them (`history`).

use chrono::NaiveDate;

use super::rows::Rows;
use super::tables::Tables;
use crate::config::Config;
use crate::error::Result;
use crate::history::PublishedRun;
use crate::manifest::Totals;

/// The dates up to the one that is shown, which is the last.
#[derive(Debug)]
pub(crate) struct Neighbours {
    /// Date and totals, ascending.
    pub(crate) totals: Vec<(NaiveDate, Totals)>,
    /// The newest date before the one that is shown.
    pub(crate) previous: Option<Previous>,
}

/// The newest date before the one that is shown.
#[derive(Debug)]
pub(crate) struct Previous {
    /// The date.
    pub(crate) as_of: NaiveDate,
    /// Its totals.
    pub(crate) totals: Totals,
    /// Its segments.
    pub(crate) segments: Rows,
    /// Its figures of concentration.
    pub(crate) pareto: Rows,
    /// Whether its settings mean the same by customers, orders, money and segments.
    pub(crate) is_comparable: bool,
}

impl Neighbours {
    /// Those of `beside` that were published for a date before `as_of`, and the date itself. One that cannot be read is left out.
    pub(crate) fn of(beside: &[PublishedRun], as_of: NaiveDate, own: (&Totals, &Config)) -> Self {
        let mut earlier: Vec<(NaiveDate, Totals, &PublishedRun)> = Vec::new();
        for run in beside {
            if let (Ok(date), Ok(totals)) = (run.as_of(), run.totals())
                && date < as_of
            {
                earlier.push((date, totals, run));
            }
        }
        earlier.sort_by_key(|(date, ..)| *date);
        earlier.dedup_by_key(|(date, ..)| *date);
        let read =
            |(as_of, totals, run): &(NaiveDate, Totals, &PublishedRun)| Previous::read((*as_of, totals), run, own.1);
        let previous = earlier.iter().rev().find_map(|date| read(date).ok());
        let mut totals: Vec<(NaiveDate, Totals)> =
            earlier.into_iter().map(|(date, totals, _)| (date, totals)).collect();
        totals.push((as_of, own.0.clone()));
        Self { totals, previous }
    }
}

impl Previous {
    fn read((as_of, totals): (NaiveDate, &Totals), run: &PublishedRun, config: &Config) -> Result<Self> {
        let tables = Tables::of(run, totals.money_scale)?;
        let segments = tables.read("segments", &["segment", "customers", "revenue", "map"])?.unwrap_or_default();
        let pareto = tables.read("pareto_summary", &["measure", "value"])?.unwrap_or_default();
        let is_comparable = run.settings().is_ok_and(|settings| means_the_same(&settings, config));
        Ok(Self { as_of, totals: totals.clone(), segments, pareto, is_comparable })
    }
}

/// Whether two runs mean the same by customers, orders, money and segments.
fn means_the_same(one: &Config, other: &Config) -> bool {
    let window = |config: &Config| (config.dates.window_days, config.dates.window_applies_to);
    one.input.filter == other.input.filter
        && one.input.grain == other.input.grain
        && one.columns == other.columns
        && one.clean == other.clean
        && one.currency == other.currency
        && window(one) == window(other)
        && one.segment == other.segment
}
