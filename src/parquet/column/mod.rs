//! One column on its way into a file: encoded, then compressed.
//!
//! Lives here: which column is made how. Does not live here: the pages that are made here (`pages`), whether a
//! dictionary may be worth it (`encoding`), the file (`parquet`).

use polars::prelude::{
    Column, CompatLevel, IdxCa, IdxSize, IntoColumn as _, PlSmallStr, PolarsResult, Series, polars_bail, polars_err,
};
use polars_arrow::array::{Array, PrimitiveArray};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::types::NativeType;
use polars_parquet::parquet::CowBuffer;
use polars_parquet::parquet::compression::{Compression, compress};
use polars_parquet::parquet::page::{CompressedDictPage, DataPage, DataPageHeader, Page};
use polars_parquet::parquet::schema::types::{PhysicalType, PrimitiveType};
use polars_parquet::write::{
    CompressedDataPage, CompressedPage, CompressionOptions, ParquetType, WriteOptions, array_to_columns,
};
use zstd::bulk::Compressor;
use zstd::zstd_safe::compress_bound;

use super::encoding::{FEWEST_REPEATS, MOST_REPEATS_OF_NUMBERS, encoding_of, repeats};
use super::levels::Levels;
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
        Values::Gapped { values, filled } => with_gaps(field, *values, &filled, options)?,
        values => pages_of(field, values, Levels::All, options)?,
    };
    let mut codec = Codec::new(options.compression, if are_texts { LEVEL_OF_TEXTS } else { LEVEL_OF_NUMBERS })?;
    pages.map(|page| codec.compress(page?)).collect()
}

/// The pages of values of some rows. Where the engine makes them, it wants the nulls between the values.
fn with_gaps(field: &PrimitiveType, values: Values<'_>, filled: &Bitmap, options: WriteOptions) -> PolarsResult<Pages> {
    let has_values = filled.set_bits() > 0;
    let can_be_apart = |column: &Column| column.null_count() == 0 && column.dtype().is_primitive_numeric();
    match values {
        Values::Plain(column) if has_values && can_be_apart(&column) => {
            pages_of(field, Values::Plain(column), Levels::Some(filled), options)
        }
        Values::Plain(column) => {
            let column = spread(&column, filled)?;
            pages_of(field, Values::Plain(column), Levels::All, options)
        }
        values if has_values => pages_of(field, values, Levels::Some(filled), options),
        values => {
            let nulls = Column::full_null(PlSmallStr::EMPTY, filled.len(), &values.dtype());
            pages_of(field, Values::Plain(nulls), Levels::All, options)
        }
    }
}

/// A column with the nulls between its values.
fn spread(column: &Column, filled: &Bitmap) -> PolarsResult<Column> {
    let mut next = 0;
    let place = |is_filled: bool| {
        next += IdxSize::from(is_filled);
        is_filled.then(|| next - 1)
    };
    let places: IdxCa = filled.iter().map(place).collect();
    column.take(&places)
}

fn pages_of(
    field: &PrimitiveType,
    values: Values<'_>,
    levels: Levels<'_>,
    options: WriteOptions,
) -> PolarsResult<Pages> {
    Ok(match values {
        Values::Names { names, places: Places::U8(places) } => own(pages::names(field, &names, places, levels)?),
        Values::Names { names, places: Places::U16(places) } => own(pages::names(field, &names, places, levels)?),
        Values::Names { names, places: Places::U32(places) } => own(pages::names(field, &names, &places, levels)?),
        Values::Numbers { numbers: Numbers::I32(values), .. } => of_numbers(field, &values, levels, options)?,
        Values::Numbers { numbers: Numbers::U32(values), .. } => of_numbers(field, &values, levels, options)?,
        Values::Numbers { numbers: Numbers::I64(values), .. } => of_numbers(field, &values, levels, options)?,
        Values::Plain(column) => {
            let array = column.as_materialized_series().rechunk().to_arrow(0, CompatLevel::newest());
            match of_array(field, array.as_ref(), levels)? {
                Some(pages) => own(pages),
                None => engines(field, with_nulls(array, levels)?, options)?,
            }
        }
        Values::Gapped { .. } => polars_bail!(InvalidOperation: "gaps between gaps"),
    })
}

fn own(pages: Vec<Page>) -> Pages {
    Box::new(pages.into_iter().map(Ok))
}

