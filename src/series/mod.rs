//! Several analysis dates of one job: which days they are.
//!
//! Plain dates in and out. Does not live here: what is gathered at each of them (`job`), and what was published (`history`).

mod calendar;
pub mod options;

pub use calendar::{Every, MOST_DATES, Problem, last_days};
