//! Exact arithmetic on whole numbers and decimals, and the order of floats.
//!
//! Does not live here: rows (`evaluate`).

use std::cmp::Ordering;

use super::cell::Fault;
use super::tree::Arithmetic;
use super::types::MOST_DIGITS;

/// The smallest number with 39 digits.
const TOO_LARGE: i128 = 10_i128.pow(MOST_DIGITS);

pub(super) fn power_of_ten(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}

/// What fits the type of a result: 64 bits for whole numbers, 38 digits for decimals.
#[inline]
pub(super) fn fitting(value: Option<i128>, is_whole: bool) -> Result<i128, Fault> {
    match value {
        Some(value) if is_whole && i64::try_from(value).is_ok() => Ok(value),
        _ if is_whole => Err(Fault::TooLarge),
        Some(value) if value > -TOO_LARGE && value < TOO_LARGE => Ok(value),
        _ => Err(Fault::TooManyDigits),
    }
}

/// Of two numbers with the same digits after the point, but for products.
#[inline]
pub(super) fn exact(operation: Arithmetic, left: i128, right: i128, is_whole: bool) -> Result<i128, Fault> {
    let result = match operation {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Divide | Arithmetic::DivideWhole | Arithmetic::Remainder if right == 0 => {
            return Err(Fault::DivisionByZero);
        }
        Arithmetic::Divide | Arithmetic::DivideWhole => left.checked_div(right),
        Arithmetic::Remainder => left.checked_rem(right),
    };
    fitting(result, is_whole)
}

#[inline]
pub(super) fn float(operation: Arithmetic, left: f64, right: f64) -> Result<f64, Fault> {
    Ok(match operation {
        Arithmetic::Add => left + right,
        Arithmetic::Subtract => left - right,
        Arithmetic::Multiply => left * right,
        Arithmetic::Divide | Arithmetic::DivideWhole | Arithmetic::Remainder if right == 0.0 => {
            return Err(Fault::DivisionByZero);
        }
        Arithmetic::Divide => left / right,
        Arithmetic::DivideWhole => (left / right).trunc(),
        Arithmetic::Remainder => left % right,
    })
}

/// The number with more or fewer digits after the point; rounded half away from zero.
pub(super) fn rescaled(value: i128, from: u32, to: u32) -> Result<i128, Fault> {
    if to >= from {
        let factor = power_of_ten(to - from).ok_or(Fault::TooManyDigits);
        return match factor {
            Ok(factor) => fitting(value.checked_mul(factor), false),
            Err(_) if value == 0 => Ok(0),
            Err(fault) => Err(fault),
        };
    }
    let Some(factor) = power_of_ten(from - to) else { return Ok(0) };
    let (quotient, rest) = (value / factor, value % factor);
    // Half of an even number is exact.
    Ok(if rest.abs() >= factor / 2 { quotient + value.signum() } else { quotient })
}

/// Towards minus infinity, towards plus infinity, or towards zero: whole numbers.
pub(super) fn rounded_to_whole(value: i128, scale: u32, up: Option<bool>) -> i128 {
    let Some(factor) = power_of_ten(scale) else { return 0 };
    match up {
        Some(false) => value.div_euclid(factor),
        Some(true) => -(-value).div_euclid(factor),
        None => value / factor,
    }
}

/// The order of two decimals with these digits after the point.
pub(super) fn order(left: i128, left_scale: u32, right: i128, right_scale: u32) -> Ordering {
    if left_scale == right_scale {
        return left.cmp(&right);
    }
    let parts = |value: i128, scale: u32| match power_of_ten(scale) {
        Some(factor) => (value.div_euclid(factor), value.rem_euclid(factor)),
        None => (value.signum().min(0), value),
    };
    let ((whole_left, rest_left), (whole_right, rest_right)) = (parts(left, left_scale), parts(right, right_scale));
    let most = left_scale.max(right_scale);
    // A rest is below one: with at most 38 digits it fits.
    let aligned = |rest: i128, scale: u32| rest.saturating_mul(power_of_ten(most - scale).unwrap_or(i128::MAX));
    whole_left.cmp(&whole_right).then_with(|| aligned(rest_left, left_scale).cmp(&aligned(rest_right, right_scale)))
}

/// The order of floats as `PostgreSQL` and `DuckDB` have it: what is no number is equal to itself and above all others, and the two
/// zeros are equal.
#[inline]
pub(super) fn float_order(left: f64, right: f64) -> Ordering {
    left.partial_cmp(&right).unwrap_or_else(|| left.is_nan().cmp(&right.is_nan()))
}

/// The nearest float of a decimal.
#[allow(clippy::cast_precision_loss)]
pub(super) fn to_float(value: i128, scale: u32) -> f64 {
    if scale == 0 {
        return value as f64;
    }
    let small = value.unsigned_abs() < 1 << 53;
    match power_of_ten(scale) {
        // Both are exact, and a division rounds once.
        Some(factor) if small && scale <= 22 => value as f64 / factor as f64,
        _ => decimal_text(value, scale).parse().unwrap_or(f64::NAN),
    }
}

/// The decimal nearest to a float; half to even for whole numbers, as `PostgreSQL` and `DuckDB` do, and away from zero for others.
#[allow(clippy::cast_possible_truncation)]
pub(super) fn from_float(value: f64, scale: u32) -> Result<i128, Fault> {
    if !value.is_finite() || value.abs() >= 1e38 {
        return Err(Fault::OutOfRange);
    }
    if scale == 0 {
        return Ok(value.round_ties_even() as i128);
    }
    // The shortest text that is this float: 0.145 is 0.145, and not what lies behind it.
    let text = format!("{value}");
    let (read, digits) = read_decimal(&text).ok_or(Fault::OutOfRange)?;
    rescaled(read, digits, scale).map_err(|_| Fault::OutOfRange)
}

