//! Days of customers against a plain map, from rows in any order.

use std::collections::BTreeMap;

use super::*;
use crate::batch::Ids;
use crate::customers::key::{NoName, Span};

/// Rows of some customers over 90 days, about a third of them returns.
fn rows() -> (Vec<i64>, Vec<i32>, Vec<i64>) {
    let mut state = 7_u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((state >> 33) % below).unwrap()
    };
    (0..40_000).map(|_| (next(3_000) - 1_500, i32::try_from(next(90)).unwrap(), next(60) - 20)).fold(
        Default::default(),
        |(mut ids, mut days, mut amounts): (Vec<i64>, Vec<i32>, Vec<i64>), (id, day, amount)| {
            ids.push(id);
            days.push(day);
            amounts.push(amount);
            (ids, days, amounts)
        },
    )
}

type Book = BTreeMap<i64, Vec<(i32, i64)>>;

/// The days by the customers' places among `ids`, which stand for ids that ascend; none for those who are not there.
fn read<N: Name + std::fmt::Debug>(book: DayBook<N>, ids: &CustomerIds) -> (Book, usize) {
    type Seen = Vec<(Option<u32>, Vec<(i32, i64)>)>;
    let note = |state: &mut Seen, row: Option<u32>, days: &[Day]| {
        let bought: Vec<(i32, i64)> =
            days.iter().filter(|day| day.is_purchase()).map(|day| (day.day, day.amount)).collect();
        if !bought.is_empty() {
            state.push((row, bought));
        }
    };
    let (mut book_of, mut others) = (Book::new(), 0);
    let hand_over = |state: Seen| {
        for (row, days) in state {
            match row {
                Some(row) => assert!(book_of.insert(i64::from(row), days).is_none(), "{row} comes twice"),
                None => others += 1,
            }
        }
    };
    book.finish(2, ids, note, hand_over).unwrap();
    (book_of, others)
}

#[test]
fn the_days_are_those_of_a_map_whatever_the_order_of_rows() {
    let (ids, days, amounts) = rows();
    let mut sums: BTreeMap<(i64, i32), (i64, bool)> = BTreeMap::new();
    for ((id, day), amount) in ids.iter().zip(&days).zip(&amounts) {
        let (sum, has_return) = sums.entry((*id, *day)).or_default();
        *sum += amount;
        *has_return |= *amount < 0;
    }
    let mut expected = Book::new();
    let is_purchase = |sum: i64, has_return: bool| sum > 0 || (sum == 0 && !has_return);
    for ((id, day), (amount, _)) in sums.into_iter().filter(|(_, (sum, has_return))| is_purchase(*sum, *has_return)) {
        expected.entry(id).or_default().push((day, amount));
    }
    assert!(expected.len() > 2_000, "most have bought: {}", expected.len());
    // Every third id has no row in the table.
    let (known, unknown): (Vec<i64>, Vec<i64>) = (-1_500..1_500).partition(|id| id % 3 != 0);
    let others = unknown.iter().filter(|id| expected.contains_key(id)).count();
    let by_row = |known: &[i64]| -> Book {
        (0..).zip(known).filter_map(|(row, id)| Some((row, expected.get(id)?.clone()))).collect()
    };
    let batch =
        Batch { ids: Ids::Integer(&ids), orders: None, has_order: None, days: &days, amounts: &amounts, kept: None };
    let whole = DayBook::<NoName>::default();
    whole.add(&batch).unwrap();
    assert_eq!(read(whole, &CustomerIds::Integer(known.clone())), (by_row(&known), others));
    let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let names: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
    let batch = Batch { ids: Ids::Text(&names), ..batch };
    let in_pieces = DayBook::<Span>::default();
    for piece in (0..40).rev() {
        in_pieces.add(&batch.rows(piece * 1_000..(piece + 1) * 1_000)).unwrap();
    }
    let mut known: Vec<(String, i64)> = known.iter().map(|id| (id.to_string(), *id)).collect();
    known.sort();
    let (mut bytes, mut ends) = (Vec::new(), Vec::new());
    for (text, _) in &known {
        bytes.extend_from_slice(text.as_bytes());
        ends.push(bytes.len());
    }
    let known: Vec<i64> = known.into_iter().map(|(_, id)| id).collect();
    assert_eq!(read(in_pieces, &CustomerIds::Text { bytes, ends }), (by_row(&known), others));
}

/// Few customers with many rows: entries are joined again and again, and rows wait until there are enough of them.
#[test]
fn many_rows_of_few_customers_leave_one_entry_per_day() {
    let mut state = 3_u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((state >> 33) % below).unwrap()
    };
    // Each day comes about fifty times, first with one customer and then with two.
    for customers in [1_u64, 2] {
        let book = DayBook::<NoName>::default();
        let mut sums: BTreeMap<(i64, i32), i64> = BTreeMap::new();
        for _ in 0..50 {
            let ids: Vec<i64> = (0..2_000).map(|_| next(customers)).collect();
            let days: Vec<i32> = (0..2_000).map(|_| i32::try_from(next(2_000)).unwrap()).collect();
            let amounts: Vec<i64> = (0..2_000).map(|_| next(1_000) - 300).collect();
            let kept: Vec<bool> = (0..2_000).map(|_| next(10) > 0).collect();
            let ids_of_batch = Ids::Integer(&ids);
            let (days, amounts, kept) = (&days[..], &amounts[..], Some(&kept[..]));
            let batch = Batch { ids: ids_of_batch, orders: None, has_order: None, days, amounts, kept };
            book.add(&batch).unwrap();
            for row in (0..2_000).filter(|row| batch.is_kept(*row)) {
                *sums.entry((ids[row], days[row])).or_default() += amounts[row];
            }
        }
        let mut expected = Book::new();
        for ((id, day), amount) in sums.into_iter().filter(|(_, amount)| *amount > 0) {
            expected.entry(id).or_default().push((day, amount));
        }
        assert_eq!(read(book, &CustomerIds::Integer((0..2).collect())), (expected, 0));
    }
}

/// Rows that lie together are joined where customer and day agree, whatever lies between them that is not kept.
#[test]
fn rows_of_one_day_that_lie_together_travel_as_one() {
    let ids = [7, 7, 7, 7, 8, 7, 7];
    let names: Vec<&[u8]> = ids.iter().map(|id| if *id == 7 { &b"Ann"[..] } else { b"Bob" }).collect();
    let days = [5, 5, 6, 5, 5, 5, 5];
    let amounts = [1, 2, 4, 8, 16, 32, 64];
    let kept = [true, true, true, true, false, true, true];
    let runs = |ids, kept| {
        let batch = Batch { ids, orders: None, has_order: None, days: &days, amounts: &amounts, kept };
        let mut found = Vec::new();
        let deliver = |_, joined: &[runs::Run], _: &[u8]| {
            found.extend(joined.iter().map(|run| (runs::plain(run.day).0, run.amount)));
            Ok(())
        };
        Scratch::default().scatter::<Span>(&batch, deliver).unwrap();
        found.sort_unstable();
        found
    };
    for ids in [Ids::Integer(&ids), Ids::Text(&names)] {
        assert_eq!(runs(ids, Some(&kept)), [(5, 3), (5, 104), (6, 4)]);
        assert_eq!(runs(ids, None), [(5, 3), (5, 8), (5, 16), (5, 96), (6, 4)]);
    }
}
