//! Customers by id: an open-addressing table, and something known of each.
//!
//! Lives here: finding and making customers, one or many. Does not live here: what rows tell of them (`partition`, `days`),
//! locks and threads.

use super::chunks::Chunks;
use super::key::Name;
use super::row::Row;
use crate::error::{Error, Result};

/// An entry of the index: 22 bits of place plus one (0 is empty), 10 bits of the hash to spare wrong looks.
pub(super) const PLACE_BITS: u32 = 22;
const PLACE_MASK: u32 = (1 << PLACE_BITS) - 1;
/// Customers that are looked up together.
const IN_FLIGHT: usize = 32;

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
    /// The first place where a customer is looked for, which most likely is his; 0 where it is empty. There must be
    /// customers.
    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    fn likely_place(&self, id: u64) -> usize {
        let entry = self.index[N::spread(id) as usize & (self.index.len() - 1)];
        (entry & PLACE_MASK).saturating_sub(1) as usize
    }

    /// Hands over rows, each with its name and the place where its customer most likely stands. `touch` reads what of a
    /// customer lies beyond his id.
    ///
    /// # Errors
    /// The first error of `work`.
    #[inline]
    pub(super) fn for_each_row<R: Keyed>(
        &mut self,
        rows: &[R],
        names: &[u8],
        touch: impl Fn(&V) -> u64,
        mut work: impl FnMut(&mut Self, &R, &[u8], usize) -> Result<()>,
    ) -> Result<()> {
        let mut likely = [0; IN_FLIGHT];
        let mut name_start = 0;
        for rows in rows.chunks(IN_FLIGHT) {
            self.look_ahead(rows, &mut likely, &touch);
            for (row, &likely) in rows.iter().zip(&likely) {
                let name = &names[name_start..name_start + row.name_length()];
                name_start += row.name_length();
                work(self, row, name, likely)?;
            }
        }
        Ok(())
    }

    /// Where the customers of some rows most likely stand. Two loops without a branch, so that their entries come from
    /// memory side by side, where otherwise each would wait for what is done with the last one.
    #[inline]
    fn look_ahead<R: Keyed>(&self, rows: &[R], likely: &mut [usize; IN_FLIGHT], touch: impl Fn(&V) -> u64) {
        if self.customers.is_empty() {
            return;
        }
        for (place, row) in likely.iter_mut().zip(rows) {
            *place = self.likely_place(row.id());
        }
        let mut read = 0;
        for &place in &likely[..rows.len()] {
            let customer = &self.customers[place];
            read ^= customer.id ^ touch(&customer.known);
        }
        std::hint::black_box(read);
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
