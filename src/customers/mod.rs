//! Transactions to one row per customer: the single big aggregation, and the seam of the program.
//!
//! Read in this order: [`order`] (purchases and returns), [`accumulator`] (what is remembered of a customer),
//! [`side`] (what the measures leave out), [`key`] (how customers are told apart), [`scatter`] (rows to partitions),
//! [`payload`] (optional measures that travel with them), [`edges`] (orders that a batch cuts in two), `table` (customers, in
//! [`chunks`]), `waiting`, `lines` and [`partition`] (the rows that wait, and what is folded into customers), `few` (where
//! there are some thousand customers alone), [`fold`] (all of it on all threads),
//! [`repair`] (the slow way for the few whom one pass cannot decide), `gather` and [`measures`] (the customers
//! table). [`state`] merges and saves accumulators. [`orders`] keeps every order, for models that look at each of
//! them. What grows with the rows lies in lists that can go to disk (`spill_list`).
//!
//! Plain numbers in and out: no data frame, no file and no configuration beyond the returns policy.

pub mod accumulator;
pub mod chunks;
mod closed_orders;
pub mod edges;
mod few;
pub mod fold;
mod gather;
pub mod key;
mod lines;
pub mod log;
pub mod measures;
pub mod order;
mod order_entry;
pub mod orders;
mod pair;
pub mod partition;
pub mod payload;
mod prefetch;
pub mod repair;
mod row;
pub mod scatter;
pub mod side;
pub mod sort_key;
mod spill_list;
pub mod state;
mod strangers;
mod table;
mod waiting;
mod work;

pub use gather::FoldedCustomers;
pub use measures::{CustomerIds, Customers};
