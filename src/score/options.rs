//! Settings of the scores: per axis the method, the number of bins and the cuts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::composites::weighted_value::ValueAxis;
use super::on_request::CompositeOptions;

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
    /// Two bins: better than the mean of all customers, which may be weighted, or not.
    Mean,
    /// Two bins: better than the median of all customers, or not.
    Median,
    /// Two bins: the smallest group of best customers that holds a share of the total (80/20), and the rest.
    Pareto,
    /// Bins of equal width between the smallest and the largest value.
    Uniform,
}

impl Method {
    /// The name used in settings, manifests and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quantile => "quantile",
            Self::Ntile => "ntile",
            Self::RRfm => "r-rfm",
            Self::Fixed => "fixed",
            Self::Mean => "mean",
            Self::Median => "median",
            Self::Pareto => "pareto",
            Self::Uniform => "uniform",
        }
    }
}

/// How the three scores are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Combination {
    /// Each axis over all customers.
    #[default]
    Independent,
    /// F inside each group of R, M inside each of these (Hughes): equal groups, so that each axis is cut by `ntile`.
    Nested,
}

impl Combination {
    /// The name used in settings, maps and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Independent => "independent",
            Self::Nested => "nested",
        }
    }
}

/// What customers count by in the mean of an axis, or hold a share of in `pareto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Orders.
    Orders,
    /// Distinct days with an order.
    PurchaseDays,
    /// Input rows.
    Transactions,
    /// The sum of amounts; an amount below zero counts as zero.
    Revenue,
    /// The sum of margins (`columns.margin`), likewise.
    Margin,
}

/// The share that the best customers hold with `pareto`, unless set.
pub const PARETO_SHARE: f64 = 0.8;

/// What the recency axis counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecencyMeasure {
    /// Days since the last order.
    #[default]
    RecencyDays,
    /// Days since the last interaction or order (`input.interactions`).
    InteractionDays,
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
    /// The sum of margins (`columns.margin`).
    Margin,
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
    /// What is counted.
    pub measure: RecencyMeasure,
    /// With `pareto`: the share that the best customers hold.
    pub share: f64,
    /// With `mean`: what customers count by. With `pareto`: what is held, by default revenue.
    pub weight: Option<Weight>,
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
    /// With `pareto`: the share that the best customers hold.
    pub share: f64,
    /// With `mean`: what customers count by. With `pareto`: what is held, by default the measure itself.
    pub weight: Option<Weight>,
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
    /// With `pareto`: the share that the best customers hold.
    pub share: f64,
    /// With `mean`: what customers count by. With `pareto`: what is held, by default the measure itself.
    pub weight: Option<Weight>,
}

const DEFAULT_BINS: u32 = 5;

impl Default for RecencyAxis {
    fn default() -> Self {
        Self {
            method: Method::Quantile,
            bins: DEFAULT_BINS,
            cuts: Vec::new(),
            measure: RecencyMeasure::RecencyDays,
            share: PARETO_SHARE,
            weight: None,
        }
    }
}

impl Default for FrequencyAxis {
    fn default() -> Self {
        Self {
            method: Method::Quantile,
            bins: DEFAULT_BINS,
            cuts: Vec::new(),
            measure: None,
            share: PARETO_SHARE,
            weight: None,
        }
    }
}

impl Default for MonetaryAxis {
    fn default() -> Self {
        Self {
            method: Method::Quantile,
            bins: DEFAULT_BINS,
            cuts: Vec::new(),
            measure: MonetaryMeasure::Revenue,
            share: PARETO_SHARE,
            weight: None,
        }
    }
}

/// `[score]`: the three axes, and breaks of a former run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScoreOptions {
    /// How the three scores are combined.
    pub combination: Combination,
    /// Days since the last order.
    pub recency: RecencyAxis,
    /// How often.
    pub frequency: FrequencyAxis,
    /// How much.
    pub monetary: MonetaryAxis,
    /// The value of a customer, a weighted sum of measures; it is scored where the segment map asks for it.
    pub value: ValueAxis,
    /// Composites as further columns.
    pub composites: CompositeOptions,
    /// The `manifest.json` of a former run whose breaks are used instead of learning new ones.
    pub breaks_from: Option<String>,
}
