//! Means under a density on (0, 1) that is known up to a factor, by the tanh-sinh rule, in logs.
//!
//! The rule of Takahasi and Mori (1974): p = 1 / (1 + exp(-pi sinh s)) and equal steps of s. The nodes crowd doubly
//! exponentially at both ends, so that algebraic singularities at 0 and 1, however strong, cost nothing, and each
//! halving of the step doubles the number of right digits. Densities far below underflow are fine: only their logs
//! are used.
//! Does not live here: any density.

use std::sync::LazyLock;

/// The first step of s. Each further level halves it.
const FIRST_STEP: f64 = 0.5;
/// Steps to either side at the first level: s up to 14, where p or 1 - p is exp(-1.9e6), in logs.
const FIRST_STEPS: i32 = 28;
/// The finest step is 2^-10: enough for a density of relative width 1e-3.
const LEVELS: usize = 10;
/// Two levels that agree to this differ from the truth by about its square.
const AGREEMENT: f64 = 1e-10;
/// Nodes that a level must have under the bulk of the density before its agreement counts.
const NODES_UNDER_PEAK: f64 = 5.0;
/// Nodes lighter than the heaviest by e^-50 = 2e-22 add nothing.
const NEGLIGIBLE: f64 = 50.0;

/// Abscissas and weights of Gauss and Legendre on (-1, 1), the positive half of ten (Abramowitz and Stegun, table 25.4): for short
/// panels of a smooth density, over which they are right to the last digit.
pub(crate) const GAUSS: [(f64, f64); 5] = [
    (0.148_874_338_981_631_21, 0.295_524_224_714_752_87),
    (0.433_395_394_129_247_2, 0.269_266_719_309_996_35),
    (0.679_409_568_299_024_4, 0.219_086_362_515_982_04),
    (0.865_063_366_688_984_5, 0.149_451_349_150_580_6),
    (0.973_906_528_517_171_7, 0.066_671_344_308_688_14),
];

/// A point on (0, 1). Near either end only the logs show how near.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    /// The point.
    pub(crate) p: f64,
    /// ln p.
    pub(crate) ln_p: f64,
    /// ln (1 - p).
    pub(crate) ln_q: f64,
    /// ln dp/ds.
    ln_speed: f64,
}

impl Node {
    fn at(s: f64) -> Self {
        let logit = std::f64::consts::PI * s.sinh();
        let ln_p = -softplus(-logit);
        let ln_q = -softplus(logit);
        let ln_speed = ln_p + ln_q + (std::f64::consts::PI * s.cosh()).ln();
        Self { p: ln_p.exp(), ln_p, ln_q, ln_speed }
    }
}

/// ln(1 + e^z).
fn softplus(z: f64) -> f64 {
    z.max(0.0) + (-z.abs()).exp().ln_1p()
}

/// The nodes that each level adds to those before it.
static NODES: [LazyLock<Vec<Node>>; LEVELS] = [
    LazyLock::new(|| nodes(0)),
    LazyLock::new(|| nodes(1)),
    LazyLock::new(|| nodes(2)),
    LazyLock::new(|| nodes(3)),
    LazyLock::new(|| nodes(4)),
    LazyLock::new(|| nodes(5)),
    LazyLock::new(|| nodes(6)),
    LazyLock::new(|| nodes(7)),
    LazyLock::new(|| nodes(8)),
    LazyLock::new(|| nodes(9)),
];

fn nodes(level: u32) -> Vec<Node> {
    let step = FIRST_STEP / f64::from(1_u32 << level);
    let steps = FIRST_STEPS << level;
    let new = |k: &i32| level == 0 || k % 2 != 0;
    (-steps..=steps).filter(new).map(|k| Node::at(f64::from(k) * step)).collect()
}

/// The integral of a density, and means under it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Means {
    /// The log of the integral of the density over (0, 1).
    pub(crate) ln_integral: f64,
    /// The means of the outputs under the density.
    pub(crate) of: Vec<f64>,
}

/// Integrates exp(`ln_density`) over (0, 1), and the means under it of the `count` values that `outputs` writes.
pub(crate) fn means(ln_density: impl Fn(&Node) -> f64, outputs: impl Fn(&Node, &mut [f64]), count: usize) -> Means {
    let mut sums = Sums { peak: f64::NEG_INFINITY, mass: 0.0, of: vec![0.0; count], output: vec![0.0; count] };
    let mut last: Option<Means> = None;
    let mut step = FIRST_STEP;
    for nodes in &NODES {
        for node in nodes.iter() {
            sums.add(ln_density(node) + node.ln_speed, node, &outputs);
        }
        let now = sums.means(step);
        if last.as_ref().is_some_and(|last| sums.mass > 2.0 * NODES_UNDER_PEAK && agree(last, &now)) {
            return now;
        }
        last = Some(now);
        step /= 2.0;
    }
    sums.means(step * 2.0)
}

fn agree(last: &Means, now: &Means) -> bool {
    let close = |(last, now): (&f64, &f64)| (last - now).abs() <= AGREEMENT * now.abs();
    (last.ln_integral - now.ln_integral).abs() <= AGREEMENT && last.of.iter().zip(&now.of).all(close)
}

/// Running sums, scaled by the heaviest weight so far.
struct Sums {
    peak: f64,
    mass: f64,
    of: Vec<f64>,
    output: Vec<f64>,
}

impl Sums {
    fn add(&mut self, ln_weight: f64, node: &Node, outputs: impl Fn(&Node, &mut [f64])) {
        if ln_weight < self.peak - NEGLIGIBLE || ln_weight == f64::NEG_INFINITY {
            return;
        }
        if ln_weight > self.peak {
            let scale = (self.peak - ln_weight).exp();
            self.mass *= scale;
            self.of.iter_mut().for_each(|sum| *sum *= scale);
            self.peak = ln_weight;
        }
        let weight = (ln_weight - self.peak).exp();
        outputs(node, &mut self.output);
        self.mass += weight;
        for (sum, output) in self.of.iter_mut().zip(&self.output) {
            *sum += weight * output;
        }
    }

    fn means(&self, step: f64) -> Means {
        let of = self.of.iter().map(|sum| sum / self.mass).collect();
        Means { ln_integral: self.peak + (self.mass * step).ln(), of }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::numeric::special::ln_beta;

    /// The integral of p^(a-1) (1-p)^(b-1) is B(a, b), its mean a/(a+b).
    #[test]
    fn beta_densities_integrate_to_the_beta_function_from_needles_to_poles() {
        for a in [1e-4, 0.01, 0.793, 1.0, 12.5, 900.0] {
            for b in [1e-4, 0.05, 2.426, 40.0, 5_000.0] {
                let found = means(|n| (a - 1.0) * n.ln_p + (b - 1.0) * n.ln_q, |n, out| out[0] = n.p, 1);
                let error = (found.ln_integral - ln_beta(a, b)).abs();
                assert!(error < 1e-12 * ln_beta(a, b).abs().max(1.0), "B({a}, {b}): {error}");
                assert!((found.of[0] * (a + b) / a - 1.0).abs() < 1e-11, "mean of ({a}, {b}): {}", found.of[0]);
            }
        }
    }

    #[test]
    fn densities_far_below_underflow_keep_their_means() {
        let found = means(|n| -1e6 + 3.0 * n.ln_q, |n, out| out[0] = n.ln_q.exp(), 1);
        assert!((found.ln_integral + 1e6 + 4.0_f64.ln()).abs() < 1e-9);
        assert!((found.of[0] - 0.8).abs() < 1e-9, "the logs themselves have ten decimals left");
    }
}
