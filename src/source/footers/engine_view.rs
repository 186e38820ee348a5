//! A footer as the engine sees it: whether it can open a file by the footer that lies there, and a footer of some columns
//! alone where it cannot.
//!
//! The engine makes a type of every column of a file, also of those that nobody asks for, and fails as a whole where it knows
//! no type for one of them, where two have one name, or where what Arrow's writers store beside the schema says more than it
//! knows. Such a file gets a footer of its needed columns. Does not live here: the scan with it (`scan::own_footers`).

use std::collections::HashSet;
use std::sync::Arc;

use parquet::file::metadata::{
    FileMetaData, ParquetMetaData, ParquetMetaDataBuilder, ParquetMetaDataWriter, RowGroupMetaData,
};
use parquet::schema::types::{SchemaDescriptor, Type};
use polars::prelude::DataType;
use polars_parquet::parquet::read::deserialize_metadata;
use polars_parquet::read::{FileMetadata, infer_schema};

use super::{Column, FileFooter, TAIL_BYTES};
use crate::source::footers;
use crate::source::foreign;
use crate::source::kinds::ColumnKind;
use crate::threads::caught;

/// Whether the engine can open the file by its own footer. Mostly the columns alone show it.
pub(super) fn opens(footer: &[u8], columns: &[Column]) -> bool {
    let names: HashSet<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    if names.len() < columns.len() {
        return false;
    }
    columns.iter().all(is_common) || caught(|| all_types(footer)).is_ok()
}

fn is_common(column: &Column) -> bool {
    use ColumnKind as Kind;
    let is_common = matches!(
        column.kind,
        Kind::Bool
            | Kind::Int { .. }
            | Kind::Float32
            | Kind::Float64
            | Kind::Decimal { .. }
            | Kind::Text
            | Kind::Binary
            | Kind::Date
            | Kind::Timestamp { .. }
            | Kind::Int96
    );
    is_common && !column.is_restated && !column.is_bytes && column.withheld.is_none()
}

/// What the engine does before it reads a column.
fn all_types(footer: &[u8]) -> Result<(), String> {
    let metadata = deserialize_metadata(footer.to_vec().into()).map_err(foreign)?;
    let schema = infer_schema(&metadata).map_err(foreign)?;
    schema.iter_values().for_each(|field| drop(DataType::from_arrow_field(field)));
    Ok(())
}

/// The footer of a file with these top-level columns alone, and without the schema that Arrow's writers store.
///
/// # Errors
/// What is wrong with the file.
pub(crate) fn footer_of(file: &FileFooter, names: &[&str]) -> Result<FileMetadata, String> {
    caught(|| {
        let metadata = footers::open(&file.path)?.decode()?;
        let bytes = encoded(&with_columns(&metadata, names)?)?;
        deserialize_metadata(bytes.into()).map_err(foreign)
    })
}

/// The same metadata of these columns alone.
fn with_columns(metadata: &ParquetMetaData, names: &[&str]) -> Result<ParquetMetaData, String> {
    let schema = metadata.file_metadata().schema();
    let fields = schema.get_fields().iter().filter(|field| names.contains(&field.name())).cloned().collect();
    let schema = Type::group_type_builder(schema.name()).with_fields(fields).build().map_err(foreign)?;
    let schema = Arc::new(SchemaDescriptor::new(Arc::new(schema)));
    let group = |group: &RowGroupMetaData| {
        let is_needed = |path: &[String]| path.first().is_some_and(|root| names.contains(&root.as_str()));
        let chunks = group.columns().iter().filter(|chunk| is_needed(chunk.column_path().parts())).cloned().collect();
        let builder = RowGroupMetaData::builder(Arc::clone(&schema)).set_num_rows(group.num_rows());
        builder.set_total_byte_size(group.total_byte_size()).set_column_metadata(chunks).build().map_err(foreign)
    };
    let groups = metadata.row_groups().iter().map(group).collect::<Result<Vec<_>, String>>()?;
    let own = metadata.file_metadata();
    let own = FileMetaData::new(
        own.version(),
        own.num_rows(),
        own.created_by().map(str::to_owned),
        None,
        Arc::clone(&schema),
        None,
    );
    Ok(ParquetMetaDataBuilder::new(own).set_row_groups(groups).build())
}

/// The bytes of a footer, without its length and the magic behind it.
fn encoded(metadata: &ParquetMetaData) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    ParquetMetaDataWriter::new(&mut bytes, metadata).finish().map_err(foreign)?;
    let tail = usize::try_from(TAIL_BYTES).map_err(foreign)?;
    bytes.truncate(bytes.len().saturating_sub(tail));
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use polars_parquet::read::{ParquetType, RowGroupMetadata};

    use super::*;
    use crate::source::fixtures::{Files, TRANSACTIONS};

    #[test]
    fn a_footer_of_some_columns_has_these_and_all_rows() {
        let fields = format!("required int64 first; {TRANSACTIONS} optional binary amount (UTF8);");
        let files = Files::new().with_groups("a.parquet", &fields, &[3, 4], 0);
        let footer = &files.footers()[0];
        assert!(!footer.opens, "two columns have one name");
        let view = footer_of(footer, &["order_ts", "customer_id"]).unwrap();
        let names: Vec<&str> = view.schema().fields().iter().map(ParquetType::name).collect();
        assert_eq!((names, view.num_rows), (vec!["customer_id", "order_ts"], 7));
        let rows: Vec<usize> = view.row_groups.iter().map(RowGroupMetadata::num_rows).collect();
        assert_eq!((rows, view.row_groups[1].n_columns()), (vec![3, 4], 2));
    }

    #[test]
    fn common_columns_open_without_a_look_and_others_with_one() {
        let opens =
            |fields: &str| Files::new().with("a.parquet", &format!("{TRANSACTIONS} {fields}")).footers()[0].opens;
        assert!(opens(""));
        assert!(opens("optional group tags (LIST) { repeated group list { optional int32 element; } }"));
        assert!(opens("optional binary payload (JSON);"));
    }
}
