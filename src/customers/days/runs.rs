//! Rows on their way to the days of their customers: those of one customer and day that lie together travel as one run.
//!
//! Lives here: joining the rows of a batch, and sorting the runs by the partitions of their customers. Orders mostly have
//! their lines together, so that there are as many runs as orders. Does not live here: what becomes of runs (`partition`).

use super::super::key::Name;
use super::super::scatter::PARTITIONS;
use super::super::table::Keyed;
use crate::batch::{Batch, Ids};
use crate::error::Result;
use crate::hashing::hash_text;

/// log2 of [`PARTITIONS`].
const PARTITION_BITS: u32 = PARTITIONS.trailing_zeros();

/// Rows of one customer and one day, 24 bytes. The bytes of a text id travel apart, in the order of the runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Run {
    /// The integer id's bits, or the hash of the text id.
    pub(super) id: u64,
    /// The sum of the rows, minor units.
    pub(super) amount: i64,
    /// The day and whether a row is below zero, by [`marked`].
    pub(super) day: i32,
    /// Bytes of the text id; 0 for integer ids.
    pub(super) name_length: u32,
}

/// A day with a mark for returns in its lowest bit: days of the calendar leave it free.
const fn marked(day: i32, has_return: bool) -> i32 {
    (day << 1) | has_return as i32
}

/// The day since 1970-01-01, and the mark.
pub(super) const fn plain(marked: i32) -> (i32, bool) {
    (marked >> 1, marked & 1 == 1)
}

impl Keyed for Run {
    #[inline]
    fn id(&self) -> u64 {
        self.id
    }

    #[inline]
    fn name_length(&self) -> usize {
        self.name_length as usize
    }
}

/// Work space of one thread, reused from batch to batch.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// In the order of the batch.
    runs: Vec<Run>,
    partition_of: Vec<u16>,
    /// The first row of each run, where ids are texts.
    first_rows: Vec<usize>,
    /// Runs and bytes of names per partition: first counts, then where the next one goes.
    run_cursor: Vec<usize>,
    name_cursor: Vec<usize>,
    /// In the order of the partitions.
    sorted: Vec<Run>,
    names: Vec<u8>,
}

impl Scratch {
    /// Joins the kept rows of a batch and hands each partition its runs and their names. Sums wrap.
    ///
    /// # Errors
    /// The first error of `deliver`.
    pub(super) fn scatter<N: Name>(
        &mut self,
        batch: &Batch<'_>,
        deliver: impl FnMut(usize, &[Run], &[u8]) -> Result<()>,
    ) -> Result<()> {
        self.clear();
        match batch.ids {
            Ids::Integer(ids) => {
                self.join::<N>(batch, |a, b| ids[a] == ids[b], |row| (ids[row].cast_unsigned(), 0));
            }
            Ids::Text(ids) => {
                self.join::<N>(batch, |a, b| ids[a] == ids[b], |row| (hash_text(ids[row]), ids[row].len()));
            }
        }
        self.sort(batch.ids);
        self.deliver(deliver)
    }

    fn clear(&mut self) {
        self.runs.clear();
        self.partition_of.clear();
        self.first_rows.clear();
        for cursor in [&mut self.run_cursor, &mut self.name_cursor] {
            cursor.clear();
            cursor.resize(PARTITIONS + 1, 0);
        }
    }

    /// First pass: the runs, and how many of them each partition gets. `id` gives the id of a row and the length of its name.
    fn join<N: Name>(
        &mut self,
        batch: &Batch<'_>,
        is_same: impl Fn(usize, usize) -> bool,
        id: impl Fn(usize) -> (u64, usize),
    ) {
        let mut current: Option<(usize, i32, i64)> = None;
        for row in 0..batch.days.len() {
            if !batch.is_kept(row) {
                continue;
            }
            let (day, amount) = (marked(batch.days[row], batch.amounts[row] < 0), batch.amounts[row]);
            match &mut current {
                Some((first, own, sum)) if plain(*own).0 == plain(day).0 && is_same(*first, row) => {
                    *sum = sum.wrapping_add(amount);
                    *own |= day;
                }
                _ => {
                    if let Some((first, day, amount)) = current.replace((row, day, amount)) {
                        self.push::<N>(first, id(first), day, amount);
                    }
                }
            }
        }
        if let Some((first, day, amount)) = current {
            self.push::<N>(first, id(first), day, amount);
        }
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the highest 10 bits; a text of 4 GiB fits no column")]
    fn push<N: Name>(&mut self, first_row: usize, (id, name_length): (u64, usize), day: i32, amount: i64) {
        let partition = (N::spread(id) >> (u64::BITS - PARTITION_BITS)) as u16;
        self.run_cursor[usize::from(partition) + 1] += 1;
        if name_length > 0 {
            self.name_cursor[usize::from(partition) + 1] += name_length;
        }
        self.first_rows.push(first_row);
        self.partition_of.push(partition);
        self.runs.push(Run { id, amount, day, name_length: name_length as u32 });
    }

    /// Second pass: every run, and its name, to its partition. Afterwards a cursor stands at its partition's end.
    fn sort(&mut self, ids: Ids<'_>) {
        for partition in 0..PARTITIONS {
            self.run_cursor[partition + 1] += self.run_cursor[partition];
            self.name_cursor[partition + 1] += self.name_cursor[partition];
        }
        grow(&mut self.sorted, self.runs.len());
        grow(&mut self.names, self.name_cursor[PARTITIONS]);
        for (run, partition) in self.runs.iter().zip(&self.partition_of) {
            let cursor = &mut self.run_cursor[usize::from(*partition)];
            self.sorted[*cursor] = *run;
            *cursor += 1;
        }
        if let Ids::Text(ids) = ids {
            for (first_row, partition) in self.first_rows.iter().zip(&self.partition_of) {
                let (name, cursor) = (ids[*first_row], &mut self.name_cursor[usize::from(*partition)]);
                self.names[*cursor..*cursor + name.len()].copy_from_slice(name);
                *cursor += name.len();
            }
        }
    }

    fn deliver(&self, mut deliver: impl FnMut(usize, &[Run], &[u8]) -> Result<()>) -> Result<()> {
        let (mut run, mut name) = (0, 0);
        for partition in 0..PARTITIONS {
            let (run_end, name_end) = (self.run_cursor[partition], self.name_cursor[partition]);
            if run_end > run {
                deliver(partition, &self.sorted[run..run_end], &self.names[name..name_end])?;
            }
            (run, name) = (run_end, name_end);
        }
        Ok(())
    }
}

fn grow<T: Clone + Default>(list: &mut Vec<T>, length: usize) {
    if list.len() < length {
        list.resize(length, T::default());
    }
}
