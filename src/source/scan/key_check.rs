//! Keys of directories that are also columns of the files: the rows must say what the directory says.
//!
//! Does not live here: keys that the files lack (`partition_columns`), and what statistics say before a row is read
//! (`contract::keys`).

use std::collections::HashMap;

use polars::prelude::*;

use super::{Group, path_of};
use crate::batch::role;
use crate::error::{Error, Result};
use crate::source::contract::Contract;
use crate::source::footers::FileFooter;

/// What the message of a row says that is not what its directory says.
const DIFFERS: &str = "hive partition key conflicts with the column in the file";

/// The needed columns of a group whose files have keys of these names.
pub(super) fn doubles<'a>(contract: &'a Contract, group: &Group) -> Vec<&'a str> {
    let is_double = |file: &FileFooter, name: &str| {
        let is_key = file.partitions.iter().any(|partition| partition.key == name);
        is_key && file.columns.iter().any(|column| column.name == name)
    };
    let names = super::names(contract).into_iter();
    names.filter(|name| group.files.iter().any(|index| is_double(&contract.files[*index], name))).collect()
}

/// Adds the comparison to a scan that carries the paths of its files; `doubles` are its columns of that kind.
///
/// # Errors
/// A source error where a path is not UTF-8. The scan fails where a row says otherwise than its directory.
pub(super) fn add(mut frame: LazyFrame, contract: &Contract, group: &Group, doubles: &[&str]) -> Result<LazyFrame> {
    for name in doubles {
        let mut keys: HashMap<String, Option<String>> = HashMap::new();
        for index in &group.files {
            let file = &contract.files[*index];
            if let Some(key) = file.partitions.iter().find(|partition| partition.key == *name) {
                keys.insert(path_of(file)?.as_str().to_owned(), key.value.clone());
            }
        }
        let compare = move |columns: &mut [Column]| compared(columns, &keys);
        let compared =
            Expr::Column((*name).into())
                .map_many(compare, &[Expr::Column(role::PATH.into())], |_, fields| Ok(fields[0].clone()));
        frame = frame.with_column(compared.alias(*name));
    }
    Ok(frame)
}

/// The column as it is, where each row says what the key of its path does. A batch usually holds the rows of one file.
fn compared(columns: &[Column], keys: &HashMap<String, Option<String>>) -> PolarsResult<Column> {
    let [values, paths] = columns else { polars_bail!(ComputeError: "a comparison of two columns") };
    let path_texts = paths.str()?;
    let mut start = 0;
    while start < paths.len() {
        let path = path_texts.get(start);
        let rest = (start..paths.len()).take_while(|row| path_texts.get(*row) == path).count();
        if let Some((path, key)) = path.and_then(|path| keys.get_key_value(path)) {
            let rows = values.slice(i64::try_from(start).unwrap_or(i64::MAX), rest);
            if !says(&rows, key.as_deref())? {
                let key = key.as_deref().unwrap_or("null");
                polars_bail!(ComputeError: "`{}`: {DIFFERS} in `{path}`: the directory says `{key}`, and rows something else", values.name());
            }
        }
        start += rest;
    }
    Ok(values.clone())
}

/// Whether all values are what the key says, as a value of their type.
fn says(values: &Column, key: Option<&str>) -> PolarsResult<bool> {
    let Some(key) = key else { return Ok(values.null_count() == values.len()) };
    if values.null_count() > 0 {
        return Ok(false);
    }
    let key = Column::new(PlSmallStr::EMPTY, [key]);
    let values = match values.dtype() {
        DataType::Categorical(..) | DataType::Boolean => &values.cast(&DataType::String)?,
        _ => values,
    };
    // What is no value of the type is null, and equal to nothing.
    let key = match values.dtype() {
        DataType::String => key,
        dtype => key.cast(dtype)?,
    };
    Ok(key.null_count() == 0 && values.as_materialized_series().equal(key.as_materialized_series())?.all())
}

/// The error where a scan failed of such a row.
pub(super) fn failure(cause: &str) -> Option<Error> {
    let line = cause.lines().find(|line| line.contains(DIFFERS))?;
    let what = line.find('`').map_or(line, |start| &line[start..]);
    Some(Error::source(what).hint("rename the directories, or take the column out of the files"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_say_what_the_key_does_as_values_of_their_type() {
        let of = |values: Column, key: Option<&str>| says(&values, key).unwrap();
        assert!(of(Column::new("a".into(), [1_i64, 1]), Some("01")));
        assert!(!of(Column::new("a".into(), [1_i64, 2]), Some("1")));
        assert!(!of(Column::new("a".into(), [1_i64]), Some("x")));
        assert!(of(Column::new("a".into(), ["EU", "EU"]), Some("EU")));
        assert!(!of(Column::new("a".into(), [Some("EU"), None]), Some("EU")));
        assert!(of(Column::new("a".into(), [None::<i64>, None]), None));
        assert!(!of(Column::new("a".into(), [Some(1_i64), None]), None));
        assert!(of(Column::new("a".into(), [2.5]), Some("2.5")));
        assert!(of(Column::new("a".into(), [true]), Some("true")));
        let days = Column::new("a".into(), [19_723_i32]).cast(&DataType::Date).unwrap();
        assert!(of(days.clone(), Some("2024-01-01")) && !of(days, Some("2024-01-02")));
    }

    #[test]
    fn files_are_compared_with_their_own_keys() {
        let keys = HashMap::from([("p".to_owned(), Some("1".to_owned())), ("q".to_owned(), Some("2".to_owned()))]);
        let paths = Column::new("path".into(), ["p", "p", "q", "r"]);
        let check = |values: [i64; 4]| compared(&[Column::new("k".into(), values), paths.clone()], &keys);
        assert!(check([1, 1, 2, 9]).is_ok());
        let text = check([1, 2, 2, 9]).unwrap_err().to_string();
        let text = failure(&text).unwrap().to_string();
        assert!(
            text.starts_with(
                "`k`: hive partition key conflicts with the column in the file in `p`: the directory says `1`"
            ),
            "{text}"
        );
    }
}
