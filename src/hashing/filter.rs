//! A bit per hash: of most keys that are not there it says so, from an eighth of the memory of a table of them.
//!
//! Does not live here: the keys, and the tables behind it.

/// Bits per entry: one key in sixteen that is not there passes.
const BITS_PER_ENTRY: usize = 16;

/// The bits; a power of two of them, none for an empty one.
#[derive(Debug, Clone, Default)]
pub struct HashFilter {
    bits: Vec<u64>,
}

impl HashFilter {
    /// A filter for so many entries.
    #[must_use]
    pub fn with_room_for(entries: usize) -> Self {
        let bits = if entries == 0 { 0 } else { (entries * BITS_PER_ENTRY).next_power_of_two().max(64) };
        Self { bits: vec![0; bits / 64] }
    }

    /// Bytes that a filter for so many entries takes.
    #[must_use]
    pub const fn bytes_for(entries: usize) -> usize {
        if entries == 0 { 0 } else { (entries * BITS_PER_ENTRY).next_power_of_two() / 8 }
    }

    /// Lets a key pass from now on.
    pub fn add(&mut self, hash: u64) {
        let bit = self.bit(hash);
        self.bits[bit / 64] |= 1 << (bit % 64);
    }

    /// Whether a key passes: of those that were added every one. There must be an entry.
    #[inline]
    #[must_use]
    pub fn may_have(&self, hash: u64) -> bool {
        let bit = self.bit(hash);
        self.bits[bit / 64] >> (bit % 64) & 1 == 1
    }

    /// The upper half of the hash: tables choose their slots by the lower one.
    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    fn bit(&self, hash: u64) -> usize {
        (hash >> 32) as usize & (self.bits.len() * 64 - 1)
    }
}
