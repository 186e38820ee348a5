//! The purchases of a customer who never drops out: the negative binomial distribution of Ehrenberg (1959).

use crate::models::numeric::special::{ln_gamma, ln_gamma_ratio};

/// Where a sum over the upper end stops: terms below this share of it.
const LAST_TERM: f64 = 1e-17;

/// P(N = n) and P(N >= n) for n = 0..=`n_max`, for N purchases in (0, `t`] at rates lambda ~ gamma(`r`, `alpha`).
pub(crate) fn at_and_from(r: f64, alpha: f64, n_max: u32, t: f64) -> (Vec<f64>, Vec<f64>) {
    let (ln_none, ln_z) = (-r * (t / alpha).ln_1p(), -(alpha / t).ln_1p());
    let at = |n: u32| {
        let n = f64::from(n);
        let power = if n > 0.0 { n * ln_z } else { 0.0 };
        (ln_gamma_ratio(r, n) - ln_gamma(n + 1.0) + ln_none + power).exp()
    };
    let at: Vec<f64> = (0..=n_max).map(at).collect();
    let mut from = at.clone();
    let mut sum = beyond(r, ln_z.exp(), f64::from(n_max), &at);
    for from in from.iter_mut().rev() {
        sum += *from;
        *from = sum.min(1.0);
    }
    (at, from)
}

/// P(N > `n`): what the terms up to n leave, where that is much; else the sum of those that follow.
fn beyond(r: f64, z: f64, mut n: f64, at: &[f64]) -> f64 {
    let up_to: f64 = at.iter().sum();
    if up_to < 0.5 {
        return 1.0 - up_to;
    }
    let (mut term, mut sum) = (at.last().copied().unwrap_or(0.0), 0.0);
    loop {
        term *= z * (r + n) / (n + 1.0);
        n += 1.0;
        sum += term;
        // what follows is below term * z / (1 - z)
        if term * z <= LAST_TERM * (1.0 - z) * sum || term == 0.0 {
            return sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_as_mpmath_and_scipy_nbinom_give_them() {
        // mpmath 1.4.1 (40 digits), and scipy 1.17.1 to 1e-12: nbinom(0.243, 4.414/(4.414+30)); pmf(0) pmf(11) sf(10); nbinom(40, .5).sf(59)
        let (at, from) = at_and_from(0.243, 4.414, 11, 30.0);
        for (found, expected) in
            [(at[0], 0.607_110_317_312_091_8), (at[11], 0.005_795_658_119_368_128), (from[11], 0.034_107_196_799_463_9)]
        {
            assert!((found / expected - 1.0).abs() < 1e-12, "{found} for {expected}");
        }
        let (_, from) = at_and_from(40.0, 3.0, 60, 3.0);
        assert!((from[60] / 0.021_937_646_793_507_6 - 1.0).abs() < 1e-12, "{}", from[60]);
        assert!((from[0] - 1.0).abs() < 1e-14);
    }

    #[test]
    fn no_time_means_no_purchase() {
        let (at, from) = at_and_from(0.5, 2.0, 2, 0.0);
        assert_eq!((at, from), (vec![1.0, 0.0, 0.0], vec![1.0, 0.0, 0.0]));
    }
}
