//! Whether what a footer says about rows, sizes and offsets can be true.
//!
//! Does not live here: finding and decoding it (see `footers`).

use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};

/// The rows of the file are the rows of its row groups.
pub(crate) fn check_rows(metadata: &ParquetMetaData) -> Result<(), String> {
    let claimed = metadata.file_metadata().num_rows();
    let sum = metadata.row_groups().iter().try_fold(0_i64, |sum, group| {
        let rows = group.num_rows();
        (rows >= 0).then(|| sum.checked_add(rows)).flatten()
    });
    match sum {
        None => Err("is damaged: its row groups claim impossible numbers of rows".into()),
        Some(sum) if sum != claimed => {
            Err(format!("is damaged: its footer says {claimed} rows, its row groups say {sum}"))
        }
        Some(_) => Ok(()),
    }
}

pub(crate) fn check_row_group(metadata: &ParquetMetaData, group: &RowGroupMetaData) -> Result<(), String> {
    let expected = metadata.file_metadata().schema_descr().num_columns();
    if group.num_columns() != expected {
        return Err(format!("it has {} columns, the schema has {expected}", group.num_columns()));
    }
    Ok(())
}

pub(crate) fn check_chunk(chunk: &ColumnChunkMetaData, group_rows: i64, data_end: u64) -> Result<(), String> {
    if chunk.file_path().is_some() {
        return Err("its data lies in another file, which is not supported".into());
    }
    let values = chunk.num_values();
    let is_flat = chunk.column_descr().max_rep_level() == 0;
    if values < 0 || (is_flat && values != group_rows) {
        return Err(format!("it claims {values} values in {group_rows} rows"));
    }
    check_offsets(chunk, data_end)
}

/// All bytes of the chunk, and the offsets in its header, lie between the first magic and the footer.
fn check_offsets(chunk: &ColumnChunkMetaData, data_end: u64) -> Result<(), String> {
    let (compressed, uncompressed) = (chunk.compressed_size(), chunk.uncompressed_size());
    if compressed < 0 || uncompressed < 0 {
        return Err("it claims a negative size".into());
    }
    // Without values there is no data page, and writers leave any offset they like.
    if chunk.num_values() == 0 {
        return Ok(());
    }
    let start = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
    let end = u64::try_from(start).ok().and_then(|start| start.checked_add(compressed.unsigned_abs()));
    let is_inside = |offset: i64| offset >= 4 && offset.unsigned_abs() < data_end;
    if !is_inside(start) || !is_inside(chunk.data_page_offset()) || end.is_none_or(|end| end > data_end) {
        return Err(format!(
            "it claims {compressed} bytes from offset {start} and data from {}, but the data of the file ends at {data_end}",
            chunk.data_page_offset()
        ));
    }
    Ok(())
}
