//! `drift`: how far each axis has moved since the run whose breaks were taken.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report};
use crate::reports::tables::scorings::SCORING;
use crate::schema::{ColumnType, TableEntry, column};
use crate::score::Drift;
use crate::scoring::AxisDrift;

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "drift",
    one_row_per: "scoring and axis: population stability index against the frozen breaks",
    published_with: "`score.breaks_from`",
    meaning: "With `score.breaks_from`: how far each axis has moved since the run that learned the breaks. One row per scoring and axis that took them. Sorted by scoring, axis.",
    columns: &[
        SCORING,
        column("axis", ColumnType::Text, "", "the measure of the axis"),
        column("population_stability_index", ColumnType::Double, "", "sum over the scores of (now - then) ln(now / then) of the shares of customers; null where either run had no customers"),
        column("customers_then", ColumnType::Int64, "customers", "customers of the run that learned the breaks; null where it did not write them"),
        column("customers_now", ColumnType::Int64, "customers", "customers of this run"),
        column("changed_customers", ColumnType::Int64, "customers", "customers whose score would differ with fresh breaks"),
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
    let drifts = || rows.iter().map(|(_, axis)| &axis.drift);
    let then = |drift: &Drift| (!drift.then.is_empty()).then(|| drift.then.iter().sum::<u64>());
    Ok(df!(
        "scoring" => rows.iter().map(|(scoring, _)| *scoring).collect::<Vec<_>>(),
        "axis" => rows.iter().map(|(_, axis)| axis.measure.column()).collect::<Vec<_>>(),
        "population_stability_index" => drifts().map(|drift| drift.population_stability_index).collect::<Vec<_>>(),
        "customers_then" => drifts().map(then).collect::<Vec<Option<u64>>>(),
        "customers_now" => drifts().map(|drift| drift.now.iter().sum::<u64>()).collect::<Vec<_>>(),
        "changed_customers" => drifts().map(|drift| drift.differing).collect::<Vec<_>>(),
        "changed_share" => drifts().map(|drift| drift.differing_share).collect::<Vec<_>>(),
    )?
    .lazy())
}
