//! Orders that are kept, 16 bytes each, and of whom they are.
//!
//! Does not live here: which orders there are (`partition`), and what is made of them (`at_date`).

use crate::customers::chunks::Chunks;
use crate::customers::order::{MOST_DAYS_OF_AN_ORDER, Order};

/// Of [`KeptOrder::lines`]: a line is below zero.
const LOWERED: u32 = 1 << 31;
/// The lines lie far apart.
const STRETCHED: u32 = 1 << 30;
const LINES: u32 = STRETCHED - 1;

/// An order, none of whose lines lie on both sides of a bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeptOrder {
    total: i64,
    /// The day of its first line.
    pub(super) day: i32,
    lines: u32,
}

impl KeptOrder {
    pub(super) const fn new(order: &Order) -> Self {
        let lowered = if order.is_lowered { LOWERED } else { 0 };
        let stretched = if order.is_stretched() { STRETCHED } else { 0 };
        Self { total: order.total, day: order.day, lines: order.lines & LINES | lowered | stretched }
    }

    /// The order, whose last day is known only as far as it matters: whether lines lie far apart.
    #[inline]
    pub(super) const fn order(self) -> Order {
        let stretch = if self.lines & STRETCHED == 0 { 0 } else { MOST_DAYS_OF_AN_ORDER.cast_signed() + 1 };
        Order {
            id: None,
            day: self.day,
            last_day: self.day.saturating_add(stretch),
            total: self.total,
            lines: self.lines & LINES,
            is_lowered: self.lines & LOWERED != 0,
        }
    }
}

/// The orders of one partition's customers, as they were closed.
#[derive(Debug, Default)]
pub struct Ledger {
    places: Chunks<u32>,
    orders: Chunks<KeptOrder>,
}

impl Ledger {
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a table holds fewer than 2^22 customers")]
    pub(super) fn push(&mut self, place: usize, order: &Order) {
        self.places.push(place as u32);
        self.orders.push(KeptOrder::new(order));
    }

    /// The orders, each with the place of its customer.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, KeptOrder)> {
        self.places.iter().map(|place| *place as usize).zip(self.orders.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_comes_back_as_far_as_it_matters() {
        for (last_day, is_lowered) in [(10, false), (40, true), (41, true)] {
            let order = Order { id: Some(3), day: 10, last_day, total: -7, lines: 5, is_lowered };
            let back = KeptOrder::new(&order).order();
            assert_eq!((back.day, back.total, back.lines, back.is_lowered), (10, -7, 5, is_lowered));
            assert_eq!(back.is_stretched(), order.is_stretched());
        }
        assert_eq!(size_of::<KeptOrder>(), 16);
    }
}
