//! Weights from pairwise judgements: the analytic hierarchy process.
//!
//! Saaty, The Analytic Hierarchy Process (1980). `a[i][j]` says how many times as important i is as j, and
//! `a[j][i] = 1 / a[i][j]`. The weights are the principal eigenvector, normalised to the sum 1; with the principal
//! eigenvalue lambda of n judged things, CI = (lambda - n) / (n - 1) and CR = CI / RI, where RI is the mean CI of random
//! judgements. From CR 0.10 on, judgements contradict one another too much to be used.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Saaty's random consistency index for 1 to 10 judged things.
const RANDOM_INDEX: [f64; 10] = [0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49];
/// A consistency ratio from here on is refused.
pub const CONSISTENCY_LIMIT: f64 = 0.10;
/// A judgement may miss the reciprocal by this share of it, so that 0.33 can be written for a third and 0.17 for a sixth;
/// a little more than the 5%, so that 0.35 for a third, which is exactly that far away, is not lost to rounding.
const RECIPROCAL_TOLERANCE: f64 = 0.05 + 1e-9;
/// Judgements whose distances from the weights differ by less are equally inconsistent, and the first is named: of
/// three things, all three judgements always are.
const DISTINCT: f64 = 1e-9;
/// The power method ends when no weight moves by more than this.
const PRECISION: f64 = 1e-16;
/// It converges by a factor of ten every few rounds, whatever the judgements.
const MOST_ROUNDS: usize = 10_000;

/// Two things, and how many times as important the first one is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The more important one.
    pub of: String,
    /// What it is compared with.
    pub over: String,
    /// As judged.
    pub judged: f64,
    /// As implied by the weights, to which all judgements contribute.
    pub implied: f64,
}

/// The weights, and how consistent the judgements are. All of it is written to the manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Priorities {
    /// What was judged.
    pub names: Vec<String>,
    /// In the order of the names; their sum is 1.
    pub weights: Vec<f64>,
    /// The principal eigenvalue; n where all judgements agree.
    pub lambda_max: f64,
    /// (lambda - n) / (n - 1).
    pub consistency_index: f64,
    /// The index divided by Saaty's random index; 0 for two things, which cannot contradict one another.
    pub consistency_ratio: f64,
    /// The judgement farthest from the weights; none where all agree.
    pub least_consistent: Option<Judgement>,
}

/// Weighs `names` by the square matrix of judgements.
///
/// # Errors
/// A config error with every problem of the matrix; where it is inconsistent and that is not allowed, with the judgement
/// that fits least.
pub fn priorities(names: &[&str], judgements: &[Vec<f64>], allow_inconsistent: bool) -> Result<Priorities> {
    let problems = problems(names, judgements);
    if !problems.is_empty() {
        return Err(Error::config("the AHP judgements are no reciprocal matrix")
            .causes(problems)
            .hint("write a row and a column for each name: how many times as important the row is as the column"));
    }
    let matrix = reciprocal(judgements);
    let (weights, lambda_max) = principal_eigenvector(&matrix);
    let n = size(names.len());
    let consistency_index = ((lambda_max - n) / (n - 1.0)).max(0.0);
    let random_index = RANDOM_INDEX[names.len() - 1];
    let consistency_ratio = if random_index > 0.0 { consistency_index / random_index } else { 0.0 };
    let least_consistent = least_consistent(names, &matrix, &weights);
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    let found = Priorities { names, weights, lambda_max, consistency_index, consistency_ratio, least_consistent };
    if found.consistency_ratio < CONSISTENCY_LIMIT || allow_inconsistent {
        Ok(found)
    } else {
        Err(inconsistent(&found))
    }
}

