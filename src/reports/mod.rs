//! The published tables: one report, one file; this is their registry.
//!
//! `ranking`, `groups` and `cube` compute on plain numbers what the reports share; every report is a small lazy plan
//! over the cube or over a few figures. Does not live here: executing and writing them (`run`, `write`).

pub mod abc;
mod cells;
mod clusters;
pub mod cube;
mod customers;
mod dim_segment;
pub mod drift;
pub mod findings;
pub mod finish;
pub mod grid;
pub mod groups;
pub mod octants;
pub mod options;
pub mod pareto;
mod quality;
pub mod ranking;
mod score_bounds;
pub mod scorings;
mod segments;
mod shares;
mod stability;

use std::ops::Range;

use polars::prelude::*;

use crate::schema::{self, ColumnEntry, TableEntry};
use crate::write::values::Values;
use findings::Findings;

/// Tables whose rows are customers: written a slice of a column at a time.
const LARGE: [&str; 2] = ["customers", "scorings"];

/// Tables whose rows are not customers, in the order in which they are written: those of every run, then those that its
/// settings ask for.
pub fn small_tables(findings: &Findings<'_>) -> impl Iterator<Item = &'static TableEntry> {
    let on_request = schema::ON_REQUEST.iter().filter(|table| is_asked_for(table.name, findings));
    schema::TABLES.iter().chain(on_request).filter(|table| !LARGE.contains(&table.name))
}

/// Whether a table that not every run has is made by this one.
#[must_use]
pub fn is_asked_for(name: &str, findings: &Findings<'_>) -> bool {
    match name {
        "scorings" | "scoring_segments" | "scoring_bounds" | "stability" | "stability_summary" => {
            !findings.further.is_empty()
        }
        "drift" => !findings.drift.is_empty(),
        "clusters" => scorings::all(findings).iter().any(|view| view.beside.clusters.is_some()),
        _ => false,
    }
}

/// How often each customer is counted in a table with a column `customers`.
#[must_use]
pub fn times_counted(name: &str, findings: &Findings<'_>) -> usize {
    let views = scorings::all(findings);
    let with_value = views.iter().filter(|view| view.beside.value.is_some()).count();
    match name {
        "score_bounds" => 3,
        "scoring_segments" => views.len(),
        "scoring_bounds" => 3 * views.len() + with_value,
        "stability" | "stability_summary" => views.len() * (views.len() - 1) / 2,
        "clusters" => views.iter().filter(|view| view.beside.clusters.is_some()).count(),
        _ => 1,
    }
}

/// The rows of a table other than `customers`, typed as published.
///
/// # Errors
/// A Polars error where a plan fails, which would be a bug.
#[expect(clippy::disallowed_methods, reason = "a small table over the cube, in memory already")]
pub fn table(entry: &TableEntry, cube: &LazyFrame, findings: &Findings<'_>) -> PolarsResult<DataFrame> {
    finish::finish(&plan(entry.name, cube, findings)?.collect()?, entry, findings)
}

fn plan(name: &str, cube: &LazyFrame, findings: &Findings<'_>) -> PolarsResult<LazyFrame> {
    match name {
        "segments" => segments::plan(cube, findings),
        "pareto" => pareto::plan(findings),
        "pareto_summary" => pareto::summary_plan(findings),
        "abc" => Ok(abc::plan(cube, findings)),
        "cells" => cells::plan(cube, findings),
        "grid" => grid::plan(cube, findings),
        "octants" => octants::plan(cube, findings),
        "score_bounds" => score_bounds::plan(findings),
        "dim_segment" => dim_segment::plan(findings),
        "quality" => quality::quality_plan(findings),
        "quarantine" => quality::quarantine_plan(findings),
        "scoring_segments" => scorings::segments_plan(findings),
        "scoring_bounds" => scorings::bounds_plan(findings),
        "stability" => stability::plan(findings),
        "stability_summary" => stability::summary_plan(findings),
        "drift" => drift::plan(findings),
        "clusters" => clusters::plan(findings),
        _ => polars_bail!(ComputeError: "no report makes the table `{name}`"),
    }
}

/// A slice of one column of a table of customers, typed as published; the first is `as_of`. `columns` are the table's.
///
/// # Errors
/// As [`table`].
pub fn large(
    table: &str,
    columns: &[&ColumnEntry],
    place: usize,
    rows: Range<usize>,
    findings: &Findings<'_>,
) -> PolarsResult<Values> {
    let Some(before) = place.checked_sub(1) else { return Ok(Values::Plain(finish::as_of(findings, rows.len()))) };
    let column = columns.get(before).ok_or_else(|| polars_err!(OutOfBounds: "column {place}"))?;
    let values = match table {
        "scorings" => scorings::values(findings, column.name, rows)?,
        _ => customers::values(findings, column.name, rows)?,
    };
    Ok(match values {
        Values::Plain(values) => Values::Plain(finish::typed(&values, column.kind, findings)?),
        names @ Values::Names { .. } => names,
    })
}
