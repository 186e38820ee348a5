//! From stored dates to days, by the type of the column and the settings of `[dates]`.
//!
//! Lives here: which dates are instants, which are readings of a clock, and which are days by themselves; dates written as
//! texts or as numbers. Does not live here: zones and their clocks (`zone`), and how columns are stored (`columns`).

use chrono::format::{Item, Parsed, StrftimeItems, parse};
use chrono::{DateTime, NaiveDate};
use polars::prelude::*;

use super::arrays::{nulls_of, one_chunk};
use super::columns::{NO_DAY, NULL_DAY, integers, unit_of};
use super::zone::{Unit, VALID_DAYS, WallClock, Zone};
use crate::day::digits_of_format;

/// How stored dates become days.
#[derive(Debug, Clone)]
pub struct DateRules {
    /// The business zone, in which an instant has its day.
    pub zone: Zone,
    /// The clock that stamps without a zone were read from; without one their days are taken as they stand.
    pub clock: Option<WallClock>,
    /// Unit of dates stored as numbers.
    pub epoch: Option<Unit>,
    /// Format of dates written as texts, or with digits alone as numbers.
    pub format: Option<Format>,
    /// Whether some files have INT96 stamps: the engine makes the largest nanosecond of those that 64 bits cannot hold.
    pub has_int96: bool,
}

impl Default for DateRules {
    /// Days of UTC, and nothing but dates and timestamps.
    fn default() -> Self {
        Self { zone: Zone::utc(), clock: None, epoch: None, format: None, has_int96: false }
    }
}

/// What the numbers of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// Points in time, or whole days.
    Instants(Unit),
    /// Readings of a clock.
    Readings(Unit),
    /// Dates written with digits: 20251231.
    Written,
}

impl DateRules {
    /// What integers are, by the settings.
    #[must_use]
    pub fn of_integers(&self) -> Numbers {
        match (self.epoch, &self.format) {
            (Some(unit), _) => Numbers::Instants(unit),
            (None, Some(_)) => Numbers::Written,
            (None, None) => Numbers::Instants(Unit::Days),
        }
    }

    /// Writes the day of each number. What is no date becomes [`i32::MIN`].
    pub fn days(&self, kind: Numbers, numbers: &[i64], days: &mut Vec<i32>) {
        match (kind, &self.clock, &self.format) {
            (Numbers::Instants(unit), ..) => self.zone.days(numbers, unit, days),
            (Numbers::Readings(unit), Some(clock), _) => self.zone.days_of_readings(clock, numbers, unit, days),
            (Numbers::Readings(unit), None, _) => Zone::utc().days(numbers, unit, days),
            (Numbers::Written, _, Some(format)) => self.days_of_digits(format, numbers, days),
            (Numbers::Written, _, None) => *days = vec![NO_DAY; numbers.len()],
        }
    }

    /// Rows of one day often follow one another.
    fn days_of_digits(&self, format: &Format, numbers: &[i64], days: &mut Vec<i32>) {
        let mut last = (0, self.day_of_stamp(format.of_number(0)));
        days.clear();
        days.extend(numbers.iter().map(|number| {
            if last.0 != *number {
                last = (*number, self.day_of_stamp(format.of_number(*number)));
            }
            last.1
        }));
    }

    fn days_of_floats(&self, values: impl Iterator<Item = f64>, days: &mut Vec<i32>) {
        let kind = self.of_integers();
        // Of a part of a unit the whole unit before it, also before 1970; a written date has no parts.
        let is_whole = |value: f64| kind != Numbers::Written || value.fract() == 0.0;
        let numbers: Vec<Option<i64>> =
            values.map(|value| integer_of(value.floor()).filter(|_| is_whole(value))).collect();
        let known: Vec<i64> = numbers.iter().map(|number| number.unwrap_or(0)).collect();
        self.days(kind, &known, days);
        days.iter_mut().zip(numbers).filter(|(_, number)| number.is_none()).for_each(|(day, _)| *day = NO_DAY);
    }

