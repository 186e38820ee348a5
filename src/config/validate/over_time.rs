//! Checks of what is computed over time.

use super::{Checks, check_ascending, date_of};
use crate::config::Config;
use crate::reports::tables::abc;
use crate::source::options::WindowAppliesTo;
use crate::time::options::Reason;

/// A hundred years of months.
const MOST_PERIODS: u32 = 1200;

/// Dates that `compare.with` names by how long ago they are.
const EARLIER: [&str; 4] = ["previous", "month", "quarter", "year"];

pub(super) fn check(config: &Config, checks: &mut Checks) {
    check_comparison(config, checks);
    check_alerts(config, checks);
    let health = &config.health;
    let periods = health.periods;
    let expected = format!("1 to {MOST_PERIODS}");
    checks.require((1..=MOST_PERIODS).contains(&periods), "health.periods", format!("`{periods}`"), expected);
    check_ascending("health.limits", &health.limits, checks);
    let expected = "`health.every` with it: the dates";
    checks.require(!health.grid || health.every.is_some(), "health.grid", "`true`", expected);
    let lowest = health.limits[0];
    checks.require(
        lowest.is_nan() || lowest > 0.0,
        "health.limits",
        format!("`{lowest}`"),
        "ratios above 0 (0.95 means 5 % fewer)",
    );
}

fn check_comparison(config: &Config, checks: &mut Checks) {
    if let Some(with) = &config.compare.with {
        let date = date_of(with);
        let expected = "`previous`, `month`, `quarter`, `year` or a date written YYYY-MM-DD";
        checks.require(
            EARLIER.contains(&with.as_str()) || date.is_some(),
            "compare.with",
            format!("`{with}`"),
            expected,
        );
        let as_of = config.dates.as_of.as_deref().and_then(date_of);
        let is_earlier = date.zip(as_of).is_none_or(|(date, as_of)| date < as_of);
        checks.require(is_earlier, "compare.with", format!("`{with}`"), "a date before `dates.as_of`");
    }
    let has_with = config.compare.with.is_some();
    let expected = "`compare.with` with it: the date to compare with";
    checks.require(has_with || !config.compare.customers, "compare.customers", "`true`", expected);
    checks.require(!config.compare.by.is_empty(), "compare.by", "nothing", "`segment`, `octant` or `stage`");
    if let Some(days) = config.evaluate.horizon_days {
        let expected = "1 to 3660 days";
        checks.require((1..=3660).contains(&days), "evaluate.horizon_days", format!("`{days}`"), expected);
        let cuts = config.dates.window_applies_to == WindowAppliesTo::Everything;
        let window = config.dates.window_days.filter(|_| cuts).unwrap_or(u32::MAX);
        let expected =
            format!("at most {window}, because a window of everything knows nobody who bought before it only");
        checks.require(days <= window, "evaluate.horizon_days", format!("`{days}`"), expected);
    }
}

fn check_alerts(config: &Config, checks: &mut Checks) {
    let alerts = &config.alerts;
    let asks = |reason: Reason| alerts.reasons.contains(&reason);
    let expected = "`compare.with` with `score_fell`: the date since which it fell";
    checks.require(
        !asks(Reason::ScoreFell) || config.compare.with.is_some(),
        "alerts.reasons",
        "`score_fell`",
        expected,
    );
    let expected = "`predict.model` with `p_alive`";
    checks.require(!asks(Reason::PAlive) || config.predict.is_wanted(), "alerts.reasons", "`p_alive`", expected);
    let fell = alerts.score_fell_by;
    checks.require((1..=100).contains(&fell), "alerts.score_fell_by", format!("`{fell}`"), "1 to 100 scores");
    let shares =
        [("alerts.p_alive_below", alerts.p_alive_below), ("alerts.valued_score_share", alerts.valued_score_share)];
    for (key, share) in shares {
        checks.require((0.0..=1.0).contains(&share), key, format!("`{share}`"), "a share from 0 to 1");
    }
    if let Some(wrong) = alerts.valued_classes.iter().find(|class| !abc::CLASSES.contains(&class.as_str())) {
        checks.require(false, "alerts.valued_classes", format!("`{wrong}`"), "`A`, `B` or `C`");
    }
}
