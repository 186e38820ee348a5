//! Dates and instants as text, for people: never a failure, however far out they lie.
//!
//! Does not live here: the day of an instant (`zone`).

use chrono::DateTime;

use super::zone::Unit;

/// `2024-01-31 12:00:00.5`, followed by ` UTC` for points in time; instants too far out as the plain number.
#[must_use]
pub fn moment_text(ticks: i64, unit: Unit, is_utc: bool) -> String {
    let per_second = unit.per_second();
    let nanoseconds = u32::try_from(ticks.rem_euclid(per_second) * (1_000_000_000 / per_second)).unwrap_or(0);
    match DateTime::from_timestamp(ticks.div_euclid(per_second), nanoseconds) {
        Some(moment) => {
            format!("{}{}", moment.naive_utc().format("%Y-%m-%d %H:%M:%S%.f"), if is_utc { " UTC" } else { "" })
        }
        None => format!("{ticks} {}", unit.symbol()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::date_text;

    #[test]
    fn instants_are_written_however_far_out_they_lie() {
        // 2025-01-01 is day 20_089, second 1_735_689_600.
        assert_eq!(moment_text(1_735_689_600_250, Unit::Milliseconds, true), "2025-01-01 00:00:00.250 UTC");
        assert_eq!(moment_text(-1, Unit::Microseconds, false), "1969-12-31 23:59:59.999999");
        assert_eq!(moment_text(i64::MAX, Unit::Milliseconds, true), "9223372036854775807 ms");
        assert_eq!(moment_text(i64::MIN, Unit::Milliseconds, true), "-9223372036854775808 ms");
        assert_eq!((date_text(20_089), date_text(i32::MAX)), ("2025-01-01".into(), "2147483647 days".into()));
    }
}
