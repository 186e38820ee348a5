//! What scores and segments would have been worth: customers as they were known on an earlier date, and what they did after it.
//!
//! Nothing that is known of a customer here comes from after the earlier date. [`outcomes`] says what they did, [`groups`] how the
//! groups of a scoring bought, [`rankings`] whether those who were ranked first bought more.
//! Does not live here: how the earlier date is scored (`job`), and the tables (`reports`).

pub mod groups;
pub mod outcomes;
pub mod rankings;

pub use groups::GroupOutcome;
pub use outcomes::{Outcome, Outcomes};
pub use rankings::{RankingQuality, Tenth};

/// What the scorings of an earlier date would have been worth.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evaluation {
    /// Days from the earlier date to the analysis date.
    pub horizon_days: u32,
    /// The groups with customers, by scoring, what they are grouped by, and name.
    pub groups: Vec<EvaluatedGroup>,
    /// The rankings, by scoring and name.
    pub rankings: Vec<EvaluatedRanking>,
    /// Customers who came after the earlier date.
    pub new_customers: u64,
}

/// A group of a scoring, and what its customers did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvaluatedGroup {
    /// The name of the scoring.
    pub scoring: String,
    /// `segment`, `cell`, `octant`, or a score.
    pub group_by: &'static str,
    /// The name of the group.
    pub group: String,
    /// What its customers did.
    pub outcome: GroupOutcome,
}

/// A ranking of a scoring, and how good it would have been.
#[derive(Debug, Clone, PartialEq)]
pub struct EvaluatedRanking {
    /// The name of the scoring.
    pub scoring: String,
    /// What customers are ranked by.
    pub ranking: &'static str,
    /// How good it would have been.
    pub quality: RankingQuality,
}
