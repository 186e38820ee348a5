//! `loyalty_ladder`: of those with so many purchases, who made one more, and how long it took.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report};
use crate::schema::{ColumnType, TableEntry, column};
use crate::time::ladder::Rung;

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "loyalty_ladder",
    one_row_per: "number of purchases: who made one more, and after how long",
    published_with: "`cohorts.loyalty_ladder`",
    meaning: "Steps 1 to 10. All purchases of all days count, whatever the window; each purchase of a day is one. Sorted by step.",
    columns: &[
        column("step", ColumnType::Int32, "orders", "the number of purchases, k"),
        column("customers_with_k", ColumnType::Int64, "customers", "customers with k purchases or more"),
        column("customers_with_next", ColumnType::Int64, "customers", "of these, those with one more"),
        column("share", ColumnType::Double, "0..1", "customers_with_next divided by customers_with_k; null where nobody has k. Young customers may still come: see the last columns"),
        column("median_days", ColumnType::Double, "days", "median of the days from the k-th purchase to the next, 0 on the same day (type 7, as the quartiles); null where nobody made it"),
        column("lower_quartile_days", ColumnType::Double, "days", "their lower quartile, likewise"),
        column("upper_quartile_days", ColumnType::Double, "days", "their upper quartile, likewise"),
        column("share_within_90", ColumnType::Double, "0..1", "of those whose k-th purchase is at least 90 days old, the share whose next one came within 90 days; null where there is nobody"),
        column("share_within_180", ColumnType::Double, "0..1", "the same for 180 days"),
        column("share_within_365", ColumnType::Double, "0..1", "the same for 365 days"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::OverTime,
    when: |findings| findings.from_days.ladder.is_some(),
    times_counted: None,
    added: &[],
    make: Make::Small(plan),
};

/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_wrap)]
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let ladder = findings.from_days.ladder.as_ref().ok_or_else(|| polars_err!(ComputeError: "no ladder was made"))?;
    let rungs = ladder.rungs();
    let share = |rung: &Rung| (rung.with_k > 0).then(|| rung.with_next as f64 / rung.with_k as f64);
    let days = |which: usize| rungs.iter().map(|rung| rung.days.map(|days| days[which])).collect::<Vec<_>>();
    let within = |which: usize| rungs.iter().map(|rung| rung.within[which]).collect::<Vec<_>>();
    Ok(df!(
        "step" => rungs.iter().map(|rung| rung.step).collect::<Vec<_>>(),
        "customers_with_k" => rungs.iter().map(|rung| rung.with_k as i64).collect::<Vec<_>>(),
        "customers_with_next" => rungs.iter().map(|rung| rung.with_next as i64).collect::<Vec<_>>(),
        "share" => rungs.iter().map(share).collect::<Vec<_>>(),
        "median_days" => days(1),
        "lower_quartile_days" => days(0),
        "upper_quartile_days" => days(2),
        "share_within_90" => within(0),
        "share_within_180" => within(1),
        "share_within_365" => within(2),
    )?
    .lazy())
}
