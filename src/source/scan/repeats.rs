//! Which rows repeat others: whole rows, or rows with one key.
//!
//! Lives here: what the settings ask for, whether the files allow it, and the plan that keeps one row of each key.
//! Does not live here: the comparison of whole rows (`passes::repeats`), and what becomes of repeats (`clean::judge`).

use polars::prelude::*;

use super::filter::Filter;
use super::repeated_rows::starts;
use super::whole_rows::WholeRows;
use super::{Group, filtered, names, partition_columns, readings, row_index};
use crate::batch::role;
use crate::clean::options::CleanOptions;
use crate::error::{Error, Result};
use crate::source::contract::{Agreed, Contract};
use crate::source::footers::FileFooter;
use crate::source::kinds::ColumnKind;
use crate::source::options::InputOptions;

/// Which rows are repeats, and what is done with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repeats {
    /// Rows that agree in every column; they are counted and kept.
    Counted(WholeRows),
    /// Rows that agree in every column; they are left out.
    Rows(WholeRows),
    /// All rows of a key but one; they are left out.
    Keys(Keys),
}

/// Rows with one key, of which one is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    columns: Vec<String>,
    /// The column whose greatest value is that of the row that is kept.
    latest_by: Option<String>,
}

impl Repeats {
    /// The repeats that the settings ask for.
    ///
    /// # Errors
    /// A config error where a column cannot be read, of whole rows; where files differ in the types of the columns so that a cast
    /// could make different values equal, of rows with one key. The same where there are more rows than can be told apart.
    pub fn wanted(
        options: &CleanOptions,
        contract: &Contract,
        groups: &[Group],
        threads: usize,
    ) -> Result<Option<Self>> {
        let whole = |key: &str| WholeRows::of(contract, groups, key, threads);
        let repeats = match (options.dedupe_keys.as_slice(), options.dedupe, options.count_repeats) {
            ([], false, false) => return Ok(None),
            ([], false, true) => return Ok(Some(Self::Counted(whole("clean.count_repeats")?))),
            ([], true, _) => Self::Rows(whole("clean.dedupe")?),
            (columns, ..) => {
                refuse_inexact("clean.dedupe_keys", contract, groups)?;
                let latest_by = options.dedupe_latest_by.clone();
                Self::Keys(Keys { columns: columns.to_vec(), latest_by })
            }
        };
        let key = if options.dedupe_keys.is_empty() { "clean.dedupe" } else { "clean.dedupe_keys" };
        // Rows with one key are numbered through all groups, whole rows within each.
        let all = groups.iter().map(|group| group.rows).sum();
        let too_many = match &repeats {
            Self::Keys(_) => Some(all).filter(|rows| *rows >= u64::from(IdxSize::MAX)),
            _ => groups.iter().find(|group| row_index(group).is_none()).map(|group| group.rows),
        };
        match too_many {
            Some(rows) => Err(Error::config(format!("`{key}` cannot compare so many rows"))
                .cause(format!("found {rows}, expected fewer than {}", IdxSize::MAX))
                .hint("take repeats out before")),
            None => Ok(Some(repeats)),
        }
    }

    /// Whether they are left out, and not only counted.
    #[must_use]
    pub const fn are_left_out(&self) -> bool {
        !matches!(self, Self::Counted(_))
    }

    /// Whether they are chosen among all rows, and the filter applies to those that are left.
    #[must_use]
    pub const fn come_before_the_filter(&self) -> bool {
        matches!(self, Self::Keys(Keys { latest_by: Some(_), .. }))
    }
}

impl Keys {
    /// The key of each row and its number through all groups, of the rows that meet the filter; of all where the latest are
    /// kept.
    ///
    /// # Errors
    /// As [`super::scan`].
    pub(crate) fn keys_alone(
        &self,
        contract: &Contract,
        groups: &[Group],
        options: &InputOptions,
        filter: Option<&Filter>,
    ) -> Result<LazyFrame> {
        let frame = self.rows(contract, groups, options, filter)?;
        Ok(frame.select(self.columns.iter().map(|name| named(name)).chain([col(role::ROW)]).collect::<Vec<Expr>>()))
    }

