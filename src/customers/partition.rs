//! One partition of the customers: an open-addressing table, the rows waiting for it, and its log of closed orders.
//!
//! Lives here: finding and making customers, folding waiting rows, and noticing orders that came back.
//! Does not live here: locks and threads (`fold`), or doing a customer again (`repair`).

use super::accumulator::{Accumulator, Step};
use super::key::{Name, spread_bits};
use super::scatter::Row;
use crate::clean::options::Returns;
use crate::error::{Error, Result};

/// Rows that wait before they are folded: enough that a partition's table, once fetched into the cache, is used
/// many times; 1024 partitions of them take 128 MiB.
const WAITING_ROWS: usize = 4096;

/// An entry of the index: 22 bits of place plus one (0 is empty), 10 bits of the hash to spare wrong looks.
const PLACE_BITS: u32 = 22;
const PLACE_MASK: u32 = (1 << PLACE_BITS) - 1;

/// An entry of the log: 22 bits of place, 42 bits of the closed order's identity.
const LOGGED_ORDER_BITS: u32 = u64::BITS - PLACE_BITS;

/// A customer of the table.
#[derive(Debug, Clone)]
pub struct Customer<N> {
    /// The integer id's bits, or the hash of the text id.
    pub id: u64,
    /// Where the text id is stored.
    pub name: N,
    /// What is known of him.
    pub accumulator: Accumulator,
}

/// One partition.
#[derive(Debug)]
pub struct Partition<N> {
    /// Power-of-two table of entries into `customers`, at most half full.
    index: Vec<u32>,
    customers: Vec<Customer<N>>,
    names: Vec<u8>,
    waiting: Vec<Row>,
    waiting_names: Vec<u8>,
    closed_orders: Vec<u64>,
}

impl<N> Default for Partition<N> {
    fn default() -> Self {
        Self {
            index: Vec::new(),
            customers: Vec::new(),
            names: Vec::new(),
            waiting: Vec::new(),
            waiting_names: Vec::new(),
            closed_orders: Vec::new(),
        }
    }
}

impl<N: Name> Partition<N> {
    /// Takes rows; they are folded when enough of them wait.
    ///
    /// # Errors
    /// A compute error where the partition cannot hold more customers.
    pub fn receive(&mut self, rows: &[Row], names: &[u8], returns: Returns) -> Result<()> {
        if self.waiting.len() + rows.len() > WAITING_ROWS {
            self.fold_waiting(returns)?;
        }
        self.reserve_waiting(rows.len());
        self.waiting.extend_from_slice(rows);
        self.waiting_names.extend_from_slice(names);
        Ok(())
    }

    /// Doubles the waiting room as it fills, up to its full size and no further.
    fn reserve_waiting(&mut self, more: usize) {
        let (length, capacity) = (self.waiting.len(), self.waiting.capacity());
        if length + more > capacity {
            let wanted = (capacity * 2).min(WAITING_ROWS).max(length + more);
            self.waiting.reserve_exact(wanted - length);
        }
    }

