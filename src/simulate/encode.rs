//! Lines to Parquet: the schema, the writer's settings, row groups.
//!
//! Does not live here: the names of files and when they appear.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::column::writer::ColumnWriterImpl;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::errors::Result as ParquetResult;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::{ColumnPath, Type};

use super::ids;
use super::lines::{COUNTRIES, Line};
use super::options::{AmountType, IdKind, SimulateOptions};
use crate::error::{Error, Result};

/// Lines of a full row group: as many as most writers put into one, and as many as one thread holds in memory.
pub(super) const ROW_GROUP_LINES: usize = 1_000_000;
/// Lines handed to the writer at a time: their values stay in the processor cache.
const BATCH_LINES: usize = 8192;

/// A column of the output, as it is typed in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    CustomerId(IdKind),
    OrderId(IdKind),
    OrderTs,
    Amount(AmountType),
    Country,
    Quantity,
}

impl Column {
    fn all(options: &SimulateOptions) -> Vec<Self> {
        let mut columns = vec![Self::CustomerId(options.id_kind)];
        if options.order_ids {
            columns.push(Self::OrderId(options.id_kind));
        }
        columns.extend([Self::OrderTs, Self::Amount(options.amount_type)]);
        if options.extra_columns {
            columns.extend([Self::Country, Self::Quantity]);
        }
        columns
    }

    /// The field in Parquet's schema language. All are optional, as data frames and Spark write them.
    fn field(self) -> &'static str {
        match self {
            Self::CustomerId(IdKind::Integer) => "optional int64 customer_id;",
            Self::CustomerId(IdKind::Short | IdKind::Uuid) => "optional binary customer_id (STRING);",
            Self::OrderId(IdKind::Integer) => "optional int64 order_id;",
            Self::OrderId(IdKind::Short | IdKind::Uuid) => "optional binary order_id (STRING);",
            Self::OrderTs => "optional int64 order_ts (TIMESTAMP(MICROS, true));",
            Self::Amount(AmountType::Double) => "optional double amount;",
            Self::Amount(AmountType::Decimal) => "optional int64 amount (DECIMAL(18, 2));",
            Self::Country => "optional binary country (STRING);",
            Self::Quantity => "optional int32 quantity;",
        }
    }

    fn write(self, writer: &mut SerializedColumnWriter<'_>, lines: &[Line]) -> ParquetResult<()> {
        match self {
            Self::CustomerId(IdKind::Integer) => {
                write_values::<Int64Type>(writer.typed(), lines, |line| line.customer.map(i64::from))
            }
            Self::CustomerId(kind) => write_texts(writer.typed(), lines, |line, text| {
                line.customer.map(|customer| match kind {
                    IdKind::Uuid => ids::push_uuid_customer(text, customer),
                    _ => ids::push_short_customer(text, customer),
                })
            }),
            Self::OrderId(IdKind::Integer) => {
                write_values::<Int64Type>(writer.typed(), lines, |line| Some(line.order.cast_signed()))
            }
            Self::OrderId(kind) => write_texts(writer.typed(), lines, |line, text| {
                match kind {
                    IdKind::Uuid => ids::push_uuid_order(text, line.order),
                    _ => ids::push_short_order(text, line.order),
                }
                Some(())
            }),
            Self::OrderTs => write_values::<Int64Type>(writer.typed(), lines, |line| line.micros),
            Self::Amount(AmountType::Double) => write_values::<DoubleType>(writer.typed(), lines, |line| {
                #[expect(clippy::cast_precision_loss, reason = "an order's value has 32 bits")]
                let cents = line.cents as f64;
                // The quotient of two exact numbers is the double nearest to the decimal.
                Some(cents / 100.0)
            }),
            Self::Amount(AmountType::Decimal) => {
                write_values::<Int64Type>(writer.typed(), lines, |line| Some(line.cents))
            }
            Self::Country => write_texts(writer.typed(), lines, |line, text| {
                text.extend_from_slice(COUNTRIES[usize::from(line.country)].0.as_bytes());
                Some(())
            }),
            Self::Quantity => write_values::<Int32Type>(writer.typed(), lines, |line| Some(i32::from(line.quantity))),
        }
    }
}

/// Writes one column of a row group, batch by batch; `None` is a null.
fn write_values<T: DataType>(
    writer: &mut ColumnWriterImpl<'_, T>,
    lines: &[Line],
    value_of: impl Fn(&Line) -> Option<T::T>,
) -> ParquetResult<()> {
    let mut values = Vec::with_capacity(BATCH_LINES);
    let mut levels = Vec::with_capacity(BATCH_LINES);
    for batch in lines.chunks(BATCH_LINES) {
        values.clear();
        levels.clear();
        for line in batch {
            let value = value_of(line);
            levels.push(i16::from(value.is_some()));
            values.extend(value);
        }
        writer.write_batch(&values, Some(&levels), None)?;
    }
    Ok(())
}

