//! The pass over the transactions: one execution of the scan, and everything that is made of the rows as they come by.
//!
//! [`reading`] runs the scan and hands each judged batch to every pass; `fold` makes customers of it. Does not live here:
//! any rule or sum.

pub mod attributes;
pub(crate) mod fold;
pub(crate) mod interactions;
pub(crate) mod margin;
pub(crate) mod purchase_days;
pub(crate) mod reading;
pub(crate) mod repeats;
pub(crate) mod unreadable;

pub use fold::{Aggregated, aggregate, last_day};

use crate::clean::judge::IDS_TOO_LARGE;
use crate::error::Error;

/// The published ids have a sign, as all tools read them.
pub(crate) fn ids_too_large() -> Error {
    Error::source(IDS_TOO_LARGE).hint("cast the column to a text at its source: tables have no unsigned columns")
}
