//! The guards against input that is old or incomplete: each a limit that stops a run, or a warning where none is set.
//!
//! Does not live here: rows that are bad (`quality`), which warnings stop a run (`denied`), and where the previous run comes
//! from (`job`).

use chrono::NaiveDate;

use super::options::QualityOptions;
use crate::clean::outcome::{Outcome, Tally};
use crate::day::date_of;
use crate::error::{Error, Result};
use crate::warnings::{Facts, FewerRows};

/// Without a limit, more days than this without an order are a warning.
const USUAL_DAYS_WITHOUT_ORDERS: u32 = 7;
/// Without a limit, a smaller share of the rows of the previous run is a warning.
const USUAL_SHARE_OF_PREVIOUS_ROWS: f64 = 0.9;

/// The rows that the previous run read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviousRows {
    /// Its analysis date.
    pub as_of: NaiveDate,
    /// Its rows.
    pub rows: u64,
    /// The name of the input that they are of; none where they are of all.
    pub input: Option<String>,
}

/// Whether the last order is recent enough.
///
/// # Errors
/// A quality error where it lies further back than the limit allows.
pub fn check_freshness(last_day: i32, as_of: i32, options: &QualityOptions) -> Result<Option<Facts>> {
    let days = u32::try_from(as_of.saturating_sub(last_day)).unwrap_or(0);
    let (last_date, as_of) = (date_of(last_day), date_of(as_of));
    match options.max_days_without_orders {
        Some(limit) if days > limit => Err(Error::quality(format!(
            "the last order is of {last_date}, {days} days before the analysis date {as_of}"
        ))
        .cause(format!("`quality.max_days_without_orders` allows {limit}"))
        .hint("check whether the newest days are missing in the input, or raise the setting to what is normal for it")),
        None if days > USUAL_DAYS_WITHOUT_ORDERS => Ok(Some(Facts::StaleData { last_date, as_of, days })),
        _ => Ok(None),
    }
}

/// Whether enough rows are kept.
///
/// # Errors
/// A quality error where there are fewer than the limit.
pub fn check_rows(tally: &Tally, options: &QualityOptions) -> Result<()> {
    let kept = tally.rows_of(Outcome::Kept);
    match options.min_rows.filter(|least| kept < *least) {
        None => Ok(()),
        Some(least) => Err(Error::quality(format!("{kept} rows are kept, fewer than the {least} expected"))
            .cause("`quality.min_rows` sets that number")
            .hint("check whether the input is complete, or lower the setting to what is normal for it")),
    }
}

/// Whether about as many rows were read as by the previous run.
///
/// # Errors
/// A quality error where their share is below the limit.
#[allow(clippy::cast_precision_loss)]
pub fn check_volume(rows: u64, previous: PreviousRows, options: &QualityOptions) -> Result<Option<Facts>> {
    let PreviousRows { as_of, rows: previous_rows, input } = previous;
    let share = if previous_rows == 0 { 1.0 } else { rows as f64 / previous_rows as f64 };
    match options.min_share_of_previous_rows {
        Some(least) if share < least => {
            let percent = 100.0 * share;
            Err(Error::quality(format!(
                "{rows} rows were read, {percent:.1}% of the {previous_rows} of the run of {as_of}"
            ))
            .cause(format!("`quality.min_share_of_previous_rows` asks for {}%", 100.0 * least))
            .hint("check whether files or days are missing in the input, or lower the setting"))
        }
        None if share < USUAL_SHARE_OF_PREVIOUS_ROWS => {
            Ok(Some(Facts::FewerRows(FewerRows { rows, previous_rows, previous_as_of: as_of, share, input })))
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_data_are_a_warning_after_seven_days_and_an_error_beyond_the_limit() {
        let open = QualityOptions::default();
        assert_eq!(check_freshness(100, 107, &open), Ok(None), "seven days are usual");
        let facts = check_freshness(100, 108, &open).unwrap().unwrap();
        assert!(matches!(facts, Facts::StaleData { days: 8, .. }), "{facts:?}");
        let limited = |days| QualityOptions { max_days_without_orders: Some(days), ..QualityOptions::default() };
        assert_eq!(check_freshness(100, 130, &limited(30)), Ok(None), "the limit takes the place of the warning");
        let error = check_freshness(100, 131, &limited(30)).unwrap_err();
        assert!(error.headline().contains("31 days before") && error.kind().exit_code() == 4, "{error}");
        assert_eq!(check_freshness(100, 90, &limited(0)), Ok(None), "a date before the last order is not old");
    }

    #[test]
    fn too_few_kept_rows_are_an_error() {
        let mut tally = Tally::default();
        tally.rows[Outcome::Kept.index()] = 71;
        tally.rows[Outcome::NullCustomer.index()] = 500;
        let limited = |rows| QualityOptions { min_rows: Some(rows), ..QualityOptions::default() };
        assert!(check_rows(&tally, &limited(71)).is_ok() && check_rows(&tally, &QualityOptions::default()).is_ok());
        assert!(check_rows(&tally, &limited(72)).unwrap_err().headline().contains("71 rows"));
    }

    #[test]
    fn fewer_rows_than_before_are_a_warning_below_nine_tenths_and_an_error_below_the_limit() {
        let previous = |rows| PreviousRows { as_of: NaiveDate::from_ymd_opt(2024, 6, 9).unwrap(), rows, input: None };
        let open = QualityOptions::default();
        assert_eq!(check_volume(90, previous(100), &open), Ok(None));
        assert!(matches!(
            check_volume(89, previous(100), &open),
            Ok(Some(Facts::FewerRows(FewerRows { rows: 89, .. })))
        ));
        assert_eq!(check_volume(0, previous(0), &open), Ok(None), "nothing before, nothing to compare");
        let half = QualityOptions { min_share_of_previous_rows: Some(0.5), ..open };
        assert_eq!(check_volume(50, previous(100), &half), Ok(None), "the limit takes the place of the warning");
        let error = check_volume(49, previous(100), &half).unwrap_err().to_string();
        assert!(error.contains("49.0% of the 100 of the run of 2024-06-09") && error.contains("50%"), "{error}");
    }
}
