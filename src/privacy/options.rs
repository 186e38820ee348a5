//! Settings of privacy.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[privacy]`: who is left out, and how ids are published.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PrivacyOptions {
    /// A text file with one customer id per line: their rows are left out before anything is summed, and
    /// counted as `excluded_customer`.
    pub exclude_ids: Option<String>,
    /// Publish HMAC-SHA256 of each customer id instead of the id (64 hexadecimal digits). The key is the
    /// content of `hash_key_file`, else the variable `RFMETRICS_HASH_KEY`; the same key gives the same
    /// pseudonyms.
    pub hash_ids: bool,
    /// The file that holds the key of `hash_ids`: at least 16 bytes, white space at its end not counted.
    pub hash_key_file: Option<String>,
}
