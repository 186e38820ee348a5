//! Customers by id: an open-addressing table, and something known of each.
//!
//! Lives here: finding and making customers, one or many. Does not live here: what rows tell of them (`partition`, `days`),
//! locks and threads.

use super::chunks::Chunks;
use super::key::Name;
use super::prefetch::prefetch;
use super::row::Packed;
use crate::error::{Error, Result};

/// An entry of the index: 22 bits of place plus one (0 is empty), 10 bits of the hash to spare wrong looks.
pub(super) const PLACE_BITS: u32 = 22;
const PLACE_MASK: u32 = (1 << PLACE_BITS) - 1;
/// So many rows ahead the slot of the index is asked for, and so many rows ahead the customer.
const SLOTS_AHEAD: usize = 64;
const ENTRIES_AHEAD: usize = 32;
/// Fewer customers than this are in the cache anyway.
const FEWEST_AHEAD: usize = 64;

/// What is done with rows.
pub(super) trait Work<N, V, R> {
    /// Asks for the memory of what lies at a place, beside the customer.
    fn ask_for(&self, place: usize);

    /// Takes a row, whose customer most likely stands at `likely`.
    fn take(&mut self, table: &mut Table<N, V>, row: R, who: Who<'_>, likely: usize) -> Result<()>;
}

/// A customer, as rows name them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Who<'a> {
    pub(super) key: u64,
    pub(super) name: &'a [u8],
}

/// A customer of the table.
#[derive(Debug, Clone)]
pub struct Customer<N, V> {
    /// Their key: see [`Name::key`].
    pub key: u64,
    /// Where the text id is stored.
    pub name: N,
    /// What is known of them.
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
    /// Hands over rows, each with the place where its customer most likely stands. Rows ahead of it the customer's entry is
    /// asked for, and the work asks for what else of a customer lies at that place. `names`: those of the rows, one behind the
    /// other; `upper`: what all keys of the table have above those of the rows.
    ///
    /// # Errors
    /// The first error of `work`.
    #[inline]
    pub(super) fn for_each_row<R: Packed>(
        &mut self,
        rows: &[R],
        mut names: &[u8],
        upper: u64,
        work: &mut impl Work<N, V, R>,
    ) -> Result<()> {
        if self.customers.len() < FEWEST_AHEAD {
            for &row in rows {
                let who = Who { key: upper | row.key(), name: N::take(&mut names) };
                let likely = if self.index.is_empty() { 0 } else { self.likely_place(who.key) };
                work.take(self, row, who, likely)?;
            }
            return Ok(());
        }
        rows.iter().take(SLOTS_AHEAD).for_each(|row| self.ask_for_slot(*row));
        let mut likely = [0; ENTRIES_AHEAD];
        for (place, row) in likely.iter_mut().zip(rows) {
            *place = self.ask_for_entry(*row, work);
        }
        for (number, &row) in rows.iter().enumerate() {
            let who = Who { key: upper | row.key(), name: N::take(&mut names) };
            let next = &mut likely[number % ENTRIES_AHEAD];
            let place = *next;
            if let Some(row) = rows.get(number + SLOTS_AHEAD) {
                self.ask_for_slot(*row);
            }
            if let Some(row) = rows.get(number + ENTRIES_AHEAD) {
                *next = self.ask_for_entry(*row, work);
            }
            work.take(self, row, who, place)?;
        }
        Ok(())
    }

    #[inline]
    fn ask_for_slot<R: Packed>(&self, row: R) {
        prefetch(&self.index[self.first_slot(row.key())]);
    }

    /// Asks for the memory of a customer, and tells where they most likely stand.
    #[inline]
    pub(super) fn ask_for_key(&self, key: u64) -> usize {
        if self.index.is_empty() {
            return 0;
        }
        let place = self.likely_place(key);
        if let Some(customer) = self.customers.get(place) {
            prefetch(customer);
        }
        place
    }

