//! Columns through a file and back, read by another Parquet library.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss
)]

use std::fs::File;
use std::ops::Range;

use parquet::basic::{Compression as Stored, Encoding};
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{ByteArray, ByteArrayType, DataType as Physical, DoubleType, Int32Type, Int64Type};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use polars::prelude::{Column, DataType, Int128Chunked, IntoColumn as _, NewChunkedArray as _, Schema};
use polars_arrow::bitmap::Bitmap;
use polars_parquet::parquet::schema::types::{PhysicalType, PrimitiveType};
use proptest::prelude::*;
use rand::SeedableRng as _;

use crate::error::Result;
use crate::parquet::levels::Levels;
use crate::parquet::{TableWriter, pages};
use crate::publish::options::Compression;
use crate::values::{Numbers, Places, Values};

/// A file with one column.
struct Written {
    reader: SerializedFileReader<File>,
}

/// Writes `values` as one row group.
fn try_write(values: &Values<'_>, rows: usize, compression: Compression) -> Result<Written> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.parquet");
    let schema = Schema::from_iter([("v".into(), values.dtype())]);
    let mut writer = TableWriter::create("t", &path, &schema, compression)?;
    writer.write_groups(&[Range { start: 0, end: rows }], |_, _| Ok(values.clone()))?;
    writer.finish()?;
    // The open file outlives its name.
    Ok(Written { reader: SerializedFileReader::new(File::open(path).unwrap()).unwrap() })
}

fn write(values: &Values<'_>, rows: usize) -> Written {
    try_write(values, rows, Compression::Zstd).unwrap()
}

fn write_column(column: Column) -> Written {
    let rows = column.len();
    write(&Values::Plain(column), rows)
}

impl Written {
    fn chunk(&self) -> &ColumnChunkMetaData {
        self.reader.metadata().row_group(0).column(0)
    }

    fn has_dictionary(&self) -> bool {
        self.chunk().encodings().any(|encoding| encoding == Encoding::RLE_DICTIONARY)
    }

    fn bounds(&self) -> [&[u8]; 2] {
        let statistics = self.chunk().statistics().unwrap();
        assert_eq!(statistics.null_count_opt(), Some(0));
        [statistics.min_bytes_opt().unwrap(), statistics.max_bytes_opt().unwrap()]
    }

    /// The values; every row has one.
    fn values<T: Physical>(&self) -> Vec<T::T> {
        assert!(matches!(self.chunk().compression(), Stored::ZSTD(_) | Stored::SNAPPY));
        let rows = usize::try_from(self.chunk().num_values()).unwrap();
        let column = self.reader.get_row_group(0).unwrap().get_column_reader(0).unwrap();
        let (mut levels, mut values) = (Vec::new(), Vec::new());
        let read = get_typed_column_reader::<T>(column).read_records(rows + 1, Some(&mut levels), None, &mut values);
        assert_eq!(read.unwrap().0, rows);
        assert!(levels.iter().all(|level| *level == 1));
        values
    }
}

fn check_integers(values: &[i64]) -> Written {
    let written = write_column(Column::new("v".into(), values));
    assert_eq!(written.values::<Int64Type>(), values);
    let bounds = [values.iter().min(), values.iter().max()].map(|bound| bound.unwrap().to_le_bytes());
    assert_eq!(written.bounds(), [&bounds[0][..], &bounds[1][..]]);
    written
}

proptest! {
    #[test]
    fn any_integers_come_back(
        values in proptest::collection::vec(any::<i64>(), 1..400),
        shift in 0_u32..64,
        times in 1_usize..40,
    ) {
        let values: Vec<i64> = values.iter().map(|value| value >> shift).collect();
        check_integers(&values.repeat(times));
    }
}

