//! The standard normal distribution: critical values and two-sided p-values.

use std::f64::consts::SQRT_2;

/// The probability of a standard normal value at least as far from 0 as `z`.
#[must_use]
pub fn two_sided(z: f64) -> f64 {
    libm::erfc(z.abs() / SQRT_2)
}

/// The z that a standard normal value stays within, on both sides, with the probability `confidence`: 1.96 for 0.95.
///
/// It is found by halving, to the last bit: nothing here is asked often.
#[must_use]
pub fn critical(confidence: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 40.0_f64);
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return low;
        }
        if 1.0 - two_sided(middle) < confidence {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy 1.17.1: `norm.ppf(0.5 + c / 2)` and `2 * norm.sf(z)`.
    #[test]
    fn critical_values_and_p_values_are_those_of_scipy() {
        for (confidence, z) in
            [(0.95, 1.959_963_984_540_054), (0.9, 1.644_853_626_951_472), (0.99, 2.575_829_303_548_900_4)]
        {
            assert!((critical(confidence) - z).abs() < 1e-12, "{confidence}: {}", critical(confidence));
        }
        for (z, p) in
            [(1.0, 0.317_310_507_862_914_15), (-2.5, 0.012_419_330_651_552_32), (6.0, 1.973_175_290_075_396_3e-9)]
        {
            assert!((two_sided(z) / p - 1.0).abs() < 1e-12, "{z}: {}", two_sided(z));
        }
    }
}
