//! Texts as words that sort as they do: short ones whole, of longer ones the beginning and where the rest is.
//!
//! Most attributes have short values, and then nothing is looked up. Does not live here: which text wins (`payload`).

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::hashing::hash_text;

/// A text of up to 15 bytes, or the first eight bytes of a longer one and a reference to all of it, or no text.
///
/// Bytes stand from the highest to the lowest, filled up with zeros. The lowest byte of the second word is the length
/// plus one of a short text, `LONG` of a longer one, and zero where there is no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextWords {
    first: u64,
    second: u64,
}

const LONG: u64 = 0xff;
const LENGTH_BITS: u32 = 8;
/// The longest text that needs no reference.
const LONGEST_SHORT: usize = 15;

impl TextWords {
    /// Words of a text.
    pub const WORDS: usize = 2;
    /// No text.
    pub const NONE: Self = Self { first: 0, second: 0 };

    /// The words of a text; `reference` is where a long one is found, below 2^56.
    #[inline]
    #[must_use]
    pub fn new(text: &[u8], reference: u64) -> Self {
        if let Some((first, _)) = text.split_first_chunk::<8>()
            && text.len() > LONGEST_SHORT
        {
            return Self { first: u64::from_be_bytes(*first), second: reference << LENGTH_BITS | LONG };
        }
        let mut bytes = [0; 16];
        bytes[..text.len()].copy_from_slice(text);
        Self::short(bytes, text.len() as u64)
    }

    /// The words of a text of `length` bytes, at most 15, that zeros fill up.
    #[inline]
    #[must_use]
    pub const fn short(bytes: [u8; 16], length: u64) -> Self {
        let all = u128::from_be_bytes(bytes);
        #[allow(clippy::cast_possible_truncation)]
        Self { first: (all >> 64) as u64, second: all as u64 | (length + 1) }
    }

    #[inline]
    pub(crate) fn at(words: &[u64], start: usize) -> Self {
        Self { first: words[start], second: words[start + 1] }
    }

    /// Writes the two words.
    #[inline]
    pub fn write(self, words: &mut [u64], start: usize) {
        (words[start], words[start + 1]) = (self.first, self.second);
    }

    /// True where there is no text.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.second == 0
    }

    /// True where the text has more than 15 bytes.
    #[inline]
    #[must_use]
    pub const fn is_long(self) -> bool {
        self.second & LONG == LONG
    }

    /// Where a long text is.
    #[inline]
    #[must_use]
    pub const fn reference(self) -> u64 {
        self.second >> LENGTH_BITS
    }

    /// The same long text, found elsewhere.
    #[inline]
    #[must_use]
    pub const fn with_reference(self, reference: u64) -> Self {
        Self { first: self.first, second: reference << LENGTH_BITS | LONG }
    }

    /// The bytes of a short text.
    #[inline]
    #[must_use]
    pub fn short_bytes(self) -> ([u8; 16], usize) {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.first.to_be_bytes());
        bytes[8..].copy_from_slice(&self.second.to_be_bytes());
        bytes[LONGEST_SHORT] = 0;
        #[allow(clippy::cast_possible_truncation)]
        (bytes, ((self.second & LONG) as usize).saturating_sub(1))
    }

    /// Compares two texts, of which the long ones are looked up only where their beginnings agree. No text is the least.
    #[inline]
    fn compare<'a, 'b>(
        self,
        other: Self,
        own: impl FnOnce(Self) -> &'a [u8],
        others: impl FnOnce(Self) -> &'b [u8],
    ) -> Ordering {
        if self.first != other.first || !(self.is_long() || other.is_long()) {
            return (self.first, self.second).cmp(&(other.first, other.second));
        }
        if self.is_none() || other.is_none() {
            return other.is_none().cmp(&self.is_none());
        }
        let ((short, length), (other_short, other_length)) = (self.short_bytes(), other.short_bytes());
        let own = if self.is_long() { own(self) } else { &short[..length] };
        let others = if other.is_long() { others(other) } else { &other_short[..other_length] };
        own.cmp(others)
    }

    /// Whether this is the greater text.
    #[inline]
    pub(super) fn is_greater<'a, 'b>(
        self,
        other: Self,
        own: impl FnOnce(Self) -> &'a [u8],
        others: impl FnOnce(Self) -> &'b [u8],
    ) -> bool {
        self.compare(other, own, others) == Ordering::Greater
    }
}

