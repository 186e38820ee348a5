//! `campaign select`: whom to contact, and whom to hold back.
//!
//! Does not live here: the choice itself (`campaigns::budget`).
#![allow(clippy::doc_markdown, reason = "the doc comments of flags are their help texts, read on a terminal")]

mod chosen;
mod control;

use std::path::PathBuf;

use clap::{Args, ValueHint};
use serde_json::Value;

use self::chosen::Chosen;
use super::candidates::Candidates;
use super::flags::{CampaignFlags, PublicationFlags};
use super::model_rates;
use super::publication::{self, Destination, shown, write_table, write_targets};
use super::rates::Rates;
use super::source::Source;
use crate::campaigns::notices::Notice;
use crate::campaigns::options::{CampaignOptions, Goal, RateSource};
use crate::commands::{Answer, Cli};
use crate::error::{Error, Problems, Result};
use crate::manifest::{CampaignKind, CampaignManifest, FORMAT_VERSION};
use crate::reports::campaigns::campaign_summary;
use crate::reports::campaigns::targets::Targets;

/// Choose whom to contact under a budget
#[derive(Debug, Clone, Args)]
pub(crate) struct SelectArgs {
    /// A published date, as reports/as_of=2026-01-01
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub run: PathBuf,
    /// Name of the campaign: it is published to campaigns/NAME next to the date
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// How it is published.
    #[command(flatten)]
    pub publication: PublicationFlags,
    /// The settings.
    #[command(flatten)]
    pub flags: CampaignFlags,
}

impl SelectArgs {
    /// # Errors
    /// Config and source errors for what is wrong; a quality error where nobody is left; a write error.
    pub(super) fn answer(&self, cli: &Cli) -> Result<Answer> {
        let config = cli.load()?.config;
        check(&config.campaign)?;
        let source = Source::open(&self.run, config)?;
        let to = Destination { campaigns: source.campaigns(), name: &self.name, flags: &self.publication };
        to.check()?;
        let is_by_model = source.config.campaign.source() == Some(RateSource::Model);
        if is_by_model {
            model_rates::require(&source)?;
        }
        let candidates = Candidates::read(&source, is_by_model)?;
        let rates = Rates::of(&source, &candidates)?;
        let key = control::key(&source.config.campaign)?;
        let chosen = Chosen::of(&self.name, &source.config.campaign, &candidates, &rates, &key)?;
        let mut notices = [&candidates.notices[..], &rates.notices, &chosen.notices].concat();
        notices.extend(control::other_keys(&to.campaigns, &self.name, &source.config.campaign, &key));
        let stamp = source.stamp(&self.name)?;
        let published = to.publish(
            &source.config,
            &notices,
            |staging| {
                let Candidates { ids, segments, cells, .. } = &candidates;
                let targets = Targets { stamp: &stamp, ids, segments, cells, rows: &chosen.rows };
                let mut tables = write_targets(staging, &targets)?;
                let profit = source.config.campaign.profit_per_response;
                let summary = campaign_summary::table(&stamp, &chosen.groups, profit);
                tables.push(write_table(staging, campaign_summary::TABLE.name, summary)?);
                Ok(tables)
            },
            |tables| {
                let control_key = Some(key.fingerprint().to_owned());
                CampaignManifest {
                    control_key,
                    rates: Some(rates.told.clone()),
                    totals: chosen.totals.clone(),
                    tables,
                    ..manifest(&source, &self.name, CampaignKind::Selection, candidates.account.clone())
                }
            },
        )?;
        Ok(publication::answer(cli, &self.publication, &chosen.summary(&source), &published))
    }
}

/// What a selection cannot do without.
fn check(options: &CampaignOptions) -> Result<()> {
    Problems::refuse_any(|problems| {
        let has_cost = options.cost_per_contact.is_some() || !options.costs.is_empty();
        if options.goal == Goal::Profit && options.profit_per_response.is_none() {
            problems
                .extend([Error::config("`campaign.profit_per_response`: found none, expected what a response brings")
                    .hint("write --profit 35, or --goal people to look at responses alone")]);
        }
        if !has_cost && (options.goal == Goal::Profit || options.max_cost.is_some()) {
            problems.extend([Error::config("`campaign.cost_per_contact`: found none, expected what a contact costs")
                .hint("write --cost 0.62; --cost 0 where contacts are free")]);
        }
    })
}

/// What every manifest of a campaign from a published date has.
pub(super) fn manifest(source: &Source, name: &str, kind: CampaignKind, account: Value) -> CampaignManifest {
    CampaignManifest {
        format_version: FORMAT_VERSION,
        program: "rfmetrics".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        campaign: name.to_owned(),
        kind,
        as_of: source.as_of,
        on: source.on,
        from: vec![shown(&source.directory)],
        money_scale: source.settings.clean.money_scale,
        money: source.settings.output.money,
        hash_ids: source.settings.privacy.hash_ids,
        control_key: None,
        rates: None,
        account,
        totals: Value::Null,
        warnings: Vec::new(),
        warning_details: Vec::new(),
        settings: source.config.campaign.clone(),
        tables: Vec::new(),
    }
}

/// A notice where it applies.
pub(super) fn noticed(applies: bool, notice: impl FnOnce() -> Notice) -> Option<Notice> {
    applies.then(notice)
}
