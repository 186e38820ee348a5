//! How often each day comes, counted a page of days at a time.
//!
//! A map of days takes its search for each of them; a shop's few years have a dozen pages, whose search is short.

use std::collections::BTreeMap;

/// log2 of the days of a page.
const PAGE_BITS: u32 = 6;
const PAGE_DAYS: usize = 1 << PAGE_BITS;

/// The counts.
#[derive(Debug, Clone, Default)]
pub(super) struct DayCounts {
    pages: BTreeMap<i32, [u64; PAGE_DAYS]>,
}

impl DayCounts {
    /// Counts a day, given in days since 1970-01-01.
    pub(super) fn count(&mut self, day: i32) {
        let page = self.pages.entry(day >> PAGE_BITS).or_insert([0; PAGE_DAYS]);
        page[index_in_page(day)] += 1;
    }

    /// Adds the counts to those of other days.
    pub(super) fn add_to(&self, sums: &mut BTreeMap<i32, u64>) {
        for (page, counts) in &self.pages {
            for (index, count) in (0..).zip(counts).filter(|(_, count)| **count > 0) {
                *sums.entry((page << PAGE_BITS) + index).or_default() += count;
            }
        }
    }
}

/// The low bits, which are those of the days after the page's first for days before 1970, too.
fn index_in_page(day: i32) -> usize {
    day.cast_unsigned() as usize % PAGE_DAYS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_a_map_counts_them() {
        let days = [0, 1, 63, 64, 64, 20_000, -1, -64, -65, -65, -65, i32::MIN, i32::MAX];
        let mut expected: BTreeMap<i32, u64> = [(7, 5), (64, 1)].into();
        let mut found = expected.clone();
        let mut counts = DayCounts::default();
        for day in days {
            *expected.entry(day).or_default() += 1;
            counts.count(day);
        }
        counts.add_to(&mut found);
        assert_eq!(found, expected);
    }
}
