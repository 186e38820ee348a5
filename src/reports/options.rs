//! Settings of the reports: groups, limits and bands.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[reports]`: how the report tables are cut.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReportOptions {
    /// Number of equal groups of customers in `pareto`.
    pub pareto_groups: u32,
    /// The revenue shares at which class A and class B of `abc` end.
    pub abc_limits: [f64; 2],
    /// Upper limits in days of the first four recency bands of `grid`; the fifth is open.
    pub grid_recency_days: [u32; 4],
    /// Orders of the first four columns of `grid`: a customer is in the first whose number they do not exceed; the fifth is open.
    pub grid_orders: [u32; 4],
    /// Publish segments and Pareto groups for each group of customers, too, as `segments_by_group` and `pareto_by_group`: the
    /// attributes that group them, such as `["country"]`.
    pub by: Vec<String>,
}

impl Default for ReportOptions {
    fn default() -> Self {
        Self {
            pareto_groups: 100,
            abc_limits: [0.80, 0.95],
            grid_recency_days: [30, 90, 180, 360],
            grid_orders: [1, 2, 3, 4],
            by: Vec::new(),
        }
    }
}
