//! The days on which any row is kept, noted from many threads: a bit per day.
//!
//! They are noted only where the analysis date is the last of them: then it matters whether that date stands alone. Does not
//! live here: what standing alone means (`quality`).

use std::sync::atomic::{AtomicU64, Ordering};

use super::zone::VALID_DAYS;

/// The days, a bit for each day of the calendar.
#[derive(Debug)]
pub(super) struct KeptDays(Vec<AtomicU64>);

impl Default for KeptDays {
    fn default() -> Self {
        let days = VALID_DAYS.end().abs_diff(*VALID_DAYS.start()) as usize + 1;
        Self((0..days.div_ceil(64)).map(|_| AtomicU64::new(0)).collect())
    }
}

impl KeptDays {
    /// Notes the days of the rows that are kept.
    pub(super) fn note(&self, days: impl Iterator<Item = i32>) {
        let mut last = None;
        for day in days.filter(|day| VALID_DAYS.contains(day)) {
            // Neighbours are often of one day.
            if last.replace(day) == Some(day) {
                continue;
            }
            let place = day.abs_diff(*VALID_DAYS.start());
            let Some(word) = self.0.get(place as usize / 64) else { continue };
            let bit = 1 << (place % 64);
            // Most days are noted already, and reading costs less than writing.
            if word.load(Ordering::Relaxed) & bit == 0 {
                word.fetch_or(bit, Ordering::Relaxed);
            }
        }
    }

    /// The days, ascending.
    pub(super) fn into_days(self) -> Vec<i32> {
        let words = self.0.into_iter().map(AtomicU64::into_inner).enumerate().filter(|(_, word)| *word != 0);
        let days = words.flat_map(|(index, word)| {
            (0..64).filter(move |bit| word & (1 << bit) != 0).map(move |bit| index * 64 + bit)
        });
        days.filter_map(|place| i32::try_from(place).ok()).map(|place| VALID_DAYS.start() + place).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_come_back_once_and_in_order() {
        let days = KeptDays::default();
        let ends = [*VALID_DAYS.start(), *VALID_DAYS.end()];
        days.note([5, 5, -3, ends[1], 64, 5, ends[0]].into_iter());
        days.note([i32::MIN, i32::MAX, 63].into_iter());
        assert_eq!(days.into_days(), [ends[0], -3, 5, 63, 64, ends[1]]);
    }
}
