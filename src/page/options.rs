//! What a page can be asked for.

use crate::publish::options::Language;

/// How a page is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PageOptions {
    /// Its language.
    pub language: Language,
    /// Whether it shows ids of customers.
    pub with_ids: bool,
}
