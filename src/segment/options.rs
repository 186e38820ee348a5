//! Settings of the segments: which map, and how octants are told.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[segment]`: the segment map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SegmentOptions {
    /// The name of a shipped map (`rf25`), or the path of a TOML file with the user's own.
    pub map: String,
}

impl Default for SegmentOptions {
    fn default() -> Self {
        Self { map: "rf25".into() }
    }
}

/// The threshold that tells high from low in the octants; high means strictly better than it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Threshold {
    /// The mean over all customers.
    #[default]
    Mean,
    /// The median over all customers.
    Median,
}

/// `[octants]`: the eight groups of R, F and M above or below a threshold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OctantOptions {
    /// What separates high from low.
    pub threshold: Threshold,
}
