//! The published tables: one report, one file; this is their registry.
//!
//! `groups` and `cube` compute on plain numbers what the reports share; every report is a small lazy plan
//! over the cube or over a few figures. Does not live here: executing and writing them (`run`, `write`).

pub mod cube;
pub mod findings;
pub mod finish;
pub mod groups;
pub mod options;
mod predicted;
mod shares;
pub mod tables;

use std::ops::Range;

use polars::prelude::*;

use crate::schema::{self, ColumnEntry, PredictedColumn, TableEntry};
use crate::values::Values;
use findings::Findings;

/// Tables with rows for every customer: written a slice of a column at a time.
const LARGE: [&str; 3] = ["customers", "scorings", "customer_years"];

/// Tables that are small whatever the number of customers, in the order in which they are written: those of every run,
/// then those that its settings ask for.
pub fn small_tables(findings: &Findings) -> impl Iterator<Item = &'static TableEntry> {
    let on_request = schema::on_request().filter(|table| is_asked_for(table.name, findings));
    schema::TABLES.iter().chain(on_request).filter(|table| !LARGE.contains(&table.name))
}

/// Whether a table that not every run has is made by this one.
#[must_use]
pub fn is_asked_for(name: &str, findings: &Findings) -> bool {
    match name {
        "scorings" | "scoring_segments" | "scoring_bounds" | "stability" | "stability_summary" => {
            !findings.scorings.further.is_empty()
        }
        "drift" => findings.scorings.iter().any(|scoring| !scoring.drift.is_empty()),
        "clusters" => findings.scorings.iter().any(|scoring| scoring.clusters.is_some()),
        "clv_pareto" | "model_fit" | "model_repeats" | "model_tracking" => findings.predictions.is_some(),
        "calibration" | "calibration_summary" => findings.predictions.iter().any(|found| found.calibration.is_some()),
        "customer_years" => findings.years.is_some(),
        "planned_ltv" => !findings.planned_years.is_empty(),
        "value_map" => findings.predictions.is_some() && findings.social.is_some(),
        _ => false,
    }
}

/// How often each customer is counted in a table with a column `customers`; none where it leaves some out.
#[must_use]
pub fn times_counted(name: &str, findings: &Findings) -> Option<usize> {
    let count = findings.scorings.count();
    let with_value = findings.scorings.iter().filter(|scoring| scoring.value.is_some()).count();
    Some(match name {
        "score_bounds" => 3,
        "scoring_segments" => count,
        "scoring_bounds" => 3 * count + with_value,
        "stability" | "stability_summary" => count * (count - 1) / 2,
        "clusters" => findings.scorings.iter().filter(|scoring| scoring.clusters.is_some()).count(),
        "clv_pareto" | "calibration" | "value_map" => return None,
        _ => 1,
    })
}

/// The rows of one of the [`small_tables`], typed as published.
///
/// # Errors
/// A Polars error where a plan fails, which would be a bug.
#[expect(clippy::disallowed_methods, reason = "a small table over the cube, in memory already")]
pub fn table(entry: &TableEntry, cube: &LazyFrame, findings: &Findings) -> PolarsResult<DataFrame> {
    let table = finish::finish(&plan(entry.name, cube, findings)?.collect()?, entry, findings)?;
    predicted::with_sums(table, entry.name, findings)
}

/// The columns that predictions, profits and social measures add to the customers table.
#[must_use]
pub fn predicted_columns(findings: &Findings) -> Vec<PredictedColumn> {
    let horizons = findings.predictions.as_ref().map(|predictions| predictions.terms.names.as_slice());
    let mut columns = horizons.map(|names| schema::predicted_columns("customers", names)).unwrap_or_default();
    let planned = findings.planned_ltv.iter().flat_map(|_| schema::PLANNED_COLUMNS.columns);
    let social = findings.social.iter().flat_map(|_| schema::SOCIAL_COLUMNS.columns);
    columns.extend(planned.chain(social).map(|entry| PredictedColumn {
        name: entry.name.to_owned(),
        entry,
        horizon: None,
    }));
    columns
}

/// The rows `rows` of one of [`predicted_columns`].
#[must_use]
pub fn predicted_values(findings: &Findings, column: &PredictedColumn, rows: Range<usize>) -> Column {
    predicted::values(findings, column, rows)
}

fn plan(name: &str, cube: &LazyFrame, findings: &Findings) -> PolarsResult<LazyFrame> {
    match name {
        "segments" => tables::segments::plan(cube, findings),
        "pareto" => tables::pareto::plan(findings),
        "pareto_summary" => tables::pareto::summary_plan(findings),
        "abc" => Ok(tables::abc::plan(cube, findings)),
        "cells" => tables::cells::plan(cube, findings),
        "grid" => tables::grid::plan(cube, findings),
        "octants" => tables::octants::plan(cube, findings),
        "score_bounds" => tables::score_bounds::plan(findings),
        "dim_segment" => tables::dim_segment::plan(findings),
        "quality" => tables::quality::quality_plan(findings),
        "quarantine" => tables::quality::quarantine_plan(findings),
        "scoring_segments" => tables::scorings::segments_plan(findings),
        "scoring_bounds" => tables::scorings::bounds_plan(findings),
        "stability" => tables::stability::plan(findings),
        "stability_summary" => tables::stability::summary_plan(findings),
        "drift" => tables::drift::plan(findings),
        "clusters" => tables::clusters::plan(findings),
        "planned_ltv" => tables::customer_years::planned(&findings.planned_years),
        "value_map" => tables::value_map::value_map(findings),
        _ => predicted_plan(name, findings),
    }
}

fn predicted_plan(name: &str, findings: &Findings) -> PolarsResult<LazyFrame> {
    let predictions =
        findings.predictions.as_ref().ok_or_else(|| polars_err!(ComputeError: "no predictions were made"))?;
    match name {
        "clv_pareto" => tables::clv_pareto::plan(predictions, findings),
        "model_fit" => tables::model_fit::plan(predictions),
        "model_repeats" => tables::model_fit::repeats_plan(predictions),
        "model_tracking" => tables::model_fit::tracking_plan(predictions),
        "calibration" => tables::calibration::plan(predictions),
        "calibration_summary" => tables::calibration::summary_plan(predictions),
        _ => polars_bail!(ComputeError: "no report makes the table `{name}`"),
    }
}

/// A slice of one column of a large table, typed as published; the first is `as_of`. `columns` are the table's.
///
/// # Errors
/// As [`table`].
pub fn large<'a>(
    table: &str,
    columns: &[&ColumnEntry],
    place: usize,
    rows: Range<usize>,
    findings: &'a Findings,
) -> PolarsResult<Values<'a>> {
    let Some(before) = place.checked_sub(1) else { return Ok(Values::Plain(finish::as_of(findings, rows.len()))) };
    let column = columns.get(before).ok_or_else(|| polars_err!(OutOfBounds: "column {place}"))?;
    let values = match table {
        "scorings" => tables::scorings::values(findings, column.name, rows)?,
        "customer_years" => Values::Plain(tables::customer_years::values(findings, column.name, rows)?),
        _ => tables::customers::values(findings, column.name, rows)?,
    };
    match values {
        Values::Plain(values) => finish::typed(&values, column.kind, findings).map(Values::Plain),
        Values::Numbers { numbers, .. } => finish::typed_numbers(numbers, column.kind, findings),
        names @ Values::Names { .. } => Ok(names),
    }
}
