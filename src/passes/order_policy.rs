//! Which orders count, by the rules of a run.
//!
//! Does not live here: what the policies mean (`customers::order`).

use crate::clean::judge::Rules;
use crate::clean::options::Returns;
use crate::customers::order::OrderPolicy;

/// The policy of the fold.
pub(crate) fn order_policy(rules: &Rules) -> OrderPolicy {
    let Rules { returns, orders_from, cut, known, .. } = *rules;
    let has_amounts = known.has_money() && !known.is_of_customers();
    OrderPolicy { returns, window_start: orders_from.unwrap_or(i32::MIN), has_amounts, cut: cut.unwrap_or(i32::MAX) }
}

/// Whether it depends on the order whether a row's money counts.
pub(super) fn judges_orders(rules: &Rules) -> bool {
    rules.returns == Returns::Purchases || rules.orders_from.is_some()
}
