//! The logical types of columns, as far as this program distinguishes them.
//!
//! Lives here: how a Parquet type becomes a [`ColumnKind`], and its name in messages.
//! Does not live here: which kinds can be read as one (`widening`), and which a role takes (see `contract`).

mod widening;

use std::fmt;

use parquet::basic::{ConvertedType, LogicalType, Repetition, TimeUnit as ParquetUnit, Type as Physical};
use parquet::schema::types::Type;

/// The bytes of a UUID.
const UUID_BYTES: i32 = 16;
/// The digits that 128 bits, and the engine, can hold.
const MOST_DIGITS: u32 = 38;

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
    /// A `BYTE_ARRAY` with the annotation UTF8, ENUM or JSON: all three are UTF-8.
    Text,
    /// A UUID in 16 bytes, which is read as a text: `0b1d5a2e-c3f4-4d5e-8f90-1a2b3c4d5e6f`.
    Uuid,
    /// A `BYTE_ARRAY` without such an annotation (BSON counts as such).
    Binary,
    /// So many bytes without an annotation.
    FixedBinary(i32),
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
            Self::Uuid => write!(f, "UUID in 16 bytes"),
            Self::Binary => write!(f, "binary (BYTE_ARRAY without the UTF8 annotation)"),
            Self::FixedBinary(length) => write!(f, "fixed_len_byte_array({length})"),
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
                match logical {
                    Some(LogicalType::Unknown) => return Self::Null,
                    Some(LogicalType::_Unknown { .. }) => {
                        return Self::Other("a logical type of a later format".into());
                    }
                    Some(LogicalType::Geometry(_)) => return Self::Other("geometry".into()),
                    Some(LogicalType::Geography(_)) => return Self::Other("geography".into()),
                    _ => {}
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
                (Some(LogicalType::String | LogicalType::Enum | LogicalType::Json), _)
                | (None, ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON) => Self::Text,
                _ => Self::Binary,
            },
            Physical::FIXED_LEN_BYTE_ARRAY => match (logical, converted) {
                (Some(LogicalType::Float16), _) => Self::Other("float16".into()),
                (Some(LogicalType::Uuid), _) if type_length == UUID_BYTES => Self::Uuid,
                (_, ConvertedType::INTERVAL) => Self::Other("interval".into()),
                _ => Self::FixedBinary(type_length),
            },
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

    /// Whether a top-level field is a text to readers of the format, and bytes to the engine.
    #[must_use]
    pub fn is_bytes_in_engine(field: &Type) -> bool {
        let info = field.get_basic_info();
        let is_utf8 = match info.logical_type_ref() {
            Some(logical) => *logical == LogicalType::String,
            None => info.converted_type() == ConvertedType::UTF8,
        };
        Self::of(field) == Self::Text && !is_utf8
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
        (Ok(precision @ 1..=MOST_DIGITS), Ok(scale)) if scale <= precision => {
            Some(ColumnKind::Decimal { precision, scale })
        }
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
            ("optional binary a (JSON);", ColumnKind::Text),
            ("optional binary a (ENUM);", ColumnKind::Text),
            ("optional binary a (BSON);", ColumnKind::Binary),
            ("optional fixed_len_byte_array(16) a (UUID);", ColumnKind::Uuid),
            ("optional fixed_len_byte_array(16) a;", ColumnKind::FixedBinary(16)),
            ("optional fixed_len_byte_array(2) a (FLOAT16);", ColumnKind::Other("float16".into())),
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
}
