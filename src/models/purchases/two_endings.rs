//! The likelihood that BG/NBD, MBG/NBD and Pareto/NBD share: a history ends in one of two ways.
//!
//! After the last purchase at `t_x` the customer either dropped out before buying again, whenever that would have been,
//! or they would have bought again, but after T: L(x, `t_x`, T) = C(x) (exp U(x, T) + exp V(x, `t_x`)). U is needed
//! once per distinct (x, T) and V once per distinct (x, `t_x`); what is left per pattern is one sum in logs.
//! Does not live here: what C, U and V are in each model.

use rayon::prelude::*;

use super::histories::{Link, Linked};
use super::knots::{Knot, Knots};

/// Knots and patterns per task. Sums depend on these and on nothing else.
const KNOTS_PER_TASK: usize = 512;
const PATTERNS_PER_TASK: usize = 16_384;

/// A log and its slopes in the four parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Term {
    pub(crate) ln: f64,
    pub(crate) slopes: [f64; 4],
}

impl Term {
    pub(crate) const ZERO: Self = Self { ln: 0.0, slopes: [0.0; 4] };
    /// The log of nothing.
    pub(crate) const NOTHING: Self = Self { ln: f64::NEG_INFINITY, slopes: [0.0; 4] };

    /// Adds `weight` times another term.
    fn add(&mut self, weight: f64, other: &Self) {
        self.ln += weight * other.ln;
        for (sum, slope) in self.slopes.iter_mut().zip(other.slopes) {
            *sum += weight * slope;
        }
    }
}

/// A model whose histories end in two ways.
pub(crate) trait TwoEndings: Sync {
    /// What depends only on x and the parameters, computed once per x.
    type OfX;
    /// Computes it.
    fn of_x(&self, x: u32) -> Self::OfX;
    /// ln C(x).
    fn common(&self, of_x: &Self::OfX) -> Term;
    /// U(x, T): no further purchase by T, and not dropped out when that purchase is due.
    fn not_yet(&self, of_x: &Self::OfX, t_cal: f64) -> Term;
    /// V(x, `t_x`): dropped out before the next purchase was due.
    fn gone(&self, of_x: &Self::OfX, t_x: f64) -> Term;
    /// U of each of many knots.
    fn all_not_yet(&self, ends: &Knots) -> Vec<Term> {
        terms(self, &ends.list, Self::not_yet)
    }
    /// V of each of many knots.
    fn all_gone(&self, lasts: &Knots) -> Vec<Term> {
        terms(self, &lasts.list, Self::gone)
    }
}

/// The log-likelihood of histories and its gradient in the four parameters.
pub(crate) fn log_likelihood<M: TwoEndings>(model: &M, histories: &Linked) -> Term {
    let (not_yet, gone) = (model.all_not_yet(&histories.ends), model.all_gone(&histories.lasts));
    let chunks = histories.links.par_chunks(PATTERNS_PER_TASK).map(|links| {
        let mut sum = Term::ZERO;
        let mut rest = 0.0; // what is lost in the last digits of the sum of logs
        for link in links {
            let (not_yet, gone) = (&not_yet[link.end as usize], &gone[link.last as usize]);
            let Either { ln, share } = either(not_yet.ln, gone.ln);
            let slopes = std::array::from_fn(|i| share * not_yet.slopes[i] + (1.0 - share) * gone.slopes[i]);
            let part = link.weight * ln - rest;
            let next = sum.ln + part;
            rest = (next - sum.ln) - part;
            sum.ln = next;
            for (sum, slope) in sum.slopes.iter_mut().zip::<[f64; 4]>(slopes) {
                *sum += link.weight * slope;
            }
        }
        sum
    });
    let mut total = Term::ZERO;
    for chunk in chunks.collect::<Vec<Term>>() {
        total.add(1.0, &chunk);
    }
    for &(x, weight) in &histories.frequencies {
        total.add(weight, &model.common(&model.of_x(x)));
    }
    total
}

/// The log-likelihood of each pattern.
pub(crate) fn log_likelihoods<M: TwoEndings>(model: &M, histories: &Linked) -> Vec<f64> {
    let (not_yet, gone) = (model.all_not_yet(&histories.ends), model.all_gone(&histories.lasts));
    let knots = &histories.ends.list;
    let of_x: std::collections::HashMap<u32, f64> =
        histories.frequencies.iter().map(|(x, _)| (*x, model.common(&model.of_x(*x)).ln)).collect();
    let of_link = |link: &Link| {
        let common = of_x.get(&knots[link.end as usize].x).copied().unwrap_or(f64::NAN);
        common + either(not_yet[link.end as usize].ln, gone[link.last as usize].ln).ln
    };
    histories.links.par_iter().map(of_link).collect()
}

/// ln(e^a + e^b), and the share of e^a in it.
struct Either {
    ln: f64,
    share: f64,
}

/// One exponential serves both. At least one of the two is finite.
fn either(a: f64, b: f64) -> Either {
    let smaller = (-(a - b).abs()).exp();
    let larger_share = 1.0 / (1.0 + smaller);
    Either { ln: a.max(b) + smaller.ln_1p(), share: if a >= b { larger_share } else { smaller * larger_share } }
}

/// One term per knot, in their order.
fn terms<M: TwoEndings + ?Sized>(
    model: &M,
    knots: &[Knot],
    term: impl Fn(&M, &M::OfX, f64) -> Term + Sync,
) -> Vec<Term> {
    let task = |knots: &[Knot]| {
        let mut terms = Vec::with_capacity(knots.len());
        let mut known: Option<(u32, M::OfX)> = None;
        for knot in knots {
            let of_x = match known {
                Some((x, of_x)) if x == knot.x => of_x,
                _ => model.of_x(knot.x),
            };
            terms.push(term(model, &of_x, knot.t));
            known = Some((knot.x, of_x));
        }
        terms
    };
    knots.par_chunks(KNOTS_PER_TASK).flat_map_iter(task).collect()
}
