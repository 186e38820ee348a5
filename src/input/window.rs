//! The analysis date, and the days in which orders count.
//!
//! Does not live here: cutting rows by them (`clean::judge`).

use chrono::Datelike;

use crate::clean::judge::Rules;
use crate::clean::outcome::Tally;
use crate::day::date_of;
use crate::error::{Error, Result};

/// The first day of a window of `days` days that ends with the day `last`.
pub(crate) fn window_start(last: i32, days: u32) -> i32 {
    last.saturating_sub_unsigned(days).saturating_add(1)
}

/// Dates beyond this year are made up: programs write 9999-12-31 and 2262-04-11 for "never".
const LAST_LIKELY_YEAR: i32 = 2200;

/// The analysis date: as given, else the last date in the data. One made-up date would age every customer.
pub(crate) fn as_of(rules: &Rules, tally: &Tally) -> Result<i32> {
    if let Some(as_of) = rules.as_of {
        return Ok(as_of);
    }
    let last = tally.last_day.ok_or_else(|| {
        Error::quality("no row is left, so that the data gives no analysis date").hint("say it with --as-of YYYY-MM-DD")
    })?;
    let date = date_of(last);
    if date.year() > LAST_LIKELY_YEAR {
        return Err(Error::quality(format!("the last date in the data is {date}, which no real order has"))
            .cause("without an analysis date, every recency would be counted from there")
            .hint("say the date with --as-of YYYY-MM-DD: rows after it are left out and counted"));
    }
    Ok(last)
}
