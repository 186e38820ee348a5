//! `calibration`: what models would have predicted for a holdout, and what happened.

use polars::prelude::*;

use crate::predict::holdout::Group;
use crate::reports::findings::Findings;
use crate::reports::predicted;
use crate::reports::report::{Chapter, Make, Report};
use crate::reports::shares::CUSTOMERS;
use crate::schema::{ColumnType, TableEntry, column};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "calibration",
    one_row_per: "group of customers: predicted and actual orders and revenue",
    published_with: "`predict.holdout_days`",
    meaning: "Only with `predict.holdout_days`: what models fitted before the holdout predict for it, and what happened. Customers who had bought before it. Sorted by grouping, then group.",
    columns: &[
        column("grouping", ColumnType::Text, "", "`decile`: equal groups by predicted orders, 1 is the highest; `frequency`: repeat purchases before the holdout, the last group for 7 or more"),
        column("group", ColumnType::Int32, "", "the group's number"),
        CUSTOMERS,
        column("mean_predicted_orders", ColumnType::Double, "days", "days with a purchase in the holdout that the model expects, per customer; null in an empty group"),
        column("mean_actual_orders", ColumnType::Double, "days", "days with a purchase in the holdout that there were, per customer; null in an empty group"),
        column("mean_predicted_revenue", ColumnType::Double, "money", "revenue that the models expect, per customer; null without a model of order values, too"),
        column("mean_actual_revenue", ColumnType::Double, "money", "revenue that there was, per customer; null in an empty group"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::Holdout,
    when: has_holdout,
    times_counted: None,
    added: &[],
    make: Make::Small(plan),
};

/// The condition of both tables of a holdout.
pub(super) fn has_holdout(findings: &Findings) -> bool {
    findings.predictions.iter().any(|found| found.calibration.is_some())
}

/// By decile and by frequency.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
#[allow(clippy::cast_possible_wrap)]
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let predictions = predicted::predictions(findings)?;
    let mut groups: Vec<&Group> = predictions.calibration.iter().flat_map(|found| &found.groups).collect();
    groups.sort_by_key(|group| (group.grouping, group.group));
    let mean = |value: fn(&Group) -> Option<f64>| groups.iter().map(|group| value(group)).collect::<Vec<_>>();
    Ok(df!(
        "grouping" => groups.iter().map(|group| group.grouping).collect::<Vec<_>>(),
        "group" => groups.iter().map(|group| group.group).collect::<Vec<_>>(),
        "customers" => groups.iter().map(|group| group.customers as i64).collect::<Vec<_>>(),
        "mean_predicted_orders" => mean(|group| group.orders[0]),
        "mean_actual_orders" => mean(|group| group.orders[1]),
        "mean_predicted_revenue" => mean(|group| group.revenue[0]),
        "mean_actual_revenue" => mean(|group| group.revenue[1]),
    )?
    .lazy())
}
