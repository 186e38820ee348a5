//! Ids that must not be shown: customers under pseudonyms.
//!
//! Lives here: the settings, and the keyed hash. Does not live here: who is left out (`clean::excluded`), and which
//! tables hold ids.

pub mod options;
mod pseudonym;

pub use pseudonym::{KEY_VARIABLE, Pseudonyms, push_hexadecimal};
