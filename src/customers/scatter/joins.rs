//! Which rows of a batch travel together.
//!
//! Does not live here: where they go, and what is made of them (`scatter`).

use crate::batch::Line;
use crate::customers::row::MOST_JOINED;

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
    #[allow(clippy::needless_bitwise_bool, reason = "a branch would cost more than both comparisons")]
    pub(super) fn joins(&mut self, row: usize, is_line: bool, is_same_id: bool) -> bool {
        let (order, day) = (self.orders[row], self.days[row]);
        let is_same_order = (order == self.last.0) & (day == self.last.1) & is_same_id;
        let joins = is_same_order & is_line & self.was_line & (self.joined < MOST_JOINED);
        self.joined = if joins { self.joined + 1 } else { 0 };
        (self.last, self.was_line) = ((order, day), is_line);
        joins
    }
}

/// A line, with the lines before it if it has joined them. Sums wrap, as the accumulators' do. Without a branch.
#[inline]
#[allow(clippy::needless_bitwise_bool, reason = "a branch would cost more than both comparisons")]
pub(super) fn joining(line: Line, before: &Line, has_joined: bool) -> Line {
    let (amounts, lines) = (i64::from(has_joined).wrapping_neg(), u32::from(has_joined).wrapping_neg());
    Line {
        amount: line.amount.wrapping_add(before.amount & amounts),
        lines: line.lines.wrapping_add(before.lines & lines),
        is_lowered: line.is_lowered | (before.is_lowered & has_joined),
        ..line
    }
}
