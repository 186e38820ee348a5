//! What the scorings take from published runs.
//!
//! Does not live here: opening a published run (`history`), and whether what it has learned fits (`scoring`).

use crate::error::{Error, Result};
use crate::history::{PublishedRun, Reference};
use crate::scoring::{Frozen, Settings};

/// Reads what `score.breaks_from` names for a scoring; nothing where it names nothing.
///
/// # Errors
/// A config error where the manifest cannot be read or has no scoring of this name.
pub(crate) fn read(settings: &Settings) -> Result<Frozen> {
    let Some(path) = settings.score.breaks_from.as_ref().filter(|path| !path.is_empty()) else {
        return Ok(Frozen::default());
    };
    let reference = Reference::new("score.breaks_from", path, "breaks of an earlier run", "a published run");
    let learned = PublishedRun::refer(reference)?.learned(&settings.name)?;
    learned.map(Frozen::from).ok_or_else(|| {
        Error::config(format!("`{path}` holds no breaks of the scoring `{}`", settings.name))
            .cause("the run that it comes from had no scoring of this name")
            .hint("name the manifest of a run that had it, or learn new ones: write `score.breaks_from = \"\"` in the scoring")
    })
}