fn problems(names: &[&str], judgements: &[Vec<f64>]) -> Vec<String> {
    let n = names.len();
    let mut problems = Vec::new();
    if !(2..=RANDOM_INDEX.len()).contains(&n) {
        problems.push(format!("{n} things are judged, expected 2 to {}", RANDOM_INDEX.len()));
    }
    if judgements.len() != n {
        problems.push(format!("the matrix has {} rows, expected {n}", judgements.len()));
    }
    for (row, name) in judgements.iter().zip(names).filter(|(row, _)| row.len() != n) {
        problems.push(format!("the row of `{name}` has {} numbers, expected {n}", row.len()));
    }
    if !problems.is_empty() {
        return problems;
    }
    for (i, row) in judgements.iter().enumerate() {
        for (j, &judged) in row.iter().enumerate().take(i + 1) {
            let (of, over, back) = (names[i], names[j], judgements[j][i]);
            let fits = |value: f64| value.is_finite() && value > 0.0;
            if !fits(judged) || !fits(back) {
                problems.push(format!("`{of}` over `{over}` is {judged} and {back} back, expected numbers above zero"));
            } else if i == j && (judged - 1.0).abs() > f64::EPSILON {
                problems.push(format!("`{of}` over itself is {judged}, expected 1"));
            } else if (judged * back - 1.0).abs() > RECIPROCAL_TOLERANCE {
                let expected = 1.0 / back;
                problems.push(format!("`{of}` over `{over}` is {judged}, but {back} back: expected {expected:.4}"));
            }
        }
    }
    problems
}

/// The matrix with exact reciprocals: of a pair the number of 1 or more counts, since it is the one that is not rounded.
fn reciprocal(judgements: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let entry = |i: usize, j: usize| {
        let (judged, back) = (judgements[i][j], judgements[j][i]);
        if judged >= back { judged } else { 1.0 / back }
    };
    (0..judgements.len()).map(|i| (0..judgements.len()).map(|j| entry(i, j)).collect()).collect()
}

/// By the power method: w becomes A w, normalised to the sum 1. All entries are above zero, so that it converges
/// (Perron, Frobenius); the sum of A w is then the eigenvalue.
fn principal_eigenvector(matrix: &[Vec<f64>]) -> (Vec<f64>, f64) {
    let mut weights = vec![1.0 / size(matrix.len()); matrix.len()];
    let mut lambda = 0.0;
    for _ in 0..MOST_ROUNDS {
        let product = |row: &Vec<f64>| row.iter().zip(&weights).map(|(entry, weight)| entry * weight).sum();
        let next: Vec<f64> = matrix.iter().map(product).collect();
        lambda = next.iter().sum();
        let next: Vec<f64> = next.into_iter().map(|weight| weight / lambda).collect();
        let moved = weights.iter().zip(&next).map(|(old, new)| (old - new).abs()).fold(0.0, f64::max);
        weights = next;
        if moved <= PRECISION {
            break;
        }
    }
    (weights, lambda)
}

fn least_consistent(names: &[&str], matrix: &[Vec<f64>], weights: &[f64]) -> Option<Judgement> {
    let mut worst: Option<(f64, Judgement)> = None;
    for (i, row) in matrix.iter().enumerate() {
        for (j, &judged) in
            row.iter().enumerate().filter(|&(j, &judged)| j != i && (judged > 1.0 || (judged >= 1.0 && i < j)))
        {
            let implied = weights[i] / weights[j];
            let distance = (judged / implied).ln().abs();
            if distance > worst.as_ref().map_or(0.0, |(worst, _)| *worst) + DISTINCT {
                let (of, over) = (names[i].to_owned(), names[j].to_owned());
                worst = Some((distance, Judgement { of, over, judged, implied }));
            }
        }
    }
    worst.map(|(_, judgement)| judgement)
}

fn inconsistent(found: &Priorities) -> Error {
    let error = Error::config("the AHP judgements contradict one another")
        .cause(format!("their consistency ratio is {:.3}, expected below {CONSISTENCY_LIMIT}", found.consistency_ratio))
        .hint("change that judgement towards what the others say, or set `allow_inconsistent = true`");
    let Some(Judgement { of, over, judged, implied }) = &found.least_consistent else { return error };
    let said =
        format!("the least consistent one is `{of}` over `{over}`: {judged}, where all together say {implied:.2}");
    error.cause(said)
}

