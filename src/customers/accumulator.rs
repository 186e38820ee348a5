//! What is remembered of one customer while transactions stream by.
//!
//! Lives here: the accumulator, how an order is opened, continued and closed, and the window of days.
//! Does not live here: finding a customer's accumulator (`partition`), or settling what it cannot decide (`repair`).

use super::order::{LonePolicy, Order, OrderPolicy};
use crate::batch::Line;

/// Days behind the last one that are remembered one by one.
pub(super) const WINDOW_DAYS: i64 = 64;

/// The running measures of one customer: exact integers, so that the order of rows cannot matter.
///
/// An order stays open while its lines arrive, and is closed when the customer's next one begins. Two questions
/// cannot always be answered in one pass and bounded memory. Whether an order id was closed before is asked of
/// the partition's log of closed orders. Whether a day was seen before is known for the last 64 days, for days
/// before the first one and for the first one itself; else [`Accumulator::is_uncertain`] says that their days must be
/// counted anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accumulator {
    pub(super) revenue: i64,
    pub(super) largest_order: i64,
    /// Bit k is set where the day `last_day - k` had an order.
    pub(super) recent_days: u64,
    pub(super) open_order: u64,
    pub(super) open_total: i64,
    /// Zero where no order is open; with [`LOWERED`] where one of the lines is below zero.
    pub(super) open_lines: u32,
    pub(super) open_day: i32,
    pub(super) open_last_day: i32,
    /// [`NO_DAY`] while there was no order.
    pub(super) first_day: i32,
    pub(super) last_day: i32,
    pub(super) orders: u32,
    pub(super) transactions: u32,
    /// Distinct days with an order in the window of money; with [`UNCERTAIN`] where that is not known, and with [`HAS_CLOSED`].
    pub(super) days: u32,
}

/// The number of days is not known any more. A calendar has fewer days than this.
pub(super) const UNCERTAIN: u32 = 1 << 31;
/// An order was closed.
pub(super) const HAS_CLOSED: u32 = 1 << 30;
const DAYS: u32 = HAS_CLOSED - 1;
/// A line of the open order is below zero.
const LOWERED: u32 = 1 << 31;
/// No day of any calendar.
pub(super) const NO_DAY: i32 = i32::MAX;

/// The measures of one customer when all rows are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measures {
    /// Day of the first order, days since 1970-01-01; whatever the window, as the last one.
    pub first_day: i32,
    /// Day of the last order, days since 1970-01-01.
    pub last_day: i32,
    /// Number of orders in the window.
    pub orders: u32,
    /// Distinct days with an order in the window.
    pub purchase_days: u32,
    /// Number of rows of these orders.
    pub transactions: u32,
    /// Sum of amounts in the window, returns with it, minor units.
    pub revenue: i64,
    /// The largest order's total in the window, minor units; 0 without an order.
    pub largest_order: i64,
}

/// An order that is complete, as far as can be told: it belongs in the log of closed orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// The order.
    pub order: Order,
    /// True where it counts as one.
    pub is_order: bool,
}

impl Closed {
    /// The order's day, where it counts as one.
    #[must_use]
    pub fn day(&self) -> Option<i32> {
        self.is_order.then_some(self.order.day)
    }
}

