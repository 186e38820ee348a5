//! `bounds_by_group`: what each score means in each group of customers.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report};
use crate::reports::shares::CUSTOMERS;
use crate::reports::tables::score_bounds::{self, HIGHEST_VALUE, LOWEST_VALUE, SCORE, UPPER_THRESHOLD};
use crate::reports::tables::score_groups::{has_groups, scorings_by_group};
use crate::reports::tables::scorings::SCORING;
use crate::schema::{ColumnType, TableEntry, column};
use crate::score::ScoreBound;
use crate::scoring::AxisBounds;
use crate::scoring::groups::ALL;

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "bounds_by_group",
    one_row_per: "scoring, group of customers, axis and score: what a score means in the group",
    published_with: "`score.by`",
    meaning: "With `score.by`: as `score_bounds`, for every scoring by group and every group with breaks of its own. Sorted by scoring, customer_group (`(all)` last), axis, score.",
    columns: &[
        SCORING,
        column("customer_group", ColumnType::Text, "", "the group, as in `score_groups`; `(all)` are the customers of groups without breaks of their own, who take those of all"),
        column("axis", ColumnType::Text, "", "the measure of the axis; `weighted_value` where the scoring makes it"),
        SCORE,
        LOWEST_VALUE,
        HIGHEST_VALUE,
        CUSTOMERS,
        UPPER_THRESHOLD,
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::Groups,
    when: has_groups,
    times_counted: Some(axes),
    added: &[],
    make: Make::Small(plan),
};

/// The axes of all scorings by group.
fn axes(findings: &Findings) -> usize {
    let of_one = |groups: &crate::scoring::ScoredGroups| {
        score_bounds::scored_axes(&groups.all.bounds) + usize::from(groups.all.value_bounds.is_some())
    };
    scorings_by_group(findings).into_iter().map(|(_, groups)| of_one(groups)).sum()
}

/// One row per scoring, group, axis and score.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let mut rows: Vec<(&str, String, &AxisBounds, &ScoreBound)> = Vec::new();
    for (scoring, groups) in scorings_by_group(findings) {
        for (key, mut axes) in groups.bounds() {
            let name = key.map_or_else(|| ALL.to_owned(), ToString::to_string);
            axes.sort_by_key(|axis| axis.measure.column());
            let bounds = axes.into_iter().flat_map(|axis| axis.bounds.iter().map(move |bound| (axis, bound)));
            rows.extend(bounds.map(|(axis, bound)| (scoring.name.as_str(), name.clone(), axis, bound)));
        }
    }
    let names: Vec<&str> = rows.iter().map(|row| row.0).collect();
    let groups: Vec<&str> = rows.iter().map(|row| row.1.as_str()).collect();
    let mut frame = score_bounds::frame(rows.iter().map(|(_, _, axis, bound)| (*axis, *bound)))?;
    frame.with_column(Column::new("scoring".into(), names))?;
    frame.with_column(Column::new("customer_group".into(), groups))?;
    Ok(frame.lazy())
}
