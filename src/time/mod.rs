//! Customers over time: where they stood on another date, what they did month by month, and what came after.
//!
//! Plain numbers in and out. [`standing`] is what is known of everyone on one date, [`comparison`] puts two of them side by
//! side, and [`migration`] counts who moved.
//! Does not live here: how a date is gathered and scored (`job`, `scoring`), and what is published of it (`reports`).

pub mod comparison;
pub mod migration;
pub mod options;
pub mod standing;

pub use comparison::{Comparison, Frozen};
pub use migration::{Basis, Flow, Move};
pub use options::By;
pub use standing::{Grouping, Standing};
