//! Which of many slots occur in a column, and the rank of each among those that do.
//!
//! Does not live here: what a slot means, and the dictionary made of them (`pages`).

/// The rank of every slot, in a table: for slots that fit into a core's cache.
pub(crate) struct Table {
    /// The rank of each slot; [`ABSENT`] for one that does not occur.
    ranks: Vec<u32>,
}

/// Marks a slot that does not occur.
const ABSENT: u32 = u32::MAX;
/// After this many rows it checks for the first time whether all slots have occurred: days and scores do soon.
const FIRST_LOOK: usize = 1 << 12;

impl Table {
    /// Marks the slots that occur, all below `count`.
    pub(crate) fn of(mut slots: impl ExactSizeIterator<Item = usize>, count: usize) -> Self {
        // Bytes, since neighbouring bits of a word would wait for each other.
        let mut occurs = vec![false; count];
        let mut rows = FIRST_LOOK;
        while slots.len() > 0 && occurs.contains(&false) {
            slots.by_ref().take(rows).for_each(|slot| occurs[slot] = true);
            rows *= 2;
        }
        let mut next = 0;
        let rank = |occurs: &bool| {
            next += u32::from(*occurs);
            if *occurs { next - 1 } else { ABSENT }
        };
        Self { ranks: occurs.iter().map(rank).collect() }
    }

    /// The rank of a slot that occurs.
    pub(crate) fn rank(&self, slot: usize) -> u32 {
        self.ranks[slot]
    }

    /// The slots that occur, ascending.
    pub(crate) fn slots(&self) -> impl Iterator<Item = usize> {
        self.ranks.iter().enumerate().filter(|(_, rank)| **rank != ABSENT).map(|(slot, _)| slot)
    }
}

/// A bit for every slot, and for each word of them how many occur before it: for millions of slots, whose table would
/// not fit into a cache.
pub(crate) struct Bits {
    words: Vec<Word>,
}

#[derive(Clone, Copy, Default)]
struct Word {
    occurs: u64,
    before: u32,
}

impl Bits {
    /// Marks the slots that occur, all below `count`; fewer than 2^32 occur.
    pub(crate) fn of(slots: impl Iterator<Item = usize>, count: usize) -> Self {
        let mut words = vec![Word::default(); count.div_ceil(64)];
        for slot in slots {
            words[slot / 64].occurs |= 1 << (slot % 64);
        }
        let mut before = 0;
        for word in &mut words {
            word.before = before;
            before += word.occurs.count_ones();
        }
        Self { words }
    }

    /// The rank of a slot that occurs.
    pub(crate) fn rank(&self, slot: usize) -> u32 {
        let word = self.words[slot / 64];
        let below = (1 << (slot % 64)) - 1;
        word.before + (word.occurs & below).count_ones()
    }

    /// The slots that occur, ascending.
    pub(crate) fn slots(&self) -> impl Iterator<Item = usize> {
        let bits = |word: &Word| {
            let mut left = word.occurs;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                left &= left.wrapping_sub(1);
                (bit < 64).then_some(bit)
            })
        };
        self.words.iter().enumerate().flat_map(move |(word, held)| bits(held).map(move |bit| 64 * word + bit))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_occurs_late_or_after_all_others_is_found() {
        // One slot until far behind the first check; then a table whose slots have all occurred long before its end.
        let late: Vec<usize> = (0..100_000).map(|row| usize::from(row == 99_999) * 2).collect();
        assert!(Table::of(late.iter().copied(), 3).slots().eq([0, 2]));
        let all = Table::of((0..100_000).map(|row| row % 7), 7);
        assert!(all.slots().eq(0..7));
        assert_eq!(all.rank(6), 6);
    }

    proptest! {
        #[test]
        fn both_agree_with_a_sorted_set(slots in proptest::collection::vec(0_usize..300, 0..200), beyond in 0_usize..70) {
            let count = slots.iter().max().map_or(0, |most| most + 1) + beyond;
            let set: BTreeSet<usize> = slots.iter().copied().collect();
            let (table, bits) = (Table::of(slots.iter().copied(), count), Bits::of(slots.iter().copied(), count));
            prop_assert!(table.slots().eq(set.iter().copied()));
            prop_assert!(bits.slots().eq(set.iter().copied()));
            prop_assert_eq!(bits.slots().count(), set.len());
            for (slot, rank) in set.iter().zip(0..) {
                prop_assert_eq!((table.rank(*slot), bits.rank(*slot)), (rank, rank));
            }
        }
    }
}
