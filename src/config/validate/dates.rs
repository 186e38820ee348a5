//! Checks of `[dates]`.

use std::fmt::Write;

use chrono::format::{Item, Parsed, StrftimeItems, parse};
use chrono::{NaiveDate, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

use super::{Checks, date_of};
use crate::config::nearest;
use crate::config::problem::Problem;
use crate::source::options::DateOptions;

pub(super) fn check(dates: &DateOptions, checks: &mut Checks) {
    let as_of = check_date("dates.as_of", dates.as_of.as_deref(), checks);
    let least = check_date("dates.min_date", dates.min_date.as_deref(), checks);
    if let (Some(least), Some(as_of)) = (least, as_of) {
        let expected = format!("a day on or before `dates.as_of`, which is `{as_of}`");
        checks.require(least <= as_of, "dates.min_date", format!("`{least}`"), expected);
    }
    if let Some(days) = dates.window_days {
        checks.require(days >= 1, "dates.window_days", format!("`{days}`"), "1 or more days");
    }
    check_time_zone("dates.time_zone", &dates.time_zone, checks);
    if let Some(name) = &dates.source_time_zone {
        check_time_zone("dates.source_time_zone", name, checks);
    }
    if let Some(format) = &dates.format
        && let Err(expected) = format_has_the_whole_day(format)
    {
        checks.0.push(Problem::new("dates.format", format!("`{format}`"), expected));
    }
}

fn check_date(key: &str, text: Option<&str>, checks: &mut Checks) -> Option<NaiveDate> {
    let text = text?;
    let date = date_of(text);
    checks.require(date.is_some(), key, format!("`{text}`"), "a day of the calendar as `YYYY-MM-DD`");
    date
}

fn check_time_zone(key: &str, name: &str, checks: &mut Checks) {
    if name.parse::<Tz>().is_ok() {
        return;
    }
    let meant = nearest(name, TZ_VARIANTS.iter().map(|zone| zone.name()));
    let meant = meant.map(|zone| format!("; did you mean `{zone}`?")).unwrap_or_default();
    let expected = format!("an IANA time zone, as `UTC` or `Europe/Berlin`{meant}");
    checks.0.push(Problem::new(key, format!("`{name}`"), expected));
}

/// A format is usable if a date written with it can be read back: it must hold the whole day.
fn format_has_the_whole_day(format: &str) -> Result<(), &'static str> {
    if StrftimeItems::new(format).any(|item| item == Item::Error) {
        return Err("a format of chrono's strftime, as `%d/%m/%Y`");
    }
    let incomplete = "a format with year, month and day, as `%d/%m/%Y`";
    let Some(written) = Utc.with_ymd_and_hms(2026, 2, 3, 4, 5, 6).single() else { return Ok(()) };
    let mut text = String::new();
    // `%#z` works for reading only: offsets of several forms, including `Z`.
    write!(text, "{}", written.format(&format.replace("%#z", "%z"))).map_err(|_| incomplete)?;
    let mut parsed = Parsed::new();
    parse(&mut parsed, &text, StrftimeItems::new(format)).map_err(|_| incomplete)?;
    let by_calendar = || parsed.to_naive_date();
    let by_epoch = || parsed.to_naive_datetime_with_offset(0).map(|time| time.date());
    let date = by_calendar().or_else(|_| by_epoch()).map_err(|_| incomplete)?;
    if date == written.date_naive() { Ok(()) } else { Err(incomplete) }
}

#[cfg(test)]
mod tests {
    use super::format_has_the_whole_day;

    #[test]
    fn formats_with_the_whole_day_are_accepted() {
        for format in [
            "%Y-%m-%d",
            "%d/%m/%Y",
            "%d.%m.%y",
            "%Y-%m-%d %H:%M:%S",
            "%Y-%m-%dT%H:%M:%S%.f%z",
            "%Y-%m-%dT%H:%M:%S%#z",
            "%+",
            "%b %d, %Y",
            "%s",
            "%Y%j",
        ] {
            assert_eq!(format_has_the_whole_day(format), Ok(()), "{format}");
        }
    }

    #[test]
    fn formats_that_do_not_are_refused() {
        for format in ["", "YYYY-MM-DD", "%Y-%m", "%H:%M", "%Q", "%", "%d/%m"] {
            assert!(format_has_the_whole_day(format).is_err(), "{format}");
        }
    }
}