#[allow(clippy::inline_always, reason = "called for every row: a call costs as much as the work")]
impl Accumulator {
    /// A customer of whom nothing is known.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            revenue: 0,
            largest_order: i64::MIN,
            recent_days: 0,
            open_order: 0,
            open_total: 0,
            open_lines: 0,
            open_day: 0,
            open_last_day: 0,
            first_day: NO_DAY,
            // Whatever the first day is, it lies far ahead.
            last_day: i32::MIN,
            orders: 0,
            transactions: 0,
            days: 0,
        }
    }

    /// Takes one line, and tells which order is complete by that. Sums wrap: the caller proves that they did not,
    /// from the total of absolute amounts.
    #[inline(always)]
    pub fn take(&mut self, line: Line, policy: &OrderPolicy) -> Option<Closed> {
        if line.lone {
            return Some(self.add_order(Order::of_row(line), policy));
        }
        let lowered = if line.is_lowered { LOWERED } else { 0 };
        if self.open_lines > 0 && self.open_order == line.order {
            self.open_total = self.open_total.wrapping_add(line.amount);
            self.open_lines = (self.open_lines + line.lines) | lowered;
            self.open_day = self.open_day.min(line.day);
            self.open_last_day = self.open_last_day.max(line.day);
            return None;
        }
        let closed = self.close(policy);
        self.open_order = line.order;
        self.open_total = line.amount;
        self.open_lines = line.lines | lowered;
        self.open_day = line.day;
        self.open_last_day = line.day;
        closed
    }

    /// Closes the open order, if there is one.
    #[inline(always)]
    pub fn close(&mut self, policy: &OrderPolicy) -> Option<Closed> {
        if self.open_lines == 0 {
            return None;
        }
        let lines = std::mem::take(&mut self.open_lines);
        let order = Order {
            id: Some(self.open_order),
            day: self.open_day,
            last_day: self.open_last_day,
            total: self.open_total,
            lines: lines & !LOWERED,
            is_lowered: lines & LOWERED != 0,
        };
        Some(self.add_order(order, policy))
    }

    /// Adds a whole order.
    #[inline(always)]
    pub fn add_order(&mut self, order: Order, policy: &OrderPolicy) -> Closed {
        self.days |= HAS_CLOSED;
        let is_order = policy.is_order(&order);
        if policy.counts_money(&order) {
            self.revenue = self.revenue.wrapping_add(order.total);
        }
        if is_order {
            self.mark_day(order.day, policy.window_start);
            if order.day >= policy.window_start {
                self.largest_order = self.largest_order.max(order.total);
                self.orders += 1;
                self.transactions += order.lines;
            }
        }
        Closed { order, is_order }
    }

    /// Adds a row that is an order by itself, as [`Self::add_order`] would.
    #[inline(always)]
    pub fn add_lone(&mut self, amount: i64, day: i32, policy: &LonePolicy) {
        self.days |= HAS_CLOSED;
        let is_in_window = day >= policy.window_start;
        let money = if is_in_window & policy.has_money(amount) { amount } else { 0 };
        self.revenue = self.revenue.wrapping_add(money);
        if policy.is_order(amount) {
            self.mark_day(day, policy.window_start);
            if is_in_window {
                self.largest_order = self.largest_order.max(amount);
                self.orders += 1;
                self.transactions += 1;
            }
        }
    }

    /// A day is counted when it is first seen: then nothing is to be counted when it leaves the last 64 days.
    #[inline(always)]
    fn mark_day(&mut self, day: i32, window_start: i32) {
        let ahead = i64::from(day) - i64::from(self.last_day);
        let counts = u32::from(day >= window_start);
        if ahead > 0 {
            let recent = if ahead < WINDOW_DAYS { self.recent_days << ahead } else { 0 };
            (self.recent_days, self.last_day) = (recent | 1, day);
            self.first_day = self.first_day.min(day);
            self.days += counts;
        } else if ahead > -WINDOW_DAYS {
            let bit = 1 << -ahead;
            self.days += if self.recent_days & bit == 0 { counts } else { 0 };
            self.recent_days |= bit;
            self.first_day = self.first_day.min(day);
        } else if day < self.first_day {
            self.days += counts;
            self.first_day = day;
        } else if day > self.first_day && day >= window_start {
            self.days |= UNCERTAIN;
        }
    }

    /// True where an order has been closed, so that the log of closed orders knows this customer.
    #[must_use]
    pub const fn has_closed(&self) -> bool {
        self.days & HAS_CLOSED != 0
    }

    /// True where the number of purchase days may be wrong and must be settled.
    #[must_use]
    pub const fn is_uncertain(&self) -> bool {
        self.days & UNCERTAIN != 0
    }

    /// Sets the number of distinct days in the window, counted elsewhere.
    pub fn settle_days(&mut self, distinct_days: u32) {
        self.days = distinct_days;
        self.recent_days = 0;
    }

    /// Sum of amounts in the window, whether they are a customer's in the table or not.
    #[must_use]
    pub const fn revenue(&self) -> i64 {
        self.revenue
    }

    /// The measures; `None` for a customer left without an order, in the window or before it. The open order must have been
    /// closed.
    #[must_use]
    pub fn measures(&self) -> Option<Measures> {
        debug_assert!(self.open_lines == 0, "an open order has not been counted");
        (self.first_day != NO_DAY).then_some(Measures {
            first_day: self.first_day,
            last_day: self.last_day,
            orders: self.orders,
            purchase_days: self.days & DAYS,
            transactions: self.transactions,
            revenue: self.revenue,
            largest_order: if self.orders == 0 { 0 } else { self.largest_order },
        })
    }
}

impl Default for Accumulator {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::options::Returns;

    fn line(order: u64, day: i32, amount: i64) -> Line {
        Line { order, amount, day, lines: 1, is_lowered: amount < 0, lone: false }
    }

    fn fold_by(lines: &[Line], policy: OrderPolicy) -> (Option<Measures>, Accumulator) {
        let mut accumulator = Accumulator::new();
        for line in lines {
            accumulator.take(*line, &policy);
        }
        accumulator.close(&policy);
        (accumulator.measures(), accumulator)
    }

    fn fold(lines: &[Line], returns: Returns) -> (Option<Measures>, Accumulator) {
        fold_by(lines, OrderPolicy::new(returns))
    }

    #[test]
    fn lines_of_one_order_are_one_order() {
        // Order 1 on day 10: 5 + 7 = 12; order 2 on day 12: 3. Revenue 15, largest 12.
        let (measures, _) = fold(&[line(1, 10, 5), line(1, 10, 7), line(2, 12, 3)], Returns::Net);
        let expected = Measures {
            first_day: 10,
            last_day: 12,
            orders: 2,
            purchase_days: 2,
            transactions: 3,
            revenue: 15,
            largest_order: 12,
        };
        assert_eq!(measures, Some(expected));
    }

