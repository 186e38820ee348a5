//! What an order is to the figures: a purchase or a return, in the window or not.
//!
//! A purchase is an order whose lines sum above zero, or to zero without a line below zero (a free order). Everything else
//! is a return: a credit note with an id of its own, an order that lines of the same id took back.
//! Does not live here: what a customer's orders come to (`accumulator`).

use crate::batch::Line;
use crate::clean::options::Returns;

/// Lines that lie further apart than this are hardly lines of one order: their receipt number came again.
pub const MOST_DAYS_OF_AN_ORDER: u32 = 30;

/// An order, or the lines of it that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Its identity within the customer; `None` for a row that is an order by itself.
    pub id: Option<u64>,
    /// The day of its first line, days since 1970-01-01: the order's day.
    pub day: i32,
    /// The day of its last line.
    pub last_day: i32,
    /// The sum of its lines, minor units.
    pub total: i64,
    /// How many lines it has.
    pub lines: u32,
    /// True where a line is below zero.
    pub is_lowered: bool,
}

impl Order {
    /// A row that is an order by itself.
    #[inline]
    #[must_use]
    pub const fn of_row(row: Line) -> Self {
        let Line { amount, day, lines, is_lowered, .. } = row;
        Self { id: None, day, last_day: day, total: amount, lines, is_lowered }
    }

    /// Takes further lines of the same order. Sums wrap.
    pub fn join(&mut self, lines: &Self) {
        self.day = self.day.min(lines.day);
        self.last_day = self.last_day.max(lines.last_day);
        self.total = self.total.wrapping_add(lines.total);
        self.lines += lines.lines;
        self.is_lowered |= lines.is_lowered;
    }

    /// True for a purchase: above zero, or free.
    #[inline]
    #[must_use]
    pub const fn is_purchase(&self) -> bool {
        self.total > 0 || (self.total == 0 && !self.is_lowered)
    }

    /// True where lines lie so far apart that they are hardly of one order.
    #[must_use]
    pub const fn is_stretched(&self) -> bool {
        self.last_day as i64 - self.day as i64 > MOST_DAYS_OF_AN_ORDER as i64
    }
}

/// Which orders count, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderPolicy {
    /// What returns are.
    pub returns: Returns,
    /// The first day of the window: earlier orders count for first and last days alone.
    pub window_start: i32,
    /// Whether rows have amounts of orders: else no order is a return, whatever it sums to.
    pub has_amounts: bool,
    /// The last day that models see in a holdout: an order with lines on both sides is judged twice.
    pub cut: i32,
}

impl OrderPolicy {
    /// Without a window and without a holdout.
    #[must_use]
    pub const fn new(returns: Returns) -> Self {
        Self { returns, window_start: i32::MIN, has_amounts: true, cut: i32::MAX }
    }

    /// True where the order counts as one: it is no return, or returns count.
    #[inline]
    #[must_use]
    pub const fn is_order(&self, order: &Order) -> bool {
        match self.returns {
            Returns::Literal => true,
            Returns::Purchases => order.total > 0,
            Returns::Net | Returns::Drop => order.is_purchase(),
        }
    }

    /// True where the order's day is an occasion for purchase models: `literal` or not, a return is none.
    #[must_use]
    pub const fn is_occasion(&self, order: &Order) -> bool {
        order.is_purchase() && self.is_order(order)
    }

    /// True where the order's money counts, in the window or before it.
    #[inline]
    #[must_use]
    pub const fn has_money(&self, order: &Order) -> bool {
        !matches!(self.returns, Returns::Purchases) || order.total > 0
    }

    /// True where the order's money counts in `revenue`.
    #[inline]
    #[must_use]
    pub const fn counts_money(&self, order: &Order) -> bool {
        self.has_money(order) && order.day >= self.window_start
    }

    /// True where lines dated up to the cut alone may say something else of the order.
    #[must_use]
    pub const fn is_cut(&self, order: &Order) -> bool {
        order.day <= self.cut && order.last_day > self.cut
    }
}

/// The policy for rows that are orders by themselves, as limits: such a row is a purchase unless it is below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LonePolicy {
    /// The least amount of an order.
    least_order: i64,
    /// The least amount that counts as money.
    least_money: i64,
    /// The greatest amount of which there is something to note.
    greatest_noted: i64,
    /// The first day of the window.
    pub window_start: i32,
}

