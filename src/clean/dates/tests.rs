//! Days of dates in every type.

use super::*;

fn rules(format: &str, zone: &str, clock: Option<&str>) -> DateRules {
    DateRules {
        zone: Zone::named(zone).unwrap(),
        clock: clock.map(|name| Zone::named(name).unwrap().wall_clock()),
        format: Format::new(format),
        ..DateRules::default()
    }
}

/// 23:30 in UTC is the next day in Tokyo, nine hours ahead.
#[test]
fn an_offset_is_read_in_every_form_wherever_the_format_has_one() {
    let day = |text: &str, format: &str| rules(format, "Asia/Tokyo", None).day_of_text(text);
    let (format, next) = ("%Y-%m-%dT%H:%M:%S%z", 20_090);
    for offset in ["Z", "+00:00", "+0000", "+00"] {
        assert_eq!(day(&format!("2025-01-01T23:30:00{offset}"), format), next, "{offset}");
    }
    assert_eq!(day("2025-01-02T01:30:00+02:00", "%Y-%m-%dT%H:%M:%S%:z"), next);
    assert_eq!(day("2025-01-01T23:30:00Z", "%Y-%m-%dT%H:%M:%SZ"), next);
    assert_eq!(day("2025-01-01T23:30:00", "%Y-%m-%dT%H:%M:%S"), next - 1, "the reading of a clock");
    assert_eq!(day("1735774200", "%s"), next, "a count of seconds is an instant");
    assert_eq!(with_any_offset("%d %Z"), "%d %Z", "the name of a zone is no offset");
    assert_eq!(with_any_offset("%d %%z %%%z"), "%d %%z %%%#z", "nor is a percent sign before a letter");
}

/// 22:00 of 9 March 2024 (day `19_791`) in New York (-5) is 03:00 UTC of the 10th.
#[test]
fn a_clock_moves_texts_with_a_time_and_without_an_offset() {
    let day = |text: &str, format: &str| rules(format, "UTC", Some("America/New_York")).day_of_text(text);
    assert_eq!(day("2024-03-09 22:00", "%Y-%m-%d %H:%M"), 19_792);
    assert_eq!(day("2024-03-09 22", "%Y-%m-%d %H"), 19_792, "an hour is a time");
    assert_eq!(day("2024-03-09 18:59", "%Y-%m-%d %H:%M"), 19_791);
    assert_eq!(day("2024-03-09", "%Y-%m-%d"), 19_791, "a day is a day");
    assert_eq!(day("2024-03-09 22:00 +00:00", "%Y-%m-%d %H:%M %z"), 19_791, "its own offset wins");
}

#[test]
fn formats_tell_whether_they_hold_readings() {
    for (format, holds) in [
        ("%Y-%m-%d %H:%M", true),
        ("%d/%m/%Y %I %p", true),
        ("%Y%m%d%H%M%S", true),
        ("%Y-%m-%d", false),
        ("%Y-%m-%dT%H:%M:%S%z", false),
        ("%Y-%m-%dT%H:%M:%SZ", false),
        ("%+", false),
        ("%s", false),
        ("%Q", false),
    ] {
        assert_eq!(holds_readings(format), holds, "{format}");
    }
}

fn days_of(column: &Column, rules: &DateRules) -> Vec<i32> {
    days(column, rules).unwrap()
}

/// 2025-12-31 is day `20_453`, 2024-02-29 day `19_782`.
#[test]
fn whole_numbers_are_read_as_dates_where_the_format_has_digits_alone() {
    let plain = rules("%Y%m%d", "UTC", None);
    let numbers = [Some(20_251_231_i64), Some(20_240_229), Some(20_250_229), Some(0), Some(-20_251_231), None];
    let expected = [20_453, 19_782, NO_DAY, NO_DAY, NO_DAY, NULL_DAY];
    assert_eq!(days_of(&Column::new("t".into(), numbers), &plain), expected);
    let narrow = Column::new("t".into(), numbers).cast(&DataType::Int32).unwrap();
    assert_eq!(days_of(&narrow, &plain), expected);
    let floats = [20_251_231.0, 20_251_231.5, f64::NAN, 1e300];
    assert_eq!(days_of(&Column::new("t".into(), floats), &plain), [20_453, NO_DAY, NO_DAY, NO_DAY]);
    assert_eq!(days_of(&Column::new("t".into(), [20_251_231_u64, u64::MAX]), &plain), [20_453, NO_DAY]);
    let too_long = Column::new("t".into(), [202_512_310_i64, 120_251_231, i64::MAX]);
    assert_eq!(days_of(&too_long, &plain), [NO_DAY; 3]);
}

