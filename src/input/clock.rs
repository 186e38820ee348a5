//! The stored order dates as days: for the statistics, before a row is read.
//!
//! Does not live here: the dates of rows (`clean::dates`).

use crate::clean::dates::{DateRules, Numbers};
use crate::clean::zone::{Unit, VALID_DAYS};
use crate::source::kinds::{ColumnKind, TimeUnit};

/// How the numbers of a column become days.
pub(crate) struct Clock<'a> {
    numbers: Numbers,
    dates: &'a DateRules,
}

impl<'a> Clock<'a> {
    /// None for texts, whose statistics do not sort as dates do, and for numbers that are not dates.
    pub(crate) fn of(kind: &ColumnKind, dates: &'a DateRules) -> Option<Self> {
        let numbers = match kind {
            ColumnKind::Date => Numbers::Instants(Unit::Days),
            ColumnKind::Timestamp { unit, utc: true } => Numbers::Instants(unit_of(*unit)),
            ColumnKind::Timestamp { unit, utc: false } => Numbers::Readings(unit_of(*unit)),
            ColumnKind::Int { .. } => match dates.of_integers() {
                Numbers::Written if !dates.format.as_ref()?.sorts_as_days() => return None,
                Numbers::Instants(_) if dates.epoch.is_none() => return None,
                numbers => numbers,
            },
            _ => return None,
        };
        Some(Self { numbers, dates })
    }

    /// Days since 1970-01-01; none where the number is not a date.
    pub(crate) fn day(&self, stored: i64) -> Option<i32> {
        let mut days = Vec::new();
        self.dates.days(self.numbers, &[stored], &mut days);
        days.pop().filter(|day| VALID_DAYS.contains(day))
    }

    /// Whether a number between two dates is a date as well: 20250230 lies between two.
    pub(crate) fn is_gapless(&self) -> bool {
        self.numbers != Numbers::Written
    }

    /// By how many days a number between two others may lie outside of theirs: a clock that goes back shows a day again.
    pub(crate) fn slack_days(&self) -> i32 {
        match self.numbers {
            Numbers::Instants(Unit::Days) | Numbers::Written => 0,
            Numbers::Instants(_) => i32::from(!self.dates.zone.is_utc()),
            Numbers::Readings(_) => i32::from(self.dates.clock.is_some()),
        }
    }
}

const fn unit_of(unit: TimeUnit) -> Unit {
    match unit {
        TimeUnit::Ms => Unit::Milliseconds,
        TimeUnit::Us => Unit::Microseconds,
        TimeUnit::Ns => Unit::Nanoseconds,
    }
}
