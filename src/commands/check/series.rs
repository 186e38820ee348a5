//! The dates of a series in a check: which they are, and whether one read tells all of them.
//!
//! The rest of a check is that of the last date, which the most rows count for. Does not live here: the dates themselves
//! (`series`), and what is read together (`job`).

use chrono::NaiveDate;
use serde::Serialize;

use crate::config::Draft;
use crate::input::Input;
use crate::job;
use crate::warnings::{Facts, Warning};

/// The dates.
#[derive(Debug, Serialize)]
pub(crate) struct SeriesReport {
    pub(crate) dates: Vec<String>,
    /// Why each date is read by itself; none where one read tells all of them.
    pub(crate) read_apart: Option<&'static str>,
}

impl SeriesReport {
    /// In a few words.
    pub(crate) fn text(&self) -> String {
        let count = self.dates.len();
        let (first, last) = (self.dates.first(), self.dates.last());
        let range = first.zip(last).map(|(first, last)| format!(" from {first} to {last}")).unwrap_or_default();
        let reads =
            self.read_apart.map_or_else(|| "one read".to_owned(), |why| format!("a read for each, because {why}"));
        format!("{count} dates{range}, {reads}")
    }
}

/// The dates of a series, and the draft of the last one; none where there is none, or its settings are wrong. A date after the
/// last order is skipped, so that it is no matter how old the data are.
pub(crate) fn at_last(draft: &Draft) -> (Vec<NaiveDate>, Option<Draft>) {
    let dates = if draft.is_sound(&["series"]) { draft.config.series.analysis_dates() } else { Ok(Vec::new()) };
    let dates = dates.unwrap_or_default();
    let at_last = dates.last().map(|last| {
        let mut config = draft.config.at(*last, None);
        config.quality.max_days_without_orders = None;
        Draft { config, ..draft.clone() }
    });
    (dates, at_last)
}

/// What is known of the dates.
pub(crate) fn report(draft: &Draft, dates: &[NaiveDate], input: Option<&Input>) -> Option<SeriesReport> {
    let dates: Vec<String> = dates.iter().map(ToString::to_string).collect();
    let read_apart = input.and_then(|input| job::dates::reads_apart(&draft.config, input));
    (!dates.is_empty()).then_some(SeriesReport { dates, read_apart })
}

/// Warnings of the last date that do not hold where it is skipped.
pub(crate) fn holds(warning: &Warning) -> bool {
    !matches!(warning.facts, Facts::StaleData { .. })
}
