//! The flags of `campaign select` and `campaign test`, and the settings that they are.
//!
//! Does not live here: what a setting means or defaults to (`campaigns::options`).
#![allow(clippy::doc_markdown, reason = "the doc comments of flags are their help texts, read on a terminal")]

use clap::{Args, ValueHint};
use toml::Value;

use crate::cli::Format;
use crate::cli::settings::Layers;
use crate::cli::values::{count, days, key_and_value};
use crate::config::{FlagSetting, value_of_text};

/// The flags that set a key of `[campaign]`.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Settings of the campaign (over environment and file)")]
pub(crate) struct CampaignFlags {
    /// Only customers of this segment; can be repeated [default: all]
    #[arg(long = "segment", value_name = "KEY")]
    pub segments: Vec<String>,
    /// Only customers of this cell of the scores; can be repeated [default: all]
    #[arg(long = "cell", value_name = "CELL")]
    pub cells: Vec<String>,
    /// Only customers who meet this SQL condition on the columns of `customers` [default: all]
    #[arg(long = "where", value_name = "SQL")]
    pub filter: Option<String>,
    /// What to make as large as possible [default: profit]
    #[arg(long, value_name = "GOAL", value_parser = ["profit", "people"])]
    pub goal: Option<String>,
    /// Contacts at most [default: no limit]
    #[arg(long, value_name = "N", value_parser = count)]
    pub max_contacts: Option<u64>,
    /// Money for contacts at most [default: no limit]
    #[arg(long, value_name = "MONEY")]
    pub max_cost: Option<f64>,
    /// What a contact costs [default: none]
    #[arg(long = "cost", value_name = "MONEY")]
    pub cost: Option<f64>,
    /// Column of `customers` that costs depend on [default: none]
    #[arg(long, value_name = "COLUMN")]
    pub cost_by: Option<String>,
    /// What a contact costs for a value of that column, as letter=0.62; can be repeated [default: none]
    #[arg(long = "cost-of", value_name = "VALUE=MONEY")]
    pub costs: Vec<String>,
    /// Net profit of a response before the cost of the contact [default: none]
    #[arg(long = "profit", value_name = "MONEY")]
    pub profit: Option<f64>,
    /// Where the rate of responses comes from [default: campaign where --former is given, else fixed]
    #[arg(long, value_name = "SOURCE", value_parser = ["campaign", "repurchase", "model", "fixed"])]
    pub rate_source: Option<String>,
    /// An evaluated campaign that tells the rates: a directory, or its name; can be repeated [default: none]
    #[arg(long, value_name = "CAMPAIGN")]
    pub former: Vec<String>,
    /// What has a rate of its own [default: cell]
    #[arg(long, value_name = "WHAT", value_parser = ["cell", "segment"])]
    pub rates_by: Option<String>,
    /// One rate of responses for everybody, 0..1 [default: none]
    #[arg(long, value_name = "SHARE")]
    pub response_rate: Option<f64>,
    /// Share of the responses that the contact causes, 0..1 [default: as a former campaign with a control measured it]
    #[arg(long, value_name = "SHARE")]
    pub incremental_share: Option<f64>,
    /// Share of the customers who are held back, 0..1 [default: 0]
    #[arg(long, value_name = "SHARE")]
    pub control_share: Option<f64>,
    /// File with the key that chooses who is held back [default: a key of the program's own]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub control_key_file: Option<String>,
    /// Day of contact, YYYY-MM-DD [default: the analysis date]
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
    /// Days after it in which an order is a response [default: 30]
    #[arg(long, value_name = "N", value_parser = days)]
    pub response_days: Option<u32>,
    /// Table or list of those who may be contacted [default: everybody may]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::AnyPath)]
    pub consent: Option<String>,
    /// Table or list of those who are left out; can be repeated [default: none]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::AnyPath)]
    pub blocked: Vec<String>,
    /// Table of former contacts with their dates, or the directory of a campaign; can be repeated [default: none]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::AnyPath)]
    pub contacted: Vec<String>,
    /// Leave out who was contacted so few days ago [default: 30]
    #[arg(long, value_name = "N", value_parser = days)]
    pub contacted_within_days: Option<u32>,
    /// Customers in a test [default: as many as --expected-rate and --error need]
    #[arg(long = "size", value_name = "N", value_parser = count)]
    pub size: Option<u64>,
    /// Rate that a test is expected to find, 0..1 [default: none]
    #[arg(long, value_name = "SHARE")]
    pub expected_rate: Option<f64>,
    /// How far the rate of a test may be off, as 0.005 [default: none]
    #[arg(long, value_name = "SHARE")]
    pub error: Option<f64>,
    /// Confidence of sizes, intervals and verdicts [default: 0.95]
    #[arg(long, value_name = "SHARE")]
    pub confidence: Option<f64>,
    /// What chooses the first name of a test [default: 1]
    #[arg(long, value_name = "N")]
    pub seed: Option<u32>,
    /// File with the key of the pseudonyms [default: none, RFMETRICS_HASH_KEY holds the key]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub hash_key_file: Option<String>,
    /// Threads to compute with [default: as many as the machine has cores]
    #[arg(long, value_name = "N")]
    pub threads: Option<u32>,
    /// Any key of the configuration; can be repeated, and wins over other flags [default: none]
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_and_value)]
    pub set: Vec<(String, String)>,
}

