//! Numbers and their rows, highest first: spread over buckets by magnitude, then sorted within each.
//!
//! A bucket holds numbers with the same first eight bits, so it fits into a core's cache however far apart the numbers
//! are, unless many are equal. If a number is too large to share a word with its row, all are sorted as pairs. Does not
//! live here: what the order means (`ranking`).

use std::cmp::Reverse;
use std::sync::atomic::{AtomicU32, Ordering};

use rayon::prelude::*;

/// Bits of a magnitude after its first one that select the bucket.
const FINE_BITS: u32 = 7;
/// Buckets of one sign: 128 of each power of two.
const BUCKETS: usize = 64 << FINE_BITS;
/// Magnitudes below this one share a word with the row.
pub(super) const WORD_LIMIT: u64 = 1 << (33 + FINE_BITS);
/// A bucket with more rows than this is sorted by all threads.
const LARGE_BUCKET: usize = 1 << 18;
/// Rows that are spread at a time: their data fit into the cache.
const ROWS_PER_PIECE: usize = 1 << 18;
/// Buckets that a thread sorts before another may take over.
const BUCKETS_AT_ONCE: usize = 16;

/// Numbers in descending order, and the rank of each row's number.
pub(super) struct Descending {
    /// The numbers, highest first.
    pub(super) values: Vec<i64>,
    /// Per row the rank of its number, from 1; of equal ones the first row comes first.
    pub(super) rank: Vec<u32>,
}

impl Descending {
    /// Puts numbers into order: fewer than 2^32.
    pub(super) fn of(numbers: &[i64]) -> Self {
        let fit = numbers.par_iter().all(|number| number.unsigned_abs() < WORD_LIMIT);
        if fit { by_buckets(numbers) } else { by_pairs(numbers) }
    }
}

/// The bucket of a number, in descending order of numbers.
#[expect(clippy::cast_possible_truncation, reason = "eight bits are left")]
fn bucket(number: i64) -> usize {
    let magnitude = number.unsigned_abs();
    let shift = shift(magnitude);
    let fine = (magnitude >> shift) as usize;
    // From 128 on the first bit is always set: the power of two replaces it.
    let slot = fine + ((shift as usize) << FINE_BITS);
    if number < 0 { BUCKETS + slot } else { BUCKETS - 1 - slot }
}

/// Bits of a magnitude that its bucket does not determine.
fn shift(magnitude: u64) -> u32 {
    (u64::BITS - magnitude.leading_zeros()).saturating_sub(FINE_BITS + 1)
}

/// A number's key among those of its bucket, in descending order of numbers.
fn within(number: i64) -> u64 {
    let untold = (1 << shift(number.unsigned_abs())) - 1;
    let rest = number.unsigned_abs() & untold;
    if number < 0 { rest } else { untold - rest }
}

/// The number with this key in a bucket.
fn number(bucket: usize, within: u64) -> i64 {
    let is_negative = bucket >= BUCKETS;
    let slot = if is_negative { bucket - BUCKETS } else { BUCKETS - 1 - bucket };
    let shift = (slot >> FINE_BITS).saturating_sub(1);
    let untold = (1 << shift) - 1;
    let magnitude = ((slot - (shift << FINE_BITS)) as u64) << shift;
    if is_negative {
        (magnitude + within).wrapping_neg().cast_signed()
    } else {
        (magnitude + untold - within).cast_signed()
    }
}

/// Rows in the order of their buckets.
struct Piece {
    /// Where each bucket begins, and where the last one ends.
    starts: Vec<u32>,
    /// The key within the bucket, followed by the row.
    keys: Vec<u64>,
}

impl Piece {
    fn of(first_row: usize, numbers: &[i64]) -> Self {
        let mut ends = vec![0_u32; 2 * BUCKETS + 1];
        for number in numbers {
            ends[bucket(*number) + 1] += 1;
        }
        let mut rows = 0;
        for end in &mut ends {
            rows += *end;
            *end = rows;
        }
        let starts = ends.clone();
        let mut keys = vec![0; numbers.len()];
        for (row, number) in (first_row..).zip(numbers) {
            let next = &mut ends[bucket(*number)];
            keys[*next as usize] = within(*number) << 32 | row as u64;
            *next += 1;
        }
        Self { starts, keys }
    }

