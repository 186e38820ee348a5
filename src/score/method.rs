//! How the scores of an axis are made: the methods and how the axes are combined, by name.
//!
//! Does not live here: any method (`methods`).

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
    /// The method of this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let all = [
            Self::Quantile,
            Self::Ntile,
            Self::RRfm,
            Self::Fixed,
            Self::Mean,
            Self::Median,
            Self::Pareto,
            Self::Uniform,
        ];
        all.into_iter().find(|method| method.name() == name)
    }

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
    /// F inside each group of R, M inside each of these (Hughes), each axis by `ntile` (equal groups) or by `quantile`.
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

/// Whom frequency and monetary scores are learned from, where customers have no order in the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LearnFrom {
    /// The customers with an order in the window; the others have score 1, apart.
    #[default]
    Buyers,
    /// All customers: one without an order counts with 0 orders.
    All,
}

/// Whether scores are published as labels, too. The scores themselves stay as they are: the highest is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Labels {
    /// No labels.
    #[default]
    None,
    /// Columns `r_label`, `f_label`, `m_label` and `cell_label`, and `v_label` where there is a `v_score`: 1 is the best.
    BestIsOne,
}

/// The share that the best customers hold with `pareto`, unless set.
pub const PARETO_SHARE: f64 = 0.8;
