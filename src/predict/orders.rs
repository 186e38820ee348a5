//! What models, years and holdouts see of a customer's orders: those of a day, and which days are occasions.
//!
//! Does not live here: how orders are judged and gathered (`customers`).

pub use crate::customers::orders::{CustomerOrders, OrderDay};

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
