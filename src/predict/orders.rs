//! What models, years and holdouts see of a customer's orders: what those of a day come to.
//!
//! The seam between orders and predictions: whoever knows the orders fills it. An order's day is that of its first line; an
//! order is a purchase if its lines sum above zero, or to zero without a line below zero, whatever `clean.returns` makes of
//! it elsewhere; everything else is a return. Does not live here: how orders are judged (`clean`, `customers`).

/// The orders of one customer on one day. A day without any order has no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct OrderDay {
    /// Days since 1970-01-01.
    pub day: i32,
    /// Its purchases; the day is an occasion where there is one.
    pub purchases: u32,
    /// What the purchases come to, minor units: 0 where all were free.
    pub purchased: i64,
    /// What all other orders of the day come to, minor units: 0 or less.
    pub returned: i64,
}

/// The orders of one customer, all days up to the analysis date, whatever the window.
#[derive(Debug, Clone, Copy)]
pub struct CustomerOrders<'a> {
    /// As judged by all lines up to the analysis date. Days ascend.
    pub days: &'a [OrderDay],
    /// As judged by the lines dated up to a holdout's cut, and up to that day: an order that was taken back later is still a
    /// purchase here. Not looked at without a holdout.
    pub at_cut: &'a [OrderDay],
}

impl OrderDay {
    /// Whether the day is an occasion.
    #[must_use]
    pub const fn is_occasion(&self) -> bool {
        self.purchases > 0
    }

    /// All money of the day's orders.
    #[must_use]
    pub const fn revenue(&self) -> i64 {
        self.purchased.wrapping_add(self.returned)
    }
}

/// The occasions among `days`.
pub(super) fn occasions(days: &[OrderDay]) -> impl Iterator<Item = &OrderDay> {
    days.iter().filter(|day| day.is_occasion())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predict::tests::order_days;

    #[test]
    fn a_free_order_is_an_occasion_and_a_credit_note_is_none() {
        let days = order_days(&[(3, 0), (5, -700), (9, 900)]);
        assert_eq!(occasions(&days).map(|day| day.day).collect::<Vec<_>>(), [3, 9]);
        assert_eq!(days.iter().map(OrderDay::revenue).sum::<i64>(), 200);
    }
}
