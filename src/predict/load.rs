//! The models of a published run, where they fit the settings of this one.
//!
//! Does not live here: how they are written in a manifest (`entries`), and reading it (`history`).

use super::entries::{ModelEntry, ModelsEntry};
use super::options::{ModelChoice, PredictOptions};
use crate::models::{Candidate, GammaGamma, Model};

/// The models that are applied.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoadedModels {
    /// Of purchases.
    pub model: Model,
    /// Of what they bring; none where the published run had none.
    pub spending: Option<GammaGamma>,
}

impl LoadedModels {
    /// The models under `predictions` in a manifest; none where there is no such key.
    ///
    /// # Errors
    /// What is wrong with it, in one line.
    pub fn from_manifest(models: Option<&ModelsEntry>, options: &PredictOptions) -> Result<Self, String> {
        let models = models.ok_or("it has no `predictions`: that run predicted nothing")?;
        let (unit, wanted) = (&models.time_unit, options.time_unit.name());
        if unit != wanted {
            return Err(format!("its time unit is `{unit}`, `predict.time_unit` is `{wanted}`"));
        }
        let purchases =
            models.purchases.as_ref().ok_or("that run has no model of purchases: its data supported none")?;
        let name = &purchases.model;
        let kind = Candidate::ALL.into_iter().find(|kind| kind.name() == name);
        let kind = kind.ok_or_else(|| format!("`{name}` is no model of purchases"))?;
        let wanted = options.model.unwrap_or(ModelChoice::Auto).candidates();
        if !wanted.contains(&kind) {
            return Err(format!("its model is `{name}`, `predict.model` is another one"));
        }
        let model = Model::new(kind, purchases.numbers(Model::names(kind))?).map_err(|error| error.to_string())?;
        Ok(Self { model, spending: models.spending.as_ref().map(spending).transpose()? })
    }
}

fn spending(entry: &ModelEntry) -> Result<GammaGamma, String> {
    let [p, q, gamma] = entry.numbers(["p", "q", "gamma"])?;
    let model = GammaGamma { p, q, gamma };
    model.check().map_err(|error| error.to_string())?;
    Ok(model)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;
    use crate::predict::learn::FittedModels;

    fn learned() -> FittedModels {
        // numbers whose decimals are long
        let third = 1.0 / 3.0;
        let model = Model::new(Candidate::ParetoNbd, [0.1 + 0.2, third, 2e-7 * third, 1e12 * third]).unwrap();
        let spending = Some(GammaGamma { p: third * 19.0, q: 1.0 + third, gamma: third * 47.0 });
        FittedModels::loaded(LoadedModels { model, spending }, PredictOptions::default().time_unit)
    }

    fn written() -> Value {
        serde_json::from_str(&json!(learned().entry()).to_string()).unwrap()
    }

    /// As `history` hands them over.
    fn loaded(written: &Value, options: &PredictOptions) -> Result<LoadedModels, String> {
        let models: Option<ModelsEntry> = Deserialize::deserialize(written).unwrap();
        LoadedModels::from_manifest(models.as_ref(), options)
    }

    #[test]
    fn what_is_written_is_read_to_the_last_bit() {
        let loaded = loaded(&written(), &PredictOptions::default()).unwrap();
        assert_eq!((Some(loaded.model), loaded.spending), (learned().model, learned().spending));
        let bits = |model: Model| model.parameters().map(|(_, value)| value.to_bits());
        assert_eq!(bits(loaded.model), bits(learned().model.unwrap()));
    }

    #[test]
    fn what_cannot_be_applied_is_refused() {
        let refused = |change: &dyn Fn(&mut Value), options: &PredictOptions| {
            let mut written = written();
            change(&mut written);
            loaded(&written, options).unwrap_err()
        };
        let plain = PredictOptions::default();
        let same = |_: &mut Value| ();
        let weekly = PredictOptions { time_unit: crate::predict::options::TimeUnit::Week, ..plain.clone() };
        assert!(refused(&same, &weekly).contains("its time unit is `month`"));
        let other = PredictOptions { model: Some(ModelChoice::BgNbd), ..plain.clone() };
        assert!(refused(&same, &other).contains("its model is `pareto_nbd`"));
        assert!(refused(&|m| *m = Value::Null, &plain).contains("predicted nothing"));
        assert!(refused(&|m| *m = json!({}), &plain).contains("its time unit is ``"));
        assert!(refused(&|m| m["purchases"] = Value::Null, &plain).contains("supported none"));
        let parameter = |name: &'static str, value: Value| {
            move |m: &mut Value| {
                let model = if name == "q" { "spending" } else { "purchases" };
                m[model]["parameters"][name] = value.clone();
            }
        };
        assert!(refused(&parameter("r", json!("-1")), &plain).contains("must be finite and above 0"));
        assert!(refused(&parameter("r", json!("x")), &plain).contains("parameter `r` is \"x\", expected a number"));
        assert!(refused(&parameter("q", Value::Null), &plain).contains("parameter `q` is null"));
        let mut as_number = written();
        as_number["purchases"]["parameters"]["r"] = json!(0.25);
        assert_eq!(loaded(&as_number, &plain).unwrap().model.parameters()[0], ("r", 0.25));
    }
}
