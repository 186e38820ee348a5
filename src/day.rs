//! Days since 1970-01-01, from and to the dates that people write.
//!
//! Does not live here: the day of an instant (`clean::zone`).

use std::fmt::Write;

use chrono::{Days, NaiveDate};

use crate::error::{Error, Result};

/// Days since 1970-01-01 of a date written `YYYY-MM-DD`.
///
/// # Errors
/// A config error where it is not a date.
pub fn day_of(text: &str) -> Result<i32> {
    let date: NaiveDate =
        text.parse().map_err(|_| Error::config(format!("`{text}` is no date, expected YYYY-MM-DD")))?;
    i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days())
        .map_err(|_| Error::config(format!("`{text}` is too far away")))
}

/// Days since 1970-01-01 of a date.
#[must_use]
pub fn days_of(date: NaiveDate) -> i32 {
    // The days of all dates that there are fit.
    i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days()).unwrap_or(i32::MAX)
}

/// The date of a day since 1970-01-01.
#[must_use]
pub fn date_of(day: i32) -> NaiveDate {
    let days = Days::new(day.unsigned_abs().into());
    let epoch = NaiveDate::default();
    let date = if day < 0 { epoch.checked_sub_days(days) } else { epoch.checked_add_days(days) };
    date.unwrap_or(epoch)
}

/// `2024-01-31`; days too far out as the plain number.
#[must_use]
pub fn date_text(day: i32) -> String {
    let (epoch, days) = (NaiveDate::default(), Days::new(day.unsigned_abs().into()));
    let date = if day < 0 { epoch.checked_sub_days(days) } else { epoch.checked_add_days(days) };
    date.map_or_else(|| format!("{day} days"), |date| date.to_string())
}

/// How many digits dates in this format have, where they are written with digits alone and all with as many: 8 for
/// `%Y%m%d`. Such dates are found in columns of numbers.
#[must_use]
pub fn digits_of_format(format: &str) -> Option<usize> {
    // This offset can only be read; chrono panics where it is to be written.
    if format.contains("%#z") {
        return None;
    }
    let written = |month, day, hour| {
        let moment = NaiveDate::from_ymd_opt(2026, month, day)?.and_hms_opt(hour, month, day)?.and_utc();
        let mut text = String::new();
        // Not everything that can be read can be written.
        write!(text, "{}", moment.format(format)).ok()?;
        text.bytes().all(|byte| byte.is_ascii_digit()).then_some(text.len())
    };
    let (short, long) = (written(2, 3, 4)?, written(11, 23, 15)?);
    (short == long && short > 0).then_some(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_digits_alone_have_a_width() {
        for (format, digits) in [
            ("%Y%m%d", Some(8)),
            ("%y%m%d", Some(6)),
            ("%d%m%Y", Some(8)),
            ("%Y%j", Some(7)),
            ("%Y%m%d%H%M%S", Some(14)),
            ("%Y-%m-%d", None),
            ("%Y%-m%-d", None),
            ("%Y%m%d%z", None),
            ("%Y%m%d%#z", None),
            ("%d%b%Y", None),
            ("%Q", None),
            ("", None),
        ] {
            assert_eq!(digits_of_format(format), digits, "{format}");
        }
    }
}
