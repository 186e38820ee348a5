//! What customers were on the earlier date that the run compares with, and their own rhythm.
//!
//! Does not live here: how the dates are put side by side (`time`).

use std::ops::Range;

use polars::prelude::*;

use super::columns::{PREVIOUS, RHYTHM};
use crate::reports::findings::Findings;
use crate::time::By;

/// Whether a column is one of these.
pub(super) fn has(name: &str) -> bool {
    PREVIOUS.iter().chain(RHYTHM).any(|column| column.name == name)
}

/// The rows `rows` of a column; null for customers who were not there, or who have no rhythm yet.
///
/// # Errors
/// A Polars error for a column that there is not, which would be a bug.
pub(super) fn values(findings: &Findings, name: &str, rows: Range<usize>) -> PolarsResult<Column> {
    if RHYTHM.iter().any(|column| column.name == name) {
        return Ok(rhythms(findings, name, rows));
    }
    let compared = findings.compared.as_ref().ok_or_else(|| polars_err!(ComputeError: "nothing was compared"))?;
    let then = compared.previous[rows].iter().map(|row| row.map(|row| row as usize));
    let before = &compared.comparison.before;
    let score = |axis: usize| {
        let of = |row: Option<usize>| row.map(|row| before.scores[axis][row]).filter(|score| *score > 0);
        Int32Chunked::from_iter_options(name.into(), then.clone().map(of)).into_column()
    };
    let group = |by: By| {
        let grouping = before.grouping(by);
        let of = |row: Option<usize>| Some(grouping?.name(row?));
        StringChunked::from_iter_options(name.into(), then.clone().map(of)).into_column()
    };
    Ok(match name {
        "previous_segment" => group(By::Segment),
        "previous_octant" => group(By::Octant),
        "previous_r_score" => score(0),
        "previous_f_score" => score(1),
        "previous_m_score" => score(2),
        _ => polars_bail!(ColumnNotFound: "customers has no column `{name}`"),
    })
}

/// The rows `rows` of a column of the own rhythm; null for customers with one purchase day.
fn rhythms(findings: &Findings, name: &str, rows: Range<usize>) -> Column {
    let of = |row: usize| {
        let rhythm = findings.from_days.rhythms.get(row)?;
        match name {
            "mean_gap_days" => rhythm.mean_gap_days(),
            "own_limit_days" => rhythm.limit_days(),
            _ => rhythm.limit_days().map(|limit| 100.0 * f64::from(findings.recency_days[row]) / limit),
        }
    };
    Float64Chunked::from_iter_options(name.into(), rows.map(of)).into_column()
}
