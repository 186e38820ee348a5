//! `CAST`, `TRY_CAST` and `::`: from each type to each other.
//!
//! Does not live here: casts that are implied beside other types (`binder`).

use sqlparser::ast::{DataType, ExactNumberInfo, TimezoneInfo};

use super::binder::{Binder, Refused};
use super::numbers::power_of_ten;
use super::tree::{Conversion, Node, Typed};
use super::types::{MOST_DIGITS, Type};

/// What is cast to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target {
    kind: Type,
    /// Its least and greatest value, where it has.
    range: Option<(i128, i128)>,
    /// Floats of single precision.
    is_short: bool,
}

/// Digits of the seconds of timestamps that are made: those of `PostgreSQL` and `DuckDB`.
pub(super) const MICROSECONDS: u32 = 6;

const KNOWN: &str = "BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT, their unsigned forms, DECIMAL(p, s), REAL, DOUBLE, VARCHAR, DATE, \
                     TIMESTAMP and TIMESTAMPTZ are known";

fn of_bits(bits: u32, is_signed: bool) -> Target {
    let most = 1_i128 << bits;
    let range = if is_signed { (-most / 2, most / 2 - 1) } else { (0, most - 1) };
    let kind = if bits == 64 && !is_signed { Type::Decimal { scale: 0 } } else { Type::Int };
    Target { kind, range: Some(range), is_short: false }
}

fn decimal(info: &ExactNumberInfo) -> Result<Target, Refused> {
    let (precision, scale) = match info {
        // As in DuckDB.
        ExactNumberInfo::None => (18, 3),
        ExactNumberInfo::Precision(precision) => (*precision, 0),
        ExactNumberInfo::PrecisionAndScale(precision, scale) => (*precision, *scale),
    };
    let digits = u32::try_from(precision).ok().filter(|digits| (1..=MOST_DIGITS).contains(digits));
    let (Some(digits), Ok(scale)) = (digits, u32::try_from(scale)) else {
        return Err(format!(
            "DECIMAL({precision}, {scale}) does not exist: 1 to 38 digits, and no more decimals than that"
        ));
    };
    let most = power_of_ten(digits).map(|most| most - 1).filter(|_| scale <= digits);
    let most = most.ok_or_else(|| format!("DECIMAL({precision}, {scale}) has more decimals than digits"))?;
    Ok(Target { kind: Type::Decimal { scale }, range: Some((-most, most)), is_short: false })
}

/// The type with this name.
pub(super) fn target(named: &DataType) -> Result<Target, Refused> {
    use DataType as Sql;
    let plain = |kind| Target { kind, range: None, is_short: false };
    let float = |is_short| Target { kind: Type::Float { short: false }, range: None, is_short };
    let moment = |instant| plain(Type::Moment { instant, digits: MICROSECONDS });
    Ok(match named {
        Sql::Bool | Sql::Boolean => plain(Type::Bool),
        Sql::TinyInt(None) => of_bits(8, true),
        Sql::SmallInt(None) | Sql::Int2(None) | Sql::Int16 => of_bits(16, true),
        Sql::Int(None) | Sql::Integer(None) | Sql::Int4(None) | Sql::Int32 | Sql::MediumInt(None) => of_bits(32, true),
        Sql::BigInt(None) | Sql::Int8(None) | Sql::Int64 | Sql::Signed | Sql::SignedInteger => of_bits(64, true),
        Sql::UTinyInt | Sql::UInt8 | Sql::TinyIntUnsigned(None) => of_bits(8, false),
        Sql::USmallInt | Sql::UInt16 | Sql::SmallIntUnsigned(None) => of_bits(16, false),
        Sql::UInt32 | Sql::IntUnsigned(None) | Sql::IntegerUnsigned(None) => of_bits(32, false),
        Sql::UBigInt | Sql::UInt64 | Sql::BigIntUnsigned(None) | Sql::Unsigned | Sql::UnsignedInteger => {
            of_bits(64, false)
        }
        Sql::Custom(name, _) if name.to_string().eq_ignore_ascii_case("uinteger") => of_bits(32, false),
        Sql::Decimal(info) | Sql::Numeric(info) | Sql::Dec(info) => decimal(info)?,
        Sql::Real | Sql::Float4 | Sql::Float32 => float(true),
        Sql::Double(ExactNumberInfo::None)
        | Sql::DoublePrecision
        | Sql::Float8
        | Sql::Float64
        | Sql::Float(ExactNumberInfo::None) => float(false),
        Sql::Text
        | Sql::String(None)
        | Sql::Varchar(None)
        | Sql::Char(None)
        | Sql::CharVarying(None)
        | Sql::CharacterVarying(None)
        | Sql::Character(None) => plain(Type::Text),
        Sql::Varchar(Some(_)) | Sql::Char(Some(_)) | Sql::CharacterVarying(Some(_)) => {
            return Err(format!("`{named}` cuts texts: write `left(.., length)`, and cast to VARCHAR"));
        }
        Sql::Date | Sql::Date32 => plain(Type::Date),
        Sql::Timestamp(_, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone)
        | Sql::Datetime(_)
        | Sql::TimestampNtz(_) => moment(false),
        Sql::Timestamp(..) => moment(true),
        other => return Err(format!("the type `{other}` is not known; {KNOWN}")),
    })
}

