//! Numbers and moments in the lanes of a row: by value, whatever type a file stores them in.
//!
//! Whole numbers are one word, be they integers, floats or decimals; halves and quarters are those of floats. Days, moments,
//! spans, times and truth values carry a mark each, so that none of them is a number. Does not live here: where the values
//! lie in a column (`values`).

use super::mixing::{Kind, Lanes, mixed, with_two_words, with_word};

/// Marks without a pattern, from the digits of the golden ratio and of the root of two.
pub(super) const TRUTH: u64 = 0x9e37_79b9_7f4a_7c15;
pub(super) const DAY: u64 = 0xf39c_c060_5ced_c834;
pub(super) const MOMENT: u64 = 0x6a09_e667_f3bc_c908;
pub(super) const SPAN: u64 = 0xb2fb_1366_ea95_7d3e;
pub(super) const TIME: u64 = 0x3adc_1d04_8dae_2c8b;

/// 2^53: every whole number up to here is a float.
const WHOLE_FLOATS: u64 = 1 << 53;
/// 2^127: below, a whole float is an integer of 128 bits.
const BEYOND_INTEGERS: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;
/// 5^27 is the greatest power of five within 63 bits.
const MOST_POWERS_OF_FIVE: u32 = 27;

#[inline]
pub(super) fn with_integer(lanes: Lanes, value: i64) -> Lanes {
    with_word(lanes, value.cast_unsigned())
}

#[inline]
pub(super) fn with_whole(lanes: Lanes, value: i128) -> Lanes {
    match i64::try_from(value) {
        Ok(value) => with_integer(lanes, value),
        Err(_) => with_two_words(lanes, value.cast_unsigned()),
    }
}

/// Ticks as nanoseconds, marked: of any unit the same.
#[inline]
pub(super) fn with_ticks(lanes: Lanes, ticks: i64, nanoseconds: i64, mark: u64) -> Lanes {
    match ticks.checked_mul(nanoseconds) {
        Some(value) => with_word(lanes, value.cast_unsigned() ^ mark),
        None => with_two_words(lanes, (i128::from(ticks) * i128::from(nanoseconds)).cast_unsigned() ^ u128::from(mark)),
    }
}

/// One word stands for both zeros, and one for all that is no number.
#[inline]
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::float_cmp)]
pub(super) fn with_float(lanes: Lanes, value: f64) -> Lanes {
    let whole = value as i64;
    if whole as f64 == value && whole != i64::MAX {
        return with_integer(lanes, whole);
    }
    if value.abs() < BEYOND_INTEGERS {
        let whole = value as i128;
        if whole as f64 == value {
            return with_whole(lanes, whole);
        }
    }
    let bits = if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() };
    mixed(lanes, [bits; 2], Kind::Fraction)
}

/// The number `units * 10^-decimals`.
#[inline]
pub(super) fn with_decimal(lanes: Lanes, units: i128, decimals: u32) -> Lanes {
    if let Ok(units) = i64::try_from(units) {
        return with_short_decimal(lanes, units, decimals);
    }
    let (mut units, mut decimals) = (units, decimals);
    while decimals > 0 && units % 10 == 0 {
        units /= 10;
        decimals -= 1;
    }
    match i64::try_from(units) {
        Ok(units) => with_short_decimal(lanes, units, decimals),
        Err(_) if decimals == 0 => with_whole(lanes, units),
        Err(_) => mixed(with_two_words(lanes, units.cast_unsigned()), [u64::from(decimals); 2], Kind::Decimals),
    }
}

#[allow(clippy::cast_precision_loss)]
fn with_short_decimal(lanes: Lanes, mut units: i64, mut decimals: u32) -> Lanes {
    while decimals > 0 && units % 10 == 0 {
        if units == 0 {
            decimals = 0;
            break;
        }
        units /= 10;
        decimals -= 1;
    }
    if decimals == 0 {
        return with_integer(lanes, units);
    }
    // A float holds n / 2^d exactly, which is n * 5^d / 10^d.
    if decimals <= MOST_POWERS_OF_FIVE {
        let fives = 5_i64.pow(decimals);
        if units % fives == 0 && (units / fives).unsigned_abs() < WHOLE_FLOATS {
            return with_float(lanes, (units / fives) as f64 / (1_u64 << decimals) as f64);
        }
    }
    mixed(with_integer(lanes, units), [u64::from(decimals); 2], Kind::Decimals)
}

#[cfg(test)]
mod tests {
    use super::super::mixing::START;
    use super::*;

    #[test]
    fn a_number_is_the_same_whatever_holds_it() {
        let decimal = |units, decimals| with_decimal(START, units, decimals);
        let float = |value| with_float(START, value);
        assert_eq!(decimal(1_200, 2), with_integer(START, 12));
        assert_eq!(decimal(1_200, 2), float(12.0));
        assert_eq!(decimal(-1_250, 2), float(-12.5));
        assert_eq!(decimal(125, 1), decimal(1_250_000_000_000_000_000_000, 20));
        assert_eq!(decimal(0, 4), float(-0.0));
        assert_eq!(float(0.0), float(-0.0));
        assert_eq!(float(f64::NAN), float(-f64::NAN));
        assert_eq!(float(f64::from(0.5_f32)), decimal(5, 1));
        // 2^63 and 10^20 lie beyond 64 bits with a sign.
        assert_eq!(float(9_223_372_036_854_775_808.0), with_whole(START, 1 << 63));
        assert_eq!(float(1e20), decimal(100_000_000_000_000_000_000_000, 3));
    }

    #[test]
    fn other_numbers_are_others() {
        let decimal = |units, decimals| with_decimal(START, units, decimals);
        // 0.1 is no float, and the float that is written so is no tenth.
        assert_ne!(decimal(1, 1), with_float(START, 0.1));
        assert_ne!(decimal(11, 1), decimal(11, 2));
        assert_ne!(with_float(START, f64::INFINITY), with_float(START, f64::NEG_INFINITY));
        assert_ne!(with_float(START, f64::NAN), with_integer(START, 0));
        assert_ne!(with_float(START, f64::INFINITY), with_integer(START, i64::MAX));
        assert_ne!(with_float(START, f64::from(0.1_f32)), with_float(START, 0.1));
        assert_ne!(with_whole(START, 1 << 63), with_integer(START, i64::MIN));
    }

    #[test]
    fn a_moment_is_the_same_in_any_unit_and_no_number() {
        let moment = |ticks, nanoseconds| with_ticks(START, ticks, nanoseconds, MOMENT);
        assert_eq!(moment(1_700_000_000_000, 1_000_000), moment(1_700_000_000_000_000_000, 1));
        // The year 33658 has no nanoseconds in 64 bits.
        assert_eq!(moment(1_000_000_000_000_000, 1_000_000), moment(1_000_000_000_000_000_000, 1_000));
        assert_ne!(moment(5, 1), with_integer(START, 5));
        assert_ne!(moment(5, 1), with_ticks(START, 5, 1, SPAN));
    }
}
