//! Days, clocks and zones: texts to moments and back, parts of dates, spans of time.
//!
//! Days count from 1970-01-01, moments are nanoseconds since then. The civil calendar is Gregorian throughout. Does not live here:
//! the table of a zone's offsets (`clean::zone`).

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveDateTime, Timelike};

use super::cell::Fault;
use super::tree::{DatePart, Interval};
use crate::clean::zone::Zone;

pub(super) const NANOS: i128 = 1_000_000_000;
const DAY_SECONDS: i64 = 86_400;
const DAY_NANOS: i128 = DAY_SECONDS as i128 * NANOS;

pub(super) fn date_of(day: i128) -> Option<NaiveDate> {
    let day = i32::try_from(day).ok()?.checked_add(719_163)?;
    NaiveDate::from_num_days_from_ce_opt(day)
}

pub(super) fn day_of(date: NaiveDate) -> i128 {
    i128::from(date.num_days_from_ce()) - 719_163
}

/// The reading of a clock.
fn clock_of(nanos: i128) -> Option<NaiveDateTime> {
    let second = i64::try_from(nanos.div_euclid(NANOS)).ok()?;
    let rest = u32::try_from(nanos.rem_euclid(NANOS)).ok()?;
    DateTime::from_timestamp(second, rest).map(|moment| moment.naive_utc())
}

fn nanos_of(clock: NaiveDateTime) -> i128 {
    i128::from(clock.and_utc().timestamp()) * NANOS + i128::from(clock.and_utc().timestamp_subsec_nanos())
}

/// The reading of the zone's clock at an instant.
pub(super) fn to_clock(nanos: i128, zone: &Zone) -> i128 {
    let second = i64::try_from(nanos.div_euclid(NANOS)).unwrap_or(i64::MAX);
    nanos + i128::from(zone.offset_of(second)) * NANOS
}

/// The instant at which the zone's clock reads this: of two the earlier; where the clock leaves it out, moved on by the gap.
pub(super) fn to_instant(nanos: i128, zone: &Zone) -> i128 {
    let local = i64::try_from(nanos.div_euclid(NANOS)).unwrap_or(i64::MAX);
    let before = zone.offset_of(local.saturating_sub(DAY_SECONDS));
    let after = zone.offset_of(local.saturating_add(DAY_SECONDS));
    let reads = |offset: i64| zone.offset_of(local.saturating_sub(offset)) == offset;
    let offset = match (reads(before), reads(after)) {
        (true, true) => before.max(after),
        (false, true) => after,
        _ => before,
    };
    nanos - i128::from(offset) * NANOS
}

pub(super) fn midnight(day: i128) -> i128 {
    day * DAY_NANOS
}

pub(super) fn day_of_clock(nanos: i128) -> i128 {
    nanos.div_euclid(DAY_NANOS)
}

/// `2024-01-31`.
pub(super) fn read_date(text: &str) -> Option<i128> {
    let text = text.trim();
    // Years of four digits: `24-01-31` would be the year 24.
    let is_long = text.split('-').next().is_some_and(|year| year.len() >= 4);
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| is_long).map(day_of)
}

/// The reading of a clock, or with an offset (`Z`, `+01:00`) the instant in nanoseconds and true.
pub(super) fn read_moment(text: &str) -> Option<(i128, bool)> {
    let text = text.trim();
    if let Some(day) = read_date(text) {
        return Some((midnight(day), false));
    }
    let text = text.replacen(['T', ' '], " ", 1);
    let (date, time) = text.split_once(' ')?;
    let day = read_date(date)?;
    let time = time.trim_start();
    let at_offset = time.find(['+', '-', 'Z', 'z', 'U']).unwrap_or(time.len());
    let (time, offset) = time.split_at(at_offset);
    let seconds = read_offset(offset.trim())?;
    let time = time.trim_end();
    let forms = ["%H:%M:%S%.f", "%H:%M"];
    let time = forms.iter().find_map(|form| chrono::NaiveTime::parse_from_str(time, form).ok())?;
    let of_day = i128::from(time.num_seconds_from_midnight()) * NANOS + i128::from(time.nanosecond() % 1_000_000_000);
    let nanos = midnight(day) + of_day;
    Some(seconds.map_or((nanos, false), |seconds| (nanos - i128::from(seconds) * NANOS, true)))
}

