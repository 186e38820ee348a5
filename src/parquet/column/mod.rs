//! One column on its way into a file: encoded, then compressed.
//!
//! Lives here: which column is made how. Does not live here: the pages that are made here (`pages`), whether a
//! dictionary may be worth it (`encoding`), the file (`parquet`).

use polars::prelude::{CompatLevel, PolarsResult, polars_bail, polars_err};
use polars_arrow::array::{Array, PrimitiveArray};
use polars_arrow::types::NativeType;
use polars_parquet::parquet::CowBuffer;
use polars_parquet::parquet::compression::{Compression, compress};
use polars_parquet::parquet::page::{CompressedDictPage, Page};
use polars_parquet::parquet::schema::types::{PhysicalType, PrimitiveType};
use polars_parquet::write::{
    CompressedDataPage, CompressedPage, CompressionOptions, ParquetType, WriteOptions, array_to_columns,
};
use zstd::bulk::Compressor;
use zstd::zstd_safe::compress_bound;

use super::encoding::{FEWEST_REPEATS, MOST_REPEATS_OF_NUMBERS, encoding_of, repeats};
use super::pages::{self, Whole};
use crate::values::{Numbers, Places, Values};

/// The level of zstd for numbers. Compared with level 1 it takes four fifths of the time for files a tenth larger,
/// since it skips what can hardly be shortened: packed bits, shares. Higher levels take longer than all of the scoring.
const LEVEL_OF_NUMBERS: i32 = -1;
/// The level of zstd for texts; lower levels would store the letters uncompressed.
const LEVEL_OF_TEXTS: i32 = 1;

/// Pages on their way to compression.
type Pages = Box<dyn Iterator<Item = PolarsResult<Page>>>;

/// The compressed pages of a column.
///
/// # Errors
/// A Polars error where the values do not have the type of the file, which would be a bug.
pub(crate) fn compressed(
    field: &ParquetType,
    values: Values<'_>,
    options: WriteOptions,
) -> PolarsResult<Vec<CompressedPage>> {
    let ParquetType::PrimitiveType(field) = field else { polars_bail!(InvalidOperation: "a column made of columns") };
    let are_texts = field.physical_type == PhysicalType::ByteArray && matches!(values, Values::Plain(_));
    let pages = match values {
        Values::Names { names, places: Places::U8(places) } => own(pages::names(field, &names, places)?),
        Values::Names { names, places: Places::U16(places) } => own(pages::names(field, &names, places)?),
        Values::Names { names, places: Places::U32(places) } => own(pages::names(field, &names, &places)?),
        Values::Numbers { numbers: Numbers::I32(values), .. } => of_numbers(field, &values, options)?,
        Values::Numbers { numbers: Numbers::U32(values), .. } => of_numbers(field, values, options)?,
        Values::Numbers { numbers: Numbers::I64(values), .. } => of_numbers(field, values, options)?,
        Values::Plain(column) => {
            let array = column.as_materialized_series().rechunk().to_arrow(0, CompatLevel::newest());
            match of_array(field, array.as_ref())? {
                Some(pages) => own(pages),
                None => engines(field, array, options)?,
            }
        }
    };
    let mut codec = Codec::new(options.compression, if are_texts { LEVEL_OF_TEXTS } else { LEVEL_OF_NUMBERS })?;
    pages.map(|page| codec.compress(page?)).collect()
}

fn own(pages: Vec<Page>) -> Pages {
    Box::new(pages.into_iter().map(Ok))
}

/// The pages as the engine makes them.
fn engines(field: &PrimitiveType, array: Box<dyn Array>, options: WriteOptions) -> PolarsResult<Pages> {
    let encoding = encoding_of(array.as_ref());
    let columns = array_to_columns(array, ParquetType::PrimitiveType(field.clone()), options, &[encoding])?;
    Ok(Box::new(columns.into_iter().flatten()))
}

fn of_numbers<T: Whole>(field: &PrimitiveType, values: &[T], options: WriteOptions) -> PolarsResult<Pages> {
    if field.physical_type != T::PHYSICAL {
        polars_bail!(SchemaMismatch: "whole numbers for a column of {:?}", field.physical_type);
    }
    if let Some(pages) = whole(field, values)? {
        return Ok(own(pages));
    }
    let array = PrimitiveArray::from_vec(values.iter().map(|value| value.stored()).collect());
    engines(field, array.boxed(), options)
}