    #[test]
    fn lines_that_come_as_one_count_as_many() {
        let together = Line { lines: 2, ..line(1, 10, 12) };
        let apart = fold(&[line(1, 11, 5), line(1, 10, 7), line(1, 12, 1), line(2, 13, 3)], Returns::Net);
        assert_eq!(fold(&[together, line(1, 12, 1), line(2, 13, 3)], Returns::Net), apart);
    }

    #[test]
    fn an_order_is_dated_by_its_first_line() {
        let (measures, _) = fold(&[line(1, 11, 5), line(1, 10, 7)], Returns::Net);
        assert_eq!(measures.map(|m| (m.first_day, m.last_day, m.purchase_days)), Some((10, 10, 1)));
    }

    #[test]
    fn purchases_leaves_out_orders_that_are_not_above_zero() {
        let (measures, _) = fold(&[line(1, 10, 5), line(2, 12, 4), line(2, 12, -4)], Returns::Purchases);
        assert_eq!(measures.map(|m| (m.orders, m.last_day, m.transactions)), Some((1, 10, 1)));
        assert_eq!(fold(&[line(1, 10, -5)], Returns::Purchases).0, None, "nobody without an order");
    }

    #[test]
    fn returns_lower_revenue_and_nothing_else() {
        // Order 1 of 200 is taken back 10 days later; order 2 of 30 on day 40; a credit note of 12 on day 50.
        let lines = [line(1, 5, 200), line(1, 15, -200), line(2, 40, 30), line(3, 50, -12)];
        let measures = fold(&lines, Returns::Net).0.unwrap();
        let days = (measures.first_day, measures.last_day, measures.purchase_days);
        assert_eq!((days, measures.orders, measures.transactions), ((40, 40, 1), 1, 1));
        assert_eq!((measures.revenue, measures.largest_order), (18, 30), "200 - 200 + 30 - 12");
        let literal = fold(&lines, Returns::Literal).0.unwrap();
        assert_eq!((literal.first_day, literal.last_day, literal.orders, literal.revenue), (5, 50, 3, 18));
        assert_eq!(fold(&lines[3..], Returns::Net).0, None, "a credit note alone makes no customer");
    }

    #[test]
    fn the_window_selects_orders_by_their_day_and_leaves_first_and_last_days() {
        // The window begins on day 100. Order 1 of day 99 has a line of day 101, which is money of day 99.
        let policy = OrderPolicy { window_start: 100, ..OrderPolicy::new(Returns::Net) };
        let lines = [line(1, 99, 50), line(1, 101, -20), line(2, 100, 7), line(3, 102, -3), line(4, 20, 1)];
        let measures = fold_by(&lines, policy).0.unwrap();
        assert_eq!((measures.first_day, measures.last_day), (20, 100));
        assert_eq!((measures.orders, measures.purchase_days, measures.transactions), (1, 1, 1));
        assert_eq!((measures.revenue, measures.largest_order), (4, 7), "7 - 3");
        let lost = fold_by(&lines[..2], policy).0.unwrap();
        assert_eq!(
            (lost.last_day, lost.orders, lost.purchase_days, lost.revenue, lost.largest_order),
            (99, 0, 0, 0, 0)
        );
    }

    #[test]
    fn days_are_counted_exactly_or_not_claimed() {
        // A small pseudo-random walk over days: compare with a set, whenever the accumulator claims certainty.
        let mut state = 1_u64;
        let mut claimed = 0;
        for _ in 0..2_000 {
            let mut lines = Vec::new();
            for order in 0..8 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                lines.push(line(order, i32::try_from(state >> 33).unwrap_or(0) % 150 - 40, 1));
            }
            let days: std::collections::BTreeSet<i32> = lines.iter().map(|line| line.day).collect();
            for window_start in [i32::MIN, 20] {
                let policy = OrderPolicy { window_start, ..OrderPolicy::new(Returns::Net) };
                let (measures, accumulator) = fold_by(&lines, policy);
                let measures = measures.unwrap();
                assert_eq!((measures.first_day, measures.last_day), (*days.first().unwrap(), *days.last().unwrap()));
                if !accumulator.is_uncertain() {
                    claimed += 1;
                    let expected = days.iter().filter(|day| **day >= window_start).count();
                    assert_eq!(measures.purchase_days as usize, expected, "from {window_start}: {lines:?}");
                }
            }
        }
        assert!(claimed > 100, "the case with certainty must occur: {claimed}");
    }

    #[test]
    fn ascending_and_descending_days_are_always_certain() {
        let rising: Vec<Line> = (0..50).map(|i| line(i, i32::try_from(i * i).unwrap(), 1)).collect();
        let falling: Vec<Line> = rising.iter().rev().copied().collect();
        for lines in [rising, falling] {
            let (measures, accumulator) = fold(&lines, Returns::Net);
            assert!(!accumulator.is_uncertain());
            assert_eq!(measures.map(|m| m.purchase_days), Some(50));
        }
    }
}
