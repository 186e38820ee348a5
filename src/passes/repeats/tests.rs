//! Fingerprints of rows: which are equal, and how many are distinct, in memory and beyond.

#![expect(clippy::disallowed_methods, reason = "the engine's own grouping is what the count is held against")]

use std::collections::HashSet;

use polars::prelude::*;
use proptest::prelude::*;

use super::distinct::{DistinctRows, Entry, Numbered};
use super::fingerprint::{Fingerprint, Fingerprints};
use crate::spill::SpillFile;

/// Rows that repeat others, as the engine's grouping finds them.
fn repeats_by_engine(frame: &DataFrame) -> u64 {
    let names: Vec<Expr> = frame.get_column_names().iter().map(|name| col(name.as_str())).collect();
    let groups = frame.clone().lazy().group_by(names).agg([len()]);
    let groups = groups.collect_with_engine(Engine::Streaming).unwrap().unwrap_single();
    (frame.height() - groups.height()) as u64
}

fn prints(frame: &DataFrame) -> Vec<Fingerprint> {
    let columns: Vec<Option<&Column>> = frame.columns().iter().map(Some).collect();
    Fingerprints::default().of(&columns, frame.height()).unwrap().to_vec()
}

fn repeats_by_prints(frame: &DataFrame) -> u64 {
    let prints = prints(frame);
    (prints.len() - prints.iter().collect::<HashSet<_>>().len()) as u64
}

/// A column of few values, one of which is missing: `choice` says which.
fn column(kind: usize, choice: &[u8]) -> Column {
    let longer = "a text that is longer than its view";
    let pick = |values: [Option<i64>; 4]| -> Vec<Option<i64>> {
        choice.iter().map(|choice| values[usize::from(*choice)]).collect()
    };
    let integers = Series::new("x".into(), pick([None, Some(0), Some(1), Some(-1)]));
    let small = Series::new("x".into(), pick([None, Some(0), Some(1), Some(2)]));
    let floats = [None, Some(0.0), Some(-0.0), Some(f64::NAN)];
    let floats: Vec<Option<f64>> = choice.iter().map(|choice| floats[usize::from(*choice)]).collect();
    let texts = [None, Some(""), Some("a"), Some(longer)];
    let texts: Vec<Option<&str>> = choice.iter().map(|choice| texts[usize::from(*choice)]).collect();
    let texts = Series::new("x".into(), texts);
    let micros = DataType::Datetime(TimeUnit::Microseconds, None);
    let utc = DataType::Datetime(TimeUnit::Milliseconds, Some(TimeZone::UTC));
    let series = match kind {
        0 => Ok(integers),
        1 => integers.cast(&DataType::Int8),
        2 => small.cast(&DataType::UInt16),
        3 => small.cast(&DataType::UInt64),
        4 => small.cast(&DataType::Boolean),
        5 => integers.cast(&DataType::Date),
        6 => integers.cast(&micros),
        7 => integers.cast(&utc),
        8 => small.cast(&DataType::Time),
        9 => integers.cast(&DataType::Decimal(38, 2)),
        10 => Ok(Series::new("x".into(), floats)),
        11 => Series::new("x".into(), floats).cast(&DataType::Float32),
        12 => Ok(texts),
        13 => texts.cast(&DataType::Binary),
        14 => texts.cast(&DataType::from_categories(Categories::global())),
        15 => Ok(lists(choice, &texts)),
        16 => Ok(structs(choice, &integers, &texts)),
        _ => Ok(Series::full_null("x".into(), choice.len(), &DataType::Null)),
    };
    series.unwrap().into_column()
}

const KINDS: usize = 18;

/// Lists of up to three of the texts; one of them is missing.
fn lists(choice: &[u8], texts: &Series) -> Series {
    let list = |(row, choice): (usize, &u8)| (*choice > 0).then(|| texts.slice(0, usize::from(*choice - 1).min(row)));
    Series::new("x".into(), choice.iter().enumerate().map(list).collect::<Vec<Option<Series>>>())
}

