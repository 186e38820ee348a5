//! k-means: groups of customers around centres, such that the sum of squared distances to the own centre is small.
//!
//! Lloyd (1982) from starts by greedy k-means++ (Arthur and Vassilvitskii 2007). Several starts are tried on a weighted
//! sample, a lightweight coreset (Bachem, Lucic, Krause 2018), which keeps the few customers far out that decide where
//! centres lie; the best one is finished on all customers. Where there are no more customers than the sample holds, the
//! sample is all of them.
//!
//! The result depends on the points, their order and the seed alone: sums are made in chunks of a fixed size and added up
//! in their order, whatever the number of threads.

mod lloyd;
mod points;
mod seeding;
mod silhouette;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use lloyd::lloyd;
pub use points::Points;

/// Customers in the sample on which starts are tried.
const SAMPLE: usize = 1 << 16;
/// On the sample and on all customers, rounds end when the inertia falls by less than this part of itself.
const TOLERANCE: f64 = 1e-6;

/// How many groups, and how hard to look for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The number of groups, 2 or more; see [`choose_k`].
    pub k: usize,
    /// The seed of the random choices of starts.
    pub seed: u64,
    /// Starts that are tried on the sample.
    pub starts: u32,
    /// Rounds of Lloyd at most.
    pub most_rounds: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { k: 8, seed: 1, starts: 10, most_rounds: 300 }
    }
}

/// Learned centres: a value that is written with the run and can be applied to others.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Centroids {
    /// A row per group, in the order of the columns of the points.
    pub centers: Vec<Vec<f64>>,
    /// The sum of squared distances of the customers they were learned from.
    pub inertia: f64,
    /// Rounds of Lloyd on all customers.
    pub rounds: u32,
}

/// Finds `k` groups.
///
/// # Errors
/// A config error, where there are fewer than `k` different customers or `k` is below 2.
pub fn learn(points: &Points, options: Options) -> Result<Centroids> {
    check(points, options.k)?;
    let sample = seeding::coreset(points, SAMPLE, options.seed);
    let rounds = options.most_rounds;
    let tries = (0..u64::from(options.starts.max(1)))
        .map(|start| lloyd(&sample, seeding::plus_plus(&sample, options.k, options.seed, start), rounds, TOLERANCE));
    let best = tries.reduce(|best, next| if next.inertia < best.inertia { next } else { best });
    let best = best.ok_or_else(|| Error::bug("k-means without a start"))?;
    Ok(lloyd(points, best.centers, rounds, TOLERANCE))
}

/// Finds groups from given centres, by Lloyd alone, until no customer changes its group.
///
/// # Errors
/// A config error, where a centre does not have one number per column of the points.
pub fn learn_from(points: &Points, centers: Vec<Vec<f64>>, most_rounds: u32) -> Result<Centroids> {
    if centers.is_empty() || centers.iter().any(|center| center.len() != points.dimensions()) {
        return Err(Error::config(format!("the centres do not have {} numbers each", points.dimensions())));
    }
    Ok(lloyd(points, centers, most_rounds, 0.0))
}

/// The number of groups from 2 to `most` whose silhouette is largest, and the silhouette of each number tried.
///
/// The silhouette (Rousseeuw 1987) is measured on 2,000 customers at equal distances, in groups that are learned on the
/// sample.
///
/// # Errors
/// A config error, where there are no two different customers.
pub fn choose_k(points: &Points, most: usize, options: Options) -> Result<(usize, Vec<(usize, f64)>)> {
    let judged = points.spread_out(silhouette::CUSTOMERS);
    let distinct = distinct_up_to(points, most.max(2));
    let sample = seeding::coreset(points, SAMPLE, options.seed);
    let mut tried = Vec::new();
    for k in 2..=most.max(2).min(distinct.max(2)) {
        let found = learn(&sample, Options { k, ..options })?;
        tried.push((k, silhouette::mean(&judged, &found.apply(&judged)?, k)));
    }
    // of equal silhouettes the first, which has the smallest number of groups
    let best = tried.iter().fold((2, f64::NEG_INFINITY), |best, &next| if next.1 > best.1 { next } else { best });
    Ok((best.0, tried))
}

fn check(points: &Points, k: usize) -> Result<()> {
    if k < 2 || k > usize::from(u16::MAX) {
        return Err(Error::config(format!("k-means with k = {k}, expected 2 to {}", u16::MAX)));
    }
    let distinct = distinct_up_to(points, k);
    if distinct < k {
        return Err(Error::config(format!("k-means cannot make {k} groups"))
            .cause(format!("there are only {distinct} different customers in the measures that it groups by"))
            .hint(format!("set k to {distinct} or less, or group by more measures")));
    }
    Ok(())
}

/// The number of different points, counted no further than `enough`.
fn distinct_up_to(points: &Points, enough: usize) -> usize {
    let mut seen = BTreeSet::new();
    for row in 0..points.len() {
        // the bits of -0.0 and 0.0 differ, but adding 0.0 makes both the same
        seen.insert(points.row(row).map(|value| (value + 0.0).to_bits()).collect::<Vec<u64>>());
        if seen.len() >= enough {
            break;
        }
    }
    seen.len()
}

impl Centroids {
    /// The group of every customer: the nearest centre, of several the first.
    ///
    /// # Errors
    /// A config error, where the points have other columns than the centres.
    pub fn apply(&self, points: &Points) -> Result<Vec<u16>> {
        if self.centers.iter().any(|center| center.len() != points.dimensions()) {
            return Err(Error::config(format!("the centres are not made for {} measures", points.dimensions())));
        }
        Ok(lloyd::labels(points, &self.centers))
    }

    /// Renumbers the groups by weighted value, the sum of weight times coordinate, best first; of equal values the one
    /// with the larger first coordinates. Coordinates must be oriented so that larger is better.
    pub fn rank(&mut self, weights: &[f64]) {
        let value = |center: &[f64]| center.iter().zip(weights).map(|(x, weight)| x * weight).sum::<f64>();
        let by_coordinates = |a: &[f64], b: &[f64]| {
            let mut pairs = b.iter().zip(a).map(|(b, a)| b.total_cmp(a));
            pairs.find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
        };
        self.centers.sort_by(|a, b| value(b).total_cmp(&value(a)).then_with(|| by_coordinates(a, b)));
    }
}

#[cfg(test)]
mod tests;
