//! `health`: who is active on one date after another, who buys, and which way it goes.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report};
use crate::schema::{ColumnType, TableEntry, column};
use crate::time::health_signs::{DatedHealth, Sign};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "health",
    one_row_per: "date: active customers, buyers by kind, growth",
    published_with: "`health.every`",
    meaning: "The ends of the last `health.periods` periods that are over on `as_of`, from the first one with a customer on. The period of a date begins after the end of the one before. All days count, whatever the window; orders are as known on `as_of`, so that one taken back since counts on no date. Sorted by date.",
    columns: &[
        column("date", ColumnType::Date, "", "the last day of the period"),
        column("active_30", ColumnType::Int64, "customers", "customers with a purchase in the 30 days up to the date"),
        column("active_60", ColumnType::Int64, "customers", "the same in 60 days"),
        column("active_90", ColumnType::Int64, "customers", "the same in 90 days"),
        column("known_customers", ColumnType::Int64, "customers", "customers with a purchase on any day up to the date"),
        column("active_30_share", ColumnType::Double, "0..1", "active_30 divided by known_customers"),
        column("buyers", ColumnType::Int64, "customers", "customers with a purchase in the period: first_time, returning and reactivated together"),
        column("first_time", ColumnType::Int64, "customers", "of these, those who had never bought before the period"),
        column("returning", ColumnType::Int64, "customers", "of these, all others"),
        column("reactivated", ColumnType::Int64, "customers", "of these, those whose last purchase before the period lies more than `health.reactivated_after_days` before their first one in it"),
        column("orders", ColumnType::Int64, "orders", "purchases of the period"),
        column("revenue", ColumnType::Money, "", "money of all orders of the period, returns too, of customers with a purchase on any day"),
        column("change_on_previous", ColumnType::Double, "share", "active_30 divided by that of the date before, less 1; null where nobody was active then"),
        column("change_on_year", ColumnType::Double, "share", "active_30 divided by that of the date a year before, less 1; null likewise"),
        column("sign", ColumnType::Text, "", "active_30 against the mean of the three dates before: `growing`, `steady` or `shrinking` (`health.limits`); null with fewer than three, or where one of them lies less than 30 days after the first purchase of all"),
        column("sign_on_year", ColumnType::Text, "", "the same against the date a year before, so that the season plays no part; null likewise"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::OverTime,
    when: |findings| findings.from_days.health.is_some(),
    times_counted: None,
    added: &[],
    make: Make::Small(plan),
};

/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_wrap)]
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let health =
        findings.from_days.health.as_ref().ok_or_else(|| polars_err!(ComputeError: "no health was counted"))?;
    let dates = health.dated(findings.health_limits);
    let counts = |count: fn(&DatedHealth) -> u64| dates.iter().map(|date| count(date) as i64).collect::<Vec<_>>();
    let signs = |sign: fn(&DatedHealth) -> Option<Sign>| {
        dates.iter().map(|date| sign(date).map(Sign::name)).collect::<Vec<_>>()
    };
    let share = |date: &DatedHealth| date.sums.active[0] as f64 / date.sums.known as f64;
    Ok(df!(
        "date" => dates.iter().map(|date| date.day).collect::<Vec<_>>(),
        "active_30" => counts(|date| date.sums.active[0]),
        "active_60" => counts(|date| date.sums.active[1]),
        "active_90" => counts(|date| date.sums.active[2]),
        "known_customers" => counts(|date| date.sums.known),
        "active_30_share" => dates.iter().map(share).collect::<Vec<_>>(),
        "buyers" => counts(|date| date.sums.buyers()),
        "first_time" => counts(|date| date.sums.first_time),
        "returning" => counts(|date| date.sums.returning),
        "reactivated" => counts(|date| date.sums.reactivated),
        "orders" => counts(|date| date.sums.orders),
        "revenue" => dates.iter().map(|date| date.sums.revenue).collect::<Vec<_>>(),
        "change_on_previous" => dates.iter().map(|date| date.change_on_previous).collect::<Vec<_>>(),
        "change_on_year" => dates.iter().map(|date| date.change_on_year).collect::<Vec<_>>(),
        "sign" => signs(|date| date.sign),
        "sign_on_year" => signs(|date| date.sign_on_year),
    )?
    .lazy())
}
