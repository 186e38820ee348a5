//! The columns that predictions add: of each customer, and sums of them per group.
//!
//! Sums of floats are made in the order of the table, one customer after the other, so that they are the same on any
//! number of threads. Does not live here: the predictions (`predict`).

use std::ops::Range;

use polars::prelude::*;
use rayon::prelude::*;

use super::findings::Findings;
use crate::predict::Predictions;
use crate::schema::{ColumnEntry, ColumnType, PublishedColumn, column};

/// The columns behind those of a table with one row per group of customers.
#[rustfmt::skip]
pub(super) const SUMS: &[ColumnEntry] = &[
    column("expected_customers_alive", ColumnType::Double, "customers", "sum of p_alive; null where no customer has one"),
    column("expected_customers_alive_share", ColumnType::Double, "0..1", "share of that of all customers"),
    column("expected_orders_H", ColumnType::Double, "days", "sum of expected_orders; null where no customer has one"),
    column("expected_orders_share_H", ColumnType::Double, "0..1", "share of that of all customers; null where it is zero"),
    column("clv_H", ColumnType::Double, "money", "sum of clv; null where no customer has one"),
    column("clv_share_H", ColumnType::Double, "0..1", "share of that of all customers; null where it is not above zero"),
];

/// Whether the run has predictions: the condition of their tables.
pub(super) fn has_predictions(findings: &Findings) -> bool {
    findings.predictions.is_some()
}

/// The condition of the columns that predictions add.
pub(super) fn is_there(findings: &Findings, _: &ColumnEntry) -> bool {
    has_predictions(findings)
}

/// The predictions, for tables that only runs with predictions have.
///
/// # Errors
/// A Polars error where there are none, which would be a bug.
pub(super) fn predictions(findings: &Findings) -> PolarsResult<&Predictions> {
    findings.predictions.as_ref().ok_or_else(|| polars_err!(ComputeError: "no predictions were made"))
}

/// The rows `rows` of a column of the customers table.
pub(super) fn values(findings: &Findings, column: &PublishedColumn, rows: Range<usize>) -> Column {
    let name = PlSmallStr::from_str(&column.name);
    let predictions = findings.predictions.as_ref();
    if column.entry.name == "clv_rank" {
        let ranks = rows.map(|row| predictions.and_then(|predictions| predictions.rank_of(row)).map(i64::from));
        return Int64Chunked::from_iter_options(name, ranks).into_column();
    }
    let figure = |row| predictions.and_then(|predictions| figure(predictions, column, row));
    Float64Chunked::from_iter_options(name, rows.map(figure)).into_column()
}

/// The condition of the columns that settings ask for one by one.
pub(super) fn is_asked_for(findings: &Findings, column: &ColumnEntry) -> bool {
    let Some(predictions) = &findings.predictions else { return false };
    match column.name {
        "expected_orders_infinite" | "clv_infinite" => predictions.terms.is_infinite,
        "x" | "t_x" | "T" | "mean_repeat_value" => predictions.terms.shows_inputs,
        _ => predictions.calibration.as_ref().is_some_and(|found| !found.outcomes.is_empty()),
    }
}

/// The rows `rows` of such a column.
pub(super) fn values_on_request(findings: &Findings, name: &str, rows: Range<usize>) -> Column {
    let predictions = findings.predictions.as_ref();
    let title = PlSmallStr::from_str(name);
    let inputs = |row: usize| predictions.and_then(|found| found.inputs(row));
    let outcome = |row: usize| predictions.and_then(|found| found.calibration.as_ref()?.outcomes.at(row));
    let counted = |count: &dyn Fn(usize) -> Option<u32>| {
        let counts = rows.clone().map(|row| count(row).map(|count| i32::try_from(count).unwrap_or(i32::MAX)));
        Int32Chunked::from_iter_options(title.clone(), counts).into_column()
    };
    match name {
        "x" => return counted(&|row| Some(inputs(row)?.history.x)),
        "holdout_actual_orders" => return counted(&|row| Some(outcome(row)?.actual_orders)),
        _ => {}
    }
    let figure = |row: usize| match name {
        "expected_orders_infinite" => predictions?.expected_orders_infinite(row),
        "clv_infinite" => predictions?.clv_infinite(row),
        "t_x" => Some(inputs(row)?.history.t_x),
        "T" => Some(inputs(row)?.history.t_cal),
        "mean_repeat_value" => Some(inputs(row)?.mean_value),
        "holdout_predicted_orders" => outcome(row)?.predicted_orders,
        "holdout_predicted_revenue" => outcome(row)?.predicted_revenue,
        "holdout_actual_revenue" => Some(outcome(row)?.actual_revenue),
        _ => None,
    };
    Float64Chunked::from_iter_options(title.clone(), rows.clone().map(figure)).into_column()
}

/// A figure of one customer, by the name of its column before the horizon.
fn figure(predictions: &Predictions, column: &PublishedColumn, row: usize) -> Option<f64> {
    let horizon = column.horizon.unwrap_or_default();
    match column.entry.name {
        "p_alive" | "expected_customers_alive" | "expected_customers_alive_share" => predictions.p_alive(row),
        "expected_orders_H" | "expected_orders_share_H" => predictions.expected_orders(row, horizon),
        "expected_value" => predictions.expected_value(row),
        "clv_H" | "clv_share_H" => predictions.clv(row, horizon),
        _ => None,
    }
}

/// The columns [`SUMS`] over the customers of each group; none without predictions. `group_of` holds the group of each
/// customer, from 0 to `count`.
pub(super) fn sums_per_group(findings: &Findings, group_of: &[u16], count: usize) -> Vec<Column> {
    let Some(predictions) = &findings.predictions else { return Vec::new() };
    let columns: Vec<PublishedColumn> =
        SUMS.iter().flat_map(|entry| entry.published(&predictions.terms.names)).collect();
    let sums = |column: &PublishedColumn| {
        let sums = sums(predictions, column, group_of, count);
        let shown = if column.entry.name.contains("share") { shares(&sums) } else { sums };
        Float64Chunked::from_iter_options(PlSmallStr::from_str(&column.name), shown.into_iter()).into_column()
    };
    columns.par_iter().map(sums).collect()
}

/// The sum per group; none where no customer of it has the figure.
fn sums(predictions: &Predictions, column: &PublishedColumn, groups: &[u16], count: usize) -> Vec<Option<f64>> {
    let mut sums = vec![None; count];
    for (row, group) in groups.iter().enumerate() {
        if let Some(figure) = figure(predictions, column, row) {
            *sums[usize::from(*group)].get_or_insert(0.0) += figure;
        }
    }
    sums
}

/// The shares of the total; none where that is not above zero.
fn shares(sums: &[Option<f64>]) -> Vec<Option<f64>> {
    let total: f64 = sums.iter().flatten().sum();
    sums.iter().map(|sum| sum.filter(|_| total > 0.0).map(|sum| sum / total)).collect()
}
