//! One partition of the customers and their days: a table of customers, the runs waiting for it, and one entry per
//! customer and day.
//!
//! Does not live here: locks and threads (`days`), and which rows are runs (`runs`).

use super::super::chunks::Chunks;
use super::super::fold::Pool;
use super::super::key::Name;
use super::super::table::Table;
use super::Day;
use super::runs::{self, Run};
use crate::error::Result;

/// Runs that wait before they are noted, at least: 1024 partitions of them take 24 MiB.
const WAITING_RUNS: usize = 1024;
/// Entries for each further run that may wait: so many at a time that a partition's table, once fetched into the cache, is
/// used many times, however large it is.
const ENTRIES_PER_WAITING_RUN: usize = 4;
/// Entries of one customer and day are not joined before there are so many.
const ENTRIES_BEFORE_JOIN: usize = 4096;
/// Marks a customer who is not in the customers table.
const NOWHERE: u32 = u32::MAX;

/// What a customer brought on a day, as far as it is known.
#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    /// The customer's slot in the table of the partition.
    slot: u32,
    /// As in [`Run`].
    day: i32,
    amount: i64,
}

/// The customers of one partition and their days.
#[derive(Debug)]
pub(super) struct DayPartition<N> {
    table: Table<N, ()>,
    waiting: Vec<Run>,
    waiting_names: Vec<u8>,
    most_waiting: usize,
    entries: Chunks<Entry>,
    /// Entries are joined when there are so many.
    join_at: usize,
    /// Per slot the customer's row in the customers table, or [`NOWHERE`]; filled at the end.
    rows: Vec<u32>,
}

impl<N> Default for DayPartition<N> {
    fn default() -> Self {
        Self {
            table: Table::default(),
            waiting: Vec::new(),
            waiting_names: Vec::new(),
            most_waiting: WAITING_RUNS,
            entries: Chunks::default(),
            join_at: ENTRIES_BEFORE_JOIN,
            rows: Vec::new(),
        }
    }
}

/// Work space of one thread for the entries of one partition.
#[derive(Debug, Default)]
pub(super) struct JoinSpace {
    /// Per slot where its next entry goes, and afterwards where its entries end.
    ends: Vec<usize>,
    sorted: Vec<Entry>,
}

impl<N: Name> DayPartition<N> {
    /// Takes runs; they are noted when enough of them wait.
    ///
    /// # Errors
    /// A compute error where there are more customers than a partition can hold.
    pub(super) fn receive(&mut self, runs: &[Run], names: &[u8], spaces: &Pool<JoinSpace>) -> Result<()> {
        if self.waiting.len() + runs.len() > self.most_waiting {
            self.note_waiting(spaces)?;
            self.most_waiting = WAITING_RUNS.max(self.entries.len() / ENTRIES_PER_WAITING_RUN);
            self.waiting.reserve_exact(self.most_waiting);
        }
        self.waiting.extend_from_slice(runs);
        self.waiting_names.extend_from_slice(names);
        Ok(())
    }

    /// Notes what waits, and gives its room back: no more will come.
    ///
    /// # Errors
    /// As [`DayPartition::receive`].
    pub(super) fn settle(&mut self, spaces: &Pool<JoinSpace>) -> Result<()> {
        self.note_waiting(spaces)?;
        (self.waiting, self.waiting_names) = (Vec::new(), Vec::new());
        self.rows = vec![NOWHERE; self.table.customers.len()];
        Ok(())
    }

    #[expect(clippy::cast_possible_truncation, reason = "a table holds fewer than 2^22 customers")]
    fn note_waiting(&mut self, spaces: &Pool<JoinSpace>) -> Result<()> {
        let Self { table, waiting, waiting_names, entries, .. } = self;
        let mut last = Entry { slot: NOWHERE, ..Entry::default() };
        table.for_each_row(
            waiting,
            waiting_names,
            |()| 0,
            |table, run, name, likely| {
                let slot = table.find_or_add_from(likely, run.id, name)? as u32;
                if slot == last.slot && run.day == last.day {
                    last.amount = last.amount.wrapping_add(run.amount);
                    return Ok(());
                }
                if last.slot != NOWHERE {
                    entries.push(last);
                }
                last = Entry { slot, day: run.day, amount: run.amount };
                Ok(())
            },
        )?;
        if last.slot != NOWHERE {
            entries.push(last);
        }
        waiting.clear();
        waiting_names.clear();
        if entries.len() >= self.join_at {
            spaces.with(|space| self.join(space));
        }
        Ok(())
    }

