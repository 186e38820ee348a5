//! Rows that repeat others, left out by the scan: across all files, since only the engine sees all of them.
//!
//! Does not live here: which rows they are, and what becomes of them (see `passes`).

use polars::prelude::*;

use super::{Group, row_index};
use crate::batch::role;
use crate::clean::options::CleanOptions;
use crate::error::{Error, Result};
use crate::source::contract::Contract;

/// Which rows are repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repeats {
    /// Rows that agree in every column that the run reads.
    Rows,
    /// Rows that agree in these columns.
    Keys(Vec<String>),
}

impl Repeats {
    /// The repeats that the settings ask for.
    ///
    /// # Errors
    /// A config error where files differ in the types of the columns: values of other types are not compared, since
    /// a cast could make different ones equal. The same where there are more rows than the engine can compare.
    pub fn wanted(options: &CleanOptions, contract: &Contract, groups: &[Group]) -> Result<Option<Self>> {
        let (repeats, key) = match (options.dedupe_keys.as_slice(), options.dedupe, options.count_repeats) {
            ([], false, false) => return Ok(None),
            ([], false, true) => (None, "clean.count_repeats"),
            ([], true, _) => (Some(Self::Rows), "clean.dedupe"),
            (keys, ..) => (Some(Self::Keys(keys.to_vec())), "clean.dedupe_keys"),
        };
        match groups {
            [first, second, ..] => Err(mixed(key, contract, first, second)),
            [only] if row_index(only).is_none() => Err(Error::config(format!("`{key}` cannot compare so many rows"))
                .cause(format!("found {}, expected fewer than {}", only.rows, IdxSize::MAX))
                .hint("take repeats out before")),
            _ => Ok(repeats),
        }
    }

    /// The frame without repeats. `columns` are all that the run reads, under their names in the input.
    pub(crate) fn leave_out(&self, frame: LazyFrame, columns: &[&str]) -> LazyFrame {
        let exprs = |names: &[&str]| names.iter().map(|name| col(*name)).collect::<Vec<_>>();
        match self {
            // The rows are the same but for their numbers; the first number makes the quarantine the same every time.
            Self::Rows => frame.group_by(exprs(columns)).agg([col(role::ROW).min()]),
            Self::Keys(keys) => {
                let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
                let mut order = keys.clone();
                order.extend(columns.iter().filter(|name| !keys.contains(name)));
                order.push(role::ROW);
                // Nulls last: of a whole row and one with gaps, the whole one is kept.
                let options = SortMultipleOptions::default().with_nulls_last(true);
                frame
                    .select(exprs(&order))
                    .sort(order, options)
                    .unique_stable_generic(Some(exprs(&keys)), UniqueKeepStrategy::First)
            }
        }
    }
}

fn mixed(key: &str, contract: &Contract, first: &Group, second: &Group) -> Error {
    let files = [first, second].map(|group| &contract.files[group.files[0]]);
    let kind = |index: usize, name: &str| {
        let file = files[index];
        let column = file.columns.iter().find(|column| column.name == name);
        column.map(|column| format!("{} in `{}`", column.kind, file.path.display()))
    };
    let differences = contract.columns.iter().filter_map(|column| {
        let found = [kind(0, &column.name)?, kind(1, &column.name)?];
        let [a, b] = files.map(|file| file.columns.iter().find(|other| other.name == column.name).map(|c| &c.kind));
        (a != b).then(|| format!("`{}`: {}", column.name, found.join(", ")))
    });
    Error::config(format!("`{key}` cannot compare files whose columns differ in type"))
        .causes(differences)
        .hint("write these columns with one type in all files, or take repeats out before")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> DataFrame {
        df!(
            "k" => [Some(1), Some(1), Some(2), Some(2), None, None],
            "v" => [Some(5.0), Some(5.0), None, Some(7.0), Some(1.0), Some(0.5)],
            role::ROW => [0_u32, 1, 2, 3, 4, 5],
        )
        .unwrap()
    }

    fn numbers_left(repeats: &Repeats) -> Vec<u32> {
        let left = repeats
            .leave_out(frame().lazy(), &["k", "v"])
            .collect_with_engine(Engine::Streaming)
            .unwrap()
            .unwrap_single();
        let mut numbers: Vec<u32> = left.column(role::ROW).unwrap().u32().unwrap().iter().flatten().collect();
        numbers.sort_unstable();
        numbers
    }

    #[test]
    fn whole_repeats_leave_their_first_row() {
        assert_eq!(numbers_left(&Repeats::Rows), [0, 2, 3, 4, 5]);
    }

    #[test]
    fn of_rows_with_one_key_the_first_by_all_columns_is_left_and_gaps_come_last() {
        // Key 1: equal rows 0 and 1; key 2: 7.0 before null; null keys agree: 0.5 before 1.0.
        assert_eq!(numbers_left(&Repeats::Keys(vec!["k".into()])), [0, 3, 5]);
    }
}
