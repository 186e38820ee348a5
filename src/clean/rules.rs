//! The rules that rows are judged by: those of a run, and those of each of its inputs.
//!
//! Does not live here: applying them (`judge`), and making them of settings (`input`).

use std::sync::Arc;

use super::aliases::Aliases;
use super::currency::Currencies;
use super::dates::DateRules;
use super::excluded::Excluded;
use super::options::{Returns, ZeroAmounts};
use super::orders::OrderRule;
use crate::known::Known;

/// The rules of a run, resolved: dates as days, money in minor units.
#[derive(Debug, Clone)]
pub struct Rules {
    /// What the rows tell of customers.
    pub known: Known,
    /// Rows dated after this day are cut; `None` cuts nothing.
    pub as_of: Option<i32>,
    /// Rows dated before this day are cut.
    pub window_start: Option<i32>,
    /// Orders before this day count for first and last days alone.
    pub orders_from: Option<i32>,
    /// The last day that models see in a holdout.
    pub cut: Option<i32>,
    /// Rows dated before this day are quarantined.
    pub min_day: Option<i32>,
    /// Smallest and largest amount.
    pub amount_limits: (i64, i64),
    /// Decimals of money.
    pub scale: u8,
    /// How amounts in several currencies become amounts in one; none where they count as they stand.
    pub currencies: Option<Arc<Currencies>>,
    /// Returns.
    pub returns: Returns,
    /// Zero amounts.
    pub zero_amounts: ZeroAmounts,
    /// Trim white space off ids.
    pub trim_ids: bool,
    /// Turn ids to lower case.
    pub lowercase_ids: bool,
    /// Customer ids are texts, also those stored as numbers: some do not fit into 64 bits.
    pub text_ids: bool,
    /// Quarantined rows kept per reason.
    pub quarantine_rows: usize,
    /// Old ids, which count as those that their customers have now.
    pub aliases: Arc<Aliases>,
    /// Customers who are left out.
    pub excluded: Arc<Excluded>,
    /// Log lines may hold ids and values of the input.
    pub tells_ids: bool,
    /// Errors may name a customer.
    pub shows_ids: bool,
}

/// What the rows of one input mean: inputs differ in how they are written, and not in what counts.
#[derive(Debug, Clone)]
pub struct InputRules {
    /// How stored dates become days.
    pub dates: DateRules,
    /// Ids that stand for no customer, lowercased as ids are.
    pub nobody: Vec<String>,
    /// What is an order.
    pub orders: OrderRule,
    /// Tells its orders from those of other inputs with the same ids; 0 where they are the same orders.
    pub order_salt: i64,
}
