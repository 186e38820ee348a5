//! The schema that Arrow's writers store beside Parquet's own, as far as the engine follows it: it reads a column as what is
//! stated there, which may be another unit of a timestamp, a dictionary, or a type of its own.
//!
//! Does not live here: what the run makes of it (`scan`).

use std::collections::HashMap;

use parquet::file::metadata::ParquetMetaData;
use polars_arrow::datatypes::{ArrowDataType, TimeUnit as ArrowUnit};
use polars_parquet::read::schema::read_schema_from_metadata;

use crate::source::kinds::TimeUnit;
use crate::threads::caught;

/// The key of the footer under which it is stored.
const KEY: &str = "ARROW:schema";

/// How a top-level column is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stated {
    /// As Parquet's own schema has it.
    Plain,
    /// As a timestamp of this unit.
    Stamp(TimeUnit),
    /// As texts in a dictionary.
    Dictionary,
    /// As anything else.
    Otherwise,
}

/// What is stated of each column; nothing where no schema is stored.
///
/// # Errors
/// Nothing but that it cannot be read: the engine, which reads it first, fails as well.
pub(super) fn stated(metadata: &ParquetMetaData) -> Result<HashMap<String, Stated>, ()> {
    let stored = metadata.file_metadata().key_value_metadata().into_iter().flatten();
    let stored = stored.filter(|entry| entry.key == KEY).filter_map(|entry| entry.value.as_deref());
    let mut pairs = stored.map(|value| (KEY.into(), value.into())).collect();
    let schema = caught(|| read_schema_from_metadata(&mut pairs).map_err(|error| error.to_string())).map_err(drop)?;
    let fields = schema.into_iter().flat_map(|schema| {
        schema.iter_values().map(|field| (field.name.to_string(), of(&field.dtype))).collect::<Vec<_>>()
    });
    Ok(fields.collect())
}

fn of(dtype: &ArrowDataType) -> Stated {
    use ArrowDataType as Type;
    match dtype {
        // The engine has no seconds.
        Type::Timestamp(ArrowUnit::Second | ArrowUnit::Millisecond, _) => Stated::Stamp(TimeUnit::Ms),
        Type::Timestamp(ArrowUnit::Microsecond, _) => Stated::Stamp(TimeUnit::Us),
        Type::Timestamp(ArrowUnit::Nanosecond, _) => Stated::Stamp(TimeUnit::Ns),
        Type::Dictionary(_, values, _) if matches!(**values, Type::Utf8 | Type::LargeUtf8 | Type::Utf8View) => {
            Stated::Dictionary
        }
        Type::Boolean
        | Type::Int8
        | Type::Int16
        | Type::Int32
        | Type::Int64
        | Type::UInt8
        | Type::UInt16
        | Type::UInt32
        | Type::UInt64
        | Type::Float32
        | Type::Float64
        | Type::Date32
        | Type::Decimal(..)
        | Type::Utf8
        | Type::LargeUtf8
        | Type::Utf8View
        | Type::Binary
        | Type::LargeBinary
        | Type::BinaryView => Stated::Plain,
        _ => Stated::Otherwise,
    }
}
