//! The directory of an output that holds its campaigns: an output of its own.
//!
//! Does not live here: what a campaign is called (`published_name`).

use std::path::{Path, PathBuf};

use super::layout;
use crate::manifest::tables;

/// The directory of an output that holds its campaigns.
pub const CAMPAIGNS: &str = "campaigns";

/// The directory of campaigns of the output that `run` is published in, in either layout.
#[must_use]
pub fn campaigns_of(run: &Path) -> PathBuf {
    let output = layout::output_of(run).or_else(|| run.parent());
    output.unwrap_or(Path::new(".")).join(CAMPAIGNS)
}

/// Whether an output holds campaigns: its name says so.
pub(crate) fn holds_campaigns(output: &Path) -> bool {
    output.file_name().is_some_and(|name| name == CAMPAIGNS)
}

/// Whether `name` is a campaign in the output: a directory with a manifest.
pub(crate) fn is_campaign(output: &Path, name: &str) -> bool {
    holds_campaigns(output) && tables::stands_in(&output.join(name))
}
