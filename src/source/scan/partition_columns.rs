//! The values of `key=value` directories as columns of the scan, and files that the filter rules out by them.
//!
//! The engine's own reading of such directories is not used: it guesses types from the values, also takes keys above
//! the given path, and does not support keys that only some directories have. Does not live here: finding and decoding
//! the directories (see `partitions`).

use std::collections::{HashMap, HashSet};

use polars::prelude::*;

use super::filter::Filter;
use super::{Group, path_of};
use crate::batch::role;
use crate::error::Result;
use crate::source::contract::Contract;
use crate::source::footers::FileFooter;

/// The keys that are read as columns.
pub(crate) fn keys(contract: &Contract) -> Vec<&str> {
    let mut keys: Vec<&str> =
        contract.columns.iter().filter(|column| column.from_partition).map(|column| column.name.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn value_of<'a>(file: &'a FileFooter, key: &str) -> Option<&'a str> {
    file.partitions.iter().find(|partition| partition.key == key)?.value.as_deref()
}

/// Adds the columns of `keys`, all of text, to a scan that carries the paths of its files.
///
/// # Errors
/// A source error where a path is not UTF-8.
pub(crate) fn add(mut frame: LazyFrame, contract: &Contract, group: &Group, keys: &[&str]) -> Result<LazyFrame> {
    for key in keys {
        let mut values: HashMap<String, Option<String>> = HashMap::new();
        for index in &group.files {
            let file = &contract.files[*index];
            values.insert(path_of(file)?.as_str().to_owned(), value_of(file, key).map(Into::into));
        }
        let name = PlSmallStr::from_str(key);
        let field = Field::new(name.clone(), DataType::String);
        let look_up = move |paths: Column| looked_up(&paths, &values, name.clone());
        frame = frame.with_column(col(role::PATH).map(look_up, move |_, _| Ok(field.clone())).alias(*key));
    }
    Ok(frame)
}

/// The value for each path. A batch usually holds the rows of one file.
fn looked_up(paths: &Column, values: &HashMap<String, Option<String>>, name: PlSmallStr) -> PolarsResult<Column> {
    let mut last: Option<(&str, Option<&str>)> = None;
    let mut found = StringChunkedBuilder::new(name, paths.len());
    for path in paths.str()?.iter() {
        let path = path.unwrap_or_default();
        let value = match last {
            Some((known, value)) if known == path => value,
            _ => {
                let value = values.get(path);
                value.ok_or_else(|| polars_err!(ComputeError: "`{path}` is no file of this scan"))?.as_deref()
            }
        };
        last = Some((path, value));
        found.append_option(value);
    }
    Ok(found.finish().into_column())
}

/// The files that the filter does not rule out by their directories alone.
pub(crate) fn files_left(contract: &Contract, filter: Option<&Filter>) -> HashSet<usize> {
    let files = contract.files.len();
    let Some(filter) = filter else { return (0..files).collect() };
    filter.expression().files_left(files, &|file, key| value_of(contract.files.get(file)?, key).map(str::to_owned))
}