/// Structs of a number and of a list of texts.
fn structs(choice: &[u8], integers: &Series, texts: &Series) -> Series {
    let fields = [integers.clone().with_name("a".into()), lists(choice, texts).with_name("b".into())];
    StructChunked::from_series("x".into(), choice.len(), fields.iter()).unwrap().into_series()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever the types, with missing values, both zeros and what is no number; in one piece or in several.
    #[test]
    fn rows_are_alike_where_the_engine_groups_them(
        kinds in prop::collection::vec(0..KINDS, 1..4),
        choices in prop::collection::vec(prop::collection::vec(0_u8..4, 40), 6),
        pieces in 1..3_usize,
    ) {
        let piece = |number: usize| {
            let columns = kinds.iter().zip(&choices[number * 3..]).enumerate().map(|(place, (kind, choice))| {
                column(*kind, choice).with_name(format!("c{place}").into())
            });
            DataFrame::new(40, columns.collect()).unwrap()
        };
        let mut frame = piece(0);
        for number in 1..pieces {
            frame.vstack_mut(&piece(number)).unwrap();
        }
        prop_assert_eq!(repeats_by_prints(&frame), repeats_by_engine(&frame));
    }

    /// Held, spilled, or both, the distinct ones are those of a set, whatever the batches.
    #[test]
    fn distinct_prints_are_those_of_a_set(
        values in prop::collection::vec(0_u64..20_000, 0..30_000),
        batch in 1..9_000_usize,
        held_blocks in 0..4_usize,
    ) {
        let directory = tempfile::tempdir().unwrap();
        let count = DistinctRows::new(SpillFile::new(directory.path(), "tests"), held_blocks * 4096);
        // Some thousand values in four of the parts, so that their blocks fill up.
        let prints: Vec<Fingerprint> = values.iter().map(|value| print_of(*value) >> 8).collect();
        for batch in prints.chunks(batch) {
            count.add(batch).unwrap();
        }
        prop_assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "the file has no name");
        let distinct = prints.iter().collect::<HashSet<_>>().len();
        prop_assert_eq!(count.finish(2, |_, _| ()).unwrap(), (prints.len() as u64, distinct as u64));
    }
}

fn print_of(value: u64) -> Fingerprint {
    let frame = df!("v" => [value]).unwrap();
    prints(&frame)[0]
}

/// 40,000 distinct prints and 20,000 repeats: 15 blocks, of which none, four or all are held.
#[test]
fn disk_and_memory_count_the_same() {
    let values: Vec<u64> = (0..60_000).map(|row| row % 40_000).collect();
    // All in one part of 1024.
    let prints: Vec<Fingerprint> = prints(&df!("v" => values).unwrap()).iter().map(|print| print >> 10).collect();
    for held in [0, 4 * 4096, usize::MAX] {
        let directory = tempfile::tempdir().unwrap();
        let count = DistinctRows::new(SpillFile::new(directory.path(), "tests"), held);
        prints.chunks(7_000).for_each(|batch| count.add(batch).unwrap());
        assert_eq!(count.finish(2, |_, _| ()).unwrap(), (60_000, 40_000), "{held} held");
    }
}

/// Rows 0 to 39,999 are the first of their values, in whatever order they come, in memory and beyond.
#[test]
fn of_equal_rows_all_but_the_least_number_are_named() {
    let values: Vec<u64> = (0..60_000).map(|row| row % 40_000).collect();
    let prints = prints(&df!("v" => values).unwrap());
    let mut entries: Vec<Numbered> =
        prints.iter().enumerate().map(|(row, print)| Numbered::of(print >> 10, row as u64)).collect();
    for (held, turned) in [(0, false), (4 * 4096, true), (usize::MAX, true)] {
        let directory = tempfile::tempdir().unwrap();
        let rows = DistinctRows::new(SpillFile::new(directory.path(), "tests"), held);
        if turned {
            entries.reverse();
        }
        entries.chunks(7_000).for_each(|batch| rows.add(batch).unwrap());
        let named = std::sync::Mutex::new(Vec::new());
        let counts = rows.finish(2, |number, kept| named.lock().unwrap().push((number, kept))).unwrap();
        let mut named = named.into_inner().unwrap();
        named.sort_unstable();
        assert_eq!(
            (counts, named),
            ((60_000, 40_000), (40_000..60_000).map(|row| (row, row - 40_000)).collect()),
            "{held} held"
        );
    }
}

