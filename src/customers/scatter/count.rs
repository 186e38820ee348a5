//! The first pass of a batch: the partition of every row, which rows join others, and how much each partition gets.
//!
//! Does not live here: where rows go by that (`scatter`).

use super::joins::Joins;
use super::{JOINED, NOBODY, Scratch};
use crate::batch::{Batch, Ids};
use crate::customers::key::{LONGEST_NAME, Name, space_of};
use crate::customers::row::KEY_BITS;
use crate::error::{Error, Result};
use crate::hashing::hash_text;

impl Scratch {
    /// First pass: the partition of every row, and how much each partition gets.
    pub(super) fn count<N: Name>(&mut self, batch: &Batch<'_>) -> Result<()> {
        let borders = usize::from(NOBODY) + 2;
        self.row_cursor.clear();
        self.row_cursor.resize(borders, 0);
        self.name_cursor.clear();
        self.name_cursor.resize(borders, 0);
        self.partition_of.clear();
        self.hashes.clear();
        match batch.ids {
            Ids::Integer(ids) => self.count_integers::<N>(batch, ids),
            Ids::Text(ids) => self.count_texts::<N>(batch, ids)?,
        }
        for partition in 0..borders - 1 {
            self.row_cursor[partition + 1] += self.row_cursor[partition];
            self.name_cursor[partition + 1] += self.name_cursor[partition];
        }
        Ok(())
    }

    fn count_integers<N: Name>(&mut self, batch: &Batch<'_>, ids: &[i64]) {
        // What a batch lacks is decided once, not per row.
        match (batch.orders, batch.has_order, batch.kept) {
            (None, _, None) => self.count_each::<N>(ids, |_| true, |_, _, _| false),
            (None, _, Some(kept)) => self.count_each::<N>(ids, |row| kept[row], |_, _, _| false),
            (Some(orders), None, None) => {
                let mut joins = Joins::new(&orders[..ids.len()], &batch.days[..ids.len()]);
                self.count_each::<N>(ids, |_| true, |row, _, is_same_id| joins.joins(row, true, is_same_id));
            }
            (Some(orders), None, Some(kept)) => {
                let kept = &kept[..ids.len()];
                let mut joins = Joins::new(&orders[..ids.len()], &batch.days[..ids.len()]);
                let joins = |row, is_kept, is_same_id| joins.joins(row, is_kept, is_same_id);
                self.count_each::<N>(ids, |row| kept[row], joins);
            }
            (Some(orders), has_order, _) => {
                let mut joins = Joins::new(orders, batch.days);
                let has_order = |row: usize| has_order.is_none_or(|has_order| has_order[row]);
                let joins = |row, is_kept, is_same_id| joins.joins(row, is_kept & has_order(row), is_same_id);
                self.count_each::<N>(ids, |row| batch.is_kept(row), joins);
            }
        }
    }

    #[inline]
    fn count_each<N: Name>(
        &mut self,
        ids: &[i64],
        is_kept: impl Fn(usize) -> bool,
        mut joins: impl FnMut(usize, bool, bool) -> bool,
    ) {
        let counts = &mut self.row_cursor;
        let mut last = 0;
        self.partition_of.extend(ids.iter().enumerate().map(|(row, &id)| {
            let is_kept = is_kept(row);
            let has_joined = joins(row, is_kept, id == last);
            last = id;
            count_row(is_kept, has_joined, N::key(id.cast_unsigned()), counts)
        }));
    }

    fn count_texts<N: Name>(&mut self, batch: &Batch<'_>, ids: &[&[u8]]) -> Result<()> {
        let mut joins = batch.orders.map(|orders| Joins::new(orders, batch.days));
        let has_order = |row: usize| batch.has_order.is_none_or(|has_order| has_order[row]);
        let (mut hash, mut last): (u64, &[u8]) = (0, &[]);
        for (row, &id) in ids.iter().enumerate() {
            let is_kept = batch.is_kept(row);
            let is_same_id = row > 0 && last == id;
            if !is_same_id {
                (hash, last) = (hash_text(id), id);
            }
            let is_line = is_kept && has_order(row);
            let has_joined = joins.as_mut().is_some_and(|joins| joins.joins(row, is_line, is_same_id));
            let partition = count_row(is_kept, has_joined, N::key(hash), &mut self.row_cursor);
            if partition < NOBODY {
                self.name_cursor[usize::from(partition) + 1] += space_of(id);
                if id.len() > LONGEST_NAME {
                    return Err(id_too_long(id.len()));
                }
            }
            self.hashes.push(hash);
            self.partition_of.push(partition);
        }
        Ok(())
    }
}

/// The partition of a row, marked where it has joined the one before, and counted where not.
#[inline]
#[allow(clippy::cast_possible_truncation)]
fn count_row(is_kept: bool, has_joined: bool, key: u64, counts: &mut [usize]) -> u16 {
    let partition = (key >> KEY_BITS) as u16;
    let partition = if is_kept { partition } else { NOBODY };
    counts[usize::from(partition) + 1] += usize::from(!has_joined);
    partition | if has_joined { JOINED } else { 0 }
}

fn id_too_long(length: usize) -> Error {
    Error::compute(format!("a customer id has {length} bytes, expected at most {LONGEST_NAME}"))
        .hint("map `customer_id` to the column that holds ids; texts of that size are something else")
}
