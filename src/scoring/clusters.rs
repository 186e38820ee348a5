//! The adapter between weighted measures and k-means.
//!
//! Does not live here: how clusters are found (`models::kmeans`) and how measures are standardised (`score`).

use super::frozen::Frozen;
use super::learned::LearnedClusters;
use super::value::Valued;
use crate::error::Result;
use crate::models::kmeans::{self, Options, Points};
use crate::score::on_request::KmeansOptions;

/// The clusters, best first.
#[derive(Debug)]
pub struct Clusters {
    /// Per customer the index of their cluster, from 0.
    pub of: Vec<u16>,
    /// How many there are.
    pub count: usize,
}

/// The clusters of the customers, numbered by weighted value, and their centres, which no customers have none of.
pub(crate) fn clusters(
    options: &KmeansOptions,
    frozen: &Frozen,
    valued: &Valued,
    buyers: Option<&[u32]>,
) -> Result<(Clusters, Option<LearnedClusters>)> {
    if valued.values.is_empty() {
        return Ok((Clusters { of: Vec::new(), count: 0 }, None));
    }
    let scale = &valued.learned.scale;
    let points = Points::new(scale.standardised(&valued.columns, buyers))?;
    let learned = match frozen.centroids(options.clusters)? {
        Some(frozen) => LearnedClusters { centroids: frozen.clone(), silhouettes: Vec::new() },
        None => learn(options, &points, &scale.weights)?,
    };
    let of = learned.centroids.apply(&points)?;
    let count = learned.centroids.centers.len();
    Ok((Clusters { of, count }, Some(learned)))
}

fn learn(asked: &KmeansOptions, points: &Points, weights: &[f64]) -> Result<LearnedClusters> {
    let options = Options::default();
    let (k, silhouettes) = match (asked.clusters, asked.choose_up_to) {
        (Some(k), _) => (k as usize, Vec::new()),
        (None, most) => kmeans::choose_k(points, most.unwrap_or_default() as usize, options)?,
    };
    let mut centroids = kmeans::learn(points, Options { k, ..options })?;
    centroids.rank(weights);
    Ok(LearnedClusters { centroids, silhouettes })
}
