//! The manifest of a former run, read for what it has learned.
//!
//! Does not live here: what is taken from it (`score::loaded`, `predict`).

pub mod published_table;

use std::fmt::Display;
use std::path::Path;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::manifest::MANIFEST;

/// The setting that names a manifest, its path, and what is looked for in it.
#[derive(Clone, Copy)]
pub(crate) struct Former<'a> {
    pub(crate) setting: &'static str,
    pub(crate) path: &'a str,
    /// As in "holds no breaks of a former run".
    pub(crate) what: &'static str,
    /// The kind of run whose manifest to name.
    pub(crate) of: &'static str,
}

impl Former<'_> {
    /// The whole manifest.
    ///
    /// # Errors
    /// A config error where the file cannot be read or is no JSON.
    pub(crate) fn read(self) -> Result<Value> {
        let path = Path::new(self.path);
        let path = if path.is_dir() { path.join(MANIFEST) } else { path.to_owned() };
        let text = std::fs::read_to_string(path).map_err(|error| self.wrong(error))?;
        serde_json::from_str(&text).map_err(|error| self.wrong(error))
    }

    /// The error of a manifest that does not hold what is looked for.
    pub(crate) fn wrong(self, cause: impl Display) -> Error {
        let Self { setting, path, what, of } = self;
        Error::config(format!("`{setting}`: `{path}` holds no {what}"))
            .cause(cause)
            .hint(format!("name the directory of {of}, or the manifest.json in it"))
    }
}
