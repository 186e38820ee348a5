//! What scores and segments would have been worth: customers as they were known on an earlier date, and what they did after it.
//!
//! Nothing that is known of a customer here comes from after the earlier date. [`outcomes`] says what they did, [`groups`] how the
//! groups of a scoring bought, [`rankings`] whether those who were ranked first bought more.
//! Does not live here: how the earlier date is scored (`job`), and the tables (`reports`).

pub mod groups;
pub mod outcomes;
pub mod rankings;

pub use groups::{GroupOutcome, wilson};
pub use outcomes::{Outcome, Outcomes};
pub use rankings::{RankingQuality, Tenth};
