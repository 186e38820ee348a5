//! The logical types of columns, as far as this program distinguishes them.
//!
//! Lives here: how a Parquet type becomes a [`ColumnKind`], its name in messages, and which kinds
//! of the same column in different files can be read as one.
//! Does not live here: which kinds a role takes (see `contract`).

use std::fmt;

use parquet::basic::{ConvertedType, LogicalType, Repetition, TimeUnit as ParquetUnit, Type as Physical};
use parquet::schema::types::Type;

/// The unit of a timestamp, from coarse to fine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeUnit {
    /// Milliseconds.
    Ms,
    /// Microseconds.
    Us,
    /// Nanoseconds.
    Ns,
}

impl TimeUnit {
    /// How many of this unit are in one second.
    #[must_use]
    pub const fn per_second(self) -> i64 {
        match self {
            Self::Ms => 1_000,
            Self::Us => 1_000_000,
            Self::Ns => 1_000_000_000,
        }
    }
}

/// The logical type of a top-level column.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ColumnKind {
    /// True or false.
    Bool,
    /// A whole number.
    Int {
        /// 8, 16, 32 or 64.
        bits: u8,
        /// Whether it has a sign.
        signed: bool,
    },
    /// Single precision.
    Float32,
    /// Double precision.
    Float64,
    /// A decimal number.
    Decimal {
        /// Digits in total.
        precision: u32,
        /// Digits after the point.
        scale: u32,
    },
    /// A `BYTE_ARRAY` with the UTF8 annotation.
    Text,
    /// A `BYTE_ARRAY` without it (JSON, BSON and ENUM count as such, as they do in the engine).
    Binary,
    /// Days since 1970-01-01.
    Date,
    /// A point in time, or a reading of a clock.
    Timestamp {
        /// Its unit.
        unit: TimeUnit,
        /// Parquet's `isAdjustedToUTC`: a point in time, not a reading of some local clock. True for files that carry only
        /// the old converted type, as the format says.
        utc: bool,
    },
    /// The old 96-bit timestamp of Spark, Hive and Impala, a point in time.
    Int96,
    /// A time of day.
    Time,
    /// A column in which no value was ever seen by its writer.
    Null,
    /// `struct`, `list` or `map`.
    Nested(&'static str),
    /// Anything else.
    Other(String),
}

impl fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => write!(f, "boolean"),
            Self::Int { bits, signed } => write!(f, "{}int{bits}", if *signed { "" } else { "u" }),
            Self::Float32 => write!(f, "float32"),
            Self::Float64 => write!(f, "float64"),
            Self::Decimal { precision, scale } => write!(f, "decimal({precision},{scale})"),
            Self::Text => write!(f, "text (string)"),
            Self::Binary => write!(f, "binary (BYTE_ARRAY without the UTF8 annotation)"),
            Self::Date => write!(f, "date"),
            Self::Timestamp { unit, utc } => {
                let unit = match unit {
                    TimeUnit::Ms => "ms",
                    TimeUnit::Us => "us",
                    TimeUnit::Ns => "ns",
                };
                write!(f, "timestamp[{unit}] {}", if *utc { "in UTC" } else { "without time zone" })
            }
            Self::Int96 => write!(f, "INT96 timestamp"),
            Self::Time => write!(f, "time of day"),
            Self::Null => write!(f, "the null type (not one value)"),
            Self::Nested(what) => write!(f, "{what}"),
            Self::Other(what) => write!(f, "{what}"),
        }
    }
}

impl ColumnKind {
    /// The kind of a top-level field of a Parquet schema.
    #[must_use]
    pub fn of(field: &Type) -> Self {
        let info = field.get_basic_info();
        if info.has_repetition() && info.repetition() == Repetition::REPEATED {
            return Self::Nested("list");
        }
        match field {
            Type::GroupType { .. } => Self::Nested(nested_name(info.logical_type_ref(), info.converted_type())),
            Type::PrimitiveType { physical_type, type_length, scale, precision, .. } => {
                let (logical, converted) = (info.logical_type_ref(), info.converted_type());
                if logical == Some(&LogicalType::Unknown) {
                    return Self::Null;
                }
                if let Some(decimal) = decimal_of(logical, converted, *precision, *scale) {
                    return decimal;
                }
                Self::of_primitive(*physical_type, logical, converted, *type_length)
            }
        }
    }

