//! The payload of the customers in the order of their table, column by column.
//!
//! Does not live here: how customers are sorted (`gather`), and what the words mean (`passes`).

use rayon::prelude::*;

use super::texts::{Arena, TextWords};
use super::{Layout, ORDER_SUM, Payload, Slots};

/// Where a customer of the table was folded: the partition, and the slot in it.
pub type Home = (u16, u32);

/// What rows without a slot have in every field.
const NOTHING: [u64; 8] = [0; 8];
/// Customers that a thread takes at a time.
const AT_ONCE: usize = 1 << 14;

/// The payload of the customers.
#[derive(Debug, Default)]
pub struct PerCustomer {
    layout: Layout,
    slots: Vec<Slots>,
    arenas: Vec<Arena>,
    homes: Vec<Home>,
}

impl PerCustomer {
    /// The payload of the partitions, in their order, and where each customer is in them.
    pub(in crate::customers) fn new(layout: Layout, partitions: Vec<Payload>, homes: Vec<Home>) -> Self {
        let (slots, texts): (Vec<Slots>, Vec<_>) =
            partitions.into_iter().map(|payload| (payload.slots, payload.texts)).unzip();
        let arenas = texts.into_iter().map(super::TextStore::into_arena).collect();
        Self { layout, slots, arenas, homes }
    }

    /// The words of a field, of each customer, as `value` reads them. A customer of whom no row said anything has zeros.
    pub fn words<T: Send>(&self, field: usize, value: impl Fn(&[u64]) -> T + Sync) -> Vec<T> {
        let part = self.layout.parts[field];
        let words = part.in_slot..part.in_slot + part.field.slot_words();
        let of = |(partition, slot): &Home| {
            let slot = self.slots[usize::from(*partition)].get(*slot as usize, self.layout.slot_words);
            slot.map_or_else(|| value(&NOTHING[..words.len()]), |slot| value(&slot[words.clone()]))
        };
        self.homes.par_iter().with_min_len(AT_ONCE).map(of).collect()
    }

    /// The sums of a field.
    #[must_use]
    pub fn sums(&self, field: usize) -> Vec<i64> {
        self.words(field, |words| words[0].cast_signed())
    }

    /// All counts of an order sum, added up.
    #[must_use]
    pub fn counts(&self, field: usize) -> u64 {
        self.words(field, |words| words[ORDER_SUM - 1]).iter().sum()
    }

    /// The texts of a field whose moment has so many words.
    #[must_use]
    pub fn texts(&self, field: usize, moment: usize) -> Vec<TextWords> {
        let texts = self.words(field, |words| TextWords::at(words, moment));
        let located = |(words, home): (TextWords, &Home)| {
            if words.is_long() { words.with_reference(located(home.0, words.reference())) } else { words }
        };
        texts.into_par_iter().zip(&self.homes).with_min_len(AT_ONCE).map(located).collect()
    }

    /// The long texts that [`Self::texts`] refer to.
    #[must_use]
    pub fn into_long_texts(self) -> LongTexts {
        LongTexts(self.arenas)
    }
}

/// Bits of a reference within its partition; the partition stands above them.
const OFFSET_BITS: u32 = 46;

fn located(partition: u16, reference: u64) -> u64 {
    u64::from(partition) << OFFSET_BITS | reference
}

/// The long texts of all customers.
#[derive(Debug, Default)]
pub struct LongTexts(Vec<Arena>);

impl LongTexts {
    /// The text that a reference leads to.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)]
    pub fn get(&self, reference: u64) -> &[u8] {
        let arena = self.0.get((reference >> OFFSET_BITS) as usize);
        arena.map_or(&[], |arena| arena.get(reference & ((1 << OFFSET_BITS) - 1)))
    }
}
