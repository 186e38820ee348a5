//! The manifest of a former run, read for what it has learned.
//!
//! Does not live here: what is taken from it (`score::loaded`, `predict`).

use std::fmt::Display;
use std::path::Path;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::write::MANIFEST;

/// The setting that names a manifest, its path, and what is looked for in it.
#[derive(Clone, Copy)]
pub(super) struct Former<'a> {
    pub(super) setting: &'static str,
    pub(super) path: &'a str,
    /// As in "holds no breaks of a former run".
    pub(super) what: &'static str,
    /// The kind of run whose manifest to name.
    pub(super) of: &'static str,
}

impl Former<'_> {
    /// The whole manifest.
    ///
    /// # Errors
    /// A config error where the file cannot be read or is no JSON.
    pub(super) fn read(self) -> Result<Value> {
        let path = Path::new(self.path);
        let path = if path.is_dir() { path.join(MANIFEST) } else { path.to_owned() };
        let text = std::fs::read_to_string(path).map_err(|error| self.wrong(error))?;
        serde_json::from_str(&text).map_err(|error| self.wrong(error))
    }

    /// The error of a manifest that does not hold what is looked for.
    pub(super) fn wrong(self, cause: impl Display) -> Error {
        let Self { setting, path, what, of } = self;
        Error::config(format!("`{setting}`: `{path}` holds no {what}"))
            .cause(cause)
            .hint(format!("name the directory of {of}, or the manifest.json in it"))
    }
}
