//! Rates of cells, drawn to what all of them have in common: a small cell tells little of itself.
//!
//! The rates of cells are taken to come from a beta distribution, whose alpha and beta are found by maximum likelihood over the cells. A
//! cell's rate is then the mean of what is known of it: (alpha + k) / (alpha + beta + n). Where cells differ no more than chance makes
//! them, all have the pooled rate. Source: Griffiths (1973), Biometrics 29; Tarone (1979), Biometrika 66, for the test at the border.

use super::number;
use super::rates::Rate;
use crate::models::fitting::minimise::minimise;
use crate::models::numeric::special::{digamma, ln_gamma_ratio};

/// Beyond this sum of alpha and beta the cells' own responses count for nothing.
const MOST_PRIOR: f64 = 1e9;
/// Slopes below this are flat, per contact.
const FLAT: f64 = 1e-10;

/// What cells have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shrinkage {
    /// Their rates are spread as a beta distribution.
    Beta {
        /// Alpha: as if so many had responded more.
        alpha: f64,
        /// Beta: as if so many had not.
        beta: f64,
    },
    /// They have one rate.
    Pooled {
        /// The rate of all.
        rate: f64,
        /// Why there is nothing to tell them apart.
        why: Pooled,
    },
}

/// Why all cells have the pooled rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooled {
    /// There is one cell.
    OneCell,
    /// Cells differ no more than chance makes them.
    NoDispersion,
}

impl Shrinkage {
    /// Learns from the rates of cells; none where nobody was contacted.
    #[must_use]
    pub fn learn(cells: &[Rate]) -> Option<Self> {
        let cells: Vec<Rate> = cells.iter().copied().filter(|cell| cell.contacts > 0).collect();
        let sum = |of: fn(&Rate) -> u64| cells.iter().map(of).sum::<u64>();
        let all = Rate { responders: sum(|cell| cell.responders), contacts: sum(|cell| cell.contacts) };
        let rate = all.share()?;
        if cells.len() == 1 {
            return Some(Self::Pooled { rate, why: Pooled::OneCell });
        }
        let pooled = Self::Pooled { rate, why: Pooled::NoDispersion };
        if !differs_more_than_by_chance(&cells, rate) {
            return Some(pooled);
        }
        let likelihood = |at: &[f64; 2]| slope(&cells, at);
        let tolerance = FLAT * number(all.contacts).max(1.0);
        let starts = [10.0_f64, 100.0, 1_000.0].map(|prior| [(prior * rate).ln(), (prior * (1.0 - rate)).ln()]);
        let found = starts.map(|start| minimise(&likelihood, start, None, tolerance));
        let best = found.into_iter().min_by(|one, two| one.value.total_cmp(&two.value))?;
        let [alpha, beta] = best.at.map(f64::exp);
        let is_sound = alpha.is_finite() && beta.is_finite() && alpha + beta <= MOST_PRIOR;
        Some(if is_sound { Self::Beta { alpha, beta } } else { pooled })
    }

    /// The rate to expect of a cell with these responses.
    #[must_use]
    pub fn rate(self, cell: Rate) -> f64 {
        match self {
            Self::Beta { alpha, beta } => (alpha + number(cell.responders)) / (alpha + beta + number(cell.contacts)),
            Self::Pooled { rate, .. } => rate,
        }
    }

    /// The rate to expect of a cell that nothing is known of.
    #[must_use]
    pub fn mean(self) -> f64 {
        self.rate(Rate { responders: 0, contacts: 0 })
    }
}

/// Whether the likelihood grows from the border where all cells have one rate: its slope there in 1 / (alpha + beta).
fn differs_more_than_by_chance(cells: &[Rate], rate: f64) -> bool {
    if rate <= 0.0 || rate >= 1.0 {
        return false;
    }
    let slope = |cell: &Rate| {
        let (k, n) = (number(cell.responders), number(cell.contacts));
        let others = n - k;
        k * (k - 1.0) / rate + others * (others - 1.0) / (1.0 - rate) - n * (n - 1.0)
    };
    cells.iter().map(slope).sum::<f64>() > 0.0
}

