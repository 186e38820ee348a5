//! The integral behind Pareto/NBD: K = integral of (alpha+y)^-m (beta+y)^-n over y from t to infinity, and its slopes.
//!
//! With A = alpha+t, B = beta+t, hi = the larger of the two, lo the smaller, z = 1 - lo/hi, and m the exponent of hi (else m
//! and n are swapped):
//!   K = hi^-m lo^(1-n) / (m+n-1) 2F1(m, 1; m+n; z).
//! This is the 2F1 of Schmittlein, Morrison, Colombo (1987) and of Fader, Hardie (2005, "A Note on Deriving the
//! Pareto/NBD Model") after Euler's transformation, which takes all that is large out of it: its series
//! sum (m)_k / (m+n)_k z^k has positive falling terms, whatever x. Towards z = 1 it is slow: there the integral up to a time
//! at which it is quick is summed by the rule of Gauss and Legendre, in panels over which the integrand changes little; all
//! its terms are positive, too.
//! Does not live here: the model, and many integrals at once (`tails`).

use crate::models::numeric::quadrature::GAUSS;

/// Up to here the series needs at most 370 terms for full precision.
const SERIES_UP_TO: f64 = 0.9;
/// A term below this share of the sum ends the series, all that follow being a multiple of at most z/(1-z).
const LAST_TERM: f64 = 1e-18;
/// A panel may be this wide, as a share of A and of B.
const WIDEST_PANEL: f64 = 0.5;
/// Over a panel the integrand falls at most by e^-2.
const STEEPEST_PANEL: f64 = 2.0;
/// What comes after the integrand has fallen by e^-50 adds nothing: it is 2e-22.
const NEGLIGIBLE: f64 = 50.0;
/// The exponents and shifts of an integral.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Powers {
    pub(crate) m: f64,
    pub(crate) alpha: f64,
    pub(crate) n: f64,
    pub(crate) beta: f64,
}

/// K without its powers: K = A^(1-m) B^-n g; g depends on m, n and B/A alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Shape {
    pub(crate) g: f64,
    /// Its slopes.
    pub(crate) in_m: f64,
    pub(crate) in_n: f64,
}

impl Shape {
    pub(crate) const ZERO: Self = Self { g: 0.0, in_m: 0.0, in_n: 0.0 };
}

impl Powers {
    /// ln K at `t`, for m + n > 1 and positive A and B.
    pub(crate) fn ln(&self, t: f64) -> f64 {
        self.ln_of(&self.shape(t), t)
    }

    /// ln K at `t`, given its shape there.
    pub(crate) fn ln_of(&self, shape: &Shape, t: f64) -> f64 {
        (1.0 - self.m) * (self.alpha + t).ln() - self.n * (self.beta + t).ln() + shape.g.ln()
    }

    /// The slopes of ln K in m, alpha, n, beta, given the shape at `t` and that of m + 1: they are means of logs and of inverses,
    /// and dK/dalpha = -m K(m+1), dK/dt = -A^-m B^-n.
    pub(crate) fn slopes_of(&self, shape: &Shape, next: &Shape, t: f64) -> [f64; 4] {
        let (a, b) = (self.alpha + t, self.beta + t);
        let per_g = 1.0 / shape.g;
        let in_alpha = -self.m * next.g * per_g / a;
        [shape.in_m * per_g - a.ln(), in_alpha, shape.in_n * per_g - b.ln(), -per_g / a - in_alpha]
    }

    /// The shape at `t`.
    pub(crate) fn shape(&self, t: f64) -> Shape {
        let (a, b) = (self.alpha + t, self.beta + t);
        let apart = (self.alpha - self.beta).abs();
        let quick = apart / SERIES_UP_TO - self.alpha.max(self.beta);
        if t < quick {
            return self.earlier(&self.by_series(quick), quick, t);
        }
        debug_assert!(apart <= SERIES_UP_TO * a.max(b) * (1.0 + 1e-9));
        self.by_series(t)
    }

