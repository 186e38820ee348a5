//! How well groups are apart: the mean silhouette (Rousseeuw 1987).
//!
//! For each point (b - a) / max(a, b): a is the mean distance to the others of its group, b the smallest mean distance to
//! another group; 0 for a point that is alone in its group.

use rayon::prelude::*;

use super::points::Points;

/// It takes the distances of all pairs, so it is measured on this many points.
pub(super) const CUSTOMERS: usize = 2_000;

/// The mean over all points; 0 if only one group has points.
pub(super) fn mean(points: &Points, groups: &[u16], k: usize) -> f64 {
    let mut sizes = vec![0.0; k];
    for &group in groups {
        sizes[usize::from(group)] += 1.0;
    }
    let all: f64 = sizes.iter().sum();
    let rows: Vec<f64> = (0..points.len()).into_par_iter().map(|row| silhouette(points, groups, &sizes, row)).collect();
    if all > 0.0 { rows.into_iter().sum::<f64>() / all } else { 0.0 }
}

fn silhouette(points: &Points, groups: &[u16], sizes: &[f64], row: usize) -> f64 {
    let own = usize::from(groups[row]);
    let here: Vec<f64> = points.row(row).collect();
    let mut sums = vec![0.0; sizes.len()];
    for (other, &group) in groups.iter().enumerate() {
        sums[usize::from(group)] += points.squared_distance(other, &here).sqrt();
    }
    let others = (0..sizes.len()).filter(|&group| group != own && sizes[group] > 0.0);
    let nearest = others.map(|group| sums[group] / sizes[group]).fold(f64::INFINITY, f64::min);
    if sizes[own] < 2.0 || nearest.is_infinite() {
        return 0.0;
    }
    let inside = sums[own] / (sizes[own] - 1.0);
    let larger = inside.max(nearest);
    if larger > 0.0 { (nearest - inside) / larger } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silhouette_as_scikit_learn_gives_it() {
        let points = Points::new(vec![vec![0.0, 1.0, 5.0, 6.0, 9.0], vec![0.0, 0.0, 1.0, 1.0, 0.0]]).unwrap();
        // sklearn.metrics.silhouette_score of these five in groups 0 0 1 1 2
        let found = mean(&points, &[0, 0, 1, 1, 2], 3);
        assert!((found - 0.609_100_897_877_950_5).abs() < 1e-15, "{found}");
        assert!(mean(&points, &[0; 5], 1).abs() < f64::EPSILON);
    }
}
