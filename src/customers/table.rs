//! Customers by id: an open-addressing table, and something known of each.
//!
//! Lives here: finding and making customers, one or many. Does not live here: what rows tell of them (`partition`, `days`),
//! locks and threads.

use super::chunks::Chunks;
use super::key::Name;
use super::prefetch::prefetch;
use super::row::Row;
use crate::error::{Error, Result};

/// An entry of the index: 22 bits of place plus one (0 is empty), 10 bits of the hash to spare wrong looks.
pub(super) const PLACE_BITS: u32 = 22;
const PLACE_MASK: u32 = (1 << PLACE_BITS) - 1;
/// So many rows ahead the slot of the index is asked for, and so many rows ahead the customer.
const SLOTS_AHEAD: usize = 64;
const ENTRIES_AHEAD: usize = 32;
/// Fewer customers than this are in the cache anyway.
const FEWEST_AHEAD: usize = 64;

/// A row of whatever sort that belongs to a customer.
pub(super) trait Keyed {
    /// The integer id's bits, or the hash of the text id.
    fn id(&self) -> u64;
    /// Bytes of the text id.
    fn name_length(&self) -> usize;
}

impl Keyed for Row {
    #[inline]
    fn id(&self) -> u64 {
        self.id
    }

    #[inline]
    fn name_length(&self) -> usize {
        self.name_length()
    }
}

/// What is done with rows.
pub(super) trait Work<N, V, R> {
    /// Asks for the memory of what lies at a place, beside the customer.
    fn ask_for(&self, place: usize);

    /// Takes a row, whose customer most likely stands at `likely`.
    fn take(&mut self, table: &mut Table<N, V>, row: &R, name: &[u8], likely: usize) -> Result<()>;
}

/// A customer of the table.
#[derive(Debug, Clone)]
pub struct Customer<N, V> {
    /// The integer id's bits, or the hash of the text id.
    pub id: u64,
    /// Where the text id is stored.
    pub name: N,
    /// What is known of him.
    pub known: V,
}

/// The table.
#[derive(Debug)]
pub(super) struct Table<N, V> {
    /// Power-of-two table of entries into `customers`, at most half full.
    index: Vec<u32>,
    pub(super) customers: Chunks<Customer<N, V>>,
    pub(super) names: Vec<u8>,
}

impl<N, V> Default for Table<N, V> {
    fn default() -> Self {
        Self { index: Vec::new(), customers: Chunks::default(), names: Vec::new() }
    }
}

impl<N: Name, V: Default> Table<N, V> {
    /// Hands over rows, each with its name and the place where its customer most likely stands. Rows ahead of it the
    /// customer's entry is asked for, and `ask_for` asks for what else of a customer lies at that place.
    ///
    /// # Errors
    /// The first error of `work`.
    #[inline]
    pub(super) fn for_each_row<R: Keyed>(
        &mut self,
        rows: &[R],
        names: &[u8],
        work: &mut impl Work<N, V, R>,
    ) -> Result<()> {
        let mut likely = [0; ENTRIES_AHEAD];
        let looks_ahead = self.customers.len() >= FEWEST_AHEAD;
        if looks_ahead {
            rows.iter().take(SLOTS_AHEAD).for_each(|row| prefetch(&self.index[self.first_slot(row.id())]));
            for (place, row) in likely.iter_mut().zip(rows) {
                *place = self.ask_for(row, work);
            }
        }
        let mut name_start = 0;
        for (number, row) in rows.iter().enumerate() {
            let name = &names[name_start..name_start + row.name_length()];
            name_start += row.name_length();
            let next = &mut likely[number % ENTRIES_AHEAD];
            let place = *next;
            if looks_ahead {
                if let Some(row) = rows.get(number + SLOTS_AHEAD) {
                    prefetch(&self.index[self.first_slot(row.id())]);
                }
                if let Some(row) = rows.get(number + ENTRIES_AHEAD) {
                    *next = self.ask_for(row, work);
                }
                work.take(self, row, name, place)?;
            } else {
                let place = if self.index.is_empty() { 0 } else { self.likely_place(row.id()) };
                work.take(self, row, name, place)?;
            }
        }
        Ok(())
    }

