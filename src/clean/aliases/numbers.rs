//! Old integer ids with the ids that they have now, side by side in the slots of one table: a row finds both in one place of
//! memory.
//!
//! Does not live here: chains and contradictions (`aliases`), which are settled before the table is made.

use crate::hashing::{HashFilter, spread_bits};

/// Ids that are looked up together: their slots come from memory side by side.
const IN_FLIGHT: usize = 64;
/// After so many ids of a batch it is known whether most are old ones: then the filter would be asked in vain.
const LOOKED_AT: usize = 8 * IN_FLIGHT;

/// The table.
#[derive(Debug, Default)]
pub(super) struct NumberTable {
    /// A power of two of slots, at most three quarters full: an old id and the new one. Where both are the same, which no row
    /// of the table says, the slot is empty.
    slots: Vec<[i64; 2]>,
    filter: HashFilter,
    old_ids: usize,
}

/// New ids that are looked for among the old ones at a time.
const NEW_IDS_AT_ONCE: usize = 1 << 14;
const EMPTY: [i64; 2] = [0, 0];

impl NumberTable {
    /// The table of these pairs. Of one old id the first pair counts, and a pair of equal ids says nothing.
    pub(super) fn new(pairs: &[[i64; 2]]) -> Self {
        let count = pairs.iter().filter(|[old, new]| old != new).count();
        if count == 0 {
            return Self::default();
        }
        let slots = vec![EMPTY; (count + count / 3 + 1).next_power_of_two()];
        let mut table = Self { slots, filter: HashFilter::with_room_for(count), old_ids: 0 };
        for pairs in pairs.chunks(IN_FLIGHT) {
            table.fetch(pairs.iter().map(|[old, _]| spread_bits(old.cast_unsigned())));
            for [old, new] in pairs.iter().filter(|[old, new]| old != new) {
                let hash = spread_bits(old.cast_unsigned());
                if let Err(slot) = table.look(hash, *old) {
                    table.slots[slot] = [*old, *new];
                    table.filter.add(hash);
                    table.old_ids += 1;
                }
            }
        }
        table
    }

    /// The table of these pairs, if it is known without following any of them: no old id comes twice, leads to another old one, or
    /// is said to be its own.
    pub(super) fn without_chains(pairs: &[[i64; 2]]) -> Option<Self> {
        let table = Self::new(pairs);
        let mut is_plain = table.old_ids == pairs.iter().filter(|[old, new]| old != new).count();
        let mut new_ids = Vec::with_capacity(NEW_IDS_AT_ONCE.min(pairs.len()));
        for pairs in pairs.chunks(NEW_IDS_AT_ONCE) {
            new_ids.clear();
            new_ids.extend(pairs.iter().map(|[_, new]| *new));
            table.for_each(&new_ids, |_, _, _| is_plain = false);
        }
        is_plain.then_some(table)
    }

    /// How many old ids it has.
    pub(super) const fn len(&self) -> usize {
        self.old_ids
    }

    /// How many entries there could be: each is the number of its slot.
    pub(super) fn places(&self) -> usize {
        self.slots.len()
    }

    /// The new id of an entry.
    pub(super) fn new_id(&self, entry: u32) -> i64 {
        self.slots[entry as usize][1]
    }

    /// The id that an old one has become; none for other ids.
    pub(super) fn find(&self, id: i64) -> Option<i64> {
        let hash = spread_bits(id.cast_unsigned());
        if self.slots.is_empty() || !self.filter.may_have(hash) {
            return None;
        }
        self.look(hash, id).ok().map(|slot| self.slots[slot][1])
    }

    /// Hands over the old ids among these: the number of each, its entry, and the new id.
    #[allow(clippy::cast_possible_truncation)]
    pub(super) fn for_each(&self, ids: &[i64], mut found: impl FnMut(u32, u32, i64)) {
        if self.slots.is_empty() {
            return;
        }
        let (first, rest) = ids.split_at(ids.len().min(LOOKED_AT));
        let passed = self.filtered(first, 0, &mut found);
        if passed <= first.len() / 2 {
            self.filtered(rest, first.len(), &mut found);
            return;
        }
        let mut keys = [(0_u32, 0_u64, 0_i64); IN_FLIGHT];
        for (ids, start) in rest.chunks(IN_FLIGHT).zip((first.len()..).step_by(IN_FLIGHT)) {
            for (key, (number, id)) in keys.iter_mut().zip((start..).zip(ids)) {
                *key = (number as u32, spread_bits(id.cast_unsigned()), *id);
            }
            self.look_up(&keys[..ids.len()], &mut found);
        }
    }