    fn of_primitive(
        physical: Physical,
        logical: Option<&LogicalType>,
        converted: ConvertedType,
        type_length: i32,
    ) -> Self {
        match physical {
            Physical::BOOLEAN => Self::Bool,
            Physical::INT32 | Physical::INT64 => Self::of_integer(physical, logical, converted),
            Physical::INT96 => Self::Int96,
            Physical::FLOAT => Self::Float32,
            Physical::DOUBLE => Self::Float64,
            Physical::BYTE_ARRAY => match (logical, converted) {
                (Some(LogicalType::String), _) | (None, ConvertedType::UTF8) => Self::Text,
                _ => Self::Binary,
            },
            Physical::FIXED_LEN_BYTE_ARRAY => Self::Other(match (logical, converted) {
                (Some(LogicalType::Float16), _) => "float16".into(),
                (Some(LogicalType::Uuid), _) => "UUID in 16 bytes".into(),
                (_, ConvertedType::INTERVAL) => "interval".into(),
                _ => format!("fixed_len_byte_array({type_length})"),
            }),
        }
    }

    fn of_integer(physical: Physical, logical: Option<&LogicalType>, converted: ConvertedType) -> Self {
        let width: u8 = if physical == Physical::INT32 { 32 } else { 64 };
        let int = |bits, signed| Self::Int { bits, signed };
        let stamp = |unit, utc| Self::Timestamp { unit, utc };
        match (logical, converted) {
            (Some(LogicalType::Integer(kind)), _) => {
                // A width beyond the physical one violates the format; the physical one applies.
                int(u8::try_from(kind.bit_width).map_or(width, |bits| bits.min(width)), kind.is_signed)
            }
            (Some(LogicalType::Date), _) | (None, ConvertedType::DATE) => Self::Date,
            (Some(LogicalType::Time(_)), _) | (None, ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS) => {
                Self::Time
            }
            (Some(LogicalType::Timestamp(kind)), _) => {
                let unit = match kind.unit {
                    ParquetUnit::MILLIS => TimeUnit::Ms,
                    ParquetUnit::MICROS => TimeUnit::Us,
                    ParquetUnit::NANOS => TimeUnit::Ns,
                };
                stamp(unit, kind.is_adjusted_to_u_t_c)
            }
            (None, ConvertedType::TIMESTAMP_MILLIS) => stamp(TimeUnit::Ms, true),
            (None, ConvertedType::TIMESTAMP_MICROS) => stamp(TimeUnit::Us, true),
            (None, ConvertedType::UINT_8) => int(8, false),
            (None, ConvertedType::UINT_16) => int(16, false),
            (None, ConvertedType::UINT_32) => int(32, false),
            (None, ConvertedType::UINT_64) => int(64, false),
            (None, ConvertedType::INT_8) => int(8, true),
            (None, ConvertedType::INT_16) => int(16, true),
            _ => int(width, true),
        }
    }

    /// Whether a top-level field holds points in time that the engine reads as readings of a clock: 96-bit timestamps, and
    /// those that carry only the old converted type.
    #[must_use]
    pub fn lacks_zone_in_engine(field: &Type) -> bool {
        let info = field.get_basic_info();
        let is_old = info.logical_type_ref().is_none()
            && matches!(info.converted_type(), ConvertedType::TIMESTAMP_MILLIS | ConvertedType::TIMESTAMP_MICROS);
        match Self::of(field) {
            Self::Int96 => true,
            Self::Timestamp { .. } => is_old,
            _ => false,
        }
    }