/// `-12.345` as its digits and the number of those after the point; also with an exponent where the number stays short.
pub(super) fn read_decimal(text: &str) -> Option<(i128, u32)> {
    let text = text.trim();
    let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let unsigned = whole.strip_prefix(['-', '+']).unwrap_or(whole);
    if unsigned.is_empty() && fraction.is_empty()
        || !(unsigned.bytes().chain(fraction.bytes())).all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let fraction = if exponent == 0 { fraction } else { fraction.trim_end_matches('0') };
    let value: i128 = format!("{}{unsigned}{fraction}", if whole.starts_with('-') { "-" } else { "" }).parse().ok()?;
    let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    let (value, scale) = match u32::try_from(scale) {
        Ok(scale) => (value, scale),
        Err(_) => (value.checked_mul(power_of_ten(scale.unsigned_abs())?)?, 0),
    };
    (scale <= MOST_DIGITS && value > -TOO_LARGE && value < TOO_LARGE).then_some((value, scale))
}

/// `-12.345`.
pub(super) fn decimal_text(value: i128, scale: u32) -> String {
    if scale == 0 {
        return value.to_string();
    }
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale as usize + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale as usize);
    format!("{}{whole}.{fraction}", if value < 0 { "-" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_beyond_64_bits_and_38_digits_are_faults() {
        let product = |left, right, whole| exact(Arithmetic::Multiply, left, right, whole);
        assert_eq!(product(1 << 31, 1 << 32, true), Err(Fault::TooLarge));
        assert_eq!(product(1 << 31, 1 << 31, true), Ok(1 << 62));
        assert_eq!(product(-(1 << 31), 1 << 32, true), Ok(i64::MIN.into()));
        assert_eq!(product(10_i128.pow(19), 10_i128.pow(19), false), Err(Fault::TooManyDigits));
        assert_eq!(product(10_i128.pow(18), 10_i128.pow(19), false), Ok(10_i128.pow(37)));
        assert_eq!(exact(Arithmetic::Remainder, 1, 0, true), Err(Fault::DivisionByZero));
    }

    #[test]
    fn remainders_have_the_sign_of_the_dividend_and_division_goes_to_zero() {
        let of = |operation, left, right| exact(operation, left, right, true).unwrap();
        assert_eq!([-7, -3, 7].map(|left| of(Arithmetic::Remainder, left, 3)), [-1, 0, 1]);
        assert_eq!(of(Arithmetic::Remainder, 7, -3), 1);
        assert_eq!(of(Arithmetic::DivideWhole, -7, 2), -3);
    }

    #[test]
    fn decimals_are_compared_as_they_are() {
        let most = TOO_LARGE - 1;
        for (left, right, expected) in [
            ((150, 2), (15, 1), Ordering::Equal),
            ((-150, 2), (-151, 2), Ordering::Greater),
            ((-15, 1), (-149, 2), Ordering::Less),
            ((most, 0), (most, 38), Ordering::Greater),
            ((-most, 38), (-1, 0), Ordering::Greater),
            ((-1, 38), (0, 0), Ordering::Less),
        ] {
            assert_eq!(order(left.0, left.1, right.0, right.1), expected, "{left:?} {right:?}");
            assert_eq!(order(right.0, right.1, left.0, left.1), expected.reverse());
        }
    }

    #[test]
    fn rounding_is_half_away_from_zero_and_floats_to_whole_numbers_half_to_even() {
        assert_eq!([125, -125, 124].map(|value| rescaled(value, 2, 1).unwrap()), [13, -13, 12]);
        assert_eq!([2.5, 3.5, -2.5].map(|value| from_float(value, 0).unwrap()), [2, 4, -2]);
        assert_eq!(from_float(0.145, 2), Ok(15));
        assert_eq!(from_float(f64::NAN, 2), Err(Fault::OutOfRange));
        assert_eq!([-25, 25, -20].map(|value| rounded_to_whole(value, 1, Some(false))), [-3, 2, -2]);
        assert_eq!([-25, 25, -20].map(|value| rounded_to_whole(value, 1, Some(true))), [-2, 3, -2]);
    }

    #[test]
    fn decimals_are_read_and_written() {
        for (text, read) in [
            ("-12.340", Some((-12_340, 3))),
            (" 5 ", Some((5, 0))),
            (".5", Some((5, 1))),
            ("1.5e3", Some((1_500, 0))),
            ("15e-1", Some((15, 1))),
            ("-0.5", Some((-5, 1))),
            ("1,5", None),
            ("", None),
            ("-", None),
            ("1e99", None),
        ] {
            assert_eq!(read_decimal(text), read, "{text}");
        }
        assert_eq!(
            [(-5, 2), (1_234, 2), (7, 0)].map(|(value, scale)| decimal_text(value, scale)),
            ["-0.05", "12.34", "7"]
        );
        assert_eq!(to_float(1, 1).to_bits(), 0.1_f64.to_bits());
        assert_eq!(to_float(123_456_789_012_345_678_901, 2).to_bits(), 1_234_567_890_123_456_789.01_f64.to_bits());
    }

    #[test]
    fn what_is_no_number_is_above_all_and_zeros_are_equal() {
        assert_eq!(float_order(f64::NAN, f64::NAN), Ordering::Equal);
        assert_eq!(float_order(f64::NAN, f64::INFINITY), Ordering::Greater);
        assert_eq!(float_order(-0.0, 0.0), Ordering::Equal);
    }
}
