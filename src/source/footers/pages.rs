//! Decoding the data itself in order to check it, not for results.
//!
//! Lives here: `--verify`, and the search for the file that made the engine fail. Does not live here: reading data for the
//! run (see `scan`).

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{ConvertedType, LogicalType};
use parquet::column::page::PageReader;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::{AsBytes, ByteArray, DataType};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::serialized_reader::SerializedPageReader;

use crate::error::{Error, Result};
use crate::source::footers::columns::withheld_leaves;
use crate::source::footers::{self, FileFooter};
use crate::source::{foreign, quoted, source_error};
use crate::threads::{caught, on_threads};

/// Records decoded at a time, so that a page that expands to millions of equal values takes no memory.
const RECORDS_AT_A_TIME: usize = 4_096;

/// Decodes every value of every column that can be read, with the checksums of pages that have one.
///
/// # Errors
/// One cause per file that cannot be decoded, or that does not hold the rows that its footer states.
pub fn verify_pages(files: &[FileFooter], threads: usize) -> Result<()> {
    let verify = |file: &FileFooter| decode(&file.path, None).err();
    let problems: Vec<String> = on_threads(files, threads, verify).into_iter().flatten().collect();
    if problems.is_empty() {
        return Ok(());
    }
    let headline = format!("{} of {} input files are damaged", problems.len(), files.len());
    Err(source_error(&headline, problems).hint("deliver these files again, or take them out of the input"))
}

/// Decodes the named top-level columns of one file and returns the number of rows that are really there.
///
/// # Errors
/// What is wrong with the file, with the column and row group.
pub fn decode_columns(path: &Path, names: &[&str]) -> Result<u64> {
    decode(path, Some(names)).map_err(Error::source)
}

/// Decodes the wanted columns (all where none are named) and returns the rows.
fn decode(path: &Path, wanted: Option<&[&str]>) -> std::result::Result<u64, String> {
    let outcome = caught(|| {
        let opened = footers::open(path)?;
        let metadata = opened.decode()?;
        let withheld = withheld_leaves(&metadata, &opened.footer)?;
        let file = Arc::new(opened.file);
        let leaves = (0..metadata.file_metadata().schema_descr().num_columns()).filter(|leaf| match wanted {
            // What nobody can read is not read; a run that needs it has said so.
            None => !withheld.contains_key(leaf),
            Some(names) => {
                let column = metadata.file_metadata().schema_descr().column(*leaf);
                column.path().parts().first().is_some_and(|root| names.contains(&root.as_str()))
            }
        });
        let leaves: Vec<usize> = leaves.collect();
        let mut rows = 0;
        for (index, group) in metadata.row_groups().iter().enumerate() {
            let found = decode_group(&file, group, &leaves);
            rows += found.map_err(|what| format!("cannot be used: row group {index}, {what}"))?;
        }
        Ok(rows)
    });
    outcome.map_err(|what| format!("{}: {what}", quoted(path)))
}

/// Decodes these leaves of a row group; each must hold the rows that the row group claims.
fn decode_group(file: &Arc<File>, group: &RowGroupMetaData, leaves: &[usize]) -> std::result::Result<u64, String> {
    let expected = group.num_rows().unsigned_abs();
    for leaf in leaves.iter().copied() {
        let path = group.column(leaf).column_path();
        // Panics are caught here as well, so that the message names the column.
        let rows =
            caught(|| decode_chunk(file, group, leaf)).map_err(|what| format!("column `{}`: {what}", path.string()))?;
        if rows != expected {
            let claim = format!("the footer says {expected} rows, the pages hold {rows}");
            return Err(format!("column `{}`: {claim}", path.string()));
        }
    }
    Ok(expected)
}