    /// The same through the filter; returns how many passed it.
    #[allow(clippy::cast_possible_truncation)]
    fn filtered(&self, ids: &[i64], first: usize, found: &mut impl FnMut(u32, u32, i64)) -> usize {
        let mut keys = [(0_u32, 0_u64, 0_i64); IN_FLIGHT];
        let (mut count, mut passed) = (0, 0);
        for (number, id) in (first..).zip(ids) {
            let hash = spread_bits(id.cast_unsigned());
            // Written whether or not the filter lets it pass: a branch would be guessed wrongly where many do.
            keys[count] = (number as u32, hash, *id);
            count += usize::from(self.filter.may_have(hash));
            if count == IN_FLIGHT {
                self.look_up(&keys, found);
                (count, passed) = (0, passed + count);
            }
        }
        self.look_up(&keys[..count], found);
        passed + count
    }

    #[allow(clippy::cast_possible_truncation)]
    fn look_up(&self, keys: &[(u32, u64, i64)], found: &mut impl FnMut(u32, u32, i64)) {
        self.fetch(keys.iter().map(|(_, hash, _)| *hash));
        for (number, hash, id) in keys {
            if let Ok(slot) = self.look(*hash, *id) {
                found(*number, slot as u32, self.slots[slot][1]);
            }
        }
    }

    /// Reads slots without a branch, so that none waits for what is done with the last one.
    fn fetch(&self, hashes: impl Iterator<Item = u64>) {
        let read = hashes.fold(0, |read, hash| read ^ self.slots[self.first_slot(hash)][0]);
        std::hint::black_box(read);
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    fn first_slot(&self, hash: u64) -> usize {
        hash as usize & (self.slots.len() - 1)
    }

    /// The slot of an old id, or else the empty one where it belongs.
    #[inline]
    fn look(&self, hash: u64, id: i64) -> Result<usize, usize> {
        let mut slot = self.first_slot(hash);
        loop {
            let [old, new] = self.slots[slot];
            if old == new {
                return Err(slot);
            }
            if old == id {
                return Ok(slot);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Multiples of three have become their double plus one; 0 leads to 1, and -7 to 0, as the empty slot has it.
    fn table() -> NumberTable {
        let pairs: Vec<[i64; 2]> = (0..1_000).map(|n| [n * 3, n * 6 + 1]).chain([[-7, 0], [5, 5]]).collect();
        // Twice the same is there once.
        NumberTable::new(&[&pairs[..], &pairs].concat())
    }

    fn expected(ids: &[i64]) -> Vec<(u32, i64)> {
        let new = |id: i64| match id {
            -7 => Some(0),
            id if id >= 0 && id % 3 == 0 && id < 3_000 => Some(id * 2 + 1),
            _ => None,
        };
        (0..).zip(ids).filter_map(|(number, id)| Some((number, new(*id)?))).collect()
    }

    #[test]
    fn old_ids_are_found_alone_and_among_many_whether_few_or_most_are_old() {
        let table = table();
        let few: Vec<i64> = (-100..5_000).collect();
        let most: Vec<i64> =
            (0..5_000).map(|n| if n % 50 == 0 { n } else { n * 3 % 3_000 }).chain([-7, 0, 5]).collect();
        for ids in [&few[..], &most, &most[..513], &[], &[0], &[-7, 1]] {
            let mut found = Vec::new();
            table.for_each(ids, |number, entry, new| {
                assert!((entry as usize) < table.places() && table.new_id(entry) == new);
                found.push((number, new));
            });
            assert_eq!(found, expected(ids));
            assert!(ids.iter().all(|id| table.find(*id) == expected(&[*id]).first().map(|found| found.1)));
        }
    }

    #[test]
    fn only_pairs_that_need_not_be_followed_are_plain() {
        let plain = NumberTable::without_chains(&[[1, 5], [2, 5], [9, 9]]).unwrap();
        assert_eq!((plain.len(), plain.find(2), plain.find(9), plain.find(5)), (2, Some(5), None, None));
        for pairs in [&[[1, 2], [2, 3]][..], &[[1, 5], [1, 5]], &[[1, 5], [1, 6]], &[[1, 5], [1, 1]], &[[1, 2], [2, 1]]]
        {
            assert!(NumberTable::without_chains(pairs).is_none(), "{pairs:?}");
        }
        assert_eq!(NumberTable::without_chains(&[]).unwrap().len(), 0);
    }

    #[test]
    fn an_empty_table_finds_nothing() {
        let table = NumberTable::new(&[[4, 4]]);
        assert!(table.find(0).is_none() && table.find(4).is_none());
        table.for_each(&[0, 4], |_, _, _| panic!("nothing is there"));
    }
}