    #[inline]
    fn ask_for<R: Keyed>(&self, row: &R, work: &impl Work<N, V, R>) -> usize {
        let place = self.likely_place(row.id());
        if let Some(customer) = self.customers.get(place) {
            prefetch(customer);
        }
        work.ask_for(place);
        place
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    fn first_slot(&self, id: u64) -> usize {
        // The highest bits chose the partition and the middle ones the tag: the lowest are still free.
        N::spread(id) as usize & (self.index.len() - 1)
    }

    /// Where a customer most likely stands: what the first two slots of the index say, by their tags; 0 where they are
    /// empty. Without a branch, which would be guessed wrongly. There must be an index.
    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    fn likely_place(&self, id: u64) -> usize {
        let slot = self.first_slot(id);
        let (first, second) = (self.index[slot], self.index[(slot + 1) & (self.index.len() - 1)]);
        let is_first = (first ^ N::spread(id) as u32) & !PLACE_MASK == 0;
        let entry = std::hint::select_unpredictable(is_first, first, second);
        (entry & PLACE_MASK).saturating_sub(1) as usize
    }

    #[inline]
    fn is_at(&self, place: usize, id: u64, name: &[u8]) -> bool {
        self.customers.get(place).is_some_and(|customer| customer.id == id && customer.name.is(&self.names, name))
    }

    /// The place of a known customer.
    #[must_use]
    pub(super) fn find(&self, id: u64, name: &[u8]) -> Option<usize> {
        if self.index.is_empty() { None } else { self.look(id, name).ok() }
    }

    /// The same, where he most likely stands at `likely`.
    #[inline]
    #[must_use]
    pub(super) fn find_from(&self, likely: usize, id: u64, name: &[u8]) -> Option<usize> {
        if self.is_at(likely, id, name) { Some(likely) } else { self.find(id, name) }
    }

    /// The place of a customer, or else the empty slot of the index where he belongs.
    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    fn look(&self, id: u64, name: &[u8]) -> std::result::Result<usize, usize> {
        let spread = N::spread(id);
        let tag = spread as u32 & !PLACE_MASK;
        let mask = self.index.len() - 1;
        let mut slot = self.first_slot(id);
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

    /// The place of a customer who most likely stands at `likely`, and is put into the table where he is not.
    ///
    /// # Errors
    /// A compute error where the table cannot hold more customers.
    #[inline]
    pub(super) fn find_or_add_from(&mut self, likely: usize, id: u64, name: &[u8]) -> Result<usize> {
        if self.is_at(likely, id, name) { Ok(likely) } else { self.find_or_add(id, name) }
    }

    #[inline]
    pub(super) fn find_or_add(&mut self, id: u64, name: &[u8]) -> Result<usize> {
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
        self.customers.push(Customer { id, name, known: V::default() });
        self.index[slot] = index_entry::<N>(id, place);
        Ok(place)
    }

    #[cold]
    fn grow_index(&mut self) {
        let size = (self.index.len() * 2).max(16);
        let mask = size - 1;
        // Written, not asked for as zeros: pages that are read before they are written come twice from the kernel.
        self.index.clear();
        self.index.resize(size, 0);
        for (place, customer) in self.customers.iter().enumerate() {
            #[allow(clippy::cast_possible_truncation)]
            let mut slot = N::spread(customer.id) as usize & mask;
            while self.index[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            self.index[slot] = index_entry::<N>(customer.id, place);
        }
    }
}

#[allow(clippy::cast_possible_truncation)]
fn index_entry<N: Name>(id: u64, place: usize) -> u32 {
    (N::spread(id) as u32 & !PLACE_MASK) | (place as u32 + 1)
}
