//! `migration_flows`: what came into each group since another date, and what left it.

use polars::prelude::*;

use super::migration::{BASIS, BY, COMPARED_WITH};
use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report};
use crate::schema::{ColumnType, TableEntry, column};
use crate::time::Comparison;
use crate::time::migration::{flows, moves};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "migration_flows",
    one_row_per: "group: customers who came and who left since the earlier date",
    published_with: "`compare.with`, or `rfmetrics compare`",
    meaning: "The moves of `migration`, group by group. Sorted by basis, by, segment; the column net of each basis and by sums to 0.",
    columns: &[
        COMPARED_WITH,
        BASIS,
        BY,
        column("segment", ColumnType::Text, "", "the group; `absent` stands for all who are not there: whoever is new leaves it"),
        column("in", ColumnType::Int64, "customers", "customers who came from another group"),
        column("out", ColumnType::Int64, "customers", "customers who went to another group"),
        column("net", ColumnType::Int64, "customers", "in minus out: by how many the group has grown"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::OverTime,
    when: |findings| findings.compared.is_some(),
    times_counted: None,
    added: &[],
    make: Make::Small(plan),
};

/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let compared = findings.compared.as_ref().ok_or_else(|| polars_err!(ComputeError: "nothing was compared"))?;
    Ok(frame(&compared.comparison)?.lazy())
}

/// The flows, before typing.
///
/// # Errors
/// As [`plan`].
#[allow(clippy::cast_possible_wrap)]
pub(crate) fn frame(comparison: &Comparison) -> PolarsResult<DataFrame> {
    let flows = flows(&moves(comparison));
    df!(
        "compared_with" => vec![comparison.before.as_of; flows.len()],
        "basis" => flows.iter().map(|flow| flow.basis.name()).collect::<Vec<_>>(),
        "by" => flows.iter().map(|flow| flow.by.name()).collect::<Vec<_>>(),
        "segment" => flows.iter().map(|flow| flow.group.as_str()).collect::<Vec<_>>(),
        "in" => flows.iter().map(|flow| flow.entered as i64).collect::<Vec<_>>(),
        "out" => flows.iter().map(|flow| flow.left as i64).collect::<Vec<_>>(),
        "net" => flows.iter().map(|flow| flow.entered as i64 - flow.left as i64).collect::<Vec<_>>(),
    )
}
