//! Transactions to one row per customer: the single big aggregation, and the seam of the program.
//!
//! Read in this order: [`accumulator`] (what is remembered of a customer), [`key`] (how customers are told apart),
//! [`scatter`] (rows to partitions), [`edges`] (orders that a batch cuts in two), [`partition`] (the table, in [`chunks`]), [`fold`] (all of it on all threads), [`repair`] (the
//! slow way for the few whom one pass cannot decide), `gather` and [`measures`] (the customers table). [`state`] merges and saves accumulators.
//!
//! Plain numbers in and out: no data frame, no file and no configuration beyond the returns policy.

pub mod accumulator;
pub mod chunks;
pub mod edges;
pub mod fold;
mod gather;
pub mod key;
pub mod log;
pub mod measures;
pub mod partition;
pub mod repair;
mod row;
pub mod scatter;
pub mod state;

pub use measures::{CustomerIds, Customers};
