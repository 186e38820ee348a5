//! Decimals that are exact, and their products rounded once.
//!
//! Lives here: decimals written as texts, the decimal that a float stands for, and `a * b` as minor units. Does not live here:
//! sums, and which number is which.

use std::fmt;

use super::{LARGEST_MINOR, Minor};

/// Digits that 128 bits hold whatever they are.
pub const MOST_DIGITS: usize = 38;

/// Longer texts are no numbers that people write.
const LONGEST_TEXT: usize = 400;

/// `units * 10^-decimals`, without zeros at the end of its decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    units: i128,
    decimals: u32,
}

/// Why a text is no [`Decimal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoDecimal {
    /// It is no number as `-12.5` or `1.25e-3`.
    NoNumber,
    /// It has more digits than 38.
    TooLong,
}

/// Powers of ten as floats, exact.
const POWERS: [f64; 7] = [1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6];

/// Below this, whole numbers have at most 15 digits.
const FIFTEEN_DIGITS: f64 = 999_999_999_999_999.0;

impl Decimal {
    /// One.
    pub const ONE: Self = Self { units: 1, decimals: 0 };

    /// `units * 10^-decimals`.
    #[must_use]
    pub const fn new(mut units: i128, mut decimals: u32) -> Self {
        while decimals > 0 && units % 10 == 0 {
            units /= 10;
            decimals -= 1;
        }
        Self { units, decimals }
    }

    /// The number that a text writes: digits with at most one point between them, a sign before them, and perhaps an
    /// exponent, as `1.25e-3`. White space around it does not matter.
    ///
    /// # Errors
    /// What is wrong with it; commas, spaces and signs of a currency are no part of a number.
    pub fn parse(text: &str) -> Result<Self, NoDecimal> {
        let text = text.trim();
        if text.len() > LONGEST_TEXT {
            return Err(NoDecimal::TooLong);
        }
        let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i64 = exponent.parse::<i32>().map_err(|_| NoDecimal::NoNumber)?.into();
        let magnitude = number.strip_prefix(['-', '+']).unwrap_or(number);
        let (whole, fraction) = magnitude.split_once('.').unwrap_or((magnitude, ""));
        let digits = || whole.bytes().chain(fraction.bytes());
        if digits().next().is_none() || !digits().all(|digit| digit.is_ascii_digit()) {
            return Err(NoDecimal::NoNumber);
        }
        let mut digits: Vec<u8> = digits().skip_while(|digit| *digit == b'0').collect();
        let mut decimals = i64::try_from(fraction.len()).unwrap_or(i64::MAX) - exponent;
        while digits.last() == Some(&b'0') {
            digits.pop();
            decimals -= 1;
        }
        if digits.is_empty() {
            return Ok(Self { units: 0, decimals: 0 });
        }
        let zeros = usize::try_from(-decimals).unwrap_or(0);
        if digits.len().saturating_add(zeros) > MOST_DIGITS {
            return Err(NoDecimal::TooLong);
        }
        let units = digits.iter().fold(0_i128, |units, digit| units * 10 + i128::from(digit - b'0'));
        let units = (0..zeros).fold(units, |units, _| units * 10);
        let decimals = u32::try_from(decimals.max(0)).map_err(|_| NoDecimal::TooLong)?;
        Ok(Self { units: if number.starts_with('-') { -units } else { units }, decimals })
    }

    /// The shortest decimal that reads back as this float; none where it is infinite, not a number or beyond 38 digits.
    #[must_use]
    pub fn of_float(value: f64) -> Option<Self> {
        for (decimals, power) in (0..).zip(POWERS) {
            let units = (value * power).round();
            #[expect(clippy::float_cmp, reason = "whether it is that very float")]
            let is_it = units / power == value;
            // Decimals of 15 digits are apart as floats, and their quotient is the float nearest to them.
            if units.abs() <= FIFTEEN_DIGITS && is_it {
                #[allow(clippy::cast_possible_truncation)]
                return Some(Self::new(units as i128, decimals));
            }
        }
        Self::parse(&format!("{value:e}")).ok()
    }

    /// The float that is nearest to this times `10^scale`.
    #[must_use]
    pub fn scaled(self, scale: u8) -> f64 {
        let exponent = i64::from(scale) - i64::from(self.decimals);
        format!("{}e{exponent}", self.units).parse().unwrap_or(f64::NAN)
    }

    /// Whether it is above zero.
    #[must_use]
    pub const fn is_above_zero(self) -> bool {
        self.units > 0
    }

    /// Digits after the point.
    #[must_use]
    pub const fn decimals(self) -> u32 {
        self.decimals
    }