/// The same for texts, which `push` appends to one buffer per batch; the values are slices of it.
fn write_texts(
    writer: &mut ColumnWriterImpl<'_, ByteArrayType>,
    lines: &[Line],
    push: impl Fn(&Line, &mut Vec<u8>) -> Option<()>,
) -> ParquetResult<()> {
    let mut values = Vec::with_capacity(BATCH_LINES);
    let mut levels = Vec::with_capacity(BATCH_LINES);
    let mut ends = Vec::with_capacity(BATCH_LINES);
    for batch in lines.chunks(BATCH_LINES) {
        values.clear();
        levels.clear();
        ends.clear();
        let mut text = Vec::with_capacity(BATCH_LINES * 40);
        for line in batch {
            let is_there = push(line, &mut text).is_some();
            levels.push(i16::from(is_there));
            if is_there {
                ends.push(text.len());
            }
        }
        let text = ByteArray::from(text);
        let mut start = 0;
        for end in &ends {
            values.push(text.slice(start, end - start));
            start = *end;
        }
        writer.write_batch(&values, Some(&levels), None)?;
    }
    Ok(())
}

/// How every file of one simulation is written.
#[derive(Debug, Clone)]
pub(super) struct Format {
    columns: Vec<Column>,
    schema: Arc<Type>,
    properties: Arc<WriterProperties>,
}

impl Format {
    /// # Errors
    /// `bug`: the schema is ours.
    pub(super) fn of(options: &SimulateOptions) -> Result<Self> {
        let columns = Column::all(options);
        let fields: Vec<&str> = columns.iter().map(|column| column.field()).collect();
        let schema = parse_message_type(&format!("message order_lines {{ {} }}", fields.join(" ")))
            .map_err(|cause| Error::bug("the schema of simulated lines is wrong").cause(cause))?;
        let properties = WriterProperties::builder()
            // The default of most writers of transactions.
            .set_compression(Compression::SNAPPY)
            // Ids, moments and amounts hardly repeat: a dictionary would be built and discarded.
            .set_dictionary_enabled(false)
            .set_column_dictionary_enabled(ColumnPath::from("country"), true)
            .set_column_dictionary_enabled(ColumnPath::from("quantity"), true)
            .set_write_batch_size(BATCH_LINES)
            .set_data_page_row_count_limit(BATCH_LINES * 8)
            .build();
        Ok(Self { columns, schema: Arc::new(schema), properties: Arc::new(properties) })
    }
}

/// One file while it is written.
pub(super) struct LineFile<'a> {
    path: PathBuf,
    format: &'a Format,
    writer: SerializedFileWriter<BufWriter<File>>,
    /// Lines that do not fill a row group yet.
    lines: Vec<Line>,
    lines_written: u64,
}

impl<'a> LineFile<'a> {
    /// Makes the file, or empties it.
    pub(super) fn create(path: &Path, format: &'a Format) -> Result<Self> {
        let file = File::create(path).map_err(|cause| failed(path, cause))?;
        let sink = BufWriter::with_capacity(1 << 20, file);
        let writer = SerializedFileWriter::new(sink, Arc::clone(&format.schema), Arc::clone(&format.properties))
            .map_err(|cause| failed(path, cause))?;
        Ok(Self { path: path.to_path_buf(), format, writer, lines: Vec::new(), lines_written: 0 })
    }

    /// Lets `add` append the lines of one order; writes a row group when there are enough.
    pub(super) fn add_order(&mut self, add: impl FnOnce(&mut Vec<Line>)) -> Result<()> {
        add(&mut self.lines);
        if self.lines.len() >= ROW_GROUP_LINES { self.write_row_group() } else { Ok(()) }
    }

    fn write_row_group(&mut self) -> Result<()> {
        self.try_write_row_group().map_err(|cause| failed(&self.path, cause))?;
        self.lines_written += self.lines.len() as u64;
        self.lines.clear();
        Ok(())
    }

    fn try_write_row_group(&mut self) -> ParquetResult<()> {
        let mut group = self.writer.next_row_group()?;
        for column in &self.format.columns {
            if let Some(mut writer) = group.next_column()? {
                column.write(&mut writer, &self.lines)?;
                writer.close()?;
            }
        }
        group.close()?;
        Ok(())
    }

    /// Writes the rest and the footer; gives the number of lines and of bytes.
    pub(super) fn finish(mut self) -> Result<(u64, u64)> {
        if !self.lines.is_empty() {
            self.write_row_group()?;
        }
        let Self { path, writer, lines_written, .. } = self;
        let sink = writer.into_inner().map_err(|cause| failed(&path, cause))?;
        let file = sink.into_inner().map_err(|cause| failed(&path, cause.into_error()))?;
        let bytes = file.metadata().map_err(|cause| failed(&path, cause))?.len();
        Ok((lines_written, bytes))
    }
}

fn failed(path: &Path, cause: impl std::fmt::Display) -> Error {
    Error::write(format!("`{}` cannot be written", path.display())).cause(cause)
}
