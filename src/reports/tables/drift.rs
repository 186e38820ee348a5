//! `drift`: how far each axis has moved since the run whose breaks were taken.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report};
use crate::reports::tables::scorings::SCORING;
use crate::schema::{ColumnEntry, ColumnType, TableEntry, column};
use crate::score::Drift;
use crate::scoring::AxisDrift;

/// Columns that `drift_by_group` has, too.
pub(super) const AXIS: ColumnEntry = column("axis", ColumnType::Text, "", "the measure of the axis");
pub(super) const INDEX: ColumnEntry = column(
    "population_stability_index",
    ColumnType::Double,
    "",
    "sum over the scores of (now - then) ln(now / then) of the shares of customers; null where either run had no customers",
);
pub(super) const CUSTOMERS_THEN: ColumnEntry = column(
    "customers_then",
    ColumnType::Int64,
    "customers",
    "customers of the run that learned the breaks; null where it did not write them",
);
pub(super) const CUSTOMERS_NOW: ColumnEntry =
    column("customers_now", ColumnType::Int64, "customers", "customers of this run");
pub(super) const CHANGED_CUSTOMERS: ColumnEntry =
    column("changed_customers", ColumnType::Int64, "customers", "customers whose score would differ with fresh breaks");

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "drift",
    one_row_per: "scoring and axis: population stability index against the frozen breaks",
    published_with: "`score.breaks_from`",
    meaning: "With `score.breaks_from`: how far each axis has moved since the run that learned the breaks. One row per scoring and axis that took them. Sorted by scoring, axis. With `score.by`, of the breaks of all customers.",
    columns: &[
        SCORING,
        AXIS,
        INDEX,
        CUSTOMERS_THEN,
        CUSTOMERS_NOW,
        CHANGED_CUSTOMERS,
        column("changed_share", ColumnType::Double, "0..1", "share of all customers; null without customers"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::Scoring,
    when: |findings| findings.scorings.iter().any(|scoring| !scoring.drift.is_empty()),
    times_counted: None,
    added: &[],
    make: Make::Small(plan),
};

/// One row per scoring and axis.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let mut rows: Vec<(&str, &AxisDrift)> = Vec::new();
    for scoring in findings.scorings.by_name() {
        rows.extend(scoring.drift.iter().map(|axis| (scoring.name.as_str(), axis)));
    }
    rows.sort_by_key(|(scoring, axis)| (*scoring, axis.measure.column()));
    Ok(frame(&rows)?.lazy())
}

/// One row per scoring and axis, in the order given.
///
/// # Errors
/// As [`plan`].
pub(super) fn frame(rows: &[(&str, &AxisDrift)]) -> PolarsResult<DataFrame> {
    let drifts = || rows.iter().map(|(_, axis)| &axis.drift);
    let then = |drift: &Drift| (!drift.then.is_empty()).then(|| drift.then.iter().sum::<u64>());
    df!(
        "scoring" => rows.iter().map(|(scoring, _)| *scoring).collect::<Vec<_>>(),
        "axis" => rows.iter().map(|(_, axis)| axis.measure.column()).collect::<Vec<_>>(),
        "population_stability_index" => drifts().map(|drift| drift.population_stability_index).collect::<Vec<_>>(),
        "customers_then" => drifts().map(then).collect::<Vec<Option<u64>>>(),
        "customers_now" => drifts().map(|drift| drift.now.iter().sum::<u64>()).collect::<Vec<_>>(),
        "changed_customers" => drifts().map(|drift| drift.differing).collect::<Vec<_>>(),
        "changed_share" => drifts().map(|drift| drift.differing_share).collect::<Vec<_>>(),
    )
}