impl Binder<'_> {
    /// The part as the type that is named. `or_null`: null where a value cannot be cast.
    pub(super) fn cast(&mut self, part: Typed, target: Target, or_null: bool, text: &str) -> Result<Typed, Refused> {
        let part = if target.kind == Type::Text { self.as_text(part) } else { part };
        if part.kind == Type::Null {
            return self.widened(part, target.kind);
        }
        let Some(steps) = steps(part.kind, target) else {
            let hint = match (part.kind, target.kind) {
                (Type::Float { .. }, Type::Text) => ": a float has many spellings, cast it to a DECIMAL first",
                (kind, to) if kind.is_time() && to.is_number() => ": write `EXTRACT(EPOCH FROM ..)`",
                _ => "",
            };
            return Err(format!("`{}` is {}, and cannot be cast to {}{hint}", part.text, part.kind, target.kind));
        };
        let mut cast = part;
        for (conversion, kind) in steps {
            cast = self.part(Node::Convert(Box::new(cast), conversion), kind, text);
        }
        cast.kind = target.kind;
        Ok(if or_null { self.part(Node::OrNull(Box::new(cast)), target.kind, text) } else { cast })
    }
}

/// The conversions, each with the type that it leads to; none where there is no way.
fn steps(from: Type, target: Target) -> Option<Vec<(Conversion, Type)>> {
    let to = target.kind;
    let exact = |first: Conversion| {
        let fit = target.range.map(|(least, most)| (Conversion::Fit { least, most }, to));
        Some(std::iter::once((first, to)).chain(fit).collect())
    };
    let one = |conversion: Conversion| Some(vec![(conversion, to)]);
    let float = |mut steps: Vec<(Conversion, Type)>| {
        steps.extend(target.is_short.then_some((Conversion::ToShort, to)));
        Some(steps)
    };
    match (from, to) {
        (Type::Int | Type::Decimal { .. }, Type::Int | Type::Decimal { .. }) => {
            exact(Conversion::Rescale { from: from.scale(), to: to.scale() })
        }
        (Type::Float { .. }, Type::Int | Type::Decimal { .. }) => exact(Conversion::FloatToExact { scale: to.scale() }),
        (Type::Text, Type::Int | Type::Decimal { .. }) => exact(Conversion::TextToExact { scale: to.scale() }),
        (Type::Bool, Type::Int) => one(Conversion::BoolToExact),
        (Type::Int | Type::Decimal { .. }, Type::Float { .. }) => {
            float(vec![(Conversion::ToFloat { scale: from.scale() }, to)])
        }
        (Type::Float { .. }, Type::Float { .. }) => float(Vec::new()),
        (Type::Text, Type::Float { .. }) => float(vec![(Conversion::TextToFloat, to)]),
        (Type::Int | Type::Decimal { .. }, Type::Text) => one(Conversion::ExactToText { scale: from.scale() }),
        (Type::Bool, Type::Text) => one(Conversion::BoolToText),
        (Type::Date, Type::Text) => one(Conversion::DateToText),
        (Type::Moment { instant, .. }, Type::Text) => one(Conversion::MomentToText { instant }),
        (Type::Int, Type::Bool) => one(Conversion::ExactToBool),
        (Type::Text, Type::Bool) => one(Conversion::TextToBool),
        (Type::Moment { instant, .. }, Type::Date) => one(Conversion::MomentToDate { instant }),
        (Type::Text, Type::Date) => one(Conversion::TextToDate),
        (Type::Date, Type::Moment { instant, .. }) => one(Conversion::DateToMoment { instant }),
        (Type::Text, Type::Moment { instant, .. }) => one(Conversion::TextToMoment { instant }),
        (Type::Moment { instant: false, .. }, Type::Moment { instant: true, .. }) => one(Conversion::ToInstant(None)),
        (Type::Moment { instant: true, .. }, Type::Moment { instant: false, .. }) => one(Conversion::ToClock(None)),
        (Type::Text, Type::Text)
        | (Type::Bool, Type::Bool)
        | (Type::Date, Type::Date)
        | (Type::Moment { .. }, Type::Moment { .. }) => Some(Vec::new()),
        _ => None,
    }
}