#[test]
fn a_directory_that_takes_no_file_is_named() {
    let count = DistinctRows::<Fingerprint>::new(SpillFile::new("/nowhere/at/all".as_ref(), "tests"), 0);
    assert!(count.add(&[1; 500]).is_ok(), "nothing needs the disk yet");
    let error = (0..10).try_for_each(|_| count.add(&[1; 500])).unwrap_err();
    assert_eq!(error.kind().exit_code(), 6);
    assert!(error.headline().contains("`/nowhere/at/all`"), "{}", error.headline());
}

/// Columns of neighbouring whole numbers, as ids, days and cents are. Of 2^20 rows with 32 bits that are as good as random,
/// n(n - 1)/2 / 2^32 = 128 pairs agree in all of these, with a standard deviation of 11: whichever 32 of the 128 bits.
#[test]
fn any_bits_of_a_print_part_rows_as_chance_does() {
    let rows = 1_u64 << 20;
    let (low, middle, high) = (|row| row % 64, |row| row / 64 % 128, |row| row / 8_192);
    let values = |of: fn(u64) -> u64| (0..rows).map(of).collect::<Vec<u64>>();
    let floats: Vec<f64> = (0..rows).map(|row| f64::from(u32::try_from(high(row)).unwrap())).collect();
    let frame = df!("a" => values(low), "b" => values(middle), "c" => floats).unwrap();
    let prints = prints(&frame);
    let bits_of = |print: &Fingerprint, shift: u32| u32::try_from(print >> shift & 0xffff_ffff).unwrap();
    for shift in [0, 16, 32, 48, 64, 80, 96] {
        let bits: HashSet<u32> = prints.iter().map(|print| bits_of(print, shift)).collect();
        let agreeing = prints.len() - bits.len();
        assert!((62..=194).contains(&agreeing), "{agreeing} at {shift}");
    }
}

/// Values do not slip from one column into the next, nor do texts.
#[test]
fn neighbouring_columns_stay_apart() {
    let same = |a: DataFrame, b: DataFrame| prints(&a) == prints(&b);
    let numbers = |a: Option<i64>, b: Option<i64>| df!("a" => [a], "b" => [b]).unwrap();
    assert!(!same(numbers(Some(1), Some(2)), numbers(Some(2), Some(1))));
    assert!(!same(numbers(None, Some(2)), numbers(Some(2), None)));
    assert!(!same(numbers(None, Some(0)), numbers(Some(0), Some(0))));
    let texts = |a: &str, b: &str| df!("a" => [a], "b" => [b]).unwrap();
    assert!(!same(texts("ab", "c"), texts("a", "bc")));
    assert!(!same(texts("", "a text of two dozen bytes"), texts("a text of two dozen bytes", "")));
    assert!(same(texts("ab", "c"), texts("ab", "c")));
}

