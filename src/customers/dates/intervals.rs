//! The payload of each customer in each interval.
//!
//! Does not live here: how the words are folded (`payload`).

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::customers::payload::texts::Texts;
use crate::customers::payload::{Effect, Layout, Payload};
use crate::hashing::spread_bits;

/// The payload of one partition's customers: a slot per customer and interval in which they have a row.
#[derive(Debug, Default)]
pub(super) struct PayloadByInterval {
    payload: Payload,
    slots: HashMap<u64, u32, BuildHasherDefault<Spread>>,
    /// Of whom and of which interval each slot is.
    owners: Vec<(u32, u16)>,
}

/// Keys are one number each.
#[derive(Debug, Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(self.0 << 8 | u64::from(*byte)));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = spread_bits(number);
    }
}

impl PayloadByInterval {
    /// Folds the words of a row.
    #[expect(clippy::cast_possible_truncation, reason = "a table holds fewer than 2^22 customers")]
    pub(super) fn fold(&mut self, layout: &Layout, (place, interval): (usize, u16), words: &[u64], texts: &dyn Texts) {
        let owners = &mut self.owners;
        let slot = *self.slots.entry((place as u64) << 16 | u64::from(interval)).or_insert_with(|| {
            owners.push((place as u32, interval));
            owners.len() as u32 - 1
        });
        self.payload.fold(layout, slot as usize, words, texts, Effect::Lone { counts: true });
    }

    /// What may be forgotten once many rows are folded.
    pub(super) fn forget_unused_texts(&mut self, layout: &Layout) {
        self.payload.forget_unused_texts(layout);
    }

    /// The payload of each customer, by place, of the intervals up to `last`.
    pub(super) fn up_to(&self, layout: &Layout, last: u16) -> Payload {
        let mut sum = Payload::default();
        for (slot, (place, _)) in self.owners.iter().enumerate().filter(|(_, (_, interval))| *interval <= last) {
            sum.merge(layout, *place as usize, &self.payload, slot);
        }
        sum
    }
}
