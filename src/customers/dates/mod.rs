//! Transactions to the customers of several analysis dates, of rows that are read once.
//!
//! Every closed order is kept, with its days and its sums. Up to a date that no order has lines on both sides of, the orders of
//! that date are those that began by then, whole; and walking them in the order of days gives what a fold of the rows up to
//! the date would have given, since the same accumulator takes them. Customers with an order that goes on beyond a date, or
//! that came back after it was closed, are read again: of their orders the lines of each interval between dates are kept apart.
//! Read in this order: [`bounds`] (the days between which intervals lie), [`ledger`] (orders that are kept), [`partition`] and
//! [`fold`] (rows to orders), [`again`] (the second read), [`histories`] (the orders of all customers, by id and day) and
//! `at_date` (customers, orders and payload of one date).
//! Does not live here: what an order is (`order`), and what is remembered of one (`accumulator`).

pub mod again;
mod at_date;
pub mod bounds;
pub mod fold;
pub mod histories;
mod intervals;
pub mod ledger;
pub mod partition;

pub use at_date::AtDate;

#[cfg(test)]
mod tests;
