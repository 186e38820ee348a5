//! How every published Parquet file is written: all settings in one file.
//!
//! Compression, statistics, row groups as they are passed in. Columns are made, encoded and compressed one by one on every
//! thread, while the previous row group goes to the disk; the checksum is made at the same time. Does not live here:
//! which tables there are, and where the file goes.

pub(crate) mod column;
pub(crate) mod encoding;
pub(crate) mod levels;
pub(crate) mod occurring_slots;
pub(crate) mod pages;

use std::cmp::Reverse;
use std::fs::File;
use std::io::{self, BufWriter};
use std::ops::Range;
use std::path::{Path, PathBuf};

use polars::prelude::*;
use polars_parquet::write::{
    CompressedPage, CompressionOptions, DynIter, DynStreamingIterator, FileWriter, KeyValue, ParquetType,
    StatisticsOptions, Version, WriteOptions, fallible_streaming_iterator, schema_to_metadata_key,
};
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::files::background_sync::while_settling;
use crate::files::{ChecksumWriter, FileSeal, os_error};
use crate::manifest::tables::TableFile;
use crate::publish::options::Compression;
use crate::values::Values;

/// Rows of a row group: large enough to compress well, small enough for readers with little memory.
pub const ROW_GROUP_ROWS: usize = 1 << 20;

/// Bytes gathered before they are written to the disk; most pages are larger, and are written as they are.
const BUFFER_BYTES: usize = 1 << 16;

/// A row group, encoded: the pages of each column.
struct RowGroup {
    rows: usize,
    pages: Vec<Vec<CompressedPage>>,
}

impl RowGroup {
    /// The indices of its columns, the largest before compression first.
    fn by_size(&self) -> Vec<usize> {
        let bytes = |page: &CompressedPage| match page {
            CompressedPage::Data(page) => page.uncompressed_size(),
            CompressedPage::Dict(_) => 0,
        };
        let mut indices: Vec<usize> = (0..self.pages.len()).collect();
        indices.sort_by_cached_key(|index| Reverse(self.pages[*index].iter().map(bytes).sum::<usize>()));
        indices
    }
}

/// What encoding needs to know about a table.
struct Encoder {
    fields: Vec<ParquetType>,
    options: WriteOptions,
}

/// A table being written.
pub struct TableWriter {
    name: &'static str,
    path: PathBuf,
    notes: Vec<KeyValue>,
    rows: u64,
    encoder: Encoder,
    file: FileWriter<ChecksumWriter<BufWriter<File>>>,
    /// The same file, for the helper that makes it durable.
    settling: File,
}

impl TableWriter {
    /// Begins the file of a table at `path`, with these columns, compressed this way.
    ///
    /// # Errors
    /// A write error where the file cannot be made.
    pub fn create(name: &'static str, path: &Path, schema: &Schema, compression: Compression) -> Result<Self> {
        let created = File::create_new(path).and_then(|file| Ok((file.try_clone()?, file)));
        let (settling, file) = created.map_err(|error| os_error("created", path, &error))?;
        let file = ChecksumWriter::new(BufWriter::with_capacity(BUFFER_BYTES, file));
        let options = WriteOptions {
            statistics: StatisticsOptions::default(),
            version: Version::V1,
            compression: match compression {
                Compression::Zstd => CompressionOptions::Zstd(None),
                Compression::Snappy => CompressionOptions::Snappy,
            },
            data_page_size: None,
        };
        let file = FileWriter::try_new(file, schema.to_arrow(CompatLevel::newest()), options)
            .map_err(|error| failed(path, &error))?;
        let encoder = Encoder { fields: file.parquet_schema().fields().to_vec(), options };
        Ok(Self { name, path: path.to_owned(), notes: notes(schema), rows: 0, encoder, file, settling })
    }

    /// Writes a whole table as one row group.
    ///
    /// # Errors
    /// As [`TableWriter::write_groups`].
    pub fn write(&mut self, table: &DataFrame) -> Result<()> {
        let columns = table.columns();
        self.write_groups(&[Range { start: 0, end: table.height() }], |_, index| {
            Ok(Values::Plain(columns[index].clone()))
        })
    }

