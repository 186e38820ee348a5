//! `segments_by_group`: who is where, and what each segment brings, within each group of customers.
//!
//! The segments are those of the run's own scoring, whatever it is made by. Does not live here: the same of all customers
//! (`segments`), and what is predicted, which is of all customers as well.

use polars::prelude::*;

use crate::money::power_of_ten;
use crate::reports::findings::Findings;
use crate::reports::groups::twice_the_median;
use crate::reports::report::{Chapter, Make, Report};
use crate::reports::shares::{CUSTOMERS, REVENUE};
use crate::schema::{ColumnEntry, ColumnType, TableEntry, column};
use crate::scoring::CustomerGroups;

/// The first column of tables by group.
pub(super) const CUSTOMER_GROUP: ColumnEntry = column(
    "customer_group",
    ColumnType::Text,
    "",
    "the group: the value of its attribute, `(none)` for null; values of several attributes are joined by `/`",
);
pub(super) const SHARE_OF_GROUP: ColumnEntry =
    column("customer_share", ColumnType::Double, "0..1", "share of the customers of the group");
pub(super) const REVENUE_SHARE_OF_GROUP: ColumnEntry = column(
    "revenue_share",
    ColumnType::Double,
    "0..1",
    "share of the revenue of the group; null where that is not above zero",
);

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "segments_by_group",
    one_row_per: "group of customers and segment: as `segments`, within the group",
    published_with: "`reports.by`",
    meaning: "With `reports.by`: one row per group of customers and segment that occurs in it. Sorted by customer_group, then revenue descending, then segment.",
    columns: &[
        CUSTOMER_GROUP,
        column("segment", ColumnType::Text, "", "key of the segment"),
        column("segment_order", ColumnType::Int32, "", "place of the segment in its map, 1 is best"),
        CUSTOMERS,
        SHARE_OF_GROUP,
        REVENUE,
        REVENUE_SHARE_OF_GROUP,
        column("cumulative_customer_share", ColumnType::Double, "0..1", "customer_share of this row and those of the group above it"),
        column("cumulative_revenue_share", ColumnType::Double, "0..1", "revenue_share of this row and those of the group above it; null as revenue_share"),
        column("orders", ColumnType::Int64, "orders", "number of orders"),
        column("average_order_value", ColumnType::Double, "money", "revenue divided by orders; null where no customer has an order in the window"),
        column("mean_recency_days", ColumnType::Double, "days", "mean of recency_days"),
        column("mean_orders", ColumnType::Double, "orders", "mean of orders per customer, 0 for those without an order in the window"),
        column("mean_revenue", ColumnType::Double, "money", "mean of revenue per customer"),
        column("median_recency_days", ColumnType::Double, "days", "median of recency_days; the mean of the middle two of an even number"),
        column("median_orders", ColumnType::Double, "orders", "median of orders; the mean of the middle two of an even number"),
        column("median_revenue", ColumnType::Double, "money", "median of revenue; the mean of the middle two of an even number"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::Groups,
    when: |findings| findings.report_groups.is_some(),
    times_counted: Some(|_| 1),
    added: &[],
    make: Make::Small(plan),
};

/// The customers of one segment in one group.
struct Cell<'a> {
    group: usize,
    segment: usize,
    key: &'a str,
    rows: Vec<usize>,
    customers: i64,
    revenue: i64,
    orders: i64,
    recency_days: i64,
}

impl<'a> Cell<'a> {
    fn of(findings: &'a Findings, group: usize, segment: usize, rows: Vec<usize>) -> Self {
        let customers = &findings.customers;
        Self {
            group,
            segment,
            customers: i64::try_from(rows.len()).unwrap_or(i64::MAX),
            key: &findings.own().map.segments[segment].key,
            revenue: rows.iter().map(|row| customers.revenue[*row]).sum(),
            orders: rows.iter().map(|row| i64::from(customers.orders[*row])).sum(),
            recency_days: rows.iter().map(|row| i64::from(findings.recency_days[*row])).sum(),
            rows,
        }
    }

    #[allow(clippy::cast_precision_loss)]
    fn mean(&self, sum: i64) -> f64 {
        sum as f64 / self.rows.len() as f64
    }

    #[allow(clippy::cast_precision_loss)]
    fn median<T: Copy + Ord + Into<i128>>(&self, measure: &[T]) -> f64 {
        let mut values: Vec<T> = self.rows.iter().map(|row| measure[*row]).collect();
        twice_the_median(&mut values) as f64 / 2.0
    }
}