    fn fold_waiting(&mut self, returns: Returns) -> Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        let waiting_names = std::mem::take(&mut self.waiting_names);
        let mut name_start = 0;
        for row in &waiting {
            let name_end = name_start + row.name_length();
            let place = self.find_or_add(row.id, &waiting_names[name_start..name_end])?;
            name_start = name_end;
            if let Step::Closed(order) = self.customers[place].accumulator.take(row.line(), returns) {
                self.log_closed(place, order);
            }
        }
        (self.waiting, self.waiting_names) = (waiting, waiting_names);
        self.waiting.clear();
        self.waiting_names.clear();
        Ok(())
    }

    /// Folds what still waits, closes what is still open, and gives the work space back.
    ///
    /// # Errors
    /// As [`Partition::receive`].
    pub fn finish(&mut self, returns: Returns) -> Result<()> {
        self.fold_waiting(returns)?;
        self.waiting = Vec::new();
        self.waiting_names = Vec::new();
        for place in 0..self.customers.len() {
            let accumulator = &mut self.customers[place].accumulator;
            let has_closed = accumulator.has_closed();
            if let Some(order) = accumulator.close(returns)
                && has_closed
            {
                self.log_closed(place, order);
            }
        }
        Ok(())
    }

    /// The customers, in the order in which they were first seen.
    #[must_use]
    pub fn customers(&self) -> &[Customer<N>] {
        &self.customers
    }

    /// Replaces what is known of a customer.
    pub fn set(&mut self, place: usize, accumulator: Accumulator) {
        self.customers[place].accumulator = accumulator;
    }

    /// What is known of a customer, to be settled.
    pub fn accumulator_mut(&mut self, place: usize) -> &mut Accumulator {
        &mut self.customers[place].accumulator
    }

    /// The text id of a customer.
    #[must_use]
    pub fn name(&self, place: usize) -> &[u8] {
        self.customers[place].name.text(&self.names)
    }

    /// Frees the index, when no more rows will come.
    pub fn drop_index(&mut self) {
        self.index = Vec::new();
    }

    /// The place of a known customer.
    #[must_use]
    pub fn find(&self, id: u64, name: &[u8]) -> Option<usize> {
        if self.index.is_empty() { None } else { self.look(id, name).ok() }
    }

    /// The place of a customer, or else the empty slot of the index where he belongs.
    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    fn look(&self, id: u64, name: &[u8]) -> std::result::Result<usize, usize> {
        let spread = N::spread(id);
        let tag = spread as u32 & !PLACE_MASK;
        let mask = self.index.len() - 1;
        // The highest bits chose the partition and the middle ones the tag: the lowest are still free.
        let mut slot = spread as usize & mask;
        loop {
            let entry = self.index[slot];
            if entry == 0 {
                return Err(slot);
            }
            if entry & !PLACE_MASK == tag {
                let place = (entry & PLACE_MASK) as usize - 1;
                let customer = &self.customers[place];
                if customer.id == id && customer.name.is(&self.names, name) {
                    return Ok(place);
                }
            }
            slot = (slot + 1) & mask;
        }
    }

    #[inline]
    fn find_or_add(&mut self, id: u64, name: &[u8]) -> Result<usize> {
        if self.customers.len() * 2 >= self.index.len() {
            self.grow_index();
        }
        match self.look(id, name) {
            Ok(place) => Ok(place),
            Err(slot) => self.add(slot, id, name),
        }
    }

    #[cold]
    fn add(&mut self, slot: usize, id: u64, name: &[u8]) -> Result<usize> {
        let place = self.customers.len();
        if place + 1 >= PLACE_MASK as usize || u32::try_from(self.names.len() + name.len()).is_err() {
            return Err(Error::compute("more customers than one run can hold (about 4 billion)")
                .hint("split the input by customer id and run each part by itself"));
        }
        reserve_gently(&mut self.customers);
        let name = N::store(&mut self.names, name);
        self.customers.push(Customer { id, name, accumulator: Accumulator::new() });
        self.index[slot] = index_entry::<N>(id, place);
        Ok(place)
    }

    #[cold]
    fn grow_index(&mut self) {
        let size = (self.index.len() * 2).max(16);
        let mask = size - 1;
        self.index = vec![0; size];
        for (place, customer) in self.customers.iter().enumerate() {
            #[allow(clippy::cast_possible_truncation)]
            let mut slot = N::spread(customer.id) as usize & mask;
            while self.index[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            self.index[slot] = index_entry::<N>(customer.id, place);
        }
    }

    #[inline]
    fn log_closed(&mut self, place: usize, order: u64) {
        reserve_gently(&mut self.closed_orders);
        self.closed_orders.push((place as u64) << LOGGED_ORDER_BITS | spread_bits(order) >> PLACE_BITS);
    }

    /// The places of customers who must be done again, ascending: those with an order that came back after it was
    /// closed, or with days that could not be told apart. Frees the log.
    ///
    /// Two orders whose 42 logged bits agree look like one that came back: such a customer is done again for
    /// nothing, which is slower but not wrong.
    #[must_use]
    pub fn take_uncertain(&mut self) -> Vec<u32> {
        let mut log = std::mem::take(&mut self.closed_orders);
        keep_suspects(&mut log);
        log.sort_unstable();
        #[allow(clippy::cast_possible_truncation)]
        let mut places: Vec<u32> = log
            .windows(2)
            .filter(|pair| pair[0] == pair[1])
            .map(|pair| (pair[0] >> LOGGED_ORDER_BITS) as u32)
            .chain((0_u32..).zip(&self.customers).filter(|(_, c)| c.accumulator.is_uncertain()).map(|(place, _)| place))
            .collect();
        places.sort_unstable();
        places.dedup();
        places
    }
}

#[allow(clippy::cast_possible_truncation)]
fn index_entry<N: Name>(id: u64, place: usize) -> u32 {
    (N::spread(id) as u32 & !PLACE_MASK) | (place as u32 + 1)
}

/// Grows by a quarter instead of doubling: with thousands of such vectors the slack is what counts.
#[inline]
fn reserve_gently<T>(vector: &mut Vec<T>) {
    if vector.len() == vector.capacity() {
        vector.reserve_exact((vector.len() / 4).max(16));
    }
}

/// Leaves in `log` only entries that may occur twice, so that hardly anything remains to be sorted.
///
/// A first walk sets one of many bits per entry and remembers the bits that were hit twice; a second keeps the
/// entries of those bits. Equal entries hit the same bit: none of them is lost.
fn keep_suspects(log: &mut Vec<u64>) {
    let bits = (log.len() * 16).next_power_of_two().max(64);
    let mut hit = vec![0_u64; bits / 64];
    let mut hit_again = vec![0_u64; bits / 64];
    #[allow(clippy::cast_possible_truncation)]
    let bit_of = |entry: u64| (spread_bits(entry) as usize) & (bits - 1);
    for &entry in &*log {
        let (word, bit) = (bit_of(entry) / 64, 1 << (bit_of(entry) % 64));
        hit_again[word] |= hit[word] & bit;
        hit[word] |= bit;
    }
    log.retain(|&entry| hit_again[bit_of(entry) / 64] >> (bit_of(entry) % 64) & 1 == 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suspects_are_all_entries_that_occur_twice_and_few_others() {
        let mut log: Vec<u64> = (0..10_000_u64).map(|i| i * 7_919).collect();
        log.extend((0..50_u64).map(|i| i * 13 * 7_919));
        keep_suspects(&mut log);
        for i in 0..50_u64 {
            assert_eq!(log.iter().filter(|entry| **entry == i * 13 * 7_919).count(), 2);
        }
        assert!(log.len() < 2_000, "{} of 10050 remain", log.len());
    }
}
