//! The likelihood that BG/NBD, MBG/NBD and Pareto/NBD share: a history ends in one of two ways.
//!
//! After the last purchase at `t_x` the customer either dropped out before buying again, whenever that would have been,
//! or they would have bought again, but after T: L(x, `t_x`, T) = C(x) (exp U(x, T) + exp V(x, `t_x`)). U is needed
//! once per distinct (x, T) and V once per distinct (x, `t_x`); what is left per pattern is one sum in logs.
//! Does not live here: what C, U and V are in each model.

use rayon::prelude::*;

use super::histories::{Histories, Knot};
use crate::models::numeric::special::{ln_add, share_of_one};

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

    /// Adds `share` times the slopes of `other` and `weight` of its log.
    fn add(&mut self, weight: f64, ln: f64, slopes: &[f64; 4]) {
        self.ln += weight * ln;
        for (sum, slope) in self.slopes.iter_mut().zip(slopes) {
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
}

/// The log-likelihood of `histories` and its gradient in the four parameters.
pub(crate) fn log_likelihood<M: TwoEndings>(model: &M, histories: &Histories) -> Term {
    let not_yet = terms(model, &histories.ends, M::not_yet);
    let gone = terms(model, &histories.lasts, M::gone);
    let chunks = histories.links.par_chunks(PATTERNS_PER_TASK).map(|links| {
        let mut sum = Term::ZERO;
        for link in links {
            let (not_yet, gone) = (&not_yet[link.end as usize], &gone[link.last as usize]);
            let share = share_of_one(gone.ln - not_yet.ln);
            let slopes = std::array::from_fn(|i| share * not_yet.slopes[i] + (1.0 - share) * gone.slopes[i]);
            sum.add(link.weight, ln_add(not_yet.ln, gone.ln), &slopes);
        }
        sum
    });
    let mut total = Term::ZERO;
    for chunk in chunks.collect::<Vec<Term>>() {
        total.add(1.0, chunk.ln, &chunk.slopes);
    }
    for &(x, weight) in &histories.frequencies {
        let common = model.common(&model.of_x(x));
        total.add(weight, common.ln, &common.slopes);
    }
    total
}

/// One term per knot, in their order.
fn terms<M: TwoEndings>(model: &M, knots: &[Knot], term: impl Fn(&M, &M::OfX, f64) -> Term + Sync) -> Vec<Term> {
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
