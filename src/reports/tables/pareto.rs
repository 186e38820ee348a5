//! `pareto`: how much of the revenue how few customers hold. Measured, never assumed.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report, every_run, once};
use crate::reports::shares::{CUSTOMER_SHARE, CUSTOMERS, REVENUE, REVENUE_SHARE, with_cumulative_shares, with_shares};
use crate::schema::{ColumnType, TableEntry, column};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "pareto",
    one_row_per: "group of customers by revenue (100 groups)",
    published_with: "always, with amounts",
    meaning: "Customers by revenue descending, then customer_id, in equal groups (SQL NTILE). Sorted by revenue_group.",
    columns: &[
        column("revenue_group", ColumnType::Int32, "", "1 is the group of highest revenue"),
        CUSTOMERS,
        CUSTOMER_SHARE,
        REVENUE,
        REVENUE_SHARE,
        column("cumulative_customer_share", ColumnType::Double, "0..1", "customer_share of this group and those before"),
        column("cumulative_revenue_share", ColumnType::Double, "0..1", "revenue_share of this group and those before; null as revenue_share"),
        column("lowest_revenue", ColumnType::Money, "", "the lowest revenue in the group"),
        column("highest_revenue", ColumnType::Money, "", "the highest revenue in the group"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::EveryRun,
    when: every_run,
    times_counted: Some(once),
    added: &[],
    make: Make::Small(plan),
};

/// The groups of the revenue order.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    // More groups than customers would be empty ones.
    let groups = findings.pareto_groups.min(findings.ranking.revenue.len());
    let members: Vec<&[i64]> = (0..groups).map(|group| findings.ranking.group(group, groups)).collect();
    let frame = df!(
        "revenue_group" => (1_i32..).take(groups).collect::<Vec<_>>(),
        "customers" => members.iter().map(|revenues| i64::try_from(revenues.len()).unwrap_or(i64::MAX)).collect::<Vec<_>>(),
        "revenue" => members.iter().map(|revenues| revenues.iter().sum::<i64>()).collect::<Vec<_>>(),
        "lowest_revenue" => members.iter().map(|revenues| revenues.last().copied()).collect::<Vec<_>>(),
        "highest_revenue" => members.iter().map(|revenues| revenues.first().copied()).collect::<Vec<_>>(),
    )?;
    Ok(with_cumulative_shares(with_shares(frame.lazy(), findings), findings))
}
