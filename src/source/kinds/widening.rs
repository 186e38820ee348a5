//! Which kinds of one column in different files can be read as one.
//!
//! Does not live here: which kinds a role takes, and the message where they do not agree (see `contract`).

use super::{ColumnKind, MOST_DIGITS, TimeUnit};

impl ColumnKind {
    /// Whether it is a number.
    #[must_use]
    pub const fn is_number(&self) -> bool {
        matches!(self, Self::Int { .. } | Self::Float32 | Self::Float64 | Self::Decimal { .. })
    }

    /// The digits behind the point of a number that is exact; 0 of others.
    #[must_use]
    pub const fn scale(&self) -> u32 {
        match self {
            Self::Decimal { scale, .. } => *scale,
            _ => 0,
        }
    }

    /// The kind that holds every value of `self` and of `other`, where files with one and files with the other can be read as
    /// one column. Of a float and another number that is a float, which is exact up to 2^53 alone: whoever needs every digit
    /// takes the values as each file has them.
    #[must_use]
    pub fn widened(&self, other: &Self) -> Option<Self> {
        Some(match (self, other) {
            _ if self == other => self.clone(),
            (a, b) if a.is_number() && b.is_number() => a.wider_number(b),
            (Self::Text | Self::Uuid, Self::Text | Self::Uuid) => Self::Text,
            (Self::Timestamp { unit, utc }, Self::Timestamp { unit: other_unit, utc: other_utc })
                if utc == other_utc =>
            {
                Self::Timestamp { unit: *unit.max(other_unit), utc: *utc }
            }
            (Self::Int96, Self::Timestamp { utc: true, .. }) | (Self::Timestamp { utc: true, .. }, Self::Int96) => {
                Self::Timestamp { unit: TimeUnit::Ns, utc: true }
            }
            (Self::Date, Self::Timestamp { unit, utc: false }) | (Self::Timestamp { unit, utc: false }, Self::Date) => {
                Self::Timestamp { unit: *unit, utc: false }
            }
            _ => return None,
        })
    }

    fn wider_number(&self, other: &Self) -> Self {
        let is_float = |kind: &Self| matches!(kind, Self::Float32 | Self::Float64);
        let is_narrow = |kind: &Self| matches!(kind, Self::Int { bits, signed } if *signed || *bits <= 32);
        match (self.digits(), other.digits()) {
            _ if is_float(self) || is_float(other) => Self::Float64,
            _ if is_narrow(self) && is_narrow(other) => Self::Int { bits: 64, signed: true },
            ((whole, scale), (other_whole, other_scale)) => {
                let scale = scale.max(other_scale);
                Self::Decimal { precision: (whole.max(other_whole) + scale).min(MOST_DIGITS), scale }
            }
        }
    }

    /// The most digits before and after the point of an integer or decimal.
    const fn digits(&self) -> (u32, u32) {
        match self {
            Self::Decimal { precision, scale } => (*precision - *scale, *scale),
            Self::Int { bits, signed } => {
                let whole = match (*bits, *signed) {
                    (..=8, _) => 3,
                    (..=16, _) => 5,
                    (..=32, _) => 10,
                    (_, true) => 19,
                    (_, false) => 20,
                };
                (whole, 0)
            }
            _ => (0, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widened(a: &ColumnKind, b: &ColumnKind) -> Option<ColumnKind> {
        let wide = a.widened(b);
        assert_eq!(wide, b.widened(a), "{a} and {b} in either order");
        wide
    }

    #[test]
    fn numbers_widen_to_what_holds_both() {
        let int = |bits, signed| ColumnKind::Int { bits, signed };
        let decimal = |precision, scale| ColumnKind::Decimal { precision, scale };
        for (a, b, wide) in [
            (int(8, true), int(32, false), int(64, true)),
            (int(8, true), int(8, true), int(8, true)),
            // 20 digits hold 18446744073709551615 and -9223372036854775808.
            (int(64, false), int(64, true), decimal(20, 0)),
            (decimal(10, 2), decimal(18, 2), decimal(18, 2)),
            (decimal(10, 2), decimal(10, 3), decimal(11, 3)),
            (decimal(38, 0), decimal(18, 2), decimal(38, 2)),
            (int(64, true), decimal(10, 2), decimal(21, 2)),
            (int(64, true), ColumnKind::Float32, ColumnKind::Float64),
            (ColumnKind::Float32, ColumnKind::Float64, ColumnKind::Float64),
            (ColumnKind::Float64, decimal(10, 2), ColumnKind::Float64),
        ] {
            assert_eq!(widened(&a, &b), Some(wide), "{a} and {b}");
        }
        for other in [ColumnKind::Text, ColumnKind::Date, ColumnKind::Bool, ColumnKind::Null] {
            assert_eq!(widened(&int(64, true), &other), None, "{other}");
        }
    }

    #[test]
    fn timestamps_widen_to_the_finest_unit_of_one_clock() {
        let stamp = |unit, utc| ColumnKind::Timestamp { unit, utc };
        let (ms, ns) = (stamp(TimeUnit::Ms, true), stamp(TimeUnit::Ns, true));
        assert_eq!(widened(&ms, &ns), Some(ns.clone()));
        assert_eq!(widened(&ms, &ColumnKind::Int96), Some(ns));
        assert_eq!(widened(&ms, &stamp(TimeUnit::Ms, false)), None);
        assert_eq!(widened(&ColumnKind::Int96, &stamp(TimeUnit::Ms, false)), None);
        // A day without a time is the midnight that no zone moves.
        assert_eq!(widened(&ColumnKind::Date, &stamp(TimeUnit::Us, false)), Some(stamp(TimeUnit::Us, false)));
        assert_eq!(widened(&ColumnKind::Date, &ms), None);
    }

    #[test]
    fn texts_widen_with_what_is_read_as_one() {
        assert_eq!(widened(&ColumnKind::Text, &ColumnKind::Uuid), Some(ColumnKind::Text));
        assert_eq!(widened(&ColumnKind::Text, &ColumnKind::Binary), None);
    }
}
