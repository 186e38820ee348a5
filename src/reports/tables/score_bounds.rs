//! `score_bounds`: what each score means in the axis' own values; ties and empty bins become visible.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::report::{Added, Chapter, Make, Report, every_run};
use crate::reports::shares::CUSTOMERS;
use crate::schema::{AddedColumns, ColumnEntry, ColumnType, TableEntry, column};
use crate::score::ScoreBound;
use crate::score::options::Labels;
use crate::scoring::AxisBounds;

/// The columns behind the axis, as `scoring_bounds` has them, too.
pub(super) const SCORE: ColumnEntry = column("score", ColumnType::Int32, "score", "1..bins");
pub(super) const LOWEST_VALUE: ColumnEntry = column(
    "lowest_value",
    ColumnType::Double,
    "axis",
    "lowest value of the axis among customers of this score; null in an empty bin",
);
pub(super) const HIGHEST_VALUE: ColumnEntry =
    column("highest_value", ColumnType::Double, "axis", "highest value of the same customers; null in an empty bin");
pub(super) const UPPER_THRESHOLD: ColumnEntry = column(
    "upper_threshold",
    ColumnType::Double,
    "axis",
    "the cut that ends the bin towards higher values; null in the open bin, with `ntile` and in nested scores, and where groups have different ones (`score.by`)",
);

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "score_bounds",
    one_row_per: "axis and score: what a score means in days, orders, money",
    published_with: "always",
    meaning: "One row per axis and score, empty ones too. Sorted by axis, then score.",
    columns: &[
        column("axis", ColumnType::Text, "", "`recency_days` (or `interaction_days`), and the measures of the frequency and the monetary axis (`orders`, `revenue`)"),
        SCORE,
        LOWEST_VALUE,
        HIGHEST_VALUE,
        CUSTOMERS,
        UPPER_THRESHOLD,
    ],
};

/// The label of the score.
pub(super) const LABEL: ColumnEntry =
    column("label", ColumnType::Int32, "label", "label of the score, 1 is the best: bins + 1 - score");

const LABELS: AddedColumns = AddedColumns {
    name: TABLE.name,
    meaning: "Only with `score.labels = \"best_is_one\"`: a column behind the others.",
    columns: &[LABEL],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::EveryRun,
    when: every_run,
    times_counted: Some(|findings| scored_axes(&findings.own().bounds)),
    added: &[Added {
        chapter: Chapter::Scoring,
        columns: LABELS,
        when: |findings, _| findings.own().labels == Labels::BestIsOne,
    }],
    make: Make::Small(plan),
};

/// How many of the axes are scored.
pub(super) fn scored_axes(bounds: &[AxisBounds]) -> usize {
    bounds.iter().filter(|axis| !axis.bounds.is_empty()).count()
}

/// One row per axis and score.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let mut axes: Vec<AxisBounds> = findings.own().bounds.to_vec();
    add_prospects(&mut axes, findings.counted_prospects() as u64);
    axes.sort_by_key(|axis| axis.measure.column());
    Ok(frame(axes.iter().flat_map(|axis| axis.bounds.iter().map(move |bound| (axis, bound))))?.lazy())
}

/// Those who never bought, where they count, have the score 1 on every axis.
fn add_prospects(axes: &mut [AxisBounds], prospects: u64) {
    for (index, axis) in axes.iter_mut().enumerate() {
        let Some(lowest) = axis.bounds.first_mut().filter(|_| prospects > 0) else { continue };
        lowest.customers += prospects;
        // Neither days since an order nor the value of one: but they made no order, and paid nothing.
        if index > 0 && !axis.measure.needs_an_order() {
            lowest.lowest_value = lowest.lowest_value.map_or(Some(0), |lowest| Some(lowest.min(0)));
            lowest.highest_value = lowest.highest_value.max(Some(0));
        }
    }
}

fn label(axis: &AxisBounds, bound: &ScoreBound) -> i32 {
    i32::try_from(axis.bounds.len()).unwrap_or(i32::MAX).saturating_add(1) - bound.score
}

/// One row per bound of an axis, in the order given.
///
/// # Errors
/// As [`plan`].
#[allow(clippy::cast_precision_loss)]
pub(crate) fn frame<'a>(rows: impl Iterator<Item = (&'a AxisBounds, &'a ScoreBound)>) -> PolarsResult<DataFrame> {
    let rows: Vec<_> = rows.collect();
    let in_unit =
        |value: Option<i64>, decimals: u32| value.map(|value| value as f64 / 10_f64.powi(decimals.cast_signed()));
    df!(
        "axis" => rows.iter().map(|(axis, _)| axis.measure.column()).collect::<Vec<_>>(),
        "score" => rows.iter().map(|(_, bound)| bound.score).collect::<Vec<_>>(),
        "lowest_value" => rows.iter().map(|(axis, bound)| in_unit(bound.lowest_value, axis.decimals)).collect::<Vec<_>>(),
        "highest_value" => rows.iter().map(|(axis, bound)| in_unit(bound.highest_value, axis.decimals)).collect::<Vec<_>>(),
        "customers" => rows.iter().map(|(_, bound)| i64::try_from(bound.customers).unwrap_or(i64::MAX)).collect::<Vec<_>>(),
        "upper_threshold" => rows.iter().map(|(_, bound)| bound.upper_threshold).collect::<Vec<_>>(),
        "label" => rows.iter().map(|(axis, bound)| label(axis, bound)).collect::<Vec<_>>(),
    )
}