/// Where long texts are found.
pub trait Texts {
    /// The text of a field that a reference leads to.
    fn text(&self, field: usize, reference: u64) -> &[u8];
}

/// No long texts at all.
#[derive(Debug, Clone, Copy)]
pub struct NoTexts;

impl Texts for NoTexts {
    fn text(&self, _field: usize, _reference: u64) -> &[u8] {
        &[]
    }
}

/// Long texts one after another, each behind its length; a reference is where it begins.
#[derive(Debug, Default)]
pub(in crate::customers) struct Arena {
    bytes: Vec<u8>,
}

impl Arena {
    /// Adds a text.
    #[allow(clippy::cast_possible_truncation)]
    pub(super) fn push(&mut self, text: &[u8]) -> u64 {
        let reference = self.bytes.len() as u64;
        // A text of the engine has less than 4 GiB.
        self.bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
        self.bytes.extend_from_slice(text);
        reference
    }

    /// The text that a reference leads to.
    #[allow(clippy::cast_possible_truncation)]
    pub(super) fn get(&self, reference: u64) -> &[u8] {
        let rest = &self.bytes[reference as usize..];
        let Some((length, rest)) = rest.split_first_chunk::<4>() else { return &[] };
        &rest[..u32::from_le_bytes(*length) as usize]
    }

    #[cfg(test)]
    pub(super) fn text_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Forgets all texts, and keeps the room.
    pub(in crate::customers) fn clear(&mut self) {
        self.bytes.clear();
    }
}

impl Texts for Arena {
    fn text(&self, _field: usize, reference: u64) -> &[u8] {
        self.get(reference)
    }
}

/// Bytes of texts that are kept before any is looked at for being out of use.
const LEAST_LIMIT: usize = 1 << 14;
/// Texts stored last that are looked at, so that few values are stored once each.
const RECENT: usize = 256;

/// The long texts of one partition's customers.
#[derive(Debug, Default)]
pub(super) struct TextStore {
    arena: Arena,
    /// References plus one of texts stored last, by their hash.
    recent: Vec<u64>,
    /// Bytes beyond which unused texts are to be forgotten.
    limit: usize,
}

impl TextStore {
    pub(super) const fn arena(&self) -> &Arena {
        &self.arena
    }

    /// The texts alone, when no more come.
    pub(super) fn into_arena(self) -> Arena {
        self.arena
    }

    pub(super) fn is_full(&self) -> bool {
        self.arena.bytes.len() > self.limit.max(LEAST_LIMIT)
    }

    /// Takes a row's moment and text into a slot, where they are later, or as late and greater.
    #[inline]
    pub(super) fn keep_latest<'a>(
        &mut self,
        known: &mut [u64],
        row: &[u64],
        moment: usize,
        text: impl Fn(TextWords) -> &'a [u8],
    ) {
        let (words, known_words) = (TextWords::at(row, moment), TextWords::at(known, moment));
        let by_moment = if moment == 1 { row[0].cmp(&known[0]) } else { row[..moment].cmp(&known[..moment]) };
        match by_moment {
            Ordering::Less => return,
            Ordering::Equal => {
                let arena = &self.arena;
                if words.compare(known_words, &text, |known| arena.get(known.reference())) != Ordering::Greater {
                    return;
                }
            }
            Ordering::Greater => {}
        }
        known[..moment].copy_from_slice(&row[..moment]);
        if !words.is_long() {
            words.write(known, moment);
            return;
        }
        let text = text(words);
        // Mostly a customer's value stays the same.
        let is_same = words.first == known_words.first
            && known_words.is_long()
            && self.arena.get(known_words.reference()) == text;
        if !is_same {
            words.with_reference(self.put(text)).write(known, moment);
        }
    }

    #[allow(clippy::cast_possible_truncation)]
    fn put(&mut self, text: &[u8]) -> u64 {
        if self.recent.is_empty() {
            self.recent.resize(RECENT, 0);
        }
        let place = hash_text(text) as usize % RECENT;
        if let Some(reference) = self.recent[place].checked_sub(1)
            && self.arena.get(reference) == text
        {
            return reference;
        }
        let reference = self.arena.push(text);
        self.recent[place] = reference + 1;
        reference
    }
}

