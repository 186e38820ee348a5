//! Orders that the border of a batch may cut in two.
//!
//! An order's lines usually lie together, but batches are cut anywhere and folded in any order, so that another order
//! of the same customer could come between the two halves. The first and the last order of every batch are therefore
//! set aside, and folded as whole orders when all batches are in: a handful of rows per batch.
//! Does not live here: orders whose lines really lie apart (`partition` notices them, `repair` settles them).

use std::ops::Range;

use super::accumulator::Line;
use super::scatter::{Batch, Ids};
use crate::error::Result;

/// The rows set aside.
#[derive(Debug, Default)]
pub struct Edges {
    integers: Vec<(i64, Line)>,
    texts: Vec<(Vec<u8>, Line)>,
}

impl Edges {
    /// Sets the first and the last order of a batch aside; the rows between them remain.
    pub fn set_aside(&mut self, batch: &Batch<'_>) -> Range<usize> {
        let count = batch.days.len();
        let Some(orders) = batch.orders.filter(|_| count > 0) else {
            return 0..count;
        };
        let is_same = |row: usize, of: usize| orders[row] == orders[of] && same_customer(batch.ids, row, of);
        let head = (0..count).take_while(|row| is_same(*row, 0)).count();
        let tail = (head..count).rev().take_while(|row| is_same(*row, count - 1)).count();
        let inner = head..count - tail;
        for row in (0..head).chain(inner.end..count).filter(|row| batch.is_kept(*row)) {
            match batch.ids {
                Ids::Integer(ids) => self.integers.push((ids[row], batch.line(row))),
                Ids::Text(ids) => self.texts.push((ids[row].to_vec(), batch.line(row))),
            }
        }
        inner
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

fn same_customer(ids: Ids<'_>, row: usize, of: usize) -> bool {
    match ids {
        Ids::Integer(ids) => ids[row] == ids[of],
        Ids::Text(ids) => ids[row] == ids[of],
    }
}

fn add_lines(
    ids: Ids<'_>,
    lines: impl ExactSizeIterator<Item = Line> + Clone,
    add: impl Fn(&Batch<'_>) -> Result<()>,
) -> Result<()> {
    if lines.len() == 0 {
        return Ok(());
    }
    let orders: Vec<u64> = lines.clone().map(|line| line.order).collect();
    let has_order: Vec<bool> = lines.clone().map(|line| !line.lone).collect();
    let days: Vec<i32> = lines.clone().map(|line| line.day).collect();
    let amounts: Vec<i64> = lines.map(|line| line.amount).collect();
    add(&Batch { ids, orders: Some(&orders), has_order: Some(&has_order), days: &days, amounts: &amounts, kept: None })
}
