//! `drift_by_group`: how far each axis has moved in each group of customers since the run whose breaks were taken.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report};
use crate::reports::tables::drift::{self, AXIS, CHANGED_CUSTOMERS, CUSTOMERS_NOW, CUSTOMERS_THEN, INDEX};
use crate::reports::tables::score_groups::scorings_by_group;
use crate::reports::tables::scorings::SCORING;
use crate::reports::tables::segments_by_group::CUSTOMER_GROUP;
use crate::schema::{ColumnType, TableEntry, column};
use crate::scoring::AxisDrift;

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "drift_by_group",
    one_row_per: "scoring, group of customers and axis: population stability index within the group",
    published_with: "`score.by` and `score.breaks_from`",
    meaning: "With `score.by` and `score.breaks_from`: as `drift`, within each group that took breaks of its own. Sorted by scoring, customer_group, axis.",
    columns: &[
        SCORING,
        CUSTOMER_GROUP,
        AXIS,
        INDEX,
        CUSTOMERS_THEN,
        CUSTOMERS_NOW,
        CHANGED_CUSTOMERS,
        column("changed_share", ColumnType::Double, "0..1", "share of the customers of the group"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::Groups,
    when: |findings| scorings_by_group(findings).iter().any(|(scoring, _)| !scoring.drift.is_empty()),
    times_counted: None,
    added: &[],
    make: Make::Small(plan),
};

/// One row per scoring, group and axis.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let mut rows: Vec<(&str, String, &AxisDrift)> = Vec::new();
    for (scoring, groups) in scorings_by_group(findings) {
        for (key, basis) in groups.with_own() {
            let mut axes: Vec<&AxisDrift> = basis.drift.iter().collect();
            axes.sort_by_key(|axis| axis.measure.column());
            rows.extend(axes.into_iter().map(|axis| (scoring.name.as_str(), key.to_string(), axis)));
        }
    }
    let mut frame = drift::frame(&rows.iter().map(|row| (row.0, row.2)).collect::<Vec<_>>())?;
    let groups: Vec<&str> = rows.iter().map(|row| row.1.as_str()).collect();
    frame.with_column(Column::new("customer_group".into(), groups))?;
    Ok(frame.lazy())
}
