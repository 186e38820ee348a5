//! Customers over time: where they stood on another date, what they did month by month, and what came after.
//!
//! Plain numbers in and out. [`standing`] is what is known of everyone on one date, [`comparison`] puts two of them side by
//! side, and [`migration`] counts who moved. [`days`] walks over the days of every customer once, for [`health`], [`ladder`] and
//! [`cohorts`].
//! Does not live here: how a date is gathered and scored (`job`, `scoring`), and what is published of it (`reports`).

pub mod alerts;
pub mod calendar;
pub mod cohorts;
pub mod comparison;
pub mod days;
pub mod evaluation;
pub mod grid;
pub mod health;
pub mod health_signs;
pub mod ladder;
pub mod migration;
pub mod options;
pub mod rhythm;
pub mod standing;

pub use calendar::Period;
pub use comparison::{Comparison, Frozen};
pub use days::{FromDays, Wanted};
pub use migration::{Basis, Flow, Move};
pub use options::By;
pub use standing::{Grouping, Standing};
