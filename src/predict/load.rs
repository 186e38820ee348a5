//! The models of a former run, from what its manifest says.
//!
//! Does not live here: how that was written (`learn`), and reading the file (`run`).

use serde_json::Value;

use super::options::{ModelChoice, PredictOptions};
use crate::models::{Candidate, GammaGamma, Model};

/// The models that are applied.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoadedModels {
    /// Of purchases.
    pub model: Model,
    /// Of what they bring; none where the former run had none.
    pub spending: Option<GammaGamma>,
}

impl LoadedModels {
    /// Reads the models that a manifest holds.
    ///
    /// # Errors
    /// What is wrong with it, in one line.
    pub fn from_manifest(manifest: &Value, options: &PredictOptions) -> Result<Self, String> {
        let predictions = manifest.get("predictions").ok_or("it has no `predictions`: that run predicted nothing")?;
        let unit = predictions["time_unit"].as_str().unwrap_or_default();
        if unit != options.time_unit.name() {
            let wanted = options.time_unit.name();
            return Err(format!("its time unit is `{unit}`, `predict.time_unit` is `{wanted}`"));
        }
        let purchases = &predictions["purchases"];
        if purchases.is_null() {
            return Err("that run has no model of purchases: its data supported none".to_owned());
        }
        let name = purchases["model"].as_str().unwrap_or_default();
        let kind = Candidate::ALL.into_iter().find(|kind| kind.name() == name);
        let kind = kind.ok_or_else(|| format!("`{name}` is no model of purchases"))?;
        let wanted = options.model.unwrap_or(ModelChoice::Auto).candidates();
        if !wanted.contains(&kind) {
            return Err(format!("its model is `{name}`, `predict.model` is another one"));
        }
        let model = Model::new(kind, numbers(purchases, Model::names(kind))?).map_err(|error| error.to_string())?;
        Ok(Self { model, spending: spending(&predictions["spending"])? })
    }
}

fn spending(value: &Value) -> Result<Option<GammaGamma>, String> {
    if value.is_null() {
        return Ok(None);
    }
    let [p, q, gamma] = numbers(value, ["p", "q", "gamma"])?;
    let model = GammaGamma { p, q, gamma };
    model.check().map_err(|error| error.to_string())?;
    Ok(Some(model))
}

/// Parameters written as texts, which are read to the last bit; numbers are taken, too.
fn numbers<const D: usize>(model: &Value, names: [&str; D]) -> Result<[f64; D], String> {
    let mut numbers = [0.0; D];
    for (number, name) in numbers.iter_mut().zip(names) {
        let value = &model["parameters"][name];
        let found = value.as_str().and_then(|text| text.parse().ok()).or_else(|| value.as_f64());
        *number = found.ok_or_else(|| format!("parameter `{name}` is {value}, expected a number"))?;
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predict::learn::FittedModels;

    fn learned() -> FittedModels {
        // numbers whose decimals are long
        let third = 1.0 / 3.0;
        let model = Model::new(Candidate::ParetoNbd, [0.1 + 0.2, third, 2e-7 * third, 1e12 * third]).unwrap();
        let spending = Some(GammaGamma { p: third * 19.0, q: 1.0 + third, gamma: third * 47.0 });
        FittedModels::loaded(LoadedModels { model, spending }, PredictOptions::default().time_unit)
    }

    fn manifest() -> Value {
        let text = serde_json::json!({"predictions": learned().to_json()}).to_string();
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn what_is_written_is_read_to_the_last_bit() {
        let loaded = LoadedModels::from_manifest(&manifest(), &PredictOptions::default()).unwrap();
        assert_eq!((Some(loaded.model), loaded.spending), (learned().model, learned().spending));
        let bits = |model: Model| model.parameters().map(|(_, value)| value.to_bits());
        assert_eq!(bits(loaded.model), bits(learned().model.unwrap()));
    }

    #[test]
    fn what_cannot_be_applied_is_told() {
        let told = |change: &dyn Fn(&mut Value), options: &PredictOptions| {
            let mut manifest = manifest();
            change(&mut manifest);
            LoadedModels::from_manifest(&manifest, options).unwrap_err()
        };
        let plain = PredictOptions::default();
        let same = |_: &mut Value| ();
        let weekly = PredictOptions { time_unit: crate::predict::options::TimeUnit::Week, ..plain.clone() };
        assert!(told(&same, &weekly).contains("its time unit is `month`"));
        let other = PredictOptions { model: Some(ModelChoice::BgNbd), ..plain.clone() };
        assert!(told(&same, &other).contains("its model is `pareto_nbd`"));
        assert!(told(&|m| *m = Value::Null, &plain).contains("predicted nothing"));
        assert!(told(&|m| m["predictions"]["purchases"] = Value::Null, &plain).contains("supported none"));
        let negative = |m: &mut Value| m["predictions"]["purchases"]["parameters"]["r"] = "-1".into();
        assert!(told(&negative, &plain).contains("must be finite and above 0"));
        let missing = |m: &mut Value| m["predictions"]["spending"]["parameters"]["q"] = Value::Null;
        assert!(told(&missing, &plain).contains("parameter `q` is null"));
    }
}