#[expect(clippy::cast_precision_loss, reason = "at most ten things")]
fn size(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "1 9 5; 1/9 1 1/3; ..." as books print it.
    fn matrix(text: &str) -> Vec<Vec<f64>> {
        let number = |entry: &str| match entry.split_once('/') {
            Some((over, under)) => over.parse::<f64>().unwrap() / under.parse::<f64>().unwrap(),
            None => entry.parse().unwrap(),
        };
        text.split(';').map(|row| row.split_whitespace().map(number).collect()).collect()
    }

    const NAMES: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

    fn weigh(text: &str) -> Priorities {
        let judgements = matrix(text);
        priorities(&NAMES[..judgements.len()], &judgements, true).unwrap()
    }

    fn printed(found: &Priorities, decimals: usize) -> Vec<String> {
        found.weights.iter().map(|weight| format!("{weight:.decimals$}")).collect()
    }

    const DRINKS: &str = "1 9 5 2 1 1 1/2; 1/9 1 1/3 1/9 1/9 1/9 1/9; 1/5 3 1 1/3 1/4 1/3 1/9; 1/2 9 3 1 1/2 1 1/3; \
        1 9 4 2 1 2 1/2; 1 9 3 1 1/2 1 1/3; 2 9 9 3 2 3 1";
    const HOUSE: &str = "1 5 3 7 6 6 1/3 1/4; 1/5 1 1/3 5 3 3 1/5 1/7; 1/3 3 1 6 3 4 6 1/5; \
        1/7 1/5 1/6 1 1/3 1/4 1/7 1/8; 1/6 1/3 1/3 3 1 1/2 1/5 1/6; 1/6 1/3 1/4 4 2 1 1/5 1/6; \
        3 5 1/6 7 5 5 1 1/2; 4 7 5 8 6 6 2 1";
    const NATIONS: &str = "1 4 9 6 6 5 5; 1/4 1 7 5 5 3 4; 1/9 1/7 1 1/5 1/5 1/7 1/5; 1/6 1/5 5 1 1 1/3 1/3; \
        1/6 1/5 5 1 1 1/3 1/3; 1/5 1/3 7 3 3 1 2; 1/5 1/4 5 3 3 1/2 1";

    #[test]
    fn drinks_as_printed_in_saaty_2008() {
        // Decision making with the analytic hierarchy process, Int. J. Services Sciences 1(1): coffee .177, wine .019,
        // tea .042, beer .116, sodas .190, milk .129, water .327; CR .022
        let found = weigh(DRINKS);
        assert_eq!(printed(&found, 3), ["0.177", "0.019", "0.042", "0.116", "0.190", "0.129", "0.327"]);
        assert_eq!(format!("{:.3}", found.consistency_ratio), "0.022");
    }

    #[test]
    fn buying_a_house_as_printed_in_saaty_1990() {
        // How to make a decision, EJOR 48: lambda 9.669, CI .238, CR .169
        let found = weigh(HOUSE);
        assert_eq!(printed(&found, 3), ["0.173", "0.054", "0.188", "0.018", "0.031", "0.036", "0.167", "0.333"]);
        assert_eq!(format!("{:.3}", found.lambda_max), "9.669");
        assert_eq!(format!("{:.3}", found.consistency_index), "0.238");
        assert_eq!(format!("{:.3}", found.consistency_ratio), "0.169");
    }

    #[test]
    fn wealth_of_nations_as_printed_in_saaty_1980() {
        let found = weigh(NATIONS);
        assert_eq!(printed(&found, 3), ["0.427", "0.230", "0.021", "0.052", "0.052", "0.123", "0.094"]);
        assert_eq!(format!("{:.2} {:.2}", found.lambda_max, found.consistency_ratio), "7.61 0.08");
    }

    #[test]
    fn eigenvectors_as_numpy_gives_them() {
        // numpy.linalg.eig of the same matrices
        let close = |found: &[f64], expected: &[f64]| found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-13);
        let found = weigh(DRINKS);
        let expected = [
            0.177_456_747_445_716_96,
            0.019_149_476_024_353_598,
            0.041_831_181_662_097_865,
            0.116_417_031_734_858_65,
            0.189_572_375_326_176_24,
            0.128_780_548_538_722_48,
            0.326_792_639_268_074,
        ];
        assert!(close(&found.weights, &expected) && (found.lambda_max - 7.176_629_039_330_35).abs() < 1e-12);
        let found = weigh("1 2 3; 1/2 1 2; 1/3 1/2 1");
        let expected = [0.539_614_550_221_075, 0.296_961_331_212_497, 0.163_424_118_566_428];
        assert!(close(&found.weights, &expected) && (found.lambda_max - 3.009_202_712_714_28).abs() < 1e-12);
        let found = weigh(
            "1 4 3 1 3 4; 1/4 1 7 3 1/5 1; 1/3 1/7 1 1/5 1/5 1/6; 1 1/3 5 1 1 1/3; 1/3 5 5 1 1 3; 1/4 1 6 3 1/3 1",
        );
        assert_eq!(printed(&found, 2), ["0.32", "0.14", "0.03", "0.13", "0.24", "0.14"], "schools, Saaty 1980");
        assert!((found.lambda_max - 7.419_870_101_921_28).abs() < 1e-12);
    }

    #[test]
    fn judgements_that_agree_have_ratio_zero_and_two_things_always_agree() {
        let found = weigh("1 2 6; 1/2 1 3; 1/6 1/3 1");
        assert!((found.weights[0] - 0.6).abs() < 1e-15 && found.consistency_ratio < 1e-12, "{found:?}");
        assert_eq!(found.least_consistent, None);
        let two = weigh("1 9; 0.11 1");
        assert!((two.weights[0] - 0.9).abs() < 1e-15, "the nine counts, not its rounded reciprocal");
        assert!(two.consistency_ratio.abs() < f64::EPSILON);
    }

    #[test]
    fn an_inconsistent_matrix_is_refused_with_the_judgement_that_fits_least() {
        // recency over frequency 3, frequency over monetary 4, and yet monetary over recency 3
        let names = ["recency", "frequency", "monetary"];
        let judgements = matrix("1 3 1/3; 1/3 1 4; 3 1/4 1");
        let text = priorities(&names, &judgements, false).unwrap_err().to_string();
        assert!(text.contains("their consistency ratio is ") && text.contains("expected below 0.1"), "{text}");
        assert!(
            text.contains("the least consistent one is `recency` over `frequency`: 3, where all together say 0.91"),
            "{text}"
        );
        assert!(text.contains("or set `allow_inconsistent = true`"), "{text}");
        assert!(priorities(&names, &judgements, true).unwrap().consistency_ratio > 1.0);
    }

    #[test]
    fn every_problem_of_a_matrix_is_listed_at_once() {
        let refused = |names: &[&str], text| priorities(names, &matrix(text), false).unwrap_err().to_string();
        let text = refused(&["r", "f", "m"], "1 2 3; 1/3 2 0; 1/3 1 1");
        assert!(text.contains("`f` over `r` is 0.3333333333333333, but 2 back: expected 0.5000"), "{text}");
        assert!(text.contains("`f` over itself is 2, expected 1"), "{text}");
        assert!(text.contains("`m` over `f` is 1 and 0 back, expected numbers above zero"), "{text}");
        assert!(refused(&["r", "f"], "1 2 3; 1/2 1").contains("the row of `r` has 3 numbers, expected 2"));
        assert!(refused(&["r"], "1").contains("1 things are judged, expected 2 to 10"));
    }
}