/// Decodes one column chunk and returns its rows; if it has more than the row group claims, only some.
fn decode_chunk(file: &Arc<File>, group: &RowGroupMetaData, leaf: usize) -> std::result::Result<u64, String> {
    let chunk = group.column(leaf);
    let expected = group.num_rows().unsigned_abs();
    if chunk.num_values() == 0 && expected == 0 {
        return Ok(0);
    }
    let total_rows = usize::try_from(expected).map_err(foreign)?;
    let pages = SerializedPageReader::new(Arc::clone(file), chunk, total_rows, None).map_err(foreign)?;
    let descriptor = chunk.column_descr_ptr();
    let is_text = match descriptor.logical_type_ref() {
        Some(logical) => *logical == LogicalType::String,
        None => descriptor.converted_type() == ConvertedType::UTF8,
    };
    let pages: Box<dyn PageReader> = Box::new(pages);
    match get_column_reader(descriptor, pages) {
        ColumnReader::BoolColumnReader(reader) => read_all(reader, expected, |_| Ok(())),
        ColumnReader::Int32ColumnReader(reader) => read_all(reader, expected, |_| Ok(())),
        ColumnReader::Int64ColumnReader(reader) => read_all(reader, expected, |_| Ok(())),
        ColumnReader::Int96ColumnReader(reader) => read_all(reader, expected, |_| Ok(())),
        ColumnReader::FloatColumnReader(reader) => read_all(reader, expected, |_| Ok(())),
        ColumnReader::DoubleColumnReader(reader) => read_all(reader, expected, |_| Ok(())),
        ColumnReader::ByteArrayColumnReader(reader) if is_text => read_all(reader, expected, check_utf8),
        ColumnReader::ByteArrayColumnReader(reader) => read_all(reader, expected, |_| Ok(())),
        ColumnReader::FixedLenByteArrayColumnReader(reader) => read_all(reader, expected, |_| Ok(())),
    }
}

/// Reads a column to its end, or until it has more records than `expected`, and returns the records.
fn read_all<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    expected: u64,
    check: impl Fn(&[T::T]) -> std::result::Result<(), String>,
) -> std::result::Result<u64, String> {
    let (mut values, mut definitions, mut repetitions) = (Vec::new(), Vec::new(), Vec::new());
    let mut rows = 0_u64;
    loop {
        values.clear();
        definitions.clear();
        repetitions.clear();
        let (records, _, levels) = reader
            .read_records(RECORDS_AT_A_TIME, Some(&mut definitions), Some(&mut repetitions), &mut values)
            .map_err(foreign)?;
        check(&values)?;
        rows += records as u64;
        if (records == 0 && levels == 0) || rows > expected {
            return Ok(rows);
        }
    }
}

fn check_utf8(values: &[ByteArray]) -> std::result::Result<(), String> {
    let is_text = |value: &ByteArray| std::str::from_utf8(value.as_bytes()).is_ok();
    if values.iter().all(is_text) { Ok(()) } else { Err("a text is not UTF-8".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::fixtures::{Files, TRANSACTIONS};
    use std::fs;

    /// Overwrites the middle of the first occurrence of `text` in a file.
    fn overwrite(path: &Path, text: &[u8], with: &[u8]) {
        let mut bytes = fs::read(path).unwrap();
        let at = bytes.windows(text.len()).position(|window| window == text).unwrap();
        bytes[at..at + with.len()].copy_from_slice(with);
        fs::write(path, bytes).unwrap();
    }

    #[test]
    fn sound_files_give_the_rows_of_their_footers() {
        let files =
            Files::new().with_groups("a.parquet", TRANSACTIONS, &[5_000, 0, 7], 0).with("b.parquet", TRANSACTIONS);
        assert_eq!(verify_pages(&files.footers(), 2), Ok(()));
        assert_eq!(decode_columns(&files.path("a.parquet"), &["amount", "order_ts"]), Ok(5_007));
    }

    #[test]
    fn nested_columns_are_counted_by_record() {
        let list = "optional group tags (LIST) { repeated group list { optional int32 element; } }";
        let files = Files::new().with("a.parquet", &format!("{TRANSACTIONS} {list}"));
        assert_eq!(verify_pages(&files.footers(), 1), Ok(()));
    }

    #[test]
    fn a_damaged_page_is_found_in_the_column_that_holds_it() {
        let files = Files::new().with("a.parquet", TRANSACTIONS).with("b.parquet", TRANSACTIONS);
        let footers = files.footers();
        // The first page is the dictionary of customer_id: one literal of ten texts, which snappy keeps whole.
        overwrite(&files.path("b.parquet"), b"text 0", b"\xff\xff\xff\xff\xff\xff");
        let text = verify_pages(&footers, 2).unwrap_err().to_string();
        assert!(text.contains("b.parquet`: cannot be used: row group 0, column `customer_id`:"), "{text}");
        assert!(!text.contains("a.parquet"), "{text}");
        assert!(decode_columns(&files.path("b.parquet"), &["customer_id"]).is_err());
        assert_eq!(decode_columns(&files.path("b.parquet"), &["amount"]), Ok(10));
    }
}
