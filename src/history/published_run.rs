//! A published run: its manifest, part by part, and its tables.
//!
//! Does not live here: the types of the parts (`manifest`), and reading the rows of a table (`published_table`).

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde_json::Map;

use super::published_table::PublishedTable;
use super::reference::{Reference, missing_run};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::manifest::{CurrencyEntry, Document, InputAccountEntry, MANIFEST, Manifest, TableFile, Totals, tables};
use crate::predict::ModelsEntry;
use crate::scoring::{Learned, MAIN};
use crate::warnings::WarningDetail;

/// The code of warnings that were written before warnings had codes.
const NO_CODE: &str = "unknown";

/// A run that was published at any time, by this version of the program or an earlier one.
///
/// Each part is typed when it is asked for: a damaged one does not prevent reading the others. All errors are config
/// errors, unless said otherwise: the path is wrong, or the part is not as this version of the program knows it.
#[derive(Debug, Clone)]
pub struct PublishedRun {
    directory: PathBuf,
    reference: Reference,
    document: Document,
}

impl PublishedRun {
    /// Opens the run that was published to a directory (`reports/as_of=2026-01-01`), or that a manifest is of; `path` is
    /// either. A manifest may have been copied away and renamed; the tables are then not found.
    ///
    /// # Errors
    /// Where there is no manifest, it is no JSON, or a later version of the program wrote it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        if let Some(missing) = missing_run(path).filter(|_| !path.is_file()) {
            return Err(missing);
        }
        Self::refer(Reference::plain(path))
    }

    /// Opens the run that a setting refers to; errors say which setting, and what is looked for.
    ///
    /// # Errors
    /// As [`PublishedRun::open`].
    pub(crate) fn refer(reference: Reference) -> Result<Self> {
        let path = reference.manifest();
        let text = std::fs::read_to_string(&path).map_err(|error| reference.wrong(error))?;
        let document = Document::parse(&text).map_err(|why| reference.unreadable(&why))?;
        let directory = path.parent().unwrap_or(Path::new("")).to_owned();
        Ok(Self { directory, reference, document })
    }

    /// Opens the run in a published directory on behalf of a flag; errors are about `what` is looked for in it.
    ///
    /// # Errors
    /// As [`PublishedRun::open`].
    pub(crate) fn in_directory(flag: &'static str, directory: &Path, what: &'static str) -> Result<Self> {
        if let Some(missing) = missing_run(directory) {
            return Err(missing);
        }
        let path = tables::run_directory(directory).join(MANIFEST).display().to_string();
        Self::refer(Reference::new(flag, &path, what, "a published run"))
    }

    /// The run that is about to be published from a directory, with its manifest.
    ///
    /// # Errors
    /// A bug where a number of the manifest does not fit JSON.
    pub(crate) fn staged(directory: &Path, manifest: &Manifest) -> Result<Self> {
        let document = Document::of(manifest.to_json()?);
        Ok(Self { directory: directory.to_owned(), reference: Reference::plain(directory), document })
    }

    /// The directory that it is in.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The whole manifest.
    ///
    /// # Errors
    /// Where a part of it is not as this version of the program knows it.
    pub fn manifest(&self) -> Result<Manifest> {
        self.found(self.document.whole())
    }

    /// The analysis date.
    ///
    /// # Errors
    /// Where it is missing or no date.
    pub fn as_of(&self) -> Result<NaiveDate> {
        self.found(self.document.part("as_of"))
    }

    /// The settings of the run. Those that this version of the program does not know are skipped; those that the run did not
    /// have yet have their defaults.
    ///
    /// # Errors
    /// Where one has a value that this version of the program does not know.
    pub fn settings(&self) -> Result<Config> {
        self.found(self.document.part("config").and_then(Config::from_manifest))
    }

    /// The run in a few numbers.
    ///
    /// # Errors
    /// Where one is missing.
    pub fn totals(&self) -> Result<Totals> {
        self.found(self.document.part("totals"))
    }

    /// What its amounts were in; none where its input does not say that.
    ///
    /// # Errors
    /// Where it is not as this version of the program knows it.
    pub fn currency(&self) -> Result<Option<CurrencyEntry>> {
        self.found(self.document.optional_part("currency")).map(Option::flatten)
    }

    /// The row account of each of several inputs; none where there was one without a name.
    ///
    /// # Errors
    /// Where an entry is not as this version of the program knows it.
    pub fn account_by_input(&self) -> Result<Vec<InputAccountEntry>> {
        Ok(self.found(self.document.optional_part("account_by_input"))?.unwrap_or_default())
    }

    /// What a reader of the tables should know. Warnings from before there were codes have the code `unknown` and no facts.
    ///
    /// # Errors
    /// Where the list is missing.
    pub fn warnings(&self) -> Result<Vec<WarningDetail>> {
        if let Some(details) = self.found(self.document.optional_part("warning_details"))? {
            return Ok(details);
        }
        let sentences: Vec<String> = self.found(self.document.part("warnings"))?;
        let detail = |text| WarningDetail { code: NO_CODE.to_owned(), facts: Map::new(), text };
        Ok(sentences.into_iter().map(detail).collect())
    }

    /// What a scoring has learned: breaks, the scale of the weighted value, the centres of clusters. The name of the run's
    /// own scoring is `main`. None where the run had no scoring of this name.
    ///
    /// # Errors
    /// Where it is not as this version of the program knows it.
    pub fn learned(&self, scoring: &str) -> Result<Option<Learned>> {
        let learned =
            if scoring == MAIN { self.document.learned().map(Some) } else { self.document.learned_by(scoring) };
        self.found(learned)
    }

    /// The models of purchases and order values; none where nothing was predicted.
    ///
    /// # Errors
    /// Where they are not as this version of the program knows them.
    pub fn models(&self) -> Result<Option<ModelsEntry>> {
        self.found(self.document.optional_part("predictions")).map(Option::flatten)
    }

    /// The files that were published, with their rows, sizes and checksums.
    ///
    /// # Errors
    /// Where the list is missing, or names a file outside the directory.
    pub fn tables(&self) -> Result<Vec<TableFile>> {
        self.found(self.document.tables())
    }

    /// One of the tables, as `customers`, to be read a few columns and a slice of rows at a time. Whether it is unchanged
    /// since it was published is not checked.
    ///
    /// # Errors
    /// A source error where its file is missing or no sound Parquet file.
    pub fn table(&self, name: &str) -> Result<PublishedTable> {
        let file = tables::file_name(name);
        let path = self.directory.join(&file);
        if !path.is_file() {
            return Err(Error::source(format!("`{}` has no {name} table", self.directory.display()))
                .cause(format!("expected the file `{file}` in it"))
                .hint("publish this date again"));
        }
        PublishedTable::open(&path)
    }

    /// The error of a run that does not hold what it is opened for.
    pub(crate) fn wrong(&self, cause: impl std::fmt::Display) -> Error {
        self.reference.wrong(cause)
    }

    fn found<T>(&self, part: std::result::Result<T, String>) -> Result<T> {
        part.map_err(|cause| self.reference.wrong(cause))
    }
}

#[cfg(test)]
mod tests;
