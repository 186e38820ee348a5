//! A campaign, published all or nothing, and the answer about it.
//!
//! Does not live here: what is in its tables.

use std::path::{Path, PathBuf};

use polars::prelude::*;
use serde_json::json;

use super::flags::PublicationFlags;
use super::targets_csv;
use crate::campaigns::name::{LONGEST, is_name};
use crate::campaigns::notices::Notice;
use crate::cli::Format;
use crate::commands::{Answer, Cli};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::manifest::tables::TableFile;
use crate::manifest::{CampaignManifest, MANIFEST};
use crate::parquet::{ROW_GROUP_ROWS, TableWriter};
use crate::publish::options::{Layout, OutputOptions};
use crate::publish::{Output, Staging};
use crate::reports::campaigns::targets::Targets;

/// Where a campaign goes.
pub(super) struct Destination<'a> {
    /// The directory of campaigns.
    pub(super) campaigns: PathBuf,
    pub(super) name: &'a str,
    pub(super) flags: &'a PublicationFlags,
}

impl Destination<'_> {
    /// Refuses a name that cannot be one, or is taken.
    ///
    /// # Errors
    /// A config error.
    pub(super) fn check(&self) -> Result<()> {
        let name = self.name;
        if !is_name(name) {
            return Err(Error::config(format!("`{name}` cannot be the name of a campaign"))
                .cause(format!("expected lower-case letters, digits, `-` and `_`, {LONGEST} at most"))
                .hint("write --name spring-2026"));
        }
        let directory = self.campaigns.join(name);
        if !self.flags.replace && directory.join(MANIFEST).exists() {
            return Err(Error::config(format!("`{}` is published already", directory.display()))
                .cause("whom a campaign has contacted must stay known")
                .hint("choose another --name, or say --replace"));
        }
        Ok(())
    }

    /// Writes and publishes.
    ///
    /// # Errors
    /// A quality error where a notice is denied; a busy, config or write error where it cannot be published.
    pub(super) fn publish(
        &self,
        config: &Config,
        notices: &[Notice],
        write: impl FnOnce(&Staging) -> Result<Vec<TableFile>>,
        manifest: impl FnOnce(Vec<TableFile>) -> CampaignManifest,
    ) -> Result<(PathBuf, CampaignManifest)> {
        refuse_denied(config, notices)?;
        let path = self.campaigns.display().to_string();
        let options = OutputOptions { path, layout: Layout::ByDate, ..config.output.clone() };
        let output = Output::open(&options, &[])?;
        let staging = output.stage_campaign(self.name)?;
        let tables = write(&staging)?;
        let mut manifest = manifest(tables);
        manifest.warning_details = notices.iter().map(Notice::detail).collect();
        manifest.warnings = notices.iter().map(ToString::to_string).collect();
        let path = staging.publish(&manifest.to_json()?)?;
        Ok((path, manifest))
    }
}

fn refuse_denied(config: &Config, notices: &[Notice]) -> Result<()> {
    let denied: Vec<String> = notices
        .iter()
        .map(Notice::detail)
        .filter(|detail| config.run.deny_warnings.denies(&detail.code))
        .map(|detail| format!("{}: {}", detail.code, detail.text))
        .collect();
    if denied.is_empty() {
        return Ok(());
    }
    Err(Error::quality("warnings that are denied").causes(denied).hint("`run.deny_warnings` says which are"))
}

/// What is printed: a summary and the path, or JSON.
pub(super) fn answer(
    cli: &Cli,
    flags: &PublicationFlags,
    summary: &str,
    (path, manifest): &(PathBuf, CampaignManifest),
) -> Answer {
    if cli.logs_json() || cli.global.quiet == 1 {
        for warning in &manifest.warning_details {
            tracing::warn!(code = warning.code, "{}", warning.text);
        }
    }
    if flags.format == Some(Format::Json) {
        let CampaignManifest { campaign, kind, as_of, on, account, totals, warnings, warning_details, .. } = manifest;
        let answer = json!({"path": path, "campaign": campaign, "kind": kind, "as_of": as_of, "on": on, "account": account,
            "totals": totals, "warnings": warnings, "warning_details": warning_details});
        return Answer::text(format!("{answer}\n"));
    }
    let warnings: Vec<String> = manifest.warnings.iter().map(|warning| format!("warning: {warning}\n")).collect();
    let warnings = warnings.concat();
    let text = if cli.global.quiet > 0 { String::new() } else { format!("{summary}{warnings}\n") };
    Answer::text(format!("{text}{}\n", path.display()))
}

/// Writes a small table.
pub(super) fn write_table(staging: &Staging, name: &'static str, table: PolarsResult<DataFrame>) -> Result<TableFile> {
    let table = table.map_err(|error| broken(name, &error))?;
    let mut writer = TableWriter::create(name, &staging.file(name), table.schema(), staging.options.compression)?;
    writer.write(&table)?;
    seal(staging, writer)
}

fn seal(staging: &Staging, writer: TableWriter) -> Result<TableFile> {
    let (entry, seal) = writer.finish()?;
    staging.seal_as(&entry.name, seal)?;
    Ok(entry)
}

fn broken(name: &str, error: &PolarsError) -> Error {
    Error::bug(format!("the table `{name}` cannot be made")).cause(error)
}

/// Writes `targets`, and the list for others who contact them.
pub(super) fn write_targets(staging: &Staging, targets: &Targets<'_>) -> Result<Vec<TableFile>> {
    const NAME: &str = "targets";
    let schema = targets.schema().map_err(|error| broken(NAME, &error))?;
    let mut writer = TableWriter::create(NAME, &staging.file(NAME), &schema, staging.options.compression)?;
    let rows = targets.rows.len();
    let groups: Vec<_> =
        (0..rows).step_by(ROW_GROUP_ROWS).map(|first| first..rows.min(first + ROW_GROUP_ROWS)).collect();
    writer.write_groups(&groups, |range, index| targets.values(range, index).map_err(|error| broken(NAME, &error)))?;
    Ok(vec![seal(staging, writer)?, targets_csv::write(staging, targets)?])
}

/// A path as the manifest names it.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}
