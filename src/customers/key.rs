//! How customers are told apart: integer ids by value, text ids byte for byte.
//!
//! Lives here: the storage of names. Does not live here: the table that uses them.

use crate::hashing::{mix, unmix};

/// Where a text id lies in its partition's store of names; nothing for integer ids.
pub trait Name: Copy + Send + Sync + 'static {
    /// The key of an integer id's bits, or of the hash of a text id: spread, so that any of its bits can choose a partition or a
    /// place in a table. Other ids have other keys.
    fn key(id: u64) -> u64;
    /// What a key was made of.
    fn id(key: u64) -> u64;
    /// Takes the name of the next row off the names of rows.
    fn take<'a>(names: &mut &'a [u8]) -> &'a [u8];
    /// Stores a new customer's name.
    fn store(names: &mut Vec<u8>, name: &[u8]) -> Self;
    /// True where the stored name is `name`; the ids are known to be equal.
    fn is(&self, names: &[u8], name: &[u8]) -> bool;
    /// The stored name.
    fn text<'a>(&self, names: &'a [u8]) -> &'a [u8];
}

/// Names of rows stand one behind the other, each behind its length: a byte, or this one and four more.
const LONG: u8 = u8::MAX;
/// The longest name that a row may have: 16 MiB.
pub(super) const LONGEST_NAME: usize = (1 << 24) - 1;

/// Bytes of a name with its length.
#[inline]
pub(super) const fn space_of(name: &[u8]) -> usize {
    name.len() + if name.len() < LONG as usize { 1 } else { 5 }
}

/// Writes a name behind its length, into as much space as it takes.
#[inline]
#[allow(clippy::cast_possible_truncation)]
pub(super) fn write_name(space: &mut [u8], name: &[u8]) {
    let (length, rest) = space.split_at_mut(space.len() - name.len());
    if let [length] = length {
        *length = name.len() as u8;
    } else {
        length[0] = LONG;
        length[1..].copy_from_slice(&(name.len() as u32).to_le_bytes());
    }
    rest.copy_from_slice(name);
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
    fn key(id: u64) -> u64 {
        mix(id)
    }

    #[inline]
    fn id(key: u64) -> u64 {
        unmix(key)
    }

    #[inline]
    fn take<'a>(_names: &mut &'a [u8]) -> &'a [u8] {
        &[]
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
    fn key(id: u64) -> u64 {
        id
    }

    #[inline]
    fn id(key: u64) -> u64 {
        key
    }

    #[inline]
    fn take<'a>(names: &mut &'a [u8]) -> &'a [u8] {
        let (length, rest) = match names {
            [LONG, a, b, c, d, rest @ ..] => (u32::from_le_bytes([*a, *b, *c, *d]) as usize, rest),
            [length, rest @ ..] => (usize::from(*length), rest),
            [] => return &[],
        };
        let (name, rest) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        *names = rest;
        name
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
