//! What a scoring learns of its customers: values that are written with the run, and that another run can apply.
//!
//! Does not live here: how they are learned (`score`, `models`), and what another run takes of them (`frozen`).

use serde::{Deserialize, Serialize};

use crate::models::ahp::Priorities;
use crate::models::kmeans::Centroids;
use crate::score::{Breaks, ValueScale};

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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LearnedClusters {
    /// Best first, in standardised measures.
    pub centroids: Centroids,
    /// The silhouettes of the numbers of clusters that were tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub silhouettes: Vec<(usize, f64)>,
}
