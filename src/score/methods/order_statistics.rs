//! The values at given ranks without sorting: counts per value, else counts per bucket and selection in the rest.
//!
//! One pass counts values in at most 65,536 equal buckets between the smallest and the largest value. Where a bucket
//! is one value wide (days, orders) the counts are the answer; otherwise only the values in the buckets that hold a
//! wanted rank are processed further, a small part unless a few values are very far out.

/// At most this many buckets: the table of counts stays in the second-level cache.
const BUCKET_BITS: u32 = 16;
/// Below this many values selection is quicker than a table.
const FEW: usize = 4_096;
/// Each round narrows the range by up to 16 bits, so that four suffice for 64; then selection takes over.
const ROUNDS: u32 = 4;

/// Values by their rank in ascending order, for the requested ranks.
#[derive(Debug)]
pub(crate) struct Ranked {
    ranks: Vec<usize>,
    values: Vec<i64>,
}

impl Ranked {
    /// Finds the values at `ranks` (0 = smallest; any order, repeats allowed, each below the number of values).
    pub(crate) fn at(values: &[i64], mut ranks: Vec<usize>) -> Self {
        ranks.sort_unstable();
        ranks.dedup();
        let found = at_ranks(values, &ranks, ROUNDS);
        Self { ranks, values: found }
    }

    /// The value at a requested rank.
    pub(crate) fn value(&self, rank: usize) -> i64 {
        self.values[self.ranks.partition_point(|&known| known < rank)]
    }

    /// All found values in ascending order.
    pub(crate) fn values(&self) -> &[i64] {
        &self.values
    }
}

/// The distinct values in ascending order with their numbers, where they are so close together that counting is cheap.
pub(crate) fn counts_in_narrow_range(values: &[i64]) -> Option<Vec<(i64, usize)>> {
    let buckets = Buckets::of(values);
    let counts = buckets.counts.iter().enumerate().filter(|&(_, &count)| count > 0);
    (buckets.shift == 0).then(|| counts.map(|(bucket, &count)| (buckets.only_value(bucket), count)).collect())
}

fn at_ranks(values: &[i64], ranks: &[usize], rounds: u32) -> Vec<i64> {
    if values.len() < FEW || rounds == 0 || ranks.is_empty() {
        let mut found = vec![0; ranks.len()];
        select(&mut values.to_vec(), 0, ranks, &mut found);
        return found;
    }
    let buckets = Buckets::of(values);
    let holders = buckets.holders(ranks);
    if buckets.shift == 0 {
        return holders.iter().map(|holder| buckets.only_value(holder.bucket)).collect();
    }
    let (rest, ranks) = buckets.keep(values, ranks, &holders);
    at_ranks(&rest, &ranks, rounds - 1)
}

/// Counts of values per bucket of `2^shift` neighbouring values.
struct Buckets {
    smallest: i64,
    shift: u32,
    counts: Vec<usize>,
}

/// The bucket that holds a rank, and the number of values in buckets before it.
struct Holder {
    bucket: usize,
    before: usize,
}

impl Buckets {
    fn of(values: &[i64]) -> Self {
        let (smallest, largest) = values.iter().fold((i64::MAX, i64::MIN), |(low, high), &v| (low.min(v), high.max(v)));
        let span = largest.abs_diff(smallest);
        let shift = (u64::BITS - span.leading_zeros()).saturating_sub(BUCKET_BITS);
        let mut buckets = Self { smallest, shift, counts: Vec::new() };
        let mut counts = vec![0; buckets.bucket(largest) + 1];
        for &value in values {
            counts[buckets.bucket(value)] += 1;
        }
        buckets.counts = counts;
        buckets
    }

    #[expect(clippy::cast_possible_truncation, reason = "at most 2^16 by the choice of the shift")]
    fn bucket(&self, value: i64) -> usize {
        (value.wrapping_sub(self.smallest).cast_unsigned() >> self.shift) as usize
    }

    /// The value of a bucket that is one value wide.
    fn only_value(&self, bucket: usize) -> i64 {
        self.smallest.wrapping_add_unsigned(bucket as u64)
    }

