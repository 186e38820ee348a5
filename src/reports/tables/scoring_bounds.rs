//! `scoring_bounds`: what each score of each scoring of the run means.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::report::{Added, Chapter, Make, Report};
use crate::reports::shares::CUSTOMERS;
use crate::reports::tables::score_bounds::{self, HIGHEST_VALUE, LOWEST_VALUE, SCORE, UPPER_THRESHOLD};
use crate::reports::tables::scorings::{self, SCORING};
use crate::schema::{AddedColumns, ColumnType, TableEntry, column};
use crate::score::options::Labels;
use crate::scoring::{AxisBounds, Scoring};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "scoring_bounds",
    one_row_per: "scoring, axis and score",
    published_with: "`[[scoring]]`",
    meaning: "With `[[scoring]]`: as `score_bounds`, for every scoring. Sorted by scoring, axis, score.",
    columns: &[
        SCORING,
        column("axis", ColumnType::Text, "", "the measure of the axis; `weighted_value` where the scoring makes it"),
        SCORE,
        LOWEST_VALUE,
        HIGHEST_VALUE,
        CUSTOMERS,
        UPPER_THRESHOLD,
    ],
};

const LABELS: AddedColumns = AddedColumns {
    name: TABLE.name,
    meaning: "With `score.labels = \"best_is_one\"` in one of the scorings: a column behind the others, null where a scoring has no labels.",
    columns: &[score_bounds::LABEL],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::Scoring,
    when: scorings::has_several,
    times_counted: Some(axes),
    added: &[Added { chapter: Chapter::Scoring, columns: LABELS, when: scorings::has_labels }],
    make: Make::Small(plan),
};

/// The axes of all scorings, the weighted value among them.
fn axes(findings: &Findings) -> usize {
    let of_one = |scoring: &Scoring| score_bounds::scored_axes(&scoring.bounds) + usize::from(scoring.value.is_some());
    findings.scorings.iter().map(of_one).sum()
}

/// One row per scoring, axis and score.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let mut rows = Vec::new();
    for scoring in findings.scorings.by_name() {
        let value = scoring.value.as_ref().map(|value| &value.bounds);
        let mut axes: Vec<&AxisBounds> = scoring.bounds.iter().chain(value).collect();
        axes.sort_by_key(|axis| axis.measure.column());
        rows.extend(
            axes.into_iter().flat_map(|axis| axis.bounds.iter().map(move |bound| (scoring.name.as_str(), axis, bound))),
        );
    }
    let names: Vec<&str> = rows.iter().map(|row| row.0).collect();
    let labelled = findings.scorings.by_name().into_iter().filter(|scoring| scoring.labels == Labels::BestIsOne);
    let labelled: Vec<&str> = labelled.map(|scoring| scoring.name.as_str()).collect();
    let has_labels: Vec<bool> = names.iter().map(|name| labelled.contains(name)).collect();
    let mut frame = score_bounds::frame(rows.iter().map(|(_, axis, bound)| (*axis, *bound)))?;
    frame.with_column(Column::new("scoring".into(), names))?;
    frame.with_column(Column::new("has_label".into(), has_labels))?;
    Ok(frame.lazy().with_column(when(col("has_label")).then(col("label")).otherwise(lit(NULL)).alias("label")))
}
