//! Orders that the border of a batch may cut in two.
//!
//! An order's lines usually lie close together, but batches are cut anywhere and folded in any order, so that another
//! order of the same customer could come between two parts. The orders near a batch's borders are therefore set aside,
//! and folded as whole orders when all batches are in: some dozens of rows per batch.
//! Does not live here: orders whose lines really lie apart (`partition` notices them, `repair` settles them).

use std::collections::HashSet;
use std::ops::Range;

use crate::batch::Line;
use crate::batch::{Batch, Ids};
use crate::error::Result;
use crate::hashing::spread_bits;

/// Orders with a line among so many rows at a border may go on beyond it: lines of an order are taken to be mixed
/// with at most so many rows of others.
const BORDER_ROWS: usize = 64;
/// Further lines of these orders are looked for among so many rows.
const SEARCHED_ROWS: usize = 1024;
/// Some dozens of orders at a border hit few of so many bits.
const FILTER_BITS: usize = 2048;

/// The rows set aside.
#[derive(Debug, Default)]
pub struct Edges {
    integers: Vec<(i64, Line)>,
    texts: Vec<(Vec<u8>, Line)>,
}

impl Edges {
    /// Copies the rows of orders near the borders of a batch, and names them, for the batch to leave out.
    #[must_use]
    pub fn set_aside(&mut self, batch: &Batch<'_>) -> Vec<usize> {
        let count = batch.days.len();
        let Some(orders) = batch.orders.filter(|_| count > 0) else { return Vec::new() };
        let middle = count / 2;
        let mut rows = near(orders, 0..BORDER_ROWS.min(middle), 0..SEARCHED_ROWS.min(middle));
        let (border, searched) = (count - BORDER_ROWS.min(count - middle), count - SEARCHED_ROWS.min(count - middle));
        rows.extend(near(orders, border..count, searched..count));
        for &row in rows.iter().filter(|row| batch.is_kept(**row)) {
            match batch.ids {
                Ids::Integer(ids) => self.integers.push((ids[row], batch.line(row))),
                Ids::Text(ids) => self.texts.push((ids[row].to_vec(), batch.line(row))),
            }
        }
        rows
    }

    /// Hands the rows over, those of one order together.
    ///
    /// # Errors
    /// The error of `add`.
    pub fn with_whole_orders(mut self, add: impl Fn(&Batch<'_>) -> Result<()>) -> Result<()> {
        self.integers.sort_unstable_by_key(|(id, line)| (*id, line.order));
        self.texts.sort_unstable_by(|(a, line_a), (b, line_b)| a.cmp(b).then(line_a.order.cmp(&line_b.order)));
        let ids: Vec<i64> = self.integers.iter().map(|(id, _)| *id).collect();
        add_lines(Ids::Integer(&ids), self.integers.iter().map(|(_, line)| *line), &add)?;
        let names: Vec<&[u8]> = self.texts.iter().map(|(name, _)| name.as_slice()).collect();
        add_lines(Ids::Text(&names), self.texts.iter().map(|(_, line)| *line), &add)
    }
}

#[allow(clippy::cast_possible_truncation)]
fn bit_of(order: i64) -> usize {
    spread_bits(order.cast_unsigned()) as usize % FILTER_BITS
}

/// The rows of `searched` that belong to orders with a row in `border`.
fn near(orders: &[i64], border: Range<usize>, searched: Range<usize>) -> Vec<usize> {
    let at_border: HashSet<i64> = orders[border].iter().copied().collect();
    // A bit per hash says of nearly every row that it is none of them, without a look at the set.
    let mut filter = [false; FILTER_BITS];
    for order in &at_border {
        filter[bit_of(*order)] = true;
    }
    searched.filter(|row| filter[bit_of(orders[*row])] && at_border.contains(&orders[*row])).collect()
}

fn add_lines(
    ids: Ids<'_>,
    lines: impl ExactSizeIterator<Item = Line> + Clone,
    add: impl Fn(&Batch<'_>) -> Result<()>,
) -> Result<()> {
    if lines.len() == 0 {
        return Ok(());
    }
    let orders: Vec<i64> = lines.clone().map(|line| line.order.cast_signed()).collect();
    let has_order: Vec<bool> = lines.clone().map(|line| !line.lone).collect();
    let days: Vec<i32> = lines.clone().map(|line| line.day).collect();
    let amounts: Vec<i64> = lines.map(|line| line.amount).collect();
    add(&Batch { ids, orders: Some(&orders), has_order: Some(&has_order), days: &days, amounts: &amounts, kept: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_that_touch_a_border_are_set_aside_with_their_lines_farther_in() {
        // 10,000 rows of orders of two lines, the second 40 rows after the first: row i and i + 40.
        let orders: Vec<i64> = (0..10_000_i64).map(|row| if row / 40 % 2 == 0 { row } else { row - 40 }).collect();
        let ids: Vec<i64> = orders.clone();
        let batch = Batch {
            ids: Ids::Integer(&ids),
            orders: Some(&orders),
            has_order: None,
            days: &vec![0; 10_000],
            amounts: &vec![1; 10_000],
            kept: None,
        };
        let mut edges = Edges::default();
        let aside = edges.set_aside(&batch);
        // Of the first 64 rows, 0..40 end in 40..80 and 40..64 began in 0..24: rows 0..80 in all. Likewise at the end,
        // where rows 9936..10000 reach back to 9920.
        let expected: Vec<usize> = (0..80).chain(9_920..10_000).collect();
        assert_eq!(aside, expected);
        let result = edges.with_whole_orders(|whole| {
            let orders = whole.orders.unwrap();
            assert!(orders.chunks(2).all(|pair| pair[0] == pair[1]), "{orders:?}");
            Ok(())
        });
        assert!(result.is_ok());
    }

    #[test]
    fn small_batches_and_batches_without_orders_are_fine() {
        for count in 0..5 {
            let (ids, orders) = (vec![7; count], vec![3; count]);
            let (days, amounts) = (vec![0; count], vec![1; count]);
            let mut batch = Batch {
                ids: Ids::Integer(&ids),
                orders: Some(&orders),
                has_order: None,
                days: &days,
                amounts: &amounts,
                kept: None,
            };
            assert_eq!(Edges::default().set_aside(&batch), (0..count).collect::<Vec<_>>());
            batch.orders = None;
            assert!(Edges::default().set_aside(&batch).is_empty());
        }
    }
}
