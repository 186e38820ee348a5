//! Orders that the border of a batch may cut in two.
//!
//! An order's lines usually lie close together, but batches are cut anywhere and folded in any order, so that another
//! order of the same customer could come between two parts. The orders near a batch's borders are therefore set aside,
//! and folded as whole orders when all batches are in: some dozens of rows per batch.
//! Does not live here: orders whose lines really lie apart (`partition` notices them, `repair` settles them).

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Mutex;

use super::payload::texts::Arena;
use super::payload::{Extras, Layout};
use super::work::lock;
use crate::batch::{Batch, Ids, Line};
use crate::error::Result;
use crate::hashing::spread_bits;

/// Rows that are sorted by partition at a time: a whole batch of the engine, as a rule. Fewer would fit a core's
/// second-level cache, but then each partition is called for a few rows only, which costs more.
const ROWS_AT_ONCE: usize = 1 << 17;
/// Orders with a line among so many rows at a border may go on beyond it: lines of an order are taken to be mixed
/// with at most so many rows of others.
const BORDER_ROWS: usize = 64;
/// Further lines of these orders are looked for among so many rows.
const SEARCHED_ROWS: usize = 1024;
/// Some dozens of orders at a border hit few of so many bits.
const FILTER_BITS: usize = 2048;

/// The rows set aside: who, the line, and the number of the row among them.
#[derive(Debug, Default)]
pub struct Edges {
    integers: Vec<(i64, Line, usize)>,
    texts: Vec<(Vec<u8>, Line, usize)>,
    /// The payload of each row.
    words: Vec<u64>,
    long_texts: Arena,
}

impl Edges {
    /// Hands a batch over slice by slice, without the rows of orders that a border may cut: these are set aside.
    ///
    /// # Errors
    /// The first error of `add`.
    pub(super) fn without_cut_orders(
        edges: &Mutex<Self>,
        layout: &Layout,
        batch: &Batch<'_>,
        extras: Extras<'_>,
        add: impl Fn(&Batch<'_>, Extras<'_>) -> Result<()>,
    ) -> Result<()> {
        let count = batch.days.len();
        for start in (0..count).step_by(ROWS_AT_ONCE) {
            let rows = start..count.min(start + ROWS_AT_ONCE);
            let (batch, extras) = (batch.rows(rows.clone()), extras.rows(layout, rows));
            let aside = lock(edges).set_aside(&batch, layout, extras);
            if aside.is_empty() {
                add(&batch, extras)?;
                continue;
            }
            let mut kept = batch.kept.map_or_else(|| vec![true; batch.days.len()], <[bool]>::to_vec);
            for row in aside {
                kept[row] = false;
            }
            add(&Batch { kept: Some(&kept), ..batch }, extras)?;
        }
        Ok(())
    }

    /// Copies the rows of orders near the borders of a batch, and names them, for the batch to leave out.
    #[must_use]
    pub fn set_aside(&mut self, batch: &Batch<'_>, layout: &Layout, extras: Extras<'_>) -> Vec<usize> {
        let count = batch.days.len();
        let Some(orders) = batch.orders.filter(|_| count > 0) else { return Vec::new() };
        let middle = count / 2;
        let mut rows = near(orders, 0..BORDER_ROWS.min(middle), 0..SEARCHED_ROWS.min(middle));
        let (border, searched) = (count - BORDER_ROWS.min(count - middle), count - SEARCHED_ROWS.min(count - middle));
        rows.extend(near(orders, border..count, searched..count));
        for &row in rows.iter().filter(|row| batch.is_kept(**row)) {
            let number = self.integers.len() + self.texts.len();
            match batch.ids {
                Ids::Integer(ids) => self.integers.push((ids[row], batch.line(row), number)),
                Ids::Text(ids) => self.texts.push((ids[row].to_vec(), batch.line(row), number)),
            }
            let first = self.words.len();
            self.words.extend_from_slice(extras.rows(layout, row..row + 1).words);
            layout.move_texts(&mut self.words[first..], extras.texts, &mut self.long_texts);
        }
        rows
    }

    /// Hands the rows over, those of one order together.
    ///
    /// # Errors
    /// The error of `add`.
    pub fn with_whole_orders(
        mut self,
        layout: &Layout,
        add: impl Fn(&Batch<'_>, Extras<'_>) -> Result<()>,
    ) -> Result<()> {
        self.integers.sort_unstable_by_key(|(id, line, _)| (*id, line.order));
        self.texts.sort_unstable_by(|(a, line_a, _), (b, line_b, _)| a.cmp(b).then(line_a.order.cmp(&line_b.order)));
        let ids: Vec<i64> = self.integers.iter().map(|(id, ..)| *id).collect();
        let lines: Vec<(Line, usize)> = self.integers.iter().map(|(_, line, number)| (*line, *number)).collect();
        self.add_lines(Ids::Integer(&ids), &lines, layout, &add)?;
        let names: Vec<&[u8]> = self.texts.iter().map(|(name, ..)| name.as_slice()).collect();
        let lines: Vec<(Line, usize)> = self.texts.iter().map(|(_, line, number)| (*line, *number)).collect();
        self.add_lines(Ids::Text(&names), &lines, layout, &add)
    }

    fn add_lines(
        &self,
        ids: Ids<'_>,
        lines: &[(Line, usize)],
        layout: &Layout,
        add: impl Fn(&Batch<'_>, Extras<'_>) -> Result<()>,
    ) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let orders: Vec<i64> = lines.iter().map(|(line, _)| line.order.cast_signed()).collect();
        let has_order: Vec<bool> = lines.iter().map(|(line, _)| !line.lone).collect();
        let days: Vec<i32> = lines.iter().map(|(line, _)| line.day).collect();
        let amounts: Vec<i64> = lines.iter().map(|(line, _)| line.amount).collect();
        let all = Extras { words: &self.words, texts: &self.long_texts };
        let words = |(_, number): &(Line, usize)| all.rows(layout, *number..number + 1).words;
        let words: Vec<u64> = lines.iter().flat_map(words).copied().collect();
        let (orders, has_order) = (Some(orders.as_slice()), Some(has_order.as_slice()));
        let batch = Batch { ids, orders, has_order, days: &days, amounts: &amounts, kept: None };
        add(&batch, Extras { words: &words, ..all })
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
        let aside = edges.set_aside(&batch, &Layout::default(), Extras::NONE);
        // Of the first 64 rows, 0..40 end in 40..80 and 40..64 began in 0..24: rows 0..80 in all. Likewise at the end,
        // where rows 9936..10000 reach back to 9920.
        let expected: Vec<usize> = (0..80).chain(9_920..10_000).collect();
        assert_eq!(aside, expected);
        let result = edges.with_whole_orders(&Layout::default(), |whole, _| {
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
            let aside = |batch: &Batch<'_>| Edges::default().set_aside(batch, &Layout::default(), Extras::NONE);
            assert_eq!(aside(&batch), (0..count).collect::<Vec<_>>());
            batch.orders = None;
            assert!(aside(&batch).is_empty());
        }
    }
}
