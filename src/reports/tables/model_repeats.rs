//! `model_repeats`: how the model agrees with the numbers of purchases that it was fitted on.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::predicted;
use crate::reports::report::{Chapter, Make, Report};
use crate::schema::{ColumnType, TableEntry, column};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "model_repeats",
    one_row_per: "number of repeat purchases: actual and expected customers",
    published_with: "`predict.model`",
    meaning: "Customers by number of repeat purchases (days with a purchase after the first), as they are and as the chosen model expects. Sorted by repeats.",
    columns: &[
        column("repeats", ColumnType::Int32, "days", "repeat purchases; the last row is for 7 or more"),
        column("actual_customers", ColumnType::Int64, "customers", "customers with so many"),
        column("expected_customers", ColumnType::Double, "customers", "customers whom the model expects to have so many"),
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

/// Customers by repeat purchases.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
#[allow(clippy::cast_possible_wrap)]
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let predictions = predicted::predictions(findings)?;
    let rows = &predictions.tracking.repeats;
    Ok(df!(
        "repeats" => rows.iter().map(|row| row.repeats).collect::<Vec<_>>(),
        "actual_customers" => rows.iter().map(|row| row.actual as i64).collect::<Vec<_>>(),
        "expected_customers" => rows.iter().map(|row| row.expected).collect::<Vec<_>>(),
    )?
    .lazy())
}
