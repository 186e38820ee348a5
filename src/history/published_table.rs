//! A published table, read back a few columns and a slice of its rows at a time.
//!
//! It takes as much memory as one row group of these columns. Its footer passes the same checks as those of the input
//! before a page is decoded. Does not live here: what the numbers mean, and whether the table is unchanged since it was
//! published (`publish::verify`).

use std::fs::File;
use std::path::{Path, PathBuf};

use polars::prelude::*;

use crate::error::{Error, Problems, Result};
use crate::source::listing::InputFile;
use crate::source::{footers, quoted};
use crate::threads::caught;

/// Rows of a slice: a row group of our own tables.
const SLICE_ROWS: usize = 1 << 20;

/// A table of a published run.
#[derive(Debug)]
pub struct PublishedTable {
    path: PathBuf,
    names: Vec<String>,
    rows: usize,
}

impl PublishedTable {
    /// Looks at the footer of the file at `path`.
    ///
    /// # Errors
    /// A source error where there is none, or it is no sound Parquet file.
    pub fn open(path: &Path) -> Result<Self> {
        let file = InputFile { path: path.to_owned(), partitions: Vec::new() };
        let mut footers = Problems::refuse_any(|problems| footers::read_footers(&[file], "", 1, problems))?;
        let footer = footers.pop().ok_or_else(|| Error::bug("a file without footer"))?;
        let names = footer.columns.iter().map(|column| column.name.clone()).collect();
        let rows = usize::try_from(footer.rows).map_err(|_| self::failed(path, "more rows than memory has places"))?;
        Ok(Self { path: footer.path, names, rows })
    }

    /// The path of its file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Number of rows.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Refuses the table where it lacks one of the columns.
    ///
    /// # Errors
    /// A source error that names them all.
    pub fn require(&self, names: &[&str]) -> Result<()> {
        let missing = names.iter().filter(|name| !self.has(name));
        let causes: Vec<String> = missing.map(|name| format!("it has no column `{name}`")).collect();
        if causes.is_empty() {
            return Ok(());
        }
        Err(Error::source(format!("{} lacks columns", quoted(&self.path)))
            .causes(causes)
            .hint("name a directory that `rfmetrics run` has published"))
    }

    /// Whether the table has this column.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// The names of its columns, in their order.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.names
    }

    /// Hands the columns `names` to `work`, slice after slice, in the order of the rows.
    ///
    /// # Errors
    /// A source error where a page cannot be decoded; whatever `work` returns.
    pub fn for_each_slice(&self, names: &[&str], mut work: impl FnMut(&DataFrame) -> Result<()>) -> Result<()> {
        for first in (0..self.rows).step_by(SLICE_ROWS) {
            let rows = SLICE_ROWS.min(self.rows - first);
            let read = || {
                let file = File::open(&self.path).map_err(|error| error.to_string())?;
                let names = names.iter().map(|name| (*name).to_owned()).collect();
                let reader = ParquetReader::new(file).with_columns(Some(names)).with_slice(Some((first, rows)));
                reader.finish().map_err(|error| error.to_string())
            };
            let slice = caught(read).map_err(|cause| failed(&self.path, &cause))?;
            if slice.height() != rows {
                let found = slice.height();
                return Err(failed(&self.path, &format!("found {found} rows from row {first} on, expected {rows}")));
            }
            work(&slice)?;
        }
        Ok(())
    }
}

fn failed(path: &Path, cause: &str) -> Error {
    Error::source(format!("{} cannot be read", quoted(path))).cause(cause).hint("publish this date again")
}
