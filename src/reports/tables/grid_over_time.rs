//! `grid_over_time`: the grid of recency bands by numbers of orders, on one date after another.

use polars::prelude::*;

use super::grid::bands;
use crate::money::power_of_ten;
use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report};
use crate::schema::{ColumnType, TableEntry, column};
use crate::time::grid::CellSums;

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "grid_over_time",
    one_row_per: "date and cell of recency band x number of orders",
    published_with: "`health.grid`",
    meaning: "The cells of `grid` on the dates of `health`, empty ones too, so that one sees customers move through them. Orders are purchases as known on `as_of`; those who never bought are in no cell. With `dates.window_days` each date has its window, and cells 26 to 30. Sorted by date, grid_cell.",
    columns: &[
        column("date", ColumnType::Date, "", "the last day of the period"),
        column("grid_cell", ColumnType::Int32, "", "as in `grid`"),
        column("recency_band", ColumnType::Text, "days", "as in `grid`: days from the last order to the date"),
        column("orders_band", ColumnType::Text, "orders", "as in `grid`"),
        column("customers", ColumnType::Int64, "customers", "number of customers"),
        column("customer_share", ColumnType::Double, "0..1", "share of all customers of the date"),
        column("revenue", ColumnType::Money, "", "sum of revenue in the window of the date"),
        column("revenue_share", ColumnType::Double, "0..1", "share of the total revenue of the date; null where that is not above zero"),
        column("average_order_value", ColumnType::Double, "money", "revenue divided by orders; null without orders"),
        column("revenue_per_customer", ColumnType::Double, "money", "revenue divided by customers; null in an empty cell"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::OverTime,
    when: |findings| findings.from_days.grids.is_some(),
    times_counted: None,
    added: &[],
    make: Make::Small(plan),
};

/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_wrap)]
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let grids = findings.from_days.grids.as_ref().ok_or_else(|| polars_err!(ComputeError: "no grid was counted"))?;
    let shown = if grids.course.window.is_some_and(|window| !window.is_of_everything) { 30 } else { 25 };
    let names = bands(findings);
    let mut rows: Vec<(i32, u8, CellSums, CellSums)> = Vec::new();
    for (date, cells) in grids.course.days.iter().zip(&grids.cells) {
        let all = cells.iter().fold(CellSums::default(), |sum, own| CellSums {
            customers: sum.customers + own.customers,
            orders: sum.orders + own.orders,
            revenue: sum.revenue.wrapping_add(own.revenue),
        });
        if all.customers > 0 {
            rows.extend((1..=shown).zip(cells).map(|(cell, own)| (*date, cell, *own, all)));
        }
    }
    let unit = power_of_ten(findings.scale).unsigned_abs();
    let per = |count: fn(&CellSums) -> u64| {
        let of = |own: &CellSums| (count(own) > 0).then(|| own.revenue as f64 / (count(own) * unit) as f64);
        rows.iter().map(|(_, _, own, _)| of(own)).collect::<Vec<_>>()
    };
    let share = |own: &CellSums, all: &CellSums| (all.revenue > 0).then(|| own.revenue as f64 / all.revenue as f64);
    Ok(df!(
        "date" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
        "grid_cell" => rows.iter().map(|row| i32::from(row.1)).collect::<Vec<_>>(),
        "recency_band" => rows.iter().map(|row| names.days(row.1)).collect::<Vec<_>>(),
        "orders_band" => rows.iter().map(|row| names.orders(row.1)).collect::<Vec<_>>(),
        "customers" => rows.iter().map(|row| row.2.customers as i64).collect::<Vec<_>>(),
        "customer_share" => rows.iter().map(|row| row.2.customers as f64 / row.3.customers as f64).collect::<Vec<_>>(),
        "revenue" => rows.iter().map(|row| row.2.revenue).collect::<Vec<_>>(),
        "revenue_share" => rows.iter().map(|row| share(&row.2, &row.3)).collect::<Vec<_>>(),
        "average_order_value" => per(|own| own.orders),
        "revenue_per_customer" => per(|own| own.customers),
    )?
    .lazy())
}