#[test]
fn integers_close_together_are_indices_in_a_dictionary() {
    // Two pages of indices and some rows; of five values one is missing.
    let values: Vec<i64> = (0..600_001).map(|row| [-2, -1, 0, 2][row % 4]).collect();
    let written = check_integers(&values);
    assert!(written.has_dictionary());
    // Two bits a row: 150 thousand bytes.
    assert!((150_000..152_000).contains(&written.chunk().uncompressed_size()));
    // As far apart as the table reaches, and one further; at both ends of what 64 bits hold.
    assert!(check_integers(&[0, 65_535].repeat(10)).has_dictionary());
    check_integers(&[0, 65_536].repeat(10));
    check_integers(&[0, -65_537].repeat(10));
    check_integers(&[i64::MIN, i64::MAX].repeat(10));
    check_integers(&[i64::MAX - 3, i64::MAX, i64::MAX - 70_000].repeat(10));
    check_integers(&[i64::MIN + 3, i64::MIN].repeat(10));
    assert!(check_integers(&[i64::MAX - 65_536, i64::MAX - 1].repeat(10)).has_dictionary());
    // One value takes a few bytes however often it occurs.
    assert!(check_integers(&vec![7; 100_000]).chunk().uncompressed_size() < 200);
}

/// Money: prices close to each other, and some sums far beyond what a table holds.
#[test]
fn integers_with_a_long_tail_are_indices_in_a_dictionary() {
    let values: Vec<i64> =
        (0..200_000).map(|row| if row % 1_000 == 0 { row * 50 } else { row * row % 4_001 }).collect();
    assert!(values.iter().max().is_some_and(|most| *most > 1 << 23));
    assert!(check_integers(&values).has_dictionary());
    // Beyond what bits hold, and at the ends of what 64 bits hold.
    check_integers(&values.iter().map(|value| value << 20).collect::<Vec<_>>());
    let prices = |row: i64| if row % 1_000 == 0 { row } else { row * row % 4_001 };
    assert!(check_integers(&(0..200_000).map(|row| i64::MIN + prices(row)).collect::<Vec<_>>()).has_dictionary());
    assert!(check_integers(&(0..200_000).map(|row| i64::MAX - prices(row)).collect::<Vec<_>>()).has_dictionary());
}

/// A quarter as many values as rows: in a table, and in bits.
#[test]
fn a_dictionary_holds_at_most_one_value_for_four_rows() {
    for step in [1, 100] {
        for (distinct, pays) in [(50_000, true), (50_001, false)] {
            // Neighbours are equal, which the sample alone does not see.
            let values: Vec<i64> = (0..200_000).map(|row| (row / 4 + row / 199_999).min(distinct - 1) * step).collect();
            let field = PrimitiveType::from_physical("v".into(), PhysicalType::Int64);
            let pages = pages::integers(&field, &values, Levels::All, true).unwrap();
            assert_eq!(pages.is_some(), pays, "{distinct} values, {step} apart");
        }
    }
    let runs: Vec<i64> = (0..200_000).map(|row| row / 4).collect();
    assert!(check_integers(&runs).has_dictionary(), "a table is always tried");
}

#[test]
fn counts_are_64_bits_wide() {
    for most in [9, u32::MAX] {
        let counts: Vec<u32> = (0..100_000).map(|row| [1, 2, most][row % 3]).collect();
        let written = write(&Numbers::U32(counts.as_slice().into()).into(), counts.len());
        assert_eq!(written.values::<Int64Type>(), counts.iter().map(|count| i64::from(*count)).collect::<Vec<_>>());
        assert_eq!(written.bounds(), [1_i64.to_le_bytes(), i64::from(most).to_le_bytes()]);
    }
}

#[test]
fn integers_that_hardly_repeat_are_stored_one_after_the_other() {
    let values: Vec<i64> = (0..300_000).map(|row| row * 7_919 % 1_000_003).collect();
    assert!(!check_integers(&values).has_dictionary());
    // Every value twice: hardly visible to a sample, and not worth a dictionary either.
    assert!(!check_integers(&(0..1_000_000).map(|row| row / 2 * 31).collect::<Vec<_>>()).has_dictionary());
    // Thirty thousand texts are shorter as indices; as many numbers in so few rows are not.
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let many: Vec<i64> = (0..100_000).map(|_| random.random_range(0..30_000)).collect();
    assert!(!check_integers(&many).has_dictionary());
    check_integers(&[1, 2, 3]);
}

#[test]
fn days_are_32_bits_wide() {
    for rows in [3, 100_000] {
        let days: Vec<i32> = (0..rows).map(|row| row * 17 % 7_001).collect();
        let numbers = Numbers::I32(days.as_slice().into());
        let written = write(&Values::Numbers { numbers: numbers.clone(), dtype: DataType::Date }, days.len());
        assert_eq!(written.values::<Int32Type>(), days);
        assert!(
            try_write(&Values::Numbers { numbers, dtype: DataType::Int64 }, days.len(), Compression::Zstd).is_err(),
            "another width"
        );
    }
}

