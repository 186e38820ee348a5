//! The rate of responses of every candidate, and the share of responses that a contact causes.
//!
//! Does not live here: how rates of former campaigns are learned (`campaigns::shrinkage`), and those of models (`model_rates`).

use std::collections::BTreeMap;
use std::path::Path;

use polars::prelude::*;
use serde_json::{Value, json};

use super::candidates::{Candidates, unfit};
use super::model_rates;
use super::source::Source;
use crate::campaigns::notices::Notice;
use crate::campaigns::options::{RateSource, RatesBy};
use crate::campaigns::rates::Rate;
use crate::campaigns::results::incremental_share;
use crate::campaigns::shrinkage::{Pooled, Shrinkage};
use crate::error::{Error, Result};
use crate::history::{PublishedCampaign, PublishedTable};

/// The rates.
#[derive(Debug)]
pub(super) struct Rates {
    /// Per candidate.
    pub(super) of: Vec<f64>,
    /// The share of responses that the contact causes.
    pub(super) incremental_share: f64,
    pub(super) notices: Vec<Notice>,
    /// How they were learned, for the manifest.
    pub(super) told: Value,
}

impl Rates {
    /// # Errors
    /// A config error where nothing says where rates come from, or what is named does not have them.
    pub(super) fn of(source: &Source, candidates: &Candidates) -> Result<Self> {
        let options = &source.config.campaign;
        let rate_source = options.source().ok_or_else(|| {
            Error::config("nothing says how many will respond")
                .hint("name an evaluated campaign with --former, a rate with --response-rate, or --rate-source repurchase or model")
        })?;
        let set = options.incremental_share;
        match rate_source {
            RateSource::Fixed => {
                let rate = options.response_rate.unwrap_or_default();
                let told = json!({"source": "fixed", "rate": rate});
                Ok(Self {
                    of: vec![rate; candidates.len()],
                    incremental_share: set.unwrap_or(1.0),
                    notices: Vec::new(),
                    told,
                })
            }
            RateSource::Campaign => of_campaigns(source, candidates),
            RateSource::Repurchase => {
                let known = Known::of_evaluation(&source.run.table("evaluation")?, options.rates_by)?;
                let mut rates = known.rates(candidates, options.rates_by, "repurchase")?;
                rates.incremental_share = set.unwrap_or_default();
                rates.notices.push(Notice::RatesWithoutCampaign { source: "repurchase rate".to_owned() });
                Ok(rates)
            }
            RateSource::Model => {
                let (of, told) = model_rates::rates(source, candidates)?;
                let notices = vec![Notice::RatesWithoutCampaign { source: "model of purchases".to_owned() }];
                Ok(Self { of, incremental_share: set.unwrap_or_default(), notices, told })
            }
        }
    }
}

/// From the results of former campaigns.
fn of_campaigns(source: &Source, candidates: &Candidates) -> Result<Rates> {
    let options = &source.config.campaign;
    let mut known = Known::default();
    for former in &options.former {
        let is_path = former.contains('/') || Path::new(former).is_dir();
        let path = if is_path { Path::new(former).to_owned() } else { source.campaigns().join(former) };
        known.add_campaign(&PublishedCampaign::open(&path)?.table("campaign_results")?, options.rates_by)?;
    }
    let mut rates = known.rates(candidates, options.rates_by, "campaign")?;
    let measured = known.with_control.and_then(|(targets, control)| incremental_share(targets, control));
    rates.told["measured_incremental_share"] = json!(measured);
    match options.incremental_share.or(measured) {
        Some(share) => rates.incremental_share = share,
        None => rates.notices.push(Notice::ResponsesTakenAsCaused {}),
    }
    Ok(rates)
}

/// What is known of groups.
#[derive(Debug, Default)]
struct Known {
    groups: BTreeMap<String, Rate>,
    /// Targets and control of all campaigns that had one.
    with_control: Option<(Rate, Rate)>,
}

const NOTHING: Rate = Rate { responders: 0, contacts: 0 };

impl Known {
    /// Adds the rows of a campaign's results.
    fn add_campaign(&mut self, table: &PublishedTable, by: RatesBy) -> Result<()> {
        let counts = ["contacts", "responders", "control_customers", "control_responders"];
        read_rows(table, &["group_by", "group"], &counts, |words, counts| {
            let rate = Rate { responders: counts[1], contacts: counts[0] };
            if words[0] == by.word() {
                add(self.groups.entry(words[1].to_owned()).or_insert(NOTHING), rate);
            }
            if words[0] == "campaign" && counts[2] > 0 {
                let (targets, control) = self.with_control.get_or_insert((NOTHING, NOTHING));
                add(targets, rate);
                add(control, Rate { responders: counts[3], contacts: counts[2] });
            }
        })
    }

