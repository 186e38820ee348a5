//! A read for every order alone: where `explain` predicts, and where models see more than the tables do.
//!
//! A run needs it only with a window of everything, which cuts rows that the models look at. Does not live here: how orders
//! are kept (`customers::orders`), and what is made of them (`predict`).

use super::fold::fold;
use super::reading::Reading;
use super::sums::refuse_overflow;
use crate::clean::judge::Rules;
use crate::customers::Customers;
use crate::customers::orders::Orders;
use crate::error::{Error, Result};
use crate::source::scan::Further;

/// Reads the orders up to `as_of` of every customer, or of the one that is looked at, without a window. Each customer has
/// the row of `customers`, if they are in it.
///
/// # Errors
/// A source error where a file cannot be decoded or has changed; a compute error where money could overflow.
pub(crate) fn read(reading: &Reading<'_>, as_of: i32, cut: Option<i32>, customers: &Customers) -> Result<Orders> {
    let input = reading.input;
    reading.progress.begin("read orders", input.rows());
    let rules = Rules {
        as_of: Some(as_of),
        window_start: None,
        orders_from: None,
        cut,
        quarantine_rows: 0,
        ..input.rules.clone()
    };
    let alone = Reading { further: Further::default(), interactions: None, keeps_orders: true, ..*reading };
    let found = fold(&alone, &rules);
    reading.progress.finish();
    let found = found?;
    refuse_overflow(&found.tally).map_err(|error| input.named(error))?;
    input.check_unchanged()?;
    let mut orders = found.orders.ok_or_else(|| Error::bug("orders were asked for and not kept"))?;
    orders.renumber(&found.customers.ids.rows_in(&customers.ids));
    Ok(orders)
}
