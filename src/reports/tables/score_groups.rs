//! `score_groups`: who is scored among whom, and by whose breaks.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report};
use crate::reports::shares::{CUSTOMER_SHARE, CUSTOMERS};
use crate::reports::tables::scorings::SCORING;
use crate::reports::tables::segments_by_group::CUSTOMER_GROUP;
use crate::reports::tables::stability::share;
use crate::schema::{ColumnType, TableEntry, column};
use crate::scoring::{LearnedOctants, ScoredGroups, Scoring};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "score_groups",
    one_row_per: "scoring and group of customers: size, whose breaks, octant thresholds",
    published_with: "`score.by`",
    meaning: "With `score.by`: who is scored among whom. One row per scoring by group and group. Sorted by scoring, customer_group.",
    columns: &[
        SCORING,
        CUSTOMER_GROUP,
        CUSTOMERS,
        CUSTOMER_SHARE,
        column("breaks", ColumnType::Text, "", "`own`: those of the group; `all`: those of all customers, because the group is smaller than `score.by_min_customers`, or the run of `score.breaks_from` had none of it"),
        column("recency_threshold", ColumnType::Double, "days", "R of the octant is 1 with fewer days; null in scorings other than `main`"),
        column("frequency_threshold", ColumnType::Double, "orders", "F of the octant is 1 with more orders; null likewise"),
        column("monetary_threshold", ColumnType::Double, "money", "M of the octant is 1 with more revenue; null likewise"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::Groups,
    when: has_groups,
    times_counted: Some(|findings| scorings_by_group(findings).len()),
    added: &[],
    make: Make::Small(plan),
};

/// Whether any scoring is by group.
pub(super) fn has_groups(findings: &Findings) -> bool {
    !scorings_by_group(findings).is_empty()
}

/// The scorings by group with their groups, sorted by name.
pub(super) fn scorings_by_group(findings: &Findings) -> Vec<(&Scoring, &ScoredGroups)> {
    findings.scorings.by_name().into_iter().filter_map(|own| Some((own, own.groups.as_ref()?))).collect()
}

/// One row per scoring and group.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let scorings = scorings_by_group(findings);
    let rows: Vec<(&str, &ScoredGroups, usize)> = scorings
        .iter()
        .flat_map(|(scoring, groups)| (0..groups.own.len()).map(|group| (scoring.name.as_str(), *groups, group)))
        .collect();
    let customers = |row: &(&str, &ScoredGroups, usize)| row.1.customers[row.2];
    let all = findings.customers.len() as u64;
    let thresholds: Vec<[Option<f64>; 3]> = rows.iter().map(|(_, groups, group)| thresholds(groups, *group)).collect();
    let threshold = |axis: usize| thresholds.iter().map(|own| own[axis]).collect::<Vec<_>>();
    Ok(df!(
        "scoring" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
        "customer_group" => rows.iter().map(|row| row.1.groups.keys[row.2].to_string()).collect::<Vec<_>>(),
        "customers" => rows.iter().map(customers).collect::<Vec<_>>(),
        "customer_share" => rows.iter().map(|row| share(customers(row), all)).collect::<Vec<_>>(),
        "breaks" => rows.iter().map(|row| if row.1.has_own(row.2) { "own" } else { "all" }).collect::<Vec<_>>(),
        "recency_threshold" => threshold(0),
        "frequency_threshold" => threshold(1),
        "monetary_threshold" => threshold(2),
    )?
    .lazy())
}

fn thresholds(groups: &ScoredGroups, group: usize) -> [Option<f64>; 3] {
    let basis = groups.own[group].as_ref().unwrap_or(&groups.all);
    basis.learned.octants.as_ref().map(LearnedOctants::thresholds).unwrap_or_default()
}
