//! The log of closed orders: what tells whether an order came back, and which days a customer bought on.
//!
//! Ten bytes per order, and none for customers with a single one. Does not live here: the accumulators it settles.

use std::sync::Arc;

use super::accumulator::Closed;
use super::spill_list::SpillList;
use super::table::PLACE_BITS;
use crate::error::Result;
use crate::hashing::spread_bits;
use crate::spill::SpillFile;

/// An entry: 22 bits of the customer's place, 42 bits of the closed order's identity.
const ORDER_BITS: u32 = u64::BITS - PLACE_BITS;

/// Days are kept in 16 bits, counted from 1900-01-01 (day -25,567): enough until 2079.
const FIRST_DAY: i32 = -25_567;
/// The day of an order that is no purchase.
const NO_PURCHASE: u16 = u16::MAX;
/// A day that 16 bits cannot hold.
const FAR_DAY: u16 = u16::MAX - 1;

/// Which orders go into the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kept {
    /// All of them.
    #[default]
    All,
    /// None: where each row is an order there would be too many.
    None,
}

/// The log of one partition.
#[derive(Debug, Default)]
pub struct Log {
    kept: Kept,
    entries: SpillList<u64>,
    days: SpillList<u16>,
    /// Orders without an id get a number of their own.
    lone: u64,
    has_ids: bool,
}

impl Log {
    /// An empty log.
    #[must_use]
    pub fn new(kept: Kept) -> Self {
        Self { kept, ..Self::default() }
    }

    /// Whether orders are logged.
    #[inline]
    #[must_use]
    pub const fn is_kept(&self) -> bool {
        matches!(self.kept, Kept::All)
    }

    /// Notes an order of the customer at `place`.
    #[inline(always)]
    #[allow(
        clippy::inline_always,
        reason = "called for nearly every row, and where each is an order there is nothing to do"
    )]
    pub fn push(&mut self, place: usize, closed: Closed) {
        if self.is_kept() {
            self.push_kept(place, closed);
        }
    }

    fn push_kept(&mut self, place: usize, closed: Closed) {
        self.has_ids |= closed.order.id.is_some();
        let order = closed.order.id.map_or_else(
            || {
                self.lone += 1;
                // Complemented, lest it meets the id of an order.
                !spread_bits(self.lone)
            },
            spread_bits,
        );
        self.entries.push((place as u64) << ORDER_BITS | order >> PLACE_BITS);
        self.days.push(closed.day().map_or(NO_PURCHASE, short_day));
    }

    /// The places of customers with an order that came back after it was closed.
    ///
    /// Two orders whose 42 logged bits agree look like one that came back: such a customer is done again for
    /// nothing, which is slower but not wrong.
    ///
    /// # Errors
    /// A write error where what was spilled cannot be read back.
    pub fn orders_that_came_back(&self) -> Result<Vec<u32>> {
        if !self.has_ids {
            return Ok(Vec::new());
        }
        let mut suspects = suspects(&self.entries)?;
        suspects.sort_unstable();
        let mut places: Vec<u32> =
            suspects.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| place_of(pair[0])).collect();
        places.dedup();
        Ok(places)
    }

    /// Bytes of memory that spilling frees.
    pub(super) fn held_bytes(&self) -> usize {
        self.entries.held_bytes() + self.days.held_bytes()
    }

    /// Moves the log to disk.
    pub(super) fn spill(&mut self, file: &Arc<SpillFile>) -> Result<()> {
        self.entries.spill(file)?;
        self.days.spill(file)
    }

    /// The places that `is_asked`, each with its number of distinct days from `window_start` on; without those whose days are
    /// not all known. None where the log is not kept.
    ///
    /// # Errors
    /// A write error where what was spilled cannot be read back.
    pub fn days_of(&self, window_start: i32, is_asked: impl Fn(usize) -> bool) -> Result<Option<Vec<(usize, u32)>>> {
        if self.kept == Kept::None {
            return Ok(None);
        }
        let mut days = self.asked_days(is_asked)?;
        days.sort_unstable();
        days.dedup();
        let counted = days.chunk_by(|a, b| a.0 == b.0).filter(|days| days.iter().all(|(_, day)| *day != FAR_DAY));
        let is_counted = |day: u16| day != NO_PURCHASE && i32::from(day) + FIRST_DAY >= window_start;
        let distinct = |days: &[(u32, u16)]| days.iter().filter(|(_, day)| is_counted(*day)).count();
        #[allow(clippy::cast_possible_truncation)]
        Ok(Some(counted.map(|days| (days[0].0 as usize, distinct(days) as u32)).collect()))
    }

    /// The place and the day of each order of the customers who are asked for.
    fn asked_days(&self, is_asked: impl Fn(usize) -> bool) -> Result<Vec<(u32, u16)>> {
        let (mut numbers, mut days) = (Vec::new(), Vec::new());
        let mut number = 0;
        self.entries.for_each(|entry| {
            let place = place_of(entry);
            if is_asked(place as usize) {
                numbers.push(number);
                days.push((place, 0));
            }
            number += 1;
        })?;
        let (mut number, mut next) = (0, 0);
        self.days.for_each(|day| {
            if numbers.get(next) == Some(&number) {
                days[next].1 = day;
                next += 1;
            }
            number += 1_usize;
        })?;
        Ok(days)
    }
}