    /// The columns that make a key.
    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The numbers of the rows that are kept, of those of [`Self::keys_alone`] that `narrow` leaves of a batch.
    ///
    /// # Errors
    /// As [`super::scan`].
    pub(crate) fn kept(
        &self,
        contract: &Contract,
        groups: &[Group],
        options: &InputOptions,
        filter: Option<&Filter>,
        narrow: impl Fn(DataFrame) -> PolarsResult<DataFrame> + Send + Sync + 'static,
    ) -> Result<LazyFrame> {
        let frame = self.rows(contract, groups, options, filter)?;
        let is_float = |name: &str| {
            let column = contract.columns.iter().find(|column| column.name == name);
            column.is_some_and(|column| matches!(column.kind, ColumnKind::Float32 | ColumnKind::Float64))
        };
        let is_float = self.latest_by.as_deref().is_some_and(is_float);
        let columns = names(contract);
        let (frame, order, descending) = self.ordered(frame, &columns, is_float);
        Ok(self.first_of_each(frame.map(narrow, OptFlags::STREAMING, None, Some("narrow")), order, descending))
    }

    /// All rows that are compared, in the columns that the run reads, with their numbers.
    fn rows(
        &self,
        contract: &Contract,
        groups: &[Group],
        options: &InputOptions,
        filter: Option<&Filter>,
    ) -> Result<LazyFrame> {
        let filter = filter.filter(|_| self.latest_by.is_none());
        let keys = partition_columns::keys(contract);
        let frame = |(group, start): (&Group, u64)| {
            let frame = filtered(contract, group, options, filter, (&keys, None))?;
            if groups.len() == 1 {
                return Ok(frame);
            }
            let mut columns = readings::in_one_type(contract);
            let start = IdxSize::try_from(start).unwrap_or(IdxSize::MAX);
            columns.push((col(role::ROW) + lit(start)).alias(role::ROW));
            Ok(frame.select(columns))
        };
        let mut frames = groups.iter().zip(starts(groups)).map(frame).collect::<Result<Vec<LazyFrame>>>()?;
        match (frames.pop(), frames.is_empty()) {
            (Some(only), true) => Ok(only),
            (None, _) => Ok(DataFrame::empty().lazy()),
            (Some(last), false) => {
                frames.push(last);
                let all = concat(frames, UnionArgs::default());
                all.map_err(|error| Error::source("the input cannot be scanned").cause(error))
            }
        }
    }

    /// The columns that decide which row of a key is kept, in their order, and which of them descend. `columns` are all that the
    /// run reads; `is_float`: the latest are chosen by a float, of which NaN is no value.
    fn ordered(&self, frame: LazyFrame, columns: &[&str], is_float: bool) -> (LazyFrame, Vec<Expr>, Vec<bool>) {
        let keys: Vec<Expr> = self.columns.iter().map(|name| named(name)).collect();
        let mut order = keys.clone();
        let mut descending = vec![false; keys.len()];
        let frame = match &self.latest_by {
            Some(latest) => {
                let value = named(latest);
                let value =
                    if is_float { when(value.clone().is_nan()).then(NULL.lit()).otherwise(value) } else { value };
                order.push(col(role::LATEST));
                descending.push(true);
                frame.with_column(value.alias(role::LATEST))
            }
            None => frame,
        };
        order
            .extend(columns.iter().filter(|name| !self.columns.iter().any(|key| key == *name)).map(|name| named(name)));
        order.push(col(role::ROW));
        descending.resize(order.len(), false);
        (frame.select(order.clone()), order, descending)
    }

    /// The row numbers of the first row of each key.
    fn first_of_each(&self, frame: LazyFrame, order: Vec<Expr>, descending: Vec<bool>) -> LazyFrame {
        let mut keys: Vec<Expr> = self.columns.iter().map(|name| named(name)).collect();
        // Nulls last: of a whole row and one with gaps, the whole one is kept.
        let options = SortMultipleOptions::default().with_nulls_last(true).with_order_descending_multi(descending);
        let mut frame = frame.sort_by_exprs(order, options);
        // The engine compares one decimal alone as a type that it is built without here, and several columns by their bytes.
        if self.is_one_decimal(&mut frame) {
            frame = frame.with_column(lit(0).alias(SAME));
            keys.push(col(SAME));
        }
        frame.unique_stable_generic(Some(keys), UniqueKeepStrategy::First).select([col(role::ROW)])
    }

