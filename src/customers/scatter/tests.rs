//! Rows on their way to their partitions, with and without what they carry.

use super::*;
use crate::customers::key::{LONGEST_NAME, NoName, Span};

/// What a row was when it arrived: its partition, its key, its name and its line.
type Arrived = (usize, u64, Vec<u8>, Line);

/// The rows of a batch as they arrive.
fn arrived<N: Name>(batch: &Batch<'_>, form: Form) -> Vec<Arrived> {
    let mut found = Vec::new();
    let result =
        Scratch::default().scatter::<N>(batch, form, &Layout::default(), Extras::NONE, |partition, delivery| {
            delivery.for_each::<N>(|_, key, name, line| {
                found.push((partition, upper_key(partition) | key, name.to_vec(), line.unwrap()));
                Ok(())
            })
        });
    result.map(|()| found).unwrap()
}

#[test]
fn every_kept_row_arrives_once_in_the_order_of_its_partition() {
    let ids: Vec<i64> = (0..5_000).map(|i| i % 700 - 350).collect();
    let amounts: Vec<i64> = (0..5_000).collect();
    let days = vec![7; 5_000];
    let kept: Vec<bool> = (0..5_000).map(|i| i % 3 != 0).collect();
    let batch = Batch {
        ids: Ids::Integer(&ids),
        orders: None,
        has_order: None,
        days: &days,
        amounts: &amounts,
        kept: Some(&kept),
    };
    for form in [Form::Short, Form::Long] {
        let rows = arrived::<NoName>(&batch, form);
        assert!(rows.windows(2).all(|pair| pair[0].0 < pair[1].0 || pair[0].3.amount < pair[1].3.amount));
        let mut seen: Vec<(i64, i64)> =
            rows.iter().map(|(_, key, _, line)| (NoName::id(*key).cast_signed(), line.amount)).collect();
        seen.sort_by_key(|pair| pair.1);
        let expected: Vec<(i64, i64)> = (0..5_000).filter(|i| i % 3 != 0).map(|i| (i % 700 - 350, i)).collect();
        assert_eq!(seen, expected);
    }
}

#[test]
fn lines_that_do_not_fit_arrive_with_their_rows() {
    // Every third amount is too large for a short row, every seventh for any; every fifth day is before 1900.
    let ids: Vec<i64> = (0..3_000).map(|i| i % 40).collect();
    let amount = |i: i64| {
        if i % 7 == 0 {
            -(1 << 59) - i
        } else if i % 3 == 0 {
            (1 << 30) + i
        } else {
            i
        }
    };
    let amounts: Vec<i64> = (0..3_000).map(amount).collect();
    let days: Vec<i32> = (0..3_000).map(|i| if i % 5 == 0 { -30_000 - i } else { i }).collect();
    let orders: Vec<i64> = (0..3_000).map(|i| i / 4).collect();
    let mut batch =
        Batch { ids: Ids::Integer(&ids), orders: None, has_order: None, days: &days, amounts: &amounts, kept: None };
    for form in [Form::Short, Form::Long] {
        let mut rows = arrived::<NoName>(&batch, form);
        rows.sort_by_key(|row| (NoName::id(row.1), row.3.day));
        let mut expected: Vec<(u64, i32, i64)> =
            (0..3_000_usize).map(|i| (ids[i].cast_unsigned(), days[i], amounts[i])).collect();
        expected.sort_unstable();
        let found: Vec<(u64, i32, i64)> =
            rows.iter().map(|(_, key, _, line)| (NoName::id(*key), line.day, line.amount)).collect();
        assert_eq!(found, expected);
    }
    // Two lines of one order and day: the first does not fit, both together do.
    let (ids, days, amounts) = (vec![7; 4], vec![9; 4], [1 << 50, -(1 << 50) + 5, 1 << 50, 1 << 50]);
    let orders = &orders[..4];
    batch = Batch { ids: Ids::Integer(&ids), orders: Some(orders), days: &days, amounts: &amounts, ..batch };
    let rows = arrived::<NoName>(&batch, Form::Long);
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].3.amount, rows[0].3.lines, rows[0].3.is_lowered), ((1 << 51) + 5, 4, true));
    let two = Batch {
        ids: Ids::Integer(&ids[..2]),
        orders: Some(&orders[..2]),
        days: &days[..2],
        amounts: &amounts[..2],
        ..batch
    };
    assert_eq!(arrived::<NoName>(&two, Form::Long)[0].3.amount, 5);
}

