//! `stability_summary`: how far two scorings of the same customers agree.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report};
use crate::reports::shares::CUSTOMERS;
use crate::reports::tables::scorings;
use crate::reports::tables::stability::{self, pairs, share};
use crate::schema::{ColumnType, TableEntry, column};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "stability_summary",
    one_row_per: "pair of scorings: adjusted Rand index",
    published_with: "`[[scoring]]`",
    meaning: "With `[[scoring]]`: how far two scorings agree; one row per pair. Sorted by scoring_a, scoring_b.",
    columns: &[
        column("scoring_a", ColumnType::Text, "", "name of one scoring"),
        column("scoring_b", ColumnType::Text, "", "name of another, which sorts behind it"),
        CUSTOMERS,
        column("changed_customers", ColumnType::Int64, "customers", "customers whose segment differs; null where the two have not the same segment map"),
        column("changed_share", ColumnType::Double, "0..1", "share of all customers; null where changed_customers is null"),
        column("adjusted_rand_index", ColumnType::Double, "", "1 where both group alike, 0 on average by chance (Hubert and Arabie 1985)"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::Scoring,
    when: scorings::has_several,
    times_counted: Some(stability::pairs_of),
    added: &[],
    make: Make::Small(plan),
};

/// One row per pair of scorings.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let pairs = pairs(findings)?;
    let all = findings.customers.len() as u64;
    // Two maps have no segments in common: no change can be counted.
    let changed: Vec<Option<u64>> = pairs
        .iter()
        .map(|pair| (pair.first.map.segments == pair.second.map.segments).then(|| pair.crossing.moved()))
        .collect();
    Ok(df!(
        "scoring_a" => pairs.iter().map(|pair| pair.first.name.as_str()).collect::<Vec<_>>(),
        "scoring_b" => pairs.iter().map(|pair| pair.second.name.as_str()).collect::<Vec<_>>(),
        "customers" => vec![all; pairs.len()],
        "changed_customers" => changed.clone(),
        "changed_share" => changed.iter().map(|changed| share((*changed)?, all)).collect::<Vec<_>>(),
        "adjusted_rand_index" => pairs.iter().map(|pair| pair.crossing.adjusted_rand_index()).collect::<Vec<_>>(),
    )?
    .lazy())
}