    /// Whether files with `self` and files with `other` in one column can be read as one column
    /// without changing a value.
    #[must_use]
    pub fn widens_with(&self, other: &Self) -> bool {
        let narrow = |kind: &Self| matches!(kind, Self::Int { bits, signed } if *signed || *bits <= 32);
        let float = |kind: &Self| matches!(kind, Self::Float32 | Self::Float64);
        match (self, other) {
            (Self::Timestamp { utc, .. }, Self::Timestamp { utc: other_utc, .. }) => utc == other_utc,
            (Self::Timestamp { utc, .. }, Self::Int96) | (Self::Int96, Self::Timestamp { utc, .. }) => *utc,
            (Self::Decimal { scale, .. }, Self::Decimal { scale: other_scale, .. }) => scale == other_scale,
            _ => self == other || (narrow(self) && narrow(other)) || (float(self) && float(other)),
        }
    }

    /// The kind that holds every value of `self` and of `other`, which must be [`Self::widens_with`].
    #[must_use]
    pub fn widened(&self, other: &Self) -> Self {
        match (self, other) {
            _ if self == other => self.clone(),
            (Self::Int { .. }, Self::Int { .. }) => Self::Int { bits: 64, signed: true },
            (Self::Int96, Self::Timestamp { utc, .. }) | (Self::Timestamp { utc, .. }, Self::Int96) => {
                Self::Timestamp { unit: TimeUnit::Ns, utc: *utc }
            }
            (Self::Timestamp { unit, utc }, Self::Timestamp { unit: other_unit, .. }) => {
                Self::Timestamp { unit: *unit.max(other_unit), utc: *utc }
            }
            (Self::Decimal { precision, scale }, Self::Decimal { precision: other_precision, .. }) => {
                Self::Decimal { precision: *precision.max(other_precision), scale: *scale }
            }
            _ => Self::Float64,
        }
    }
}

fn nested_name(logical: Option<&LogicalType>, converted: ConvertedType) -> &'static str {
    match (logical, converted) {
        (Some(LogicalType::List), _) | (None, ConvertedType::LIST) => "list",
        (Some(LogicalType::Map), _) | (None, ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE) => "map",
        (Some(LogicalType::Variant(_)), _) => "variant",
        _ => "struct",
    }
}

