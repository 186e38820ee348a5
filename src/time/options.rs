//! Settings of what is computed over time.
//!
//! Does not live here: what they do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
