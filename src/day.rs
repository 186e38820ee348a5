//! Days since 1970-01-01, from and to the dates that people write.
//!
//! Does not live here: the day of an instant (`clean::zone`).

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