    fn bucket(&self, bucket: usize) -> &[u64] {
        &self.keys[self.starts[bucket] as usize..self.starts[bucket + 1] as usize]
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half of the key")]
fn row_of(key: u64) -> usize {
    key as u32 as usize
}

/// What one bucket fills.
struct Share<'a> {
    bucket: usize,
    first_rank: u32,
    values: &'a mut [i64],
}

fn by_buckets(numbers: &[i64]) -> Descending {
    let piece = |(chunk, numbers)| Piece::of(chunk * ROWS_PER_PIECE, numbers);
    let pieces: Vec<Piece> = numbers.par_chunks(ROWS_PER_PIECE).enumerate().with_max_len(1).map(piece).collect();
    let mut values = vec![0; numbers.len()];
    let rank: Vec<AtomicU32> = numbers.par_iter().map(|_| AtomicU32::new(0)).collect();
    let shares = shares(&pieces, &mut values).into_par_iter().with_max_len(BUCKETS_AT_ONCE);
    shares.for_each_init(Vec::new, |keys, share| {
        keys.clear();
        for piece in &pieces {
            keys.extend_from_slice(piece.bucket(share.bucket));
        }
        if keys.len() > LARGE_BUCKET {
            keys.par_sort_unstable();
        } else {
            keys.sort_unstable();
        }
        for ((key, value), own_rank) in keys.iter().zip(share.values).zip(share.first_rank..) {
            *value = number(share.bucket, key >> 32);
            rank[row_of(*key)].store(own_rank, Ordering::Relaxed);
        }
    });
    Descending { values, rank: rank.into_iter().map(AtomicU32::into_inner).collect() }
}

/// The part of `values` of every bucket that has any.
fn shares<'a>(pieces: &[Piece], values: &'a mut [i64]) -> Vec<Share<'a>> {
    let mut first_rank = 1;
    let mut rest = values;
    let mut shares = Vec::new();
    for bucket in 0..2 * BUCKETS {
        let rows: usize = pieces.iter().map(|piece| piece.bucket(bucket).len()).sum();
        if rows > 0 {
            let (values, after) = rest.split_at_mut(rows);
            shares.push(Share { bucket, first_rank, values });
            rest = after;
            #[expect(clippy::cast_possible_truncation, reason = "fewer than 2^32 rows")]
            (first_rank += rows as u32);
        }
    }
    shares
}

/// For numbers that leave no bits for the row.
fn by_pairs(numbers: &[i64]) -> Descending {
    let mut pairs: Vec<(Reverse<i64>, u32)> = numbers.iter().copied().map(Reverse).zip(0..).collect();
    pairs.par_sort_unstable();
    let mut rank = vec![0; numbers.len()];
    for ((_, row), own_rank) in pairs.iter().zip(1..) {
        rank[*row as usize] = own_rank;
    }
    Descending { values: pairs.into_iter().map(|(Reverse(number), _)| number).collect(), rank }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Of all magnitudes, with many equal ones.
    fn any_number() -> impl Strategy<Value = i64> {
        prop_oneof![
            -3_i64..4,
            -100_000_i64..100_000,
            Just(i64::MIN),
            (any::<i64>(), 0_u32..64).prop_map(|(number, shift)| number >> shift),
        ]
    }

    proptest! {
        #[test]
        fn buckets_are_in_descending_order_and_tell_the_number(left in any_number(), right in any_number()) {
            let key = |number| (bucket(number), within(number));
            prop_assert_eq!(key(left).cmp(&key(right)), right.cmp(&left));
            prop_assert_eq!(number(bucket(left), within(left)), left);
        }

        #[test]
        fn the_order_is_that_of_a_stable_sort(
            numbers in proptest::collection::vec(any_number(), 0..300),
            shift in prop_oneof![Just(0), 25_u32..50],
        ) {
            let numbers: Vec<i64> = numbers.iter().map(|number| number >> shift).collect();
            let mut rows: Vec<usize> = (0..numbers.len()).collect();
            rows.sort_by_key(|row| Reverse(numbers[*row]));
            let sorted: Vec<i64> = rows.iter().map(|row| numbers[*row]).collect();
            let mut orders = vec![Descending::of(&numbers), by_pairs(&numbers)];
            if numbers.iter().all(|number| number.unsigned_abs() < WORD_LIMIT) {
                orders.push(by_buckets(&numbers));
            }
            for order in orders {
                prop_assert_eq!(&order.values, &sorted);
                for (own_rank, row) in rows.iter().enumerate() {
                    prop_assert_eq!(order.rank[*row] as usize, own_rank + 1);
                }
            }
        }
    }

    /// More rows than one piece, and one bucket that holds most of them.
    #[test]
    fn pieces_and_large_buckets_keep_the_order_of_rows() {
        let numbers: Vec<i64> = (0..700_000).map(|row| if row % 5 == 0 { row % 997 - 50 } else { 1_000_000 }).collect();
        let mut rows: Vec<usize> = (0..numbers.len()).collect();
        rows.sort_by_key(|row| Reverse(numbers[*row]));
        let order = by_buckets(&numbers);
        for (own_rank, row) in rows.iter().enumerate() {
            assert_eq!((order.rank[*row] as usize, order.values[own_rank]), (own_rank + 1, numbers[*row]));
        }
    }
}
