//! What is published next to a run: other dates of the same output, and its campaigns.
//!
//! Does not live here: what is made of them (`page`).

use std::path::Path;

use super::published_run::PublishedRun;
use crate::files::directory::visible_names;
use crate::manifest::MANIFEST;

/// How the names of published dates begin.
const DATE: &str = "as_of=";
/// The directory of the campaigns.
const CAMPAIGNS: &str = "campaigns";

impl PublishedRun {
    /// Every run in the output directory, by date. What cannot be read is not among them: it is not what was asked for.
    #[must_use]
    pub fn all_of(output: &Path) -> Vec<Self> {
        in_directory(output, |name| name.starts_with(DATE))
    }

    /// The campaigns in the output directory, by name; likewise.
    #[must_use]
    pub fn campaigns_of(output: &Path) -> Vec<Self> {
        in_directory(&output.join(CAMPAIGNS), |_| true)
    }
}

fn in_directory(directory: &Path, is_one: impl Fn(&str) -> bool) -> Vec<PublishedRun> {
    let names = visible_names(directory).unwrap_or_default();
    let paths = names.into_iter().filter(|name| is_one(name)).map(|name| directory.join(name));
    paths.filter(|path| path.join(MANIFEST).is_file()).filter_map(|path| PublishedRun::open(path).ok()).collect()
}
