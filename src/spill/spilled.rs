//! Values in a file, in the order in which they were put there.
//!
//! Does not live here: what stays in memory, and the file itself (`file`).

use std::marker::PhantomData;
use std::sync::Arc;

use super::file::SpillFile;
use crate::error::Result;

/// A value as a fixed number of bytes.
pub trait Record: Copy {
    /// Bytes of one.
    const BYTES: usize;
    /// Appends its bytes.
    fn write(self, bytes: &mut Vec<u8>);
    /// The value of so many bytes.
    fn read(bytes: &[u8]) -> Self;
}

impl Record for u64 {
    const BYTES: usize = size_of::<Self>();

    fn write(self, bytes: &mut Vec<u8>) {
        bytes.extend(self.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        bytes.first_chunk().map_or(0, |bytes| Self::from_le_bytes(*bytes))
    }
}

impl Record for u16 {
    const BYTES: usize = size_of::<Self>();

    fn write(self, bytes: &mut Vec<u8>) {
        bytes.extend(self.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        bytes.first_chunk().map_or(0, |bytes| Self::from_le_bytes(*bytes))
    }
}

/// A record of words, which are read and written one after another.
#[must_use]
pub fn read_words<const WORDS: usize>(bytes: &[u8]) -> [u64; WORDS] {
    std::array::from_fn(|word| bytes.get(word * u64::BYTES..).map_or(0, u64::read))
}

/// Values that are written and read at a time.
const AT_ONCE: usize = 1 << 14;

/// A piece of the file.
#[derive(Debug, Clone, Copy)]
struct Piece {
    start: u64,
    count: usize,
}

/// The values.
#[derive(Debug)]
pub struct Spilled<T> {
    file: Option<Arc<SpillFile>>,
    pieces: Vec<Piece>,
    kind: PhantomData<fn() -> T>,
}

impl<T> Default for Spilled<T> {
    fn default() -> Self {
        Self { file: None, pieces: Vec::new(), kind: PhantomData }
    }
}

impl<T> Spilled<T> {
    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pieces.iter().map(|piece| piece.count).sum()
    }

    /// True where there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}

impl<T: Record> Spilled<T> {
    /// Puts values behind those that are there. All go into the same file.
    ///
    /// # Errors
    /// A write error where the disk does not take them.
    pub fn append<'a>(&mut self, file: &Arc<SpillFile>, values: impl Iterator<Item = &'a T>) -> Result<()>
    where
        T: 'a,
    {
        let file = self.file.get_or_insert_with(|| Arc::clone(file));
        let mut bytes = Vec::new();
        let mut put = |bytes: &mut Vec<u8>| -> Result<()> {
            let count = bytes.len() / T::BYTES;
            if count > 0 {
                self.pieces.push(Piece { start: file.write(bytes)?, count });
                bytes.clear();
            }
            Ok(())
        };
        for value in values {
            value.write(&mut bytes);
            if bytes.len() == AT_ONCE * T::BYTES {
                put(&mut bytes)?;
            }
        }
        put(&mut bytes)
    }

    /// Hands the values over in their order.
    ///
    /// # Errors
    /// A write error where the disk does not give them back.
    pub fn for_each(&self, mut work: impl FnMut(T)) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let mut bytes = Vec::new();
        for piece in &self.pieces {
            bytes.resize(piece.count * T::BYTES, 0);
            file.read(piece.start, &mut bytes)?;
            bytes.chunks_exact(T::BYTES).map(T::read).for_each(&mut work);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_in_their_order_from_as_many_pieces_as_there_are() {
        let root = tempfile::tempdir().unwrap();
        let file = Arc::new(SpillFile::new(root.path(), "tests"));
        let (mut wide, mut narrow) = (Spilled::<u64>::default(), Spilled::<u16>::default());
        assert!(wide.is_empty());
        let values: Vec<u64> = (0..40_000).map(|n| n * 0x0123_4567_89ab).collect();
        for part in [&values[..3], &values[3..3], &values[3..]] {
            wide.append(&file, part.iter()).unwrap();
            narrow.append(&file, [7, 8].iter()).unwrap();
        }
        let (mut found, mut short) = (Vec::new(), Vec::new());
        wide.for_each(|value| found.push(value)).unwrap();
        narrow.for_each(|value| short.push(value)).unwrap();
        assert!(found == values && wide.len() == 40_000);
        assert_eq!(short, [7, 8, 7, 8, 7, 8]);
    }

    #[test]
    fn words_are_read_as_they_were_written() {
        let mut bytes = Vec::new();
        for word in [1_u64, u64::MAX, 3] {
            word.write(&mut bytes);
        }
        assert_eq!(read_words::<3>(&bytes), [1, u64::MAX, 3]);
    }
}