#[test]
fn dates_of_the_engine_are_32_bits_wide() {
    let days: Vec<i32> = (0..1_000).map(|row| -row % 30).collect();
    let written = write_column(Column::new("v".into(), &days).cast(&DataType::Date).unwrap());
    assert!(written.has_dictionary());
    assert_eq!(written.values::<Int32Type>(), days);
    assert_eq!(written.bounds(), [&(-29_i32).to_le_bytes()[..], &0_i32.to_le_bytes()]);
}

#[test]
fn money_is_stored_in_64_bits() {
    for step in [1_i64, 99_999_989] {
        let minor: Vec<i64> = (-50_000..50_000).map(|row| row * step).collect();
        let wide = Int128Chunked::from_iter_values("v".into(), minor.iter().map(|minor| i128::from(*minor)));
        let written = write_column(wide.into_decimal_unchecked(18, 2).into_column());
        assert_eq!(written.values::<Int64Type>(), minor);
        let bounds = [minor[0], minor[99_999]].map(i64::to_le_bytes);
        assert_eq!(written.bounds(), [&bounds[0][..], &bounds[1][..]]);
    }
}

/// Minor units as they are: close together, far apart, and so few and far apart that the engine looks for a dictionary.
#[test]
fn minor_units_are_stored_as_they_are() {
    let wide: Vec<i64> = (0..100_000).map(|row| row * 1_999_993 - 7).collect();
    for minor in [vec![1, -1, 2, 1, 1], wide, vec![1 << 40, 3, 3, 1 << 40, 3]] {
        let values =
            Values::Numbers { numbers: Numbers::I64(minor.as_slice().into()), dtype: DataType::Decimal(18, 2) };
        let written = write(&values, minor.len());
        assert_eq!(written.values::<Int64Type>(), minor);
        let column = written.reader.metadata().file_metadata().schema_descr().column(0);
        assert_eq!((column.type_precision(), column.type_scale()), (18, 2));
    }
}

#[test]
fn money_beyond_64_bits_is_an_error() {
    let wide = Int128Chunked::from_iter_values("v".into(), (0..100_000_i128).map(|row| row << 70));
    let values = Values::Plain(wide.into_decimal_unchecked(18, 2).into_column());
    assert!(try_write(&values, 100_000, Compression::Zstd).is_err(), "silently cut off");
}

#[test]
fn fractions_come_back_bit_for_bit() {
    let halves = |row: u32| f64::from(row % 3) / 2.0;
    let sevenths = |row: u32| f64::from(row) / -7.0;
    for shares in [(0..100_000).map(sevenths).collect::<Vec<_>>(), (0..100_000).map(halves).collect(), vec![-0.0, 0.0]]
    {
        let written = write_column(Column::new("v".into(), &shares));
        assert!(!written.has_dictionary());
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&written.values::<DoubleType>()), bits(&shares));
        let [least, greatest] = written.bounds().map(|bound| f64::from_le_bytes(bound.try_into().unwrap()));
        assert!(shares.iter().all(|share| (least..=greatest).contains(share)));
    }
}

#[test]
fn nulls_and_what_is_not_a_number_are_left_to_the_engine() {
    let some: Vec<Option<i64>> = (0..50_000).map(|row| (row % 3 > 0).then_some(row)).collect();
    let written = write_column(Column::new("v".into(), &some));
    assert_eq!(written.chunk().statistics().unwrap().null_count_opt(), Some(16_667));
    let mut odd: Vec<f64> = (0..50_000_u32).map(f64::from).collect();
    odd[17] = f64::NAN;
    let written = write_column(Column::new("v".into(), &odd));
    assert!(written.values::<DoubleType>()[17].is_nan());
}

