//! Type 7 quantiles as exact fractions: the default of `numpy`, pandas and R.
//!
//! Hyndman and Fan (1996), definition 7: position p*(N-1) counted from 0, linear in between. Here p = k/n.

use super::order_statistics::Ranked;
use super::rational::Rational;

/// The quantiles k/n for k = 1..n-1, in the values' own unit; none where there is no value.
pub(crate) fn type_7(values: &[i64], bins: u32) -> Vec<Rational> {
    if values.is_empty() {
        return Vec::new();
    }
    let positions: Vec<(usize, usize)> = (1..bins).map(|k| position(k, values.len(), bins)).collect();
    let ranks = positions.iter().flat_map(|&(rank, rest)| [rank, rank + usize::from(rest > 0)]);
    let ranked = Ranked::at(values, ranks.collect());
    positions.iter().map(|&(rank, rest)| between(&ranked, rank, rest, bins)).collect()
}

/// k*(N-1)/n as whole rank and rest. N is the length of a slice of 8-byte values and k at most 99: no overflow.
fn position(k: u32, customers: usize, bins: u32) -> (usize, usize) {
    let (k, bins) = (k as usize, bins as usize);
    let (whole, rest) = ((customers - 1) / bins, (customers - 1) % bins);
    (k * whole + k * rest / bins, k * rest % bins)
}

/// lo + (hi - lo) * rest / n, as a fraction over n.
fn between(ranked: &Ranked, rank: usize, rest: usize, bins: u32) -> Rational {
    let low = i128::from(ranked.value(rank));
    let high = i128::from(ranked.value(rank + usize::from(rest > 0)));
    let denominator = i128::from(bins);
    Rational { numerator: low * denominator + (high - low) * rest as i128, denominator }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thresholds(values: &[i64], bins: u32) -> Vec<f64> {
        type_7(values, bins).iter().map(|threshold| threshold.in_unit(0)).collect()
    }

    #[test]
    fn quintiles_as_numpy_percentile_gives_them() {
        // numpy.quantile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [.2, .4, .6, .8]) = [2.8, 4.6, 6.4, 8.2]
        assert_eq!(thresholds(&[10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 5), [2.8, 4.6, 6.4, 8.2]);
        // numpy.quantile([3, 1, 4, 1, 5, 9, 2, 6], [.25, .5, .75]) = [1.75, 3.5, 5.25]
        assert_eq!(thresholds(&[3, 1, 4, 1, 5, 9, 2, 6], 4), [1.75, 3.5, 5.25]);
        // numpy.quantile([-7, 100], [.2, .4, .6, .8]) = [14.4, 35.8, 57.2, 78.6]
        assert_eq!(thresholds(&[-7, 100], 5), [14.4, 35.8, 57.2, 78.6]);
    }

    #[test]
    fn an_interpolation_worked_by_hand() {
        // N = 8, n = 5, k = 1: position 7/5 = rank 1 and 2/5; sorted 0 10 20 30 ...: 10 + 10*2/5 = 14
        let values: Vec<i64> = (0..8).map(|i| 10 * i).collect();
        assert_eq!(type_7(&values, 5)[0], Rational { numerator: 70, denominator: 5 });
    }

    #[test]
    fn one_value_is_every_quantile_and_none_has_none() {
        assert_eq!(thresholds(&[42], 5), [42.0; 4]);
        assert!(thresholds(&[], 5).is_empty());
    }

    #[test]
    fn the_extremes_of_64_bits_do_not_overflow() {
        // the midpoint of -2^63 and 2^63 - 1 is -0.5, whose floor is -1
        let middle = type_7(&[i64::MAX, i64::MIN], 2)[0];
        assert_eq!(middle, Rational { numerator: -1, denominator: 2 });
        assert_eq!(middle.cut_below_values(), -1);
    }

    #[test]
    fn positions_are_the_exact_division() {
        for customers in 1..200_usize {
            for bins in [2, 3, 5, 7, 100_u32] {
                for k in 1..bins {
                    let exact = k as usize * (customers - 1);
                    let n = bins as usize;
                    assert_eq!(position(k, customers, bins), (exact / n, exact % n));
                }
            }
        }
    }
}