    fn is_one_decimal(&self, frame: &mut LazyFrame) -> bool {
        let [key] = self.columns.as_slice() else { return false };
        frame.collect_schema().is_ok_and(|schema| schema.get(key).is_some_and(DataType::is_decimal))
    }
}

/// Stands next to a key of one column, the same in every row.
const SAME: &str = "\u{0}same";

/// A column by its name as it stands: `*` and `^a$` are names, too.
fn named(name: &str) -> Expr {
    Expr::Column(name.into())
}

/// Refuses columns that are floats in some files and other numbers, or floats of another width, in others: as floats of one
/// width, different numbers may be equal, and equal ones differ.
fn refuse_inexact(key: &str, contract: &Contract, groups: &[Group]) -> Result<()> {
    let files = || groups.iter().flat_map(|group| &group.files).map(|index| &contract.files[*index]);
    let is_float = |kind: &ColumnKind| matches!(kind, ColumnKind::Float32 | ColumnKind::Float64);
    let difference = |column: &Agreed| {
        let mut kinds = files().filter_map(|file| Some((file, &file.column(&column.name)?.kind)));
        let (first, kind) = kinds.clone().find(|(_, kind)| is_float(kind))?;
        let (other, other_kind) = kinds.find(|(_, other)| other.is_number() && *other != kind)?;
        let found = |file: &FileFooter, kind: &ColumnKind| format!("{kind} in `{}`", file.path.display());
        Some(format!("`{}`: {}, {}", column.name, found(first, kind), found(other, other_kind)))
    };
    let differences: Vec<String> = contract.columns.iter().filter_map(difference).collect();
    if differences.is_empty() {
        return Ok(());
    }
    Err(Error::config(format!("`{key}` cannot compare files whose columns differ in type"))
        .causes(differences)
        .hint("write these columns with one type in all files, or take repeats out before"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers_left(frame: DataFrame, latest_by: Option<&str>, is_float: bool) -> Vec<u32> {
        let keys = Keys { columns: vec!["k".into()], latest_by: latest_by.map(str::to_owned) };
        let (frame, order, descending) = keys.ordered(frame.lazy(), &["k", "v"], is_float);
        let left = keys.first_of_each(frame, order, descending);
        let left = left.collect_with_engine(Engine::Streaming).unwrap().unwrap_single();
        let mut numbers: Vec<u32> = left.column(role::ROW).unwrap().u32().unwrap().iter().flatten().collect();
        numbers.sort_unstable();
        numbers
    }

    fn frame() -> DataFrame {
        df!(
            "k" => [Some(1), Some(1), Some(2), Some(2), None, None],
            "v" => [Some(5.0), Some(5.0), None, Some(7.0), Some(1.0), Some(0.5)],
            role::ROW => [0_u32, 1, 2, 3, 4, 5],
        )
        .unwrap()
    }

    #[test]
    fn of_rows_with_one_key_the_first_by_all_columns_is_left_and_gaps_come_last() {
        // Key 1: equal rows 0 and 1; key 2: 7.0 before null; null keys agree: 0.5 before 1.0.
        assert_eq!(numbers_left(frame(), None, false), [0, 3, 5]);
    }

    #[test]
    fn the_greatest_value_is_the_latest_and_what_is_no_value_the_earliest() {
        // Key 2: 7.0 is later than null; null keys agree: 1.0 is later than 0.5.
        assert_eq!(numbers_left(frame(), Some("v"), true), [0, 3, 4]);
        let odd = df!("k" => [1, 1, 1], "v" => [f64::NAN, 2.0, -1.0], role::ROW => [0_u32, 1, 2]).unwrap();
        assert_eq!(numbers_left(odd, Some("v"), true), [1]);
    }

    /// Two rows of the latest time: the smaller by all columns, wherever it stands.
    #[test]
    fn of_two_latest_rows_the_first_by_all_columns_is_left() {
        for turned in [false, true] {
            let (values, row) = if turned { ([9.0, 3.0, 4.0], 1) } else { ([9.0, 4.0, 3.0], 2) };
            let rows = df!("k" => [1, 1, 1], "t" => [1, 2, 2], "v" => values, role::ROW => [0_u32, 1, 2]).unwrap();
            assert_eq!(numbers_left(rows, Some("t"), false), [row]);
        }
    }
}