    /// This times `factor` in minor units of `10^-scale`, rounded once and half away from zero.
    #[must_use]
    pub fn times(self, factor: Self, scale: u8) -> Minor {
        let (left, right) = (self.units, factor.units);
        let cut = i64::from(self.decimals) + i64::from(factor.decimals) - i64::from(scale);
        let is_negative = (left < 0) != (right < 0);
        let rounded = match (left.checked_mul(right), u32::try_from(cut)) {
            (Some(product), Ok(0)) => Some((product.unsigned_abs(), false)),
            (Some(product), Ok(cut)) => Some(without_digits(product.unsigned_abs(), cut)),
            (Some(product), Err(_)) => {
                let power = u32::try_from(-cut).ok().and_then(|more| 10_u128.checked_pow(more));
                let minor = power.and_then(|power| product.unsigned_abs().checked_mul(power));
                if product == 0 { Some((0, false)) } else { minor.map(|minor| (minor, false)) }
            }
            (None, Ok(cut)) if cut > 0 => wide(left.unsigned_abs(), right.unsigned_abs(), cut),
            // More than 38 digits, none of which is cut.
            (None, _) => None,
        };
        let fitting = rounded.and_then(|(minor, is_rounded)| Some((i64::try_from(minor).ok()?, is_rounded)));
        match fitting.filter(|(minor, _)| *minor <= LARGEST_MINOR) {
            None => Minor::TooLarge,
            Some((minor, is_rounded)) => {
                let minor = if is_negative { -minor } else { minor };
                if is_rounded { Minor::Rounded(minor) } else { Minor::Exact(minor) }
            }
        }
    }
}

/// A number without its last `cut` digits, one or more, rounded half up; and whether any of them was not zero.
fn without_digits(number: u128, cut: u32) -> (u128, bool) {
    let Some(divisor) = 10_u128.checked_pow(cut) else {
        // 39 digits and more are cut off at most 39: what is left is below a half.
        return (0, number != 0);
    };
    let (quotient, rest) = (number / divisor, number % divisor);
    (quotient + u128::from(rest >= divisor - rest), rest != 0)
}

/// Digits that can be divided off at once: the power of ten has 64 bits.
const DIGITS_AT_ONCE: u32 = 19;

/// As [`without_digits`] of a product that 128 bits do not hold; none where the result has more.
#[cold]
fn wide(left: u128, right: u128, cut: u32) -> Option<(u128, bool)> {
    let mut limbs = product(left, right);
    let (mut is_rounded, mut more) = (false, cut - 1);
    while more > 0 {
        let digits = more.min(DIGITS_AT_ONCE);
        is_rounded |= divide(&mut limbs, 10_u64.pow(digits)) != 0;
        more -= digits;
    }
    let last_digit = divide(&mut limbs, 10);
    is_rounded |= last_digit != 0;
    let [low, high, 0, 0] = limbs else { return None };
    let minor = u128::from(high) << 64 | u128::from(low);
    Some((minor.checked_add(u128::from(last_digit >= 5))?, is_rounded))
}

/// A product of 256 bits, the lowest limb first.
#[allow(clippy::cast_possible_truncation)]
fn product(left: u128, right: u128) -> [u64; 4] {
    let halves = |number: u128| [number as u64, (number >> 64) as u64];
    let mut limbs = [0_u64; 4];
    for (place, own) in halves(left).into_iter().enumerate() {
        let mut carry = 0_u128;
        for (other_place, other) in halves(right).into_iter().enumerate() {
            let sum = u128::from(own) * u128::from(other) + u128::from(limbs[place + other_place]) + carry;
            limbs[place + other_place] = sum as u64;
            carry = sum >> 64;
        }
        limbs[place + 2] = carry as u64;
    }
    limbs
}

