//! Known groups, laws, and the figures of other programs.

use rand::{RngExt as _, SeedableRng as _};

use super::*;

/// `per_group` points around each of the centres, without order.
fn clouds(centers: &[[f64; 2]], per_group: usize, width: f64) -> Points {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(3);
    let mut columns = vec![Vec::new(), Vec::new()];
    for _ in 0..per_group {
        for center in centers {
            for (column, c) in columns.iter_mut().zip(center) {
                column.push(c + width * (random.random::<f64>() - 0.5));
            }
        }
    }
    Points::new(columns).unwrap()
}

const FOUR: [[f64; 2]; 4] = [[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0]];

#[test]
fn clouds_that_are_apart_are_found_and_ranked_by_value() {
    let points = clouds(&FOUR, 500, 2.0);
    let mut found = learn(&points, Options { k: 4, ..Options::default() }).unwrap();
    found.rank(&[0.7, 0.3]);
    for (center, expected) in found.centers.iter().zip([[10.0, 10.0], [10.0, 0.0], [0.0, 10.0], [0.0, 0.0]]) {
        assert!(center.iter().zip(expected).all(|(x, c)| (x - c).abs() < 0.1), "{center:?}");
    }
    let groups = found.apply(&points).unwrap();
    assert_eq!(&groups[..4], [3, 1, 2, 0], "points follow the order of their clouds");
    assert_eq!(choose_k(&points, 7, Options::default()).unwrap().0, 4, "the silhouette finds four");
}

#[test]
fn the_same_groups_on_any_number_of_threads() {
    let points = clouds(&FOUR, 10_000, 12.0);
    let options = Options { k: 5, starts: 1, most_rounds: 20, ..Options::default() };
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| learn(&points, options).unwrap())
    };
    let bits = |found: &Centroids| -> Vec<u64> { found.centers.iter().flatten().map(|x| x.to_bits()).collect() };
    let alone = on(1);
    for threads in [2, 7] {
        let found = on(threads);
        assert_eq!((bits(&found), found.inertia.to_bits()), (bits(&alone), alone.inertia.to_bits()));
    }
}

#[test]
fn lloyd_from_given_centres_worked_by_hand() {
    // 0 1 | 9 10 11 from 0 and 9: means .5 and 10; then nothing moves; inertia .25 + .25 + 1 + 0 + 1
    let points = Points::new(vec![vec![0.0, 1.0, 9.0, 10.0, 11.0]]).unwrap();
    let found = learn_from(&points, vec![vec![0.0], vec![9.0]], 100).unwrap();
    assert_eq!(found, Centroids { centers: vec![vec![0.5], vec![10.0]], inertia: 2.5, rounds: 1 });
    // a centre without any near customer moves to the farthest point
    let found = learn_from(&points, vec![vec![5.0], vec![-90.0]], 100).unwrap();
    assert!((found.inertia - 2.5).abs() < 1e-12, "{found:?}");
    assert!(learn_from(&points, vec![vec![1.0, 2.0]], 9).is_err());
}

#[test]
fn too_few_different_customers_are_reported_with_what_to_set() {
    let points = Points::new(vec![vec![1.0, 1.0, 2.0, 0.0, -0.0]]).unwrap();
    let text = learn(&points, Options { k: 4, ..Options::default() }).unwrap_err().to_string();
    assert!(text.contains("only 3 different customers") && text.contains("set k to 3 or less"), "{text}");
    assert!(learn(&points, Options { k: 3, ..Options::default() }).unwrap().inertia < 1e-12);
    assert!(learn(&points, Options { k: 1, ..Options::default() }).is_err());
    assert!(Points::new(vec![]).is_err() && Points::new(vec![vec![f64::NAN]]).is_err());
    assert!(Points::new(vec![vec![1.0], vec![]]).is_err());
}

#[test]
fn centres_survive_the_way_through_json() {
    let found = learn(&clouds(&FOUR, 9, 1.0), Options { k: 3, ..Options::default() }).unwrap();
    let text = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<Centroids>(&text).unwrap(), found);
}
