//! `drift`: how far each axis has moved since the run whose breaks were taken.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::score::Drift;
use crate::scoring::AxisDrift;

/// One row per scoring and axis.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
pub(crate) fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let mut rows: Vec<(&str, &AxisDrift)> = Vec::new();
    for scoring in findings.scorings.by_name() {
        rows.extend(scoring.drift.iter().map(|axis| (scoring.name.as_str(), axis)));
    }
    rows.sort_by_key(|(scoring, axis)| (*scoring, axis.measure.column()));
    let drifts = || rows.iter().map(|(_, axis)| &axis.drift);
    let then = |drift: &Drift| (!drift.then.is_empty()).then(|| drift.then.iter().sum::<u64>());
    Ok(df!(
        "scoring" => rows.iter().map(|(scoring, _)| *scoring).collect::<Vec<_>>(),
        "axis" => rows.iter().map(|(_, axis)| axis.measure.column()).collect::<Vec<_>>(),
        "population_stability_index" => drifts().map(|drift| drift.population_stability_index).collect::<Vec<_>>(),
        "customers_then" => drifts().map(then).collect::<Vec<Option<u64>>>(),
        "customers_now" => drifts().map(|drift| drift.now.iter().sum::<u64>()).collect::<Vec<_>>(),
        "changed_customers" => drifts().map(|drift| drift.differing).collect::<Vec<_>>(),
        "changed_share" => drifts().map(|drift| drift.differing_share).collect::<Vec<_>>(),
    )?
    .lazy())
}
