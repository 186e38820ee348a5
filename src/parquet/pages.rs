//! The pages of whole columns, or of columns with gaps: values one after the other, or the indices of few distinct ones in a dictionary.
//!
//! Most columns of the large tables are integers close together, or texts of a short list. The engine's encoder
//! searches for runs in every column and hashes what it does not know; here the values are looked up where they are in
//! order, and the bits of the indices are packed as they come, at a third of the cost. Does not live here: which column
//! is made how, its compression (`column`), which rows have a value (`levels`), how values are looked up
//! (`occurring_slots`).

use polars::prelude::{PolarsResult, polars_bail};
use polars_parquet::parquet::CowBuffer;
use polars_parquet::parquet::encoding::Encoding;
use polars_parquet::parquet::encoding::hybrid_rle::Encoder;
use polars_parquet::parquet::metadata::Descriptor;
use polars_parquet::parquet::page::{DataPage, DataPageHeader, DataPageHeaderV1, DictPage, Page};
use polars_parquet::parquet::schema::types::{PhysicalType, PrimitiveType};
use polars_parquet::parquet::statistics::{BinaryStatistics, ParquetStatistics, PrimitiveStatistics};
use polars_parquet::parquet::types::NativeType;

use super::levels::{Levels, PageRows};
use super::occurring_slots::{Bits, Table};

/// Bytes of a page of plain values, before compression: what readers read at a time.
const PAGE_BYTES: usize = 1 << 20;
/// Rows of a page of indices.
const PAGE_ROWS: usize = 1 << 18;
/// Values whose bits are packed under one header.
const PACKED_ROWS: usize = 1 << 13;
/// Integers less than this apart are looked up in a table.
const TABLE: u64 = 1 << 16;
/// Integers less than this apart are looked up among bits.
const BITS: u64 = 1 << 25;
/// With fewer rows than this per distinct value, a dictionary would be as long as the values themselves, compressed.
const ROWS_PER_VALUE: usize = 4;

/// Values one after the other, as `stored` turns them into what the file holds. They are ordered: no NaN is among them.
pub(crate) fn plain<T: Copy, S: NativeType + PartialOrd>(
    field: &PrimitiveType,
    values: &[T],
    levels: Levels<'_>,
    stored: impl Fn(T) -> S,
) -> PolarsResult<Vec<Page>> {
    let page = |rows: PageRows| {
        let values = &values[rows.values.clone()];
        let range = range(values.iter().map(|value| stored(*value)));
        let statistics = statistics(field, range, rows.nulls());
        let bytes = values.len() * size_of::<S>();
        data_page(field, &rows, Encoding::Plain, statistics, bytes, |page| {
            let start = page.len();
            page.resize(start + bytes, 0);
            for (bytes, value) in page[start..].chunks_exact_mut(size_of::<S>()).zip(values) {
                bytes.copy_from_slice(stored(*value).to_le_bytes().as_ref());
            }
            Ok(())
        })
    };
    levels.pages(values.len(), PAGE_BYTES / size_of::<S>()).into_iter().map(page).collect()
}

/// Whole numbers, and what the file holds of them.
pub(crate) trait Whole: Copy + Ord + Into<i64> {
    /// The type of the column.
    const PHYSICAL: PhysicalType;
    /// What the file holds.
    type Stored: NativeType + polars_arrow::types::NativeType + PartialOrd + TryFrom<i64>;

    /// The number in the file.
    fn stored(self) -> Self::Stored;
}

impl Whole for i32 {
    const PHYSICAL: PhysicalType = PhysicalType::Int32;
    type Stored = Self;

    fn stored(self) -> Self {
        self
    }
}

impl Whole for u32 {
    const PHYSICAL: PhysicalType = PhysicalType::Int64;
    type Stored = i64;

    fn stored(self) -> i64 {
        self.into()
    }
}

impl Whole for i64 {
    const PHYSICAL: PhysicalType = PhysicalType::Int64;
    type Stored = Self;

    fn stored(self) -> Self {
        self
    }
}

/// Integers as indices into the list of those that occur. None where they lie too far apart to be looked up, or where
/// too many are distinct to gain by it. `may_repeat`: those beyond a table are looked up, too.
pub(crate) fn integers<T: Whole>(
    field: &PrimitiveType,
    values: &[T],
    levels: Levels<'_>,
    may_repeat: bool,
) -> PolarsResult<Option<Vec<Page>>> {
    let Some(range) = range(values.iter().copied()) else { return Ok(None) };
    let [least, greatest]: [i64; 2] = range.map(Into::into);
    let span = greatest.abs_diff(least);
    // The bits must not take longer than the rows themselves.
    if span >= TABLE && (!may_repeat || span >= BITS || span / 64 >= values.len() as u64) {
        return Ok(None);
    }
    #[expect(clippy::cast_possible_truncation, reason = "0 to `span`, as just proven")]
    let slot = |value: T| value.into().wrapping_sub(least).cast_unsigned() as usize;
    let (slots, count) = (values.iter().map(|value| slot(*value)), slot(range[1]) + 1);
    let statistics = |nulls: i64| statistics(field, Some(range.map(T::stored)), nulls);
    let dictionary = |slots: &mut dyn Iterator<Item = usize>| -> Option<DictPage> {
        // Within the range of the values, so that none is left out.
        let stored = slots.filter_map(|slot| T::Stored::try_from(least.wrapping_add_unsigned(slot as u64)).ok());
        let most = values.len() / ROWS_PER_VALUE;
        let list: Vec<T::Stored> = stored.take(most + 1).collect();
        (list.len() <= most).then(|| numbers(&list))
    };
    if span < TABLE {
        let table = Table::of(slots, count);
        let Some(list) = dictionary(&mut table.slots()) else { return Ok(None) };
        return coded(field, list, statistics, (values, levels), |value| table.rank(slot(value))).map(Some);
    }
    let bits = Bits::of(slots, count);
    let Some(list) = dictionary(&mut bits.slots()) else { return Ok(None) };
    coded(field, list, statistics, (values, levels), |value| bits.rank(slot(value))).map(Some)
}

