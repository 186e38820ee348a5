//! A published table, read back a few columns and a slice of its rows at a time.
//!
//! It takes as much memory as one row group of these columns. Its footer passes the same checks as those of the input
//! before a page is decoded. Does not live here: what the numbers mean, and whether the table is unchanged since it was
//! published (`publish::verify`).

use std::fs::File;
use std::path::{Path, PathBuf};

use polars::prelude::*;

use crate::error::{Error, Problems, Result};
use crate::source::kinds::ColumnKind;
use crate::source::listing::InputFile;
use crate::source::{footers, quoted};
use crate::threads::caught;

/// Rows of a slice: a row group of our own tables.
const SLICE_ROWS: usize = 1 << 20;

/// A table of a published run.
#[derive(Debug)]
pub struct PublishedTable {
    path: PathBuf,
    columns: Vec<(String, ColumnKind)>,
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
        let columns = footer.columns.iter().map(|column| (column.name.clone(), column.kind.clone())).collect();
        let rows = usize::try_from(footer.rows).map_err(|_| self::failed(path, "more rows than memory has places"))?;
        Ok(Self { path: footer.path, columns, rows })
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
        self.kind(name).is_some()
    }

    /// The names of its columns, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// The kind of a column; none where there is none of this name.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<&ColumnKind> {
        self.columns.iter().find(|(known, _)| known == name).map(|(_, kind)| kind)
    }

    /// The columns `names`, without rows.
    ///
    /// # Errors
    /// A source error where the file cannot be read.
    pub fn no_rows(&self, names: &[&str]) -> Result<DataFrame> {
        self.slice(names, 0, 0)
    }

    /// Hands the columns `names` to `work`, slice after slice, in the order of the rows.
    ///
    /// # Errors
    /// A source error where a page cannot be decoded; whatever `work` returns.
    pub fn for_each_slice(&self, names: &[&str], mut work: impl FnMut(&DataFrame) -> Result<()>) -> Result<()> {
        for first in (0..self.rows).step_by(SLICE_ROWS) {
            let rows = SLICE_ROWS.min(self.rows - first);
            let slice = self.slice(names, first, rows)?;
            work(&slice)?;
        }
        Ok(())
    }

    fn slice(&self, names: &[&str], first: usize, rows: usize) -> Result<DataFrame> {
        let read = || {
            let file = File::open(&self.path).map_err(|error| error.to_string())?;
            let columns = names.iter().map(|name| (*name).to_owned()).collect();
            let reader = ParquetReader::new(file).with_columns(Some(columns)).with_slice(Some((first, rows)));
            // The reader gives them in the order of the file.
            let slice = reader.finish().map_err(|error| error.to_string())?;
            slice.select(names.iter().copied()).map_err(|error| error.to_string())
        };
        let slice = caught(read).map_err(|cause| failed(&self.path, &cause))?;
        if slice.height() != rows {
            let found = slice.height();
            return Err(failed(&self.path, &format!("found {found} rows from row {first} on, expected {rows}")));
        }
        Ok(slice)
    }
}

fn failed(path: &Path, cause: &str) -> Error {
    Error::source(format!("{} cannot be read", quoted(path))).cause(cause).hint("publish this date again")
}