impl CampaignFlags {
    /// The flags as settings.
    pub(super) fn layers(&self) -> Vec<FlagSetting> {
        let mut layers = Layers(Vec::new());
        self.add_who(&mut layers);
        self.add_numbers(&mut layers);
        layers.text(self.hash_key_file.as_ref(), "privacy.hash_key_file", "--hash-key-file");
        layers.number(self.threads, "run.threads", "--threads");
        layers.0.extend(self.set.iter().map(|(key, value)| (key.clone(), value_of_text(value), "--set".to_owned())));
        layers.0
    }

    fn add_who(&self, layers: &mut Layers) {
        for (values, key, flag) in [
            (&self.segments, "campaign.segments", "--segment"),
            (&self.cells, "campaign.cells", "--cell"),
            (&self.costs, "campaign.costs", "--cost-of"),
            (&self.former, "campaign.former", "--former"),
            (&self.blocked, "campaign.blocked", "--blocked"),
            (&self.contacted, "campaign.contacted", "--contacted"),
        ] {
            if !values.is_empty() {
                let values = values.iter().map(|value| Value::from(value.as_str())).collect();
                layers.0.push((key.to_owned(), Value::Array(values), flag.to_owned()));
            }
        }
        layers.text(self.filter.as_ref(), "campaign.filter", "--where");
        layers.text(self.goal.as_ref(), "campaign.goal", "--goal");
        layers.text(self.cost_by.as_ref(), "campaign.cost_by", "--cost-by");
        layers.text(self.rate_source.as_ref(), "campaign.rate_source", "--rate-source");
        layers.text(self.rates_by.as_ref(), "campaign.rates_by", "--rates-by");
        layers.text(self.control_key_file.as_ref(), "campaign.control_key_file", "--control-key-file");
        layers.text(self.on.as_ref(), "campaign.on", "--on");
        layers.text(self.consent.as_ref(), "campaign.consent", "--consent");
    }

    fn add_numbers(&self, layers: &mut Layers) {
        for (value, key, flag) in [
            (self.max_cost, "campaign.max_cost", "--max-cost"),
            (self.cost, "campaign.cost_per_contact", "--cost"),
            (self.profit, "campaign.profit_per_response", "--profit"),
            (self.response_rate, "campaign.response_rate", "--response-rate"),
            (self.incremental_share, "campaign.incremental_share", "--incremental-share"),
            (self.control_share, "campaign.control_share", "--control-share"),
            (self.expected_rate, "campaign.expected_rate", "--expected-rate"),
            (self.error, "campaign.error", "--error"),
            (self.confidence, "campaign.confidence", "--confidence"),
        ] {
            layers.0.extend(value.map(|value| (key.to_owned(), Value::Float(value), flag.to_owned())));
        }
        let whole = |value: Option<u64>| value.map(|value| i64::try_from(value).unwrap_or(i64::MAX));
        for (value, key, flag) in [
            (whole(self.max_contacts), "campaign.max_contacts", "--max-contacts"),
            (whole(self.size), "campaign.test_size", "--size"),
        ] {
            layers.0.extend(value.map(|value| (key.to_owned(), Value::Integer(value), flag.to_owned())));
        }
        layers.number(self.response_days, "campaign.response_days", "--response-days");
        layers.number(self.contacted_within_days, "campaign.contacted_within_days", "--contacted-within-days");
        layers.number(self.seed, "campaign.seed", "--seed");
    }
}

/// What every command of campaigns takes.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct PublicationFlags {
    /// Replace a campaign of this name
    #[arg(long)]
    pub replace: bool,
    /// Form of the answer on standard output: a summary and the published path, or JSON [default: text]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
}
