//! From an instant to a day of the business time zone.
//!
//! Lives here: units of timestamps, the table of a zone's offsets, and floor division (an instant before 1970 belongs
//! to its own day, not to the next). Does not live here: dates stored as text.

use chrono::{DateTime, NaiveDate, Offset, TimeZone};
use chrono_tz::Tz;

/// Seconds of a day.
const DAY_SECONDS: i64 = 86_400;
/// Offsets are known from this year on; before and after the table, the first and the last one apply.
const FIRST_YEAR: i32 = 1900;
const LAST_YEAR: i32 = 2200;

/// First and last day that count as dates: 0001-01-01 and 9999-12-31, days since 1970-01-01.
pub const VALID_DAYS: std::ops::RangeInclusive<i32> = -719_162..=2_932_896;

/// How a timestamp counts time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Whole days.
    Days,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Microseconds.
    Microseconds,
    /// Nanoseconds.
    Nanoseconds,
}

impl Unit {
    /// Units in a day.
    #[must_use]
    pub const fn per_day(self) -> i64 {
        match self {
            Self::Days => 1,
            _ => self.per_second() * DAY_SECONDS,
        }
    }

    /// Its name as printed after a number.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::Seconds => "s",
            Self::Milliseconds => "ms",
            Self::Microseconds => "us",
            Self::Nanoseconds => "ns",
        }
    }

    pub(super) const fn per_second(self) -> i64 {
        match self {
            Self::Days | Self::Seconds => 1,
            Self::Milliseconds => 1_000,
            Self::Microseconds => 1_000_000,
            Self::Nanoseconds => 1_000_000_000,
        }
    }
}

/// The offsets of a time zone from UTC, as a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Where each offset begins, seconds since 1970-01-01 UTC, ascending; the first is the beginning of time.
    starts: Vec<i64>,
    /// Seconds to add to UTC.
    offsets: Vec<i64>,
}

impl Zone {
    /// No offset: UTC, or timestamps taken as they stand.
    #[must_use]
    pub fn utc() -> Self {
        Self { starts: vec![i64::MIN], offsets: vec![0] }
    }

    /// The table of an IANA zone; `None` where there is no zone of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let zone: Tz = name.parse().ok()?;
        let second_of_year = |year| {
            NaiveDate::from_ymd_opt(year, 1, 1)
                .map_or(0, |date| date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp())
        };
        let mut table = Self { starts: vec![i64::MIN], offsets: vec![offset_at(zone, second_of_year(FIRST_YEAR))] };
        let mut second = second_of_year(FIRST_YEAR);
        while second < second_of_year(LAST_YEAR) {
            let next = second + DAY_SECONDS;
            let (before, after) = (offset_at(zone, second), offset_at(zone, next));
            if before != after {
                table.starts.push(first_second_of(zone, after, second, next));
                table.offsets.push(after);
            }
            second = next;
        }
        Some(table)
    }

    fn is_utc(&self) -> bool {
        self.offsets == [0]
    }

    /// Writes the day of every timestamp. Days outside [`VALID_DAYS`] become [`i32::MIN`].
    pub fn days(&self, timestamps: &[i64], unit: Unit, days: &mut Vec<i32>) {
        days.clear();
        if self.is_utc() || unit == Unit::Days {
            // The divisor must be a constant in each loop, so that the compiler can multiply instead.
            match unit {
                Unit::Days => days.extend(timestamps.iter().map(|t| valid_day(*t))),
                Unit::Seconds => days.extend(timestamps.iter().map(|t| floor_day::<DAY_SECONDS>(*t))),
                Unit::Milliseconds => days.extend(timestamps.iter().map(|t| floor_day::<{ DAY_SECONDS * 1_000 }>(*t))),
                Unit::Microseconds => {
                    days.extend(timestamps.iter().map(|t| floor_day::<{ DAY_SECONDS * 1_000_000 }>(*t)));
                }
                Unit::Nanoseconds => {
                    days.extend(timestamps.iter().map(|t| floor_day::<{ DAY_SECONDS * 1_000_000_000 }>(*t)));
                }
            }
            return;
        }
        // Neighbouring rows usually lie between the same two changes of the clock.
        let mut slot = 0;
        days.extend(timestamps.iter().map(|timestamp| {
            let second = timestamp.div_euclid(unit.per_second());
            slot = self.slot_of(second, slot);
            floor_day::<DAY_SECONDS>(second.saturating_add(self.offsets[slot]))
        }));
    }

    /// The day of one instant, given in seconds.
    #[must_use]
    pub fn day_of_second(&self, second: i64) -> i32 {
        floor_day::<DAY_SECONDS>(second.saturating_add(self.offsets[self.slot_of(second, 0)]))
    }

    /// The first second of a day, where the clock shows it only once; used for coarse filters only.
    #[must_use]
    pub fn second_of_day(&self, day: i32) -> i64 {
        let local = i64::from(day) * DAY_SECONDS;
        let offset = self.offsets[self.slot_of(local, 0)];
        local - offset
    }

    /// Seconds that the clock of the zone is ahead of UTC at an instant, given in seconds.
    #[must_use]
    pub fn offset_of(&self, second: i64) -> i64 {
        self.offsets[self.slot_of(second, 0)]
    }

    fn slot_of(&self, second: i64, guess: usize) -> usize {
        let ends = self.starts.get(guess + 1).copied().unwrap_or(i64::MAX);
        if self.starts[guess] <= second && second < ends {
            return guess;
        }
        self.starts.partition_point(|start| *start <= second) - 1
    }
}

