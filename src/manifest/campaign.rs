//! `manifest.json` of a campaign: what was chosen or evaluated, from which published date, by which settings.
//!
//! Does not live here: the manifest of a run, and publishing.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::tables::TableFile;
use crate::campaigns::options::CampaignOptions;
use crate::error::{Error, Result};
use crate::publish::options::MoneyType;
use crate::warnings::WarningDetail;

/// What a campaign's directory holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignKind {
    /// Whom to contact: `targets` and `campaign_summary`.
    Selection,
    /// Every n-th customer of each cell: `targets` and `campaign_test`.
    Test,
    /// What campaigns brought: `campaign_results` and `campaign_gains`.
    Evaluation,
}

/// The manifest of a campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CampaignManifest {
    /// The format, as of all manifests.
    pub format_version: u32,
    /// `rfmetrics`.
    pub program: String,
    /// The version of the program.
    pub version: String,
    /// The name of the campaign.
    pub campaign: String,
    /// What the directory holds.
    pub kind: CampaignKind,
    /// The analysis date of the run that it is from.
    pub as_of: NaiveDate,
    /// The day of contact; of an evaluation the first one of its campaigns.
    pub on: NaiveDate,
    /// The directory of the run that it is from; of an evaluation those of its campaigns.
    pub from: Vec<String>,
    /// Decimals of money.
    pub money_scale: u8,
    /// How money is stored.
    pub money: MoneyType,
    /// Whether customer ids are pseudonyms.
    pub hash_ids: bool,
    /// By what the key that chooses who is held back is known again; none where nobody can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_key: Option<String>,
    /// How rates were learned; none where they were not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rates: Option<Value>,
    /// What became of the customers, or of the responses.
    pub account: Value,
    /// What all of it comes to.
    pub totals: Value,
    /// What a reader should know, a sentence each.
    pub warnings: Vec<String>,
    /// The same with codes and facts.
    pub warning_details: Vec<WarningDetail>,
    /// The settings of `[campaign]`.
    pub settings: CampaignOptions,
    /// The files that were published.
    pub tables: Vec<TableFile>,
}

impl CampaignManifest {
    /// The manifest as JSON.
    ///
    /// # Errors
    /// A bug where a number does not fit JSON.
    pub fn to_json(&self) -> Result<Value> {
        serde_json::to_value(self).map_err(|error| Error::bug("the manifest cannot be written").cause(error))
    }
}
