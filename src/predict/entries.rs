//! `predictions` in a manifest: the models of a run, as they are written and read.
//!
//! Does not live here: how they are fitted (`learn`), and whether they fit the settings of another run (`load`).

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::options::TimeUnit;
use crate::models::{Choice, GammaGammaFit, Model, OrderValues};

/// All of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PredictionsEntry {
    /// The models that were applied: the keys `time_unit`, `purchases` and `spending`.
    #[serde(flatten)]
    pub models: ModelsEntry,
    /// How they came about.
    pub fits: FitsEntry,
    /// Customers whose returns left no revenue of their purchases: their expected value and CLV are 0.
    #[serde(default)]
    pub customers_without_revenue: u64,
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
    pub fn new(unit: TimeUnit, purchases: Option<&Model>, spending: Option<&OrderValues>) -> Self {
        Self {
            time_unit: unit.name().to_owned(),
            purchases: purchases.map(|model| ModelEntry::new(model.kind().name(), model.parameters())),
            spending: spending.map(|model| ModelEntry::new(model.name(), model.parameters())),
        }
    }
}

impl ModelEntry {
    fn new(model: &str, parameters: Vec<(&str, f64)>) -> Self {
        let named = |(name, value): (&str, f64)| (name.to_owned(), Parameter::Text(value.to_string()));
        Self { model: model.to_owned(), parameters: parameters.into_iter().map(named).collect() }
    }

    /// The parameter of this name.
    pub(super) fn number(&self, name: &str) -> Result<f64, String> {
        let parameter = self.parameters.get(name);
        let found = || parameter.map_or("null".to_owned(), ToString::to_string);
        parameter
            .and_then(Parameter::number)
            .ok_or_else(|| format!("parameter `{name}` is {}, expected a number", found()))
    }
}
