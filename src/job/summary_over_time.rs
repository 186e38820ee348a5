//! What changed over time, for people: who moved, who is slipping away, whether the business is sound.
//!
//! Does not live here: the figures (`time`).

use super::summary::{counted, grouped, money};
use crate::day::date_of;
use crate::reports::findings::{Alerts, Findings};
use crate::time::Comparison;
use crate::time::health_signs::{DatedHealth, Sign};
use crate::time::migration::up_and_down;

/// The lines that the settings ask for.
pub(super) fn lines(findings: &Findings) -> Vec<String> {
    let moved = findings.compared.as_ref().and_then(|compared| line_of_moves(&compared.comparison));
    let alerts = findings.alerts.as_ref().map(|alerts| line_of_alerts(alerts, findings));
    let health = findings.from_days.health.as_ref().and_then(|health| health.dated(findings.health_limits).pop());
    moved.into_iter().chain(alerts).chain(health.map(|date| line_of_health(&date))).collect()
}

/// Who moved, in a line: up, down, by breaks alone. None where nothing is compared.
pub(crate) fn line_of_moves(comparison: &Comparison) -> Option<String> {
    let moved = up_and_down(comparison)?;
    let since = date_of(comparison.before.as_of);
    let by_breaks = match moved.by_breaks {
        None => "; the scores have no breaks, so that moves by behaviour cannot be told from others".to_owned(),
        Some(moved) => format!("; {} moved by breaks alone", grouped(moved)),
    };
    let (up, down, new, gone) = (grouped(moved.up), grouped(moved.down), grouped(moved.new), grouped(moved.gone));
    Some(format!("since {since}: {up} moved up, {down} down, {new} are new, {gone} are absent{by_breaks}"))
}

fn line_of_alerts(alerts: &Alerts, findings: &Findings) -> String {
    let customers = counted(alerts.list.len() as u64, "valued customer");
    let at_stake: i128 = alerts.list.iter().map(|alert| i128::from(alert.revenue)).sum();
    let worth = findings.customers.known.has_money().then(|| money(at_stake, findings.scale));
    let worth = worth.map(|worth| format!(", who brought {worth} in the last 365 days")).unwrap_or_default();
    format!("alerts: {customers} slipping away{worth}")
}

fn line_of_health(date: &DatedHealth) -> String {
    let DatedHealth { day, sums, sign, sign_on_year, change_on_year, .. } = date;
    let word = |sign: &Option<Sign>| sign.map_or("not known yet", Sign::name);
    let on_year =
        change_on_year.map(|change| format!(", {:+.1}% on the year before", 100.0 * change)).unwrap_or_default();
    let season = sign_on_year.map(|sign| format!(" ({} against the season)", sign.name())).unwrap_or_default();
    let active = counted(sums.active[0], "customer");
    format!("health on {}: {}{season}; {active} bought in the 30 days before{on_year}", date_of(*day), word(sign))
}
