//! `calibration` and `calibration_summary`: what models would have predicted for a holdout, and what happened.

use polars::prelude::*;

use crate::predict::Predictions;
use crate::predict::holdout::Group;

/// By decile and by frequency.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
#[allow(clippy::cast_possible_wrap)]
pub(crate) fn plan(predictions: &Predictions) -> PolarsResult<LazyFrame> {
    let mut groups: Vec<&Group> = predictions.calibration.iter().flat_map(|found| &found.groups).collect();
    groups.sort_by_key(|group| (group.grouping, group.group));
    let mean = |value: fn(&Group) -> Option<f64>| groups.iter().map(|group| value(group)).collect::<Vec<_>>();
    Ok(df!(
        "grouping" => groups.iter().map(|group| group.grouping).collect::<Vec<_>>(),
        "group" => groups.iter().map(|group| group.group).collect::<Vec<_>>(),
        "customers" => groups.iter().map(|group| group.customers as i64).collect::<Vec<_>>(),
        "mean_predicted_orders" => mean(|group| group.orders[0]),
        "mean_actual_orders" => mean(|group| group.orders[1]),
        "mean_predicted_revenue" => mean(|group| group.revenue[0]),
        "mean_actual_revenue" => mean(|group| group.revenue[1]),
    )?
    .lazy())
}

/// The single figures.
///
/// # Errors
/// As [`plan`].
pub(crate) fn summary_plan(predictions: &Predictions) -> PolarsResult<LazyFrame> {
    let figures = predictions.calibration.iter().flat_map(|found| &found.figures);
    let (measures, values): (Vec<&str>, Vec<Option<f64>>) =
        figures.map(|(measure, value)| (measure.as_str(), *value)).unzip();
    Ok(df!("measure" => measures, "value" => values)?.lazy())
}
