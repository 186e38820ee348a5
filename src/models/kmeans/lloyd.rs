//! The rounds of Lloyd: every customer to the nearest centre, every centre to the mean of its group.
//!
//! Distances are computed for a block of points against one centre after the other, column by column, so that the
//! compiler can vectorise over points. Bounds by the triangle inequality, which avoid distances, need a memory access
//! per point and a branch that cannot be predicted: in four dimensions and with few centres that costs more than the
//! distance. A group that has lost all customers moves to the point farthest from its own centre.

use rayon::prelude::*;

use super::Centroids;
use super::points::Points;

/// Sums are made per chunk of this many points and added up in the order of chunks.
const CHUNK: usize = 1 << 14;
/// This many points at a time: their coordinates and distances stay in the first-level cache.
const BLOCK: usize = 512;

/// Runs until the inertia falls by no more than `tolerance` of itself, with 0 until nothing changes.
pub(super) fn lloyd(points: &Points, mut centers: Vec<Vec<f64>>, most_rounds: u32, tolerance: f64) -> Centroids {
    let mut inertia = f64::INFINITY;
    let mut rounds = 0;
    loop {
        let sums = assign(points, &centers);
        let fell_by = inertia - sums.inertia;
        let moved = sums.means(points, &centers);
        inertia = sums.inertia;
        if moved == centers || fell_by <= tolerance * inertia || rounds == most_rounds {
            // the inertia is that of the centres which are returned
            return Centroids { centers, inertia, rounds };
        }
        centers = moved;
        rounds += 1;
    }
}

/// The nearest centre of every point.
pub(super) fn labels(points: &Points, centers: &[Vec<f64>]) -> Vec<u16> {
    let mut labels = vec![0; points.len()];
    labels.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, labels)| {
        let mut nearest = Nearest::new();
        for (block, labels) in labels.chunks_mut(BLOCK).enumerate() {
            let start = chunk * CHUNK + block * BLOCK;
            nearest.find(points, centers, start..start + labels.len());
            for (label, &center) in labels.iter_mut().zip(&nearest.center) {
                *label = u16::try_from(center).unwrap_or(u16::MAX);
            }
        }
    });
    labels
}

/// The nearest centre of each point of a block, and the squared distance to it.
struct Nearest {
    distance: Vec<f64>,
    /// As wide as a distance, so that both are selected by one vector comparison.
    center: Vec<u64>,
    candidate: Vec<f64>,
}

impl Nearest {
    fn new() -> Self {
        Self { distance: vec![0.0; BLOCK], center: vec![0; BLOCK], candidate: vec![0.0; BLOCK] }
    }

    fn find(&mut self, points: &Points, centers: &[Vec<f64>], rows: std::ops::Range<usize>) {
        let length = rows.len();
        self.distance[..length].fill(f64::INFINITY);
        for (number, center) in (0_u64..).zip(centers) {
            let candidate = &mut self.candidate[..length];
            candidate.fill(0.0);
            for (column, &c) in points.columns().iter().zip(center) {
                for (sum, &x) in candidate.iter_mut().zip(&column[rows.clone()]) {
                    *sum += (x - c) * (x - c);
                }
            }
            let best = self.distance[..length].iter_mut().zip(&mut self.center[..length]);
            for ((distance, center), &candidate) in best.zip(candidate.iter()) {
                let nearer = candidate < *distance;
                *distance = if nearer { candidate } else { *distance };
                *center = if nearer { number } else { *center };
            }
        }
    }
}

/// What one round finds out about the groups.
struct Sums {
    coordinates: Vec<f64>,
    weights: Vec<f64>,
    inertia: f64,
    /// The largest weighted distances with their points, farthest first: as many as there are groups.
    far: Vec<(f64, usize)>,
}

fn assign(points: &Points, centers: &[Vec<f64>]) -> Sums {
    let chunks = points.len().div_ceil(CHUNK);
    let parts: Vec<Sums> = (0..chunks).into_par_iter().map(|chunk| Sums::of_chunk(points, centers, chunk)).collect();
    let mut all = Sums::none(centers);
    for part in parts {
        all.add(part);
    }
    all
}

impl Sums {
    fn none(centers: &[Vec<f64>]) -> Self {
        let dimensions = centers.first().map_or(0, Vec::len);
        let (coordinates, weights) = (vec![0.0; centers.len() * dimensions], vec![0.0; centers.len()]);
        Self { coordinates, weights, inertia: 0.0, far: Vec::new() }
    }

    fn of_chunk(points: &Points, centers: &[Vec<f64>], chunk: usize) -> Self {
        let (mut sums, mut nearest) = (Self::none(centers), Nearest::new());
        let dimensions = points.dimensions();
        let end = ((chunk + 1) * CHUNK).min(points.len());
        let mut farthest = (f64::NEG_INFINITY, 0);
        for start in (chunk * CHUNK..end).step_by(BLOCK) {
            let rows = start..(start + BLOCK).min(end);
            nearest.find(points, centers, rows.clone());
            for (row, (&distance, &center)) in rows.zip(nearest.distance.iter().zip(&nearest.center)) {
                let weight = points.weight(row);
                #[expect(clippy::cast_possible_truncation, reason = "the number of a centre")]
                let center = center as usize;
                sums.weights[center] += weight;
                sums.inertia += weight * distance;
                let own = &mut sums.coordinates[center * dimensions..][..dimensions];
                for (sum, column) in own.iter_mut().zip(points.columns()) {
                    *sum += weight * column[row];
                }
                if weight * distance > farthest.0 {
                    farthest = (weight * distance, row);
                }
            }
        }
        sums.far.push(farthest);
        sums
    }

    fn add(&mut self, part: Self) {
        self.inertia += part.inertia;
        for (sum, part) in self.coordinates.iter_mut().zip(part.coordinates) {
            *sum += part;
        }
        for (sum, part) in self.weights.iter_mut().zip(part.weights) {
            *sum += part;
        }
        self.far.extend(part.far);
        self.far.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        self.far.truncate(self.weights.len());
    }

    /// The mean of every group; an empty one gets the farthest point that no other empty one has.
    fn means(&self, points: &Points, centers: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let mut far = self.far.iter();
        let mean = |(center, old): (usize, &Vec<f64>)| {
            let weight = self.weights[center];
            if weight > 0.0 {
                let dimensions = old.len();
                return self.coordinates[center * dimensions..][..dimensions].iter().map(|sum| sum / weight).collect();
            }
            far.next().map_or_else(|| old.clone(), |&(_, row)| points.row(row).collect())
        };
        centers.iter().enumerate().map(mean).collect()
    }
}