fn short_day(day: i32) -> u16 {
    u16::try_from(day - FIRST_DAY).unwrap_or(FAR_DAY).min(FAR_DAY)
}

#[allow(clippy::cast_possible_truncation)]
fn place_of(entry: u64) -> u32 {
    (entry >> ORDER_BITS) as u32
}

/// Entries that may occur twice, so that hardly anything remains to be sorted.
///
/// A first walk sets one of many bits per entry and remembers the bits that were hit twice; a second keeps the
/// entries of those bits. Equal entries hit the same bit: none of them is lost.
fn suspects(entries: &SpillList<u64>) -> Result<Vec<u64>> {
    let bits = (entries.len() * 16).next_power_of_two().max(64);
    let mut hit = vec![0_u64; bits / 64];
    let mut hit_again = vec![0_u64; bits / 64];
    #[allow(clippy::cast_possible_truncation)]
    let bit_of = |entry: u64| (spread_bits(entry) as usize) & (bits - 1);
    entries.for_each(|entry| {
        let (word, bit) = (bit_of(entry) / 64, 1 << (bit_of(entry) % 64));
        hit_again[word] |= hit[word] & bit;
        hit[word] |= bit;
    })?;
    drop(hit);
    let is_suspect = |entry: u64| hit_again[bit_of(entry) / 64] >> (bit_of(entry) % 64) & 1 == 1;
    let mut found = Vec::new();
    entries.for_each(|entry| {
        if is_suspect(entry) {
            found.push(entry);
        }
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::order::Order;
    use super::*;

    fn closed(id: impl Into<Option<u64>>, day: i32) -> Closed {
        let order = Order { id: id.into(), day, last_day: day, total: 1, lines: 1, is_lowered: false };
        Closed { order, is_order: true }
    }

    #[test]
    fn suspects_are_all_entries_that_occur_twice_and_few_others() {
        let mut log = SpillList::default();
        (0..10_000_u64).chain((0..50).map(|i| i * 13)).for_each(|i| log.push(i * 7_919));
        let suspects = suspects(&log).unwrap();
        for i in 0..50_u64 {
            assert_eq!(suspects.iter().filter(|entry| **entry == i * 13 * 7_919).count(), 2);
        }
        assert!(suspects.len() < 2_000, "{} of 10050 remain", suspects.len());
    }

    #[test]
    fn an_order_that_came_back_names_its_customer_only() {
        let mut log = Log::default();
        for (place, order) in [(7, 1), (8, 1), (7, 2), (9, 5), (7, 1), (9, 6)] {
            log.push(place, closed(order, 0));
        }
        (0..1_000).for_each(|_| log.push(9, closed(None, 1)));
        assert_eq!(log.orders_that_came_back().unwrap(), [7]);
    }

    #[test]
    fn days_are_counted_once_and_far_ones_are_not_claimed() {
        let mut log = Log::default();
        for (place, day) in [(1, 10_i32), (1, 10), (1, 900), (2, 5), (3, 2_000_000), (3, 5)] {
            log.push(place, closed(u64::from(day.unsigned_abs()), day));
        }
        log.push(1, Closed { is_order: false, ..closed(99, 7) });
        for is_spilled in [false, true] {
            if is_spilled {
                let root = tempfile::tempdir().unwrap();
                log.spill(&Arc::new(SpillFile::new(root.path(), "tests"))).unwrap();
                log.push(4, closed(7, 7));
            }
            assert_eq!(log.days_of(i32::MIN, |place| place < 4 && place != 2).unwrap(), Some(vec![(1, 2)]));
            assert_eq!(log.days_of(11, |place| place != 2 && place != 4).unwrap(), Some(vec![(1, 1)]));
        }
        assert_eq!(log.days_of(i32::MIN, |place| place == 4).unwrap(), Some(vec![(4, 1)]), "what is held comes last");
        assert_eq!(Log::new(Kept::None).days_of(i32::MIN, |_| true).unwrap(), None);
    }
}
