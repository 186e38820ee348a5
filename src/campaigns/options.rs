//! Settings of campaigns: whom to contact, at what cost, by which rates, and who is left alone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cost::Cost;

/// What a selection makes as large as possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// Expected profit: nobody is contacted whose contact is not expected to pay for itself.
    #[default]
    Profit,
    /// People who respond because of the contact, whatever they bring.
    People,
}

/// Where the rate of responses comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RateSource {
    /// The results of former campaigns (`campaign.former`), cell by cell, drawn to their mean.
    Campaign,
    /// The share of customers who bought again, by the table `evaluation` of the published date: without any campaign.
    Repurchase,
    /// The model of purchases of the published date: the probability of a purchase in `campaign.response_days`, without any campaign.
    Model,
    /// The one rate of `campaign.response_rate`.
    Fixed,
}

/// What has a rate of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RatesBy {
    /// The cell of the scores.
    #[default]
    Cell,
    /// The segment.
    Segment,
}

impl RatesBy {
    /// The word in `group_by` of the tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cell => "cell",
            Self::Segment => "segment",
        }
    }
}

/// `[campaign]`: whom to contact, at what cost, by which rates, and who is left alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CampaignOptions {
    /// Only customers of these segments. Without it, of all.
    pub segments: Vec<String>,
    /// Only customers of these cells of the scores, as `["545", "555"]`. Without it, of all.
    pub cells: Vec<String>,
    /// Only customers who meet this SQL condition on the columns of `customers`, as `revenue >= 100`.
    pub filter: Option<String>,
    /// What a selection makes as large as possible.
    pub goal: Goal,
    /// Contacts at most.
    pub max_contacts: Option<u64>,
    /// Money for contacts at most, in major units. With `max_contacts`, both hold.
    pub max_cost: Option<f64>,
    /// What a contact costs, in major units.
    pub cost_per_contact: Option<f64>,
    /// A column of `customers` that costs depend on, such as the channel.
    pub cost_by: Option<String>,
    /// What a contact costs per value of that column, as `["email=0.02", "letter=0.62"]`; other values have `cost_per_contact`.
    pub costs: Vec<String>,
    /// The net profit of a response before the cost of the contact, in major units.
    pub profit_per_response: Option<f64>,
    /// Where the rate of responses comes from. Without it, from `former` where that is set, else from `response_rate`.
    pub rate_source: Option<RateSource>,
    /// Evaluated campaigns whose results tell the rates: directories, or names of campaigns of this output.
    pub former: Vec<String>,
    /// What has a rate of its own.
    pub rates_by: RatesBy,
    /// One rate of responses for everybody, 0..1.
    pub response_rate: Option<f64>,
    /// The share of responses that the contact causes, 0..1. Without it, what a former campaign with a control has measured. Rates
    /// that no campaign has caused (`repurchase`, `model`) need it.
    pub incremental_share: Option<f64>,
    /// The share of the customers who are held back, so that what the contacts change can be measured.
    pub control_share: f64,
    /// A file with the key that chooses who is held back; without it, a key of the program's own. The same key holds back the same
    /// customers in every campaign.
    pub control_key_file: Option<String>,
    /// Days after the day of contact in which an order is a response.
    pub response_days: u32,
    /// The day of contact, YYYY-MM-DD. Without it, the analysis date of the published date.
    pub on: Option<String>,
    /// A table (Parquet) or a list (.txt, one id per line) of customers who may be contacted; all others are left out.
    pub consent: Option<String>,
    /// Tables or lists of customers who are left out: blocked, or on another list.
    pub blocked: Vec<String>,
    /// Tables of former contacts, with a column `date` or `as_of`: who was contacted in the last `contacted_within_days` is left out.
    pub contacted: Vec<String>,
    /// How many days before the day of contact count as lately.
    pub contacted_within_days: u32,
    /// Of intervals, verdicts and sizes of tests.
    pub confidence: f64,
    /// How many customers a test takes. Without it, as many as `expected_rate` and `error` need.
    pub test_size: Option<u64>,
    /// The rate that a test is expected to find, 0..1.
    pub expected_rate: Option<f64>,
    /// How far the rate of a test may be off, as 0.005.
    pub error: Option<f64>,
    /// What chooses the first name of a test.
    pub seed: u64,
}

impl Default for CampaignOptions {
    fn default() -> Self {
        Self {
            segments: Vec::new(),
            cells: Vec::new(),
            filter: None,
            goal: Goal::Profit,
            max_contacts: None,
            max_cost: None,
            cost_per_contact: None,
            cost_by: None,
            costs: Vec::new(),
            profit_per_response: None,
            rate_source: None,
            former: Vec::new(),
            rates_by: RatesBy::Cell,
            response_rate: None,
            incremental_share: None,
            control_share: 0.0,
            control_key_file: None,
            response_days: 30,
            on: None,
            consent: None,
            blocked: Vec::new(),
            contacted: Vec::new(),
            contacted_within_days: 30,
            confidence: 0.95,
            test_size: None,
            expected_rate: None,
            error: None,
            seed: 1,
        }
    }
}

impl CampaignOptions {
    /// Where rates come from; none where nothing says so.
    #[must_use]
    pub fn source(&self) -> Option<RateSource> {
        let former = (!self.former.is_empty()).then_some(RateSource::Campaign);
        self.rate_source.or(former).or_else(|| self.response_rate.map(|_| RateSource::Fixed))
    }

    /// A value of `cost_by` and its cost.
    #[must_use]
    pub fn cost_of(entry: &str) -> Option<(&str, Cost)> {
        let (value, cost) = entry.rsplit_once('=')?;
        Some((value, Cost::new(cost.trim().parse().ok()?)?))
    }
}
