//! `rfmetrics run`: the whole job.
//!
//! Does not live here: the answer of a run for several dates (`series`).
#![allow(clippy::doc_markdown, reason = "the doc comments of flags are their help texts, read on a terminal")]

mod series;

use clap::Args;
use serde_json::{Value, json};

use super::{Answer, Cli, check};
use crate::cli::settings::Layers;
use crate::cli::{Format, SettingsArgs};
use crate::config::FlagSetting;
use crate::error::Result;
use crate::job::{Job, Published};
use crate::manifest::Manifest;

const EXAMPLES: &str = "\
EXAMPLES
  rfmetrics run --input sales.parquet --output reports --as-of 2026-01-01
  rfmetrics run --input data/2025 data/2026 --column amount=net_total --column order_ts=sold_at
  rfmetrics run --input sales.parquet --filter \"country = 'DE'\" --window-days 365
  rfmetrics run --input sales.parquet --method ntile --set score.monetary.bins=4
  rfmetrics run --input sales.parquet --predict auto --set predict.margin=0.3
  rfmetrics run --config monthly.toml --format json --quiet --deny-warnings
  rfmetrics run --input sales.parquet --from 2024-01-01 --to 2025-12-31 --every month --resume
  rfmetrics run --input sales.parquet --dry-run";

/// Compute every table and publish it
#[derive(Debug, Clone, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct RunArgs {
    /// Print the plan, the columns and the rows that would be read, and stop
    #[arg(long)]
    pub dry_run: bool,
    /// Go on with a series of dates that was stopped: skip those that are published with the same settings, input and program
    #[arg(long)]
    pub resume: bool,
    /// Form of the answer on standard output: the published path, or JSON [default: text]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// Let log lines hold customer ids and values of the input
    #[arg(long)]
    pub log_ids: bool,
    /// The settings.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

impl RunArgs {
    /// The flags as settings.
    pub(crate) fn layers(&self) -> Vec<FlagSetting> {
        let mut layers = Layers(Vec::new());
        layers.switch(self.log_ids, "run.log_ids", "--log-ids");
        layers.switch(self.resume, "series.resume", "--resume");
        layers.0.extend(self.settings.layers());
        layers.0
    }

    /// # Errors
    /// As [`Job::run`].
    pub(crate) fn answer(&self, cli: &Cli) -> Result<Answer> {
        if self.dry_run {
            return Ok(check::answer(check::dry_run(&cli.draft()?)?, self.format));
        }
        let draft = cli.draft()?;
        let is_series = draft.config.series.is_asked_for();
        let job = Job::drafted(draft).with_progress(cli.progress());
        if is_series {
            return series::answer(job, cli, self.format);
        }
        let published = job.run()?;
        warn_of(cli, &published.manifest);
        if self.format == Some(Format::Json) {
            return Ok(Answer::text(format!("{}\n", answer_of(&published))));
        }
        let summary = if cli.global.quiet > 0 { String::new() } else { published.summary + "\n" };
        Ok(Answer::text(format!("{summary}{}\n", published.path.display())))
    }
}

/// Logs the warnings of a run where its summary is not read.
fn warn_of(cli: &Cli, manifest: &Manifest) {
    if cli.logs_json() || cli.global.quiet == 1 {
        // The summary has them, too, but log collectors do not read it, and a quiet run prints none.
        for warning in &manifest.warning_details {
            tracing::warn!(code = warning.code, "{}", warning.text);
        }
    }
}

/// The answer in JSON.
fn answer_of(published: &Published) -> Value {
    let Manifest { as_of, totals, notes, warnings, warning_details, config_file, aliases, members, .. } =
        &published.manifest;
    let mut answer = json!({"path": published.path, "as_of": as_of, "config_file": config_file, "totals": totals,
        "warnings": warnings, "warning_details": warning_details});
    if !notes.left_out.is_empty() {
        answer["left_out"] = json!(notes.left_out);
    }
    // As in the manifest, only where they are asked for.
    if let Some(aliases) = aliases {
        answer["aliases"] = json!(aliases);
    }
    if let Some(members) = members {
        answer["members"] = json!(members);
    }
    answer
}
