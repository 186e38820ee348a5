//! `predictions` in a manifest: the models of a run, as they are written and read.
//!
//! Does not live here: how they are fitted (`learn`), and whether they fit the settings of another run (`load`).

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::options::TimeUnit;
use crate::models::{Choice, GammaGamma, GammaGammaFit, Model};

/// All of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PredictionsEntry {
    /// The models that were applied: the keys `time_unit`, `purchases` and `spending`.
    #[serde(flatten)]
    pub models: ModelsEntry,
    /// How they came about.
    pub fits: FitsEntry,
}

/// The models that were applied.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ModelsEntry {
    /// The unit of time of the parameters: `day`, `week` or `month`.
    #[serde(default)]
    pub time_unit: String,
    /// Of purchases; none where the data support none.
    #[serde(default)]
    pub purchases: Option<ModelEntry>,
    /// Of order values; none as above.
    #[serde(default)]
    pub spending: Option<ModelEntry>,
}

/// The fits, in full; empty where the models were taken from another run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FitsEntry {
    /// Of purchases.
    pub purchases: Choice,
    /// Of order values.
    pub spending: Option<GammaGammaFit>,
}

/// A model with its parameters.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ModelEntry {
    /// Its name, as `bg_nbd`.
    #[serde(default)]
    pub model: String,
    /// By the names of its paper.
    #[serde(default)]
    pub parameters: BTreeMap<String, Parameter>,
}

/// A parameter. It is written as text: the shortest decimals that are read back as the same number, which readers of JSON
/// numbers do not all promise. Numbers are read, too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Parameter {
    /// As it is written.
    Text(String),
    /// As others may write it.
    Number(f64),
    /// What is no number.
    Other(serde_json::Value),
}

impl Parameter {
    /// The number; none where it is none.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Text(text) => text.parse().ok(),
            Self::Number(number) => Some(*number),
            Self::Other(_) => None,
        }
    }
}

/// As it is in the JSON.
impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        serde_json::json!(self).fmt(f)
    }
}

impl ModelsEntry {
    /// Of these models.
    #[must_use]
    pub fn new(unit: TimeUnit, purchases: Option<&Model>, spending: Option<&GammaGamma>) -> Self {
        let of_spending = |GammaGamma { p, q, gamma }: &GammaGamma| {
            ModelEntry::new("gamma_gamma", [("p", *p), ("q", *q), ("gamma", *gamma)])
        };
        Self {
            time_unit: unit.name().to_owned(),
            purchases: purchases.map(|model| ModelEntry::new(model.kind().name(), model.parameters())),
            spending: spending.map(of_spending),
        }
    }
}

impl ModelEntry {
    fn new<const D: usize>(model: &str, parameters: [(&str, f64); D]) -> Self {
        let parameters = parameters.map(|(name, value)| (name.to_owned(), Parameter::Text(value.to_string())));
        Self { model: model.to_owned(), parameters: parameters.into() }
    }

    /// The parameters of these names, in their order.
    pub(super) fn numbers<const D: usize>(&self, names: [&str; D]) -> Result<[f64; D], String> {
        let mut numbers = [0.0; D];
        for (number, name) in numbers.iter_mut().zip(names) {
            let parameter = self.parameters.get(name);
            let found = || parameter.map_or("null".to_owned(), ToString::to_string);
            *number = parameter
                .and_then(Parameter::number)
                .ok_or_else(|| format!("parameter `{name}` is {}, expected a number", found()))?;
        }
        Ok(numbers)
    }
}
