//! The pages of columns without nulls: values one after the other, or the places of few distinct ones in a dictionary.
//!
//! Most columns of the large tables are integers close together, or texts of a short list. The engine's encoder looks for
//! the runs in every column and hashes what it does not know; here a table says where each value stands, and the bits of
//! the places are packed as they come, at a third of the cost.
//! Does not live here: which column is made how, and its compression (`column`).

use polars::prelude::PolarsResult;
use polars_parquet::parquet::CowBuffer;
use polars_parquet::parquet::encoding::Encoding;
use polars_parquet::parquet::encoding::hybrid_rle::Encoder;
use polars_parquet::parquet::metadata::Descriptor;
use polars_parquet::parquet::page::{DataPage, DataPageHeader, DataPageHeaderV1, DictPage, Page};
use polars_parquet::parquet::schema::types::PrimitiveType;
use polars_parquet::parquet::statistics::{BinaryStatistics, ParquetStatistics, PrimitiveStatistics};
use polars_parquet::parquet::types::NativeType;
use polars_parquet::write::{Version, write_def_levels};

/// Bytes of a page of plain values, before compression: what readers take at a time.
const PAGE_BYTES: usize = 1 << 20;
/// Rows of a page of places.
const PAGE_ROWS: usize = 1 << 18;
/// Values whose bits are packed under one header.
const PACKED_ROWS: usize = 1 << 13;
/// Integers less than this apart are looked up in a table.
const TABLE: u64 = 1 << 16;
/// Stands for a value that does not occur.
const ABSENT: u32 = u32::MAX;

/// Values one after the other, as `stored` turns them into what the file holds. They have an order: no NaN is among them.
pub(super) fn plain<T: Copy, S: NativeType + PartialOrd>(
    field: &PrimitiveType,
    values: &[T],
    stored: impl Fn(T) -> S,
) -> PolarsResult<Vec<Page>> {
    let page = |values: &[T]| {
        let range = range(values.iter().map(|value| stored(*value)));
        let statistics = range.map(|range| statistics(field, range));
        let bytes = values.len() * size_of::<S>();
        data_page(field, values.len(), Encoding::Plain, statistics, bytes, |page| {
            let start = page.len();
            page.resize(start + bytes, 0);
            for (bytes, value) in page[start..].chunks_exact_mut(size_of::<S>()).zip(values) {
                bytes.copy_from_slice(stored(*value).to_le_bytes().as_ref());
            }
            Ok(())
        })
    };
    values.chunks(PAGE_BYTES / size_of::<S>()).map(page).collect()
}

/// Integers as places in the list of those that occur. None where they lie too far apart for a table, or where there are
/// too many to gain by it.
pub(super) fn integers<T: NativeType + PartialOrd + Into<i64> + TryFrom<i64>>(
    field: &PrimitiveType,
    values: &[T],
) -> PolarsResult<Option<Vec<Page>>> {
    let Some(range) = range(values.iter().copied()) else { return Ok(None) };
    let [least, greatest]: [i64; 2] = range.map(Into::into);
    let span = greatest.abs_diff(least);
    if span >= TABLE {
        return Ok(None);
    }
    #[expect(clippy::cast_possible_truncation, reason = "0 to `span`, as just proven")]
    let slot = |value: T| value.into().abs_diff(least) as usize;
    let mut occurs = vec![false; slot(range[1]) + 1];
    for value in values {
        occurs[slot(*value)] = true;
    }
    let list = occurs.iter().zip(least..=greatest).filter(|(occurs, _)| **occurs).map(|(_, value)| T::try_from(value));
    let Ok(list) = list.collect::<Result<Vec<T>, _>>() else { return Ok(None) };
    if list.len() > values.len() / 2 {
        return Ok(None);
    }
    let statistics = statistics(field, range);
    let bytes = list.iter().flat_map(NativeType::to_le_bytes).collect();
    let dictionary = DictPage::new(CowBuffer::Owned(bytes), list.len(), false);
    let places = places_of(&occurs);
    coded(field, dictionary, &statistics, values, |value| places[slot(value)]).map(Some)
}

