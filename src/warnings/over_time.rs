//! Facts about two dates side by side, each with its sentence.
//!
//! Does not live here: the list of warnings (`facts`).

use std::fmt::{self, Display, Formatter};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Why the breaks of the earlier date cannot score the later one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoFrozenBreaks {
    /// The earlier date.
    pub compared_with: NaiveDate,
    /// Why.
    pub reason: String,
}

impl Display for NoFrozenBreaks {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { compared_with, reason } = self;
        write!(
            f,
            "the breaks of {compared_with} cannot score the later date, so that `migration` has no basis `frozen`: {reason}; \
             the moves of `published` mix what customers did with breaks that moved under them"
        )
    }
}

/// Settings in which two published dates differ, beyond what a comparison may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsDiffer {
    /// Their keys.
    pub settings: Vec<String>,
}

impl Display for SettingsDiffer {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let named = self.settings.join("`, `");
        write!(
            f,
            "the two dates were made with different settings (`{named}`): part of what moved may come from that; publish both \
             with the same settings"
        )
    }
}

/// An earlier date that says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NothingToCompare {
    /// The setting that asks for it.
    pub setting: String,
    /// The date, before which there is no order; none where the previous one is asked for and nothing is published.
    pub compared_with: Option<NaiveDate>,
}

impl Display for NothingToCompare {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { setting, compared_with } = self;
        match compared_with {
            Some(date) => write!(f, "`{setting}` has nothing to look at: no order is of {date} or earlier")?,
            None => write!(f, "`{setting}` has nothing to look at: no earlier date is published in the output")?,
        }
        f.write_str(", so that its tables are empty and its columns null")
    }
}

/// Alerts that are looked for on one date alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertsWithoutComparison {}

impl Display for AlertsWithoutComparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(
            "alerts have no earlier date to look at: they list whoever is beyond a limit today, however long, and nobody whose \
             recency score fell; `compare.with = \"month\"` lists those who passed a limit since",
        )
    }
}

/// Two dates without a customer in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoCommonCustomers {
    /// Customers of the earlier date.
    pub before: u64,
    /// Customers of the later date.
    pub after: u64,
}

impl Display for NoCommonCustomers {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { before, after } = self;
        write!(
            f,
            "none of the {before} customers of the earlier date is among the {after} of the later one: are the ids of one \
             kind, and pseudonyms of one key?"
        )
    }
}
