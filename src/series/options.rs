//! Settings of a series of analysis dates.
//!
//! Does not live here: the single analysis date (`source::options`), and how each date is computed (`job`).

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calendar::{Every, MOST_DATES, Problem, last_days};

/// `[series]`: several analysis dates of one run, each published as a run of that date alone would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SeriesOptions {
    /// Analysis dates, each `YYYY-MM-DD`, in place of `dates.as_of`.
    pub dates: Vec<String>,
    /// With `to`, in place of `dates`: analysis dates are the last days of all periods that end from this day on
    /// (`YYYY-MM-DD`).
    pub from: Option<String>,
    /// See `from`: the last day (`YYYY-MM-DD`) that may be an analysis date. A date after the last order is skipped, with a
    /// warning.
    pub to: Option<String>,
    /// The periods whose last days are the analysis dates.
    pub every: Every,
    /// Whose breaks the scores of each date use: `own`, those that its own customers give; `first` or `last`, those of the
    /// first or last date that is published; or the path of a published run, as `score.breaks_from`.
    pub breaks: String,
    /// Go on with a series that was stopped: skip the dates that are published already with the same settings, of the same
    /// input and by the same version of the program.
    pub resume: bool,
}

impl Default for SeriesOptions {
    fn default() -> Self {
        Self { dates: Vec::new(), from: None, to: None, every: Every::default(), breaks: OWN.to_owned(), resume: false }
    }
}

/// The words of `series.breaks`.
const OWN: &str = "own";
const FIRST: &str = "first";
const LAST: &str = "last";

/// Whose breaks the scores of a series use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreaksOf<'a> {
    /// Of each date its own.
    Own,
    /// Those of the first date.
    First,
    /// Those of the last date.
    Last,
    /// Those of a published run.
    Run(&'a str),
}

impl SeriesOptions {
    /// Whether there are several analysis dates, and not the one of `dates.as_of` or of the data.
    #[must_use]
    pub const fn is_asked_for(&self) -> bool {
        !self.dates.is_empty() || self.from.is_some() || self.to.is_some()
    }

    /// Whose breaks are used.
    #[must_use]
    pub fn breaks_of(&self) -> BreaksOf<'_> {
        match self.breaks.as_str() {
            OWN => BreaksOf::Own,
            FIRST => BreaksOf::First,
            LAST => BreaksOf::Last,
            path => BreaksOf::Run(path),
        }
    }

    /// The analysis dates, ascending and each once; none where no series is asked for.
    ///
    /// # Errors
    /// What is wrong with a setting.
    pub fn analysis_dates(&self) -> Result<Vec<NaiveDate>, Problem> {
        let mut dates = Vec::new();
        for text in &self.dates {
            dates.push(date("series.dates", text)?);
        }
        dates.sort_unstable();
        dates.dedup();
        let missing = |key, other| Problem {
            key,
            found: "nothing".to_owned(),
            expected: format!("a day as `YYYY-MM-DD`, because `{other}` is set"),
        };
        let (from, to) = match (&self.from, &self.to) {
            (None, None) => return Ok(dates),
            (Some(_), None) => return Err(missing("series.to", "series.from")),
            (None, Some(_)) => return Err(missing("series.from", "series.to")),
            (Some(from), Some(to)) => (date("series.from", from)?, date("series.to", to)?),
        };
        if !dates.is_empty() {
            let found = format!("{} dates", self.dates.len());
            let expected = "none, because `series.from` and `series.to` say which they are".to_owned();
            return Err(Problem { key: "series.dates", found, expected });
        }
        let dates = last_days(from, to, self.every)?;
        if dates.len() > MOST_DATES {
            let expected = format!("at most {MOST_DATES} dates: fewer days, or longer periods (`series.every`)");
            return Err(Problem { key: "series.to", found: format!("{} dates", dates.len()), expected });
        }
        Ok(dates)
    }
}

fn date(key: &'static str, text: &str) -> Result<NaiveDate, Problem> {
    let expected = || "a day of the calendar as `YYYY-MM-DD`".to_owned();
    let date: Option<NaiveDate> = text.parse().ok();
    // Parsing is lenient (`2026-1-1`).
    let date = date.filter(|date| date.to_string() == text);
    date.ok_or_else(|| Problem { key, found: format!("`{text}`"), expected: expected() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(dates: &[&str], from: Option<&str>, to: Option<&str>) -> SeriesOptions {
        SeriesOptions {
            dates: dates.iter().map(|date| (*date).to_owned()).collect(),
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
            ..SeriesOptions::default()
        }
    }

    fn texts(options: &SeriesOptions) -> Vec<String> {
        options.analysis_dates().unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn dates_ascend_and_occur_once() {
        let options = of(&["2025-02-28", "2024-02-29", "2025-02-28"], None, None);
        assert_eq!(texts(&options), ["2024-02-29", "2025-02-28"]);
        assert!(options.is_asked_for() && !SeriesOptions::default().is_asked_for());
    }

    #[test]
    fn what_is_missing_or_told_twice_is_refused_under_its_key() {
        let key = |options: SeriesOptions| options.analysis_dates().unwrap_err().key;
        assert_eq!(key(of(&[], Some("2025-01-01"), None)), "series.to");
        assert_eq!(key(of(&[], None, Some("2025-01-01"))), "series.from");
        assert_eq!(key(of(&["2025-1-1"], None, None)), "series.dates");
        assert_eq!(key(of(&["2025-01-01"], Some("2025-01-01"), Some("2025-02-01"))), "series.dates");
        assert_eq!(key(of(&[], Some("2025-02-01"), Some("2025-01-01"))), "series.to");
        let daily = SeriesOptions { every: Every::Day, ..of(&[], Some("1900-01-01"), Some("2025-01-01")) };
        assert_eq!(key(daily), "series.to");
    }

    #[test]
    fn breaks_are_named_by_a_word_or_a_path() {
        let of = |breaks: &str| SeriesOptions { breaks: breaks.to_owned(), ..SeriesOptions::default() };
        assert_eq!(SeriesOptions::default().breaks_of(), BreaksOf::Own);
        assert_eq!((of("first").breaks_of(), of("last").breaks_of()), (BreaksOf::First, BreaksOf::Last));
        assert_eq!(of("./own").breaks_of(), BreaksOf::Run("./own"));
    }
}
