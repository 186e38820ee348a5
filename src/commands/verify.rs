//! `rfmetrics verify`: whether the published files are still as they were published.
#![allow(clippy::doc_markdown, reason = "the doc comments of flags are their help texts, read on a terminal")]

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::Answer;
use crate::error::Result;
use crate::publish;

const EXAMPLES: &str = "\
EXAMPLES
  rfmetrics verify reports/as_of=2026-01-01
  rfmetrics verify reports";

/// Check that a published output is complete and unchanged
#[derive(Debug, Clone, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct VerifyArgs {
    /// A published directory (`reports/as_of=2026-01-01`), or the one that holds many
    #[arg(value_name = "OUTPUT", value_hint = ValueHint::DirPath)]
    pub output: PathBuf,
}

impl VerifyArgs {
    /// # Errors
    /// A write error with every difference.
    pub(crate) fn answer(&self) -> Result<Answer> {
        let report = publish::verify_published(&self.output)?.into_result()?;
        let (runs, files, bytes) = (report.runs.len(), report.files, report.bytes);
        Ok(Answer::text(format!("ok: {runs} published runs, {files} tables, {bytes} bytes as their manifests say\n")))
    }
}
