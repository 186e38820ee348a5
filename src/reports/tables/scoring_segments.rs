//! `scoring_segments`: who is where in each scoring of the run.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report};
use crate::reports::shares::{CUSTOMER_SHARE, CUSTOMERS, REVENUE, REVENUE_SHARE, with_shares_of_buyers};
use crate::reports::tables::scorings::{self, SCORING};
use crate::schema::{ColumnType, TableEntry, column};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "scoring_segments",
    one_row_per: "scoring and segment",
    published_with: "`[[scoring]]`",
    meaning: "With `[[scoring]]`: one row per scoring and segment that occurs. Sorted by scoring, then segment.",
    columns: &[
        SCORING,
        column("segment", ColumnType::Text, "", "key of the segment"),
        column("map", ColumnType::Text, "", "name of the segment map"),
        column("segment_order", ColumnType::Int32, "", "place of the segment in its map, 1 is best"),
        CUSTOMERS,
        CUSTOMER_SHARE,
        REVENUE,
        REVENUE_SHARE,
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::Scoring,
    when: scorings::has_several,
    times_counted: Some(|findings| findings.scorings.count()),
    added: &[],
    make: Make::Small(plan),
};

/// One row per scoring and segment that occurs.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let scorings = findings.scorings.by_name();
    let mut rows: Vec<(&str, &str, u32, i64, i64)> = Vec::new();
    for scoring in &scorings {
        let mut sums = vec![(0_i64, 0_i64); scoring.map.segments.len()];
        for (segment, revenue) in scoring.segment.iter().zip(&findings.customers.revenue) {
            let sum = &mut sums[usize::from(*segment)];
            *sum = (sum.0 + 1, sum.1 + revenue);
        }
        let found = scoring.map.segments.iter().zip(sums).filter(|(_, (customers, _))| *customers > 0);
        rows.extend(found.map(|(own, (customers, revenue))| {
            (scoring.name.as_str(), own.key.as_str(), own.order, customers, revenue)
        }));
    }
    rows.sort_unstable();
    let map =
        |name: &str| scorings.iter().find(|scoring| scoring.name == name).map(|scoring| scoring.map.name.as_str());
    let plan = df!(
        "scoring" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
        "map" => rows.iter().map(|row| map(row.0)).collect::<Vec<_>>(),
        "segment" => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
        "segment_order" => rows.iter().map(|row| row.2).collect::<Vec<_>>(),
        "customers" => rows.iter().map(|row| row.3).collect::<Vec<_>>(),
        "revenue" => rows.iter().map(|row| row.4).collect::<Vec<_>>(),
    )?;
    Ok(with_shares_of_buyers(plan.lazy(), findings))
}
