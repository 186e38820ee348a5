//! The integral behind Pareto/NBD: K = integral of (alpha+y)^-m (beta+y)^-n over y from t to infinity, and its slopes.
//!
//! With hi = the larger of alpha+t and beta+t, lo the smaller, z = 1 - lo/hi, and m the exponent of hi (else m and n
//! are swapped):
//!   K = hi^-m lo^(1-n) / (m+n-1) 2F1(m, 1; m+n; z).
//! This is the 2F1 of Schmittlein, Morrison, Colombo (1987) and of Fader, Hardie (2005, "A Note on Deriving the
//! Pareto/NBD Model") after Euler's transformation, which takes all that is large out of it: its series
//! sum (m)_k / (m+n)_k z^k has positive falling terms, whatever x. Towards z = 1 it is summed by quadrature of
//!   K = hi^(1-m-n) * integral of v^(m+n-2) (1-z v)^-n over v from 0 to 1,   alpha + y = hi / v.
//! Does not live here: the model.

use crate::models::numeric::quadrature::{Node, means};

/// Up to here the series needs at most 370 terms for full precision; beyond it, quadrature is quicker.
const SERIES_UP_TO: f64 = 0.9;
/// A term below this share of the sum ends the series, all that follow being a multiple of at most z/(1-z).
const LAST_TERM: f64 = 1e-18;

/// ln K and its slopes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Tail {
    pub(crate) ln: f64,
    /// In m and n.
    pub(crate) exponents: [f64; 2],
    /// In alpha and beta.
    pub(crate) shifts: [f64; 2],
}

/// ln K for `m` + `n` > 1 and positive `alpha` + `t`, `beta` + `t`.
pub(crate) fn tail(m: f64, alpha: f64, n: f64, beta: f64, t: f64) -> Tail {
    if alpha >= beta {
        return ordered(m, alpha + t, n, beta + t, alpha - beta);
    }
    let turned = ordered(n, beta + t, m, alpha + t, beta - alpha);
    let ([n, m], [beta, alpha]) = (turned.exponents, turned.shifts);
    Tail { ln: turned.ln, exponents: [m, n], shifts: [alpha, beta] }
}

fn ordered(m: f64, hi: f64, n: f64, lo: f64, apart: f64) -> Tail {
    let z = apart / hi;
    if z <= SERIES_UP_TO { by_series(m, hi, n, lo, z) } else { by_quadrature(m, hi, n, lo, z) }
}

fn by_series(m: f64, hi: f64, n: f64, lo: f64, z: f64) -> Tail {
    let (mut term, mut k) = (1.0, 0.0);
    let (mut harmonic_m, mut harmonic_both) = (0.0, 0.0);
    // the sum, and its slopes in m, n and ln z
    let (mut sum, mut in_m, mut in_n, mut in_ln_z) = (1.0, 0.0, 0.0, 0.0);
    while term * z > LAST_TERM * sum {
        let inverse = 1.0 / ((m + k) * (m + n + k));
        harmonic_m += (m + n + k) * inverse;
        harmonic_both += (m + k) * inverse;
        term *= (m + k) * (m + k) * inverse * z;
        k += 1.0;
        sum += term;
        in_m += term * (harmonic_m - harmonic_both);
        in_n -= term * harmonic_both;
        in_ln_z += term * k;
    }
    let power = m + n - 1.0;
    let in_z = if z > 0.0 { in_ln_z / z } else { m / (m + n) } / sum;
    Tail {
        ln: -m * hi.ln() + (1.0 - n) * lo.ln() - power.ln() + sum.ln(),
        exponents: [-hi.ln() - 1.0 / power + in_m / sum, -lo.ln() - 1.0 / power + in_n / sum],
        shifts: [(in_z * (1.0 - z) - m) / hi, (1.0 - n) / lo - in_z / hi],
    }
}

/// Differentiated under the integral: the slopes are means of logs and of inverses.
fn by_quadrature(m: f64, hi: f64, n: f64, lo: f64, z: f64) -> Tail {
    let near = lo / hi; // 1 - z, without cancellation
    let rest = |node: &Node| near + z * node.q; // 1 - z v
    let density = |node: &Node| (m + n - 2.0) * node.ln_p - n * rest(node).ln();
    let outputs = |node: &Node, out: &mut [f64]| {
        let rest = rest(node);
        out.copy_from_slice(&[node.ln_p, rest.ln(), node.p, node.p / rest]);
    };
    let means = means(density, outputs, 4);
    let (ln_v, ln_rest, over_hi, over_lo) = (means.of[0], means.of[1], means.of[2], means.of[3]);
    Tail {
        ln: (1.0 - m - n) * hi.ln() + means.ln_integral,
        exponents: [ln_v - hi.ln(), ln_v - ln_rest - hi.ln()],
        shifts: [-m * over_hi / hi, -n * over_lo / hi],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let found = tail(m, alpha, n, beta, t).ln;
            let error = (found - expected).abs() / expected.abs().max(1.0);
            assert!(error < 1e-12, "{m} {alpha} {n} {beta} {t}: {found} for {expected}");
        }
    }

    #[test]
    fn series_and_quadrature_agree_in_value_and_slopes() {
        for (m, n) in [(0.3, 1.6), (1.3, 0.2), (25.0, 1.01), (3_000.5, 1.7), (0.02, 1.01), (2.0, 800.0)] {
            for z in [0.05, 0.5, 0.85] {
                let (hi, lo) = (12.5, 12.5 * (1.0 - z));
                let (one, other) = (by_series(m, hi, n, lo, z), by_quadrature(m, hi, n, lo, z));
                let close = |a: f64, b: f64| (a - b).abs() < 1e-9 * a.abs().max(1.0);
                assert!(close(one.ln, other.ln), "{m} {n} {z}: {} {}", one.ln, other.ln);
                for i in 0..2 {
                    assert!(close(one.exponents[i], other.exponents[i]), "{m} {n} {z}: {one:?} {other:?}");
                    assert!(close(one.shifts[i], other.shifts[i]), "{m} {n} {z}: {one:?} {other:?}");
                }
            }
        }
    }
}
