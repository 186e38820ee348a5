//! Accumulators that outlive a run: merged with those of other rows, and as bytes.
//!
//! What makes runs incremental, lets a fold spill, or takes part of it from another engine: all of them hand over the
//! same accumulators. All of them are of runs without a window of money. Does not live here: how one grows row by row (`accumulator`), or any file.

use super::accumulator::{Accumulator, HAS_CLOSED, NO_DAY, UNCERTAIN, WINDOW_DAYS};

/// Bytes of a saved accumulator.
pub const SAVED_BYTES: usize = 44;

impl Accumulator {
    /// Adds what is known of the same customer from other rows. Both must be closed, and no order may have lines on
    /// both sides.
    ///
    /// Purchase days are counted exactly where the two spans of days are apart (a new day upon an old state), or where
    /// the overlap lies within the last 64 days of the later one; else [`Accumulator::is_uncertain`] says that they must
    /// be counted anew. Sums wrap, as in [`Accumulator::take`].
    pub fn merge(&mut self, other: &Self) {
        debug_assert!(self.open_lines == 0 && other.open_lines == 0, "an open order would be lost");
        self.revenue = self.revenue.wrapping_add(other.revenue);
        if other.first_day == NO_DAY {
            self.days |= other.days & HAS_CLOSED;
            return;
        }
        if self.first_day == NO_DAY {
            *self = Self { revenue: self.revenue, ..other.clone() };
            return;
        }
        self.merge_days(other);
        self.largest_order = self.largest_order.max(other.largest_order);
        self.orders += other.orders;
        self.transactions += other.transactions;
    }

    fn merge_days(&mut self, other: &Self) {
        let (early, late) = if self.last_day <= other.last_day { (&*self, other) } else { (other, &*self) };
        let ahead = i64::from(late.last_day) - i64::from(early.last_day);
        let (moved, left) = moved_window(early.recent_days, ahead);
        let window_start = i64::from(late.last_day) - WINDOW_DAYS;
        // Older days of one may be days of the other only where both reach behind the later one's window.
        let is_apart = early.last_day < late.first_day;
        let has_recent_alone = late.older_days() == 0 && late.days & UNCERTAIN == 0;
        let is_exact = is_apart || has_recent_alone || i64::from(early.first_day) > window_start;
        let flags = (early.days | late.days) & UNCERTAIN | HAS_CLOSED | if is_exact { 0 } else { UNCERTAIN };
        let (recent, first, last) = (late.recent_days | moved, early.first_day.min(late.first_day), late.last_day);
        let days = early.older_days() + late.older_days() + left + recent.count_ones();
        (self.recent_days, self.first_day, self.last_day, self.days) = (recent, first, last, days | flags);
    }

    /// Days that lie behind the last 64.
    const fn older_days(&self) -> u32 {
        (self.days & !(UNCERTAIN | HAS_CLOSED)).saturating_sub(self.recent_days.count_ones())
    }

    /// The accumulator as bytes, little-endian, the same on every machine. It must be closed.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; SAVED_BYTES] {
        debug_assert!(self.open_lines == 0, "an open order would be lost");
        let mut bytes = [0; SAVED_BYTES];
        let (wide, narrow) = bytes.split_at_mut(3 * size_of::<u64>());
        let words = [self.revenue.cast_unsigned(), self.largest_order.cast_unsigned(), self.recent_days];
        for (place, word) in wide.chunks_exact_mut(size_of::<u64>()).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        let days = [self.first_day, self.last_day].map(i32::cast_unsigned);
        let words = days.into_iter().chain([self.orders, self.transactions, self.days]);
        for (place, word) in narrow.chunks_exact_mut(size_of::<u32>()).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// The accumulator that [`Accumulator::to_bytes`] saved.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; SAVED_BYTES]) -> Self {
        let (wide, narrow) = bytes.split_at(3 * size_of::<u64>());
        let [revenue, largest_order, recent_days] = words(wide).map(u64::from_le_bytes);
        let [first_day, last_day, orders, transactions, days] = words(narrow).map(u32::from_le_bytes);
        Self {
            revenue: revenue.cast_signed(),
            largest_order: largest_order.cast_signed(),
            recent_days,
            first_day: first_day.cast_signed(),
            last_day: last_day.cast_signed(),
            orders,
            transactions,
            days,
            ..Self::new()
        }
    }
}