/// Of a text with nulls the engine makes several pages with one dictionary.
#[test]
fn nulls_are_counted_once_in_columns_of_many_pages() {
    let rows = 700_000_i64;
    let texts: Vec<Option<&str>> = (0..rows).map(|row| [None, Some("DE"), Some("AT")][row as usize % 3]).collect();
    let numbers: Vec<Option<i64>> = (0..rows).map(|row| (row % 3 > 0).then_some(row % 7)).collect();
    let halves: Vec<Option<f64>> = numbers.iter().map(|number| number.map(|number| number as f64 / 2.0)).collect();
    // 700 000 / 3, rounded up.
    for column in [Column::new("v".into(), texts), Column::new("v".into(), numbers), Column::new("v".into(), halves)] {
        assert_eq!(write_column(column).chunk().statistics().unwrap().null_count_opt(), Some(233_334));
    }
}

#[test]
fn names_are_indices_in_a_list_of_those_that_occur() {
    let names = ["champions", "b", "lost", "ümlaut"].map(String::from).to_vec();
    let indices: Vec<u32> = (0..300_000).map(|row| [3, 0, 2][row % 3]).collect();
    let some: Vec<u16> = indices.iter().map(|index| u16::try_from(*index).unwrap()).collect();
    let few: Vec<u8> = indices.iter().map(|index| u8::try_from(*index).unwrap()).collect();
    for given in [Places::U32(indices.clone()), Places::U16(&some), Places::U8(&few)] {
        let written = write(&Values::Names { names: names.clone(), places: given }, indices.len());
        let texts = written.values::<ByteArrayType>();
        assert!(
            texts.iter().zip(&indices).all(|(text, index)| *text == ByteArray::from(names[*index as usize].as_str()))
        );
        assert_eq!(written.bounds(), ["champions".as_bytes(), "ümlaut".as_bytes()]);
    }

    let one = write(&Values::Names { names: names.clone(), places: Places::U8(&[1; 9]) }, 9);
    assert_eq!(one.values::<ByteArrayType>(), vec![ByteArray::from("b"); 9]);
    assert_eq!(one.bounds(), [b"b", b"b"]);
}

/// Writes values with nulls between them, and reads them back.
fn with_gaps<T: Physical>(values: Values<'_>, filled: &[bool]) -> (Written, Vec<Option<T::T>>) {
    let gapped = Values::Gapped { values: Box::new(values), filled: Bitmap::from(filled) };
    let written = write(&gapped, filled.len());
    let nulls = written.chunk().statistics().unwrap().null_count_opt();
    assert_eq!(nulls, Some(filled.iter().filter(|filled| !**filled).count() as u64));
    let column = written.reader.get_row_group(0).unwrap().get_column_reader(0).unwrap();
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    let mut reader = get_typed_column_reader::<T>(column);
    let read = reader.read_records(filled.len() + 1, Some(&mut levels), None, &mut values).unwrap();
    assert_eq!((read.0, levels.len()), (filled.len(), filled.len()));
    let mut values = values.into_iter();
    let back = levels.iter().map(|level| if *level == 1 { values.next() } else { None }).collect();
    assert!(values.next().is_none());
    (written, back)
}

/// Few rows and more than a page, one gap in eleven, long runs, a page without a value, and none or all filled.
fn gaps() -> Vec<Vec<bool>> {
    let of = |rows: usize, is_filled: fn(usize) -> bool| (0..rows).map(is_filled).collect::<Vec<bool>>();
    vec![
        of(5, |row| row == 3),
        of(700_003, |row| row % 11 > 0),
        of(700_003, |row| !(1 << 18..3 << 18).contains(&row)),
        of(8_193, |row| row < 8_192),
        of(100, |_| false),
        of(100, |_| true),
    ]
}

#[test]
fn values_with_gaps_come_back_where_they_were() {
    for filled in gaps() {
        let count = filled.iter().filter(|filled| **filled).count();
        let spread = |values: &[i64]| {
            let mut values = values.iter().copied();
            filled.iter().map(|filled| if *filled { values.next() } else { None }).collect::<Vec<_>>()
        };
        // Close together, all different, and so that the engine looks for a dictionary.
        let close = (0..count as i64).map(|row| row % 5 - 2).collect();
        let apart = (0..count as i64).map(|row| row * 7_919 % 1_000_003).collect();
        let odd: Vec<i64> = (0..count as i64).map(|row| (row % 3) << 40).collect();
        for values in [close, apart, odd] {
            let numbers = Numbers::I64(values.as_slice().into());
            assert_eq!(with_gaps::<Int64Type>(numbers.into(), &filled).1, spread(&values));
            let plain = Values::Plain(Column::new("v".into(), &values));
            assert_eq!(with_gaps::<Int64Type>(plain, &filled).1, spread(&values));
        }
        let halves: Vec<f64> = (0..count as u32).map(|row| f64::from(row) / 2.0).collect();
        let expected: Vec<Option<f64>> = spread(&(0..count as i64).collect::<Vec<_>>())
            .into_iter()
            .map(|row| row.map(|row| f64::from(u32::try_from(row).unwrap()) / 2.0))
            .collect();
        assert_eq!(with_gaps::<DoubleType>(Values::Plain(Column::new("v".into(), &halves)), &filled).1, expected);
    }
}

