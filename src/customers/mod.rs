//! Transactions to one row per customer: the single big aggregation, and the seam of the program.
//!
//! Read in this order: [`accumulator`] (what is remembered of a customer), [`key`] (how customers are told apart),
//! [`scatter`] (rows to partitions), [`payload`] (optional measures that travel with them), [`edges`] (orders that a batch cuts in two), `table` and [`partition`] (customers, in [`chunks`], and what is folded into them), [`fold`] (all of it on all threads), [`repair`] (the
//! slow way for the few whom one pass cannot decide), `gather` and [`measures`] (the customers table). [`state`] merges and saves accumulators.
//! [`days`] is a fold of its own: all days on which each customer bought.
//!
//! Plain numbers in and out: no data frame, no file and no configuration beyond the returns policy.

pub mod accumulator;
pub mod chunks;
pub mod days;
pub mod edges;
pub mod fold;
mod gather;
pub mod key;
pub mod log;
pub mod measures;
pub mod partition;
pub mod payload;
pub mod repair;
mod row;
pub mod scatter;
pub mod state;
mod table;

pub use measures::{CustomerIds, Customers};

/// Lines of one order that lie more days apart than this are hardly of one order: its id has come again.
pub const FAR_APART_DAYS: u32 = 30;