/// The first words of so many bytes each.
fn words<const BYTES: usize, const WORDS: usize>(bytes: &[u8]) -> [[u8; BYTES]; WORDS] {
    let (words, _) = bytes.as_chunks::<BYTES>();
    std::array::from_fn(|word| words[word])
}

/// The bits of a window after it has moved on by `ahead` days, and how many fell out of it.
fn moved_window(days: u64, ahead: i64) -> (u64, u32) {
    match u32::try_from(ahead) {
        Ok(0) => (days, 0),
        Ok(ahead) if ahead < u64::BITS => (days << ahead, (days >> (u64::BITS - ahead)).count_ones()),
        _ => (0, days.count_ones()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::super::order::{Order, OrderPolicy};
    use super::*;
    use crate::clean::options::Returns;

    fn of(orders: &[(i32, i64)], returns: Returns) -> Accumulator {
        let mut accumulator = Accumulator::new();
        for &(day, total) in orders {
            let order = Order { id: None, day, last_day: day, total, lines: 2, is_lowered: total < 0 };
            accumulator.add_order(order, &OrderPolicy::new(returns));
        }
        accumulator
    }

    fn orders() -> impl Strategy<Value = Vec<(i32, i64)>> {
        let day = prop_oneof![3 => 0..90_i32, 1 => -1_000..1_000_i32];
        prop::collection::vec((day, -5..40_i64), 0..7)
    }

    #[test]
    fn a_new_day_upon_an_old_state_is_exact_however_far_it_is() {
        for ahead in [1, 63, 64, 65, 1_000] {
            let mut old = of(&[(0, 5), (40, 7)], Returns::Net);
            old.merge(&of(&[(40 + ahead, 11), (41 + ahead, 2)], Returns::Net));
            let measures = old.measures().unwrap();
            assert_eq!((measures.first_day, measures.last_day, measures.purchase_days), (0, 41 + ahead, 4));
            assert_eq!((measures.revenue, measures.largest_order, measures.orders), (25, 11, 4));
            assert!(!old.is_uncertain());
        }
    }

    proptest! {
        #[test]
        fn merged_is_as_folded_together(
            left in orders(),
            right in orders(),
            returns in prop_oneof![Just(Returns::Net), Just(Returns::Literal), Just(Returns::Purchases)],
        ) {
            let (mut merged, other) = (of(&left, returns), of(&right, returns));
            let were_certain = !merged.is_uncertain() && !other.is_uncertain();
            merged.merge(&other);
            let all = [left, right].concat();
            let together = of(&all, returns);
            prop_assert_eq!(merged.revenue(), together.revenue());
            let days: BTreeSet<i32> =
                all.iter().filter(|(_, total)| returns == Returns::Literal || *total > 0 || (returns == Returns::Net && *total == 0)).map(|(day, _)| *day).collect();
            let (found, expected) = (merged.measures(), together.measures());
            prop_assert_eq!(found.is_some(), expected.is_some());
            if let (Some(mut found), Some(mut expected)) = (found, expected) {
                if !merged.is_uncertain() {
                    prop_assert!(were_certain);
                    prop_assert_eq!(found.purchase_days as usize, days.len());
                }
                (found.purchase_days, expected.purchase_days) = (0, 0);
                prop_assert_eq!(found, expected);
            }
        }

        #[test]
        fn what_was_saved_is_loaded(orders in orders()) {
            let saved = of(&orders, Returns::Net);
            prop_assert_eq!(Accumulator::from_bytes(&saved.to_bytes()), saved);
        }
    }
}
