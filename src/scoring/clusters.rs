//! The adapter between weighted measures and k-means.
//!
//! Does not live here: how clusters are found (`models::kmeans`) and how measures are standardised (`score`).

use serde::Serialize;

use super::frozen::Frozen;
use super::one::Valued;
use crate::config::Config;
use crate::error::Result;
use crate::models::kmeans::{self, Centroids, Options, Points};
use crate::reports::tables::scorings::Clusters;

/// The centres of the clusters, for the manifest.
#[derive(Debug, Clone, Serialize)]
pub struct LearnedClusters {
    /// Best first, in standardised measures.
    pub centroids: Centroids,
    /// The silhouettes of the numbers of clusters that were tried.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub silhouettes: Vec<(usize, f64)>,
}

/// The clusters of the customers, numbered by weighted value; nothing where they are not asked for.
pub(crate) fn clusters(
    config: &Config,
    loaded: &Frozen,
    valued: Option<&Valued>,
) -> Result<Option<(Clusters, Option<LearnedClusters>)>> {
    let Some(valued) = valued.filter(|_| config.kmeans.is_asked_for()) else { return Ok(None) };
    if valued.values.is_empty() {
        return Ok(Some((Clusters { of: Vec::new(), count: 0 }, None)));
    }
    let scale = &valued.learned.scale;
    let columns = scale.standards.iter().zip(&valued.columns).map(|(standard, column)| standard.apply(column));
    let points = Points::new(columns.collect())?;
    let learned = match loaded.centroids(config.kmeans.clusters)? {
        Some(former) => LearnedClusters { centroids: former.clone(), silhouettes: Vec::new() },
        None => learn(config, &points, &scale.weights)?,
    };
    let of = learned.centroids.apply(&points)?;
    let count = learned.centroids.centers.len();
    Ok(Some((Clusters { of, count }, Some(learned))))
}

fn learn(config: &Config, points: &Points, weights: &[f64]) -> Result<LearnedClusters> {
    let options = Options::default();
    let (k, silhouettes) = match (config.kmeans.clusters, config.kmeans.choose_up_to) {
        (Some(k), _) => (k as usize, Vec::new()),
        (None, most) => kmeans::choose_k(points, most.unwrap_or_default() as usize, options)?,
    };
    let mut centroids = kmeans::learn(points, Options { k, ..options })?;
    centroids.rank(weights);
    Ok(LearnedClusters { centroids, silhouettes })
}
