//! Points in time that the engine reads without their zone: INT96, and timestamps that carry only the old converted type.
//!
//! Does not live here: which columns these are (`kinds`), and what their days are (see `clean`).

use polars::prelude::*;

use super::Group;
use crate::source::contract::Contract;

/// Gives such columns their zone, UTC, so that filters and rules see points in time. All files of a group have the same ones.
pub(super) fn add_zones(frame: LazyFrame, contract: &Contract, group: &Group) -> LazyFrame {
    let Some(file) = group.files.first().map(|index| &contract.files[*index]) else { return frame };
    let lacks_zone = |name: &str| file.columns.iter().any(|column| column.name == name && column.lacks_zone);
    let mut names: Vec<&str> = contract.columns.iter().map(|column| column.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let zoned: Vec<Expr> = names.into_iter().filter(|name| lacks_zone(name)).map(zoned).collect();
    if zoned.is_empty() { frame } else { frame.with_columns(zoned) }
}

/// The same ticks. The schema that some writers store beside Parquet's own may already name a zone, and any unit.
fn zoned(name: &str) -> Expr {
    let field = |field: &Field| {
        let dtype = match field.dtype() {
            DataType::Datetime(unit, _) => DataType::Datetime(*unit, Some(TimeZone::UTC)),
            other => other.clone(),
        };
        Field::new(field.name().clone(), dtype)
    };
    let add = |column: Column| match column.dtype() {
        DataType::Datetime(unit, _) => {
            let ticks = column.datetime()?.physical().clone();
            Ok(ticks.into_datetime(*unit, Some(TimeZone::UTC)).into_series().into_column())
        }
        _ => Ok(column),
    };
    col(name).map(add, move |_, own| Ok(field(own)))
}
