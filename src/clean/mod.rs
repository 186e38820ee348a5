//! Raw rows to kept rows and quarantined ones: a partition, with an account of every row.
//!
//! Read in this order: [`outcome`] (what can become of a row), [`zone`], [`dates`] and `money` (days and minor units),
//! [`currency`] (amounts in several of them), [`orders`] (what is an order), [`judge`] (the rules), [`quarantine`] (the sample of bad rows).

pub mod aliases;
mod amounts;
mod arrays;
pub mod by_date;
mod columns;
pub mod currency;
pub mod dates;
pub mod excluded;
pub mod given;
pub mod judge;
pub(crate) mod judged;
mod kept_days;
pub mod margin;
pub mod moment;
pub mod options;
pub mod orders;
pub mod outcome;
mod pairs;
pub mod quarantine;
pub mod rules;
mod whole_numbers;
pub mod zone;

#[cfg(test)]
mod tests;
