//! `drift`: how far each axis has moved since the run whose breaks were taken.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::score::Drift;

/// The drift of one axis of one scoring.
#[derive(Debug)]
pub struct AxisDrift {
    /// The scoring's name.
    pub scoring: String,
    /// The measure's column name.
    pub measure: &'static str,
    /// The figures.
    pub drift: Drift,
}

/// One row per scoring and axis.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
pub(crate) fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let mut rows: Vec<&AxisDrift> = findings.drift.iter().collect();
    rows.sort_by_key(|row| (row.scoring.as_str(), row.measure));
    let then = |row: &&AxisDrift| (!row.drift.then.is_empty()).then(|| row.drift.then.iter().sum::<u64>());
    Ok(df!(
        "scoring" => rows.iter().map(|row| row.scoring.as_str()).collect::<Vec<_>>(),
        "axis" => rows.iter().map(|row| row.measure).collect::<Vec<_>>(),
        "population_stability_index" => rows.iter().map(|row| row.drift.population_stability_index).collect::<Vec<_>>(),
        "customers_then" => rows.iter().map(then).collect::<Vec<Option<u64>>>(),
        "customers_now" => rows.iter().map(|row| row.drift.now.iter().sum::<u64>()).collect::<Vec<_>>(),
        "changed_customers" => rows.iter().map(|row| row.drift.differing).collect::<Vec<_>>(),
        "changed_share" => rows.iter().map(|row| row.drift.differing_share).collect::<Vec<_>>(),
    )?
    .lazy())
}
