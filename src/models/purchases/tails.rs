//! Many of the integrals of `tail` at once: K(m, n, t) for m = m0 + x, of many x and t and few parameters.
//!
//! With A = alpha + t, B = beta + t and u = B/A, K = A^(1-m) B^-n g(m, n, u). By parts,
//!   (m-1) (1-u) g(m) = (m+n-2) g(m-1) - u,
//! so that one g leads to those of all x at the same t with a handful of multiplications each. Downwards in m all terms are
//! positive where u <= 1, and rounding errors shrink while (u-1)(m-1) < m+n-2; where that ends they shrink upwards. So each t
//! is walked from the m at which neither way loses anything, its *pivot*. The pivot falls with t, where it moves at all, so
//! that from one t to the next smaller one
//!   K(t') = K(t) + the integral of A^-m B^-n from t' to t,
//! which has positive terms only and takes a few nodes of Gauss and Legendre. One integral by `tail` per task is all that is
//! left to compute from nothing. The slopes in m and n follow by the derivatives of the same formulas; those in alpha and beta
//! are neighbours: dK/dalpha = -m K(m+1).
//! Does not live here: a single integral (`tail`), and what they are needed for (`pareto_nbd`).

use rayon::prelude::*;

use super::knots::{ByTime, Knots};
use super::tail::{Powers, Shape};
use super::two_endings::Term;

/// Times per task. Sums do not depend on it, but the last digit of an integral does.
const TIMES_PER_TASK: usize = 128;
/// Steps of x per knot above which single integrals are quicker: customers with thousands of purchases and few others.
const STEPS_PER_KNOT: usize = 64;

/// The integrals at m = `m0` + x and exponent `n`, for alpha and beta.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tails {
    pub(crate) m0: f64,
    pub(crate) n: f64,
    pub(crate) alpha: f64,
    pub(crate) beta: f64,
}

impl Tails {
    /// ln K of each knot and its slopes in m, alpha, n, beta, in the order of the knots.
    pub(crate) fn of(&self, knots: &Knots) -> Vec<Term> {
        let by_time = knots.by_time();
        if by_time.steps() > STEPS_PER_KNOT.saturating_mul(knots.list.len()) {
            return knots.list.par_iter().map(|knot| self.single(f64::from(knot.x), knot.t)).collect();
        }
        let inverses = Inverses::new(self, by_time.most());
        let tasks = by_time.times.len().div_ceil(TIMES_PER_TASK);
        let task = |task: usize| {
            let first = task * TIMES_PER_TASK;
            let last = (first + TIMES_PER_TASK).min(by_time.times.len());
            Walk::new(self, by_time, &inverses).walk(first..last)
        };
        let parts: Vec<Vec<Term>> = (0..tasks).into_par_iter().map(task).collect();
        by_time.in_order_of_knots(&parts)
    }

    /// The integral of one knot, by itself.
    pub(crate) fn single(&self, x: f64, t: f64) -> Term {
        let powers = self.powers(x);
        let (here, next) = (powers.shape(t), Powers { m: powers.m + 1.0, ..powers }.shape(t));
        Term { ln: powers.ln_of(&here, t), slopes: powers.slopes_of(&here, &next, t) }
    }

    pub(crate) fn powers(&self, x: f64) -> Powers {
        Powers { m: self.m0 + x, alpha: self.alpha, n: self.n, beta: self.beta }
    }

    fn m(&self, x: u32) -> f64 {
        self.m0 + f64::from(x)
    }

    /// From which x on one walks up, `most` being the largest one: below it, errors shrink downwards.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and `most`")]
    fn pivot(&self, u: f64, most: u32) -> u32 {
        if u <= 2.0 {
            return most;
        }
        let turn = 1.0 + (self.n - 1.0) / (u - 2.0) - self.m0;
        turn.ceil().clamp(0.0, f64::from(most)) as u32
    }
}

/// 1 / (m+n-2) and 1 / (m-1) for each x from 1 on: the same for all times.
struct Inverses(Vec<[f64; 2]>);

impl Inverses {
    fn new(tails: &Tails, most: u32) -> Self {
        let of = |x: u32| {
            let m = tails.m(x);
            [1.0 / (m + tails.n - 2.0), 1.0 / (m - 1.0)]
        };
        Self((0..=most).map(of).collect())
    }
}

/// The way through the times of a task, the latest first.
struct Walk<'a> {
    tails: &'a Tails,
    by_time: &'a ByTime,
    inverses: &'a Inverses,
    /// By x, at the time that was walked last.
    shapes: Vec<Shape>,
}

impl<'a> Walk<'a> {
    fn new(tails: &'a Tails, by_time: &'a ByTime, inverses: &'a Inverses) -> Self {
        Self { tails, by_time, inverses, shapes: Vec::new() }
    }