    fn by_series(&self, t: f64) -> Shape {
        let (a, b) = (self.alpha + t, self.beta + t);
        let per_power = 1.0 / (self.m + self.n - 1.0);
        // of hi^-m lo^(1-n) to A^(1-m) B^-n
        let (Series { sum, in_m, in_n }, scale) = if a >= b {
            (Series::of(self.m, self.n, (self.alpha - self.beta) / a), b / a)
        } else {
            let Series { sum, in_m, in_n } = Series::of(self.n, self.m, (self.beta - self.alpha) / b);
            (Series { sum, in_m: in_n, in_n: in_m }, 1.0)
        };
        let scale = scale * per_power;
        Shape { g: scale * sum, in_m: scale * (in_m - sum * per_power), in_n: scale * (in_n - sum * per_power) }
    }

    /// The shape at `t`, by that at a `later` time: K(t) is K(later) and the integral between the two.
    pub(crate) fn earlier(&self, shape: &Shape, later: f64, t: f64) -> Shape {
        let Self { m, alpha, n, beta } = *self;
        let (a, b) = (alpha + t, beta + t);
        let fallen = |y: f64| [((y - t) / a).ln_1p(), ((y - t) / b).ln_1p()];
        let [ln_a, ln_b] = fallen(later);
        let scale = ((1.0 - m) * ln_a - n * ln_b).exp();
        let mut sum = Shape {
            g: shape.g * scale,
            in_m: (shape.in_m - shape.g * ln_a) * scale,
            in_n: (shape.in_n - shape.g * ln_b) * scale,
        };
        let mut from = t;
        while from < later {
            let [ln_a, ln_b] = fallen(from);
            if m * ln_a + n * ln_b > NEGLIGIBLE {
                break;
            }
            let (a_here, b_here) = (alpha + from, beta + from);
            let widest = WIDEST_PANEL * a_here.min(b_here);
            let until = from + widest.min(STEEPEST_PANEL / (m / a_here + n / b_here));
            let until = if until < later { until } else { later };
            self.add_panel(&mut sum, [a, b], [from - t, until - t]);
            from = until;
        }
        sum
    }

    /// Adds the integral of (A/a)^-m (B/b)^-n / a over a panel, whose ends are times after that of a and b.
    fn add_panel(&self, sum: &mut Shape, [a, b]: [f64; 2], [from, until]: [f64; 2]) {
        let (middle, half) = (f64::midpoint(from, until), 0.5 * (until - from));
        for (abscissa, weight) in GAUSS {
            for y in [middle - half * abscissa, middle + half * abscissa] {
                let (ln_a, ln_b) = ((y / a).ln_1p(), (y / b).ln_1p());
                let part = weight * half / a * (-self.m * ln_a - self.n * ln_b).exp();
                sum.g += part;
                sum.in_m -= part * ln_a;
                sum.in_n -= part * ln_b;
            }
        }
    }
}

/// 2F1(m, 1; m+n; z) and its slopes in m and n.
struct Series {
    sum: f64,
    in_m: f64,
    in_n: f64,
}

