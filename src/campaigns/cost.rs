//! Costs of contacts: whole millionths of the currency, so that sums are exact however small a cost is.

use super::number;

/// Millionths in one.
const MILLIONTHS: f64 = 1e6;

/// What a contact costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Cost(i64);

/// The largest cost of a contact: sums of 2^53 of them fit.
pub const LARGEST: f64 = 1e9;

impl Cost {
    /// A cost in major units, rounded to millionths; none below zero, above [`LARGEST`] or of what is no number.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)] // below 10^15
    pub fn new(major: f64) -> Option<Self> {
        (0.0..=LARGEST).contains(&major).then(|| Self((major * MILLIONTHS).round() as i64))
    }

    /// In millionths.
    #[must_use]
    pub const fn millionths(self) -> i64 {
        self.0
    }

    /// In major units.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "below 10^15")]
    pub const fn major(self) -> f64 {
        self.0 as f64 / MILLIONTHS
    }
}

/// A sum of costs in major units.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "one rounding of an exact sum")]
pub fn major(millionths: i128) -> f64 {
    millionths as f64 / MILLIONTHS
}

/// What so many contacts cost at most, in millionths, of a budget in major units; none where it is not above zero.
#[must_use]
#[allow(clippy::cast_possible_truncation)] // below 2^100
pub fn budget(major: f64) -> Option<i128> {
    (major > 0.0 && major <= number(1 << 53)).then(|| (major * MILLIONTHS).round() as i128)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_exact_to_the_millionth() {
        assert_eq!(Cost::new(0.62).unwrap().millionths(), 620_000);
        assert_eq!(Cost::new(0.000_001).unwrap().millionths(), 1);
        assert!((major(3 * 620_000) - 1.86).abs() < f64::EPSILON);
        assert_eq!([Cost::new(-0.1), Cost::new(f64::NAN), Cost::new(1e10)], [None; 3]);
        assert_eq!((budget(0.0), budget(1_550.0)), (None, Some(1_550_000_000)));
    }
}
