//! The probability of a purchase in the days of response, by the model of purchases of the published date.
//!
//! A history without a purchase until T + t is one that ends at T + t instead of T: `P(none in (T, T + t]) = L(x, t_x, T + t) / L(x, t_x, T)`,
//! in every model of continuous time. Does not live here: the likelihoods (`models`).

use std::collections::HashMap;

use rayon::prelude::*;
use serde_json::{Value, json};

use super::candidates::{Candidates, OF_MODELS};
use super::source::Source;
use crate::error::{Error, Result};
use crate::models::{Candidate, Histories, History, Model};
use crate::predict::options::PredictOptions;
use crate::predict::{LoadedModels, ModelsEntry};

/// The probability of each candidate, 0 for those without a purchase, and what is told of the model.
///
/// # Errors
/// A config error where the run has no model, or one of periods, or did not publish what the models see.
pub(super) fn rates(source: &Source, candidates: &Candidates) -> Result<(Vec<f64>, Value)> {
    let options = &source.settings.predict;
    let model = model(source.run.models()?.as_ref(), options).map_err(|cause| {
        Error::config(format!("`{}` has no model of purchases that can be asked", source.directory.display()))
            .cause(cause)
            .hint("publish the date with --predict auto and `predict.model_inputs = true`")
    })?;
    let days = source.config.campaign.response_days;
    let time = f64::from(days) / options.time_unit.days();
    let mut distinct: HashMap<[u64; 3], usize> = HashMap::new();
    let mut histories: Vec<History> = Vec::new();
    let places: Vec<Option<usize>> = candidates
        .histories
        .iter()
        .map(|history| {
            let history = (*history)?;
            let key = [history.x.into(), history.t_x.to_bits(), history.t_cal.to_bits()];
            Some(*distinct.entry(key).or_insert_with(|| {
                histories.push(history);
                histories.len() - 1
            }))
        })
        .collect();
    let buys: Result<Vec<f64>> = histories.par_iter().map(|history| probability(&model, *history, time)).collect();
    let buys = buys?;
    let of = places.iter().map(|place| place.map_or(0.0, |place| buys[place])).collect();
    Ok((of, json!({"source": "model", "model": model.kind().name(), "response_days": days})))
}

/// Asks the columns that are needed of the table of customers.
///
/// # Errors
/// A config error where the run did not publish them.
pub(super) fn require(source: &Source) -> Result<()> {
    if OF_MODELS.iter().all(|name| source.customers.has(name)) {
        return Ok(());
    }
    Err(Error::config(format!("`{}` does not show what its models see of each customer", source.directory.display()))
        .cause(format!("`customers` lacks the columns {}", OF_MODELS.join(", ")))
        .hint("publish the date with --predict auto and --set predict.model_inputs=true"))
}

fn model(entry: Option<&ModelsEntry>, options: &PredictOptions) -> std::result::Result<Model, String> {
    let model = LoadedModels::from_manifest(entry, options)?.model;
    if model.kind() == Candidate::BgBb {
        return Err("`bg_bb` counts periods, and has no probability of a purchase in days".to_owned());
    }
    Ok(model)
}

/// P(at least one purchase in (T, T + `time`]).
fn probability(model: &Model, history: History, time: f64) -> Result<f64> {
    let model = model.as_purchase_model();
    let likelihood =
        |t_cal| Ok::<f64, Error>(model.log_likelihood(&Histories::new(vec![(History { t_cal, ..history }, 1)])?));
    let none = likelihood(history.t_cal + time)? - likelihood(history.t_cal)?;
    Ok((-none.exp_m1()).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{BgNbd, Nbd, ParetoNbd};

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found}, expected {expected}");
    }

    /// Whoever is alive in BG/NBD leaves only after a purchase, so that P(none | alive) = ((alpha + T) / (alpha + T + t))^(r + x). In
    /// NBD everybody is alive.
    #[test]
    fn the_probability_is_that_of_the_closed_forms() {
        let history = History { x: 2, t_x: 30.43, t_cal: 38.86 };
        let (r, alpha, t) = (0.243, 4.414, 6.0);
        let bg_nbd = BgNbd { r, alpha, a: 0.793, b: 2.426 };
        let none = ((alpha + history.t_cal) / (alpha + history.t_cal + t)).powf(r + 2.0);
        let alive = crate::models::PurchaseModel::p_alive(&bg_nbd, &history);
        near(probability(&Model::BgNbd(bg_nbd), history, t).unwrap(), alive * (1.0 - none));
        near(probability(&Model::Nbd(Nbd { r, alpha }), history, t).unwrap(), 1.0 - none);
        let pareto = Model::ParetoNbd(ParetoNbd { r: 0.553, alpha: 10.578, s: 0.606, beta: 11.669 });
        let chance = |t| probability(&pareto, history, t).unwrap();
        assert!(chance(0.0) < 1e-12 && chance(3.0) < chance(6.0) && chance(6.0) < 1.0);
    }
}
