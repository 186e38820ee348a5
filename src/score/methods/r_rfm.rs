//! As the R package rfm: type 7 quantiles plus one in the column's unit, intervals closed on the left.
//!
//! The one is added to money and to fractional quantiles too: that is what the package does.

use super::quantile::type_7;
use super::rational::Rational;

/// The quantiles k/n plus one (`10^decimals` of the values' own unit).
pub(crate) fn thresholds(values: &[i64], bins: u32, decimals: u32) -> Vec<Rational> {
    let one = 10_i128.pow(decimals);
    let plus_one = |q: Rational| Rational { numerator: q.numerator + one * q.denominator, ..q };
    type_7(values, bins).into_iter().map(plus_one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_added_in_the_unit_of_the_column() {
        // quartiles of 1..5 are 2, 3, 4; of 1.00 .. 5.00 in cents 200, 300, 400, and one is 100 cents
        let shown = |values: &[i64], decimals| -> Vec<f64> {
            thresholds(values, 4, decimals).iter().map(|t| t.in_unit(decimals)).collect()
        };
        assert_eq!(shown(&[1, 2, 3, 4, 5], 0), [3.0, 4.0, 5.0]);
        assert_eq!(shown(&[100, 200, 300, 400, 500], 2), [3.0, 4.0, 5.0]);
    }

    #[test]
    fn a_value_on_a_threshold_is_in_the_upper_bin() {
        // threshold 3 exactly: 3 counts, so that the cut is 2
        assert_eq!(thresholds(&[1, 2, 3, 4, 5], 4, 0)[0].cut_up_to_values(), 2);
        // quintile 1 of 1..10 is 2.8, plus one 3.8: 4 counts, 3 does not
        let values: Vec<i64> = (1..=10).collect();
        assert_eq!(thresholds(&values, 5, 0)[0].cut_up_to_values(), 3);
    }

    #[test]
    fn the_largest_integer_plus_one_does_not_overflow() {
        assert_eq!(thresholds(&[i64::MAX], 2, 18)[0].cut_up_to_values(), i64::MAX);
    }
}
