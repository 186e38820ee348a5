//! The models of a published run, where they fit the settings of this one.
//!
//! Does not live here: how they are written in a manifest (`entries`), and reading it (`history`).

use super::entries::{ModelEntry, ModelsEntry};
use super::options::{ModelChoice, PredictOptions};
use crate::models::{Candidate, GammaGamma, MeanValue, Model, OrderValues, OwnPrice};

/// The models that are applied.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoadedModels {
    /// Of purchases.
    pub model: Model,
    /// Of what they bring; none where the published run had none.
    pub spending: Option<OrderValues>,
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
        // Every model falls back to NBD where no customer is seen to leave.
        let is_limit = kind == Candidate::Nbd && !options.is_by_period();
        if !is_limit && !wanted.contains(&kind) {
            return Err(format!("its model is `{name}`, `predict.model` is another one"));
        }
        let parameters =
            Model::names(kind).iter().map(|name| purchases.number(name)).collect::<Result<Vec<f64>, _>>()?;
        let model = Model::new(kind, &parameters).map_err(|error| error.to_string())?;
        Ok(Self { model, spending: models.spending.as_ref().map(spending).transpose()? })
    }
}

fn spending(entry: &ModelEntry) -> Result<OrderValues, String> {
    if entry.model == "mean_value" {
        let model = MeanValue { mean: entry.number("mean")? };
        model.check().map_err(|error| error.to_string())?;
        return Ok(OrderValues::Mean(model));
    }
    if entry.model == "own_price" {
        let model = OwnPrice { mean: entry.number("mean")? };
        model.check().map_err(|error| error.to_string())?;
        return Ok(OrderValues::OwnPrice(model));
    }
    let [p, q, gamma] = ["p", "q", "gamma"].map(|name| entry.number(name));
    let model = GammaGamma { p: p?, q: q?, gamma: gamma? };
    model.check().map_err(|error| error.to_string())?;
    Ok(model.into())
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
        let model = Model::new(Candidate::ParetoNbd, &[0.1 + 0.2, third, 2e-7 * third, 1e12 * third]).unwrap();
        let spending = Some(GammaGamma { p: third * 19.0, q: 1.0 + third, gamma: third * 47.0 }.into());
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
        let bits = |model: Model| model.parameters().iter().map(|(_, value)| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(loaded.model), bits(learned().model.unwrap()));
    }

    #[test]
    fn the_limit_without_drop_out_and_one_price_come_back_whatever_model_was_asked_for() {
        let model = Model::new(Candidate::Nbd, &[0.827, 69.8]).unwrap();
        for values in [OrderValues::Mean(MeanValue { mean: 9.99 }), OrderValues::OwnPrice(OwnPrice { mean: 7.5 })] {
            let spending = Some(values);
            let learned = FittedModels::loaded(LoadedModels { model, spending }, PredictOptions::default().time_unit);
            let written = serde_json::from_str(&json!(learned.entry()).to_string()).unwrap();
            for wanted in [ModelChoice::Auto, ModelChoice::BgNbd, ModelChoice::Nbd] {
                let options = PredictOptions { model: Some(wanted), ..PredictOptions::default() };
                assert_eq!(loaded(&written, &options), Ok(LoadedModels { model, spending }));
            }
        }
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
