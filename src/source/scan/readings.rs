//! Columns as the contract has them: what the engine reads otherwise than the footers say, and what files have in several types.
//!
//! The engine reads some timestamps without their zone (INT96, and those that carry only the old converted type), or in another
//! unit (that of the schema which Arrow's writers store beside Parquet's own); UUIDs, and texts annotated as ENUM or JSON, as
//! bytes. Filters, expressions and attributes get a column in the one type that holds the values of all files; the roles of a row
//! get it as each file has it, so that no digit is lost. Does not live here: which columns these are (`footers`, `contract`),
//! and what a value means (see `clean`).

use std::cmp::Ordering;

use polars::prelude::*;

use super::Group;
use super::bytes;
use crate::batch::role;
use crate::source::contract::{Agreed, Contract, kind_as_read};
use crate::source::footers::Column as FileColumn;
use crate::source::kinds::{ColumnKind, TimeUnit as Ticks};
use crate::source::options::InputOptions;

/// Gives the needed columns the names, zones, units and types of the contract; what the files lack is null. All files of a group
/// have the same columns in the same types.
pub(super) fn as_agreed(mut frame: LazyFrame, contract: &Contract, group: &Group, options: &InputOptions) -> LazyFrame {
    let Some(file) = group.files.first().map(|index| &contract.files[*index]) else { return frame };
    let (mut read, mut raw, mut cast) = (Vec::new(), Vec::new(), Vec::new());
    for (place, agreed) in columns(contract).enumerate() {
        let name = agreed.name.as_str();
        match file.column(name).filter(|column| column.kind != ColumnKind::Null) {
            None => read.push(NULL.lit().cast(dtype_of(&agreed.kind)).alias(name)),
            Some(column) => {
                read.extend(as_in_footer(column, group.has_own_footers, options).map(|expr| expr.alias(name)));
                let own = kind_as_read(&column.kind, options);
                if let Some(dtype) = type_for_all(&own, &agreed.kind) {
                    raw.push(named(name).alias(role::raw(place)));
                    cast.push(named(name).strict_cast(dtype).alias(name));
                }
            }
        }
    }
    for step in [read, raw, cast].into_iter().filter(|step| !step.is_empty()) {
        frame = frame.with_columns(step);
    }
    frame
}

/// The columns of files that are read, each once.
fn columns(contract: &Contract) -> impl Iterator<Item = &Agreed> {
    let names = super::names(contract).into_iter();
    let of_name =
        |name: &str| contract.columns.iter().find(|column| column.name == name && column.expression.is_none());
    names.filter_map(of_name).filter(|column| !column.from_partition)
}

/// A column as the file has it, by the name of the contract.
pub(super) fn as_stored(contract: &Contract, group: &Group, name: &str, options: &InputOptions) -> Expr {
    let file = group.files.first().map(|index| &contract.files[*index]);
    let column = file.and_then(|file| file.column(name)).filter(|column| column.kind != ColumnKind::Null);
    let found = columns(contract).enumerate().find(|(_, agreed)| agreed.name == name);
    match (column, found) {
        (Some(column), Some((place, agreed)))
            if type_for_all(&kind_as_read(&column.kind, options), &agreed.kind).is_some() =>
        {
            col(role::raw(place))
        }
        _ => named(name),
    }
}

/// The columns that are read, each in the one type that holds the values of all files.
pub(super) fn in_one_type(contract: &Contract) -> Vec<Expr> {
    let keys = super::partition_columns::keys(contract).into_iter().map(named);
    let cast = |agreed: &Agreed| match agreed.kind {
        // Only whether they are null matters of these.
        ColumnKind::Time | ColumnKind::Binary | ColumnKind::FixedBinary(_) => named(&agreed.name),
        ref kind => named(&agreed.name).strict_cast(dtype_of(kind)),
    };
    columns(contract).map(cast).chain(keys).collect()
}

/// By its name as it stands: `*` and `^a$` are names, too.
fn named(name: &str) -> Expr {
    Expr::Column(name.into())
}

/// The type into which a column is cast for filters, expressions and attributes; none where these take it as it is.
fn type_for_all(own: &ColumnKind, agreed: &ColumnKind) -> Option<DataType> {
    use ColumnKind as Kind;
    let is_float = |kind: &Kind| matches!(kind, Kind::Float32 | Kind::Float64);
    let differs = match (own, agreed) {
        // Whole numbers of any width, and floats of both.
        (Kind::Int { .. }, Kind::Int { .. }) => false,
        (own, agreed) if is_float(own) && is_float(agreed) => false,
        (Kind::Decimal { scale, .. }, Kind::Decimal { scale: other, .. }) => scale != other,
        (own, agreed) if own.is_number() && agreed.is_number() => true,
        (Kind::Date, Kind::Timestamp { .. }) => true,
        _ => false,
    };
    differs.then(|| dtype_of(agreed))
}

/// The type of the engine that stands for a kind.
fn dtype_of(kind: &ColumnKind) -> DataType {
    match kind {
        ColumnKind::Bool => DataType::Boolean,
        ColumnKind::Int { bits: 64, signed: false } => DataType::UInt64,
        ColumnKind::Int { .. } => DataType::Int64,
        ColumnKind::Float32 | ColumnKind::Float64 => DataType::Float64,
        // All the digits there can be: a cast must not fail of the precision of one file.
        ColumnKind::Decimal { scale, .. } => DataType::Decimal(MOST_DIGITS, *scale as usize),
        ColumnKind::Date => DataType::Date,
        ColumnKind::Timestamp { unit, utc } => DataType::Datetime(unit_of(*unit), utc.then_some(TimeZone::UTC)),
        ColumnKind::Int96 => DataType::Datetime(TimeUnit::Nanoseconds, Some(TimeZone::UTC)),
        ColumnKind::Null => DataType::Null,
        _ => DataType::String,
    }
}

const MOST_DIGITS: usize = 38;

/// A column as its footer says, under the name of the file; none where the engine reads it so, and it has the name of the contract.
fn as_in_footer(column: &FileColumn, has_own_footer: bool, options: &InputOptions) -> Option<Expr> {
    // An own footer states no units.
    let is_read_otherwise = column.lacks_zone || column.engine_unit.is_some() && !has_own_footer;
    match &column.kind {
        ColumnKind::Timestamp { unit, utc } if is_read_otherwise => Some(stamp(column, *unit, *utc)),
        ColumnKind::Int96 if is_read_otherwise => Some(stamp(column, Ticks::Ns, true)),
        ColumnKind::Uuid => Some(bytes::as_text(&column.name, bytes::Form::Uuid)),
        ColumnKind::Text if column.is_bytes => Some(bytes::as_text(&column.name, bytes::Form::Utf8)),
        ColumnKind::Binary | ColumnKind::FixedBinary(_) => {
            options.binary_as_text.map(|form| bytes::as_text(&column.name, form.into()))
        }
        _ => Some(named(&column.name)),
    }
}

fn stamp(column: &FileColumn, unit: Ticks, has_zone: bool) -> Expr {
    let (unit, zone) = (unit_of(unit), has_zone.then_some(TimeZone::UTC));
    let dtype = DataType::Datetime(unit, zone.clone());
    let field = Field::new(column.name.as_str().into(), dtype);
    let convert = move |column: Column| {
        let DataType::Datetime(stored, _) = column.dtype() else { return Ok(column) };
        let ticks = in_unit(column.datetime()?.physical(), per_second(*stored), per_second(unit));
        Ok(ticks.into_datetime(unit, zone.clone()).into_series().into_column())
    };
    named(&column.name).map(convert, move |_, _| Ok(field.clone()))
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
