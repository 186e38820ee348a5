//! Which axes of a scoring have frozen breaks, and how far each has moved since.
//!
//! Does not live here: the figures (`score::drift`).

use super::frozen::Frozen;
use super::measures::Measured;
use super::settings::Settings;
use super::value::Valued;
use crate::error::Result;
use crate::score::{AxisSpec, Drift, Measure, drift};

/// The drift of one axis.
#[derive(Debug)]
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
    let of = |axis: &AxisSpec, values: &[i64]| -> Result<Option<AxisDrift>> {
        let Some(frozen) = frozen.of(axis)? else { return Ok(None) };
        let drift = drift(values, &measured.weights(axis)?, axis, frozen)?;
        Ok(Some(AxisDrift { measure: axis.measure, drift }))
    };
    let mut drifts = Vec::new();
    for axis in settings.axes() {
        drifts.extend(of(&axis, &measured.values(axis.measure)?)?);
    }
    if let Some(valued) = valued {
        drifts.extend(of(&settings.value_axis(), &valued.values)?);
    }
    Ok(drifts)
}
