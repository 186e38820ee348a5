//! Small Parquet files for the tests of this module.
//!
//! Lives here: writing a file with a given schema and a few rows. Only compiled for tests.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::error::Problems;
use crate::source::footers::{FileFooter, read_footers};
use crate::source::listing::{InputFile, Partition};

/// The columns of the canonical transactions.
pub(super) const TRANSACTIONS: &str = "optional binary customer_id (UTF8); optional binary order_id (UTF8); \
     optional int64 order_ts (TIMESTAMP(MICROS,true)); optional double amount;";

/// Writes `rows` rows per entry of `groups`, one row group each. Integers are their row number
/// (counted from `first`), texts and INT96 are constant; every column must be flat.
pub(super) fn write_groups(path: &Path, fields: &str, groups: &[u32], first: i64) {
    let schema = Arc::new(parse_message_type(&format!("message t {{ {fields} }}")).unwrap());
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(File::create(path).unwrap(), schema, Arc::new(properties)).unwrap();
    let mut next = first;
    for rows in groups {
        let numbers: Vec<i64> = (next..).take(*rows as usize).collect();
        next += i64::from(*rows);
        let mut group = writer.next_row_group().unwrap();
        while let Some(mut column) = group.next_column().unwrap() {
            write_column(column.untyped(), &numbers);
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
}

fn write_column(column: &mut ColumnWriter<'_>, numbers: &[i64]) {
    // Definition levels are ignored for required columns; repeated ones hold one value per row.
    let levels = vec![1_i16; numbers.len()];
    let starts = vec![0_i16; numbers.len()];
    let (levels, starts) = (Some(levels.as_slice()), Some(starts.as_slice()));
    macro_rules! write {
        ($writer:expr, $value:expr) => {{
            let values: Vec<_> = numbers.iter().map($value).collect();
            $writer.write_batch(&values, levels, starts).unwrap();
        }};
    }
    match column {
        ColumnWriter::BoolColumnWriter(writer) => write!(writer, |n| n % 2 == 0),
        ColumnWriter::Int32ColumnWriter(writer) => write!(writer, |n| i32::try_from(*n).unwrap()),
        ColumnWriter::Int64ColumnWriter(writer) => write!(writer, |n| *n),
        ColumnWriter::Int96ColumnWriter(writer) => write!(writer, |n| {
            // Julian day 2440588 is 1970-01-01.
            let mut value = Int96::new();
            value.set_data(0, 0, u32::try_from(2_440_588 + n).unwrap());
            value
        }),
        ColumnWriter::FloatColumnWriter(writer) => write!(writer, |_| 1.5),
        ColumnWriter::DoubleColumnWriter(writer) => write!(writer, |_| 1.5),
        ColumnWriter::ByteArrayColumnWriter(writer) => {
            write!(writer, |n| ByteArray::from(format!("text {n}").as_str()));
        }
        ColumnWriter::FixedLenByteArrayColumnWriter(writer) => {
            // As a number of nine bytes, the highest first.
            write!(writer, |n| FixedLenByteArray::from([vec![0], n.to_be_bytes().to_vec()].concat()));
        }
    }
}

/// A directory in which files of given columns appear.
pub(super) struct Files {
    pub(super) root: tempfile::TempDir,
    list: Vec<InputFile>,
}

impl Files {
    pub(super) fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap(), list: Vec::new() }
    }

    /// A file of ten rows.
    pub(super) fn with(self, name: &str, fields: &str) -> Self {
        self.with_groups(name, fields, &[10], 0)
    }

    pub(super) fn with_groups(mut self, name: &str, fields: &str, groups: &[u32], first: i64) -> Self {
        let path = self.root.path().join(name);
        write_groups(&path, fields, groups, first);
        self.list.push(InputFile { path, partitions: Vec::new() });
        self
    }

    /// Puts the last file below a directory `key=value`, in its name only.
    pub(super) fn below(mut self, key: &str, value: &str) -> Self {
        let partition = Partition { key: key.into(), value: Some(value.into()) };
        self.list.last_mut().unwrap().partitions.push(partition);
        self
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub(super) fn list(&self) -> &[InputFile] {
        &self.list
    }

    pub(super) fn footers(&self) -> Vec<FileFooter> {
        Problems::refuse_any(|problems| read_footers(&self.list, "order_ts", 2, problems)).unwrap()
    }
}
