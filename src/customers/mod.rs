//! Transactions to one row per customer: the single big aggregation, and the seam of the program.
//!
//! Read in this order: [`order`] (purchases and returns), [`accumulator`] (what is remembered of a customer),
//! [`side`] (what the measures leave out), [`key`] (how customers are told apart), [`scatter`] (rows to partitions),
//! [`payload`] (optional measures that travel with them), [`edges`] (orders that a batch cuts in two), `table` and
//! [`partition`] (customers, in [`chunks`], and what is folded into them), [`fold`] (all of it on all threads),
//! [`repair`] (the slow way for the few whom one pass cannot decide), `gather` and [`measures`] (the customers
//! table). [`dates`] makes customers of several dates of one read. [`state`] merges and saves accumulators. [`orders`] keeps every order, for models that look at each of
//! them.
//!
//! Plain numbers in and out: no data frame, no file and no configuration beyond the returns policy.

pub mod accumulator;
pub mod chunks;
pub mod dates;
pub mod edges;
pub mod fold;
mod gather;
pub mod key;
pub mod log;
pub mod measures;
pub mod order;
pub mod orders;
mod pair;
pub mod partition;
pub mod payload;
pub mod repair;
mod row;
pub mod scatter;
pub mod side;
pub mod sort_key;
pub mod state;
mod table;
mod work;

pub use gather::FoldedCustomers;
pub use measures::{CustomerIds, Customers};