    /// The terms of the knots at these times, in their order.
    fn walk(mut self, times: std::ops::Range<usize>) -> Vec<Term> {
        let starts = &self.by_time.starts;
        let offset = starts[times.start];
        let mut terms = vec![Term::ZERO; starts[times.end] - offset];
        let mut former: Option<f64> = None;
        for index in times.rev() {
            let t = self.by_time.times[index];
            let most = self.by_time.most_up_to[index];
            self.shapes.resize(self.shapes.len().max(most as usize + 2), Shape::ZERO);
            let a = self.tails.alpha + t;
            let ratio = [(self.tails.beta + t) / a, (self.tails.alpha - self.tails.beta) / a];
            let pivot = self.tails.pivot(ratio[0], most + 1);
            let from = match former {
                Some(later) => self.tails.powers(f64::from(pivot)).earlier(&self.shapes[pivot as usize], later, t),
                None => self.tails.powers(f64::from(pivot)).shape(t),
            };
            former = Some(t);
            let xs = &self.by_time.xs[starts[index]..starts[index + 1]];
            self.fill(pivot, from, ratio, xs);
            for (term, x) in terms[starts[index] - offset..].iter_mut().zip(xs) {
                *term = self.term(*x, t);
            }
        }
        terms
    }

    /// The shapes that the knots at `xs`, which ascend, and the next time need, from that of the pivot.
    /// `apart` is 1 - u, without cancellation.
    fn fill(&mut self, pivot: u32, from: Shape, [u, apart]: [f64; 2], xs: &[u32]) {
        let n = self.tails.n;
        self.shapes[pivot as usize] = from;
        let mut here = from;
        for x in (1..=pivot).rev() {
            let m = self.tails.m(x);
            let inverse = self.inverses.0[x as usize][0];
            let slope = (m - 1.0) * apart;
            let g = (slope * here.g + u) * inverse;
            here = Shape {
                g,
                in_m: (slope * here.in_m + apart * here.g - g) * inverse,
                in_n: (slope * here.in_n - g) * inverse,
            };
            self.shapes[x as usize - 1] = here;
        }
        let most = xs.last().map_or(pivot, |x| x + 1);
        let wider = 1.0 / apart;
        here = from;
        for x in pivot + 1..=most {
            let m = self.tails.m(x);
            let both = m + n - 2.0;
            let inverse = self.inverses.0[x as usize][1];
            let g = (both * here.g - u) * (wider * inverse);
            here = Shape {
                g,
                in_m: ((both * here.in_m + here.g) * wider - g) * inverse,
                in_n: (both * here.in_n + here.g) * (wider * inverse),
            };
            self.shapes[x as usize] = here;
        }
    }

    fn term(&self, x: u32, t: f64) -> Term {
        let powers = self.tails.powers(f64::from(x));
        let (here, next) = (self.shapes[x as usize], self.shapes[x as usize + 1]);
        Term { ln: powers.ln_of(&here, t), slopes: powers.slopes_of(&here, &next, t) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::purchases::knots::Knot;

    /// Each integral of many as it is alone: series and quadrature know nothing of the walk.
    #[test]
    fn integrals_of_many_customers_are_those_of_each() {
        let knots: Vec<Knot> = (0..60_u32)
            .flat_map(|x| (0..40_u32).map(move |i| Knot { x, t: f64::from(i * i) * 0.01 + f64::from(x) * 0.05 }))
            .chain((0..9).map(|i| Knot { x: 0, t: f64::from(i) * 1e-4 }))
            .collect();
        let knots = Knots::new(knots);
        let parameters = [
            [0.553, 10.578, 0.606, 11.669],
            [0.02, 1.2, 0.05, 0.9],
            [0.3, 50.0, 1.2, 0.001],
            [1.3, 2.0, 20.0, 90.0],
            [0.9, 0.001, 0.7, 300.0],
            [30.0, 0.5, 300.0, 800.0],
            [2.0, 7.0, 1.0, 7.0],
            [4.5e-5, 3.0, 3.0, 400.0],
            [0.6, 1.0, 0.4, 2.05],
        ];
        for [r, alpha, s, beta] in parameters {
            for (m0, n) in [(r + 1.0, s), (r, s + 1.0)] {
                let tails = Tails { m0, n, alpha, beta };
                assert!(knots.by_time().steps() <= STEPS_PER_KNOT * knots.list.len());
                for (knot, found) in knots.list.iter().zip(tails.of(&knots)) {
                    let expected = tails.single(f64::from(knot.x), knot.t);
                    let near = |found: f64, expected: f64, error: f64| {
                        assert!(
                            (found - expected).abs() <= error * expected.abs().max(1.0),
                            "{tails:?} {knot:?}: {found} for {expected}"
                        );
                    };
                    near(found.ln, expected.ln, 1e-12);
                    for (found, expected) in found.slopes.into_iter().zip(expected.slopes) {
                        near(found, expected, 1e-9);
                    }
                }
            }
        }
    }

    #[test]
    fn a_few_customers_with_thousands_of_purchases_are_taken_one_by_one() {
        let knots = Knots::new(vec![Knot { x: 4_000_000, t: 3.0 }, Knot { x: 5, t: 3.0 }]);
        let found = Tails { m0: 0.5, n: 1.6, alpha: 2.0, beta: 3.0 }.of(&knots);
        assert!(found.iter().all(|term| term.ln.is_finite()));
    }
}