/// Each pair is one value in two types, or in two files of which one lacks the column.
#[test]
fn a_value_has_one_print_whatever_its_type() {
    let number = |series: Series, dtype: DataType| series.strict_cast(&dtype).unwrap().into_column();
    let whole = Series::new("x".into(), [Some(12_i64), None, Some(0)]);
    let first = prints(&DataFrame::new(3, vec![whole.clone().into_column()]).unwrap());
    for dtype in [DataType::Int8, DataType::UInt64, DataType::Float32, DataType::Float64, DataType::Decimal(12, 3)] {
        let column = number(whole.clone(), dtype.clone());
        assert_eq!(prints(&DataFrame::new(3, vec![column]).unwrap()), first, "{dtype}");
    }
    let texts = Series::new("x".into(), [Some("a"), None, Some("a text that is longer than its view")]);
    let first = prints(&DataFrame::new(3, vec![texts.clone().into_column()]).unwrap());
    for dtype in [DataType::Binary, DataType::from_categories(Categories::global())] {
        let column = texts.cast(&dtype).unwrap().into_column();
        assert_eq!(prints(&DataFrame::new(3, vec![column]).unwrap()), first, "{dtype}");
    }
    let moments = Series::new("x".into(), [1_700_000_000_000_i64]);
    let stamps = |unit, zone| {
        moments
            .cast(&DataType::Datetime(TimeUnit::Milliseconds, None))
            .unwrap()
            .cast(&DataType::Datetime(unit, zone))
            .unwrap()
    };
    let first = prints(&DataFrame::new(1, vec![stamps(TimeUnit::Milliseconds, None).into_column()]).unwrap());
    let other = stamps(TimeUnit::Nanoseconds, Some(TimeZone::UTC));
    assert_eq!(prints(&DataFrame::new(1, vec![other.into_column()]).unwrap()), first);
    // A column that a file lacks is null, as is one without any value.
    let nothing = Series::full_null("x".into(), 1, &DataType::Null).into_column();
    let missing = Fingerprints::default().of(&[None], 1).unwrap().to_vec();
    assert_eq!(prints(&DataFrame::new(1, vec![nothing]).unwrap()), missing);
    let no_list = lists(&[0], &texts).into_column();
    assert_eq!(prints(&DataFrame::new(1, vec![no_list]).unwrap()), missing);
}

#[test]
fn nested_values_are_their_leaves_and_where_they_lie() {
    let list = |values: &[Option<&str>]| Series::new("x".into(), values);
    let prints_of = |lists: Vec<Option<Series>>| {
        prints(&DataFrame::new(lists.len(), vec![Series::new("x".into(), lists).into_column()]).unwrap())
    };
    let found = prints_of(vec![
        Some(list(&[Some("a"), Some("b")])),
        Some(list(&[Some("b"), Some("a")])),
        Some(list(&[Some("a")])),
        Some(list(&[Some("a"), None])),
        Some(list(&[])),
        None,
    ]);
    assert_eq!(found.iter().collect::<HashSet<_>>().len(), 6);
    // A slice of a longer column, as batches are, and one of its own.
    let frame = |rows: &[i64]| {
        let lists: Vec<Series> = rows.iter().map(|row| Series::new("".into(), vec![*row; 3])).collect();
        DataFrame::new(rows.len(), vec![Series::new("x".into(), lists).into_column()]).unwrap()
    };
    assert_eq!(prints(&frame(&[5, 6, 7, 8]).slice(1, 2)), prints(&frame(&[6, 7])));
    let fields = |names: [&str; 2], values: [Option<i64>; 2]| {
        let series: Vec<Series> =
            names.iter().zip(values).map(|(name, value)| Series::new((*name).into(), [value])).collect();
        let column = StructChunked::from_series("x".into(), 1, series.iter()).unwrap().into_series().into_column();
        prints(&DataFrame::new(1, vec![column]).unwrap())
    };
    assert_eq!(fields(["a", "b"], [Some(1), Some(2)]), fields(["b", "a"], [Some(2), Some(1)]), "fields have names");
    assert_ne!(fields(["a", "b"], [Some(1), Some(2)]), fields(["a", "b"], [Some(2), Some(1)]));
    assert_eq!(fields(["a", "b"], [Some(1), None]), fields(["a", "c"], [Some(1), None]), "a field that lacks is null");
    let float = |value: f64| {
        let list = Series::new("x".into(), vec![Series::new("".into(), [value])]);
        prints(&DataFrame::new(1, vec![list.into_column()]).unwrap())
    };
    assert_eq!(float(0.0), float(-0.0));
    assert_eq!(float(f64::NAN), float(-f64::NAN));
}
