//! The customers table, a slice of rows at a time, so that its many columns never stand in memory at once.

use std::ops::Range;

use polars::prelude::*;

use super::findings::Findings;
use super::finish::to_major;
use crate::customers::CustomerIds;

/// Rows `rows` of the customers table, before typing.
///
/// # Errors
/// A Polars error where columns differ in length, which would be a bug.
pub(super) fn slice(findings: &Findings<'_>, rows: Range<usize>) -> PolarsResult<DataFrame> {
    let customers = findings.customers;
    let days = |values: &[i32]| values[rows.clone()].to_vec();
    let counts = |values: &[u32]| values[rows.clone()].iter().map(|count| i64::from(*count)).collect::<Vec<_>>();
    let columns = vec![
        ids(&customers.ids, rows.clone()),
        Column::new("first_order_date".into(), days(&customers.first_day)),
        Column::new("last_order_date".into(), days(&customers.last_day)),
        Column::new("recency_days".into(), days(&findings.recency_days)),
        Column::new("tenure_days".into(), tenure_days(findings, &rows)),
        Column::new("orders".into(), counts(&customers.orders)),
        Column::new("purchase_days".into(), counts(&customers.purchase_days)),
        Column::new("transactions".into(), counts(&customers.transactions)),
        Column::new("revenue".into(), &customers.revenue[rows.clone()]),
        Column::new("average_order_value".into(), average_order_values(findings, &rows)),
        Column::new("largest_order".into(), &customers.largest_order[rows.clone()]),
        Column::new("r_score".into(), &findings.r_score[rows.clone()]),
        Column::new("f_score".into(), &findings.f_score[rows.clone()]),
        Column::new("m_score".into(), &findings.m_score[rows.clone()]),
        cells(findings, rows.clone())?,
        Column::new("score_sum".into(), score_sums(findings, &rows)),
        named("segment", &segment_keys(findings), findings.segment[rows.clone()].iter().map(|s| u32::from(*s)))?,
        named("octant", &super::octants::codes(findings), findings.octant[rows.clone()].iter().map(|o| u32::from(*o)))?,
        Column::new(
            "grid_cell".into(),
            findings.grid_cell[rows.clone()].iter().map(|c| i32::from(*c)).collect::<Vec<_>>(),
        ),
        named(
            "abc_class",
            &super::abc::CLASSES.map(String::from),
            findings.ranking.abc[rows.clone()].iter().map(|c| u32::from(*c)),
        )?,
        Column::new("revenue_rank".into(), counts(&findings.ranking.rank)),
        cumulative_shares(findings, &rows),
    ];
    DataFrame::new(rows.len(), columns)
}

fn ids(ids: &CustomerIds, rows: Range<usize>) -> Column {
    let name = "customer_id".into();
    match ids {
        CustomerIds::Integer(ids) => Column::new(name, &ids[rows]),
        CustomerIds::Text { .. } => {
            // Ids came out of a text column: they are UTF-8.
            let texts = rows.map(|row| std::str::from_utf8(ids.text(row)).unwrap_or_default());
            StringChunked::from_iter_values(name, texts).into_column()
        }
    }
}

fn tenure_days(findings: &Findings<'_>, rows: &Range<usize>) -> Vec<i32> {
    findings.customers.first_day[rows.clone()].iter().map(|first| findings.as_of - first).collect()
}

fn average_order_values(findings: &Findings<'_>, rows: &Range<usize>) -> Vec<f64> {
    let customers = findings.customers;
    let pairs = customers.revenue[rows.clone()].iter().zip(&customers.orders[rows.clone()]);
    pairs.map(|(revenue, orders)| to_major(*revenue, findings.scale) / f64::from(*orders)).collect()
}

fn score_sums(findings: &Findings<'_>, rows: &Range<usize>) -> Vec<i32> {
    rows.clone().map(|row| findings.r_score[row] + findings.f_score[row] + findings.m_score[row]).collect()
}

fn cumulative_shares(findings: &Findings<'_>, rows: &Range<usize>) -> Column {
    let name: PlSmallStr = "cumulative_revenue_share".into();
    match findings.ranking.cumulative_share.get(rows.clone()) {
        Some(shares) => Column::new(name, shares),
        None => Column::full_null(name, rows.len(), &DataType::Float64),
    }
}

fn cells(findings: &Findings<'_>, rows: Range<usize>) -> PolarsResult<Column> {
    let (r, f, m) = (&findings.r_score[rows.clone()], &findings.f_score[rows.clone()], &findings.m_score[rows]);
    let numbers = findings.cells.numbers(r, f, m).map_err(|error| polars_err!(ComputeError: "{}", error.headline()))?;
    named("cell", &findings.cells.texts(), numbers.into_iter())
}

/// The keys of the map's segments, by place.
fn segment_keys(findings: &Findings<'_>) -> Vec<String> {
    findings.map.segments.iter().map(|segment| segment.key.clone()).collect()
}

/// A column of names, given by their places in `names`.
pub(super) fn named(column: &str, names: &[String], places: impl Iterator<Item = u32>) -> PolarsResult<Column> {
    let names = StringChunked::from_iter_values(column.into(), names.iter().map(String::as_str));
    let places = IdxCa::from_iter_values(column.into(), places);
    Ok(names.take(&places)?.into_column())
}
