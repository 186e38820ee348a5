//! How stored dates become days, from the settings and the columns of the input; and settings that have no effect on them.
//!
//! Does not live here: the days themselves (`clean::dates`).

use std::sync::Arc;

use crate::clean::dates::{DateRules, Format, holds_readings};
use crate::clean::zone::{Unit, Zone};
use crate::error::{Error, Problems, Result};
use crate::expressions::Zones;
use crate::source::contract::{Contract, Role};
use crate::source::kinds::ColumnKind;
use crate::source::options::{DateOptions, EpochUnit};
use crate::warnings::{Facts, Warning};

/// The zones of the settings; one that is none is noted, and is UTC, or for stamps without one nothing.
pub(super) fn zones(dates: &DateOptions, problems: &mut Problems) -> Zones {
    let business = problems.note(zone("dates.time_zone", &dates.time_zone)).unwrap_or_else(Zone::utc);
    let source = dates.source_time_zone.as_deref().map(|name| zone("dates.source_time_zone", name));
    Zones { business, source: source.and_then(|source| problems.note(source)).map(Arc::new) }
}

/// The rules.
pub(super) fn rules(dates: &DateOptions, contract: &Contract, zones: &Zones) -> DateRules {
    let dated = [Role::OrderTs, Role::FirstOrderDate].into_iter().filter_map(|role| contract.column(role));
    let has_int96 = dated.into_iter().any(|dates| {
        let mut columns = contract.files.iter().filter_map(|file| file.column(&dates.name));
        columns.any(|column| column.kind == ColumnKind::Int96)
    });
    written_as(dates, zones, has_int96)
}

/// The rules of dates in a lookup table, which are written as the settings of the run say.
pub(crate) fn rules_of_lookup(dates: &DateOptions, kind: &ColumnKind) -> DateRules {
    // A zone that is none is told with the input.
    let zones = zones(dates, &mut Problems::default());
    written_as(dates, &zones, *kind == ColumnKind::Int96)
}

fn written_as(dates: &DateOptions, zones: &Zones, has_int96: bool) -> DateRules {
    let (zone, clock) = (zones.business.clone(), zones.source.as_ref().map(|source| source.wall_clock()));
    let (epoch, format) = (dates.epoch_unit.map(unit_of), dates.format.as_deref().and_then(Format::new));
    DateRules { zone, clock, epoch, format, has_int96 }
}

fn zone(key: &str, name: &str) -> Result<Zone> {
    Zone::named(name).ok_or_else(|| {
        Error::config(format!("`{key}` is `{name}`, expected the name of a time zone"))
            .hint("write an IANA name such as `Europe/Berlin` or `UTC`")
    })
}

const fn unit_of(unit: EpochUnit) -> Unit {
    match unit {
        EpochUnit::S => Unit::Seconds,
        EpochUnit::Ms => Unit::Milliseconds,
        EpochUnit::Us => Unit::Microseconds,
        EpochUnit::Ns => Unit::Nanoseconds,
        EpochUnit::D => Unit::Days,
    }
}

/// Settings of zones that change no day of this input.
pub(super) fn warnings(dates: &DateOptions, contract: &Contract) -> Vec<Warning> {
    let Some(column) = contract.column(Role::OrderTs) else { return Vec::new() };
    let are_readings = match column.kind {
        ColumnKind::Timestamp { utc, .. } => !utc,
        ref kind if *kind == ColumnKind::Text || kind.is_number() => {
            let is_epoch = column.kind != ColumnKind::Text && dates.epoch_unit.is_some();
            !is_epoch && dates.format.as_deref().is_some_and(holds_readings)
        }
        _ => false,
    };
    let fact = match (&dates.source_time_zone, are_readings) {
        (None, true) if !Zone::named(&dates.time_zone).is_none_or(|zone| zone.is_utc()) => {
            Some(Facts::TimeZoneWithoutEffect { zone: dates.time_zone.clone(), column: column.name.clone() })
        }
        (Some(zone), false) => {
            Some(Facts::SourceTimeZoneWithoutEffect { zone: zone.clone(), column: column.name.clone() })
        }
        _ => None,
    };
    fact.map(Warning::from).into_iter().collect()
}