fn decimal_of(
    logical: Option<&LogicalType>,
    converted: ConvertedType,
    precision: i32,
    scale: i32,
) -> Option<ColumnKind> {
    let (precision, scale) = match (logical, converted) {
        (Some(LogicalType::Decimal(kind)), _) => (kind.precision, kind.scale),
        (None, ConvertedType::DECIMAL) => (precision, scale),
        _ => return None,
    };
    let (digits, decimals) = (u32::try_from(precision), u32::try_from(scale.max(0)));
    match (digits, decimals) {
        // 38 digits are what 128 bits, and the engine, can hold.
        (Ok(precision @ 1..=38), Ok(scale)) if scale <= precision => Some(ColumnKind::Decimal { precision, scale }),
        _ => Some(ColumnKind::Other(format!("decimal({precision},{scale}), beyond 38 digits or malformed"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::schema::parser::parse_message_type;

    fn kind(field: &str) -> ColumnKind {
        let schema = parse_message_type(&format!("message t {{ {field} }}")).unwrap();
        ColumnKind::of(&schema.get_fields()[0])
    }

    #[test]
    fn parquet_types_get_their_kind() {
        let int = |bits, signed| ColumnKind::Int { bits, signed };
        let stamp = |unit, utc| ColumnKind::Timestamp { unit, utc };
        for (field, expected) in [
            ("required boolean a;", ColumnKind::Bool),
            ("required int32 a;", int(32, true)),
            ("required int64 a;", int(64, true)),
            ("optional int32 a (INTEGER(8,false));", int(8, false)),
            ("optional int32 a (UINT_16);", int(16, false)),
            ("optional int64 a (INTEGER(64,false));", int(64, false)),
            ("optional int32 a (DATE);", ColumnKind::Date),
            ("optional int32 a (TIME_MILLIS);", ColumnKind::Time),
            ("optional int64 a (TIMESTAMP(MICROS,true));", stamp(TimeUnit::Us, true)),
            ("optional int64 a (TIMESTAMP(NANOS,false));", stamp(TimeUnit::Ns, false)),
            ("optional int64 a (TIMESTAMP_MILLIS);", stamp(TimeUnit::Ms, true)),
            ("optional int64 a (TIMESTAMP_MICROS);", stamp(TimeUnit::Us, true)),
            ("optional int96 a;", ColumnKind::Int96),
            ("optional float a;", ColumnKind::Float32),
            ("optional double a;", ColumnKind::Float64),
            ("optional int64 a (DECIMAL(18,2));", ColumnKind::Decimal { precision: 18, scale: 2 }),
            ("optional binary a (UTF8);", ColumnKind::Text),
            ("optional binary a (STRING);", ColumnKind::Text),
            ("optional binary a;", ColumnKind::Binary),
            ("optional binary a (JSON);", ColumnKind::Binary),
            ("repeated int32 a;", ColumnKind::Nested("list")),
            ("optional group a { required int32 b; }", ColumnKind::Nested("struct")),
            ("optional group a (LIST) { repeated group list { optional int32 b; } }", ColumnKind::Nested("list")),
        ] {
            assert_eq!(kind(field), expected, "{field}");
        }
    }

    #[test]
    fn old_timestamps_lack_their_zone_in_the_engine() {
        for (field, lacks) in [
            ("optional int96 a;", true),
            ("optional int64 a (TIMESTAMP_MILLIS);", true),
            ("optional int64 a (TIMESTAMP(MICROS,true));", false),
            ("optional int64 a (TIMESTAMP(MICROS,false));", false),
            ("optional int64 a;", false),
            ("repeated int96 a;", false),
        ] {
            let schema = parse_message_type(&format!("message t {{ {field} }}")).unwrap();
            assert_eq!(ColumnKind::lacks_zone_in_engine(&schema.get_fields()[0]), lacks, "{field}");
        }
    }

    #[test]
    fn integers_widen_to_64_bits_but_not_with_uint64() {
        let int = |bits, signed| ColumnKind::Int { bits, signed };
        assert!(int(8, true).widens_with(&int(32, false)));
        assert_eq!(int(8, true).widened(&int(32, false)), int(64, true));
        assert_eq!(int(8, true).widened(&int(8, true)), int(8, true));
        assert!(!int(64, false).widens_with(&int(64, true)));
        assert!(int(64, false).widens_with(&int(64, false)));
    }

    #[test]
    fn timestamps_widen_to_the_finest_unit_of_one_clock() {
        let stamp = |unit, utc| ColumnKind::Timestamp { unit, utc };
        let (ms, ns) = (stamp(TimeUnit::Ms, true), stamp(TimeUnit::Ns, true));
        assert!(ms.widens_with(&ns));
        assert_eq!(ms.widened(&ns), ns);
        assert_eq!(ns.widened(&ms), ns);
        assert!(!ms.widens_with(&stamp(TimeUnit::Ms, false)));
        assert!(!ms.widens_with(&ColumnKind::Date));
    }

    #[test]
    fn decimals_widen_only_at_the_same_scale_and_floats_among_themselves() {
        let decimal = |precision, scale| ColumnKind::Decimal { precision, scale };
        assert!(decimal(10, 2).widens_with(&decimal(18, 2)));
        assert_eq!(decimal(10, 2).widened(&decimal(18, 2)), decimal(18, 2));
        assert!(!decimal(10, 2).widens_with(&decimal(10, 3)));
        assert_eq!(ColumnKind::Float32.widened(&ColumnKind::Float64), ColumnKind::Float64);
        assert!(!ColumnKind::Float64.widens_with(&decimal(10, 2)));
        assert!(!ColumnKind::Text.widens_with(&ColumnKind::Binary));
    }
}