#[test]
fn names_with_gaps_come_back_where_they_were() {
    for filled in gaps() {
        let count = filled.iter().filter(|filled| **filled).count();
        let places: Vec<u8> = (0..count).map(|row| [2, 0][row % 2]).collect();
        let names = ["gold", "silver", "tin"].map(String::from).to_vec();
        let values = Values::Names { names, places: Places::U8(&places) };
        let (written, back) = with_gaps::<ByteArrayType>(values, &filled);
        let mut expected = ["tin", "gold"].into_iter().cycle();
        for (text, filled) in back.iter().zip(&filled) {
            assert_eq!(text.as_ref(), filled.then(|| ByteArray::from(expected.next().unwrap())).as_ref());
        }
        let bounds = written.chunk().statistics().unwrap();
        assert_eq!(bounds.min_bytes_opt().is_some(), count > 0);
    }
}

#[test]
fn nulls_among_the_values_are_nulls_beside_the_gaps() {
    let values = Values::Plain(Column::new("v".into(), [Some(1_i64), None, Some(3)]));
    let filled = [true, false, true, true, false];
    let gapped = Values::Gapped { values: Box::new(values), filled: Bitmap::from(filled) };
    assert_eq!(write(&gapped, 5).chunk().statistics().unwrap().null_count_opt(), Some(3));
    let texts = Values::Plain(Column::new("v".into(), ["a", "", "b"]));
    let (_, back) = with_gaps::<ByteArrayType>(texts, &filled);
    assert_eq!(back, [Some("a"), None, Some(""), Some("b"), None].map(|text| text.map(ByteArray::from)));
}

#[test]
fn a_name_beyond_the_list_is_an_error() {
    assert!(
        try_write(&Values::Names { names: vec!["a".into()], places: Places::U16(&[0, 1]) }, 2, Compression::Zstd)
            .is_err()
    );
}

/// The same values under each name of a compression; repeats become shorter with both.
#[test]
fn every_kind_comes_back_from_each_compression() {
    let names = ["champions", "lost"].map(String::from).to_vec();
    let places: Vec<u8> = (0..40_000).map(|row| u8::from(row % 3 == 0)).collect();
    let numbers: Vec<i64> = (0..40_000).map(|row| (row % 1_000) << 30).collect();
    let halves: Vec<f64> = (0..40_000).map(|row| f64::from(row % 7) / 2.0).collect();
    for compression in [Compression::Zstd, Compression::Snappy] {
        let write = |values: Values<'_>| try_write(&values, 40_000, compression).unwrap();
        let texts = write(Values::Names { names: names.clone(), places: Places::U8(&places) });
        let expected = places.iter().map(|place| ByteArray::from(names[usize::from(*place)].as_str()));
        assert_eq!(texts.values::<ByteArrayType>(), expected.collect::<Vec<_>>());
        let whole = write(Values::Plain(Column::new("v".into(), &numbers)));
        assert_eq!(whole.values::<Int64Type>(), numbers);
        let fractions = write(Values::Plain(Column::new("v".into(), &halves)));
        assert_eq!(fractions.values::<DoubleType>(), halves);
        // The engine's pages, too.
        let some: Vec<Option<i64>> = numbers.iter().map(|number| (*number > 0).then_some(*number)).collect();
        let nulls = write(Values::Plain(Column::new("v".into(), &some)));
        for written in [&texts, &whole, &fractions, &nulls] {
            let chunk = written.chunk();
            let is_snappy = chunk.compression() == Stored::SNAPPY;
            assert_eq!(is_snappy, compression == Compression::Snappy, "{:?}", chunk.compression());
            assert!(chunk.compressed_size() < chunk.uncompressed_size(), "{compression:?}");
        }
    }
}
