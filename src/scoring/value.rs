//! The weighted value of every customer, and its score.
//!
//! Lives here: which columns, weights and frozen scale it is made with. Does not live here: any formula (`score`), and
//! how weights follow from judgements (`models::ahp`).

use super::frozen::Frozen;
use super::learned::LearnedValue;
use super::measures::Measured;
use super::settings::Settings;
use crate::error::Result;
use crate::models::ahp::{self, Priorities};
use crate::score::{Measure, Scored, ValueAxis, ValueScale, picked, score_axis_weighted, spread};

/// The value while a scoring is made.
#[derive(Debug)]
pub(crate) struct Valued {
    pub(crate) learned: LearnedValue,
    /// The measures in the order of the scale; a customer without an order, who has no average and no largest one, stands at
    /// the lowest that any other has.
    pub(crate) columns: Vec<Vec<i64>>,
    /// Whole numbers of 10^-9.
    pub(crate) values: Vec<i64>,
    pub(crate) scored: Scored,
}

impl Valued {
    /// Makes the value and its score.
    pub(crate) fn new(settings: &Settings, frozen: &Frozen, measured: &Measured<'_>) -> Result<Self> {
        let options = settings.score.value.effective();
        let (weights, ahp) = weights(&options)?;
        let columns: Vec<Vec<i64>> =
            options.measures.iter().map(|measure| complete(*measure, measured)).collect::<Result<_>>()?;
        let buyers = settings.learned_from(measured);
        let scale = match frozen_scale(settings, frozen)? {
            Some(frozen) => frozen.clone(),
            None => ValueScale::learn(&options, settings.money_scale.into(), weights, &columns, buyers)?,
        };
        let values = scale.apply(&columns, buyers)?;
        let axis = settings.value_axis();
        let scored = score_axis_weighted(&values, &measured.weights(&axis)?, &axis, frozen.of(&axis)?)?;
        Ok(Self { learned: LearnedValue { scale, ahp }, columns, values, scored })
    }
}

/// The values of a measure, with the lowest of all buyers for customers who have none.
fn complete(measure: Measure, measured: &Measured<'_>) -> Result<Vec<i64>> {
    let values = measured.values(measure)?.into_owned();
    let Some(buyers) = measured.buyers.as_deref().filter(|_| measure.needs_an_order()) else { return Ok(values) };
    let own = picked(&values, buyers);
    let lowest = own.iter().min().copied().unwrap_or_default();
    Ok(spread(&own, buyers, values.len(), lowest))
}

/// The weights of the measures by judgement.
///
/// # Errors
/// A config error where the judgements are no reciprocal matrix, or contradict one another.
pub(crate) fn priorities(options: &ValueAxis) -> Result<Priorities> {
    let names: Vec<&str> = options.measures.iter().map(|measure| measure.column()).collect();
    ahp::priorities(&names, &options.judgements, options.allow_inconsistent)
}

/// The scale of an earlier run, where the settings ask for it.
///
/// # Errors
/// A config error where it does not fit the settings, or the earlier run had none.
pub(crate) fn frozen_scale<'a>(settings: &Settings, frozen: &'a Frozen) -> Result<Option<&'a ValueScale>> {
    let options = settings.score.value.effective();
    let Some(scale) = frozen.scale()? else { return Ok(None) };
    let (weights, _) = weights(&options)?;
    scale.check_loaded(&options, settings.money_scale.into(), &weights)?;
    Ok(Some(scale))
}

/// The weights of the measures, and the judgements that they come from where they do.
fn weights(options: &ValueAxis) -> Result<(Vec<f64>, Option<Priorities>)> {
    if options.judgements.is_empty() {
        return Ok((options.given_weights(), None));
    }
    let ahp = priorities(options)?;
    Ok((ahp.weights.clone(), Some(ahp)))
}
