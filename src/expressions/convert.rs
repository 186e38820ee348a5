//! One value as another type.
//!
//! Does not live here: which conversions an expression needs (`bind`).

use std::borrow::Cow;

use super::calendar;
use super::cell::{Cell, Fault};
use super::numbers;
use super::tree::Conversion;
use crate::clean::zone::Zone;

/// The value as another type; null stays null. `zone` is that of the business.
#[allow(clippy::cast_possible_truncation)]
pub(super) fn convert<'a>(cell: Cell<'a>, conversion: &Conversion, zone: &Zone) -> Result<Cell<'a>, Fault> {
    Ok(match cell {
        Cell::Null => Cell::Null,
        Cell::Bool(value) => of_bool(value, conversion),
        Cell::Exact(value) => of_exact(value, conversion, zone)?,
        Cell::Float(value) => match conversion {
            Conversion::FloatToExact { scale } => Cell::Exact(numbers::from_float(value, *scale)?),
            Conversion::ToShort => Cell::Float(f64::from(value as f32)),
            _ => Cell::Float(value),
        },
        Cell::Text(text) => of_text(&text, conversion, zone)?,
    })
}

fn of_bool(value: bool, conversion: &Conversion) -> Cell<'static> {
    match conversion {
        Conversion::BoolToExact => Cell::Exact(value.into()),
        Conversion::BoolToText => Cell::Text(Cow::Borrowed(if value { "true" } else { "false" })),
        _ => Cell::Bool(value),
    }
}

fn of_exact(value: i128, conversion: &Conversion, zone: &Zone) -> Result<Cell<'static>, Fault> {
    let zone_of = |own: &Option<std::sync::Arc<Zone>>, use_zone: &dyn Fn(&Zone) -> i128| {
        own.as_ref().map_or_else(|| use_zone(zone), |own| use_zone(own))
    };
    let text = |text: Option<String>| text.map(|text| Cell::Text(Cow::Owned(text))).ok_or(Fault::OutOfRange);
    Ok(match conversion {
        Conversion::ToFloat { scale } => Cell::Float(numbers::to_float(value, *scale)),
        Conversion::Rescale { from, to } => Cell::Exact(numbers::rescaled(value, *from, *to)?),
        Conversion::Fit { least, most } if value < *least || value > *most => return Err(Fault::OutOfRange),
        Conversion::ExactToText { scale } => Cell::Text(Cow::Owned(numbers::decimal_text(value, *scale))),
        Conversion::DateToText => text(calendar::date_text(value))?,
        Conversion::MomentToText { instant } => text(calendar::clock_text(clock(value, *instant, zone)))?,
        Conversion::ExactToBool => Cell::Bool(value != 0),
        Conversion::DateToMoment { instant: true } => {
            Cell::Exact(calendar::to_instant(calendar::midnight(value), zone))
        }
        Conversion::DateToMoment { instant: false } => Cell::Exact(calendar::midnight(value)),
        Conversion::MomentToDate { instant } => Cell::Exact(calendar::day_of_clock(clock(value, *instant, zone))),
        Conversion::EpochToMoment { nanos, scale } => {
            let nanos = value.checked_mul(*nanos).ok_or(Fault::OutOfRange)?;
            Cell::Exact(numbers::rescaled(nanos, *scale, 0)?)
        }
        Conversion::ToInstant(own) => Cell::Exact(zone_of(own, &|zone| calendar::to_instant(value, zone))),
        Conversion::ToClock(own) => Cell::Exact(zone_of(own, &|zone| calendar::to_clock(value, zone))),
        _ => Cell::Exact(value),
    })
}

/// The reading of the business's clock.
pub(super) fn clock(nanos: i128, is_instant: bool, zone: &Zone) -> i128 {
    if is_instant { calendar::to_clock(nanos, zone) } else { nanos }
}

fn of_text(text: &str, conversion: &Conversion, zone: &Zone) -> Result<Cell<'static>, Fault> {
    let cell = match conversion {
        Conversion::TextToExact { scale } => numbers::read_decimal(text)
            .and_then(|(value, from)| numbers::rescaled(value, from, *scale).ok())
            .map(Cell::Exact),
        Conversion::TextToFloat => read_float(text).map(Cell::Float),
        Conversion::TextToBool => read_bool(text).map(Cell::Bool),
        Conversion::TextToDate => calendar::read_moment(text)
            .map(|(nanos, is_instant)| Cell::Exact(calendar::day_of_clock(clock(nanos, is_instant, zone)))),
        Conversion::TextToMoment { instant } => calendar::read_moment(text).map(|(nanos, is_instant)| {
            Cell::Exact(match (is_instant, *instant) {
                (false, true) => calendar::to_instant(nanos, zone),
                (true, false) => calendar::to_clock(nanos, zone),
                _ => nanos,
            })
        }),
        _ => Some(Cell::Text(Cow::Owned(text.to_owned()))),
    };
    cell.ok_or(Fault::NotCast)
}

/// A number as people and programs write it; `inf` and `nan` are none.
fn read_float(text: &str) -> Option<f64> {
    let text = text.trim();
    text.bytes().any(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn read_bool(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "t" | "1" | "yes" | "y" => Some(true),
        "false" | "f" | "0" | "no" | "n" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell<'_> {
        Cell::Text(Cow::Borrowed(text))
    }

    #[test]
    fn texts_are_read_as_what_they_are_cast_to_or_not_at_all() {
        let utc = Zone::utc();
        let read = |from, conversion| convert(text(from), &conversion, &utc);
        assert_eq!(read("12.345", Conversion::TextToExact { scale: 2 }), Ok(Cell::Exact(1_235)));
        assert_eq!(read("no", Conversion::TextToBool), Ok(Cell::Bool(false)));
        assert_eq!(read("2024-01-01 23:00", Conversion::TextToDate), Ok(Cell::Exact(19_723)));
        assert_eq!(read("nan", Conversion::TextToFloat), Err(Fault::NotCast));
        assert_eq!(convert(Cell::Null, &Conversion::TextToBool, &utc), Ok(Cell::Null));
    }

    /// 20:00 in UTC is 4:00 of the next day in Shanghai, eight hours ahead.
    #[test]
    fn the_day_of_an_instant_is_that_of_the_business_zone() {
        let shanghai = Zone::named("Asia/Shanghai").unwrap();
        let evening = calendar::midnight(19_723) + 20 * 3_600 * calendar::NANOS;
        let day = |instant| convert(Cell::Exact(evening), &Conversion::MomentToDate { instant }, &shanghai);
        assert_eq!((day(true), day(false)), (Ok(Cell::Exact(19_724)), Ok(Cell::Exact(19_723))));
        let stamp = Conversion::TextToMoment { instant: true };
        assert_eq!(convert(text("2024-01-02 04:00:00"), &stamp, &shanghai), Ok(Cell::Exact(evening)));
        assert_eq!(convert(text("2024-01-01 20:00:00Z"), &stamp, &shanghai), Ok(Cell::Exact(evening)));
    }

    #[test]
    fn a_value_beyond_the_type_is_a_fault() {
        let fit = Conversion::Fit { least: -128, most: 127 };
        let of = |value| convert(Cell::Exact(value), &fit, &Zone::utc());
        assert_eq!(
            (of(127), of(128), of(-129)),
            (Ok(Cell::Exact(127)), Err(Fault::OutOfRange), Err(Fault::OutOfRange))
        );
    }
}
