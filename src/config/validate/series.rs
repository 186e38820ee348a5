//! Checks of `[series]`.

use super::{Checks, Config, date_of};
use crate::config::problem::Problem;
use crate::series::options::BreaksOf;
use crate::source::options::Grain;

pub(super) fn check(config: &Config, checks: &mut Checks) {
    let series = &config.series;
    checks.not_blank("series.breaks", &series.breaks);
    if !series.is_asked_for() {
        return;
    }
    let dates = match series.analysis_dates() {
        Ok(dates) => dates,
        Err(problem) => {
            checks.0.push(Problem::new(problem.key, problem.found, problem.expected));
            return;
        }
    };
    if let Some(as_of) = &config.dates.as_of {
        let expected = "nothing, because `[series]` says which dates there are";
        checks.0.push(Problem::new("dates.as_of", format!("`{as_of}`"), expected));
    }
    let least = config.dates.min_date.as_deref().and_then(date_of);
    if let Some((least, first)) = least.zip(dates.first().copied()) {
        let expected = format!("a day on or before the first date of the series, which is `{first}`");
        checks.require(least <= first, "dates.min_date", format!("`{least}`"), expected);
    }
    let key = if series.dates.is_empty() { "series.from" } else { "series.dates" };
    let expected = "no series: a table of customers tells nothing of earlier days";
    checks.require(config.input.grain != Grain::Customers, key, "a series", expected);
    if let Some(path) = &config.score.breaks_from {
        let expected = format!("`own`, because `score.breaks_from` is `{path}`");
        let is_own = path.is_empty() || series.breaks_of() == BreaksOf::Own;
        checks.require(is_own, "series.breaks", format!("`{}`", series.breaks), expected);
    }
}
