//! What the page shows, read from the published tables: a few columns at a time, each table once.
//!
//! Does not live here: what the numbers mean (the dictionary), and how they are shown (`sections`).

pub(crate) mod customers;
pub(crate) mod distribution;
pub(crate) mod neighbours;
pub(crate) mod rows;
pub(crate) mod segments;
pub(crate) mod tables;