impl LonePolicy {
    /// As the policy says.
    #[must_use]
    pub const fn of(policy: &OrderPolicy) -> Self {
        let (least_order, least_money) = match policy.returns {
            Returns::Literal => (i64::MIN, i64::MIN),
            Returns::Purchases => (1, 1),
            Returns::Net | Returns::Drop => (0, i64::MIN),
        };
        let greatest_noted = if policy.has_amounts { 0 } else { i64::MIN };
        Self { least_order, least_money, greatest_noted, window_start: policy.window_start }
    }

    /// As [`OrderPolicy::is_order`].
    #[inline]
    #[must_use]
    pub const fn is_order(&self, amount: i64) -> bool {
        amount >= self.least_order
    }

    /// As [`OrderPolicy::has_money`].
    #[inline]
    #[must_use]
    pub const fn has_money(&self, amount: i64) -> bool {
        amount >= self.least_money
    }

    /// Whether the measures leave something out of the row, or it is none above zero.
    #[inline]
    #[must_use]
    pub const fn is_noted(&self, amount: i64, day: i32) -> bool {
        amount <= self.greatest_noted || day < self.window_start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(total: i64, is_lowered: bool) -> Order {
        Order { id: Some(1), day: 10, last_day: 10, total, lines: 1, is_lowered }
    }

    #[test]
    fn a_purchase_is_above_zero_or_free() {
        let cases = [(5, false, true), (5, true, true), (0, false, true), (0, true, false), (-1, true, false)];
        for (total, is_lowered, expected) in cases {
            assert_eq!(order(total, is_lowered).is_purchase(), expected, "{total} {is_lowered}");
        }
    }

    #[test]
    fn each_policy_counts_its_own_orders_and_money() {
        // Above zero, free, taken back to zero, a credit note.
        let orders = [order(5, true), order(0, false), order(0, true), order(-5, true)];
        let cases = [
            (Returns::Net, [true, true, false, false], [true; 4]),
            (Returns::Literal, [true; 4], [true; 4]),
            (Returns::Purchases, [true, false, false, false], [true, false, false, false]),
        ];
        for (returns, are_orders, have_money) in cases {
            let policy = OrderPolicy::new(returns);
            assert_eq!(orders.map(|order| policy.is_order(&order)), are_orders, "{returns:?}");
            assert_eq!(orders.map(|order| policy.counts_money(&order)), have_money, "{returns:?}");
        }
        assert!(
            !OrderPolicy::new(Returns::Literal).is_occasion(&orders[3]),
            "models look at purchases whatever counts"
        );
    }

    #[test]
    fn limits_say_of_lone_rows_what_the_policy_says() {
        for returns in [Returns::Net, Returns::Literal, Returns::Purchases, Returns::Drop] {
            for has_amounts in [true, false] {
                let policy = OrderPolicy { window_start: 11, has_amounts, ..OrderPolicy::new(returns) };
                let limits = LonePolicy::of(&policy);
                for (amount, day) in [(5, 10), (0, 11), (-5, 11), (1, 11), (i64::MIN, 12), (i64::MAX, i32::MAX)] {
                    let row = Line { order: 0, amount, day, lines: 1, is_lowered: amount < 0, lone: true };
                    let order = Order::of_row(row);
                    assert_eq!(limits.is_order(amount), policy.is_order(&order), "{returns:?} {amount}");
                    assert_eq!(limits.has_money(amount), policy.has_money(&order), "{returns:?} {amount}");
                    let is_noted = order.total <= 0 && has_amounts || day < 11;
                    assert!(limits.is_noted(amount, day) || !is_noted, "{returns:?} {amount} {day}");
                }
            }
        }
    }

    #[test]
    fn windows_and_cuts_look_at_days() {
        let policy = OrderPolicy { window_start: 11, cut: 12, ..OrderPolicy::new(Returns::Net) };
        assert!(!policy.counts_money(&order(5, false)) && policy.counts_money(&Order { day: 11, ..order(5, false) }));
        let until = |last_day| Order { last_day, ..order(5, false) };
        assert_eq!([12, 13].map(|day| policy.is_cut(&until(day))), [false, true]);
        assert_eq!([40, 41].map(|day| until(day).is_stretched()), [false, true]);
    }
}