/// The pages as the engine makes them. In each page of a dictionary it counts the nulls of the whole column, and whoever adds them up
/// has too many: here a page counts its own.
fn engines(field: &PrimitiveType, array: Box<dyn Array>, options: WriteOptions) -> PolarsResult<Pages> {
    let encoding = encoding_of(array.as_ref());
    let validity = array.validity().cloned();
    let columns = array_to_columns(array, ParquetType::PrimitiveType(field.clone()), options, &[encoding])?;
    let mut start = 0;
    let mut own_nulls = move |page: Page| match page {
        Page::Data(page) => {
            let rows = page.num_values();
            let nulls = validity.as_ref().map_or(0, |validity| validity.null_count_range(start, rows));
            start += rows;
            Page::Data(with_nulls_of(page, i64::try_from(nulls).unwrap_or(i64::MAX)))
        }
        dictionary @ Page::Dict(_) => dictionary,
    };
    Ok(Box::new(columns.into_iter().flatten().map(move |page| page.map(&mut own_nulls))))
}

/// The page with so many nulls in its statistics.
fn with_nulls_of(mut page: DataPage, nulls: i64) -> DataPage {
    let DataPageHeader::V1(mut header) = page.header().clone() else { return page };
    if let Some(statistics) = &mut header.statistics {
        statistics.null_count = Some(nulls);
    }
    let (rows, descriptor) = (page.num_values(), page.descriptor.clone());
    let bytes = std::mem::take(page.buffer_mut());
    DataPage::new(DataPageHeader::V1(header), CowBuffer::Owned(bytes), descriptor, rows)
}

/// An array with the nulls between its values.
fn with_nulls(array: Box<dyn Array>, levels: Levels<'_>) -> PolarsResult<Box<dyn Array>> {
    let Levels::Some(filled) = levels else { return Ok(array) };
    let series = Series::from_arrow(PlSmallStr::EMPTY, array)?;
    let spread = spread(&series.into_column(), filled)?;
    Ok(spread.as_materialized_series().rechunk().to_arrow(0, CompatLevel::newest()))
}

fn of_numbers<T: Whole>(
    field: &PrimitiveType,
    values: &[T],
    levels: Levels<'_>,
    options: WriteOptions,
) -> PolarsResult<Pages> {
    if field.physical_type != T::PHYSICAL {
        polars_bail!(SchemaMismatch: "whole numbers for a column of {:?}", field.physical_type);
    }
    if let Some(pages) = whole(field, values, levels)? {
        return Ok(own(pages));
    }
    let array = PrimitiveArray::from_vec(values.iter().map(|value| value.stored()).collect());
    engines(field, with_nulls(array.boxed(), levels)?, options)
}

/// The pages of an array of numbers without nulls, as far as it is best to make them here.
fn of_array(field: &PrimitiveType, array: &dyn Array, levels: Levels<'_>) -> PolarsResult<Option<Vec<Page>>> {
    if array.is_empty() || array.null_count() > 0 {
        // The engine truncates decimals that 64 bits do not hold: there are none with nulls, whose precision is at most
        // 18.
        return Ok(None);
    }
    match field.physical_type {
        PhysicalType::Int32 => values_of::<i32>(array).map_or(Ok(None), |values| whole(field, values, levels)),
        PhysicalType::Int64 => {
            if let Some(values) = values_of::<i64>(array) {
                return whole(field, values, levels);
            }
            let Some(values) = values_of::<i128>(array) else { return Ok(None) };
            let minor = values.iter().map(|value| i64::try_from(*value));
            // The engine would truncate them.
            let minor: Result<Vec<i64>, _> = minor.collect();
            whole(field, &minor.map_err(|_| polars_err!(ComputeError: "decimals beyond 64 bits"))?, levels)
        }
        PhysicalType::Double => {
            // The engine does not make a dictionary of fractions either.
            let values = values_of::<f64>(array).filter(|values| !values.iter().any(|value| value.is_nan()));
            values.map(|values| pages::plain(field, values, levels, |value| value)).transpose()
        }
        _ => Ok(None),
    }
}

/// The pages of whole numbers; none where the engine may still find a dictionary.
fn whole<T: Whole>(field: &PrimitiveType, values: &[T], levels: Levels<'_>) -> PolarsResult<Option<Vec<Page>>> {
    let repeats = repeats(values.len(), |row| values[row]);
    let coded = pages::integers(field, values, levels, repeats > FEWEST_REPEATS)?;
    if coded.is_some() || repeats > MOST_REPEATS_OF_NUMBERS {
        return Ok(coded);
    }
    pages::plain(field, values, levels, T::stored).map(Some)
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