    /// Makes one entry of all entries of a customer's day, in the order of customers and days. Where hardly any have become
    /// one, the next time is later.
    fn join(&mut self, space: &mut JoinSpace) {
        let before = self.entries.len();
        space.sort(&std::mem::take(&mut self.entries), self.table.customers.len());
        space.for_each_customer(|_, entries| entries.iter().for_each(|entry| self.entries.push(*entry)));
        let left = self.entries.len();
        self.join_at = if (before - left) * 8 < before { left * 4 } else { left + left / 2 }.max(ENTRIES_BEFORE_JOIN);
    }

    /// Notes the rows of the customers table that some of the customers have: of each run the customer, and the row in place
    /// of the amount.
    pub(super) fn number(&mut self, runs: &[Run], names: &[u8]) -> Result<()> {
        let table_rows = &mut self.rows;
        self.table.for_each_row(
            runs,
            names,
            |()| 0,
            |table, run, name, likely| {
                if let Some(slot) = table.find_from(likely, run.id, name) {
                    table_rows[slot] = u32::try_from(run.amount).unwrap_or(NOWHERE);
                }
                Ok(())
            },
        )
    }

    /// Hands every customer to `work`: their row in the customers table, if they have one, and their days.
    pub(super) fn finish(mut self, space: &mut JoinSpace, mut work: impl FnMut(Option<u32>, &[Day])) {
        space.sort(&std::mem::take(&mut self.entries), self.table.customers.len());
        let mut days = Vec::new();
        space.for_each_customer(|slot, entries| {
            days.clear();
            days.extend(entries.iter().map(|entry| {
                let (day, has_return) = runs::plain(entry.day);
                Day { day, amount: entry.amount, has_return }
            }));
            let row = self.rows.get(slot).copied();
            work(row.filter(|row| *row != NOWHERE), &days);
        });
    }
}

impl JoinSpace {
    /// Puts the entries into the order of their customers: they are counted into their places, since slots are few.
    fn sort(&mut self, entries: &Chunks<Entry>, customers: usize) {
        self.ends.clear();
        self.ends.resize(customers + 1, 0);
        for entry in entries.iter() {
            self.ends[entry.slot as usize + 1] += 1;
        }
        for slot in 0..customers {
            self.ends[slot + 1] += self.ends[slot];
        }
        if self.sorted.len() < entries.len() {
            self.sorted.resize(entries.len(), Entry::default());
        }
        for entry in entries.iter() {
            let next = &mut self.ends[entry.slot as usize];
            self.sorted[*next] = *entry;
            *next += 1;
        }
        self.ends.pop();
    }

    /// Hands over each customer's entries, one per day, in the order of days. What is left to be sorted are the few days of each.
    fn for_each_customer(&mut self, mut work: impl FnMut(usize, &[Entry])) {
        let mut start = 0;
        for (slot, &end) in self.ends.iter().enumerate() {
            let own = &mut self.sorted[start..end];
            start = end;
            let mut days = own.len();
            if !own.is_sorted_by(|a, b| runs::plain(a.day).0 < runs::plain(b.day).0) {
                own.sort_unstable_by_key(|entry| entry.day);
                days = join_days(own);
            }
            work(slot, &own[..days]);
        }
    }
}

/// Sums the entries of each day into one, at the front of the list, and says how many there are. Sums wrap.
fn join_days(entries: &mut [Entry]) -> usize {
    let mut last = 0;
    for next in 1..entries.len() {
        let entry = entries[next];
        if runs::plain(entries[last].day).0 == runs::plain(entry.day).0 {
            entries[last].amount = entries[last].amount.wrapping_add(entry.amount);
            entries[last].day |= entry.day;
        } else {
            last += 1;
            entries[last] = entry;
        }
    }
    (last + 1).min(entries.len())
}