#[inline]
fn floor_day<const PER_DAY: i64>(timestamp: i64) -> i32 {
    valid_day(timestamp.div_euclid(PER_DAY))
}

#[inline]
#[allow(clippy::cast_possible_truncation)]
fn valid_day(day: i64) -> i32 {
    if day >= i64::from(*VALID_DAYS.start()) && day <= i64::from(*VALID_DAYS.end()) { day as i32 } else { i32::MIN }
}

fn offset_at(zone: Tz, second: i64) -> i64 {
    let instant = DateTime::from_timestamp(second, 0).unwrap_or_default().naive_utc();
    i64::from(zone.offset_from_utc_datetime(&instant).fix().local_minus_utc())
}

/// The first second after `low` at which `offset` holds; it holds at `high`.
fn first_second_of(zone: Tz, offset: i64, mut low: i64, mut high: i64) -> i64 {
    while low + 1 < high {
        let middle = low + (high - low) / 2;
        if offset_at(zone, middle) == offset {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(zone: &Zone, timestamp: i64, unit: Unit) -> i32 {
        let mut days = Vec::new();
        zone.days(&[timestamp], unit, &mut days);
        days[0]
    }

    #[test]
    fn instants_before_1970_belong_to_their_own_day() {
        // 1969-07-20 20:17 UTC is 14_182_980 seconds before the epoch: day -165, since 165 * 86_400 = 14_256_000.
        assert_eq!(day(&Zone::utc(), -14_182_980, Unit::Seconds), -165);
        assert_eq!(day(&Zone::utc(), -1, Unit::Microseconds), -1);
        assert_eq!(day(&Zone::utc(), 0, Unit::Nanoseconds), 0);
    }

    #[test]
    fn the_day_follows_the_zone_and_its_clock_changes() {
        let shanghai = Zone::named("Asia/Shanghai").unwrap();
        // 2025-01-01 16:00 UTC is midnight of the 2nd in Shanghai (+8). 2025-01-01 is day 20_089.
        let noon = 20_089 * 86_400;
        assert_eq!(day(&shanghai, noon + 16 * 3_600, Unit::Seconds), 20_090);
        assert_eq!(day(&shanghai, (noon + 16 * 3_600) * 1_000_000 - 1, Unit::Microseconds), 20_089);
        // Berlin: +1 in winter, +2 in summer. 22:30 UTC on 1 July 2025 (day 20_270) is 00:30 on the 2nd.
        let berlin = Zone::named("Europe/Berlin").unwrap();
        assert_eq!(day(&berlin, 20_270 * 86_400 + 22 * 3_600 + 1_800, Unit::Seconds), 20_271);
        assert_eq!(day(&berlin, 20_089 * 86_400 + 22 * 3_600 + 1_800, Unit::Seconds), 20_089);
    }

    #[test]
    fn the_table_agrees_with_the_zone_hour_by_hour() {
        for name in ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"] {
            let (zone, tz): (Zone, Tz) = (Zone::named(name).unwrap(), name.parse().unwrap());
            for hour in 0..(366 * 24 * 3) {
                let second = 1_577_836_800 + hour * 3_600; // from 2020-01-01
                let local = DateTime::from_timestamp(second, 0).unwrap().with_timezone(&tz).date_naive();
                let expected = local.signed_duration_since(NaiveDate::default()).num_days();
                assert_eq!(i64::from(zone.day_of_second(second)), expected, "{name} {second}");
            }
        }
    }

    #[test]
    fn far_instants_are_no_dates() {
        assert_eq!(day(&Zone::utc(), i64::MAX, Unit::Milliseconds), i32::MIN);
        assert_eq!(day(&Zone::utc(), i64::MIN, Unit::Days), i32::MIN);
        assert_eq!(day(&Zone::named("Europe/Berlin").unwrap(), i64::MAX, Unit::Seconds), i32::MIN);
        assert_eq!(Zone::named("Mars/Olympus"), None);
    }
}