impl Series {
    fn of(m: f64, n: f64, z: f64) -> Self {
        let (mut term, mut k) = (1.0, 0.0);
        let (mut harmonic_m, mut harmonic_both) = (0.0, 0.0);
        let (mut sum, mut in_m, mut in_n) = (1.0, 0.0, 0.0);
        while term * z > LAST_TERM * sum {
            let inverse = 1.0 / ((m + k) * (m + n + k));
            harmonic_m += (m + n + k) * inverse;
            harmonic_both += (m + k) * inverse;
            term *= (m + k) * (m + k) * inverse * z;
            k += 1.0;
            sum += term;
            in_m += term * (harmonic_m - harmonic_both);
            in_n -= term * harmonic_both;
        }
        Self { sum, in_m, in_n }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::numeric::quadrature::{Node, means};

    /// mpmath 1.4.1, `mp.dps = 60`: `log(hyp2f1(m, 1, m+n, 1-lo/hi)) - m*log(hi) + (1-n)*log(lo) - log(m+n-1)`
    const BY_MPMATH: [(f64, f64, f64, f64, f64, f64); 10] = [
        (0.553, 10.578, 1.606, 11.669, 0.0, -2.966_343_164_175_224_7),
        (1.553, 10.578, 0.606, 11.669, 39.0, -4.678_867_452_612_89),
        (26.553, 10.578, 1.606, 11.669, 30.86, -104.487_482_179_113_2),
        (3000.5, 10.0, 1.6, 12.0, 38.0, -11_625.933_381_875_093),
        (0.3, 50.0, 1.2, 0.001, 0.0, 1.734_838_219_358_482_4),
        (1.3, 1_000_000.0, 0.05, 0.01, 3.0, -3.761_705_904_462_756_8),
        (0.02, 2.0, 1.01, 9.0, 1.0, 3.438_003_023_093_368_7),
        (12.0, 0.001, 1.7, 300.0, 0.5, -4.494_798_823_788_222),
        (2000.0, 0.5, 1.2, 800.0, 0.25, 559.454_150_919_103),
        (4000.0, 900.0, 1.4, 0.01, 0.02, -27_208.079_432_777_336),
    ];

    #[test]
    fn the_integral_is_that_of_the_hypergeometric_function_in_mpmath() {
        for (m, alpha, n, beta, t, expected) in BY_MPMATH {
            let found = Powers { m, alpha, n, beta }.ln(t);
            let error = (found - expected).abs() / expected.abs().max(1.0);
            assert!(error < 1e-12, "{m} {alpha} {n} {beta} {t}: {found} for {expected}");
        }
    }

    /// No formula of this file: hi^(1-m-n) times the integral of v^(m+n-2) (1-z v)^-n over v from 0 to 1, alpha + y = hi / v,
    /// by the tanh-sinh rule; slopes are means of logs and of inverses under it.
    fn by_quadrature(powers: &Powers, t: f64) -> (f64, [f64; 4]) {
        let Powers { m, alpha, n, beta } = *powers;
        if alpha < beta {
            let (ln, [n, beta, m, alpha]) = by_quadrature(&Powers { m: n, alpha: beta, n: m, beta: alpha }, t);
            return (ln, [m, alpha, n, beta]);
        }
        let (hi, near) = (alpha + t, (beta + t) / (alpha + t));
        let rest = |node: &Node| near + (alpha - beta) / hi * node.ln_q.exp(); // 1 - z v, without cancellation
        let density = |node: &Node| (m + n - 2.0) * node.ln_p - n * rest(node).ln();
        let outputs = |node: &Node, out: &mut [f64]| {
            let rest = rest(node);
            out.copy_from_slice(&[node.ln_p, rest.ln(), node.p, node.p / rest]);
        };
        let means = means(density, outputs, 4);
        let of = means.of;
        let slopes = [of[0] - hi.ln(), -m * of[2] / hi, of[0] - of[1] - hi.ln(), -n * of[3] / hi];
        ((1.0 - m - n) * hi.ln() + means.ln_integral, slopes)
    }

    #[test]
    fn values_and_slopes_are_those_of_quadrature() {
        for (m, n) in [(0.3, 1.6), (1.3, 0.2), (25.0, 1.01), (3_000.5, 1.7), (0.02, 1.01), (2.0, 800.0), (900.0, 900.0)]
        {
            for (alpha, beta) in [(12.5, 12.0), (3.0, 40.0), (40.0, 3.0), (0.002, 9.0), (9.0, 0.002), (7.0, 7.0)] {
                for t in [0.0, 0.01, 30.0] {
                    let powers = Powers { m, alpha, n, beta };
                    let next = Powers { m: m + 1.0, ..powers }.shape(t);
                    let shape = powers.shape(t);
                    let (ln, slopes) = by_quadrature(&powers, t);
                    let close = |a: f64, b: f64, error: f64| (a - b).abs() < error * b.abs().max(1.0);
                    assert!(close(powers.ln(t), ln, 1e-11), "{powers:?} {t}: {} for {ln}", powers.ln(t));
                    for (found, expected) in powers.slopes_of(&shape, &next, t).into_iter().zip(slopes) {
                        assert!(close(found, expected, 2e-8), "{powers:?} {t}: {found} for {expected}");
                    }
                }
            }
        }
    }
}
