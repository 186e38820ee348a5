//! How customers are told apart: integer ids by value, text ids byte for byte.
//!
//! Lives here: the storage of names. Does not live here: the table that uses them.

use crate::hashing::spread_bits;

/// Where a text id lies in its partition's store of names; nothing for integer ids.
pub trait Name: Copy + Send + Sync + 'static {
    /// Spreads the bits of an id, so that any of them can choose a partition or a place in a table.
    fn spread(id: u64) -> u64;
    /// Stores a new customer's name.
    fn store(names: &mut Vec<u8>, name: &[u8]) -> Self;
    /// True where the stored name is `name`; the ids are known to be equal.
    fn is(&self, names: &[u8], name: &[u8]) -> bool;
    /// The stored name.
    fn text<'a>(&self, names: &'a [u8]) -> &'a [u8];
}

/// The name of a customer with an integer id: the id says it all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoName;

/// The name of a customer with a text id: a span of the partition's names. Its id is [`hash_text`](crate::hashing::hash_text) of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    start: u32,
    length: u32,
}

impl Name for NoName {
    #[inline]
    fn spread(id: u64) -> u64 {
        spread_bits(id)
    }

    fn store(_names: &mut Vec<u8>, _name: &[u8]) -> Self {
        Self
    }

    #[inline]
    fn is(&self, _names: &[u8], _name: &[u8]) -> bool {
        true
    }

    fn text<'a>(&self, _names: &'a [u8]) -> &'a [u8] {
        &[]
    }
}

impl Name for Span {
    /// The id is a hash already.
    #[inline]
    fn spread(id: u64) -> u64 {
        id
    }

    /// Names of one partition beyond 4 GiB are cut off by [`Partition`](crate::customers::partition::Partition) before.
    #[allow(clippy::cast_possible_truncation)]
    fn store(names: &mut Vec<u8>, name: &[u8]) -> Self {
        let start = names.len() as u32;
        names.extend_from_slice(name);
        Self { start, length: name.len() as u32 }
    }

    #[inline]
    fn is(&self, names: &[u8], name: &[u8]) -> bool {
        self.text(names) == name
    }

    #[inline]
    fn text<'a>(&self, names: &'a [u8]) -> &'a [u8] {
        &names[self.start as usize..self.start as usize + self.length as usize]
    }
}
