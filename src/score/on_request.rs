//! Settings of what is published in addition to the scores on request: composites as columns, and clusters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::composites::standardise::Standardise;
use super::composites::weighted_value::ValueAxis;
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
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KmeansOptions {
    /// The number of clusters, 2 to 100. Without it and `choose_up_to` there are none.
    pub clusters: Option<u32>,
    /// Instead: the number from 2 to this one whose silhouette is largest.
    pub choose_up_to: Option<u32>,
    /// Whether the measures are put into logarithms, ln(1 + value), before they are standardised; values below zero count as zero.
    pub logarithms: bool,
    /// Instead of looking for starts: the centres to start from, a list of numbers each, one for each measure of `score.value`
    /// in its order and unit (days, orders, major units of money).
    pub centres: Vec<Vec<f64>>,
}

impl KmeansOptions {
    /// Whether clusters are requested.
    #[must_use]
    pub const fn is_asked_for(&self) -> bool {
        self.clusters.is_some() || self.choose_up_to.is_some() || !self.centres.is_empty()
    }

    /// How many clusters are asked for, where that is known.
    #[must_use]
    pub fn count(&self) -> Option<u32> {
        let given = u32::try_from(self.centres.len()).ok().filter(|given| *given > 0);
        given.or(self.clusters)
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
        if self.logarithms && !self.is_asked_for() {
            problems
                .push("`kmeans.logarithms` is set, but no clusters are asked for: set `kmeans.clusters`".to_owned());
        }
        problems
    }

    /// Everything that is wrong with given centres, where clusters are made of these measures.
    #[must_use]
    pub fn problems_of_centres(&self, value: &ValueAxis) -> Vec<String> {
        let (given, measures) = (self.centres.len(), value.measures.len());
        let mut problems = Vec::new();
        if given == 0 {
            return problems;
        }
        let mut refuse = |problem: String| problems.push(format!("`kmeans.centres` {problem}"));
        if u32::try_from(given).is_ok_and(|given| !CLUSTERS.contains(&given)) {
            refuse(format!("has {given} centres, expected 2 to 100"));
        }
        if self.clusters.is_some_and(|clusters| clusters as usize != given) || self.choose_up_to.is_some() {
            refuse(format!("has {given} centres: leave out `kmeans.clusters` and `kmeans.choose_up_to`"));
        }
        for (number, centre) in (1..).zip(&self.centres).filter(|(_, centre)| centre.len() != measures) {
            let names: Vec<&str> = value.measures.iter().map(|measure| measure.column()).collect();
            let (found, names) = (centre.len(), names.join(", "));
            refuse(format!("has {found} numbers in its centre {number}, expected {measures}: {names}"));
        }
        if self.centres.iter().flatten().any(|number| !number.is_finite()) {
            refuse("has something that is no number".to_owned());
        }
        if (1..given).any(|at| self.centres[..at].contains(&self.centres[at])) {
            refuse("has the same centre twice".to_owned());
        }
        if value.standardise == Standardise::Rank {
            refuse("needs a scale: ranks have none, set `score.value.standardise` to another".to_owned());
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
        let both = KmeansOptions { clusters: Some(1), choose_up_to: Some(101), ..KmeansOptions::default() };
        assert_eq!(both.problems().len(), 3);
        let idle = KmeansOptions { logarithms: true, ..KmeansOptions::default() };
        assert!(idle.problems()[0].contains("no clusters are asked for"));
    }

    #[test]
    fn given_centres_have_a_number_for_each_measure() {
        let value = ValueAxis::default();
        let of = |centres: &[&[f64]]| KmeansOptions {
            centres: centres.iter().map(|centre| centre.to_vec()).collect(),
            ..KmeansOptions::default()
        };
        let two = of(&[&[10.0, 5.0, 200.0], &[90.0, 1.0, 20.0]]);
        assert!(two.problems_of_centres(&value).is_empty() && two.count() == Some(2));
        let text = of(&[&[1.0, 2.0]]).problems_of_centres(&value).join("; ");
        assert!(text.contains("has 1 centres, expected 2 to 100"), "{text}");
        assert!(text.contains("2 numbers in its centre 1, expected 3: recency_days, orders, revenue"), "{text}");
        let twice = KmeansOptions { clusters: Some(3), ..of(&[&[1.0; 3], &[1.0; 3]]) };
        assert_eq!(twice.problems_of_centres(&value).len(), 2);
        let ranks = ValueAxis { standardise: Standardise::Rank, ..value };
        assert!(two.problems_of_centres(&ranks)[0].contains("ranks have none"));
        assert!(of(&[&[f64::NAN; 3], &[1.0; 3]]).problems_of_centres(&ValueAxis::default())[0].contains("no number"));
    }
}
