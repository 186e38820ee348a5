//! `rfmetrics config`: the settings in force, and where each comes from.
#![allow(clippy::doc_markdown, reason = "the doc comments of flags are their help texts, read on a terminal")]

use clap::Args;

use super::{Answer, Cli};
use crate::cli::{Format, SettingsArgs};
use crate::error::Result;

const EXAMPLES: &str = "\
EXAMPLES
  rfmetrics config
  rfmetrics config --config monthly.toml --bins 4
  rfmetrics config --format json";

/// Print the configuration in force and where each value comes from
#[derive(Debug, Clone, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct ConfigArgs {
    /// Form of the answer: TOML with comments, or JSON [default: text]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// The settings.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

impl ConfigArgs {
    /// # Errors
    /// A config error where the settings are wrong.
    pub(crate) fn answer(&self, cli: &Cli) -> Result<Answer> {
        let resolved = cli.load()?;
        Ok(Answer::of(self.format, || resolved.render_toml(), || resolved.render_json()))
    }
}
