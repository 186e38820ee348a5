//! Settings of the guards: how old, how few and how shrunken the data may be, and which warnings stop a run.
//!
//! Does not live here: how many rows may be bad (`clean::options`), and the guards themselves (`guards`, `denied`).

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// `[quality]`: what stops a run before anything is published, because the input is old or incomplete.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct QualityOptions {
    /// Stop when the last order lies more than this many days before the analysis date. Without it, more than 7 days are a
    /// warning.
    pub max_days_without_orders: Option<u32>,
    /// Stop when fewer rows than this are kept.
    pub min_rows: Option<u64>,
    /// Stop when fewer rows are read than this share (0..1) of those of the previous run: the newest published date before
    /// the analysis date whose `input.paths` and `input.filter` are the same. Without such a run nothing is compared.
    /// Without the setting, a share below 0.9 is a warning.
    pub min_share_of_previous_rows: Option<f64>,
}

/// Which warnings stop a run: `true` for all of them, or a list of their codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DenyWarnings {
    /// All of them, or none.
    All(bool),
    /// Those with one of these codes.
    Codes(Vec<String>),
}

impl Default for DenyWarnings {
    fn default() -> Self {
        Self::All(false)
    }
}

impl DenyWarnings {
    /// Whether a warning with this code stops a run.
    #[must_use]
    pub fn denies(&self, code: &str) -> bool {
        match self {
            Self::All(all) => *all,
            Self::Codes(codes) => codes.iter().any(|denied| denied == code),
        }
    }

    /// The codes in the list; none where all or no warnings are denied.
    #[must_use]
    pub fn codes(&self) -> &[String] {
        match self {
            Self::All(_) => &[],
            Self::Codes(codes) => codes,
        }
    }
}

impl JsonSchema for DenyWarnings {
    fn schema_name() -> Cow<'static, str> {
        "DenyWarnings".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "boolean" }, { "type": "array", "items": { "type": "string" } }] })
    }
}
