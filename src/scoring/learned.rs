//! What a scoring learns of its customers: values that are written with the run, and that another run can apply.
//!
//! Does not live here: how they are learned (`score`, `models`), and what another run takes of them (`frozen`).

use serde::{Deserialize, Serialize};

use super::groups::GroupKey;
use crate::models::ahp::Priorities;
use crate::models::kmeans::Centroids;
use crate::score::options::Method;
use crate::score::{Breaks, ScoreCut, ValueScale};
use crate::segment::options::{OctantsOf, Threshold};

/// All of it. The names of the keys are those of manifests.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Learned {
    /// Breaks of the axes that have them.
    pub breaks: Vec<Breaks>,
    /// What the weighted value was made with, where it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<LearnedValue>,
    /// The centres of the clusters, where they were requested.
    #[serde(default, rename = "kmeans", skip_serializing_if = "Option::is_none")]
    pub clusters: Option<LearnedClusters>,
    /// The thresholds of the octants; only the run's own scoring has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub octants: Option<LearnedOctants>,
    /// With `score.by`: what was learned group by group; everything else is then of all customers.
    #[serde(default, rename = "score_groups", skip_serializing_if = "Option::is_none")]
    pub groups: Option<LearnedGroups>,
}

/// What was learned of the groups that have breaks of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LearnedGroups {
    /// The attributes that group the customers.
    pub by: Vec<String>,
    /// The groups, ascending.
    pub groups: Vec<LearnedGroup>,
}

/// What was learned of a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LearnedGroup {
    /// The values of its attributes.
    pub group: GroupKey,
    /// The keys `breaks`, `value` and `octants`.
    #[serde(flatten)]
    pub learned: Learned,
}

/// What separates high from low in the octants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LearnedOctants {
    /// The setting.
    pub threshold: Threshold,
    /// What is compared.
    pub of: OctantsOf,
    /// The breaks of recency, frequency and monetary value, where measures are compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<Breaks>,
    /// The same of the scores, where these are compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<ScoreCut>,
}

impl LearnedOctants {
    /// What a customer must be better than on each axis, in days, orders and major units of money, or as a score; with
    /// `pareto` the last value that is high. None where there was nobody to learn from.
    #[must_use]
    pub fn thresholds(&self) -> [Option<f64>; 3] {
        [0, 1, 2].map(|axis| match (self.breaks.get(axis), self.scores.get(axis)) {
            (Some(breaks), _) => breaks.thresholds.first().map(|threshold| {
                // A given number of days is kept as the last one that is fewer.
                let is_last_of_fewer = breaks.method == Method::Fixed && breaks.axis.fewer_is_better();
                threshold + f64::from(u8::from(is_last_of_fewer))
            }),
            (None, Some(cut)) => cut.threshold,
            (None, None) => None,
        })
    }
}

/// What the weighted value was made with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LearnedValue {
    /// The measures, their scales and weights.
    pub scale: ValueScale,
    /// Where the weights come from judgements: how consistent these are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ahp: Option<Priorities>,
}

/// The centres of the clusters.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LearnedClusters {
    /// Best first, in standardised measures.
    pub centroids: Centroids,
    /// The silhouettes of the numbers of clusters that were tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub silhouettes: Vec<(usize, f64)>,
    /// Where they are made of logarithms: the scale of these, in 10^-9; else that of the weighted value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_scale: Option<ValueScale>,
}
