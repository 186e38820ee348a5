//! Slots of a fixed number of words, in chunks that do not move as they grow.
//!
//! Does not live here: what the words are.

/// Slots of one chunk.
const CHUNK: usize = 512;

/// The slots. One that was never written is missing, and means zeros.
#[derive(Debug, Default)]
pub(super) struct Slots {
    chunks: Vec<Vec<u64>>,
}

impl Slots {
    /// A slot to be written: zeros at first. `width`: words of a slot, the same in every call.
    #[inline]
    pub(super) fn get_mut(&mut self, slot: usize, width: usize) -> &mut [u64] {
        let (chunk, start) = (slot / CHUNK, slot % CHUNK * width);
        if self.chunks.get(chunk).is_none_or(|chunk| chunk.len() < start + width) {
            self.grow(chunk, start + width, width);
        }
        &mut self.chunks[chunk][start..start + width]
    }

    #[cold]
    fn grow(&mut self, chunk: usize, length: usize, width: usize) {
        while self.chunks.len() <= chunk {
            // All chunks before the last are full. The first grows as vectors do: there are thousands of short lists.
            if let Some(last) = self.chunks.last_mut() {
                last.resize(CHUNK * width, 0);
            }
            let is_first = self.chunks.is_empty();
            self.chunks.push(Vec::with_capacity(if is_first { 4 * width } else { CHUNK * width }));
        }
        self.chunks[chunk].resize(length, 0);
    }

    /// A slot; none where it was never written.
    pub(super) fn get(&self, slot: usize, width: usize) -> Option<&[u64]> {
        let start = slot % CHUNK * width;
        self.chunks.get(slot / CHUNK)?.get(start..start + width)
    }

    /// All slots that were written, and those before them.
    pub(super) fn iter_mut(&mut self, width: usize) -> impl Iterator<Item = &mut [u64]> {
        self.chunks.iter_mut().flat_map(move |chunk| chunk.chunks_exact_mut(width))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_zeros_until_they_are_written_and_stay_where_they_are() {
        let mut slots = Slots::default();
        for slot in [3, 1_300, 0, 511, 512] {
            slots.get_mut(slot, 3).copy_from_slice(&[slot as u64; 3]);
        }
        assert_eq!(slots.get(1_300, 3), Some(&[1_300; 3][..]));
        assert_eq!(slots.get(512, 3), Some(&[512; 3][..]));
        assert_eq!(slots.get(700, 3), Some(&[0; 3][..]));
        assert_eq!(slots.get(1_301, 3), None);
        let sum: u64 = slots.iter_mut(3).map(|slot| slot[1]).sum();
        assert_eq!((sum, slots.iter_mut(3).count()), (3 + 1_300 + 511 + 512, 1_301));
    }
}
