//! Checks of what is computed over time.

use super::{Checks, check_ascending};
use crate::config::Config;

/// A hundred years of months.
const MOST_PERIODS: u32 = 1200;

pub(super) fn check(config: &Config, checks: &mut Checks) {
    let health = &config.health;
    let periods = health.periods;
    let expected = format!("1 to {MOST_PERIODS}");
    checks.require((1..=MOST_PERIODS).contains(&periods), "health.periods", format!("`{periods}`"), expected);
    check_ascending("health.limits", &health.limits, checks);
    let lowest = health.limits[0];
    checks.require(
        lowest.is_nan() || lowest > 0.0,
        "health.limits",
        format!("`{lowest}`"),
        "ratios above 0 (0.95 means 5 % fewer)",
    );
}
