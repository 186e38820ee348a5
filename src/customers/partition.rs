//! One partition of the customers: an open-addressing table, the rows waiting for it, and its log of closed orders.
//!
//! Lives here: finding and making customers, and folding waiting rows.
//! Does not live here: locks and threads (`fold`), what the log knows (`log`), or doing a customer again (`repair`).

use super::accumulator::Accumulator;
use super::chunks::Chunks;
use super::key::Name;
use super::log::Log;
use super::scatter::Row;
use crate::clean::options::Returns;
use crate::error::{Error, Result};

/// Rows that wait before they are folded: enough that a partition's table, once fetched into the cache, is used
/// many times; 1024 partitions of them take 128 MiB.
const WAITING_ROWS: usize = 4096;

/// Rows whose customers are looked up together.
const ROWS_IN_FLIGHT: usize = 32;

/// An entry of the index: 22 bits of place plus one (0 is empty), 10 bits of the hash to spare wrong looks.
pub(super) const PLACE_BITS: u32 = 22;
const PLACE_MASK: u32 = (1 << PLACE_BITS) - 1;

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
    customers: Chunks<Customer<N>>,
    names: Vec<u8>,
    waiting: Vec<Row>,
    waiting_names: Vec<u8>,
    log: Log,
}

impl<N> Default for Partition<N> {
    fn default() -> Self {
        Self {
            index: Vec::new(),
            customers: Chunks::default(),
            names: Vec::new(),
            waiting: Vec::new(),
            waiting_names: Vec::new(),
            log: Log::default(),
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
        let mut likely = [0; ROWS_IN_FLIGHT];
        let mut name_start = 0;
        for rows in waiting.chunks(ROWS_IN_FLIGHT) {
            self.look_ahead(rows, &mut likely);
            for (row, &likely) in rows.iter().zip(&likely) {
                let name_end = name_start + row.name_length();
                let name = &waiting_names[name_start..name_end];
                name_start = name_end;
                let place = if self.is_at(likely, row.id, name) { likely } else { self.find_or_add(row.id, name)? };
                if let Some(closed) = self.customers[place].accumulator.take(row.line(), returns) {
                    self.log.push(place, closed);
                }
            }
        }
        (self.waiting, self.waiting_names) = (waiting, waiting_names);
        self.waiting.clear();
        self.waiting_names.clear();
        Ok(())
    }

    /// Where the customers of some rows most likely stand: at the first place where each is looked for. Two loops
    /// without a branch, so that their entries come from memory side by side, where otherwise each would wait for the
    /// last one's sums.
    #[allow(clippy::cast_possible_truncation)]
    fn look_ahead(&self, rows: &[Row], likely: &mut [usize; ROWS_IN_FLIGHT]) {
        if self.customers.is_empty() {
            return;
        }
        let mask = self.index.len() - 1;
        for (place, row) in likely.iter_mut().zip(rows) {
            let entry = self.index[N::spread(row.id) as usize & mask];
            *place = (entry & PLACE_MASK).saturating_sub(1) as usize;
        }
        let mut read = 0;
        for &place in &likely[..rows.len()] {
            let customer = &self.customers[place];
            read ^= customer.id ^ u64::from(customer.accumulator.transactions);
        }
        std::hint::black_box(read);
    }

    #[inline]
    fn is_at(&self, place: usize, id: u64, name: &[u8]) -> bool {
        self.customers.get(place).is_some_and(|customer| customer.id == id && customer.name.is(&self.names, name))
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
            let is_logged = accumulator.has_closed();
            if let Some(closed) = accumulator.close(returns).filter(|_| is_logged) {
                self.log.push(place, closed);
            }
        }
        Ok(())
    }

    /// The customers, in the order in which they were first seen.
    #[must_use]
    pub fn customers(&self) -> &Chunks<Customer<N>> {
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

    /// The store of text ids.
    #[must_use]
    pub fn names(&self) -> &[u8] {
        &self.names
    }

    /// The store of text ids and the customers, when no more rows will come.
    #[must_use]
    pub fn into_customers(self) -> (Vec<u8>, Chunks<Customer<N>>) {
        (self.names, self.customers)
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
                if self.is_at(place, id, name) {
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

    /// Settles by the log what the accumulators left open, and names the places of customers who must be done again,
    /// ascending: those with an order that came back after it was closed, and those whose days the log does not know.
    /// Frees the log.
    #[must_use]
    pub fn settle(&mut self) -> Vec<u32> {
        let log = std::mem::take(&mut self.log);
        let mut again = log.orders_that_came_back();
        let uncertain = |customer: &Customer<N>| customer.accumulator.is_uncertain();
        if self.customers.iter().any(uncertain) {
            if let Some(days) = log.days_of(|place| uncertain(&self.customers[place])) {
                for (place, distinct) in days {
                    self.customers[place].accumulator.settle_days(distinct);
                }
            }
            again.extend(
                (0_u32..)
                    .zip(self.customers.iter())
                    .filter(|(_, customer)| uncertain(customer))
                    .map(|(place, _)| place),
            );
            again.sort_unstable();
            again.dedup();
        }
        again
    }

    /// How the partition's log is kept.
    pub fn keep_log(&mut self, log: Log) {
        self.log = log;
    }
}

#[allow(clippy::cast_possible_truncation)]
fn index_entry<N: Name>(id: u64, place: usize) -> u32 {
    (N::spread(id) as u32 & !PLACE_MASK) | (place as u32 + 1)
}
