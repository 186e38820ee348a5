//! Special functions of positive arguments, in logs.
//!
//! Lives here: the logs of gamma and beta, their ratios, digamma, and sums in log space. `ln_gamma` is that of `libm`;
//! what is written out here is what it cannot give: differences of two large log gammas without cancellation.
//! Does not live here: the Gauss hypergeometric function, for which the models need only two integrals (`tail`,
//! `dropout`).

/// From here on the Stirling series below is exact to double precision: its first omitted term is `1/156 z^-13`.
const STIRLING_FROM: f64 = 16.0;
/// From here on the series of digamma below is exact to double precision: its first omitted term is `.44 z^-16`.
const DIGAMMA_FROM: f64 = 12.0;
/// Bernoulli numbers `B_2k / (2k (2k - 1))` for k = 1..6 (Abramowitz and Stegun 6.1.41).
const STIRLING: [f64; 6] = [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360_360.0];
/// Bernoulli numbers `B_2k / 2k` for k = 1..7 (Abramowitz and Stegun 6.3.18).
const DIGAMMA: [f64; 7] =
    [1.0 / 12.0, -1.0 / 120.0, 1.0 / 252.0, -1.0 / 240.0, 1.0 / 132.0, -691.0 / 32_760.0, 1.0 / 12.0];

/// The log of the gamma function at `z` > 0.
pub(crate) fn ln_gamma(z: f64) -> f64 {
    libm::lgamma(z)
}

/// The derivative of [`ln_gamma`]: recurrence up to [`DIGAMMA_FROM`], then the asymptotic series.
pub(crate) fn digamma(z: f64) -> f64 {
    let (mut z, mut sum) = (z, 0.0);
    while z < DIGAMMA_FROM {
        sum -= 1.0 / z;
        z += 1.0;
    }
    let square = 1.0 / (z * z);
    let series = DIGAMMA.iter().rev().fold(0.0, |series, coefficient| square * (coefficient + series));
    sum + z.ln() - 0.5 / z - series
}

/// ln G(z + a) - ln G(z) for `z` > 0 and `a` >= 0, without cancellation where `z` is large.
pub(crate) fn ln_gamma_ratio(z: f64, a: f64) -> f64 {
    if z < STIRLING_FROM {
        return ln_gamma(z + a) - ln_gamma(z);
    }
    (z + a - 0.5) * (a / z).ln_1p() + a * (z.ln() - 1.0) + stirling_rest(z + a) - stirling_rest(z)
}

/// ln G(z) minus (z - 1/2) ln z - z + ln(2 pi)/2.
fn stirling_rest(z: f64) -> f64 {
    let square = 1.0 / (z * z);
    STIRLING.iter().rev().fold(0.0, |series, coefficient| coefficient + square * series) / z
}

/// The log of the beta function.
pub(crate) fn ln_beta(a: f64, b: f64) -> f64 {
    let (smaller, larger) = if a < b { (a, b) } else { (b, a) };
    ln_gamma(smaller) - ln_gamma_ratio(larger, smaller)
}

/// ln(e^a + e^b); either may be minus infinity.
pub(crate) fn ln_add(a: f64, b: f64) -> f64 {
    let (smaller, larger) = if a < b { (a, b) } else { (b, a) };
    if smaller == f64::NEG_INFINITY { larger } else { larger + (smaller - larger).exp().ln_1p() }
}

/// 1 / (1 + e^z), for every z.
pub(crate) fn share_of_one(z: f64) -> f64 {
    if z > 0.0 { (-z).exp() / (1.0 + (-z).exp()) } else { 1.0 / (1.0 + z.exp()) }
}