/// Seconds of an offset from UTC; none inside where there is none.
#[allow(clippy::option_option, reason = "no offset is not a wrong one")]
fn read_offset(text: &str) -> Option<Option<i64>> {
    match text {
        "" => return Some(None),
        "Z" | "z" | "UTC" => return Some(Some(0)),
        _ => {}
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text.get(1..)?.chars().filter(|c| *c != ':').collect();
    if !(digits.len() == 2 || digits.len() == 4) || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let hours: i64 = digits[..2].parse().ok()?;
    let minutes: i64 = digits.get(2..).filter(|rest| !rest.is_empty()).map_or(Ok(0), str::parse).ok()?;
    (hours <= 15 && minutes < 60).then_some(Some(sign * (hours * 3_600 + minutes * 60)))
}

pub(super) fn date_text(day: i128) -> Option<String> {
    date_of(day).map(|date| date.format("%Y-%m-%d").to_string())
}

pub(super) fn clock_text(nanos: i128) -> Option<String> {
    let text = clock_of(nanos)?.format("%Y-%m-%d %H:%M:%S%.9f").to_string();
    Some(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// A part of the reading of a clock. Whole, but for the epoch: that is in nanoseconds.
pub(super) fn part_of(part: DatePart, nanos: i128) -> Result<i128, Fault> {
    let clock = clock_of(nanos).ok_or(Fault::OutOfRange)?;
    let (date, time) = (clock.date(), clock.time());
    let of_minute = i128::from(time.second()) * NANOS + i128::from(time.nanosecond() % 1_000_000_000);
    Ok(match part {
        DatePart::Year => date.year().into(),
        DatePart::Quarter => i128::from(date.month0()) / 3 + 1,
        DatePart::Month => date.month().into(),
        DatePart::Week => date.iso_week().week().into(),
        DatePart::IsoYear => date.iso_week().year().into(),
        DatePart::Day => date.day().into(),
        DatePart::Hour => time.hour().into(),
        DatePart::Minute => time.minute().into(),
        DatePart::Second => time.second().into(),
        DatePart::Millisecond => of_minute / 1_000_000,
        DatePart::Microsecond => of_minute / 1_000,
        DatePart::DayOfWeek => date.weekday().num_days_from_sunday().into(),
        DatePart::IsoDayOfWeek => date.weekday().number_from_monday().into(),
        DatePart::DayOfYear => date.ordinal().into(),
        DatePart::Epoch => nanos,
    })
}

/// The first moment of the year, month, hour.. of the reading of a clock.
pub(super) fn truncated(to: DatePart, nanos: i128) -> Result<i128, Fault> {
    let date = clock_of(nanos).ok_or(Fault::OutOfRange)?.date();
    let of_units = |unit: i128| Ok(nanos.div_euclid(unit) * unit);
    let start = match to {
        DatePart::Year => date.with_month(1).and_then(|date| date.with_day(1)),
        DatePart::Quarter => date.with_day(1).and_then(|date| date.with_month(date.month0() / 3 * 3 + 1)),
        DatePart::Month => date.with_day(1),
        DatePart::Week => date.checked_sub_days(chrono::Days::new(date.weekday().num_days_from_monday().into())),
        DatePart::Hour => return of_units(3_600 * NANOS),
        DatePart::Minute => return of_units(60 * NANOS),
        DatePart::Second => return of_units(NANOS),
        DatePart::Millisecond => return of_units(1_000_000),
        DatePart::Microsecond => return of_units(1_000),
        _ => Some(date),
    };
    start.map(|date| midnight(day_of(date))).ok_or(Fault::OutOfRange)
}

/// How many boundaries of the part lie between two readings of a clock.
pub(super) fn difference(part: DatePart, from: i128, to: i128) -> Result<i128, Fault> {
    let months = |nanos| {
        let date = clock_of(nanos).ok_or(Fault::OutOfRange)?.date();
        Ok::<i128, Fault>(i128::from(date.year()) * 12 + i128::from(date.month0()))
    };
    let by = |count: &dyn Fn(i128) -> Result<i128, Fault>| Ok(count(to)? - count(from)?);
    let of_units = |unit: i128| by(&|nanos| Ok(nanos.div_euclid(unit)));
    match part {
        DatePart::Year => by(&|nanos| Ok(months(nanos)?.div_euclid(12))),
        DatePart::Quarter => by(&|nanos| Ok(months(nanos)?.div_euclid(3))),
        DatePart::Month => by(&months),
        DatePart::Hour => of_units(3_600 * NANOS),
        DatePart::Minute => of_units(60 * NANOS),
        DatePart::Second => of_units(NANOS),
        DatePart::Millisecond => of_units(1_000_000),
        DatePart::Microsecond => of_units(1_000),
        _ => of_units(DAY_NANOS),
    }
}

/// A clock some time later: months first (a day that its month lacks becomes the last one), then days, then the rest.
pub(super) fn later(nanos: i128, interval: Interval) -> Result<i128, Fault> {
    let mut clock = clock_of(nanos).ok_or(Fault::OutOfRange)?;
    let months = Months::new(interval.months.unsigned_abs());
    let moved = if interval.months < 0 { clock.checked_sub_months(months) } else { clock.checked_add_months(months) };
    clock = moved.ok_or(Fault::OutOfRange)?;
    Ok(nanos_of(clock) + midnight(i128::from(interval.days)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i128 {
        read_moment(text).unwrap().0
    }

    #[test]
    fn texts_are_moments_with_and_without_an_offset() {
        // 2024-01-01 is day 19723.
        assert_eq!(read_date("2024-01-01"), Some(19_723));
        assert_eq!(read_moment("2024-01-01"), Some((19_723 * DAY_NANOS, false)));
        assert_eq!(read_moment("2024-01-01T00:00:01.5Z"), Some((19_723 * DAY_NANOS + 1_500_000_000, true)));
        assert_eq!(at("2024-01-01 02:00:00+02:00"), 19_723 * DAY_NANOS);
        assert_eq!(at("2024-01-01 02:00+02"), 19_723 * DAY_NANOS);
        for wrong in ["24-01-01", "2024-02-30", "2024-01-01 25:00", "2024-01-01 00:00 Berlin", "x", ""] {
            assert_eq!(read_moment(wrong), None, "{wrong}");
        }
        assert_eq!(clock_text(at("2024-01-01 00:00:01.50")).unwrap(), "2024-01-01 00:00:01.5");
        assert_eq!(date_text(-1).unwrap(), "1969-12-31");
    }

    /// Berlin went from 2:00 to 3:00 on 31 March 2024, and from 3:00 to 2:00 on 27 October 2024.
    #[test]
    fn a_clock_that_is_moved_has_hours_twice_and_not_at_all() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let instant = |text: &str| clock_text(to_instant(at(text), &berlin)).unwrap();
        assert_eq!(instant("2024-01-01 12:00"), "2024-01-01 11:00:00");
        assert_eq!(instant("2024-03-31 02:30"), "2024-03-31 01:30:00", "3:30 summer time");
        assert_eq!(instant("2024-10-27 02:30"), "2024-10-27 00:30:00", "the first of two");
        assert_eq!(instant("2024-10-27 03:30"), "2024-10-27 02:30:00");
        assert_eq!(to_clock(at("2024-07-01 12:00"), &berlin), at("2024-07-01 14:00"));
    }

    #[test]
    fn parts_and_boundaries_are_those_of_the_calendar() {
        let sunday = at("2024-01-07 13:14:15.016");
        let part = |part| part_of(part, sunday).unwrap();
        assert_eq!((part(DatePart::DayOfWeek), part(DatePart::IsoDayOfWeek), part(DatePart::Week)), (0, 7, 1));
        assert_eq!((part(DatePart::Millisecond), part(DatePart::DayOfYear), part(DatePart::Quarter)), (15_016, 7, 1));
        assert_eq!(truncated(DatePart::Week, sunday), Ok(at("2024-01-01")));
        assert_eq!(truncated(DatePart::Quarter, at("2024-06-30 12:00")), Ok(at("2024-04-01")));
        assert_eq!(difference(DatePart::Month, at("2023-12-31"), at("2024-02-01")), Ok(2));
        assert_eq!(difference(DatePart::Day, at("2024-01-02"), at("2024-01-01 23:00")), Ok(-1));
        let month = Interval { months: 1, ..Interval::default() };
        assert_eq!(later(at("2024-01-31 05:00"), month), Ok(at("2024-02-29 05:00")));
    }
}
