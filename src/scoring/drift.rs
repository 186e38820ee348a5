//! Which axes of a scoring took the breaks of a former run, and how far each has moved since.
//!
//! Does not live here: the figures (`score::drift`).

use super::axes;
use super::frozen::Frozen;
use super::measured::Measured;
use super::one::Valued;
use crate::config::Config;
use crate::error::Result;
use crate::reports::tables::drift::AxisDrift;
use crate::score::{AxisSpec, drift};

/// The drift of every axis with breaks of a former run; none where new ones were learned.
pub(crate) fn of_axes(
    config: &Config,
    scoring: &str,
    loaded: &Frozen,
    measured: Measured<'_>,
    valued: Option<&Valued>,
) -> Result<Vec<AxisDrift>> {
    if !loaded.is_asked_for() {
        return Ok(Vec::new());
    }
    let of = |spec: &AxisSpec, values: &[i64]| -> Result<Option<AxisDrift>> {
        let Some(former) = loaded.of(spec)? else { return Ok(None) };
        let drift = drift(values, &measured.weights(spec)?, spec, former)?;
        Ok(Some(AxisDrift { scoring: scoring.to_owned(), measure: spec.measure.column(), drift }))
    };
    let mut drifts = Vec::new();
    for spec in axes(config) {
        drifts.extend(of(&spec, &measured.values(spec.measure)?)?);
    }
    if let Some(valued) = valued {
        drifts.extend(of(&AxisSpec::value(&config.score.value), &valued.values)?);
    }
    Ok(drifts)
}
