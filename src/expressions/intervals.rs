//! Spans of time as they are written: `INTERVAL '7' DAY`, `INTERVAL '1 year 2 months'`, `INTERVAL 12 HOUR`; and the names of the
//! parts of dates.
//!
//! Does not live here: moving a date by them (`calendar`).

use sqlparser::ast::{Expr, Interval as Written, UnaryOperator, Value};

use super::binder::Refused;
use super::calendar::NANOS;
use super::numbers::{read_decimal, rescaled};
use super::tree::{DatePart, Interval};

/// The span that is written.
pub(super) fn interval_of(written: &Written) -> Result<Interval, Refused> {
    let wrong = || format!("`{written}` is not known: write `INTERVAL '7' DAY` or `INTERVAL '1 year 2 months'`");
    let text = text_of(&written.value).ok_or_else(wrong)?;
    if written.last_field.is_some() {
        return Err(wrong());
    }
    let mut interval = Interval::default();
    if let Some(unit) = &written.leading_field {
        return add(&mut interval, &text, &unit.to_string()).map(|()| interval).ok_or_else(wrong);
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_known = !words.is_empty()
        && words.len().is_multiple_of(2)
        && words.chunks(2).all(|pair| add(&mut interval, pair[0], pair[1]).is_some());
    if is_known { Ok(interval) } else { Err(wrong()) }
}

fn text_of(value: &Expr) -> Option<String> {
    match value {
        Expr::Value(value) => match &value.value {
            Value::Number(text, _) | Value::SingleQuotedString(text) => Some(text.clone()),
            _ => None,
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => text_of(expr).map(|text| format!("-{text}")),
        Expr::Nested(inner) => text_of(inner),
        _ => None,
    }
}

/// Adds so many of a unit.
fn add(interval: &mut Interval, number: &str, unit: &str) -> Option<()> {
    let (value, scale) = read_decimal(number)?;
    let nanos_of = |unit: i128| Some(rescaled(value.checked_mul(unit)?, scale, 0).ok()).flatten();
    let whole = || if scale == 0 { i32::try_from(value).ok() } else { None };
    match part_named(unit)? {
        DatePart::Year => interval.months = interval.months.checked_add(whole()?.checked_mul(12)?)?,
        DatePart::Quarter => interval.months = interval.months.checked_add(whole()?.checked_mul(3)?)?,
        DatePart::Month => interval.months = interval.months.checked_add(whole()?)?,
        DatePart::Week => interval.days = interval.days.checked_add(whole()?.checked_mul(7)?)?,
        DatePart::Day => interval.days = interval.days.checked_add(whole()?)?,
        DatePart::Hour => interval.nanoseconds += nanos_of(3_600 * NANOS)?,
        DatePart::Minute => interval.nanoseconds += nanos_of(60 * NANOS)?,
        DatePart::Second => interval.nanoseconds += nanos_of(NANOS)?,
        DatePart::Millisecond => interval.nanoseconds += nanos_of(1_000_000)?,
        DatePart::Microsecond => interval.nanoseconds += nanos_of(1_000)?,
        _ => return None,
    }
    Some(())
}

impl Interval {
    /// The same span into the past.
    pub(super) const fn negated(self) -> Option<Self> {
        let (Some(months), Some(days)) = (self.months.checked_neg(), self.days.checked_neg()) else { return None };
        Some(Self { months, days, nanoseconds: -self.nanoseconds })
    }
}

/// The part of a date with this name, in any case.
pub(super) fn part_named(name: &str) -> Option<DatePart> {
    Some(match name.to_ascii_lowercase().as_str() {
        "year" | "years" => DatePart::Year,
        "quarter" | "quarters" => DatePart::Quarter,
        "month" | "months" => DatePart::Month,
        "week" | "weeks" | "isoweek" => DatePart::Week,
        "day" | "days" => DatePart::Day,
        "hour" | "hours" => DatePart::Hour,
        "minute" | "minutes" => DatePart::Minute,
        "second" | "seconds" => DatePart::Second,
        "millisecond" | "milliseconds" => DatePart::Millisecond,
        "microsecond" | "microseconds" => DatePart::Microsecond,
        "dow" | "dayofweek" => DatePart::DayOfWeek,
        "isodow" => DatePart::IsoDayOfWeek,
        "doy" | "dayofyear" => DatePart::DayOfYear,
        "isoyear" => DatePart::IsoYear,
        "epoch" => DatePart::Epoch,
        _ => return None,
    })
}

/// The parts that are known, for messages.
pub(super) const PARTS: &str = "year, quarter, month, week, day, hour, minute, second, millisecond, microsecond, dow, isodow, doy, \
                                isoyear and epoch are known";