    #[inline]
    fn ask_for_entry<R: Packed>(&self, row: R, work: &impl Work<N, V, R>) -> usize {
        let place = self.ask_for_key(row.key());
        work.ask_for(place);
        place
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    fn first_slot(&self, key: u64) -> usize {
        // The highest bits chose the partition and the middle ones the tag: the lowest are still free.
        key as usize & (self.index.len() - 1)
    }

    /// Where a customer most likely stands: what the first two slots of the index say, by their tags; 0 where they are
    /// empty. Without a branch, which would be guessed wrongly. There must be an index.
    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    fn likely_place(&self, key: u64) -> usize {
        let slot = self.first_slot(key);
        let (first, second) = (self.index[slot], self.index[(slot + 1) & (self.index.len() - 1)]);
        let is_first = (first ^ key as u32) & !PLACE_MASK == 0;
        let entry = std::hint::select_unpredictable(is_first, first, second);
        (entry & PLACE_MASK).saturating_sub(1) as usize
    }

    #[inline]
    fn is_at(&self, place: usize, who: Who<'_>) -> bool {
        self.customers
            .get(place)
            .is_some_and(|customer| customer.key == who.key && customer.name.is(&self.names, who.name))
    }

    /// What is known of a customer, if they stand at a place.
    #[inline]
    #[must_use]
    pub(super) fn known_at(&mut self, place: usize, who: Who<'_>) -> Option<&mut V> {
        let Self { customers, names, .. } = self;
        let customer = customers.get_mut(place)?;
        (customer.key == who.key && customer.name.is(names, who.name)).then_some(&mut customer.known)
    }

    /// The place of a known customer.
    #[must_use]
    pub(super) fn find(&self, who: Who<'_>) -> Option<usize> {
        if self.index.is_empty() { None } else { self.look(who).ok() }
    }

    /// The same, where he most likely stands at `likely`.
    #[inline]
    #[must_use]
    pub(super) fn find_from(&self, likely: usize, who: Who<'_>) -> Option<usize> {
        if self.is_at(likely, who) { Some(likely) } else { self.find(who) }
    }

    /// The place of a customer, or else the empty slot of the index where he belongs.
    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    fn look(&self, who: Who<'_>) -> std::result::Result<usize, usize> {
        let tag = who.key as u32 & !PLACE_MASK;
        let mask = self.index.len() - 1;
        let mut slot = self.first_slot(who.key);
        loop {
            let entry = self.index[slot];
            if entry == 0 {
                return Err(slot);
            }
            if entry & !PLACE_MASK == tag {
                let place = (entry & PLACE_MASK) as usize - 1;
                if self.is_at(place, who) {
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
    pub(super) fn find_or_add_from(&mut self, likely: usize, who: Who<'_>) -> Result<usize> {
        if self.is_at(likely, who) { Ok(likely) } else { self.find_or_add(who) }
    }

    #[inline]
    pub(super) fn find_or_add(&mut self, who: Who<'_>) -> Result<usize> {
        if self.customers.len() * 2 >= self.index.len() {
            self.grow_index();
        }
        match self.look(who) {
            Ok(place) => Ok(place),
            Err(slot) => self.add(slot, who),
        }
    }

    #[cold]
    fn add(&mut self, slot: usize, who: Who<'_>) -> Result<usize> {
        let place = self.customers.len();
        if place + 1 >= PLACE_MASK as usize || u32::try_from(self.names.len() + who.name.len()).is_err() {
            return Err(Error::compute("more customers than one run can hold (about 4 billion)")
                .hint("split the input by customer id and run each part by itself"));
        }
        let name = N::store(&mut self.names, who.name);
        self.customers.push(Customer { key: who.key, name, known: V::default() });
        self.index[slot] = index_entry(who.key, place);
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
            let mut slot = customer.key as usize & mask;
            while self.index[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            self.index[slot] = index_entry(customer.key, place);
        }
    }
}

#[allow(clippy::cast_possible_truncation)]
fn index_entry(key: u64, place: usize) -> u32 {
    (key as u32 & !PLACE_MASK) | (place as u32 + 1)
}
