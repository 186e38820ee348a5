//! Purchases expected of a living customer who may drop out after each of them, with probability p.
//!
//! For rate lambda and dropout probability p, (1 - exp(-lambda p t)) / p are expected in (0, t] (Fader, Hardie, Lee
//! 2005). Over lambda ~ gamma(r, alpha) that is (1 - (1 + p t/alpha)^-r) / p, and here its mean over p ~ beta(a, b) is
//! taken by quadrature. It equals the papers' (a+b-1)/(a-1) [1 - (alpha/(alpha+t))^r 2F1(r, b; a+b-1; t/(alpha+t))],
//! but has neither their pole at a = 1, nor their cancellation for small t, nor a 2F1 near 1. Does not live here:
//! whether the customer is alive.

use crate::models::numeric::exponential_integral::scaled_exponential_integral;
use crate::models::numeric::quadrature::{Node, means};

/// Where discounting is this much quicker than drop-out, drop-out has no part in the last digit.
const SOON: f64 = 1e18;

/// E[X(t)] of a living customer with lambda ~ gamma(`r`, `alpha`) and p ~ beta(`a`, `b`), for each t of `horizons`.
pub(crate) fn expected_until_dropout(r: f64, alpha: f64, a: f64, b: f64, horizons: &[f64]) -> Vec<f64> {
    let density = |node: &Node| (a - 1.0) * node.ln_p + (b - 1.0) * node.ln_q;
    let expected = |node: &Node, out: &mut [f64]| {
        for (out, t) in out.iter_mut().zip(horizons) {
            let per_p = t / alpha;
            let limit = r * per_p; // for p = 0
            *out = if node.p * per_p.max(limit) < f64::MIN_POSITIVE {
                limit
            } else {
                -(-r * (node.p * per_p).ln_1p()).exp_m1() / node.p
            };
        }
    };
    means(density, expected, horizons.len()).of
}

/// The purchases of a living customer over all of the future, each worth e^(-`rate` t) where it comes after t, with lambda ~
/// gamma(`r`, `alpha`) and p ~ beta(`a`, `b`): the mean over p of the integral of e^(-rate t) (r/alpha) (1 + p t/alpha)^(-r-1), which
/// with w = p t/alpha is (r/p) times an exponential integral.
pub(crate) fn discounted_until_dropout(r: f64, alpha: f64, a: f64, b: f64, rate: f64) -> f64 {
    let density = |node: &Node| (a - 1.0) * node.ln_p + (b - 1.0) * node.ln_q;
    let without = r / (alpha * rate); // for p = 0
    let expected = |node: &Node, out: &mut [f64]| {
        let z = rate * alpha / node.p;
        out[0] = if z > SOON { without } else { r / node.p * scaled_exponential_integral(r + 1.0, z) };
    };
    means(density, expected, 1).of[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// mpmath 1.4.1: `(a+b-1)/(a-1)*(1-(alpha/(alpha+t))**r*hyp2f1(r,b,a+b-1,t/(alpha+t)))` with `mp.dps = 60`
    const BY_MPMATH: [(f64, f64, f64, f64, f64, f64); 10] = [
        (0.243, 4.414, 0.793, 2.426, 39.0, 1.196_723_193_320_817),
        (0.243, 4.414, 0.793, 2.426, 1e-06, 5.505_210_502_292_042e-08),
        (0.243, 4.414, 0.793, 2.426, 7800.0, 13.905_051_879_178_297),
        (26.243, 35.414, 0.793, 28.426, 52.0, 26.584_559_702_377_582),
        (3000.25, 400.0, 0.793, 3002.4, 52.0, 371.372_417_929_856_06),
        (0.5, 0.001, 0.01, 0.3, 365.0, 156_644.877_773_119_08),
        (2.0, 10.0, 1.000_000_1, 3.0, 20.0, 2.471_877_562_849_592_4),
        (1.5, 3.0, 50.0, 900.0, 10.0, 4.093_276_362_242_94),
        (0.05, 0.001, 2.5, 0.2, 10_000.0, 0.622_625_174_235_791),
        (5000.0, 8.0, 0.3, 9000.0, 2.0, 1_225.407_165_421_469_2),
    ];

    #[test]
    fn expectations_are_those_of_the_closed_form_in_mpmath() {
        for (r, alpha, a, b, t, expected) in BY_MPMATH {
            let found = expected_until_dropout(r, alpha, a, b, &[t])[0];
            assert!((found / expected - 1.0).abs() < 1e-11, "{r} {alpha} {a} {b} {t}: {found} for {expected}");
        }
    }

    #[test]
    fn nothing_is_expected_of_no_time_and_never_less_of_more() {
        let found = expected_until_dropout(0.243, 4.414, 0.793, 2.426, &[0.0, 1e-300, 1.0, 39.0, 1e9]);
        assert_eq!(found[0].to_bits(), 0);
        assert!(found.windows(2).all(|pair| pair[0] < pair[1]), "{found:?}");
    }

    #[test]
    fn without_dropout_purchases_grow_with_time() {
        let found = expected_until_dropout(2.0, 4.0, 1e-5, 3.0, &[1.0, 10.0]);
        assert!((found[0] - 0.5).abs() < 1e-4 && (found[1] - 5.0).abs() < 1e-3, "{found:?}");
    }
}
