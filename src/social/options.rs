//! Settings of social value: the table, which of its columns make which index, and how the indices are weighed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::score::{Standardise, share_problems};

/// The indices, in the order of their weights.
pub const INDICES: [&str; 3] = ["influence", "activity", "value"];

/// `[social]`: social measures per customer, from a table of their own. Without `path` there are none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SocialOptions {
    /// A Parquet file (or a directory, or a pattern) with one row per customer.
    pub path: Option<String>,
    /// Its column of customer ids, of the type of those of the input.
    pub customer_id: String,
    /// Its columns that say whom a customer reaches. Numbers; null counts as 0.
    pub influence: Vec<String>,
    /// Its columns that say what they do there.
    pub activity: Vec<String>,
    /// Its columns that say what comes of it.
    pub value: Vec<String>,
    /// How a measure is put on one scale; the measures of an index count alike.
    pub standardise: Standardise,
    /// Weights of the influence, activity and value index; they sum to 1. Default: all alike.
    pub weights: Vec<f64>,
    /// Instead of weights, AHP judgements: a row per index, how many times as important it is as each of them.
    pub judgements: Vec<Vec<f64>>,
    /// Whether judgements that contradict one another (consistency ratio 0.10 and more) are used all the same.
    pub allow_inconsistent: bool,
    /// Classes to each side of `value_map`, 2 to 10.
    pub map_classes: u32,
}

impl Default for SocialOptions {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            path: None,
            customer_id: "customer_id".to_owned(),
            influence: names(&["followers"]),
            activity: names(&["interactions", "comments", "shares"]),
            value: names(&["referrals"]),
            standardise: Standardise::MinMax,
            weights: Vec::new(),
            judgements: Vec::new(),
            allow_inconsistent: false,
            map_classes: 3,
        }
    }
}

impl SocialOptions {
    /// The columns of each index, in the order of [`INDICES`].
    #[must_use]
    pub fn measures(&self) -> [&[String]; 3] {
        [&self.influence, &self.activity, &self.value]
    }

    /// The weights that are given, or equal ones; with judgements they come from `models::ahp` instead.
    #[must_use]
    pub fn given_weights(&self) -> Vec<f64> {
        if self.weights.is_empty() { vec![1.0 / 3.0; INDICES.len()] } else { self.weights.clone() }
    }

    /// Everything that is wrong with these settings except the judgements themselves, each with its key.
    #[must_use]
    pub fn problems(&self) -> Vec<(String, String, String)> {
        let mut problems = Vec::new();
        let mut add = |key: &str, found: String, expected: &str| {
            problems.push((format!("social.{key}"), found, expected.to_owned()));
        };
        for (index, measures) in INDICES.iter().zip(self.measures()) {
            if measures.is_empty() || measures.iter().any(|name| name.trim().is_empty()) {
                add(index, format!("{} columns", measures.len()), "names of columns, at least one");
            }
        }
        if !self.weights.is_empty() && self.weights.len() != INDICES.len() {
            add("weights", format!("{} numbers", self.weights.len()), "3: of influence, activity and value");
        } else if let Some(problem) = share_problems(&self.given_weights()).first() {
            add("weights", problem.clone(), "shares that sum to 1");
        }
        if !(2..=10).contains(&self.map_classes) {
            add("map_classes", format!("`{}`", self.map_classes), "2 to 10");
        }
        problems
    }
}
