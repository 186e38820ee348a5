//! The tables of one published date, by name.
//!
//! Does not live here: the files (`history`).

use std::collections::BTreeSet;

use polars::prelude::*;

use super::rows::Rows;
use crate::error::{Error, Result};
use crate::history::{PublishedRun, PublishedTable};

/// The tables that a date has.
#[derive(Debug)]
pub(crate) struct Tables<'a> {
    run: &'a PublishedRun,
    names: BTreeSet<String>,
    /// Decimals of money.
    scale: u8,
}

impl<'a> Tables<'a> {
    /// The tables of this run, whose money has so many decimals.
    ///
    /// # Errors
    /// As [`PublishedRun::tables`].
    pub(crate) fn of(run: &'a PublishedRun, scale: u8) -> Result<Self> {
        let names = run.tables()?.into_iter().map(|table| table.name).collect();
        Ok(Self { run, names, scale })
    }

    /// Whether the date has this table.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// The table, opened; none where the date has no such table.
    ///
    /// # Errors
    /// A source error where its file is missing or damaged.
    pub(crate) fn open(&self, name: &str) -> Result<Option<PublishedTable>> {
        self.has(name).then(|| self.run.table(name)).transpose()
    }

    /// Those of the columns that the table has, of all rows; none where the date has no such table, or it has no rows.
    ///
    /// # Errors
    /// A source error where it cannot be read.
    pub(crate) fn read(&self, name: &str, columns: &[&str]) -> Result<Option<Rows>> {
        let mut rows = Rows::with_scale(self.scale);
        self.each_slice(name, columns, |slice| rows.add(slice))?;
        Ok((rows.count() > 0).then_some(rows))
    }

    /// The same, handed to `work` some rows at a time.
    ///
    /// # Errors
    /// A source error where it cannot be read.
    pub(crate) fn each(&self, name: &str, columns: &[&str], mut work: impl FnMut(&Rows)) -> Result<()> {
        self.each_slice(name, columns, |slice| {
            let mut rows = Rows::with_scale(self.scale);
            rows.add(slice)?;
            work(&rows);
            Ok(())
        })
    }

    /// The same, as the frames that the engine makes.
    ///
    /// # Errors
    /// A source error where it cannot be read.
    pub(super) fn each_slice(
        &self,
        name: &str,
        columns: &[&str],
        mut work: impl FnMut(&DataFrame) -> PolarsResult<()>,
    ) -> Result<()> {
        let Some(table) = self.open(name)? else { return Ok(()) };
        let known: Vec<&str> = columns.iter().copied().filter(|column| table.has(column)).collect();
        if known.is_empty() {
            return Ok(());
        }
        table.for_each_slice(&known, |slice| work(slice).map_err(|error| unfit(name, &error)))
    }
}

fn unfit(name: &str, error: &PolarsError) -> Error {
    Error::source(format!("the table `{name}` cannot be shown")).cause(error).hint("publish this date again")
}