    /// The repurchase rates of the run's own scoring.
    fn of_evaluation(table: &PublishedTable, by: RatesBy) -> Result<Self> {
        let mut known = Self::default();
        read_rows(table, &["scoring", "group_by", "group"], &["customers", "buyers"], |words, counts| {
            if words[0] == "main" && words[1] == by.word() {
                let rate = Rate { responders: counts[1], contacts: counts[0] };
                add(known.groups.entry(words[2].to_owned()).or_insert(NOTHING), rate);
            }
        })?;
        Ok(known)
    }

    /// The rate of each candidate, drawn to the mean of all.
    fn rates(&self, candidates: &Candidates, by: RatesBy, source: &str) -> Result<Rates> {
        let cells: Vec<Rate> = self.groups.values().copied().collect();
        let shrinkage = Shrinkage::learn(&cells).ok_or_else(|| {
            Error::config(format!("the {source} tells no rate of a {}", by.word()))
                .cause("nobody was contacted there")
                .hint("name an evaluated campaign with targets, or another `campaign.rates_by`")
        })?;
        let words = match by {
            RatesBy::Cell => &candidates.cells,
            RatesBy::Segment => &candidates.segments,
        };
        let rate = |name: &String| shrinkage.rate(self.groups.get(name).copied().unwrap_or(NOTHING));
        let rates: Vec<f64> = words.names.iter().map(rate).collect();
        let mut notices = Vec::new();
        if let Shrinkage::Pooled { rate, why } = shrinkage {
            let why = match why {
                Pooled::OneCell => format!("there is one {}", by.word()),
                Pooled::NoDispersion => format!("the rates of {}s differ no more than chance makes them", by.word()),
            };
            notices.push(Notice::RatesPooled { rate, why });
        }
        notices.extend(self.unknown(words));
        let told = match shrinkage {
            Shrinkage::Beta { alpha, beta } => json!({"source": source, "by": by.word(), "alpha": alpha, "beta": beta}),
            Shrinkage::Pooled { rate, .. } => json!({"source": source, "by": by.word(), "pooled_rate": rate}),
        };
        let of = words.of.iter().map(|index| rates[*index as usize]).collect();
        Ok(Rates { of, incremental_share: 1.0, notices, told })
    }

    /// Candidates of groups that nothing is known of.
    fn unknown(&self, words: &crate::reports::campaigns::targets::Words) -> Option<Notice> {
        let is_known: Vec<bool> = words.names.iter().map(|name| self.groups.contains_key(name)).collect();
        let mut unknown = vec![0_u64; words.names.len()];
        words.of.iter().filter(|index| !is_known[**index as usize]).for_each(|index| unknown[*index as usize] += 1);
        let named = words.names.iter().zip(&unknown).filter(|(_, customers)| **customers > 0);
        let mut groups: Vec<String> = named.map(|(name, _)| name.clone()).collect();
        groups.sort_unstable();
        (!groups.is_empty()).then(|| Notice::GroupsWithoutRate { groups, customers: unknown.iter().sum() })
    }
}

const fn add(sum: &mut Rate, rate: Rate) {
    sum.responders += rate.responders;
    sum.contacts += rate.contacts;
}

/// Hands over the texts and counts of each row of a small table.
fn read_rows(
    table: &PublishedTable,
    words: &[&str],
    counts: &[&str],
    mut work: impl FnMut(&[&str], &[u64]),
) -> Result<()> {
    let columns = [words, counts].concat();
    table.require(&columns)?;
    table.for_each_slice(&columns, |slice| {
        let of = |name: &&str| slice.column(name).map_err(|error| unfit(&error));
        let texts: Vec<Column> = words.iter().map(|name| of(name).cloned()).collect::<Result<_>>()?;
        let texts: Vec<&StringChunked> =
            texts.iter().map(|column| column.str()).collect::<PolarsResult<_>>().map_err(|error| unfit(&error))?;
        let numbers: Vec<Column> = counts
            .iter()
            .map(|name| of(name)?.cast(&DataType::UInt64).map_err(|error| unfit(&error)))
            .collect::<Result<_>>()?;
        let numbers: Vec<&UInt64Chunked> =
            numbers.iter().map(|column| column.u64()).collect::<PolarsResult<_>>().map_err(|error| unfit(&error))?;
        for row in 0..slice.height() {
            let words: Vec<&str> = texts.iter().map(|text| text.get(row).unwrap_or_default()).collect();
            let counts: Vec<u64> = numbers.iter().map(|number| number.get(row).unwrap_or_default()).collect();
            work(&words, &counts);
        }
        Ok(())
    })
}
