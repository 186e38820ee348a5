//! `grid`: recency bands by numbers of orders, side by side, empty cells too.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report, every_run, once};
use crate::reports::shares::{CUSTOMER_SHARE, CUSTOMERS, REVENUE, REVENUE_SHARE, per, with_shares};
use crate::schema::{ColumnType, TableEntry, column};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "grid",
    one_row_per: "cell of recency band x number of orders (25; 30 with a window, or where prospects count)",
    published_with: "always",
    meaning: "The 25 cells of recency bands x numbers of orders, empty ones too; with `dates.window_days` five more for customers without an order in the window, and with `customers.prospects = \"counted\"` for those who never bought, by the days since they signed up (the last one where that is not known). Sorted by grid_cell.",
    columns: &[
        column("grid_cell", ColumnType::Int32, "", "1 (most recent, most frequent) .. 25 (one order, longest ago); 26 .. 30 without an order in the window, 26 the most recent"),
        column("recency_band", ColumnType::Text, "days", "`0-30`, `31-90`, .. `361+` days since the last order"),
        column("orders_band", ColumnType::Text, "orders", "`1`, `2`, `3`, `4`, `5+` orders; `0` in cells 26 to 30"),
        CUSTOMERS,
        CUSTOMER_SHARE,
        REVENUE,
        REVENUE_SHARE,
        column("average_order_value", ColumnType::Double, "money", "revenue divided by orders; null without orders"),
        column("revenue_per_customer", ColumnType::Double, "money", "revenue divided by customers; null in an empty cell"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::EveryRun,
    when: every_run,
    times_counted: Some(once),
    added: &[],
    make: Make::OverCube(plan),
};

/// The plan over the cube.
///
/// # Errors
/// A Polars error where the frame of all cells cannot be made, which would be a bug.
fn plan(cube: &LazyFrame, findings: &Findings) -> PolarsResult<LazyFrame> {
    let sums = [col("customers").sum(), col("revenue").sum(), col("orders").sum()];
    let occupied = cube.clone().group_by([col("grid_cell")]).agg(sums);
    let all = all_cells(findings)?
        .lazy()
        .join(occupied, [col("grid_cell")], [col("grid_cell")], JoinArgs::new(JoinType::Left))
        .with_columns([col("customers"), col("revenue"), col("orders")].map(|sum| sum.fill_null(lit(0))))
        .sort(["grid_cell"], SortMultipleOptions::default())
        .with_columns([
            per(col("revenue"), col("orders"), findings).alias("average_order_value"),
            per(col("revenue"), col("customers"), findings).alias("revenue_per_customer"),
        ]);
    Ok(with_shares(all, findings))
}

/// The cells with the names of their bands.
fn all_cells(findings: &Findings) -> PolarsResult<DataFrame> {
    let names = bands(findings);
    let cells = 1..=findings.grid_cells;
    df!(
        "grid_cell" => cells.clone().map(i32::from).collect::<Vec<_>>(),
        "recency_band" => cells.clone().map(|cell| names.days(cell)).collect::<Vec<_>>(),
        "orders_band" => cells.map(|cell| names.orders(cell)).collect::<Vec<_>>(),
    )
}

/// The names of the bands.
pub(super) fn bands(findings: &Findings) -> Bands {
    Bands::of(findings)
}

/// The names of the bands.
pub(super) struct Bands {
    days: Vec<String>,
    orders: Vec<String>,
}

impl Bands {
    fn of(findings: &Findings) -> Self {
        let open = |last: u32| format!("{}+", last + 1);
        Self { days: named(findings.grid_recency_days, 0, open), orders: named(findings.grid_orders, 1, open) }
    }

    /// That of days of a cell, from 1.
    pub(super) fn days(&self, cell: u8) -> &str {
        &self.days[usize::from(cell.max(1) - 1) % 5]
    }

    /// That of orders; the last five cells are of customers without one.
    pub(super) fn orders(&self, cell: u8) -> &str {
        let from_the_right = usize::from(cell.max(1) - 1) / 5;
        4_usize.checked_sub(from_the_right).map_or("0", |band| &self.orders[band])
    }
}

/// The recency band and the orders band of a cell, from 1, for people.
#[must_use]
pub(crate) fn bands_of(findings: &Findings, grid_cell: u8) -> String {
    let names = Bands::of(findings);
    format!("{} days, {} orders", names.days(grid_cell), names.orders(grid_cell))
}

/// The names of five bands: `0-30`, `31-90`, .., and a single number where a band is one.
fn named(limits: [u32; 4], first: u32, open: impl Fn(u32) -> String) -> Vec<String> {
    let mut start = first;
    let mut names = Vec::with_capacity(5);
    for limit in limits {
        names.push(if start == limit { limit.to_string() } else { format!("{start}-{limit}") });
        start = limit + 1;
    }
    names.push(open(limits[3]));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_are_named_by_their_limits() {
        let open = |last: u32| format!("{}+", last + 1);
        assert_eq!(named([30, 90, 180, 360], 0, open), ["0-30", "31-90", "91-180", "181-360", "361+"]);
        assert_eq!(named([1, 2, 3, 4], 1, open), ["1", "2", "3", "4", "5+"]);
        assert_eq!(named([1, 3, 5, 9], 1, open), ["1", "2-3", "4-5", "6-9", "10+"]);
    }
}
