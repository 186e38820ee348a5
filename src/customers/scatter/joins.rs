//! Which rows of a batch travel together.
//!
//! Does not live here: where they go, and what is made of them (`scatter`).

use super::super::row::MOST_JOINED;

/// Tells which rows go on with the order of the row before them, going through a batch from its beginning. Without a
/// branch: where orders have one line or two, none could be foreseen.
pub(super) struct Joins<'a> {
    orders: &'a [i64],
    days: &'a [i32],
    /// Order and day of the row before.
    last: (i64, i32),
    was_line: bool,
    /// Lines that have joined the current row.
    joined: u32,
}

impl<'a> Joins<'a> {
    pub(super) const fn new(orders: &'a [i64], days: &'a [i32]) -> Self {
        Self { orders, days, last: (0, 0), was_line: false, joined: 0 }
    }

    /// `is_line`: whether the row is used and has an order.
    #[inline]
    pub(super) fn joins(&mut self, row: usize, is_line: bool, is_same_id: bool) -> bool {
        let (order, day) = (self.orders[row], self.days[row]);
        let is_same_order = (order == self.last.0) & (day == self.last.1) & is_same_id;
        let joins = is_same_order & is_line & self.was_line & (self.joined < MOST_JOINED);
        self.joined = if joins { self.joined + 1 } else { 0 };
        (self.last, self.was_line) = ((order, day), is_line);
        joins
    }
}
