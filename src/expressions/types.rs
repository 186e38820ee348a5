//! The types that expressions know.
//!
//! Whole numbers have 64 bits, decimals 38 digits; days and instants are whole numbers with a meaning. Does not live here: how
//! the types of files become these (`source`), and how values are held (`cell`).

use std::fmt;

/// The type of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// The literal `NULL`, which fits any other type.
    Null,
    /// True or false.
    Bool,
    /// A whole number of 64 bits.
    Int,
    /// A decimal number of at most 38 digits.
    Decimal {
        /// Digits after the point.
        scale: u32,
    },
    /// A floating-point number.
    Float {
        /// Whether its values have single precision.
        short: bool,
    },
    /// A text.
    Text,
    /// Anything else: it can be null or not, and nothing is known of its values.
    Other,
    /// A day.
    Date,
    /// A point in time, or the reading of a clock.
    Moment {
        /// Whether it is a point in time.
        instant: bool,
        /// Digits of its seconds after the point: 3, 6 or 9.
        digits: u32,
    },
}

/// How values of a type are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Bool,
    Exact,
    Float,
    Text,
}

/// Digits of the largest decimal.
pub(super) const MOST_DIGITS: u32 = 38;

/// A floating-point number of double precision.
pub(super) const FLOAT: Type = Type::Float { short: false };

impl Type {
    pub(super) const fn class(self) -> Class {
        match self {
            Self::Null | Self::Bool | Self::Other => Class::Bool,
            Self::Int | Self::Decimal { .. } | Self::Date | Self::Moment { .. } => Class::Exact,
            Self::Float { .. } => Class::Float,
            Self::Text => Class::Text,
        }
    }

    pub(super) const fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Decimal { .. } | Self::Float { .. })
    }

    /// A number without rounding.
    pub(super) const fn is_exact(self) -> bool {
        matches!(self, Self::Int | Self::Decimal { .. })
    }

    pub(super) const fn is_time(self) -> bool {
        matches!(self, Self::Date | Self::Moment { .. })
    }

    /// Digits after the point; none for whole numbers and anything else.
    pub(super) const fn scale(self) -> u32 {
        match self {
            Self::Decimal { scale } => scale,
            _ => 0,
        }
    }

    /// The type that holds the values of both, as the branches of a `CASE` need it.
    pub(super) fn common(self, other: Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Other, _) | (_, Self::Other) => return None,
            (a, b) if a == b => a,
            (Self::Null, any) | (any, Self::Null) => any,
            (a, b) if a.is_exact() && b.is_exact() => Self::Decimal { scale: a.scale().max(b.scale()) },
            (a, b) if a.is_number() && b.is_number() => FLOAT,
            (Self::Date, moment @ Self::Moment { .. }) | (moment @ Self::Moment { .. }, Self::Date) => moment,
            (Self::Moment { instant: a, digits: x }, Self::Moment { instant: b, digits: y }) => {
                Self::Moment { instant: a || b, digits: x.max(y) }
            }
            _ => return None,
        })
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => write!(f, "NULL"),
            Self::Bool => write!(f, "a boolean"),
            Self::Int => write!(f, "a whole number"),
            Self::Decimal { scale } => write!(f, "a decimal with {scale} decimals"),
            Self::Float { .. } => write!(f, "a float"),
            Self::Text => write!(f, "a text"),
            Self::Other => write!(f, "of a type that expressions do not know"),
            Self::Date => write!(f, "a date"),
            Self::Moment { instant: true, .. } => write!(f, "a timestamp in UTC"),
            Self::Moment { instant: false, .. } => write!(f, "a timestamp without time zone"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_types_have_one_that_holds_both_or_none() {
        let decimal = |scale| Type::Decimal { scale };
        let moment = |instant, digits| Type::Moment { instant, digits };
        for (a, b, both) in [
            (Type::Int, decimal(2), Some(decimal(2))),
            (decimal(3), decimal(2), Some(decimal(3))),
            (decimal(3), FLOAT, Some(FLOAT)),
            (Type::Null, Type::Text, Some(Type::Text)),
            (Type::Date, moment(false, 6), Some(moment(false, 6))),
            (moment(true, 3), moment(true, 9), Some(moment(true, 9))),
            (Type::Text, Type::Int, None),
            (Type::Bool, Type::Int, None),
            (Type::Date, Type::Int, None),
        ] {
            assert_eq!((a.common(b), b.common(a)), (both, both), "{a} and {b}");
        }
    }
}
