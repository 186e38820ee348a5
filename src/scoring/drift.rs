//! Which axes of a scoring have frozen breaks, and how far each has moved since.
//!
//! Does not live here: the figures (`score::drift`).

use super::frozen::Frozen;
use super::measures::Measured;
use super::settings::Settings;
use super::value::Valued;
use crate::error::Result;
use crate::score::{AxisColumn, AxisSpec, Drift, Measure, drift, picked};

/// The drift of one axis.
#[derive(Debug, Clone)]
pub struct AxisDrift {
    /// The measure.
    pub measure: Measure,
    /// How far it has moved.
    pub drift: Drift,
}

/// The drift of every axis with frozen breaks; none where new ones were learned.
pub(crate) fn of_axes(
    settings: &Settings,
    frozen: &Frozen,
    measured: &Measured<'_>,
    valued: Option<&Valued>,
) -> Result<Vec<AxisDrift>> {
    if !frozen.is_asked_for() {
        return Ok(Vec::new());
    }
    let of = |axis: &AxisSpec, column: AxisColumn<'_>| -> Result<Option<AxisDrift>> {
        let Some(frozen) = frozen.of(axis)? else { return Ok(None) };
        let AxisColumn { values, weights, .. } = column;
        let drift = match column.learned_from(axis.axis(), settings.score.learn_from) {
            Some(rows) => drift(&picked(values, rows), &picked(weights, rows), axis, frozen)?,
            None => drift(values, weights, axis, frozen)?,
        };
        Ok(Some(AxisDrift { measure: axis.measure, drift }))
    };
    let mut drifts = Vec::new();
    for axis in settings.known_axes() {
        drifts.extend(measured.axis(&axis, |column| of(&axis, column))?);
    }
    if let Some(valued) = valued {
        let axis = settings.value_axis();
        let weights = measured.weights(&axis)?;
        drifts.extend(of(&axis, AxisColumn { values: &valued.values, weights: &weights, buyers: None })?);
    }
    Ok(drifts)
}