    /// As floats: of a part of a unit the whole unit before it, and a written date has no parts.
    fn days_of_decimals(&self, units: &[i128], scale: usize, days: &mut Vec<i32>) {
        let kind = self.of_integers();
        let unit = u32::try_from(scale).ok().and_then(|scale| 10_i128.checked_pow(scale)).unwrap_or(i128::MAX);
        let number = |units: &i128| {
            let is_whole = kind != Numbers::Written || units.rem_euclid(unit) == 0;
            i64::try_from(units.div_euclid(unit)).ok().filter(|_| is_whole)
        };
        let numbers: Vec<Option<i64>> = units.iter().map(number).collect();
        let known: Vec<i64> = numbers.iter().map(|number| number.unwrap_or(0)).collect();
        self.days(kind, &known, days);
        days.iter_mut().zip(numbers).filter(|(_, number)| number.is_none()).for_each(|(day, _)| *day = NO_DAY);
    }

    fn day_of_text(&self, text: &str) -> i32 {
        self.day_of_stamp(self.format.as_ref().and_then(|format| format.read(text)))
    }

    fn day_of_stamp(&self, stamp: Option<Stamp>) -> i32 {
        match (stamp, &self.clock) {
            (None, _) => NO_DAY,
            (Some(Stamp::Instant(second)), _) => self.zone.day_of_second(second),
            (Some(Stamp::Reading(second)), Some(clock)) => self.zone.day_of_second(clock.instant_of(second)),
            (Some(Stamp::Reading(second)), None) => Zone::utc().day_of_second(second),
            (Some(Stamp::Day(date)), _) => {
                let days = date.signed_duration_since(NaiveDate::default()).num_days();
                i32::try_from(days).ok().filter(|day| VALID_DAYS.contains(day)).unwrap_or(NO_DAY)
            }
        }
    }
}

/// A number of days since 1970-01-01 as a day; none outside of the years 1 to 9999.
pub(super) fn day_of_number(days: i64) -> Option<i32> {
    i32::try_from(days).ok().filter(|day| VALID_DAYS.contains(day))
}

/// A float without a fraction as an integer, where 64 bits hold it.
#[allow(clippy::cast_possible_truncation)]
fn integer_of(whole: f64) -> Option<i64> {
    // 2^63 is the first that they do not hold. What is not a number is in no range.
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    (-LIMIT..LIMIT).contains(&whole).then_some(whole as i64)
}

/// The day of every row: [`NULL_DAY`] where the date is null, [`NO_DAY`] where it is no date.
pub(crate) fn days(column: &Column, rules: &DateRules) -> PolarsResult<Vec<i32>> {
    let mut days = Vec::with_capacity(column.len());
    let validity = match column.dtype() {
        DataType::Date => {
            let array = one_chunk(column.date()?.physical());
            let check = |day: &i32| if VALID_DAYS.contains(day) { *day } else { NO_DAY };
            days.extend(array.values().iter().map(check));
            nulls_of(&array).cloned()
        }
        DataType::Datetime(time_unit, stored_zone) => {
            let array = one_chunk(column.datetime()?.physical());
            let unit = unit_of(*time_unit);
            let kind = if stored_zone.is_some() { Numbers::Instants(unit) } else { Numbers::Readings(unit) };
            rules.days(kind, array.values(), &mut days);
            if rules.has_int96 && stored_zone.is_some() && unit == Unit::Nanoseconds {
                leave_out(&mut days, array.values(), |ticks| *ticks == i64::MAX);
            }
            nulls_of(&array).cloned()
        }
        DataType::String => {
            let texts = one_chunk(column.str()?);
            days.extend(texts.iter().map(|text| text.map_or(NULL_DAY, |text| rules.day_of_text(text))));
            None
        }
        DataType::Float32 | DataType::Float64 => {
            let floats = column.strict_cast(&DataType::Float64)?;
            let array = one_chunk(floats.f64()?);
            rules.days_of_floats(array.values().iter().copied(), &mut days);
            nulls_of(&array).cloned()
        }
        DataType::Decimal(_, scale) => {
            let array = one_chunk(column.decimal()?.physical());
            rules.days_of_decimals(array.values(), *scale, &mut days);
            nulls_of(&array).cloned()
        }
        DataType::UInt64 => {
            let array = one_chunk(column.u64()?);
            let values: Vec<i64> = array.values().iter().map(|number| number.cast_signed()).collect();
            rules.days(rules.of_integers(), &values, &mut days);
            // What does not fit into signed 64 bits is no date in any unit.
            leave_out(&mut days, &values, |number| *number < 0);
            nulls_of(&array).cloned()
        }
        _ => {
            let integers = integers(column)?;
            rules.days(rules.of_integers(), integers.values(), &mut days);
            integers.validity().cloned()
        }
    };
    if let Some(validity) = validity {
        days.iter_mut().zip(validity.iter()).filter(|(_, valid)| !valid).for_each(|(day, _)| *day = NULL_DAY);
    }
    Ok(days)
}