fn numbers<S: NativeType>(list: &[S]) -> DictPage {
    let bytes = list.iter().flat_map(NativeType::to_le_bytes).collect();
    DictPage::new(CowBuffer::Owned(bytes), list.len(), false)
}

/// Texts of the list `names`, given by their indices in it, as indices into the list of those that occur.
pub(crate) fn names<P: Copy + Ord + Into<u32>>(
    field: &PrimitiveType,
    names: &[String],
    rows: &[P],
    levels: Levels<'_>,
) -> PolarsResult<Vec<Page>> {
    let slot = |row: P| row.into() as usize;
    if let Some(beyond) = rows.iter().max().filter(|most| slot(**most) >= names.len()) {
        polars_bail!(OutOfBounds: "name {} of {}", slot(*beyond), names.len());
    }
    let table = Table::of(rows.iter().map(|row| slot(*row)), names.len());
    let used = || table.slots().map(|slot| names[slot].as_bytes());
    let mut dictionary = Vec::new();
    for name in used() {
        #[expect(clippy::cast_possible_truncation, reason = "names of segments, cells and classes")]
        dictionary.extend_from_slice(&(name.len() as u32).to_le_bytes());
        dictionary.extend_from_slice(name);
    }
    let statistics = |nulls: i64| {
        BinaryStatistics {
            primitive_type: field.clone(),
            null_count: Some(nulls),
            distinct_count: None,
            min_value: used().min().map(<[u8]>::to_vec),
            max_value: used().max().map(<[u8]>::to_vec),
        }
        .serialize()
    };
    let dictionary = DictPage::new(CowBuffer::Owned(dictionary), used().count(), false);
    coded(field, dictionary, statistics, (rows, levels), |row| table.rank(slot(row)))
}

/// A dictionary, and the index of every value in it. `statistics` are those of a page with so many nulls.
fn coded<T: Copy>(
    field: &PrimitiveType,
    dictionary: DictPage,
    statistics: impl Fn(i64) -> ParquetStatistics,
    (values, levels): (&[T], Levels<'_>),
    index: impl Fn(T) -> u32,
) -> PolarsResult<Vec<Page>> {
    let only_one = dictionary.num_values == 1;
    let bits = (usize::BITS - dictionary.num_values.saturating_sub(1).leading_zeros()).max(1);
    let mut pages = vec![Page::Dict(dictionary)];
    let mut indices = Vec::with_capacity(PACKED_ROWS);
    for rows in levels.pages(values.len(), PAGE_ROWS) {
        let values = &values[rows.values.clone()];
        let bytes = values.len() * bits as usize / 8;
        let statistics = statistics(rows.nulls());
        let page = data_page(field, &rows, Encoding::RleDictionary, statistics, bytes, |page| {
            page.extend_from_slice(&bits.to_le_bytes()[..1]);
            if only_one {
                u32::run_length_encode(page, values.len(), 0, bits)?;
                return Ok(());
            }
            for values in values.chunks(PACKED_ROWS) {
                indices.clear();
                indices.extend(values.iter().map(|value| index(*value)));
                u32::bitpacked_encode(page, indices.iter().copied(), bits as usize)?;
            }
            Ok(())
        })?;
        pages.push(page);
    }
    Ok(pages)
}

/// A page of these rows, whose values `fill` appends after the levels; about `bytes` of them.
fn data_page(
    field: &PrimitiveType,
    rows: &PageRows,
    encoding: Encoding,
    statistics: ParquetStatistics,
    bytes: usize,
    fill: impl FnOnce(&mut Vec<u8>) -> PolarsResult<()>,
) -> PolarsResult<Page> {
    // Headers take less than one byte in a hundred.
    let levels = if rows.nulls() > 0 { rows.rows / 8 } else { 0 };
    let mut page = Vec::with_capacity(bytes + levels + bytes / 64 + 64);
    rows.write_levels(&mut page)?;
    fill(&mut page)?;
    let header = DataPageHeaderV1 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "at most `PAGE_ROWS`")]
        num_values: rows.rows as i32,
        encoding: encoding.into(),
        definition_level_encoding: Encoding::Rle.into(),
        repetition_level_encoding: Encoding::Rle.into(),
        statistics: Some(statistics),
    };
    let descriptor = Descriptor { primitive_type: field.clone(), max_def_level: 0, max_rep_level: 0 };
    Ok(Page::Data(DataPage::new(DataPageHeader::V1(header), CowBuffer::Owned(page), descriptor, rows.rows)))
}

/// The least and the greatest value; none where there is none.
fn range<T: Copy + PartialOrd>(mut values: impl Iterator<Item = T>) -> Option<[T; 2]> {
    let first = values.next()?;
    // Two variables: with a pair the compiler would not compare many at once.
    let (mut least, mut greatest) = (first, first);
    for value in values {
        least = if value < least { value } else { least };
        greatest = if value > greatest { value } else { greatest };
    }
    Some([least, greatest])
}

fn statistics<T: NativeType>(field: &PrimitiveType, range: Option<[T; 2]>, nulls: i64) -> ParquetStatistics {
    PrimitiveStatistics {
        primitive_type: field.clone(),
        null_count: Some(nulls),
        distinct_count: None,
        min_value: range.map(|[least, _]| least.norm_min()),
        max_value: range.map(|[_, greatest]| greatest.norm_max()),
    }
    .serialize()
}
