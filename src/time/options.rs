//! Settings of what is computed over time.
//!
//! Does not live here: what they do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calendar::Period;
use super::days::Wanted;
use super::health::HealthDates;

/// What customers are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The octant: better or not in recency, frequency and money.
    Octant,
    /// The segment of the run's own map.
    Segment,
    /// The stage of the life cycle: the segment of the map `lifecycle`.
    Stage,
}

impl By {
    /// The word of tables and settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Octant => "octant",
            Self::Segment => "segment",
            Self::Stage => "stage",
        }
    }
}

/// `[compare]`: the customers beside those of an earlier date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CompareOptions {
    /// The earlier date: `YYYY-MM-DD`, `month`, `quarter` or `year` for the date so long before the analysis date (ends of months stay
    /// ends of months), or `previous` for the newest one before it that is published in the output. Its customers are gathered from
    /// the same input. Without it nothing is compared.
    pub with: Option<String>,
    /// What parts the customers: `segment`, `octant`, `stage` (of the map `lifecycle`).
    pub by: Vec<By>,
    /// Publish `migration_customers`, too: where each customer stood and stands.
    pub customers: bool,
}

impl Default for CompareOptions {
    fn default() -> Self {
        Self { with: None, by: vec![By::Segment], customers: false }
    }
}

/// Why a customer is on alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The recency score fell since the earlier date, by the breaks of that date.
    ScoreFell,
    /// They are later than their own gaps between purchases say.
    OwnRhythm,
    /// They are probably gone, by the model of purchases.
    PAlive,
}

impl Reason {
    /// The word of tables and settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ScoreFell => "score_fell",
            Self::OwnRhythm => "own_rhythm",
            Self::PAlive => "p_alive",
        }
    }
}

/// `[alerts]`: valued customers who are slipping away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AlertOptions {
    /// Publish `alerts` for these reasons: `score_fell` (needs `compare.with`), `own_rhythm`, `p_alive` (needs `predict.model`). Without
    /// any there is no such table.
    pub reasons: Vec<Reason>,
    /// `score_fell`: by how many scores recency fell, at least.
    pub score_fell_by: u32,
    /// `p_alive`: the probability below which a customer is taken to be leaving.
    pub p_alive_below: f64,
    /// A customer is valued with an F or M score above this share of the bins, or in one of the next classes; on the earlier date,
    /// where there is one.
    pub valued_score_share: f64,
    /// ABC classes whose customers are valued.
    pub valued_classes: Vec<String>,
    /// List those, too, who had passed a limit before the earlier date.
    pub standing: bool,
    /// Publish `mean_gap_days`, `own_limit_days` and `overdue_percent` of every customer.
    pub columns: bool,
}

impl Default for AlertOptions {
    fn default() -> Self {
        Self {
            reasons: Vec::new(),
            score_fell_by: 2,
            p_alive_below: 0.5,
            valued_score_share: 0.6,
            valued_classes: vec!["A".to_owned()],
            standing: false,
            columns: false,
        }
    }
}

/// `[evaluate]`: whether scores and segments would have found the buyers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EvaluateOptions {
    /// Publish `evaluation`, `evaluation_rankings` and `evaluation_summary`: customers as they were known so many days before the
    /// analysis date, scored then, and who of them has bought since. Without it there are no such tables.
    pub horizon_days: Option<u32>,
}

/// `[health]`: whether the business is sound, date after date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HealthOptions {
    /// Publish `health` for the ends of these periods: `month`, `quarter` or `year`. Without it there is no such table.
    pub every: Option<Period>,
    /// How many of the last periods that are over, 1 to 1200.
    pub periods: u32,
    /// The ratios of active customers to those before at which the sign is `shrinking` (this or less), and `growing` (this or
    /// more).
    pub limits: [f64; 2],
    /// Publish `grid_over_time`, too: the cells of the grid on the same dates.
    pub grid: bool,
    /// A buyer who had not bought for more days than this is `reactivated`.
    pub reactivated_after_days: u32,
}

impl Default for HealthOptions {
    fn default() -> Self {
        Self { every: None, periods: 24, limits: [0.95, 1.05], grid: false, reactivated_after_days: 180 }
    }
}

/// `[cohorts]`: customers by the period of their first purchase, and the loyalty ladder.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CohortOptions {
    /// Publish `cohorts` by this period of the first purchase: `month`, `quarter` or `year`. Without it there is no such table.
    pub by: Option<Period>,
    /// Publish `loyalty_ladder`: of those with so many purchases, who made one more, and how long it took.
    pub loyalty_ladder: bool,
}

/// What these settings ask for.
#[must_use]
pub fn wanted(health: &HealthOptions, cohorts: &CohortOptions, as_of: i32) -> Wanted {
    let dates = |every| HealthDates::new(as_of, every, health.periods, health.reactivated_after_days);
    Wanted { health: health.every.map(dates), ladder: cohorts.loyalty_ladder, cohorts: cohorts.by, ..Wanted::default() }
}