#[test]
fn names_travel_beside_their_rows() {
    let texts: Vec<String> = (0..300_usize).map(|i| "x".repeat(i % 5 * (1 + i % 3 * 50)) + &i.to_string()).collect();
    let ids: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
    let amounts: Vec<i64> = (0..300).collect();
    let days = vec![0; 300];
    let batch =
        Batch { ids: Ids::Text(&ids), orders: None, has_order: None, days: &days, amounts: &amounts, kept: None };
    let mut seen = vec![false; 300];
    for (_, _, name, line) in arrived::<Span>(&batch, Form::Short) {
        let amount = usize::try_from(line.amount).unwrap();
        assert_eq!(name, ids[amount]);
        seen[amount] = true;
    }
    assert!(seen.iter().all(|seen| *seen));
}

/// As [`rows_of_days`], all of one day.
fn rows_of(orders: &[i64], has_order: Option<&[bool]>, kept: Option<&[bool]>) -> Vec<(u64, i64, i32, u32)> {
    rows_of_days(&vec![9; orders.len()], orders, has_order, kept)
}

/// The rows of a batch of one customer and these orders, as (order, amount, day, lines).
fn rows_of_days(
    days: &[i32],
    orders: &[i64],
    has_order: Option<&[bool]>,
    kept: Option<&[bool]>,
) -> Vec<(u64, i64, i32, u32)> {
    let count = orders.len();
    let (ids, names, amounts) = (vec![7; count], vec!["Ann".as_bytes(); count], vec![1; count]);
    let batch = |ids| Batch { ids, orders: Some(orders), has_order, days, amounts: &amounts, kept };
    let lines = |rows: Vec<Arrived>| -> Vec<_> {
        rows.into_iter().map(|(.., line)| (line.order, line.amount, line.day, line.lines)).collect()
    };
    let found = lines(arrived::<NoName>(&batch(Ids::Integer(&ids)), Form::Long));
    assert_eq!(found, lines(arrived::<Span>(&batch(Ids::Text(&names)), Form::Long)));
    found
}

#[test]
fn lines_of_one_order_that_lie_together_travel_as_one() {
    assert_eq!(rows_of(&[5, 5, 5, 6, 5], None, None), [(5, 3, 9, 3), (6, 1, 9, 1), (5, 1, 9, 1)]);
    // Rows without an order id are orders by themselves; a row left out parts its neighbours.
    let has_order = [true, true, false, false, true];
    let lone = rows_of(&[5; 5], Some(&has_order), None);
    assert_eq!(lone, [(5, 2, 9, 2), (0, 1, 9, 1), (0, 1, 9, 1), (5, 1, 9, 1)]);
    let kept = [true, false, true, true, true];
    assert_eq!(rows_of(&[5; 5], None, Some(&kept)), [(5, 1, 9, 1), (5, 3, 9, 3)]);
    // Lines of another day travel apart.
    let days = [9, 9, 8, 8, 9];
    let by_day = rows_of_days(&days, &[5; 5], None, None);
    assert_eq!(by_day, [(5, 2, 9, 2), (5, 2, 8, 2), (5, 1, 9, 1)]);
    // More lines than a row can count.
    let many: Vec<u32> = rows_of(&[5; 300], None, None).iter().map(|row| row.3).collect();
    assert_eq!(many, [64, 64, 64, 64, 44]);
}

#[test]
fn an_id_that_is_too_long_is_refused() {
    let long = vec![b'x'; LONGEST_NAME + 1];
    let lines =
        |name| Batch { ids: Ids::Text(name), orders: None, has_order: None, days: &[0], amounts: &[1], kept: None };
    let ids = [long.as_slice()];
    let scatter = |batch: &Batch<'_>| {
        Scratch::default().scatter::<Span>(batch, Form::Short, &Layout::default(), Extras::NONE, |_, _| Ok(()))
    };
    let refused = scatter(&lines(&ids));
    assert!(refused.unwrap_err().headline().contains("16777216 bytes"));
    let ids = [&long[1..]];
    let rows = arrived::<Span>(&lines(&ids), Form::Short);
    assert_eq!((rows[0].2.len(), rows[0].3.lines, rows[0].3.lone), (LONGEST_NAME, 1, true));
}
