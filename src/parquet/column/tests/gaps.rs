//! Values of some rows: the others have none.

use super::*;

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
