//! Whole rows: every column of every file, and the keys of its directories, for the comparison of rows with one another.
//!
//! Lives here: which columns there are, which files have them in the same types and can be scanned together, and the
//! scans. A column that a file lacks is null there. Does not live here: the comparison (`passes::repeats`).

use std::collections::BTreeSet;

use polars::prelude::*;

use super::filter::Filter;
use super::repeated_rows::starts;
use super::{Group, filtered, readings, row_index};
use crate::batch::role;
use crate::error::{Error, Result};
use crate::source::contract::Contract;
use crate::source::footers::engine_types::engine_types;
use crate::source::options::InputOptions;
use crate::threads::on_threads;

/// All columns of an input, and its files by the types of these columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeRows {
    /// Names of columns and keys, each once, sorted.
    columns: Vec<String>,
    layouts: Vec<Layout>,
}

/// Files of one group that the engine reads with the same types.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Layout {
    /// Index of the group.
    group: usize,
    /// Indices of files, ascending.
    files: Vec<usize>,
    fields: Vec<Field>,
}

/// A scan of whole rows: the columns that its files have, under the names of [`role::compared`], and the row's number.
pub(crate) struct WholeScan {
    pub(crate) frame: LazyFrame,
    /// The files that it reads.
    pub(crate) group: Group,
    /// How its rows are numbered among all.
    pub(crate) numbers: RowNumbers,
}

/// From the number of a row in a scan of some files of a group to its number among all rows of all groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowNumbers {
    /// Per file: the number of its first row in the scan, and among all.
    files: Vec<(u64, u64)>,
}

impl RowNumbers {
    /// The numbers of these rows, which mostly are those of one file.
    pub(crate) fn of<'a>(&'a self, rows: impl Iterator<Item = u64> + 'a) -> impl Iterator<Item = u64> + 'a {
        let mut file = 0;
        rows.map(move |row| {
            let is_in =
                |file: usize| self.files[file].0 <= row && self.files.get(file + 1).is_none_or(|(next, _)| row < *next);
            if !is_in(file) {
                file = self.files.partition_point(|(first, _)| *first <= row).saturating_sub(1);
            }
            let (first, number) = self.files[file];
            number + (row - first)
        })
    }
}

impl WholeRows {
    /// The columns of all files of `groups`; `key` is the setting that asks for them.
    ///
    /// # Errors
    /// A config error that names every column that cannot be read.
    pub(super) fn of(contract: &Contract, groups: &[Group], key: &str, threads: usize) -> Result<Self> {
        let files: Vec<(usize, usize)> =
            (0..).zip(groups).flat_map(|(at, group)| group.files.iter().map(move |file| (at, *file))).collect();
        let read =
            |(group, file): &(usize, usize)| engine_types(&contract.files[*file], groups[*group].has_own_footers);
        let (mut layouts, mut refused): (Vec<Layout>, Vec<String>) = (Vec::new(), Vec::new());
        for ((group, file), found) in files.iter().zip(on_threads(&files, threads, read)) {
            let fields = match found {
                Ok(fields) => fields,
                Err(causes) => {
                    refused.extend(causes);
                    continue;
                }
            };
            match layouts.iter_mut().find(|layout| layout.group == *group && layout.fields == fields) {
                Some(layout) => layout.files.push(*file),
                None => layouts.push(Layout { group: *group, files: vec![*file], fields }),
            }
        }
        if !refused.is_empty() {
            return Err(cannot_be_read(key, refused));
        }
        let names = layouts.iter().flat_map(|layout| layout.fields.iter().map(|field| field.name.to_string()));
        let keys = layouts.iter().flat_map(|layout| keys(contract, &layout.files));
        let columns = names.chain(keys.map(str::to_owned)).collect::<BTreeSet<String>>().into_iter().collect();
        Ok(Self { columns, layouts })
    }

    /// How many columns a row has.
    pub(crate) const fn width(&self) -> usize {
        self.columns.len()
    }

    /// The scans, of rows that meet the filter.
    ///
    /// # Errors
    /// As [`super::scan`].
    pub(crate) fn scans(
        &self,
        contract: &Contract,
        groups: &[Group],
        options: &InputOptions,
        filter: Option<&Filter>,
    ) -> Result<Vec<WholeScan>> {
        let starts = starts(groups);
        let scan = |layout: &Layout| {
            let rows = layout.files.iter().map(|file| contract.files[*file].rows).sum();
            let has_own_footers = groups[layout.group].has_own_footers;
            let group = Group { files: layout.files.clone(), rows, has_own_footers };
            let is_column = |name: &str| layout.fields.iter().any(|field| field.name == name);
            let mut keys = keys(contract, &layout.files);
            // Of a key that is a column, too, the file's own value counts.
            keys.retain(|key| !is_column(key));
            let own: Vec<&str> = layout.fields.iter().map(|field| field.name.as_str()).collect();
            let frame = filtered(contract, &group, options, filter, (&keys, Some(&own)))?;
            let present =
                self.columns.iter().enumerate().filter(|(_, name)| is_column(name) || keys.contains(&name.as_str()));
            let stored = |name: &str| readings::as_stored(contract, &group, name, options);
            let mut selection: Vec<Expr> =
                present.map(|(index, name)| stored(name).alias(role::compared(index))).collect();
            selection.extend(row_index(&group).map(|_| col(role::ROW)));
            let numbers = numbers(contract, &groups[layout.group], starts[layout.group], &layout.files);
            Ok(WholeScan { frame: frame.select(selection), group, numbers })
        };
        self.layouts.iter().map(scan).collect()
    }
}

/// The keys of the directories of these files.
fn keys<'a>(contract: &'a Contract, files: &[usize]) -> Vec<&'a str> {
    let keys = files.iter().flat_map(|file| &contract.files[*file].partitions).map(|partition| partition.key.as_str());
    keys.collect::<BTreeSet<&str>>().into_iter().collect()
}

fn numbers(contract: &Contract, group: &Group, start: u64, files: &[usize]) -> RowNumbers {
    let (mut in_scan, mut among_all) = (0, start);
    let mut numbers = Vec::new();
    for file in &group.files {
        let rows = contract.files[*file].rows;
        if files.binary_search(file).is_ok() {
            numbers.push((in_scan, among_all));
            in_scan += rows;
        }
        among_all += rows;
    }
    RowNumbers { files: numbers }
}

fn cannot_be_read(key: &str, causes: Vec<String>) -> Error {
    Error::config(format!("`{key}` compares whole rows, and some columns cannot be read"))
        .causes(causes)
        .hint("name the columns that make a row with `clean.dedupe_keys`, or write these columns in a common type")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_scan_of_some_files_have_their_numbers_among_all() {
        // Files of 3, 2 and 4 rows behind 10 rows of other groups, of which the first and the last are scanned.
        let numbers = RowNumbers { files: vec![(0, 10), (3, 15)] };
        let found: Vec<u64> = numbers.of([0, 2, 3, 6, 1].into_iter()).collect();
        assert_eq!(found, [10, 12, 15, 18, 11]);
    }
}
