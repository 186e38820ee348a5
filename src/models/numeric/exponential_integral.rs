//! The integral of e^(-z w) (1+w)^-n over w from 0 on: e^z times the generalized exponential integral `E_n(z)` (Abramowitz and
//! Stegun 5.1.4), also Tricomi's function U(1, 2-n, z).
//!
//! What arrives at a rate that falls by a power of time, discounted to today. With 1 + w = e^y it is the integral of
//! e^(y - z (e^y - 1) - n y), summed by the rule of Gauss and Legendre in panels over which the exponent changes little: all terms
//! are positive, whatever n and z. For larger z there is a quicker continued fraction.
//! Does not live here: the models that it is a part of.

use super::quadrature::GAUSS;

/// A panel of y is at most this wide, and the exponent falls over it by at most this much.
const WIDEST_PANEL: f64 = 1.0;
const STEEPEST_PANEL: f64 = 2.0;
/// What comes after the integrand has fallen by e^-45 of its start adds nothing: with the length of what follows, below 1e-16.
const NEGLIGIBLE: f64 = 45.0;
/// Panels end here in any case: with n near 1 and z near 0 the integral has no end.
const MOST_PANELS: u32 = 4_000;

/// From here on the continued fraction takes a few dozen steps.
const FRACTION_FROM: f64 = 1.0;
/// It ends where a step changes nothing but the last digit, and here in any case.
const LAST_STEP: f64 = 2e-16;
const MOST_STEPS: u32 = 1_000;

/// `e^z E_n(z)` for `n` > 0 and `z` > 0.
pub(crate) fn scaled_exponential_integral(n: f64, z: f64) -> f64 {
    if z >= FRACTION_FROM { by_fraction(n, z) } else { by_panels(n, z) }
}

/// 1/(z+n - 1 n/(z+n+2 - 2 (n+1)/(z+n+4 - ..))) (Abramowitz and Stegun 5.1.22, its even part), by the method of Lentz (1976).
fn by_fraction(n: f64, z: f64) -> f64 {
    let mut base = z + n;
    let (mut above, mut below) = (f64::INFINITY, 1.0 / base);
    let mut value = below;
    for i in 1..=MOST_STEPS {
        let i = f64::from(i);
        let part = -i * (n - 1.0 + i);
        base += 2.0;
        below = 1.0 / (part * below + base);
        above = base + part / above;
        let step = above * below;
        value *= step;
        if (step - 1.0).abs() <= LAST_STEP {
            break;
        }
    }
    value
}

fn by_panels(n: f64, z: f64) -> f64 {
    let exponent = |y: f64| (1.0 - n) * y - z * y.exp_m1();
    let (mut sum, mut from, mut highest) = (0.0, 0.0, 0.0_f64);
    for _ in 0..MOST_PANELS {
        let here = exponent(from);
        highest = highest.max(here);
        if here < highest - NEGLIGIBLE {
            break;
        }
        let slope = ((1.0 - n).abs()).max(1.0) + z * from.exp();
        let width = WIDEST_PANEL.min(STEEPEST_PANEL / slope);
        let (middle, half) = (from + 0.5 * width, 0.5 * width);
        for (abscissa, weight) in GAUSS {
            let both = exponent(middle - half * abscissa).exp() + exponent(middle + half * abscissa).exp();
            sum += weight * half * both;
        }
        from += width;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// mpmath 1.4.1, `mp.dps = 40`: `print(n, z, exp(mpf(z)) * expint(mpf(n), mpf(z)))`
    #[allow(clippy::unreadable_literal, reason = "as printed")]
    const BY_MPMATH: [(f64, f64, f64); 13] = [
        (0.606, 0.14, 2.814270912114013),
        (0.606, 0.0001, 82.33443621453667),
        (1.0, 0.01, 4.078511443456426),
        (1.0, 3.0, 0.2620837402553185),
        (0.01, 0.05, 19.488804540935078),
        (2.6, 0.5, 0.42082385954784524),
        (3.0, 1e-06, 0.49999950000661914),
        (27.3, 0.2, 0.037724690912917955),
        (400.5, 2.0, 0.002490629047852253),
        (400.5, 0.001, 0.0025031226297772824),
        (5000.0, 90.0, 0.0001965015767676969),
        (0.3, 800.0, 0.0012495320095377938),
        (1.2, 25000.0, 3.9998080168938374e-05),
    ];

    #[test]
    fn values_are_those_of_mpmath() {
        for (n, z, expected) in BY_MPMATH {
            let found = scaled_exponential_integral(n, z);
            assert!((found / expected - 1.0).abs() < 1e-12, "{n} {z}: {found} for {expected}");
        }
    }

    #[test]
    fn fraction_and_panels_agree() {
        for n in [0.05, 0.9, 1.0, 1.7, 3.0, 40.5, 2_000.0] {
            for z in [1.0, 1.5, 7.0, 300.0] {
                let (one, other) = (by_fraction(n, z), by_panels(n, z));
                assert!((one / other - 1.0).abs() < 1e-12, "{n} {z}: {one} {other}");
            }
        }
    }
}
