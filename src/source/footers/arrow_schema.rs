//! The schema that Arrow's writers store beside Parquet's own, as far as the engine follows it: the units of timestamps.
//!
//! The engine reads a timestamp in the unit that is stated there, which may be another than that of the file. Does not live
//! here: everything else that is stated there.

use std::collections::HashMap;

use parquet::file::metadata::ParquetMetaData;
use polars_arrow::datatypes::{ArrowDataType, TimeUnit as ArrowUnit};
use polars_parquet::read::schema::read_schema_from_metadata;

use crate::source::kinds::TimeUnit;

/// The key of the footer under which it is stored.
const KEY: &str = "ARROW:schema";

/// The units of top-level timestamps by name. None where the schema cannot be read: the engine says so later.
pub(super) fn timestamp_units(metadata: &ParquetMetaData) -> HashMap<String, TimeUnit> {
    let stored = metadata.file_metadata().key_value_metadata().into_iter().flatten();
    let stored = stored.filter(|entry| entry.key == KEY).filter_map(|entry| entry.value.as_deref());
    let mut pairs = stored.map(|value| (KEY.into(), value.into())).collect();
    let Ok(Some(schema)) = read_schema_from_metadata(&mut pairs) else { return HashMap::new() };
    let unit = |dtype: &ArrowDataType| match dtype {
        // The engine has no seconds.
        ArrowDataType::Timestamp(ArrowUnit::Second | ArrowUnit::Millisecond, _) => Some(TimeUnit::Ms),
        ArrowDataType::Timestamp(ArrowUnit::Microsecond, _) => Some(TimeUnit::Us),
        ArrowDataType::Timestamp(ArrowUnit::Nanosecond, _) => Some(TimeUnit::Ns),
        _ => None,
    };
    schema.iter_values().filter_map(|field| Some((field.name.to_string(), unit(&field.dtype)?))).collect()
}
