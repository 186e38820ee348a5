//! `manifest.json`: everything that a reader, an auditor or the next run may want to know of a run.
//!
//! [`Manifest`] is written and read by the same types. `Document` is a manifest whose parts are typed one by one,
//! when they are asked for: so a damaged part, or one of another version, does not prevent reading the others. Keys
//! that this version does not know are skipped.
//! Does not live here: what the parts mean (the rooms that make them), and where a manifest is (`history`, `publish`).

mod campaign;
mod document;
mod entries;
pub mod tables;
mod version;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::predict::PredictionsEntry;
use crate::scoring::Learned;
use crate::warnings::WarningDetail;
pub use campaign::{CampaignKind, CampaignManifest};
pub(crate) use document::Document;
pub use entries::{
    AccountEntry, AliasesEntry, CurrencyEntry, CurrencyRowsEntry, InputAccountEntry, InputEntry, LookupEntry,
    MembersEntry, Notes, OldestRateEntry, RateFileEntry, RatesEntry, SocialEntry, StageEntry, Totals,
};
pub use tables::{MANIFEST, PageFile, TableFile};
pub use version::FORMAT_VERSION;
pub(crate) use version::Unreadable;

/// A whole manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT_VERSION`]; 0 for manifests from before there was a version.
    #[serde(default)]
    pub format_version: u32,
    /// `rfmetrics`.
    pub program: String,
    /// The version of the program.
    pub version: String,
    /// The analysis date.
    pub as_of: NaiveDate,
    /// The run in a few numbers.
    pub totals: Totals,
    /// Rows per outcome: `kept`, and the others that occur.
    pub account: Vec<AccountEntry>,
    /// The same for each of several inputs, by name; empty where there is one without a name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub account_by_input: Vec<InputAccountEntry>,
    /// What was noticed of the rows.
    pub notes: Notes,
    /// What a reader should know, a sentence each.
    pub warnings: Vec<String>,
    /// The same with codes and facts, in the same order; empty in manifests of version 0.
    #[serde(default)]
    pub warning_details: Vec<WarningDetail>,
    /// What the run's own scoring has learned: the keys `breaks`, `value` and `kmeans`.
    #[serde(flatten)]
    pub learned: Learned,
    /// What the other scorings have learned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scorings: Vec<ScoringEntry>,
    /// The models, where anything was predicted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predictions: Option<PredictionsEntry>,
    /// How social value was weighed, where there was any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub social: Option<SocialEntry>,
    /// What amounts were in, where the input says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<CurrencyEntry>,
    /// The configuration file that was read; none where there was none, and in manifests of version 0.
    #[serde(default)]
    pub config_file: Option<String>,
    /// Every setting.
    #[serde(deserialize_with = "settings")]
    pub config: Config,
    /// The files that were read.
    pub inputs: Vec<InputEntry>,
    /// The files of lookup tables that were read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lookups: Vec<LookupEntry>,
    /// What old ids did to the rows, where there is a table of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aliases: Option<AliasesEntry>,
    /// What became of the members, where there is a table of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<MembersEntry>,
    /// The files that were published.
    pub tables: Vec<TableFile>,
    /// The pages that were published with them; empty where none was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<PageFile>,
    /// How long each part of the run took, in order.
    pub stages: Vec<StageEntry>,
    /// The most memory that the process held; none where the system does not say.
    pub peak_memory_bytes: Option<u64>,
    /// What went to temporary files of customers and their orders, for want of memory.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub spilled_bytes: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_zero(bytes: &u64) -> bool {
    *bytes == 0
}

/// An entry of `scorings`: what a scoring other than the run's own has learned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoringEntry {
    /// Its name.
    pub name: String,
    /// The keys `breaks`, `value` and `kmeans`; the last two are null where the scoring has none. With groups
    /// `score_groups`, too.
    #[serde(flatten, serialize_with = "with_nulls")]
    pub learned: Learned,
}

impl Manifest {
    /// The manifest as JSON, its keys in alphabetical order.
    ///
    /// # Errors
    /// A bug where a number does not fit JSON.
    pub fn to_json(&self) -> Result<Value> {
        serde_json::to_value(self).map_err(|error| Error::bug("the manifest cannot be written").cause(error))
    }
}

/// The settings as [`Config::from_manifest`] reads them.
fn settings<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Config, D::Error> {
    Config::from_manifest(Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

/// Every key, whether there is something or not.
fn with_nulls<S: serde::Serializer>(learned: &Learned, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    let Learned { breaks, value, clusters, groups, octants: _ } = learned;
    let mut written = serde_json::json!({"breaks": breaks, "value": value, "kmeans": clusters});
    if let (Some(groups), Value::Object(keys)) = (groups, &mut written) {
        keys.insert("score_groups".to_owned(), serde_json::json!(groups));
    }
    written.serialize(serializer)
}

#[cfg(test)]
mod tests;
