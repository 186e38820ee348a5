//! The adapter between weighted measures and k-means.
//!
//! Does not live here: how clusters are found (`models::kmeans`) and how measures are standardised (`score`).

use super::frozen::Frozen;
use super::learned::LearnedClusters;
use super::settings::Settings;
use super::value::Valued;
use crate::error::{Error, Result};
use crate::models::kmeans::{self, Options, Points};
use crate::score::on_request::KmeansOptions;
use crate::score::{Measure, ValueScale};
use crate::warnings::{Facts, Warning};

/// The clusters, best first.
#[derive(Debug)]
pub struct Clusters {
    /// Per customer the index of their cluster, from 0.
    pub of: Vec<u16>,
    /// How many there are.
    pub count: usize,
}

/// Clusters, what they were made with, and what a reader of them should know.
pub(super) struct Found {
    pub(super) clusters: Clusters,
    /// None where there are no customers.
    pub(super) learned: Option<LearnedClusters>,
    pub(super) warnings: Vec<Warning>,
}

/// The clusters of the customers, numbered by weighted value, and their centres, which no customers have none of.
pub(super) fn clusters(settings: &Settings, frozen: &Frozen, valued: &Valued, buyers: Option<&[u32]>) -> Result<Found> {
    let options = &settings.kmeans;
    if valued.values.is_empty() {
        let clusters = Clusters { of: Vec::new(), count: 0 };
        return Ok(Found { clusters, learned: None, warnings: Vec::new() });
    }
    let loaded = frozen.clusters(options)?;
    let mut warnings = Vec::new();
    let (points, log_scale) = if options.logarithms {
        let columns = logarithms(&valued.learned.scale, &valued.columns, &mut warnings);
        let scale = log_scale(settings, loaded, &columns, (valued, buyers))?;
        (scale.standardised(&columns, buyers), Some(scale))
    } else {
        (valued.learned.scale.standardised(&valued.columns, buyers), None)
    };
    let (points, scale) = (Points::new(points)?, log_scale.as_ref().unwrap_or(&valued.learned.scale));
    let mut learned = match loaded {
        Some(loaded) => LearnedClusters { centroids: loaded.centroids.clone(), ..LearnedClusters::default() },
        None => learn(options, &points, scale)?,
    };
    let of = learned.centroids.apply(&points)?;
    let count = learned.centroids.centers.len();
    learned.log_scale = log_scale;
    Ok(Found { clusters: Clusters { of, count }, learned: Some(learned), warnings })
}

/// The scale of the logarithms: that of an earlier run, or a new one.
fn log_scale(
    settings: &Settings,
    loaded: Option<&LearnedClusters>,
    columns: &[Vec<i64>],
    (valued, buyers): (&Valued, Option<&[u32]>),
) -> Result<ValueScale> {
    if let Some(scale) = loaded.and_then(|loaded| loaded.log_scale.clone()) {
        return Ok(scale);
    }
    let (options, weights) = (settings.score.value.effective(), valued.learned.scale.weights.clone());
    ValueScale::learn(&options, settings.money_scale.into(), weights, columns, buyers)
}

/// Logarithms are kept as whole numbers of 10^-9, so that their scale does not depend on the order of customers.
const LOG_UNITS: f64 = 1e9;

/// ln(1 + value), the value in days, orders or major units of money, and zero where it is below that.
fn logarithm(value: f64) -> f64 {
    value.max(0.0).ln_1p()
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "logarithms are below 44")]
fn logarithms(scale: &ValueScale, columns: &[Vec<i64>], warnings: &mut Vec<Warning>) -> Vec<Vec<i64>> {
    let mut of_measure = |(measure, column): (&Measure, &Vec<i64>)| -> Vec<i64> {
        let unit = unit_of(*measure, scale);
        let below = column.iter().filter(|value| **value < 0).count() as u64;
        if below > 0 {
            let measure = measure.column().to_owned();
            warnings.push(Facts::LogarithmsBelowZero { measure, customers: below }.into());
        }
        column.iter().map(|value| (logarithm(*value as f64 / unit) * LOG_UNITS).round() as i64).collect()
    };
    scale.measures.iter().zip(columns).map(&mut of_measure).collect()
}

/// How many of its whole numbers make a day, an order or a major unit of money.
fn unit_of(measure: Measure, scale: &ValueScale) -> f64 {
    10_f64.powf(f64::from(measure.decimals(scale.money_scale)))
}

fn learn(asked: &KmeansOptions, points: &Points, scale: &ValueScale) -> Result<LearnedClusters> {
    let options = Options::default();
    if !asked.centres.is_empty() {
        let centres = asked.centres.iter().map(|centre| standardised(centre, asked.logarithms, scale)).collect();
        let mut centroids = kmeans::learn_from(points, centres, options.most_rounds)?;
        centroids.rank(&scale.weights);
        return Ok(LearnedClusters { centroids, ..LearnedClusters::default() });
    }
    let (k, silhouettes) = match (asked.clusters, asked.choose_up_to) {
        (Some(k), _) => (k as usize, Vec::new()),
        (None, most) => kmeans::choose_k(points, most.unwrap_or_default() as usize, options)?,
    };
    let mut centroids = kmeans::learn(points, Options { k, ..options })?;
    centroids.rank(&scale.weights);
    Ok(LearnedClusters { centroids, silhouettes, log_scale: None })
}

/// A given centre on the scale of the points.
fn standardised(centre: &[f64], logarithms: bool, scale: &ValueScale) -> Vec<f64> {
    let pairs = centre.iter().zip(&scale.measures).zip(&scale.standards);
    let coordinate = |((value, measure), standard): ((&f64, &Measure), &crate::score::Standard)| {
        let value = if logarithms { logarithm(*value) * LOG_UNITS } else { value * unit_of(*measure, scale) };
        standard.of_real(value)
    };
    pairs.map(coordinate).collect()
}

impl Frozen {
    /// The frozen clusters; none where they are to be learned.
    ///
    /// # Errors
    /// A config error where the published run had none or another number of them, or made them of other values.
    pub fn clusters(&self, options: &KmeansOptions) -> Result<Option<&LearnedClusters>> {
        let Some(loaded) = self.learned_clusters()? else { return Ok(None) };
        let found = loaded.centroids.centers.len();
        if let Some(asked) = options.count().filter(|asked| *asked as usize != found) {
            return Err(Error::config(format!(
                "the earlier run has {found} clusters, `kmeans.clusters` asks for {asked}"
            ))
            .hint(format!("set `kmeans.clusters = {found}`, or leave out `score.breaks_from`")));
        }
        if loaded.log_scale.is_some() != options.logarithms {
            let theirs = loaded.log_scale.is_some();
            return Err(Error::config("the earlier run has clusters of other values")
                .cause(format!("there `kmeans.logarithms` is {theirs}, here {}", options.logarithms))
                .hint(format!("set `kmeans.logarithms = {theirs}`, or leave out `score.breaks_from`")));
        }
        Ok(Some(loaded))
    }
}
