//! `model_tracking`: how the model agrees with the course of the purchases that it was fitted on.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::predicted;
use crate::reports::report::{Chapter, Make, Report};
use crate::schema::{ColumnType, TableEntry, column};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "model_tracking",
    one_row_per: "week: actual and expected repeat purchases",
    published_with: "`predict.model`",
    meaning: "Repeat purchases of all customers by week, counted from the first purchase of all, as they are and as the chosen model expects. Sorted by week.",
    columns: &[
        column("week", ColumnType::Int32, "weeks", "1, 2, ..; the last one may be shorter"),
        column("last_date", ColumnType::Date, "", "its last day"),
        column("actual_repeats", ColumnType::Int64, "days", "repeat purchases up to then"),
        column("expected_repeats", ColumnType::Double, "days", "what the model expects of them"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::Predictions,
    when: predicted::has_predictions,
    times_counted: None,
    added: &[],
    make: Make::Small(plan),
};

/// Repeat purchases by week.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
#[allow(clippy::cast_possible_wrap)]
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let predictions = predicted::predictions(findings)?;
    let rows = &predictions.tracking.weeks;
    Ok(df!(
        "week" => rows.iter().map(|row| row.week).collect::<Vec<_>>(),
        "last_date" => rows.iter().map(|row| row.last_day).collect::<Vec<_>>(),
        "actual_repeats" => rows.iter().map(|row| row.actual as i64).collect::<Vec<_>>(),
        "expected_repeats" => rows.iter().map(|row| row.expected).collect::<Vec<_>>(),
    )?
    .lazy())
}
