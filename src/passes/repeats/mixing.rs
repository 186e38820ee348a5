//! How words become fingerprints: two lanes of 64 bits, into which words are multiplied one after the other.
//!
//! Does not live here: which words a value is (`values`).

use xxhash_rust::xxh3::xxh3_128;

/// Odd numbers without a pattern, from the digits of pi and e: for either lane one.
const FACTORS: [[u64; 2]; 8] = [
    [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7345],
    [0xa409_3822_299f_31d1, 0x082e_fa98_ec4e_6c89],
    [0x4528_21e6_38d0_1377, 0xbe54_66cf_34e9_0c6d],
    [0xb7e1_5162_8aed_2a6b, 0xbf71_5880_9cf4_f3c7],
    [0xc0ac_29b7_c97c_50dd, 0x3f84_d5b5_b547_0917],
    [0x9216_d5d9_8979_fb1b, 0xd131_0ba6_98df_b5ad],
    [0x2ffd_72db_d01a_dfb7, 0xb8e1_afed_6a26_7e97],
    [0xba7c_9045_f12c_7f99, 0x24a1_9947_b391_6cf7],
];

/// What a word is, which decides its factors.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// The first 64 bits of a value.
    Value,
    /// The rest of it.
    UpperValue,
    /// A missing value.
    Null,
    /// The end of a row.
    End,
    /// A float that is no whole number.
    Fraction,
    /// The decimals of a number that no float holds.
    Decimals,
    /// The length of a list, and its elements.
    Element,
    /// The name of a field of a struct.
    Field,
}

/// Two hashes of 64 bits with different factors.
pub(super) type Lanes = [u64; 2];

/// What the lanes begin with.
pub(super) const START: Lanes = [0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f];

/// Both halves of the product of 64 bits, folded.
#[inline]
#[allow(clippy::cast_possible_truncation)]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ (product >> 64) as u64
}

/// The lanes after one more word: that of each lane is the same, or has 64 bits of its own.
#[inline]
pub(super) fn mixed(lanes: Lanes, words: Lanes, kind: Kind) -> Lanes {
    let factors = FACTORS[kind as usize];
    [fold(lanes[0] ^ words[0], factors[0]), fold(lanes[1] ^ words[1], factors[1])]
}

#[inline]
pub(super) fn with_null(lanes: Lanes) -> Lanes {
    mixed(lanes, [0, 0], Kind::Null)
}

#[inline]
pub(super) fn with_word(lanes: Lanes, word: u64) -> Lanes {
    mixed(lanes, [word; 2], Kind::Value)
}

#[inline]
#[allow(clippy::cast_possible_truncation)]
pub(super) fn with_two_words(lanes: Lanes, words: u128) -> Lanes {
    mixed(with_word(lanes, words as u64), [(words >> 64) as u64; 2], Kind::UpperValue)
}

pub(super) fn with_hash(lanes: Lanes, bytes: &[u8]) -> Lanes {
    let hash = xxh3_128(bytes);
    #[allow(clippy::cast_possible_truncation)]
    let halves = [(hash >> 64) as u64, hash as u64];
    // Each lane has its own half first: equal halves of different texts must not meet in both.
    mixed(mixed(lanes, halves, Kind::Value), [halves[1], halves[0]], Kind::UpperValue)
}
