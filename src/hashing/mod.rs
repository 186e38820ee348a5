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

/// Odd, and so with an inverse: what multiplying by it did, multiplying by that undoes.
const FACTOR: u64 = 0xd6e8_feb8_6659_fd93;

/// A mix of 64 bits that [`unmix`] undoes. Each bit depends on others, so that any of them can choose a place.
#[inline]
#[must_use]
pub const fn mix(id: u64) -> u64 {
    let first = id.wrapping_mul(FACTOR);
    let second = (first ^ first >> 32).wrapping_mul(FACTOR);
    second ^ second >> 32
}

/// What [`mix`] was given. The upper half upon the lower one undoes itself.
#[inline]
#[must_use]
pub const fn unmix(key: u64) -> u64 {
    const INVERSE: u64 = inverse(FACTOR);
    let first = (key ^ key >> 32).wrapping_mul(INVERSE);
    (first ^ first >> 32).wrapping_mul(INVERSE)
}

/// The odd number by which `odd` multiplies to one. Newton's method doubles the right bits with each step; an odd number is its
/// own inverse in the lowest three.
const fn inverse(odd: u64) -> u64 {
    let mut inverse = odd;
    let mut step = 0;
    while step < 5 {
        inverse = inverse.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(inverse)));
        step += 1;
    }
    inverse
}

/// The identity of a text: XXH3, 64 bits. For customers only a first guess, confirmed byte by byte; for orders
/// the identity itself: two orders of one customer are taken for one with a chance of 2^-64 per pair.
#[inline]
#[must_use]
pub fn hash_text(text: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mix_is_undone_and_spreads_neighbours() {
        let ids = (0..1_000).chain([u64::MAX, 1 << 63, 1 << 32, 0x0123_4567_89ab_cdef]);
        assert!(ids.into_iter().all(|id| unmix(mix(id)) == id));
        // 102,400 ids over 1024 parts by the highest bits, and by the lowest: 100 each, give or take six times the root.
        for part in [|key: u64| key >> 54, |key: u64| key % 1024] {
            for step in [1_u64, 7_919, 1 << 20, 1 << 40] {
                let mut counts = vec![0; 1024];
                (0..102_400_u64).for_each(|n| counts[usize::try_from(part(mix(n.wrapping_mul(step)))).unwrap()] += 1);
                assert!(counts.iter().all(|count| (40..160).contains(count)), "{step}: {counts:?}");
            }
        }
    }
}