/// The texts that are still in use, while they are found.
#[derive(Debug, Default)]
pub(super) struct StillUsed {
    arena: Arena,
    /// New references by old ones: texts that customers share stay shared.
    moved: HashMap<u64, u64>,
}

impl StillUsed {
    /// Keeps a text, and says where it is now.
    pub(super) fn keep(&mut self, of: &TextStore, reference: u64) -> u64 {
        *self.moved.entry(reference).or_insert_with(|| self.arena.push(of.arena.get(reference)))
    }

    pub(super) fn finish(self) -> TextStore {
        let limit = 2 * self.arena.bytes.len();
        TextStore { arena: self.arena, recent: Vec::new(), limit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_sort_as_their_texts_do() {
        let mut texts: Vec<Vec<u8>> = ["", "a", "a\0", "ab", "B", "é", "ééééééé", "ééééééée", "zzzzzzzz", "zzzzzzzzz"]
            .iter()
            .map(|text| text.as_bytes().to_vec())
            .collect();
        for length in [7, 8, 9, 14, 15, 16, 17, 40] {
            texts.extend([b'q', 0, 0xff].map(|byte| [b"12345678".as_slice(), &vec![byte; length]].concat()));
            texts.push(vec![b'1'; length]);
        }
        let mut arena = Arena::default();
        let all: Vec<TextWords> = texts.iter().map(|text| TextWords::new(text, arena.push(text))).collect();
        let find = |words: TextWords| arena.get(words.reference());
        for (a, text_a) in all.iter().zip(&texts) {
            assert_eq!(a.is_long(), text_a.len() > 15, "{text_a:?}");
            if a.is_long() {
                assert_eq!(find(*a), text_a);
            } else {
                let (bytes, length) = a.short_bytes();
                assert_eq!(&bytes[..length], text_a);
            }
            assert_eq!(TextWords::NONE.compare(*a, find, find), Ordering::Less);
            assert_eq!(a.compare(TextWords::NONE, find, find), Ordering::Greater);
            for (b, text_b) in all.iter().zip(&texts) {
                assert_eq!(a.compare(*b, find, find), text_a.cmp(text_b), "{text_a:?} {text_b:?}");
            }
        }
    }

    #[test]
    fn few_values_are_stored_once_and_unused_ones_are_forgotten() {
        let mut store = TextStore::default();
        let few = [b"a value of twenty bytes".as_slice(), b"another value, as long as it"];
        let references: Vec<u64> = (0..1_000).map(|row| store.put(few[row % 2])).collect();
        assert!(store.arena.bytes.len() < 100 && references[0] == references[998]);
        let mut last = 0;
        for row in 0..10_000 {
            last = store.put(format!("the value of row {row}").as_bytes());
        }
        assert!(store.is_full());
        let mut kept = StillUsed::default();
        let moved = [references[0], last, references[0]].map(|reference| kept.keep(&store, reference));
        let store = kept.finish();
        assert_eq!((moved[0], store.arena.get(moved[2])), (moved[2], few[0]));
        assert_eq!(store.arena.get(moved[1]), b"the value of row 9999");
        assert!(store.arena.bytes.len() < 60 && !store.is_full());
    }
}
