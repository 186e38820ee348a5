//! Timestamps that the engine reads otherwise than the footers say: without their zone (INT96, and those that carry only the
//! old converted type), or in another unit (that of the schema which Arrow's writers store beside Parquet's own).
//!
//! Does not live here: which columns these are (`footers`), and what their days are (see `clean`).

use std::cmp::Ordering;

use polars::prelude::*;

use super::Group;
use crate::source::contract::Contract;
use crate::source::footers::Column as FileColumn;
use crate::source::kinds::{ColumnKind, TimeUnit as Ticks};

/// Gives such columns the zone and the unit of their footers, so that filters and rules see what the contract says. All files
/// of a group have the same ones.
pub(super) fn as_in_footers(frame: LazyFrame, contract: &Contract, group: &Group) -> LazyFrame {
    let Some(file) = group.files.first().map(|index| &contract.files[*index]) else { return frame };
    let is_read = |name: &str| contract.columns.iter().any(|column| column.name == name);
    let others = file.columns.iter().filter(|column| column.is_read_otherwise() && is_read(&column.name));
    let others: Vec<Expr> = others.filter_map(as_in_footer).collect();
    if others.is_empty() { frame } else { frame.with_columns(others) }
}

fn as_in_footer(column: &FileColumn) -> Option<Expr> {
    let (unit, has_zone) = match column.kind {
        ColumnKind::Timestamp { unit, utc } => (unit, utc),
        ColumnKind::Int96 => (Ticks::Ns, true),
        _ => return None,
    };
    let (unit, zone) = (unit_of(unit), has_zone.then_some(TimeZone::UTC));
    let dtype = DataType::Datetime(unit, zone.clone());
    let field = Field::new(column.name.as_str().into(), dtype);
    let convert = move |column: Column| {
        let DataType::Datetime(stored, _) = column.dtype() else { return Ok(column) };
        let ticks = in_unit(column.datetime()?.physical(), per_second(*stored), per_second(unit));
        Ok(ticks.into_datetime(unit, zone.clone()).into_series().into_column())
    };
    Some(col(column.name.as_str()).map(convert, move |_, _| Ok(field.clone())))
}

/// Ticks in another unit. What 64 bits cannot hold is the greatest they can, as the engine makes it of INT96.
fn in_unit(ticks: &Int64Chunked, from: i64, to: i64) -> Int64Chunked {
    match from.cmp(&to) {
        Ordering::Greater => ticks.apply_values(|ticks| ticks.div_euclid(from / to)),
        Ordering::Less => ticks.apply_values(|ticks| ticks.checked_mul(to / from).unwrap_or(i64::MAX)),
        Ordering::Equal => ticks.clone(),
    }
}

const fn unit_of(unit: Ticks) -> TimeUnit {
    match unit {
        Ticks::Ms => TimeUnit::Milliseconds,
        Ticks::Us => TimeUnit::Microseconds,
        Ticks::Ns => TimeUnit::Nanoseconds,
    }
}

const fn per_second(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Milliseconds => 1_000,
        TimeUnit::Microseconds => 1_000_000,
        TimeUnit::Nanoseconds => 1_000_000_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_keep_their_moment_in_another_unit_and_do_not_wrap() {
        let ticks = |values: &[i64]| Int64Chunked::from_slice("t".into(), values);
        let values = |ticks: Int64Chunked| ticks.into_no_null_iter().collect::<Vec<i64>>();
        assert_eq!(values(in_unit(&ticks(&[1_999, -1, 0]), 1_000_000_000, 1_000_000)), [1, -1, 0]);
        let far = [2, -2, i64::MAX / 1_000, i64::MAX / 1_000 + 1, i64::MIN];
        let expected = [2_000, -2_000, i64::MAX / 1_000 * 1_000, i64::MAX, i64::MAX];
        assert_eq!(values(in_unit(&ticks(&far), 1_000_000, 1_000_000_000)), expected);
        assert_eq!(values(in_unit(&ticks(&[i64::MIN]), 1_000, 1_000)), [i64::MIN]);
    }
}
