//! Exact thresholds: a fraction of whole units, and the integer cut that represents it.

/// `numerator / denominator` in units of `10^-decimals`; the denominator is above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rational {
    /// Upper part.
    pub(crate) numerator: i128,
    /// Lower part, above zero.
    pub(crate) denominator: i128,
}

impl Rational {
    /// The cut for "value > threshold": since values are whole, that is value > floor(threshold).
    pub(crate) fn cut_below_values(self) -> i64 {
        saturate(self.numerator.div_euclid(self.denominator))
    }

    /// The cut for "value >= threshold": since values are whole, that is value > ceil(threshold) - 1.
    pub(crate) fn cut_up_to_values(self) -> i64 {
        let ceiling = -(-self.numerator).div_euclid(self.denominator);
        saturate(ceiling - 1)
    }

    /// The threshold in the column's unit, where a value of `10^decimals` is one.
    #[expect(clippy::cast_precision_loss, reason = "for people; comparisons use the integer cuts")]
    pub(crate) fn in_unit(self, decimals: u32) -> f64 {
        self.numerator as f64 / (self.denominator * 10_i128.pow(decimals)) as f64
    }
}

/// A threshold beyond every 64-bit value is as good as the largest one: no value is above it.
fn saturate(cut: i128) -> i64 {
    i64::try_from(cut).unwrap_or(if cut < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_round_the_right_way_on_both_sides_of_zero() {
        let half = |numerator| Rational { numerator, denominator: 2 };
        assert_eq!((half(5).cut_below_values(), half(5).cut_up_to_values()), (2, 2)); // 2.5: from 3 on
        assert_eq!((half(4).cut_below_values(), half(4).cut_up_to_values()), (2, 1)); // 2: from 3 on, from 2 on
        assert_eq!((half(-5).cut_below_values(), half(-5).cut_up_to_values()), (-3, -3)); // -2.5: from -2 on
    }

    #[test]
    fn a_threshold_beyond_the_integers_lets_no_value_pass() {
        let beyond = Rational { numerator: i128::from(i64::MAX) + 100, denominator: 1 };
        assert_eq!(beyond.cut_up_to_values(), i64::MAX);
    }

    #[test]
    fn thresholds_are_shown_in_the_columns_unit() {
        assert!((Rational { numerator: 9_995, denominator: 5 }.in_unit(2) - 19.99).abs() < 1e-12);
    }
}
