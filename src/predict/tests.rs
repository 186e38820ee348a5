//! What the tests of this room share.

use super::orders::OrderDay;

/// Days with one purchase each, or one return where the amount is below zero.
pub(super) fn order_days(days: &[(i32, i64)]) -> Vec<OrderDay> {
    let order = |&(day, amount): &(i32, i64)| OrderDay {
        day,
        purchases: u32::from(amount >= 0),
        purchased: amount.max(0),
        returned: amount.min(0),
    };
    days.iter().map(order).collect()
}