/// The pages of an array of numbers without nulls, as far as it is best to make them here.
fn of_array(field: &PrimitiveType, array: &dyn Array) -> PolarsResult<Option<Vec<Page>>> {
    if array.is_empty() || array.null_count() > 0 {
        // The engine truncates decimals that 64 bits do not hold: there are none with nulls, whose precision is at most
        // 18.
        return Ok(None);
    }
    match field.physical_type {
        PhysicalType::Int32 => values_of::<i32>(array).map_or(Ok(None), |values| whole(field, values)),
        PhysicalType::Int64 => {
            if let Some(values) = values_of::<i64>(array) {
                return whole(field, values);
            }
            let Some(values) = values_of::<i128>(array) else { return Ok(None) };
            let minor = values.iter().map(|value| i64::try_from(*value));
            // The engine would truncate them.
            let minor: Result<Vec<i64>, _> = minor.collect();
            whole(field, &minor.map_err(|_| polars_err!(ComputeError: "decimals beyond 64 bits"))?)
        }
        PhysicalType::Double => {
            // The engine does not make a dictionary of fractions either.
            let values = values_of::<f64>(array).filter(|values| !values.iter().any(|value| value.is_nan()));
            values.map(|values| pages::plain(field, values, |value| value)).transpose()
        }
        _ => Ok(None),
    }
}

/// The pages of whole numbers; none where the engine may still find a dictionary.
fn whole<T: Whole>(field: &PrimitiveType, values: &[T]) -> PolarsResult<Option<Vec<Page>>> {
    let repeats = repeats(values.len(), |row| values[row]);
    let coded = pages::integers(field, values, repeats > FEWEST_REPEATS)?;
    if coded.is_some() || repeats > MOST_REPEATS_OF_NUMBERS {
        return Ok(coded);
    }
    pages::plain(field, values, T::stored).map(Some)
}

fn values_of<T: NativeType>(array: &dyn Array) -> Option<&[T]> {
    array.as_any().downcast_ref::<PrimitiveArray<T>>().map(|array| array.values().as_slice())
}

/// What makes pages shorter: zstd with a level for the kind of values, else what the engine has.
enum Codec {
    Zstd(Compressor<'static>),
    Other(CompressionOptions),
}

impl Codec {
    fn new(compression: CompressionOptions, level: i32) -> PolarsResult<Self> {
        Ok(match compression {
            CompressionOptions::Zstd(_) => Self::Zstd(Compressor::new(level)?),
            other => Self::Other(other),
        })
    }

    /// Its name in the footer.
    fn name(&self) -> Compression {
        match self {
            Self::Zstd(_) => Compression::Zstd,
            Self::Other(other) => (*other).into(),
        }
    }

    fn shorter(&mut self, bytes: &[u8]) -> PolarsResult<CowBuffer> {
        let mut compressed = Vec::new();
        match self {
            Self::Zstd(zstd) => {
                compressed.reserve_exact(compress_bound(bytes.len()));
                zstd.compress_to_buffer(bytes, &mut compressed)?;
            }
            Self::Other(other) => {
                compress(*other, bytes, &mut compressed).map_err(|error| polars_err!(ComputeError: "{error}"))?;
            }
        }
        compressed.shrink_to_fit();
        Ok(CowBuffer::Owned(compressed))
    }

    fn compress(&mut self, page: Page) -> PolarsResult<CompressedPage> {
        Ok(match page {
            Page::Data(page) => {
                let (bytes, rows) = (page.buffer().len(), page.num_values());
                let compressed = self.shorter(page.buffer())?;
                let (header, name) = (page.header().clone(), self.name());
                let page = CompressedDataPage::new(header, compressed, name, bytes, page.descriptor.clone(), rows);
                CompressedPage::Data(page)
            }
            Page::Dict(page) => {
                let compressed = self.shorter(&page.buffer)?;
                let (bytes, name) = (page.buffer.len(), self.name());
                CompressedPage::Dict(CompressedDictPage::new(compressed, name, bytes, page.num_values, page.is_sorted))
            }
        })
    }
}

#[cfg(test)]
mod tests;