/// What occurs, in the order of the table.
fn cells<'a>(findings: &'a Findings, groups: &CustomerGroups) -> Vec<Cell<'a>> {
    let own = findings.own();
    let segments = own.map.segments.len();
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); groups.count() * segments];
    for (row, (group, segment)) in groups.of.iter().zip(&own.segment).enumerate() {
        rows[*group as usize * segments + usize::from(*segment)].push(row);
    }
    let there = rows.into_iter().enumerate().filter(|(_, rows)| !rows.is_empty());
    let mut cells: Vec<Cell<'_>> =
        there.map(|(place, rows)| Cell::of(findings, place / segments, place % segments, rows)).collect();
    cells.sort_by(|one, other| {
        one.group.cmp(&other.group).then(other.revenue.cmp(&one.revenue)).then_with(|| one.key.cmp(other.key))
    });
    cells
}

/// One row per group and segment.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
#[allow(clippy::cast_precision_loss)]
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let groups = groups_of(findings)?;
    let (cells, customers) = (cells(findings, groups), &findings.customers);
    let unit = power_of_ten(findings.scale) as f64;
    let shares = |value: fn(&Cell<'_>) -> i64| shares_of_groups(cells.iter().map(|cell| (cell.group, value(cell))));
    let ((customer_share, cumulative_customers), (revenue_share, cumulative_revenue)) =
        (shares(|cell| cell.customers), shares(|cell| cell.revenue));
    let per_order = |cell: &Cell<'_>| (cell.orders != 0).then(|| cell.revenue as f64 / (cell.orders as f64 * unit));
    let order = |cell: &Cell<'_>| findings.own().map.segments[cell.segment].order;
    Ok(df!(
        "customer_group" => cells.iter().map(|cell| groups.keys[cell.group].to_string()).collect::<Vec<_>>(),
        "segment" => cells.iter().map(|cell| cell.key).collect::<Vec<_>>(),
        "segment_order" => cells.iter().map(order).collect::<Vec<_>>(),
        "customers" => cells.iter().map(|cell| cell.customers).collect::<Vec<_>>(),
        "customer_share" => customer_share,
        "revenue" => cells.iter().map(|cell| cell.revenue).collect::<Vec<_>>(),
        "revenue_share" => revenue_share,
        "cumulative_customer_share" => cumulative_customers,
        "cumulative_revenue_share" => cumulative_revenue,
        "orders" => cells.iter().map(|cell| cell.orders).collect::<Vec<_>>(),
        "average_order_value" => cells.iter().map(per_order).collect::<Vec<_>>(),
        "mean_recency_days" => cells.iter().map(|cell| cell.mean(cell.recency_days)).collect::<Vec<_>>(),
        "mean_orders" => cells.iter().map(|cell| cell.mean(cell.orders)).collect::<Vec<_>>(),
        "mean_revenue" => cells.iter().map(|cell| cell.revenue as f64 / (cell.rows.len() as f64 * unit)).collect::<Vec<_>>(),
        "median_recency_days" => cells.iter().map(|cell| cell.median(&findings.recency_days)).collect::<Vec<_>>(),
        "median_orders" => cells.iter().map(|cell| cell.median(&customers.orders)).collect::<Vec<_>>(),
        "median_revenue" => cells.iter().map(|cell| cell.median(&customers.revenue) / unit).collect::<Vec<_>>(),
    )?
    .lazy())
}

/// The groups that tables are made by.
///
/// # Errors
/// A Polars error where there are none, which would be a bug: these tables are published with `reports.by` alone.
pub(super) fn groups_of(findings: &Findings) -> PolarsResult<&CustomerGroups> {
    let groups = findings.report_groups.as_ref();
    groups.ok_or_else(|| polars_err!(ComputeError: "the customers are in no groups"))
}

/// For values of groups, the rows of a group next to one another: each as a share of its group's total, and the same of all
/// values of the group up to it. Null where the total is not above zero.
#[allow(clippy::cast_precision_loss)]
pub(super) fn shares_of_groups(
    values: impl Iterator<Item = (usize, i64)> + Clone,
) -> (Vec<Option<f64>>, Vec<Option<f64>>) {
    let groups = values.clone().map(|(group, _)| group + 1).max().unwrap_or(0);
    let mut totals = vec![0_i64; groups];
    values.clone().for_each(|(group, value)| totals[group] += value);
    let mut held = vec![0_i64; groups];
    let shares = values.map(|(group, value)| {
        held[group] += value;
        let share = |part: i64| (totals[group] > 0).then(|| part as f64 / totals[group] as f64);
        (share(value), share(held[group]))
    });
    shares.unzip()
}
