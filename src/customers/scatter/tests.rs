//! Rows on their way to their partitions, with and without what they carry.

use super::*;
use crate::customers::key::{NoName, Span};

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
    let mut seen = Vec::new();
    let result = Scratch::default().scatter::<NoName>(&batch, |_, rows, _| {
        assert!(rows.windows(2).all(|pair| pair[0].line().amount < pair[1].line().amount));
        seen.extend(rows.iter().map(|row| (row.id.cast_signed(), row.line().amount)));
        Ok(())
    });
    assert!(result.is_ok());
    seen.sort_by_key(|pair| pair.1);
    let expected: Vec<(i64, i64)> = (0..5_000).filter(|i| i % 3 != 0).map(|i| (i % 700 - 350, i)).collect();
    assert_eq!(seen, expected);
}

#[test]
fn names_travel_beside_their_rows() {
    let texts: Vec<String> = (0..300_usize).map(|i| "x".repeat(i % 5) + &i.to_string()).collect();
    let ids: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
    let amounts: Vec<i64> = (0..300).collect();
    let days = vec![0; 300];
    let batch =
        Batch { ids: Ids::Text(&ids), orders: None, has_order: None, days: &days, amounts: &amounts, kept: None };
    let mut seen = vec![false; 300];
    let result = Scratch::default().scatter::<Span>(&batch, |_, rows, names| {
        let mut start = 0;
        for row in rows {
            let amount = usize::try_from(row.line().amount).unwrap();
            assert_eq!(&names[start..start + row.name_length()], ids[amount]);
            start += row.name_length();
            seen[amount] = true;
        }
        Ok(())
    });
    assert!(result.is_ok());
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
    let collect = |batch: &Batch<'_>| {
        let mut found = Vec::new();
        let result = Scratch::default().scatter::<Span>(batch, |_, rows, _| {
            let lines = rows.iter().map(Row::line);
            found.extend(lines.map(|line| (line.order, line.amount, line.day, line.lines)));
            Ok(())
        });
        result.map(|()| found).unwrap()
    };
    let found = collect(&batch(Ids::Integer(&ids)));
    assert_eq!(found, collect(&batch(Ids::Text(&names))));
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
    let refused = Scratch::default().scatter::<Span>(&lines(&ids), |_, _, _| Ok(()));
    assert!(refused.unwrap_err().headline().contains("16777216 bytes"));
    let ids = [&long[1..]];
    let lengths = |_, rows: &[Row], _: &[u8]| {
        assert_eq!((rows[0].name_length(), rows[0].line().lines, rows[0].line().lone), (LONGEST_NAME, 1, true));
        Ok(())
    };
    Scratch::default().scatter::<Span>(&lines(&ids), lengths).unwrap();
}
