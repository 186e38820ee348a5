//! People of whom there are notes, but no order yet.
//!
//! Does not live here: what the notes say (`payload`).

use super::payload::Payload;
use super::table::Table;

/// People of whom there are notes, but no order yet.
#[derive(Debug)]
pub(super) struct Strangers<N> {
    pub(super) table: Table<N, ()>,
    pub(super) payload: Payload,
}

impl<N> Default for Strangers<N> {
    fn default() -> Self {
        Self { table: Table::default(), payload: Payload::default() }
    }
}

/// Strangers of a partition beyond which notes are given up: at least so many, and so many times its customers. All
/// partitions together then hold about four million of them, or a multiple of the customers.
pub(super) const MOST_STRANGERS: usize = 4096;
pub(super) const STRANGERS_PER_CUSTOMER: usize = 2;
