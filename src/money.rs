//! From an amount in major units to whole minor units, exactly.
//!
//! Lives here: conversion of floats, integers and decimals at a scale, rounding half away from zero.
//! Does not live here: exact products (`decimal`), limits that the user sets, or sums.

pub mod decimal;

/// The largest amount, in minor units: 18 digits, what `decimal(18, s)` holds.
pub const LARGEST_MINOR: i64 = 999_999_999_999_999_999;

/// What an amount turned into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Minor {
    /// Exactly this.
    Exact(i64),
    /// This, after rounding away further decimals.
    Rounded(i64),
    /// Not a number, or infinite.
    NotFinite,
    /// More than 18 digits.
    TooLarge,
}

/// Powers of ten as floats, exact.
const POWERS: [f64; 7] = [1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6];

/// Ten to the power `scale` (0 to 6).
#[must_use]
pub const fn power_of_ten(scale: u8) -> i64 {
    10_i64.pow(scale as u32)
}

/// Below this many minor units the product of a float and a power of ten is so near to the true one that a whole number
/// close to it can only be the true one: 2^48, where floats are 1/16 apart.
const NEAR: f64 = 281_474_976_710_656.0;

/// A float as minor units. A float stands for the shortest decimal that reads back as it: 1.005 at scale 2 is 1.01,
/// although the binary number lies below.
#[inline]
#[must_use]
pub fn from_float(value: f64, scale: u8) -> Minor {
    let scaled = value * POWERS[scale as usize];
    match nearest(scaled) {
        (nearest, true) => Minor::Exact(nearest),
        _ => from_odd_float(value, scaled, scale),
    }
}

/// Floats as minor units, if all of them are exactly that: a loop without a branch, for the many batches that hold
/// nothing else. False if one is not; then `minor` must be computed again.
#[must_use]
pub fn all_exact(values: &[f64], scale: u8, minor: &mut [i64]) -> bool {
    let power = POWERS[scale as usize];
    let mut are_exact = true;
    for (minor, value) in minor.iter_mut().zip(values) {
        let (nearest, is_exact) = nearest(value * power);
        *minor = nearest;
        are_exact &= is_exact;
    }
    are_exact
}

/// The whole number nearest to a float, and whether the float stands for it. Without meaning where it does not.
#[inline]
fn nearest(scaled: f64) -> (i64, bool) {
    // Near 1.5 * 2^52 floats are 1 apart: a sum with it is rounded to a whole number, which is in its last bits.
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    let shifted = scaled + SHIFT;
    let nearest = shifted.to_bits().wrapping_sub(SHIFT.to_bits()).cast_signed();
    // The product of the nearest float to d/10^scale is within one part in 2^51 of the integer d.
    let is_near = (scaled - (shifted - SHIFT)).abs() <= scaled.abs() * (2.0 * f64::EPSILON);
    (nearest, is_near & (scaled.abs() < NEAR))
}

#[cold]
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
fn from_odd_float(value: f64, scaled: f64, scale: u8) -> Minor {
    if !value.is_finite() {
        return Minor::NotFinite;
    }
    if scaled.abs() >= LARGEST_MINOR as f64 {
        return Minor::TooLarge;
    }
    let distance_from_tie = ((scaled - scaled.trunc()).abs() - 0.5).abs();
    // The error of the product grows with it.
    if scaled.abs() < NEAR && distance_from_tie > 1e-6_f64.max(scaled.abs() * (4.0 * f64::EPSILON)) {
        return Minor::Rounded(scaled.round() as i64);
    }
    shortest_decimal(value, scale)
}

