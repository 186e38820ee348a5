//! Settings of the scores: per axis the method, the number of bins and the cuts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How an axis is cut into scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Type 7 quantiles; equal values always share a score.
    #[default]
    Quantile,
    /// Exactly equal groups (SQL NTILE), ties split by customer id.
    Ntile,
    /// As the R package rfm: type 7 quantiles plus one, intervals closed on the left.
    RRfm,
    /// The user's own cuts.
    Fixed,
}

/// What the frequency axis counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FrequencyMeasure {
    /// Orders.
    Orders,
    /// Distinct days with an order.
    PurchaseDays,
    /// Input rows (what the R package rfm counts).
    Transactions,
}

/// What the monetary axis measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MonetaryMeasure {
    /// The sum of amounts.
    #[default]
    Revenue,
    /// Revenue divided by orders.
    AverageOrderValue,
    /// The largest single order.
    LargestOrder,
}

/// `[score.recency]`: the axis of days since the last order; fewer is better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RecencyAxis {
    /// How the axis is cut.
    pub method: Method,
    /// Number of scores, 2 to 100.
    pub bins: u32,
    /// With `fixed`: ascending upper limits in days, one fewer than bins; a value on a limit is on its better side.
    pub cuts: Vec<f64>,
}

/// `[score.frequency]`: the axis of how often; more is better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FrequencyAxis {
    /// How the axis is cut.
    pub method: Method,
    /// Number of scores, 2 to 100.
    pub bins: u32,
    /// With `fixed`: ascending cuts; the score is one plus the number of cuts below the value.
    pub cuts: Vec<f64>,
    /// What is counted. Default: `orders`, with `r-rfm` `transactions`.
    pub measure: Option<FrequencyMeasure>,
}

/// `[score.monetary]`: the axis of how much; more is better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MonetaryAxis {
    /// How the axis is cut.
    pub method: Method,
    /// Number of scores, 2 to 100.
    pub bins: u32,
    /// With `fixed`: ascending cuts in major units; the score is one plus the number of cuts below the value.
    pub cuts: Vec<f64>,
    /// What is measured.
    pub measure: MonetaryMeasure,
}

const DEFAULT_BINS: u32 = 5;

impl Default for RecencyAxis {
    fn default() -> Self {
        Self { method: Method::Quantile, bins: DEFAULT_BINS, cuts: Vec::new() }
    }
}

impl Default for FrequencyAxis {
    fn default() -> Self {
        Self { method: Method::Quantile, bins: DEFAULT_BINS, cuts: Vec::new(), measure: None }
    }
}

impl Default for MonetaryAxis {
    fn default() -> Self {
        Self { method: Method::Quantile, bins: DEFAULT_BINS, cuts: Vec::new(), measure: MonetaryMeasure::Revenue }
    }
}

/// `[score]`: the three axes, and breaks of a former run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScoreOptions {
    /// Days since the last order.
    pub recency: RecencyAxis,
    /// How often.
    pub frequency: FrequencyAxis,
    /// How much.
    pub monetary: MonetaryAxis,
    /// The `manifest.json` of a former run whose breaks are used instead of learning new ones.
    pub breaks_from: Option<String>,
}