/// Minus the log-likelihood at ln alpha and ln beta, and its slopes.
fn slope(cells: &[Rate], at: &[f64; 2]) -> (f64, [f64; 2]) {
    let [alpha, beta] = at.map(f64::exp);
    let (mut value, mut slopes) = (0.0, [0.0; 2]);
    let of_all = (alpha + beta, digamma(alpha + beta));
    for cell in cells {
        let (k, n) = (number(cell.responders), number(cell.contacts));
        value += ln_gamma_ratio(alpha, k) + ln_gamma_ratio(beta, n - k) - ln_gamma_ratio(of_all.0, n);
        let common = digamma(of_all.0 + n) - of_all.1;
        slopes[0] += alpha * (digamma(alpha + k) - digamma(alpha) - common);
        slopes[1] += beta * (digamma(beta + n - k) - digamma(beta) - common);
    }
    (-value, slopes.map(|slope| -slope))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(cells: &[(u64, u64)]) -> Vec<Rate> {
        cells.iter().map(|(responders, contacts)| Rate { responders: *responders, contacts: *contacts }).collect()
    }

    /// `scipy.optimize.minimize` (Nelder-Mead, 1.17.1) of minus the sum of `betaln(a + k, b + n - k) - betaln(a, b)` gives alpha
    /// 1.8847833, beta 36.0889944, and (alpha + k) / (alpha + beta + n) as below.
    #[test]
    fn alpha_and_beta_are_those_of_maximum_likelihood() {
        let cells = rates(&[(12, 400), (30, 420), (5, 380), (44, 510), (9, 350), (25, 410), (2, 300), (60, 600)]);
        let found = Shrinkage::learn(&cells).unwrap();
        let Shrinkage::Beta { alpha, beta } = found else { panic!("{found:?}") };
        assert!((alpha / 1.884_783_3 - 1.0).abs() < 1e-6 && (beta / 36.088_994_4 - 1.0).abs() < 1e-6, "{alpha} {beta}");
        let expected = [
            0.031_702_316_5,
            0.069_621_416_9,
            0.016_471_806_8,
            0.083_735_363_2,
            0.028_055_461_4,
            0.060_014_189_8,
            0.011_494_333_6,
            0.097_002_079_8,
        ];
        for (cell, expected) in cells.iter().zip(expected) {
            assert!((found.rate(*cell) / expected - 1.0).abs() < 1e-6, "{cell:?}");
        }
        assert!((found.mean() / 0.049_633_812_1 - 1.0).abs() < 1e-6);
    }

    #[test]
    fn cells_that_chance_alone_tells_apart_have_the_pooled_rate() {
        let found = Shrinkage::learn(&rates(&[(10, 200), (11, 200), (9, 200), (10, 200)])).unwrap();
        assert_eq!(found, Shrinkage::Pooled { rate: 0.05, why: Pooled::NoDispersion });
        assert!((found.rate(Rate { responders: 9, contacts: 10 }) - 0.05).abs() < 1e-15);
    }

    #[test]
    fn one_cell_and_none() {
        let one = Shrinkage::learn(&rates(&[(3, 100), (0, 0)]));
        assert_eq!(one, Some(Shrinkage::Pooled { rate: 0.03, why: Pooled::OneCell }));
        assert_eq!(Shrinkage::learn(&rates(&[(0, 0)])), None);
        let silent = Shrinkage::learn(&rates(&[(0, 100), (0, 50)]));
        assert_eq!(silent, Some(Shrinkage::Pooled { rate: 0.0, why: Pooled::NoDispersion }));
    }

    #[test]
    fn cells_that_all_or_none_respond_in_are_told_apart() {
        let cells = rates(&[(0, 100), (100, 100), (0, 80), (80, 80)]);
        let found = Shrinkage::learn(&cells).unwrap();
        assert!(found.rate(cells[0]) < 0.1 && found.rate(cells[1]) > 0.9, "{found:?}");
    }
}
