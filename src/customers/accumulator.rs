//! What is remembered of one customer while transactions stream by.
//!
//! Lives here: the accumulator, how an order is opened, continued and closed, and the window of days.
//! Does not live here: finding a customer's accumulator (`partition`), or settling what it cannot decide (`repair`).

use crate::batch::Line;
use crate::clean::options::Returns;

/// Days behind the last one that are remembered one by one.
pub(super) const WINDOW_DAYS: i64 = 64;

/// The running measures of one customer: exact integers, so that the order of rows cannot matter.
///
/// An order stays open while its lines arrive, and is closed when the customer's next one begins. Two questions
/// cannot always be answered in one pass and bounded memory. Whether an order id was closed before is asked of
/// the partition's log of closed orders. Whether a day was seen before is known for the last 64 days, for days
/// before the first one and for the first one itself; else [`Accumulator::is_uncertain`] says that his days must be
/// counted anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accumulator {
    pub(super) revenue: i64,
    pub(super) largest_order: i64,
    /// Bit k is set where the day `last_day - k` had an order.
    pub(super) recent_days: u64,
    pub(super) open_order: u64,
    pub(super) open_total: i64,
    /// Zero where no order is open.
    pub(super) open_lines: u32,
    pub(super) open_day: i32,
    pub(super) first_day: i32,
    pub(super) last_day: i32,
    pub(super) orders: u32,
    pub(super) transactions: u32,
    pub(super) orders_not_above_zero: u32,
    /// Distinct days with an order that have left the window, or [`UNCERTAIN`].
    pub(super) older_days: u32,
}

/// More days than a calendar has: the number is not known any more.
pub(super) const UNCERTAIN: u32 = 1 << 31;

/// The measures of one customer when all rows are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measures {
    /// Day of the first order, days since 1970-01-01.
    pub first_day: i32,
    /// Day of the last order, days since 1970-01-01.
    pub last_day: i32,
    /// Number of orders.
    pub orders: u32,
    /// Distinct days with an order.
    pub purchase_days: u32,
    /// Number of rows.
    pub transactions: u32,
    /// Sum of amounts, minor units.
    pub revenue: i64,
    /// The largest order's total, minor units.
    pub largest_order: i64,
}

