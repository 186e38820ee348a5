//! `rfmetrics campaign`: whom to contact, how to test, and what it brought.
//!
//! In the order of their use: the published date (`source`), its customers who can be contacted (`candidates`, with lists of ids from `lists`), the
//! rates of responses (`rates`), the choice (`select`) or the sample (`test`), and what came of it (`evaluate`, with `responses`).
//! `publication` writes all or nothing. Does not live here: the numbers (`campaigns`), and the tables (`reports::campaigns`).

mod candidates;
mod evaluate;
mod flags;
mod groups;
mod lists;
mod model_rates;
mod orders;
mod publication;
mod rates;
mod response_table;
mod responses;
mod select;
mod source;
mod targets_csv;
mod test;

use clap::{Args, Subcommand};

use super::{Answer, Cli};
use crate::config::FlagSetting;
use crate::error::Result;

const EXAMPLES: &str = "\
EXAMPLES
  rfmetrics campaign test reports/as_of=2026-01-01 --name trial --size 40000 --cost 0.62
  rfmetrics campaign evaluate reports/campaigns/trial --responses coupons.parquet --profit 35
  rfmetrics campaign select reports/as_of=2026-02-01 --name spring --former trial-results --cost 0.62 --profit 35 --max-contacts 2500
  rfmetrics campaign select reports/as_of=2026-02-01 --name win-back --segment at_risk --where \"revenue >= 100\" --response-rate 0.03 --cost 0.62 --profit 35 --control-share 0.1
  rfmetrics campaign evaluate reports/campaigns/spring --input sales.parquet";

/// Choose whom a campaign contacts, test cells, and evaluate what a campaign brought
#[derive(Debug, Clone, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct CampaignArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: CampaignCommand,
}

/// What to do with a campaign.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum CampaignCommand {
    Select(Box<select::SelectArgs>),
    Test(Box<test::TestArgs>),
    Evaluate(Box<evaluate::EvaluateArgs>),
}

impl CampaignArgs {
    /// The flags as settings.
    pub(crate) fn layers(&self) -> Vec<FlagSetting> {
        match &self.command {
            CampaignCommand::Select(args) => args.flags.layers(),
            CampaignCommand::Test(args) => args.flags.layers(),
            CampaignCommand::Evaluate(args) => args.layers(),
        }
    }

    /// # Errors
    /// As each of them.
    pub(crate) fn answer(&self, cli: &Cli) -> Result<Answer> {
        match &self.command {
            CampaignCommand::Select(args) => args.answer(cli),
            CampaignCommand::Test(args) => args.answer(cli),
            CampaignCommand::Evaluate(args) => args.answer(cli),
        }
    }
}
