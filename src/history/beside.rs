//! What is published next to a run: other dates of the same output, and its campaigns.
//!
//! Does not live here: what is made of them (`page`).

use std::path::Path;

use chrono::NaiveDate;

use super::published_run::PublishedRun;
use crate::files::directory::visible_names;
use crate::manifest::MANIFEST;

/// How the names of published dates begin.
const DATE: &str = "as_of=";
/// The directory of the campaigns.
const CAMPAIGNS: &str = "campaigns";

impl PublishedRun {
    /// The newest runs for a date before this one in the output directory, so many at most, by date. What cannot be read is not among
    /// them: it is not what was asked for.
    #[must_use]
    pub fn newest_before(output: &Path, date: NaiveDate, most: usize) -> Vec<Self> {
        let own = format!("{DATE}{date}");
        let mut paths = in_directory(output);
        paths.retain(|name| name.starts_with(DATE) && *name < own);
        let first = paths.len().saturating_sub(most);
        opened(output, &paths[first..])
    }

    /// The campaigns in the output directory, by name; likewise.
    #[must_use]
    pub fn campaigns_of(output: &Path) -> Vec<Self> {
        let campaigns = output.join(CAMPAIGNS);
        opened(&campaigns, &in_directory(&campaigns))
    }

    /// Whether dates are published in this directory, or it is one of them.
    #[must_use]
    pub fn are_published_in(directory: &Path) -> bool {
        directory.join(MANIFEST).is_file() || in_directory(directory).iter().any(|name| name.starts_with(DATE))
    }
}

/// The names of what has a manifest, sorted; those of dates are in the order of the dates.
fn in_directory(directory: &Path) -> Vec<String> {
    let mut names = visible_names(directory).unwrap_or_default();
    names.retain(|name| directory.join(name).join(MANIFEST).is_file());
    names
}

fn opened(directory: &Path, names: &[String]) -> Vec<PublishedRun> {
    names.iter().filter_map(|name| PublishedRun::open(directory.join(name)).ok()).collect()
}
