//! Bins of equal width between the smallest and the largest value, closed on the right as `pandas.cut`.
//!
//! Thresholds are min + k (max - min) / n for k = 1..n-1. Where all values are equal there is no width: the thresholds
//! fall together on that value, and every customer gets the lowest score (recency the highest).

use super::rational::Rational;

/// The thresholds; none where there is no value.
pub(crate) fn thresholds(values: &[i64], bins: u32) -> Vec<Rational> {
    let (Some(&min), Some(&max)) = (values.iter().min(), values.iter().max()) else { return Vec::new() };
    let (min, width, denominator) = (i128::from(min), i128::from(max) - i128::from(min), i128::from(bins));
    (1..denominator).map(|k| Rational { numerator: min * denominator + k * width, denominator }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_as_pandas_cut_gives_them() {
        // pandas.cut([0, 3, 10], 4, retbins=True): inner edges 2.5, 5.0, 7.5
        let edges: Vec<f64> = thresholds(&[3, 0, 10], 4).iter().map(|edge| edge.in_unit(0)).collect();
        assert_eq!(edges, [2.5, 5.0, 7.5]);
    }

    #[test]
    fn the_whole_range_of_64_bits_is_cut_without_overflow() {
        let edges = thresholds(&[i64::MIN, i64::MAX], 100);
        assert!(edges.windows(2).all(|pair| pair[0].numerator < pair[1].numerator));
        assert_eq!(thresholds(&[5, 5], 3)[0].cut_below_values(), 5);
        assert!(thresholds(&[], 3).is_empty());
    }
}
