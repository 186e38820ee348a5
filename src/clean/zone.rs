//! From an instant to a day of the business time zone, and from a reading of a clock to an instant.
//!
//! Lives here: units of timestamps, the table of a zone's offsets, and floor division (an instant before 1970 belongs
//! to its own day, not to the next). Does not live here: which dates are instants, and which are readings (`dates`).

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

    /// Whether it never differs from UTC.
    #[must_use]
    pub fn is_utc(&self) -> bool {
        self.offsets == [0]
    }

    /// The clock of this zone.
    #[must_use]
    pub fn wall_clock(&self) -> WallClock {
        let changes = self.starts.iter().zip(&self.offsets).zip(self.offsets.iter().skip(1));
        // Between two changes the clock shows the instant plus the offset. Where it goes forward, readings that it skips
        // keep the offset before; where it goes back, so do those that it shows twice. Both end at the larger offset.
        let ends = changes.enumerate().map(|(place, ((_, before), after))| self.starts[place + 1] + before.max(after));
        let starts = std::iter::once(i64::MIN).chain(ends).collect();
        WallClock(Self { starts, offsets: self.offsets.iter().map(|offset| -offset).collect() })
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

    /// Writes the day in this zone of every reading of `clock`. Days outside [`VALID_DAYS`] become [`i32::MIN`].
    pub fn days_of_readings(&self, clock: &WallClock, readings: &[i64], unit: Unit, days: &mut Vec<i32>) {
        days.clear();
        let (mut slot, mut own) = (0, 0);
        days.extend(readings.iter().map(|reading| {
            let second = reading.div_euclid(unit.per_second());
            slot = clock.0.slot_of(second, slot);
            let instant = second.saturating_add(clock.0.offsets[slot]);
            own = self.slot_of(instant, own);
            floor_day::<DAY_SECONDS>(instant.saturating_add(self.offsets[own]))
        }));
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

/// The clock of a zone: from what it shows to the instant. What it shows twice is the earlier instant; what it never shows,
/// because it goes forward, is as much later as it goes forward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WallClock(
    /// What to add to a reading, and the readings from which on.
    Zone,
);

impl WallClock {
    /// The instant of a reading, both in seconds since 1970-01-01.
    #[must_use]
    pub fn instant_of(&self, reading: i64) -> i64 {
        reading.saturating_add(self.0.offsets[self.0.slot_of(reading, 0)])
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

    /// New York, 2024: clocks went forward on 10 March at 07:00 UTC (from -5 to -4) and back on 3 November at 06:00 UTC.
    #[test]
    fn readings_become_instants_through_gaps_and_overlaps() {
        let clock = Zone::named("America/New_York").unwrap().wall_clock();
        // 2024-03-10 is day 19_792, 2024-11-03 is day 20_030.
        let at = |day: i64, hour: i64, minute: i64| day * 86_400 + hour * 3_600 + minute * 60;
        for (reading, instant) in [
            (at(19_792, 1, 59), at(19_792, 6, 59)),
            // 02:30 does not occur: it is 03:30 in summer time, which is 07:30 UTC.
            (at(19_792, 2, 0), at(19_792, 7, 0)),
            (at(19_792, 2, 30), at(19_792, 7, 30)),
            (at(19_792, 3, 0), at(19_792, 7, 0)),
            (at(19_792, 3, 30), at(19_792, 7, 30)),
            (at(20_030, 0, 59), at(20_030, 4, 59)),
            // 01:30 occurs at 05:30 and at 06:30 UTC.
            (at(20_030, 1, 0), at(20_030, 5, 0)),
            (at(20_030, 1, 59), at(20_030, 5, 59)),
            (at(20_030, 2, 0), at(20_030, 7, 0)),
        ] {
            assert_eq!(clock.instant_of(reading), instant, "{reading}");
        }
        assert_eq!(Zone::utc().wall_clock().instant_of(i64::MAX), i64::MAX);
    }

    #[test]
    fn readings_belong_to_the_day_of_another_zone() {
        // 2024-07-01 is day 19_905. 20:30 in New York (-4) is 00:30 UTC of the next day; 19:59 is 23:59 UTC.
        let clock = Zone::named("America/New_York").unwrap().wall_clock();
        let evening = 19_905 * 86_400 + 20 * 3_600 + 1_800;
        let mut days = Vec::new();
        let readings = [evening, evening - 31 * 60, i64::MAX, i64::MIN].map(|second| second.saturating_mul(1_000));
        Zone::utc().days_of_readings(&clock, &readings, Unit::Milliseconds, &mut days);
        assert_eq!(days, [19_906, 19_905, i32::MIN, i32::MIN]);
        // In Auckland (+12 in July) it is the 2nd in both cases.
        Zone::named("Pacific/Auckland").unwrap().days_of_readings(
            &clock,
            &readings[..2],
            Unit::Milliseconds,
            &mut days,
        );
        assert_eq!(days, [19_906, 19_906]);
    }

    /// Samoa left out 30 December 2011, from -10 to +14: a reading of that day is as late on the 31st.
    #[test]
    fn a_day_that_a_zone_leaves_out_moves_to_the_next() {
        let apia = Zone::named("Pacific/Apia").unwrap();
        // 2011-12-30 is day 15_338.
        let mut days = Vec::new();
        let noons = [15_337, 15_338, 15_339].map(|day| day * 86_400 + 43_200);
        apia.days_of_readings(&apia.wall_clock(), &noons, Unit::Seconds, &mut days);
        assert_eq!(days, [15_337, 15_339, 15_339]);
    }

    #[test]
    fn far_instants_are_no_dates() {
        assert_eq!(day(&Zone::utc(), i64::MAX, Unit::Milliseconds), i32::MIN);
        assert_eq!(day(&Zone::utc(), i64::MIN, Unit::Days), i32::MIN);
        assert_eq!(day(&Zone::named("Europe/Berlin").unwrap(), i64::MAX, Unit::Seconds), i32::MIN);
        assert_eq!(Zone::named("Mars/Olympus"), None);
    }
}
