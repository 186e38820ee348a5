//! The kinds of purchase models, by name.

use serde::{Deserialize, Serialize};

/// A model of purchases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Candidate {
    /// BG/NBD.
    BgNbd,
    /// MBG/NBD.
    MbgNbd,
    /// Pareto/NBD.
    ParetoNbd,
    /// NBD: without drop-out.
    Nbd,
    /// BG/BB: at discrete opportunities.
    BgBb,
}

impl Candidate {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::BgNbd, Self::MbgNbd, Self::ParetoNbd, Self::Nbd, Self::BgBb];
    /// Those whose customers may buy at any time.
    pub const IN_CONTINUOUS_TIME: [Self; 4] = [Self::BgNbd, Self::MbgNbd, Self::ParetoNbd, Self::Nbd];
    /// Those in which customers leave, the simplest first.
    pub const WITH_DROP_OUT: [Self; 3] = [Self::BgNbd, Self::MbgNbd, Self::ParetoNbd];

    /// The name used in settings, tables and manifests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BgNbd => "bg_nbd",
            Self::MbgNbd => "mbg_nbd",
            Self::ParetoNbd => "pareto_nbd",
            Self::Nbd => "nbd",
            Self::BgBb => "bg_bb",
        }
    }
}