/// Divides in place; gives the rest.
#[allow(clippy::cast_possible_truncation)]
fn divide(limbs: &mut [u64; 4], by: u64) -> u64 {
    let mut rest = 0_u64;
    for limb in limbs.iter_mut().rev() {
        let number = u128::from(rest) << 64 | u128::from(*limb);
        *limb = (number / u128::from(by)) as u64;
        rest = (number % u128::from(by)) as u64;
    }
    rest
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let decimals = self.decimals as usize;
        let digits = format!("{:0>least$}", self.units.unsigned_abs(), least = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        let point = if decimals > 0 { "." } else { "" };
        write!(f, "{sign}{whole}{point}{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{from_decimal, from_float};
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn texts_are_read_exactly_and_written_without_needless_zeros() {
        for (text, shown) in [
            ("1.0837", "1.0837"),
            (" 1.10 ", "1.1"),
            ("0.006130000", "0.00613"),
            ("1.25E-3", "0.00125"),
            ("1.5e3", "1500"),
            ("+7", "7"),
            ("-0.05", "-0.05"),
            ("0.000", "0"),
            (".5", "0.5"),
            ("5.", "5"),
            ("0.00000000000000000000000000000000000001", "0.00000000000000000000000000000000000001"),
            ("99999999999999999999999999999999999999", "99999999999999999999999999999999999999"),
        ] {
            assert_eq!(decimal(text).to_string(), shown, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_told_from_what_is_too_long() {
        for text in ["", ".", "1,08", "1 000", "$1", "nan", "inf", "1e", "e5", "1.2.3", "--1", "0x10", "1e5.0", "١"] {
            assert_eq!(Decimal::parse(text), Err(NoDecimal::NoNumber), "{text}");
        }
        let long = "1".repeat(39);
        for text in [long.as_str(), "1e39", "1e400", &"0".repeat(401)] {
            assert_eq!(Decimal::parse(text), Err(NoDecimal::TooLong), "{text}");
        }
    }

    #[test]
    fn products_are_rounded_once_and_half_away_from_zero() {
        // 10.00 * 1.0845 = 10.845; 33.33 * 0.0061 = 0.203313; 0.10 * 0.85 = 0.085.
        for (amount, rate, scale, expected) in [
            ("10", "1.0845", 2, Minor::Rounded(1085)),
            ("-10", "1.0845", 2, Minor::Rounded(-1085)),
            ("33.33", "0.0061", 2, Minor::Rounded(20)),
            ("0.1", "0.85", 2, Minor::Rounded(9)),
            ("10", "1.5", 2, Minor::Exact(1500)),
            ("0", "1.5", 6, Minor::Exact(0)),
            ("7", "1", 6, Minor::Exact(7_000_000)),
            // Rounded to cents first, 0.005 would be 0.01, and then 1.
            ("0.0045", "100", 0, Minor::Rounded(0)),
            ("1e30", "0.00000000000000000000000000001", 2, Minor::Exact(1000)),
            ("99999999999999999999", "1", 2, Minor::TooLarge),
            ("1e37", "1e37", 0, Minor::TooLarge),
            ("1e30", "1e30", 6, Minor::TooLarge),
            ("1e-30", "1e-30", 2, Minor::Rounded(0)),
        ] {
            assert_eq!(decimal(amount).times(decimal(rate), scale), expected, "{amount} * {rate}");
        }
    }

    #[test]
    fn products_beyond_128_bits_are_exact() {
        // (10^30 + 1) * (10^-29 + 10^-43) = 10 + 10^-13 + ..
        let left = decimal("1000000000000000000000000000001");
        assert_eq!(left.times(decimal("1.00000000000001e-29"), 2), Minor::Rounded(1000));
        // 3.33..3 * 10^37 * 3.0..03 * 10^-37 = 10 - 10^-37 + ..
        let thirds = decimal(&"3".repeat(38));
        let three = |exponent: &str| decimal(&format!("3.{}3e{exponent}", "0".repeat(36)));
        assert_eq!(thirds.times(three("-37"), 2), Minor::Rounded(1000));
        assert_eq!(thirds.times(three("-1"), 0), Minor::TooLarge);
        // 2.5 * 10^37 * 2.0..04 * 10^-40 = 0.005 + 10^-39..; with 1.9..9 it is below.
        let quarter = decimal(&format!("25{}1", "0".repeat(35)));
        assert_eq!(quarter.times(decimal(&format!("2.{}4e-40", "0".repeat(36))), 2), Minor::Rounded(1));
        let below = decimal(&format!("2.5{}", "0".repeat(36))).times(decimal(&format!("1.{}e-3", "9".repeat(37))), 2);
        assert_eq!(below, Minor::Rounded(0));
    }

    proptest! {
        /// By division of what 128 bits hold, another way.
        #[test]
        fn wide_products_agree_with_narrow_ones(
            left in -10_i128.pow(18)..10_i128.pow(18),
            right in 1..10_i128.pow(18),
            decimals in 1..30_u32,
            scale in 0..7_u8,
        ) {
            let product = Decimal { units: left, decimals }.times(Decimal { units: right, decimals: 7 }, scale);
            prop_assert_eq!(product, from_decimal(left * right, decimals + 7, scale));
            let cut = decimals + 7 - u32::from(scale);
            let wide = wide(left.unsigned_abs(), right.unsigned_abs(), cut).unwrap();
            prop_assert_eq!(wide, without_digits((left * right).unsigned_abs(), cut));
        }

        #[test]
        fn a_float_is_the_text_that_it_prints(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            prop_assert_eq!(Decimal::of_float(value), Decimal::parse(&format!("{value:e}")).ok());
        }

        #[test]
        fn a_float_times_one_is_the_float(units in -10_i64.pow(16)..10_i64.pow(16), decimals in 0..9_u32, nudge in -3..4_i64, scale in 0..7_u8) {
            #[allow(clippy::cast_precision_loss)]
            let value = units as f64 / 10_f64.powi(decimals.cast_signed());
            let value = f64::from_bits(value.to_bits().wrapping_add_signed(nudge));
            let amount = |minor: Minor| match minor {
                Minor::Exact(minor) | Minor::Rounded(minor) => Some(minor),
                Minor::TooLarge | Minor::NotFinite => None,
            };
            if let Some(exact) = Decimal::of_float(value) {
                prop_assert_eq!(amount(exact.times(Decimal::ONE, scale)), amount(from_float(value, scale)), "{}", value);
            }
        }

        #[test]
        fn a_decimal_reads_back(units in any::<i64>(), decimals in 0..40_u32) {
            let number = Decimal::new(units.into(), decimals);
            prop_assert_eq!(Decimal::parse(&number.to_string()), Ok(number));
        }
    }
}