/// A number of customers as a weight. Exact to 2^53 customers.
#[expect(clippy::cast_precision_loss, reason = "no shop has 2^53 customers")]
pub(crate) fn weight(customers: u64) -> f64 {
    customers as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// mpmath 1.4.1: `from mpmath import *; mp.dps = 60; for x in xs: print(x, loggamma(mpf(x)), digamma(mpf(x)))`
    const GAMMA_BY_MPMATH: [(f64, f64, f64); 14] = [
        (1e-08, 18.420_680_738_180_21, -100_000_000.577_215_64),
        (0.001, 6.907_178_885_383_853, -1_000.575_571_931_810_3),
        (0.243, 1.318_043_584_699_669_9, -4.351_093_864_423_211),
        (0.9, 0.066_376_239_734_742_95, -0.754_926_949_947_051_3),
        (1.4616, -0.121_486_290_035_897_32, -3.110_625_123_034_165e-05),
        (1.999, -0.000_422_461_800_692_107_3, 0.422_139_198_892_355_6),
        (2.426, 0.234_008_116_887_316_24, 0.666_207_914_968_796_3),
        (5.5, 3.957_813_967_618_716_5, 1.611_093_148_581_751_2),
        (10.578, 14.120_562_461_560_26, 2.310_764_368_969_306_5),
        (25.0, 54.784_729_398_112_32, 3.198_742_512_851_974),
        (100.25, 360.284_559_637_764_23, 4.602_671_243_274_712),
        (12_345.678, 103_959.919_905_546_06, 9.421_020_820_741_761),
        (1_000_000.0, 12_815_504.569_147_611, 13.815_510_057_964_191),
        (100_000_000.0, 1_742_068_066.103_834_6, 18.420_680_738_952_367),
    ];

    #[test]
    fn gamma_and_digamma_as_in_mpmath() {
        for (z, ln_g, psi) in GAMMA_BY_MPMATH {
            assert!((ln_gamma(z) - ln_g).abs() <= 4e-16 * ln_g.abs().max(1.0), "ln gamma {z}: {}", ln_gamma(z));
            assert!((digamma(z) - psi).abs() <= 1e-15 * psi.abs().max(1.0), "digamma {z}: {}", digamma(z));
        }
    }

    /// mpmath 1.4.1: `print(a, b, log(beta(mpf(a), mpf(b))))`
    const BETA_BY_MPMATH: [(f64, f64, f64); 9] = [
        (1e-06, 1e-06, 14.508_657_738_522_574),
        (0.793, 2.426, -0.511_569_288_593_703_3),
        (0.5, 0.5, 1.144_729_885_849_400_2),
        (0.8, 100_000_000.0, -14.584_484_915_962_056),
        (0.0001, 5000.0, 9.209_430_949_314_154),
        (20.0, 30.0, -33.968_820_791_977_386),
        (1234.5, 98_765.4, -6_654.496_629_970_649),
        (1_000_000.0, 1_000_000.0, -1_386_300.003_362_921),
        (3.0, 1_000_000_000_000.0, -82.199_916_167_228_7),
    ];

    #[test]
    fn beta_as_in_mpmath_even_where_log_gammas_cancel() {
        for (a, b, ln_b) in BETA_BY_MPMATH {
            assert!((ln_beta(a, b) - ln_b).abs() <= 1e-13 * ln_b.abs().max(1.0), "{a} {b}: {}", ln_beta(a, b));
            assert_eq!(ln_beta(a, b).to_bits(), ln_beta(b, a).to_bits());
        }
    }

    #[test]
    fn sums_in_log_space_neither_overflow_nor_lose_the_smaller() {
        assert!((ln_add(f64::NEG_INFINITY, -5_000.0) + 5_000.0).abs() < 1e-12);
        assert!((ln_add(-5_000.0, -5_000.0) + 5_000.0 - std::f64::consts::LN_2).abs() < 1e-12);
        assert!((share_of_one(800.0) + share_of_one(-800.0) - 1.0).abs() < 1e-15);
        assert!(share_of_one(f64::INFINITY) < f64::MIN_POSITIVE);
        assert!(1.0 - share_of_one(f64::NEG_INFINITY) < f64::MIN_POSITIVE);
    }
}