/// An order that is complete, as far as can be told: it belongs in the log of closed orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// Its identity within the customer; `None` for a row that is an order by itself.
    pub order: Option<u64>,
    /// Its day; `None` where it does not count as a purchase.
    pub day: Option<i32>,
}

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
            first_day: 0,
            last_day: 0,
            orders: 0,
            transactions: 0,
            orders_not_above_zero: 0,
            older_days: 0,
        }
    }

    /// Takes one line, and tells which order is complete by that. Sums wrap: the caller proves that they did not,
    /// from the total of absolute amounts.
    #[inline]
    pub fn take(&mut self, line: Line, returns: Returns) -> Option<Closed> {
        if line.lone {
            return Some(Closed { order: None, day: self.add_order(line.amount, line.lines, line.day, returns) });
        }
        if self.open_lines > 0 && self.open_order == line.order {
            self.open_total = self.open_total.wrapping_add(line.amount);
            self.open_lines += line.lines;
            self.open_day = self.open_day.min(line.day);
            return None;
        }
        let closed = self.close(returns);
        self.open_order = line.order;
        self.open_total = line.amount;
        self.open_lines = line.lines;
        self.open_day = line.day;
        closed
    }

    /// Closes the open order, if there is one.
    #[inline]
    pub fn close(&mut self, returns: Returns) -> Option<Closed> {
        if self.open_lines == 0 {
            return None;
        }
        let lines = std::mem::take(&mut self.open_lines);
        let day = self.add_order(self.open_total, lines, self.open_day, returns);
        Some(Closed { order: Some(self.open_order), day })
    }

    /// Adds a whole order; gives its day where it counts as a purchase.
    #[inline]
    pub fn add_order(&mut self, total: i64, lines: u32, day: i32, returns: Returns) -> Option<i32> {
        if total <= 0 {
            self.orders_not_above_zero += 1;
            if returns == Returns::Purchases {
                return None;
            }
        }
        self.mark_day(day);
        self.revenue = self.revenue.wrapping_add(total);
        self.largest_order = self.largest_order.max(total);
        self.orders += 1;
        self.transactions += lines;
        Some(day)
    }

    #[inline]
    fn mark_day(&mut self, day: i32) {
        if self.recent_days == 0 {
            (self.first_day, self.last_day, self.recent_days) = (day, day, 1);
            return;
        }
        let ahead = i64::from(day) - i64::from(self.last_day);
        if ahead > 0 {
            self.slide_window(ahead);
            self.last_day = day;
        } else if ahead > -WINDOW_DAYS {
            self.recent_days |= 1 << -ahead;
            self.first_day = self.first_day.min(day);
        } else if day < self.first_day {
            self.older_days += 1;
            self.first_day = day;
        } else if day > self.first_day {
            self.older_days |= UNCERTAIN;
        }
    }

    /// Moves the window `ahead` days on; what leaves it is only counted.
    #[inline]
    fn slide_window(&mut self, ahead: i64) {
        if ahead < WINDOW_DAYS {
            self.older_days += (self.recent_days >> (WINDOW_DAYS - ahead)).count_ones();
            self.recent_days = (self.recent_days << ahead) | 1;
        } else {
            self.older_days += self.recent_days.count_ones();
            self.recent_days = 1;
        }
    }

    /// True where an order has been closed, so that the log of closed orders knows this customer.
    #[must_use]
    pub const fn has_closed(&self) -> bool {
        self.orders > 0 || self.orders_not_above_zero > 0
    }

    /// True where the number of purchase days may be wrong and must be settled.
    #[must_use]
    pub const fn is_uncertain(&self) -> bool {
        self.older_days & UNCERTAIN != 0
    }

    /// Orders whose total is zero or less, whether the returns policy counts them or not.
    #[must_use]
    pub const fn orders_not_above_zero(&self) -> u32 {
        self.orders_not_above_zero
    }

    /// Sets the number of distinct days, counted elsewhere.
    pub fn settle_days(&mut self, distinct_days: u32) {
        self.older_days = distinct_days;
        self.recent_days = 0;
    }

    /// The measures; `None` for a customer left without an order. The open order must have been closed.
    #[must_use]
    pub fn measures(&self) -> Option<Measures> {
        debug_assert!(self.open_lines == 0, "an open order has not been counted");
        (self.orders > 0).then(|| Measures {
            first_day: self.first_day,
            last_day: self.last_day,
            orders: self.orders,
            purchase_days: (self.older_days & !UNCERTAIN) + self.recent_days.count_ones(),
            transactions: self.transactions,
            revenue: self.revenue,
            largest_order: self.largest_order,
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

    fn line(order: u64, day: i32, amount: i64) -> Line {
        Line { order, amount, day, lines: 1, lone: false }
    }

    fn fold(lines: &[Line], returns: Returns) -> (Option<Measures>, Accumulator) {
        let mut accumulator = Accumulator::new();
        for line in lines {
            accumulator.take(*line, returns);
        }
        accumulator.close(returns);
        (accumulator.measures(), accumulator)
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
        let (measures, accumulator) = fold(&[line(1, 10, 5), line(2, 12, 4), line(2, 12, -4)], Returns::Purchases);
        assert_eq!(measures.map(|m| (m.orders, m.last_day, m.transactions)), Some((1, 10, 1)));
        assert_eq!(accumulator.orders_not_above_zero(), 1);
        assert_eq!(fold(&[line(1, 10, -5)], Returns::Purchases).0, None, "nobody without an order");
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
            let (measures, accumulator) = fold(&lines, Returns::Net);
            let measures = measures.unwrap();
            assert_eq!((measures.first_day, measures.last_day), (*days.first().unwrap(), *days.last().unwrap()));
            if !accumulator.is_uncertain() {
                claimed += 1;
                assert_eq!(measures.purchase_days as usize, days.len(), "{lines:?}");
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
