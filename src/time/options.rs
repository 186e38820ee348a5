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
    /// A buyer who had not bought for more days than this is `reactivated`.
    pub reactivated_after_days: u32,
}

impl Default for HealthOptions {
    fn default() -> Self {
        Self { every: None, periods: 24, limits: [0.95, 1.05], reactivated_after_days: 180 }
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
    Wanted { health: health.every.map(dates), ladder: cohorts.loyalty_ladder, cohorts: cohorts.by }
}
