//! How a published run is referred to, and the errors that say what was looked for in it.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::manifest::{MANIFEST, Unreadable, tables};

/// Where a published run is looked for, on whose behalf, and what in it.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    /// The setting or flag that names it; none where a caller of the library does.
    setting: Option<&'static str>,
    /// The path as it was given.
    path: String,
    /// What is looked for, as in "holds no breaks of an earlier run".
    what: &'static str,
    /// The kind of run to name instead.
    kind: &'static str,
}

impl Reference {
    /// What the value `path` of `setting` refers to: a run of this `kind` that holds `what`.
    pub(crate) fn new(setting: &'static str, path: &str, what: &'static str, kind: &'static str) -> Self {
        Self { setting: Some(setting), path: path.to_owned(), what, kind }
    }

    /// A run whose path a caller of the library gives.
    pub(super) fn plain(path: &Path) -> Self {
        let (what, kind) = ("published run that can be read", "a published run");
        Self { setting: None, path: path.display().to_string(), what, kind }
    }

    /// The manifest: a file of any name, or the one in a directory, in whichever layout it was published.
    pub(super) fn manifest(&self) -> PathBuf {
        let path = tables::run_directory(Path::new(&self.path));
        if path.is_dir() { path.join(MANIFEST) } else { path }
    }

    /// The error of a manifest that does not hold what is looked for.
    pub(crate) fn wrong(&self, cause: impl Display) -> Error {
        let Self { path, what, kind, .. } = self;
        Error::config(format!("{}`{path}` holds no {what}", self.prefix()))
            .cause(cause)
            .hint(format!("name the directory of {kind}, or the manifest.json in it"))
    }

    /// The error of a manifest that cannot be read at all.
    pub(super) fn unreadable(&self, why: &Unreadable) -> Error {
        match why {
            Unreadable::Damaged(cause) => self.wrong(cause),
            Unreadable::Newer(_) => Error::config(format!(
                "{}`{}` was written by a newer rfmetrics",
                self.prefix(),
                self.path
            ))
            .cause(why)
            .hint("use the version of rfmetrics that wrote it, or a later one; `version` in the manifest says which"),
        }
    }

    fn prefix(&self) -> String {
        self.setting.map(|setting| format!("`{setting}`: ")).unwrap_or_default()
    }
}

/// The error of a directory that no run was published to; none where there is a manifest in it.
pub(super) fn missing_run(directory: &Path) -> Option<Error> {
    let directory = &tables::run_directory(directory);
    if directory.join(MANIFEST).is_file() {
        return None;
    }
    let found = if directory.is_dir() { "it has no `manifest.json`" } else { "there is no such directory" };
    let error = Error::config(format!("`{}` holds no published run", directory.display()));
    Some(error.cause(found).hint("name one of the `as_of=YYYY-MM-DD` directories of an output"))
}
