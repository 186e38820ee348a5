//! Entries of a list by the hash of their key, for lists that most of those who are asked about are not in.
//!
//! Does not live here: the keys, how they are hashed, and the bits that say of most keys that they are not there (`filter`).

use super::HashFilter;

/// Keys that are looked up together: their entries come from memory side by side.
const IN_FLIGHT: usize = 64;

/// The index. Up to 2^32 - 2 entries.
#[derive(Debug, Clone, Default)]
pub struct HashIndex {
    filter: HashFilter,
    /// A power of two of slots, at most three quarters full: the upper half of the hash, and the entry plus one; 0 is empty.
    slots: Vec<u64>,
    entries: usize,
}

impl HashIndex {
    /// An index with room for so many entries. More do not fit.
    #[must_use]
    pub fn with_room_for(entries: usize) -> Self {
        if entries == 0 {
            return Self::default();
        }
        let slots = (entries + entries / 3 + 1).next_power_of_two();
        Self { filter: HashFilter::with_room_for(entries), slots: vec![0; slots], entries: 0 }
    }

    /// Number of entries.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.entries
    }

    /// True without entries.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries == 0
    }

    /// Bytes that an index of so many entries takes.
    #[must_use]
    pub fn bytes_for(entries: usize) -> u64 {
        if entries == 0 {
            return 0;
        }
        let index = (entries + entries / 3 + 1).next_power_of_two() * 8;
        (index + HashFilter::bytes_for(entries)) as u64
    }

    /// Adds an entry, unless there is one already whose key is the same: then that one.
    ///
    /// # Errors
    /// The entry of the same key.
    pub fn insert(&mut self, hash: u64, entry: u32, is_same: impl FnMut(u32) -> bool) -> Result<(), u32> {
        match self.look(hash, is_same) {
            Ok(known) => Err(known),
            Err(slot) => {
                self.slots[slot] = hash & TAG | (u64::from(entry) + 1);
                self.filter.add(hash);
                self.entries += 1;
                Ok(())
            }
        }
    }

    /// The entry of a key; `is_same` confirms that an entry of the same hash is of the same key.
    #[must_use]
    pub fn find(&self, hash: u64, is_same: impl FnMut(u32) -> bool) -> Option<u32> {
        if self.is_empty() || !self.filter.may_have(hash) { None } else { self.look(hash, is_same).ok() }
    }

    /// The keys that are there, each as its number among `hashes` and its entry, ascending by number. `is_same` confirms that
    /// the key of a number is that of an entry.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)]
    pub fn find_each(
        &self,
        hashes: impl Iterator<Item = u64>,
        is_same: impl Fn(usize, u32) -> bool,
    ) -> Vec<(u32, u32)> {
        let mut found = Vec::new();
        if self.is_empty() {
            return found;
        }
        // Written whether or not the filter lets them pass: a branch would be guessed wrongly where many do.
        let mut passed = [(0_u32, 0_u64); IN_FLIGHT];
        let mut count = 0;
        for (number, hash) in hashes.enumerate() {
            passed[count] = (number as u32, hash);
            count += usize::from(self.filter.may_have(hash));
            if count == IN_FLIGHT {
                self.look_up(&passed, &is_same, &mut found);
                count = 0;
            }
        }
        self.look_up(&passed[..count], &is_same, &mut found);
        found
    }

    fn look_up(&self, keys: &[(u32, u64)], is_same: impl Fn(usize, u32) -> bool, found: &mut Vec<(u32, u32)>) {
        // Read without a branch, so that no slot waits for what is done with the last one.
        let read = keys.iter().fold(0, |read, (_, hash)| read ^ self.slots[self.first_slot(*hash)]);
        std::hint::black_box(read);
        for (number, hash) in keys {
            if let Ok(entry) = self.look(*hash, |entry| is_same(*number as usize, entry)) {
                found.push((*number, entry));
            }
        }
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    fn first_slot(&self, hash: u64) -> usize {
        hash as usize & (self.slots.len() - 1)
    }

    /// The entry of a key, or else the empty slot where it belongs.
    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    fn look(&self, hash: u64, mut is_same: impl FnMut(u32) -> bool) -> Result<u32, usize> {
        let mut slot = self.first_slot(hash);
        loop {
            let kept = self.slots[slot];
            if kept == 0 {
                return Err(slot);
            }
            let entry = (kept & !TAG) as u32 - 1;
            if kept & TAG == hash & TAG && is_same(entry) {
                return Ok(entry);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }
}

/// The upper half of a slot.
const TAG: u64 = !0 << 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hashing::spread_bits;

    /// An index of every third number up to 3000 and some numbers more.
    fn thirds() -> (Vec<u64>, HashIndex) {
        let keys: Vec<u64> = (0..1_000).map(|number| number * 3).collect();
        let mut index = HashIndex::with_room_for(keys.len());
        for (entry, key) in (0..).zip(&keys) {
            assert_eq!(index.insert(spread_bits(*key), entry, |known| keys[known as usize] == *key), Ok(()));
        }
        (keys, index)
    }

    #[test]
    fn what_is_there_is_found_alone_and_together() {
        let (keys, index) = thirds();
        assert_eq!(index.len(), 1_000);
        let find = |key: u64| index.find(spread_bits(key), |entry| keys[entry as usize] == key);
        assert!((0..1_000).all(|entry: u32| find(u64::from(entry) * 3) == Some(entry)));
        assert!((0..1_000).all(|number| find(number * 3 + 1).is_none()));
        let asked: Vec<u64> = (0..4_000).collect();
        let hashes = asked.iter().map(|key| spread_bits(*key));
        let found = index.find_each(hashes, |number, entry| asked[number] == keys[entry as usize]);
        let expected: Vec<(u32, u32)> = (0..1_000).map(|entry| (entry * 3, entry)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_key_is_there_once_and_equal_hashes_are_told_apart() {
        let (keys, mut index) = thirds();
        let again = index.insert(spread_bits(6), 7, |entry| keys[entry as usize] == 6);
        assert_eq!((again, index.len()), (Err(2), 1_000));
        let mut alike = HashIndex::with_room_for(3);
        assert!((0..3).all(|entry| alike.insert(5, entry, |_| false).is_ok()));
        assert_eq!([0, 1, 2].map(|wanted| alike.find(5, |entry| entry == wanted)), [Some(0), Some(1), Some(2)]);
    }

    #[test]
    fn an_empty_index_finds_nothing() {
        let empty = HashIndex::with_room_for(0);
        assert!(empty.is_empty() && empty.find(1, |_| true).is_none());
        assert!(empty.find_each([1, 2].into_iter(), |_, _| true).is_empty());
    }
}
