//! The columns that predictions add: of each customer, and sums of them per group.
//!
//! Sums of floats are made in the order of the table, one customer after the other, so that they are the same on any
//! number of threads. Does not live here: the predictions (`predict`).

use std::ops::Range;

use polars::prelude::*;
use rayon::prelude::*;

use super::findings::Findings;
use crate::predict::Predictions;
use crate::schema::{self, PredictedColumn};

/// The rows `rows` of a column of the customers table.
pub(super) fn values(findings: &Findings, column: &PredictedColumn, rows: Range<usize>) -> Column {
    let name = PlSmallStr::from_str(&column.name);
    let predictions = findings.predictions.as_ref();
    if column.entry.name == "clv_rank" {
        let ranks = rows.map(|row| predictions.and_then(|predictions| predictions.rank_of(row)).map(i64::from));
        return Int64Chunked::from_iter_options(name, ranks).into_column();
    }
    if let Some(values) = findings.planned_ltv.as_ref().filter(|_| column.entry.name == "planned_ltv") {
        let values = values[rows].iter().map(|value| Some(*value).filter(|value| !value.is_nan()));
        return Float64Chunked::from_iter_options(name, values).into_column();
    }
    if let Some(social) = findings.social.as_ref().filter(|_| is_social(column)) {
        let figures = rows.map(|row| social.figure(column.entry.name, row));
        return Float64Chunked::from_iter_options(name, figures).into_column();
    }
    let figure = |row| predictions.and_then(|predictions| figure(predictions, column, row));
    Float64Chunked::from_iter_options(name, rows.map(figure)).into_column()
}

fn is_social(column: &PredictedColumn) -> bool {
    schema::SOCIAL_COLUMNS.columns.iter().any(|entry| entry.name == column.entry.name)
}

/// A figure of one customer, by the name of its column before the horizon.
fn figure(predictions: &Predictions, column: &PredictedColumn, row: usize) -> Option<f64> {
    let horizon = column.horizon.unwrap_or_default();
    match column.entry.name {
        "p_alive" | "expected_customers_alive" | "expected_customers_alive_share" => predictions.p_alive(row),
        "expected_orders_H" | "expected_orders_share_H" => predictions.expected_orders(row, horizon),
        "expected_value" => predictions.expected_value(row),
        "clv_H" | "clv_share_H" => predictions.clv(row, horizon),
        _ => None,
    }
}

/// A table of groups with the sums over their customers behind its columns; other tables as they are.
///
/// # Errors
/// A Polars error where the table lacks the column of its groups, which would be a bug.
pub(super) fn with_sums(mut table: DataFrame, name: &str, findings: &Findings) -> PolarsResult<DataFrame> {
    let Some(predictions) = &findings.predictions else { return Ok(table) };
    let own = findings.own();
    let (keys, groups): (Vec<String>, &[u16]) = match name {
        "segments" => (own.map.segments.iter().map(|segment| segment.key.clone()).collect(), &own.segment),
        "octants" => (crate::reports::tables::octants::codes(findings), &findings.octant),
        _ => return Ok(table),
    };
    let key_column = if name == "segments" { "segment" } else { "octant" };
    let place = |key: Option<&str>| keys.iter().position(|known| Some(known.as_str()) == key);
    let places: Vec<Option<usize>> = table.column(key_column)?.str()?.iter().map(place).collect();
    let added = schema::predicted_columns(name, &predictions.terms.names);
    let sums = |column: &PredictedColumn| sums(predictions, column, groups, keys.len());
    let columns: Vec<Column> = added
        .par_iter()
        .map(|column| {
            let sums = sums(column);
            let shown = if column.entry.name.contains("share") { shares(&sums) } else { sums };
            let values = places.iter().map(|place| shown[(*place)?]);
            Float64Chunked::from_iter_options(PlSmallStr::from_str(&column.name), values).into_column()
        })
        .collect();
    for column in columns {
        table.with_column(column)?;
    }
    Ok(table)
}

/// The sum per group; none where no customer of it has the figure.
fn sums(predictions: &Predictions, column: &PredictedColumn, groups: &[u16], count: usize) -> Vec<Option<f64>> {
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
