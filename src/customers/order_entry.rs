//! An order as it is kept for models: 16 bytes, in memory and on disk.
//!
//! Does not live here: the lists of them (`orders`).

use super::order::Order;
use crate::spill::{Record, read_words};

/// What an entry is about, in the lowest bits of its key.
pub(super) const OCCASION: u32 = 1;
/// As lines after the cut say: of no use for what models see in a holdout.
pub(super) const LATE: u32 = 1 << 1;
/// As lines up to the cut alone say: of use for nothing else.
pub(super) const EARLY: u32 = 1 << 2;
/// Bits of the kind, of the number of orders less one, and of the customer's place.
const COUNT_SHIFT: u32 = 3;
const PLACE_SHIFT: u32 = 10;
const ONE_ORDER: u32 = 1 << COUNT_SHIFT;
const COUNT: u32 = (1 << PLACE_SHIFT) - ONE_ORDER;

/// Orders of one customer, day and kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Entry {
    key: u32,
    pub(super) day: i32,
    pub(super) money: i64,
}

impl Entry {
    /// An order of the customer at `place`.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a table holds fewer than 2^22 customers")]
    pub(super) const fn new(place: usize, kind: u32, order: &Order) -> Self {
        Self { key: (place as u32) << PLACE_SHIFT | kind, day: order.day, money: order.total }
    }

    pub(super) const fn place(self) -> usize {
        (self.key >> PLACE_SHIFT) as usize
    }

    pub(super) const fn is(self, kind: u32) -> bool {
        self.key & kind != 0
    }

    pub(super) const fn count(self) -> u32 {
        ((self.key & COUNT) >> COUNT_SHIFT) + 1
    }

    /// Takes the orders of another entry, if both are alike and there is room.
    pub(super) fn join(&mut self, other: Self) -> bool {
        let is_alike = self.day == other.day && (self.key ^ other.key) & !COUNT == 0;
        let fits = is_alike && self.count() + other.count() <= COUNT / ONE_ORDER + 1;
        if fits {
            self.key += other.count() << COUNT_SHIFT;
            self.money = self.money.wrapping_add(other.money);
        }
        fits
    }
}

impl Record for Entry {
    const BYTES: usize = 2 * u64::BYTES;

    fn write(self, bytes: &mut Vec<u8>) {
        (u64::from(self.key) << u32::BITS | u64::from(self.day.cast_unsigned())).write(bytes);
        self.money.cast_unsigned().write(bytes);
    }

    #[expect(clippy::cast_possible_truncation, reason = "both halves of a word")]
    fn read(bytes: &[u8]) -> Self {
        let [first, money] = read_words(bytes);
        Self { key: (first >> u32::BITS) as u32, day: (first as u32).cast_signed(), money: money.cast_signed() }
    }
}

/// Whether an entry is of none of these ascending places.
pub(super) fn is_of_others(entry: &Entry, places: &[u32]) -> bool {
    u32::try_from(entry.place()).is_ok_and(|place| places.binary_search(&place).is_err())
}