/// Texts of the list `names`, given by their places there, as places in the list of those that occur.
pub(super) fn names(field: &PrimitiveType, names: &[String], rows: &[u32]) -> PolarsResult<Vec<Page>> {
    let mut occurs = vec![false; names.len()];
    for place in rows {
        let occurs = occurs.get_mut(*place as usize);
        *occurs.ok_or_else(|| polars::prelude::polars_err!(OutOfBounds: "name {place} of {}", names.len()))? = true;
    }
    let used = || names.iter().zip(&occurs).filter_map(|(name, occurs)| occurs.then_some(name.as_bytes()));
    let mut dictionary = Vec::new();
    for name in used() {
        #[expect(clippy::cast_possible_truncation, reason = "names of segments, cells and classes")]
        dictionary.extend_from_slice(&(name.len() as u32).to_le_bytes());
        dictionary.extend_from_slice(name);
    }
    let statistics = BinaryStatistics {
        primitive_type: field.clone(),
        null_count: Some(0),
        distinct_count: None,
        min_value: used().min().map(<[u8]>::to_vec),
        max_value: used().max().map(<[u8]>::to_vec),
    };
    let places = places_of(&occurs);
    let dictionary = DictPage::new(CowBuffer::Owned(dictionary), used().count(), false);
    coded(field, dictionary, &statistics.serialize(), rows, |place| places[place as usize])
}

/// The place in the dictionary of each slot of a table.
fn places_of(occurs: &[bool]) -> Vec<u32> {
    let mut next = 0;
    let place = |occurs: &bool| {
        next += u32::from(*occurs);
        if *occurs { next - 1 } else { ABSENT }
    };
    occurs.iter().map(place).collect()
}

/// A dictionary, and the place of every row's value in it.
fn coded<T: Copy>(
    field: &PrimitiveType,
    dictionary: DictPage,
    statistics: &ParquetStatistics,
    rows: &[T],
    place: impl Fn(T) -> u32,
) -> PolarsResult<Vec<Page>> {
    let only_one = dictionary.num_values == 1;
    let bits = (usize::BITS - dictionary.num_values.saturating_sub(1).leading_zeros()).max(1);
    let mut pages = vec![Page::Dict(dictionary)];
    let mut places = Vec::with_capacity(PACKED_ROWS);
    for rows in rows.chunks(PAGE_ROWS) {
        let bytes = rows.len() * bits as usize / 8;
        let page = data_page(field, rows.len(), Encoding::RleDictionary, Some(statistics.clone()), bytes, |page| {
            page.extend_from_slice(&bits.to_le_bytes()[..1]);
            if only_one {
                u32::run_length_encode(page, rows.len(), 0, bits)?;
                return Ok(());
            }
            for rows in rows.chunks(PACKED_ROWS) {
                places.clear();
                places.extend(rows.iter().map(|row| place(*row)));
                u32::bitpacked_encode(page, places.iter().copied(), bits as usize)?;
            }
            Ok(())
        })?;
        pages.push(page);
    }
    Ok(pages)
}

/// A page of `rows` values that `fill` puts behind the levels; about `bytes` of them.
fn data_page(
    field: &PrimitiveType,
    rows: usize,
    encoding: Encoding,
    statistics: Option<ParquetStatistics>,
    bytes: usize,
    fill: impl FnOnce(&mut Vec<u8>) -> PolarsResult<()>,
) -> PolarsResult<Page> {
    // Levels and headers take less than one byte in a hundred.
    let mut page = Vec::with_capacity(bytes + bytes / 64 + 64);
    // Every value is there, in columns that may have nulls.
    write_def_levels(&mut page, true, None, rows, Version::V1)?;
    fill(&mut page)?;
    let header = DataPageHeaderV1 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "at most `PAGE_ROWS`")]
        num_values: rows as i32,
        encoding: encoding.into(),
        definition_level_encoding: Encoding::Rle.into(),
        repetition_level_encoding: Encoding::Rle.into(),
        statistics,
    };
    let descriptor = Descriptor { primitive_type: field.clone(), max_def_level: 0, max_rep_level: 0 };
    Ok(Page::Data(DataPage::new(DataPageHeader::V1(header), CowBuffer::Owned(page), descriptor, rows)))
}

/// The least and the greatest value; none where there is none.
fn range<T: Copy + PartialOrd>(mut values: impl Iterator<Item = T>) -> Option<[T; 2]> {
    let first = values.next()?;
    Some(values.fold([first; 2], |[least, greatest], value| {
        [if value < least { value } else { least }, if value > greatest { value } else { greatest }]
    }))
}

fn statistics<T: NativeType>(field: &PrimitiveType, [least, greatest]: [T; 2]) -> ParquetStatistics {
    PrimitiveStatistics {
        primitive_type: field.clone(),
        null_count: Some(0),
        distinct_count: None,
        min_value: Some(least.norm_min()),
        max_value: Some(greatest.norm_max()),
    }
    .serialize()
}