/// Makes days of values that are none into no days.
fn leave_out(days: &mut [i32], values: &[i64], is_none: impl Fn(&i64) -> bool) {
    days.iter_mut().zip(values).filter(|(_, value)| is_none(value)).for_each(|(day, _)| *day = NO_DAY);
}

/// What a written date says.
enum Stamp {
    /// A point in time, in seconds since 1970-01-01 00:00 UTC.
    Instant(i64),
    /// A reading of a clock, in seconds since it showed 1970-01-01 00:00.
    Reading(i64),
    /// A day without a time.
    Day(NaiveDate),
}

/// The format of written dates, taken apart once.
#[derive(Debug, Clone)]
pub struct Format {
    items: Vec<Item<'static>>,
    /// The digits of every date, where it is written with nothing else.
    digits: Option<usize>,
    /// Whether it is `%Y%m%d`, which is read without a text in between.
    is_plain: bool,
}

impl Format {
    /// None where the text is no format of chrono's strftime.
    #[must_use]
    pub fn new(format: &str) -> Option<Self> {
        let any = with_any_offset(format);
        let items = StrftimeItems::new(&any).parse_to_owned().ok()?;
        Some(Self { items, digits: digits_of_format(format), is_plain: any == "%Y%m%d" })
    }

    /// Whether numbers written in it sort as their days do.
    #[must_use]
    pub const fn sorts_as_days(&self) -> bool {
        self.is_plain
    }

    fn read(&self, text: &str) -> Option<Stamp> {
        let mut parsed = Parsed::new();
        parse(&mut parsed, text, self.items.iter()).ok()?;
        let moment = |parsed: &Parsed| {
            let instant = parsed.to_datetime().map(|instant| Stamp::Instant(instant.timestamp()));
            let reading = || parsed.to_naive_datetime_with_offset(0);
            instant.or_else(|_| reading().map(|reading| Stamp::Reading(reading.and_utc().timestamp()))).ok()
        };
        if let Some(stamp) = moment(&parsed) {
            return Some(stamp);
        }
        let date = parsed.to_naive_date().ok();
        // An hour alone is a time as well.
        let with_hour = if parsed.set_minute(0).is_ok() { moment(&parsed) } else { None };
        with_hour.or(date.map(Stamp::Day))
    }

    /// A date that was stored as a number: zeros in front are lost there.
    fn of_number(&self, number: i64) -> Option<Stamp> {
        let (width, number) = (self.digits?, u64::try_from(number).ok()?);
        if self.is_plain {
            let part = |unit: u64, size: u64| u32::try_from(number / unit % size).ok();
            let year = i32::try_from(number / 10_000).ok().filter(|year| (1..=9_999).contains(year))?;
            return NaiveDate::from_ymd_opt(year, part(100, 100)?, part(1, 100)?).map(Stamp::Day);
        }
        let text = format!("{number:0width$}");
        if text.len() == width { self.read(&text) } else { None }
    }
}

/// The format that takes an offset as `+01:00`, `+0100`, `+01` and `Z`, wherever `format` has `%z` or `%:z`, or ends
/// with a `Z`: whoever writes that means UTC, and not a letter.
fn with_any_offset(format: &str) -> String {
    // A doubled percent sign means a percent sign.
    let any = |part: &str| part.replace("%:z", "%#z").replace("%z", "%#z");
    let any = format.split("%%").map(any).collect::<Vec<String>>().join("%%");
    match any.strip_suffix('Z') {
        Some(time) if !time.ends_with('%') && !any.contains("%#z") => format!("{time}%#z"),
        _ => any,
    }
}

/// Whether dates in this format are readings of a clock: they have a time, and no offset.
#[must_use]
pub fn holds_readings(format: &str) -> bool {
    let (Some(readable), Some(noon)) = (Format::new(format), DateTime::from_timestamp(1_770_120_306, 0)) else {
        return false;
    };
    // An offset of several forms can only be read.
    let writable = with_any_offset(format).replace("%#z", "%z");
    let mut text = String::new();
    let written = std::fmt::Write::write_fmt(&mut text, format_args!("{}", noon.format(&writable)));
    written.is_ok() && matches!(readable.read(&text), Some(Stamp::Reading(_)))
}

#[cfg(test)]
mod tests;
