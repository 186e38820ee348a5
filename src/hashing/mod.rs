//! Identities of 64 bits, the spreading of their bits, and an index by them.

mod filter;
mod index;

pub use filter::HashFilter;
pub use index::HashIndex;

/// 2^64 divided by the golden ratio, odd: multiplying by it spreads consecutive ids far apart.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A cheap permutation-like mix of 64 bits: both halves of a 128-bit product, folded.
#[inline]
#[must_use]
#[allow(clippy::cast_possible_truncation)]
pub fn spread_bits(id: u64) -> u64 {
    let product = u128::from(id ^ 0x5851_f42d_4c95_7f2d) * u128::from(GOLDEN);
    (product as u64) ^ ((product >> 64) as u64)
}

/// The identity of a text: XXH3, 64 bits. For customers only a first guess, confirmed byte by byte; for orders
/// the identity itself: two orders of one customer are taken for one with a chance of 2^-64 per pair.
#[inline]
#[must_use]
pub fn hash_text(text: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64(text)
}
