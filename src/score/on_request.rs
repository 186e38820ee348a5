//! Settings of what is published in addition to the scores on request: composites as columns, and clusters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::composites::{LEXICAL_WEIGHTS, weight_problems};

/// A composite of the scores or of the measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Composite {
    /// The mean of the three scores.
    ScoreMean,
    /// The sum of the three scores, each times its weight.
    WeightedScore,
    /// The weighted value of `[score.value]`, and its score `v_score`.
    WeightedValue,
}

/// `[score.composites]`: composites as further columns of `customers`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CompositeOptions {
    /// The columns; the cell and the sum of the scores are always there.
    pub columns: Vec<Composite>,
    /// Weights of the R, the F and the M score in `weighted_score`, zero or more.
    pub weights: [f64; 3],
}

impl Default for CompositeOptions {
    fn default() -> Self {
        Self { columns: Vec::new(), weights: LEXICAL_WEIGHTS }
    }
}

impl CompositeOptions {
    /// Whether a column is requested.
    #[must_use]
    pub fn asks_for(&self, composite: Composite) -> bool {
        self.columns.contains(&composite)
    }

    /// Everything that is wrong with these settings, each with its key.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let wrong = weight_problems(&self.weights);
        wrong.into_iter().map(|problem| format!("`score.composites.weights`: {problem}")).collect()
    }
}

/// Fewest and most clusters.
const CLUSTERS: std::ops::RangeInclusive<u32> = 2..=100;

/// `[kmeans]`: clusters of customers over the measures of `[score.value]`, standardised as there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KmeansOptions {
    /// The number of clusters, 2 to 100. Without it and `choose_up_to` there are none.
    pub clusters: Option<u32>,
    /// Instead: the number from 2 to this one whose silhouette is largest.
    pub choose_up_to: Option<u32>,
}

impl KmeansOptions {
    /// Whether clusters are requested.
    #[must_use]
    pub const fn is_asked_for(&self) -> bool {
        self.clusters.is_some() || self.choose_up_to.is_some()
    }

    /// Everything that is wrong with these settings, each with its key.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (key, number) in [("clusters", self.clusters), ("choose_up_to", self.choose_up_to)] {
            if let Some(number) = number.filter(|number| !CLUSTERS.contains(number)) {
                problems.push(format!("`kmeans.{key}` is {number}, expected 2 to 100"));
            }
        }
        if self.clusters.is_some() && self.choose_up_to.is_some() {
            problems.push("`kmeans.clusters` and `kmeans.choose_up_to` are given: leave out one".to_owned());
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_and_numbers_of_clusters_are_checked() {
        assert!(CompositeOptions::default().problems().is_empty() && KmeansOptions::default().problems().is_empty());
        let zero = CompositeOptions { weights: [0.0; 3], ..CompositeOptions::default() };
        assert!(zero.problems()[0].contains("`score.composites.weights`: all weights are zero"));
        let both = KmeansOptions { clusters: Some(1), choose_up_to: Some(101) };
        assert_eq!(both.problems().len(), 3);
    }
}
