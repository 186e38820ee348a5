//! The rows and columns that are exported, slice by slice.

use std::collections::BTreeMap;

use polars::prelude::*;

use crate::error::{Error, Result};
use crate::history::{PublishedTable, TableFilter};
use crate::source::quoted;

/// What is wanted of a table.
pub(super) struct Wanted<'a> {
    table: &'a PublishedTable,
    filter: Option<TableFilter>,
    /// The columns of the files.
    pub(super) columns: Vec<String>,
    /// The column whose values make files.
    by: Option<String>,
}

impl<'a> Wanted<'a> {
    /// # Errors
    /// A config error that names columns that the table does not have, or a column twice.
    pub(super) fn of(
        table: &'a PublishedTable,
        filter: Option<&str>,
        columns: &[String],
        by: Option<&str>,
    ) -> Result<Self> {
        let columns: Vec<String> = columns.iter().map(|name| name.trim().to_owned()).collect();
        table.refuse_unknown("--columns", &columns)?;
        table.refuse_unknown("--by", &by.map(str::to_owned).into_iter().collect::<Vec<_>>())?;
        if let Some(twice) = columns.iter().enumerate().find(|(index, name)| columns[..*index].contains(name)) {
            return Err(Error::config(format!("`--columns` names `{}` twice", twice.1)));
        }
        let columns = if columns.is_empty() { table.names().map(str::to_owned).collect() } else { columns };
        let filter = filter.map(|text| TableFilter::new("--where", text, table)).transpose()?;
        Ok(Self { table, filter, columns, by: by.map(str::to_owned) })
    }

    /// Hands over the rows with their columns, a slice at a time and in their order: with `by` those of each value of it apart, under
    /// its text.
    ///
    /// # Errors
    /// A source error where the table cannot be read; a config error where the filter fails; whatever `work` returns.
    pub(super) fn for_each(&self, mut work: impl FnMut(&str, &DataFrame) -> Result<()>) -> Result<()> {
        let mut read: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        let of_filter = self.filter.iter().flat_map(TableFilter::columns);
        for name in of_filter.chain(self.by.as_deref()) {
            if !read.contains(&name) {
                read.push(name);
            }
        }
        self.table.for_each_slice(&read, |slice| {
            let kept = self.kept(slice)?;
            let groups = self.groups(&kept)?;
            for (value, rows) in groups {
                let rows = rows.select(self.columns.iter().map(String::as_str)).map_err(|error| self.failed(&error))?;
                work(&value, &rows)?;
            }
            Ok(())
        })
    }

    fn kept(&self, slice: &DataFrame) -> Result<DataFrame> {
        let Some(filter) = &self.filter else { return Ok(slice.clone()) };
        let held = BooleanChunked::from_iter_values(PlSmallStr::EMPTY, filter.holds(slice)?.into_iter());
        slice.filter(&held).map_err(|error| self.failed(&error))
    }

    /// The rows of each value, by its text.
    fn groups(&self, rows: &DataFrame) -> Result<BTreeMap<String, DataFrame>> {
        let Some(by) = &self.by else { return Ok(BTreeMap::from([(String::new(), rows.clone())])) };
        let texts = rows.column(by).and_then(|column| column.cast(&DataType::String));
        let texts = texts.map_err(|error| self.failed(&error))?;
        let texts = texts.str().map_err(|error| self.failed(&error))?;
        let mut places: BTreeMap<&str, Vec<IdxSize>> = BTreeMap::new();
        for (row, text) in (0..).zip(texts.iter()) {
            places.entry(text.unwrap_or("null")).or_default().push(row);
        }
        let taken = places.into_iter().map(|(value, rows_of)| {
            let rows = rows.take(&IdxCa::from_vec(PlSmallStr::EMPTY, rows_of)).map_err(|error| self.failed(&error))?;
            Ok((value.to_owned(), rows))
        });
        taken.collect()
    }

    fn failed(&self, error: &PolarsError) -> Error {
        Error::source(format!("{} cannot be exported", quoted(self.table.path()))).cause(error)
    }
}
