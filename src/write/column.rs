//! One column on its way into a file: encoded, then compressed.
//!
//! Lives here: which column is made how. Does not live here: the pages that are made here (`pages`), whether a dictionary
//! may be worth it (`encoding`), the file (`parquet`).

use polars::prelude::{CompatLevel, PolarsResult, polars_bail};
use polars_arrow::array::{Array, PrimitiveArray};
use polars_arrow::types::NativeType;
use polars_parquet::parquet::CowBuffer;
use polars_parquet::parquet::compression::Compression;
use polars_parquet::parquet::encoding::Encoding;
use polars_parquet::parquet::page::{CompressedDictPage, Page};
use polars_parquet::parquet::schema::types::{PhysicalType, PrimitiveType};
use polars_parquet::write::{CompressedDataPage, CompressedPage, ParquetType, WriteOptions, array_to_columns};
use zstd::bulk::Compressor;
use zstd::zstd_safe::compress_bound;

use super::encoding::encoding_of;
use super::{Values, pages};

/// The level of zstd for numbers. Against level 1 it takes four fifths of the time for files a tenth larger, since it
/// leaves alone what can hardly be shortened: packed bits, shares. Higher ones take longer than all of the scoring.
const LEVEL_OF_NUMBERS: i32 = -1;
/// The level of zstd for texts, of which lower ones would leave the letters as they are.
const LEVEL_OF_TEXTS: i32 = 1;

/// The compressed pages of a column.
///
/// # Errors
/// A Polars error where the values do not have the type of the file, which would be a bug.
pub(super) fn compressed(
    field: &ParquetType,
    values: Values,
    options: WriteOptions,
) -> PolarsResult<Vec<CompressedPage>> {
    let ParquetType::PrimitiveType(field) = field else { polars_bail!(InvalidOperation: "a column made of columns") };
    let are_texts = field.physical_type == PhysicalType::ByteArray && matches!(values, Values::Plain(_));
    let mut zstd = Compressor::new(if are_texts { LEVEL_OF_TEXTS } else { LEVEL_OF_NUMBERS })?;
    let mut compress = |page| compress(&mut zstd, page);
    let array: Box<dyn Array> = match values {
        Values::Names { names, places } => {
            return pages::names(field, &names, &places)?.into_iter().map(compress).collect();
        }
        Values::Money { minor, .. } => Box::new(PrimitiveArray::from_vec(minor)),
        Values::Plain(column) => column.as_materialized_series().rechunk().to_arrow(0, CompatLevel::newest()),
    };
    let encoding = encoding_of(array.as_ref());
    if let Some(pages) = own_pages(field, array.as_ref(), encoding)? {
        return pages.into_iter().map(compress).collect();
    }
    let field = ParquetType::PrimitiveType(field.clone());
    let columns = array_to_columns(array, field, options, &[encoding])?;
    columns.into_iter().flatten().map(|page| compress(page?)).collect()
}

/// The pages of a column of numbers without nulls, as far as they are best made here.
fn own_pages(field: &PrimitiveType, array: &dyn Array, encoding: Encoding) -> PolarsResult<Option<Vec<Page>>> {
    if array.is_empty() || array.null_count() > 0 {
        // The engine cuts decimals off that 64 bits do not hold: there are none with nulls, whose precision is at most 18.
        return Ok(None);
    }
    let maybe_dictionary = encoding == Encoding::RleDictionary;
    match field.physical_type {
        PhysicalType::Int32 => values_of::<i32>(array).map_or(Ok(None), |values| pages::integers(field, values)),
        PhysicalType::Int64 => {
            if let Some(values) = values_of::<i64>(array) {
                let places = pages::integers(field, values)?;
                if places.is_some() || maybe_dictionary {
                    return Ok(places);
                }
                return pages::plain(field, values, |value| value).map(Some);
            }
            let Some(values) = values_of::<i128>(array) else { return Ok(None) };
            // The engine would cut them off.
            if values.iter().any(|value| i64::try_from(*value).is_err()) {
                polars_bail!(ComputeError: "decimals beyond 64 bits");
            }
            #[expect(clippy::cast_possible_truncation, reason = "as just proven")]
            let pages = || pages::plain(field, values, |value| value as i64);
            (!maybe_dictionary).then(pages).transpose()
        }
        PhysicalType::Double => {
            let values = values_of::<f64>(array).filter(|values| !maybe_dictionary && !has_nan(values));
            values.map(|values| pages::plain(field, values, |value| value)).transpose()
        }
        _ => Ok(None),
    }
}

fn values_of<T: NativeType>(array: &dyn Array) -> Option<&[T]> {
    array.as_any().downcast_ref::<PrimitiveArray<T>>().map(|array| array.values().as_slice())
}

fn has_nan(values: &[f64]) -> bool {
    values.iter().any(|value| value.is_nan())
}

fn compress(zstd: &mut Compressor<'_>, page: Page) -> PolarsResult<CompressedPage> {
    let mut shorter = |bytes: &[u8]| -> PolarsResult<CowBuffer> {
        let mut compressed = Vec::with_capacity(compress_bound(bytes.len()));
        zstd.compress_to_buffer(bytes, &mut compressed)?;
        compressed.shrink_to_fit();
        Ok(CowBuffer::Owned(compressed))
    };
    Ok(match page {
        Page::Data(page) => {
            let (bytes, rows) = (page.buffer().len(), page.num_values());
            let compressed = shorter(page.buffer())?;
            let header = page.header().clone();
            let page =
                CompressedDataPage::new(header, compressed, Compression::Zstd, bytes, page.descriptor.clone(), rows);
            CompressedPage::Data(page)
        }
        Page::Dict(page) => {
            let compressed = shorter(&page.buffer)?;
            let page = CompressedDictPage::new(
                compressed,
                Compression::Zstd,
                page.buffer.len(),
                page.num_values,
                page.is_sorted,
            );
            CompressedPage::Dict(page)
        }
    })
}

#[cfg(test)]
mod tests;
