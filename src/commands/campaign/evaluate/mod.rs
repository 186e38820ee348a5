//! `campaign evaluate`: what campaigns brought.
//!
//! Does not live here: the figures (`campaigns::results`, `campaigns::gains`), and where responses come from (`orders`, `response_table`).
#![allow(clippy::doc_markdown, reason = "the doc comments of flags are their help texts, read on a terminal")]

mod counted;
mod given;
mod terms;

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, ValueHint};
use polars::prelude::*;
use serde_json::{Value, json};
use toml::Value as Setting;

use self::counted::{Evaluated, evaluated};
use self::given::Given;
use self::terms::Terms;
use super::flags::PublicationFlags;
use super::publication::{self, Destination, shown, write_table};
use super::responses::Window;
use super::select::noticed;
use crate::campaigns::notices::Notice;
use crate::cli::SettingsArgs;
use crate::cli::settings::Layers;
use crate::cli::values::days;
use crate::commands::{Answer, Cli};
use crate::config::FlagSetting;
use crate::error::{Error, Result};
use crate::history::PublishedCampaign;
use crate::manifest::{CampaignKind, CampaignManifest, FORMAT_VERSION};
use crate::reports::campaigns::{campaign_gains, campaign_results};

/// Evaluate campaigns by the orders that followed, or by a table of responses
#[derive(Debug, Clone, Args)]
pub(crate) struct EvaluateArgs {
    /// Published campaigns, as reports/campaigns/spring; their results stand below one another
    #[arg(value_name = "CAMPAIGN", required = true, value_hint = ValueHint::DirPath)]
    pub campaigns: Vec<PathBuf>,
    /// Name under which the results are published [default: that of the campaign, with -results]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Table of responses with customer_id, date and amount [default: none, orders of --input are the responses]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::AnyPath)]
    pub responses: Option<String>,
    /// Net profit of a response before the cost of the contact [default: that of the campaign]
    #[arg(long, value_name = "MONEY")]
    pub profit: Option<f64>,
    /// Days after the contact in which an order is a response [default: those of the campaign]
    #[arg(long, value_name = "N", value_parser = days)]
    pub response_days: Option<u32>,
    /// Confidence of intervals and verdicts [default: that of the campaign]
    #[arg(long, value_name = "SHARE")]
    pub confidence: Option<f64>,
    /// How it is published.
    #[command(flatten)]
    pub publication: PublicationFlags,
    /// The settings of the input.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

impl EvaluateArgs {
    /// The flags as settings.
    pub(super) fn layers(&self) -> Vec<FlagSetting> {
        let mut layers = Layers(Vec::new());
        for (value, key, flag) in [
            (self.profit, "campaign.profit_per_response", "--profit"),
            (self.confidence, "campaign.confidence", "--confidence"),
        ] {
            layers.0.extend(value.map(|value| (key.to_owned(), Setting::Float(value), flag.to_owned())));
        }
        layers.number(self.response_days, "campaign.response_days", "--response-days");
        layers.0.extend(self.settings.layers());
        layers.0
    }

    /// # Errors
    /// Config and source errors for what is wrong; quality errors where responses fit nobody; a write error.
    pub(super) fn answer(&self, cli: &Cli) -> Result<Answer> {
        let resolved = cli.load()?;
        let campaigns = self.opened()?;
        let [first, ..] = &campaigns[..] else { return Err(Error::bug("no campaign was typed")) };
        let name = self.name.clone().unwrap_or_else(|| format!("{}-results", first.manifest().campaign));
        let directory = first.directory().canonicalize().unwrap_or_else(|_| first.directory().to_owned());
        let parent = directory.parent().map(PathBuf::from).unwrap_or_default();
        let to = Destination { campaigns: parent, name: &name, flags: &self.publication };
        refuse_itself(&campaigns, &to)?;
        to.check()?;
        let mut given = Given::open(&resolved, self.responses.as_deref(), &campaigns)?;
        let mut all: Vec<Evaluated> = Vec::new();
        for campaign in &campaigns {
            let terms = Terms::of(&resolved, campaign);
            let window = Window { on: campaign.manifest().on, days: terms.response_days };
            let responses = given.responses(campaign, window, cli.progress())?;
            all.push(evaluated(campaign, terms, window, &responses)?);
        }
        let notices = Self::notices(&all, &given)?;
        let results = stacked(all.iter().map(Evaluated::results));
        let gains = stacked(all.iter().map(Evaluated::gains));
        let published = to.publish(
            &resolved.config,
            &notices,
            |staging| {
                let results = write_table(staging, campaign_results::TABLE.name, results)?;
                Ok(vec![results, write_table(staging, campaign_gains::TABLE.name, gains)?])
            },
            |tables| CampaignManifest { tables, ..manifest(&name, &campaigns, &all, self.responses.as_deref()) },
        )?;
        let summary: String = all.iter().map(Evaluated::summary).collect();
        Ok(publication::answer(cli, &self.publication, &summary, &published))
    }