/// A number has no zeros in front: 3112025 is 03112025, and not the 31st of a month 12 in the year 25.
#[test]
fn zeros_that_a_number_lost_come_back() {
    let german = rules("%d%m%Y", "UTC", None);
    // 2025-11-03 is day 20_395.
    assert_eq!(days_of(&Column::new("t".into(), [3_112_025_i64, 31_122_025]), &german), [20_395, 20_453]);
    let seconds = rules("%Y%m%d%H%M%S", "Asia/Tokyo", Some("UTC"));
    // 15:00 UTC is midnight in Tokyo.
    let numbers = Column::new("t".into(), [20_251_231_145_959_i64, 20_251_231_150_000]);
    assert_eq!(days_of(&numbers, &seconds), [20_453, 20_454]);
    let words = rules("%d/%m/%Y", "UTC", None);
    assert_eq!(days_of(&Column::new("t".into(), [20_251_231_i64]), &words), [NO_DAY]);
}

#[test]
fn float_epochs_are_floored_and_those_that_are_no_numbers_are_no_dates() {
    let epochs = |unit| DateRules { epoch: Some(unit), ..DateRules::default() };
    let seconds = [Some(86_399.9), Some(86_400.0), Some(-0.5), Some(f64::NAN), Some(f64::INFINITY), None];
    let column = Column::new("t".into(), seconds);
    assert_eq!(days_of(&column, &epochs(Unit::Seconds)), [0, 1, -1, NO_DAY, NO_DAY, NULL_DAY]);
    let short = column.cast(&DataType::Float32).unwrap();
    assert_eq!(days_of(&short, &epochs(Unit::Seconds))[1..], [1, -1, NO_DAY, NO_DAY, NULL_DAY]);
    let far = Column::new("t".into(), [9.3e18, -9.3e18]);
    assert_eq!(days_of(&far, &epochs(Unit::Nanoseconds)), [NO_DAY; 2], "not the last instant that fits");
    let berlin = DateRules { zone: Zone::named("Europe/Berlin").unwrap(), ..epochs(Unit::Seconds) };
    assert_eq!(days_of(&Column::new("t".into(), [82_799.5, 82_800.0]), &berlin), [0, 1], "one hour ahead");
}

#[test]
fn decimals_are_dates_as_integers_and_floats_are() {
    let decimals = |values: [Option<i128>; 3], scale: usize| {
        let units = Int128Chunked::from_iter_options("t".into(), values.into_iter());
        units.into_decimal_unchecked(38, scale).into_series().into_column()
    };
    let plain = rules("%Y%m%d", "UTC", None);
    // 2025-12-31 is day 20_453.
    let whole = decimals([Some(20_251_231), None, Some(i128::from(i64::MAX) + 1)], 0);
    assert_eq!(days_of(&whole, &plain), [20_453, NULL_DAY, NO_DAY]);
    assert_eq!(days_of(&decimals([Some(202_512_310), Some(202_512_315), None], 1), &plain), [20_453, NO_DAY, NULL_DAY]);
    let seconds = DateRules { epoch: Some(Unit::Seconds), ..DateRules::default() };
    // 86_399.5 seconds are in the first day, half a second before 1970 is in the one before.
    assert_eq!(days_of(&decimals([Some(863_995), Some(864_000), Some(-5)], 1), &seconds), [0, 1, -1]);
}

#[test]
fn unsigned_epochs_beyond_the_sign_are_no_dates() {
    for (unit, per_day) in [(Unit::Seconds, 86_400_u64), (Unit::Nanoseconds, 86_400_000_000_000)] {
        let rules = DateRules { epoch: Some(unit), ..DateRules::default() };
        let epochs = Column::new("t".into(), [Some(per_day), Some(u64::MAX), None]);
        assert_eq!(days_of(&epochs, &rules), [1, NO_DAY, NULL_DAY]);
    }
}

#[test]
fn the_largest_nanosecond_is_no_date_only_where_there_are_int96_stamps() {
    let stamps = |zone| {
        let ticks = Column::new("t".into(), [i64::MAX, 0]);
        ticks.cast(&DataType::Datetime(TimeUnit::Nanoseconds, zone)).unwrap()
    };
    let int96 = DateRules { has_int96: true, ..DateRules::default() };
    // 2262-04-11 is day 106_751.
    assert_eq!(days_of(&stamps(Some(TimeZone::UTC)), &int96), [NO_DAY, 0]);
    assert_eq!(days_of(&stamps(Some(TimeZone::UTC)), &DateRules::default()), [106_751, 0]);
    assert_eq!(days_of(&stamps(None), &int96), [106_751, 0]);
}
