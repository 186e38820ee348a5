//! The mean of an axis as an exact fraction, plain or weighted.
//!
//! Plain: sum(v) / N. Weighted: sum(w v) / sum(w), where a weight below zero counts as zero.

use super::rational::Rational;
use crate::error::{Error, Result};

/// The mean; none without customers, or where no weight is above zero.
pub(crate) fn mean(values: &[i64], weights: Option<&[i64]>) -> Result<Option<Rational>> {
    let (numerator, denominator) = match weights {
        None => (values.iter().map(|&value| i128::from(value)).sum(), values.len() as i128),
        Some(weights) => weighted_sums(values, weights)?,
    };
    if denominator == 0 && !values.is_empty() {
        return Err(Error::quality("no customer has a weight above zero, so that there is no weighted mean")
            .hint("leave out `weight`, or weight by a column that is above zero"));
    }
    Ok((denominator > 0).then_some(Rational { numerator, denominator }))
}

fn weighted_sums(values: &[i64], weights: &[i64]) -> Result<(i128, i128)> {
    let (mut weighted, mut total) = (0_i128, 0_i128);
    for (&value, &weight) in values.iter().zip(weights) {
        let weight = i128::from(weight.max(0));
        weighted = weighted.checked_add(i128::from(value) * weight).ok_or_else(overflow)?;
        total += weight;
    }
    if total > i128::from(i64::MAX) { Err(overflow()) } else { Ok((weighted, total)) }
}

fn overflow() -> Error {
    Error::compute("the sum of the weights of a weighted mean overflows")
        .hint("lower the number of decimals of the money")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(values: &[i64], weights: Option<&[i64]>) -> Option<f64> {
        mean(values, weights).unwrap().map(|mean| mean.in_unit(0))
    }

    #[test]
    fn means_as_numpy_average_gives_them() {
        // numpy.average([1, 2, 4]) = 2.3333333333333335
        assert!(shown(&[1, 2, 4], None).is_some_and(|mean| (mean - 7.0 / 3.0).abs() < 1e-15));
        // numpy.average([1, 2, 4], weights=[3, 0, 1]) = 1.75; a weight of -5 counts as 0
        assert_eq!(shown(&[1, 2, 4], Some(&[3, 0, 1])), Some(1.75));
        assert_eq!(shown(&[1, 2, 4], Some(&[3, -5, 1])), Some(1.75));
    }

    #[test]
    fn without_customers_or_weights_there_is_no_mean() {
        assert_eq!(shown(&[], None), None);
        assert_eq!(shown(&[], Some(&[])), None);
        let text = mean(&[1, 2], Some(&[0, -1])).unwrap_err().to_string();
        assert!(text.contains("no customer has a weight above zero") && text.contains("leave out `weight`"), "{text}");
    }

    #[test]
    fn sums_beyond_64_bits_are_exact_or_an_error() {
        assert_eq!(mean(&[i64::MAX; 3], None).unwrap().unwrap().cut_below_values(), i64::MAX);
        assert_eq!(mean(&[i64::MIN; 2], Some(&[1, 2])).unwrap().unwrap().cut_below_values(), i64::MIN);
        assert!(mean(&[1, 1], Some(&[i64::MAX, 1])).is_err());
    }
}
