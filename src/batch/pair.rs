//! The keys of customers who are pairs: an id, and the value of a column that makes one customer of each (`customers.per`).
//!
//! A pair has one key, a text that sorts as the pairs do: by id, integers by value and texts by code point, then by the value of the
//! column, null first. Behind the fold nothing but names knows that a key is a pair. Does not live here: the setting.

use std::borrow::Cow;

/// How the ids of pairs are stored in their keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairIds {
    /// Integers.
    Integer,
    /// Texts.
    Text,
}

/// The id of a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlainId<'a> {
    /// An integer.
    Integer(i64),
    /// A text.
    Text(Cow<'a, [u8]>),
}

/// Bytes of an integer in a key.
const INTEGER_BYTES: usize = 8;
/// A zero in a text is followed by a one, the end of a text by another zero: so shorter texts come first.
const ZERO: [u8; 2] = [0, 1];
const END: [u8; 2] = [0, 0];

/// The key of an integer id.
#[must_use]
pub fn key_of_integer(id: i64, per: Option<&[u8]>) -> Vec<u8> {
    let mut key = (id.cast_unsigned() ^ 1 << 63).to_be_bytes().to_vec();
    push_per(&mut key, per);
    key
}

/// The key of a text id.
#[must_use]
pub fn key_of_text(id: &[u8], per: Option<&[u8]>) -> Vec<u8> {
    let mut key = Vec::with_capacity(id.len() + per.map_or(0, <[u8]>::len) + END.len() + 1);
    for byte in id {
        if *byte == 0 { key.extend(ZERO) } else { key.push(*byte) }
    }
    key.extend(END);
    push_per(&mut key, per);
    key
}

fn push_per(key: &mut Vec<u8>, per: Option<&[u8]>) {
    key.push(u8::from(per.is_some()));
    key.extend_from_slice(per.unwrap_or_default());
}

/// The id and the value of the column that a key was made of.
#[must_use]
pub fn split(key: &[u8], ids: PairIds) -> (PlainId<'_>, Option<&[u8]>) {
    let (id, rest) = match ids {
        PairIds::Integer => {
            let (number, rest) = key.split_at(INTEGER_BYTES.min(key.len()));
            let bits = number.try_into().map_or(0, u64::from_be_bytes);
            (PlainId::Integer((bits ^ 1 << 63).cast_signed()), rest)
        }
        PairIds::Text => {
            let end = end_of_text(key);
            (PlainId::Text(plain_text(&key[..end])), key.get(end + END.len()..).unwrap_or_default())
        }
    };
    (id, rest.split_first().filter(|(is_some, _)| **is_some == 1).map(|(_, per)| per))
}

/// Where the text ends: at two zeros, since a zero of the text is followed by a one.
fn end_of_text(key: &[u8]) -> usize {
    key.windows(END.len()).position(|two| *two == END).unwrap_or(key.len())
}

fn plain_text(escaped: &[u8]) -> Cow<'_, [u8]> {
    if !escaped.contains(&0) {
        return Cow::Borrowed(escaped);
    }
    let mut plain = Vec::with_capacity(escaped.len());
    let mut bytes = escaped.iter();
    while let Some(byte) = bytes.next() {
        plain.push(*byte);
        if *byte == 0 {
            bytes.next();
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_pairs_do_and_give_back_what_they_were_made_of() {
        let pers = [None, Some(&b""[..]), Some(b"\0"), Some(b"AT"), Some(b"DE"), Some(b"DEU")];
        let numbers = [i64::MIN, -10, -9, 0, 5, 16, i64::MAX];
        let pairs: Vec<(i64, Option<&[u8]>)> = numbers.iter().flat_map(|id| pers.map(|per| (*id, per))).collect();
        let keys: Vec<Vec<u8>> = pairs.iter().map(|(id, per)| key_of_integer(*id, *per)).collect();
        assert!(keys.is_sorted_by(|one, other| one < other), "each pair has a key of its own, in order");
        for (key, (id, per)) in keys.iter().zip(&pairs) {
            assert_eq!(split(key, PairIds::Integer), (PlainId::Integer(*id), *per));
        }
        let texts =
            [&b""[..], b"\0", b"\0\0", b"\0\x01", b"\x01", b"a", b"a\0", b"a\0b", b"a\x01", b"ab", "ä".as_bytes()];
        assert!(texts.is_sorted());
        let pairs: Vec<(&[u8], Option<&[u8]>)> = texts.iter().flat_map(|id| pers.map(|per| (*id, per))).collect();
        let keys: Vec<Vec<u8>> = pairs.iter().map(|(id, per)| key_of_text(id, *per)).collect();
        assert!(keys.is_sorted_by(|one, other| one < other));
        for (key, (id, per)) in keys.iter().zip(&pairs) {
            assert_eq!(split(key, PairIds::Text), (PlainId::Text(Cow::Borrowed(*id)), *per), "{key:?}");
        }
    }
}
