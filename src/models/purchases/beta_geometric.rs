//! What BG/NBD and MBG/NBD share: gamma purchase rates, and beta dropout probabilities at purchases.
//!
//! The models differ in whether the first purchase is a chance to drop out; here that is the number of chances.

use super::two_endings::Term;
use crate::models::numeric::special::{digamma, ln_beta, ln_gamma_ratio};

/// The parts of a likelihood that depend on x and the parameters r, alpha, a, b alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OfX {
    shape: f64,
    pub(crate) common: Term,
    not_yet: Term,
    gone: Term,
}

impl OfX {
    /// `x` repeat purchases, of which each was one of `chances` to drop out.
    pub(crate) fn new([r, alpha, a, b]: [f64; 4], x: u32, chances: u32) -> Self {
        let (repeats, passed) = (f64::from(x), f64::from(chances));
        let prior = beta(a, b);
        let common = Term {
            ln: ln_gamma_ratio(r, repeats) + r * alpha.ln() - prior.ln,
            slopes: [digamma(r + repeats) - digamma(r) + alpha.ln(), r / alpha, -prior.slopes[2], -prior.slopes[3]],
        };
        let gone = if chances == 0 { Term::NOTHING } else { beta(a + 1.0, b + passed - 1.0) };
        Self { shape: r + repeats, common, not_yet: beta(a, b + passed), gone }
    }

    /// ln B(a, b + chances) - (r+x) ln(alpha+T).
    pub(crate) fn not_yet(&self, alpha: f64, t_cal: f64) -> Term {
        waited(&self.not_yet, self.shape, alpha + t_cal)
    }

    /// ln B(a + 1, b + chances - 1) - (r+x) ln(alpha+`t_x`).
    pub(crate) fn gone(&self, alpha: f64, t_x: f64) -> Term {
        waited(&self.gone, self.shape, alpha + t_x)
    }
}

/// ln B(a, b) and its slopes.
fn beta(a: f64, b: f64) -> Term {
    let both = digamma(a + b);
    Term { ln: ln_beta(a, b), slopes: [0.0, 0.0, digamma(a) - both, digamma(b) - both] }
}

/// `term` times `time^-shape`, where `time` is alpha and something, and `shape` is r and something.
fn waited(term: &Term, shape: f64, time: f64) -> Term {
    let [_, _, a, b] = term.slopes;
    let ln = time.ln();
    Term { ln: term.ln - shape * ln, slopes: [-ln, -shape / time, a, b] }
}

/// The probabilities of 0, 1, .. purchases, given those `at` and `from` each number without dropout: stayed at all
/// chances, or dropped out at the last. `extra` is 1 where the first purchase is a chance, too.
pub(crate) fn purchase_probabilities(a: f64, b: f64, extra: u32, (at, from): (&[f64], &[f64])) -> Vec<f64> {
    let prior = ln_beta(a, b);
    let probability = |(chances, (at, from)): (u32, (&f64, &f64))| {
        let passed = f64::from(chances);
        let stayed = (ln_beta(a, b + passed) - prior).exp();
        let left = if chances == 0 { 0.0 } else { (ln_beta(a + 1.0, b + passed - 1.0) - prior).exp() };
        stayed * at + left * from
    };
    (extra..).zip(at.iter().zip(from)).map(probability).collect()
}