    fn holders(&self, ranks: &[usize]) -> Vec<Holder> {
        let (mut bucket, mut before) = (0, 0);
        let find = |&rank: &usize| {
            while before + self.counts[bucket] <= rank {
                before += self.counts[bucket];
                bucket += 1;
            }
            Holder { bucket, before }
        };
        ranks.iter().map(find).collect()
    }

    /// The values in the holding buckets, and the ranks among them.
    fn keep(&self, values: &[i64], ranks: &[usize], holders: &[Holder]) -> (Vec<i64>, Vec<usize>) {
        let mut wanted = vec![false; self.counts.len()];
        let (mut kept, mut last) = (0, None);
        let mut new_ranks = Vec::with_capacity(ranks.len());
        for (rank, holder) in ranks.iter().zip(holders) {
            if last != Some(holder.bucket) {
                kept += last.map_or(0, |bucket: usize| self.counts[bucket]);
                last = Some(holder.bucket);
                wanted[holder.bucket] = true;
            }
            new_ranks.push(kept + rank - holder.before);
        }
        kept += last.map_or(0, |bucket| self.counts[bucket]);
        let mut rest = Vec::with_capacity(kept);
        rest.extend(values.iter().filter(|value| wanted[self.bucket(**value)]));
        (rest, new_ranks)
    }
}

/// Selects the middle rank, then the lower ranks on its left and the higher ones on its right.
/// `ranks` ascend strictly and count from `offset` before the slice.
fn select(values: &mut [i64], offset: usize, ranks: &[usize], found: &mut [i64]) {
    if ranks.is_empty() {
        return;
    }
    let middle = ranks.len() / 2;
    let rank = ranks[middle];
    let (left, value, right) = values.select_nth_unstable(rank - offset);
    found[middle] = *value;
    let (found_left, found_right) = found.split_at_mut(middle);
    select(left, offset, &ranks[..middle], found_left);
    select(right, rank + 1, &ranks[middle + 1..], &mut found_right[1..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt as _, SeedableRng as _};

    fn check(values: &[i64], ranks: &[usize]) {
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        let ranked = Ranked::at(values, ranks.to_vec());
        for &rank in ranks {
            assert_eq!(ranked.value(rank), sorted[rank], "rank {rank} of {}", values.len());
        }
    }

    /// Every path (selection, counts, buckets, a far outlier, the extremes) gives what sorting gives.
    #[test]
    fn values_at_ranks_are_those_of_the_sorted_values() {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        for (customers, span) in [(3, 10), (50_000, 20), (50_000, 65_535), (50_000, 65_536), (50_000, 1 << 40)] {
            let mut values: Vec<i64> = (0..customers).map(|_| random.random_range(-span..=span)).collect();
            let ranks: Vec<usize> = (0..101).map(|i| i * (customers - 1) / 100).collect();
            check(&values, &ranks);
            check(&values, &[0, 1, customers - 1]);
            values[1] = i64::MAX;
            values[2] = i64::MIN;
            check(&values, &ranks);
        }
    }

    #[test]
    fn values_that_lie_close_between_far_outliers_are_found_in_later_rounds() {
        let mut values: Vec<i64> = (0..20_000).map(|i| (i * 7_919) % 20_000).collect();
        values.extend([i64::MIN, i64::MAX, 1 << 50, -(1 << 50), 1 << 33]);
        check(&values, &[0, 1, 2, 10_000, 10_001, 20_003, 20_004]);
    }

    #[test]
    fn distinct_values_are_counted_in_a_narrow_range_only() {
        assert_eq!(counts_in_narrow_range(&[5, 5, 7, -1, 7]), Some(vec![(-1, 1), (5, 2), (7, 2)]));
        assert_eq!(counts_in_narrow_range(&[0, 1 << 20]), None);
    }

    #[test]
    fn no_ranks_and_repeated_ranks_are_fine() {
        assert!(Ranked::at(&[1, 2, 3], vec![]).values().is_empty());
        let ranked = Ranked::at(&[30, 10, 20], vec![2, 0, 2]);
        assert_eq!((ranked.value(0), ranked.value(2), ranked.values().len()), (10, 30, 2));
    }
}
