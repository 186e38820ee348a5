//! `score_bounds`: what each score means in the axis' own values; ties and empty bins become visible.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::score::ScoreBound;
use crate::scoring::AxisBounds;

/// One row per axis and score.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
pub(crate) fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let mut axes: Vec<_> = findings.own().bounds.iter().collect();
    axes.sort_by_key(|axis| axis.measure.column());
    Ok(frame(axes.iter().flat_map(|axis| axis.bounds.iter().map(move |bound| (*axis, bound))))?.lazy())
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
    )
}
