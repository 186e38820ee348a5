//! `pareto_by_group`: how much of the revenue of each group of customers how few of them hold.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report};
use crate::reports::shares::{CUSTOMERS, REVENUE};
use crate::reports::tables::segments_by_group::{
    CUSTOMER_GROUP, REVENUE_SHARE_OF_GROUP, SHARE_OF_GROUP, groups_of, shares_of_groups,
};
use crate::schema::{ColumnType, TableEntry, column};
use crate::scoring::CustomerGroups;
use crate::scoring::ranking::part_of;

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "pareto_by_group",
    one_row_per: "group of customers and group of these by revenue: as `pareto`, within the group",
    published_with: "`reports.by`",
    meaning: "With `reports.by`: the customers of each group by revenue descending, then customer_id, in `reports.pareto_groups` equal groups (SQL NTILE), as many as there are customers where these are fewer. Sorted by customer_group, then revenue_group.",
    columns: &[
        CUSTOMER_GROUP,
        column("revenue_group", ColumnType::Int32, "", "1 is the group of highest revenue"),
        CUSTOMERS,
        SHARE_OF_GROUP,
        REVENUE,
        REVENUE_SHARE_OF_GROUP,
        column("cumulative_customer_share", ColumnType::Double, "0..1", "customer_share of this row and those of the group before it"),
        column("cumulative_revenue_share", ColumnType::Double, "0..1", "revenue_share of this row and those of the group before it; null as revenue_share"),
        column("lowest_revenue", ColumnType::Money, "", "the lowest revenue in the group by revenue"),
        column("highest_revenue", ColumnType::Money, "", "the highest revenue in the group by revenue"),
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

/// One row per group of customers and group by revenue.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let groups = groups_of(findings)?;
    let revenues = revenues(findings, groups);
    let mut parts: Vec<(usize, i32, &[i64])> = Vec::new();
    for (group, revenues) in revenues.iter().enumerate() {
        // More parts than customers would be empty ones.
        let count = findings.pareto_groups.min(revenues.len());
        parts.extend((1..).zip((0..count).map(|part| part_of(revenues, part, count))).map(|(n, own)| (group, n, own)));
    }
    let customers = |part: &(usize, i32, &[i64])| i64::try_from(part.2.len()).unwrap_or(i64::MAX);
    let revenue = |part: &(usize, i32, &[i64])| part.2.iter().sum::<i64>();
    let (customer_share, cumulative_customers) = shares_of_groups(parts.iter().map(|part| (part.0, customers(part))));
    let (revenue_share, cumulative_revenue) = shares_of_groups(parts.iter().map(|part| (part.0, revenue(part))));
    Ok(df!(
        "customer_group" => parts.iter().map(|part| groups.keys[part.0].to_string()).collect::<Vec<_>>(),
        "revenue_group" => parts.iter().map(|part| part.1).collect::<Vec<_>>(),
        "customers" => parts.iter().map(customers).collect::<Vec<_>>(),
        "customer_share" => customer_share,
        "revenue" => parts.iter().map(revenue).collect::<Vec<_>>(),
        "revenue_share" => revenue_share,
        "cumulative_customer_share" => cumulative_customers,
        "cumulative_revenue_share" => cumulative_revenue,
        "lowest_revenue" => parts.iter().map(|part| part.2.last().copied()).collect::<Vec<_>>(),
        "highest_revenue" => parts.iter().map(|part| part.2.first().copied()).collect::<Vec<_>>(),
    )?
    .lazy())
}

/// The revenues of each group, highest first.
fn revenues(findings: &Findings, groups: &CustomerGroups) -> Vec<Vec<i64>> {
    let ranking = &findings.ranking;
    // Ranks are among all who count: those who never bought have some of them, and are in no group.
    let mut by_rank = vec![None; findings.counted()];
    for (row, rank) in ranking.rank.iter().enumerate() {
        by_rank[*rank as usize - 1] = Some(row);
    }
    let mut revenues = vec![Vec::new(); groups.count()];
    for row in by_rank.into_iter().flatten() {
        revenues[groups.of[row] as usize].push(findings.customers.revenue[row]);
    }
    revenues
}
