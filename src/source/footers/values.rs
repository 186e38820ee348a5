//! The values of a text column in the first rows of an input.
//!
//! Only to propose settings (`init`): no result depends on it. Does not live here: what statistics claim (`hints`).

use std::collections::BTreeSet;
use std::sync::Arc;

use parquet::column::reader::{ColumnReader, get_column_reader};
use parquet::file::serialized_reader::SerializedPageReader;

use super::FileFooter;
use crate::source::{footers, foreign};
use crate::threads::caught;

/// Files that are looked into, and rows of each.
const FILES: usize = 8;
const ROWS: usize = 65_536;
/// A column with more values than this is no list of kinds.
const MOST_VALUES: usize = 64;

/// The distinct texts of a top-level column in the first rows of the first files; none where there are many, where one is
/// long, or where a file cannot be read.
#[must_use]
pub fn first_texts(files: &[FileFooter], name: &str) -> Option<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for file in files.iter().filter(|file| file.rows > 0).take(FILES) {
        found.extend(caught(|| texts_of(file, name)).ok()?);
    }
    (found.len() <= MOST_VALUES).then_some(found)
}

fn texts_of(file: &FileFooter, name: &str) -> Result<BTreeSet<String>, String> {
    let opened = footers::open(&file.path)?;
    let metadata = opened.decode()?;
    let leaves = metadata.file_metadata().schema_descr().columns();
    let leaf = leaves.iter().position(|leaf| matches!(leaf.path().parts(), [only] if only == name));
    let leaf = leaf.ok_or_else(|| "no such column".to_owned())?;
    let group = metadata.row_groups().iter().find(|group| group.num_rows() > 0);
    let group = group.ok_or_else(|| "no rows".to_owned())?;
    let chunk = group.column(leaf);
    let rows = usize::try_from(group.num_rows()).map_err(foreign)?;
    let pages = SerializedPageReader::new(Arc::new(opened.file), chunk, rows, None).map_err(foreign)?;
    let ColumnReader::ByteArrayColumnReader(mut reader) = get_column_reader(chunk.column_descr_ptr(), Box::new(pages))
    else {
        return Err("no texts".to_owned());
    };
    let (mut values, mut definitions, mut repetitions) = (Vec::new(), Vec::new(), Vec::new());
    reader.read_records(ROWS, Some(&mut definitions), Some(&mut repetitions), &mut values).map_err(foreign)?;
    let mut texts: BTreeSet<String> = BTreeSet::new();
    for value in &values {
        let text = std::str::from_utf8(value.data()).map_err(foreign)?;
        if !texts.contains(text) {
            texts.insert(text.to_owned());
        }
        if texts.len() > MOST_VALUES {
            break;
        }
    }
    Ok(texts)
}
