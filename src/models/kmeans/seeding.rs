//! Where k-means starts: a small weighted sample of the points, and k-means++ on it.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::points::Points;

/// Sums are made per chunk of this many points and added up in the order of chunks.
const CHUNK: usize = 1 << 14;

/// A lightweight coreset: half of the choices fall on every point with the same probability, half in proportion to the
/// squared distance from the mean, and each chosen point weighs as many as it represents. All points if there are no
/// more than `size`.
pub(super) fn coreset(points: &Points, size: usize, seed: u64) -> Points {
    let n = points.len();
    if n <= size {
        return points.clone();
    }
    let mean: Vec<f64> = points.columns().iter().map(|column| chunked(n, |row| column[row]) / float(n)).collect();
    let spread = chunked(n, |row| points.squared_distance(row, &mean));
    let share = |row: usize| {
        let far = if spread > 0.0 { points.squared_distance(row, &mean) / spread } else { 1.0 / float(n) };
        f64::midpoint(1.0 / float(n), far)
    };
    // systematic sampling: one random offset, then equal steps through the shares laid end to end
    let offset: f64 = random(seed, u64::MAX).random();
    let (mut chosen, mut reached, mut wanted) = (Vec::with_capacity(size), 0.0, offset);
    for row in 0..n {
        let steps = share(row) * float(size);
        reached += steps;
        let mut times = 0.0;
        while wanted < reached {
            wanted += 1.0;
            times += 1.0;
        }
        if times > 0.0 {
            chosen.push((row, times / steps));
        }
    }
    points.pick(&chosen)
}

/// Greedy k-means++: each next centre is drawn in proportion to weight and squared distance from the nearest centre so
/// far; of a few draws the one that leaves the smallest sum of distances is kept.
pub(super) fn plus_plus(points: &Points, k: usize, seed: u64, start: u64) -> Vec<Vec<f64>> {
    let mut random = random(seed, start);
    let n = points.len();
    let draws = 2 + k.ilog2();
    let weights: Vec<f64> = (0..n).map(|row| points.weight(row)).collect();
    let first = draw(&weights, random.random());
    let mut centers: Vec<Vec<f64>> = vec![points.row(first).collect()];
    let mut nearest: Vec<f64> = (0..n).map(|row| weights[row] * points.squared_distance(row, &centers[0])).collect();
    while centers.len() < k {
        let mut best: Option<(f64, Vec<f64>, Vec<f64>)> = None;
        for _ in 0..draws {
            let center: Vec<f64> = points.row(draw(&nearest, random.random())).collect();
            let distance = |row: usize| nearest[row].min(weights[row] * points.squared_distance(row, &center));
            let left: Vec<f64> = (0..n).map(distance).collect();
            let sum: f64 = left.iter().sum();
            if best.as_ref().is_none_or(|(least, ..)| sum < *least) {
                best = Some((sum, center, left));
            }
        }
        let Some((_, center, left)) = best else { break };
        centers.push(center);
        nearest = left;
    }
    centers
}

/// The index at which the sizes, laid end to end, reach this part of their sum.
fn draw(sizes: &[f64], part: f64) -> usize {
    let wanted = part * sizes.iter().sum::<f64>();
    let mut reached = 0.0;
    let found = sizes.iter().position(|size| {
        reached += size;
        reached > wanted
    });
    found.unwrap_or(sizes.len() - 1)
}

fn random(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(stream);
    random
}

/// A sum that does not depend on the number of threads.
fn chunked(n: usize, value: impl Fn(usize) -> f64 + Sync) -> f64 {
    let sum = |chunk: usize| (chunk * CHUNK..((chunk + 1) * CHUNK).min(n)).map(&value).sum();
    let parts: Vec<f64> = (0..n.div_ceil(CHUNK)).into_par_iter().map(sum).collect();
    parts.into_iter().sum()
}

#[expect(clippy::cast_precision_loss, reason = "a number of customers")]
fn float(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coreset_weighs_as_much_as_all_points_and_keeps_those_far_out() {
        let mut column: Vec<f64> = (0..100_000_u32).map(|i| f64::from(i % 100)).collect();
        column[77_777] = 1e6;
        let points = Points::new(vec![column]).unwrap();
        let sample = coreset(&points, 1_000, 7);
        assert!(sample.len() <= 1_000);
        let total: f64 = (0..sample.len()).map(|row| sample.weight(row)).sum();
        assert!((total / 1e5 - 1.0).abs() < 0.05, "{total}");
        let far = (0..sample.len()).find(|&row| sample.row(row).eq([1e6])).unwrap();
        assert!((sample.weight(far) - 1.0).abs() < 0.01);
        assert_eq!(coreset(&points, 1_000, 7), sample);
        assert_eq!(coreset(&points, 100_000, 7), points);
    }

    #[test]
    fn centres_are_different_points_as_long_as_there_are_some() {
        let points = Points::new(vec![vec![0.0, 0.0, 1.0, 5.0], vec![0.0, 0.0, 1.0, 5.0]]).unwrap();
        for start in 0..20 {
            let mut centers = plus_plus(&points, 3, 1, start);
            centers.sort_by(|a, b| a[0].total_cmp(&b[0]));
            assert_eq!(centers, [[0.0, 0.0], [1.0, 1.0], [5.0, 5.0]]);
        }
    }
}