    /// The campaigns, which must have targets and one kind of money.
    fn opened(&self) -> Result<Vec<PublishedCampaign>> {
        let campaigns: Vec<PublishedCampaign> =
            self.campaigns.iter().map(|path| PublishedCampaign::open(path)).collect::<Result<_>>()?;
        if self.name.is_none() && campaigns.len() > 1 {
            return Err(
                Error::config("several campaigns need a name for their results").hint("write --name autumn-results")
            );
        }
        for (index, campaign) in campaigns.iter().enumerate() {
            let (manifest, first) = (campaign.manifest(), campaigns[0].manifest());
            let shown = campaign.directory().display();
            campaign.table("targets")?;
            if (manifest.money_scale, manifest.hash_ids) != (first.money_scale, first.hash_ids) {
                return Err(Error::config(format!("`{shown}` and `{}` cannot be evaluated together", first.campaign))
                    .cause("they differ in the decimals of money, or in whether ids are pseudonyms")
                    .hint("evaluate them one by one"));
            }
            let is_twice = campaigns[..index].iter().any(|other| other.manifest().campaign == manifest.campaign);
            if is_twice {
                return Err(Error::config(format!("the campaign `{}` is named twice", manifest.campaign)));
            }
        }
        Ok(campaigns)
    }

    fn notices(all: &[Evaluated], given: &Given<'_>) -> Result<Vec<Notice>> {
        let unmatched = given.unmatched(all)?;
        let outside = given.outside(all);
        let early = all.iter().filter_map(|one| {
            let (last_date, end) = (one.known_until?, one.window.end());
            (last_date < end).then_some(Notice::WindowNotOver { last_date, end })
        });
        let notices = [
            noticed(unmatched > 0, || Notice::UnmatchedResponses { customers: unmatched }),
            noticed(outside > 0, || Notice::ResponsesOutsideWindow { rows: outside }),
        ];
        let mut notices: Vec<Notice> = notices.into_iter().flatten().chain(early).collect();
        notices.dedup();
        Ok(notices)
    }
}

/// Results must not take the place of what they are of.
fn refuse_itself(campaigns: &[PublishedCampaign], to: &Destination<'_>) -> Result<()> {
    if campaigns.iter().any(|campaign| campaign.manifest().campaign == to.name) {
        return Err(Error::config(format!("`{}` is the name of the campaign itself", to.name))
            .cause("its results would replace its targets")
            .hint(format!("write --name {}-results", to.name)));
    }
    Ok(())
}

/// The tables of campaigns below one another.
fn stacked(tables: impl Iterator<Item = PolarsResult<DataFrame>>) -> PolarsResult<DataFrame> {
    let mut all: Option<DataFrame> = None;
    for table in tables {
        let table = table?;
        all = Some(match all {
            None => table,
            Some(above) => above.vstack(&table)?,
        });
    }
    all.ok_or_else(|| polars_err!(NoData: "no campaign"))
}

fn manifest(
    name: &str,
    campaigns: &[PublishedCampaign],
    all: &[Evaluated],
    responses: Option<&str>,
) -> CampaignManifest {
    let first = campaigns[0].manifest();
    let on: NaiveDate = campaigns.iter().map(|campaign| campaign.manifest().on).min().unwrap_or(first.on);
    let account: Vec<Value> = all.iter().map(|one| one.account.clone()).collect();
    CampaignManifest {
        format_version: FORMAT_VERSION,
        program: first.program.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        campaign: name.to_owned(),
        kind: CampaignKind::Evaluation,
        as_of: first.as_of,
        on,
        from: campaigns.iter().map(|campaign| shown(campaign.directory())).collect(),
        money_scale: first.money_scale,
        money: first.money,
        hash_ids: first.hash_ids,
        control_key: None,
        rates: None,
        account: json!({"responses": responses, "campaigns": account}),
        totals: all.iter().map(Evaluated::totals).collect(),
        warnings: Vec::new(),
        warning_details: Vec::new(),
        settings: first.settings.clone(),
        tables: Vec::new(),
    }
}
