//! How every published Parquet file is written: the settings, in one place.
//!
//! zstd, statistics, row groups as they are handed over. The checksum is made on the way to the disk.
//! Does not live here: which tables there are, and where the file goes.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use polars::prelude::*;
use polars_io::parquet::write::{BatchedWriter, KeyValueMetadata};
use polars_io::prelude::{ParquetCompression, ParquetWriter};
use polars_parquet::write::{KeyValue, ZstdLevel, schema_to_metadata_key};

use super::{ChecksumWriter, FileSeal, TableEntry, os_error};
use crate::error::{Error, Result};

/// Rows of a row group: large enough to compress well, small enough for readers with little memory.
pub const ROW_GROUP_ROWS: usize = 1 << 20;

/// The level of zstd: the fastest; higher ones take longer than all of the scoring and hardly save space.
const ZSTD_LEVEL: i32 = 1;

/// Bytes gathered before they are handed to the disk.
const BUFFER_BYTES: usize = 1 << 20;

/// The file behind the engine's writer, which does not give it back.
#[derive(Clone)]
struct Shared(Arc<Mutex<ChecksumWriter<BufWriter<File>>>>);

impl Write for Shared {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

/// A table being written.
pub struct TableWriter {
    name: &'static str,
    path: PathBuf,
    columns: usize,
    rows: u64,
    file: Shared,
    writer: BatchedWriter<Shared>,
}

impl TableWriter {
    /// Begins the file of a table at `path`; `shape` is any slice of it, empty or not.
    ///
    /// # Errors
    /// A write error where the file cannot be made.
    pub fn create(name: &'static str, path: &Path, shape: &DataFrame) -> Result<Self> {
        let file = File::create_new(path).map_err(|error| os_error("created", path, &error))?;
        let buffered = BufWriter::with_capacity(BUFFER_BYTES, file);
        let file = Shared(Arc::new(Mutex::new(ChecksumWriter::new(buffered))));
        let writer = ParquetWriter::new(file.clone())
            .with_compression(ParquetCompression::Zstd(ZstdLevel::try_new(ZSTD_LEVEL).ok()))
            .with_key_value_metadata(Some(KeyValueMetadata::Static(metadata(shape))))
            .batched(shape.schema())
            .map_err(|error| failed(path, &error))?;
        Ok(Self { name, path: path.to_owned(), columns: shape.width(), rows: 0, file, writer })
    }

    /// Writes rows as one row group.
    ///
    /// # Errors
    /// A write error, with the cause the system gave.
    pub fn write(&mut self, rows: &DataFrame) -> Result<()> {
        if rows.height() == 0 {
            return Ok(());
        }
        let mut rows = rows.clone();
        rows.rechunk_mut();
        self.writer.write_batch(&rows).map_err(|error| failed(&self.path, &error))?;
        self.rows += rows.height() as u64;
        Ok(())
    }

    /// Ends the file; gives its entry in the manifest and its seal.
    ///
    /// # Errors
    /// As [`TableWriter::write`].
    pub fn finish(self) -> Result<(TableEntry, FileSeal)> {
        self.writer.finish().map_err(|error| failed(&self.path, &error))?;
        drop(self.writer);
        let file = Arc::into_inner(self.file.0).ok_or_else(|| Error::bug("a finished file is still being written"))?;
        let written = file.into_inner().unwrap_or_else(PoisonError::into_inner).finish();
        let (_, seal) = written.map_err(|error| os_error("written", &self.path, &error))?;
        Ok((TableEntry::new(self.name, self.rows, self.columns as u64, seal.clone()), seal))
    }
}

/// The footer's own notes: the version that wrote the file, and the Arrow types. Texts are plain ones there, since some
/// readers do not know the views that the engine would name.
fn metadata(shape: &DataFrame) -> Vec<KeyValue> {
    let arrow = shape.schema().to_arrow(CompatLevel::oldest());
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
        let notes = metadata(&frame);
        assert_eq!(notes[0].key, "ARROW:schema");
        assert_ne!(notes[0], schema_to_metadata_key(&frame.schema().to_arrow(CompatLevel::newest())));
        assert_eq!(notes[1].key, "rfmetrics.version");
    }
}