/// The shortest decimal text of `value`, rounded half away from zero.
fn shortest_decimal(value: f64, scale: u8) -> Minor {
    let text = format!("{}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let (kept, cut) = fraction.split_at(fraction.len().min(scale.into()));
    let Ok(units) = format!("{whole}{kept:0<width$}", width = scale.into()).parse::<i64>() else {
        return Minor::TooLarge;
    };
    let rounds_up = cut.as_bytes().first().is_some_and(|digit| *digit >= b'5');
    let units = units + i64::from(rounds_up);
    let is_rounded = cut.bytes().any(|digit| digit != b'0');
    fit(i128::from(if value < 0.0 { -units } else { units }), is_rounded)
}

/// A 32-bit float as minor units: it stands for its own shortest decimal.
#[inline]
#[must_use]
pub fn from_short_float(value: f32, scale: u8) -> Minor {
    let scaled = f64::from(value) * POWERS[scale as usize];
    let rounded = scaled.round();
    // What is less than half a step away reads back as this float. Where steps are much smaller than minor units, there is
    // at most one whole number of them so near, and no shorter decimal.
    let step = f64::from(value.abs().next_up()) - f64::from(value.abs());
    let slack = step / 2.0 * POWERS[scale as usize];
    if slack < 0.1 && (scaled - rounded).abs() < slack {
        return from_float(rounded / POWERS[scale as usize], scale);
    }
    from_odd_short_float(value, scale)
}

#[cold]
fn from_odd_short_float(value: f32, scale: u8) -> Minor {
    from_float(value.to_string().parse().unwrap_or(f64::NAN), scale)
}

/// An integer or decimal `units * 10^-from` as minor units.
#[inline]
#[must_use]
pub fn from_decimal(units: i128, from: u32, scale: u8) -> Minor {
    let scale = u32::from(scale);
    if from <= scale {
        let factor = 10_i128.pow(scale - from);
        return units.checked_mul(factor).map_or(Minor::TooLarge, |minor| fit(minor, false));
    }
    let Some(divisor) = 10_i128.checked_pow(from - scale) else {
        return Minor::Rounded(0);
    };
    let (quotient, remainder) = (units / divisor, units % divisor);
    let away = i128::from(remainder.unsigned_abs() * 2 >= divisor.unsigned_abs()) * units.signum();
    fit(quotient + away, remainder != 0)
}

#[allow(clippy::cast_possible_truncation)]
fn fit(minor: i128, is_rounded: bool) -> Minor {
    if minor.unsigned_abs() > u128::from(LARGEST_MINOR.unsigned_abs()) {
        Minor::TooLarge
    } else if is_rounded {
        Minor::Rounded(minor as i64)
    } else {
        Minor::Exact(minor as i64)
    }
}

/// Minor units as people read them: `-120.25`. `scale`: decimals of money.
#[must_use]
pub fn text(minor: i128, scale: u8) -> String {
    let unit = u128::from(power_of_ten(scale).unsigned_abs());
    let (sign, minor) = (if minor < 0 { "-" } else { "" }, minor.unsigned_abs());
    match scale {
        0 => format!("{sign}{minor}"),
        _ => format!("{sign}{}.{:0width$}", minor / unit, minor % unit, width = usize::from(scale)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cents_are_exact_and_further_decimals_round_half_away_from_zero() {
        assert_eq!(from_float(19.99, 2), Minor::Exact(1999));
        assert_eq!(from_float(-0.0, 2), Minor::Exact(0));
        assert_eq!(from_float(1.005, 2), Minor::Rounded(101));
        assert_eq!(from_float(-1.005, 2), Minor::Rounded(-101));
        assert_eq!(from_float(1.004_999, 2), Minor::Rounded(100));
        assert_eq!(from_float(2.5, 0), Minor::Rounded(3));
        assert_eq!(from_float(0.1 + 0.2, 2), Minor::Exact(30), "a float error is not a decimal");
        assert_eq!(from_float(5e-324, 2), Minor::Rounded(0));
    }

    #[test]
    fn large_amounts_stand_for_their_shortest_decimals_too() {
        assert_eq!(from_float(134_319_720.545, 2), Minor::Rounded(13_431_972_055));
        assert_eq!(from_float(1_048_974.416_45, 4), Minor::Rounded(10_489_744_165));
        assert_eq!(from_float(16_387.478_556_5, 6), Minor::Rounded(16_387_478_557));
        assert_eq!(from_float(35_232_209_914_679.59, 2), Minor::Exact(3_523_220_991_467_959));
        assert_eq!(from_float(-123_456_789_012_345.67, 2), Minor::Exact(-12_345_678_901_234_567));
        assert_eq!(from_float(4_295_134_680.506_044, 6), Minor::Exact(4_295_134_680_506_044));
        assert_eq!(from_float(999_999_999_999_999_999.0, 0), Minor::TooLarge, "the nearest float is 10^18");
    }

    #[test]
    fn what_is_not_an_amount_is_distinguished() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(from_float(value, 2), Minor::NotFinite);
        }
        assert_eq!(from_float(1e308, 2), Minor::TooLarge);
        assert_eq!(from_float(1e16, 2), Minor::TooLarge);
        assert_eq!(from_decimal(i128::MAX, 0, 2), Minor::TooLarge);
    }

    #[test]
    fn short_floats_stand_for_their_shortest_decimal() {
        assert_eq!(from_short_float(19.99, 2), Minor::Exact(1999));
        assert_eq!(from_short_float(0.1, 2), Minor::Exact(10));
        assert_eq!(from_short_float(f32::NAN, 2), Minor::NotFinite);
        assert_eq!(from_short_float(f32::NEG_INFINITY, 2), Minor::NotFinite);
        // In binary 1234.56005859375, 123456.7890625 and 1.00499999523.
        assert_eq!(from_short_float(1234.56, 4), Minor::Exact(12_345_600));
        assert_eq!(from_short_float(123_456.79, 2), Minor::Exact(12_345_679));
        assert_eq!(from_short_float(1.005, 2), Minor::Rounded(101));
        assert_eq!(from_short_float(-0.0, 2), Minor::Exact(0));
    }

    #[test]
    fn decimals_are_rescaled_exactly() {
        assert_eq!(from_decimal(1999, 2, 2), Minor::Exact(1999));
        assert_eq!(from_decimal(7, 0, 2), Minor::Exact(700));
        assert_eq!(from_decimal(12_345, 3, 2), Minor::Rounded(1235));
        assert_eq!(from_decimal(-12_345, 3, 2), Minor::Rounded(-1235));
        assert_eq!(from_decimal(12_340, 3, 2), Minor::Exact(1234));
        assert_eq!(from_decimal(1, 60, 2), Minor::Rounded(0));
    }

    /// The decimal text, rounded by hand: what every path must agree with.
    fn by_text(value: f64, scale: u8) -> i64 {
        match shortest_decimal(value, scale) {
            Minor::Exact(minor) | Minor::Rounded(minor) => minor,
            other => panic!("{value} is {other:?}"),
        }
    }

    proptest! {
        #[test]
        fn every_decimal_of_seventeen_digits_is_rounded_as_its_text(
            digits in -10_i64.pow(17)..10_i64.pow(17),
            decimals in 0..9_u32,
            shift in 0..16_u32,
            scale in 0..7_u8,
        ) {
            #[allow(clippy::cast_precision_loss)]
            let value = (digits / 10_i64.pow(shift)) as f64 / 10_f64.powi(decimals.cast_signed());
            if value.abs() * POWERS[usize::from(scale)] < 9e17 {
                let expected = by_text(value, scale);
                match from_float(value, scale) {
                    Minor::Exact(minor) | Minor::Rounded(minor) => prop_assert_eq!(minor, expected, "{}", value),
                    other => prop_assert!(false, "{} is {:?}", value, other),
                }
            }
        }

        #[test]
        fn many_floats_at_once_are_as_one_by_one(cents in prop::collection::vec(-10_i64.pow(14)..10_i64.pow(14), 0..40)) {
            #[allow(clippy::cast_precision_loss)]
            let mut values: Vec<f64> = cents.iter().map(|cents| *cents as f64 / 100.0).collect();
            let mut minor = vec![0; values.len()];
            prop_assert!(all_exact(&values, 2, &mut minor));
            prop_assert_eq!(&minor, &cents);
            for odd in [0.001, f64::NAN, f64::INFINITY, 1e17] {
                values.push(odd);
                prop_assert!(!all_exact(&values, 2, &mut vec![0; values.len()]), "{}", odd);
                values.pop();
            }
        }

        #[test]
        fn every_cent_survives_the_way_through_a_float(cents in -10_i64.pow(15)..10_i64.pow(15)) {
            #[allow(clippy::cast_precision_loss)]
            let value = cents as f64 / 100.0;
            prop_assert_eq!(from_float(value, 2), Minor::Exact(cents));
        }

        #[test]
        fn a_short_float_is_the_text_that_it_prints(bits in any::<u32>(), scale in 0..7_u8) {
            let value = f32::from_bits(bits);
            prop_assert_eq!(from_short_float(value, scale), from_float(value.to_string().parse().unwrap(), scale));
        }

        #[test]
        fn float_and_decimal_agree_on_thousandths(thousandths in -10_i64.pow(11)..10_i64.pow(11)) {
            #[allow(clippy::cast_precision_loss)]
            let value = thousandths as f64 / 1000.0;
            prop_assert_eq!(from_float(value, 2), from_decimal(thousandths.into(), 3, 2));
        }
    }

    #[test]
    fn minor_units_are_told_in_major_ones() {
        let cases = [(-12_025, 2, "-120.25"), (5, 2, "0.05"), (-5, 3, "-0.005"), (7, 0, "7"), (0, 2, "0.00")];
        for (minor, scale, expected) in cases {
            assert_eq!(text(minor, scale), expected);
        }
    }
}
