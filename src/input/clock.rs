//! The stored order dates as days: for the statistics, before a row is read.
//!
//! Does not live here: the dates of rows (`clean::columns`).

use crate::clean::judge::Rules;
use crate::clean::zone::{Unit, VALID_DAYS, Zone};
use crate::source::kinds::{ColumnKind, TimeUnit};

/// How the numbers of a column become days.
pub(crate) struct Clock<'a> {
    unit: Unit,
    zone: &'a Zone,
}

/// The zone of readings of a clock, whose days are their own.
static LOCAL: std::sync::LazyLock<Zone> = std::sync::LazyLock::new(Zone::utc);

impl<'a> Clock<'a> {
    /// None for texts, whose statistics do not sort as dates do, and for numbers that are not dates.
    pub(crate) fn of(kind: &ColumnKind, rules: &'a Rules) -> Option<Self> {
        let (unit, is_instant) = match kind {
            ColumnKind::Date => (Unit::Days, false),
            ColumnKind::Timestamp { unit: TimeUnit::Ms, utc } => (Unit::Milliseconds, *utc),
            ColumnKind::Timestamp { unit: TimeUnit::Us, utc } => (Unit::Microseconds, *utc),
            ColumnKind::Timestamp { unit: TimeUnit::Ns, utc } => (Unit::Nanoseconds, *utc),
            ColumnKind::Int { .. } => (rules.epoch?, true),
            _ => return None,
        };
        Some(Self { unit, zone: if is_instant { &rules.zone } else { &LOCAL } })
    }

    /// Days since 1970-01-01; none where the number is not a date.
    pub(crate) fn day(&self, stored: i64) -> Option<i32> {
        let mut days = Vec::new();
        self.zone.days(&[stored], self.unit, &mut days);
        days.pop().filter(|day| VALID_DAYS.contains(day))
    }
}