    /// Writes these rows, each range as one row group; `make` makes the values of a column, given by its index.
    ///
    /// # Errors
    /// A write error, with the cause the system gave; else the error of `make`.
    pub fn write_groups<'a>(
        &mut self,
        groups: &[Range<usize>],
        make: impl Fn(Range<usize>, usize) -> Result<Values<'a>> + Sync,
    ) -> Result<()> {
        let Self { path, rows, encoder, file, settling, .. } = self;
        let unsettled = |error: &io::Error| os_error("written", path, error);
        // A file of one row group is made durable at its end.
        let settling = (groups.len() > 1).then_some(&*settling);
        while_settling(settling, unsettled, |settler| {
            let mut previous = None;
            let mut order: Vec<usize> = (0..encoder.fields.len()).collect();
            for group in groups.iter().filter(|group| !group.is_empty()) {
                let put = || previous.take().map_or(Ok(()), |previous| put(file, &previous).map(|()| settler.settle()));
                let (put, next) = rayon::join(put, || encoder.encode(group, &order, &make, path));
                put.map_err(|error| failed(path, &error))?;
                let next = next?;
                order = next.by_size();
                previous = Some(next);
                *rows += group.len() as u64;
            }
            previous.map_or(Ok(()), |last| put(file, &last)).map_err(|error| failed(path, &error))
        })
    }

    /// Ends the file; returns its entry in the manifest and its seal.
    ///
    /// # Errors
    /// As [`TableWriter::write`].
    pub fn finish(mut self) -> Result<(TableFile, FileSeal)> {
        self.file.end(Some(self.notes)).map_err(|error| failed(&self.path, &error))?;
        let (_, seal) = self.file.into_inner().finish().map_err(|error| os_error("written", &self.path, &error))?;
        let columns = self.encoder.fields.len() as u64;
        Ok((TableFile::new(self.name, self.rows, columns, seal.clone()), seal))
    }
}

impl Encoder {
    /// Encodes the columns in this order, each thread the next one; it is best if those that take longest come first.
    fn encode<'a>(
        &self,
        rows: &Range<usize>,
        order: &[usize],
        make: impl Fn(Range<usize>, usize) -> Result<Values<'a>> + Sync,
        path: &Path,
    ) -> Result<RowGroup> {
        let column = |index: &usize| {
            let values = make(rows.clone(), *index)?;
            let pages = column::compressed(&self.fields[*index], values, self.options);
            pages.map(|pages| (*index, pages)).map_err(|error| failed(path, &error))
        };
        let columns: Result<Vec<_>> = order.iter().par_bridge().map(column).collect();
        let mut columns = columns?;
        columns.sort_unstable_by_key(|(index, _)| *index);
        Ok(RowGroup { rows: rows.len(), pages: columns.into_iter().map(|(_, pages)| pages).collect() })
    }
}

fn put(file: &mut FileWriter<ChecksumWriter<BufWriter<File>>>, group: &RowGroup) -> PolarsResult<()> {
    let columns = group.pages.iter().map(|pages| {
        let pages = pages.iter().map(Ok::<_, PolarsError>);
        Ok(DynStreamingIterator::new(fallible_streaming_iterator::convert(pages)))
    });
    file.write(group.rows as u64, DynIter::new(columns))
}

/// The footer's own notes: the version that wrote the file, and the Arrow types. Texts are declared as plain ones,
/// since some readers do not know the views that the engine would declare.
fn notes(schema: &Schema) -> Vec<KeyValue> {
    let arrow = schema.to_arrow(CompatLevel::oldest());
    let version = KeyValue { key: "rfmetrics.version".into(), value: Some(env!("CARGO_PKG_VERSION").into()) };
    vec![schema_to_metadata_key(&arrow), version]
}

fn failed(path: &Path, error: &PolarsError) -> Error {
    match error {
        PolarsError::IO { error, .. } => os_error("written", path, error),
        other => Error::write(format!("`{}` cannot be written", path.display())).cause(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_announced_as_plain_texts() {
        let frame = df!("a" => ["x"], "n" => [1_i64]).unwrap();
        let arrow = frame.schema().to_arrow(CompatLevel::oldest());
        assert_eq!(arrow.get("a").map(|field| field.dtype.clone()), Some(ArrowDataType::LargeUtf8));
        let notes = notes(frame.schema());
        assert_eq!(notes[0].key, "ARROW:schema");
        assert_ne!(notes[0], schema_to_metadata_key(&frame.schema().to_arrow(CompatLevel::newest())));
        assert_eq!(notes[1].key, "rfmetrics.version");
    }
}
