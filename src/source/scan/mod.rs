//! The lazy scan: the only code that makes one.
//!
//! Lives here: files of one shape scanned together, only the needed columns, under the names of their roles. Does not
//! live here: the user's filter (`filter`), executing the scan (`passes`), or judging rows (`clean`).

mod bytes;
pub mod filter;
mod key_check;
mod own_footers;
pub(crate) mod partition_columns;
mod readings;
pub mod repeated_rows;
pub mod repeats;
pub mod whole_rows;

use std::collections::HashMap;

use polars::prelude::*;
use polars_io::RowIndex;
use polars_io::prelude::{HiveOptions, ParquetOptions};
use polars_plan::dsl::{
    CastColumnsPolicy, DslBuilder, ExtraColumnsPolicy, MissingColumnsPolicy, ScanSources, UnifiedScanArgs,
};

use super::contract::needs::Role;
use super::contract::{Agreed, Contract};
use super::footers::{Column, FileFooter};
use super::kinds::{ColumnKind, TimeUnit as Ticks};
use super::options::{ColumnOptions, InputOptions};
use super::scan::filter::Filter;
use crate::batch::role;
use crate::error::{Error, Result};

/// Files that agree in the types of the needed columns and can be scanned as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Indices into [`Contract::files`], ascending.
    pub files: Vec<usize>,
    /// Rows of these files, as the footers say.
    pub rows: u64,
    /// Whether the engine cannot open these files by the footers that lie there.
    pub has_own_footers: bool,
}

impl Group {
    /// The files of all these groups.
    #[must_use]
    pub(crate) fn joined(groups: &[Self]) -> Self {
        Self {
            files: groups.iter().flat_map(|group| group.files.iter().copied()).collect(),
            rows: groups.iter().map(|group| group.rows).sum(),
            has_own_footers: groups.iter().any(|group| group.has_own_footers),
        }
    }

    /// The file, and the row in it, of a row of the scan.
    #[must_use]
    pub fn locate(&self, contract: &Contract, row: u64) -> Option<(usize, u64)> {
        let mut first = 0;
        for &file in &self.files {
            let rows = contract.files[file].rows;
            if row < first + rows {
                return Some((file, row - first));
            }
            first += rows;
        }
        None
    }
}

/// The files by the types of the needed columns: an `i32` file and an `i64` file are read in turn, each as it is,
/// so that nothing is cast before its range is known. Empty files, and files that the filter rules out by the names of
/// their directories, belong to no group.
#[must_use]
pub fn groups(contract: &Contract, filter: Option<&Filter>) -> Vec<Group> {
    let left = partition_columns::files_left(contract, filter);
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<(bool, Vec<Option<Shape<'_>>>), usize> = HashMap::new();
    let files = contract.files.iter().enumerate();
    for (index, file) in files.filter(|(index, file)| file.rows > 0 && left.contains(index)) {
        let columns: Vec<Option<&Column>> = contract.columns.iter().map(|column| file.column(&column.name)).collect();
        let is_restated = columns.iter().flatten().any(|column| column.is_restated);
        let has_own_footers = !file.opens || is_restated;
        let shape = columns.into_iter().map(|column| column.map(shape_of)).collect();
        let group = *known.entry((has_own_footers, shape)).or_insert_with(|| {
            groups.push(Group { files: Vec::new(), rows: 0, has_own_footers });
            groups.len() - 1
        });
        groups[group].files.push(index);
        groups[group].rows += file.rows;
    }
    groups
}

/// What the files of a group agree in: the name and the kind of a column, and how the engine reads it.
type Shape<'a> = (&'a str, &'a ColumnKind, bool, Option<Ticks>, bool);

fn shape_of(column: &Column) -> Shape<'_> {
    (&column.name, &column.kind, column.lacks_zone, column.engine_unit, column.is_dictionary)
}

/// Columns beyond those that make customers: a pass that needs none of them leaves them out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Further {
    /// The attributes, as [`role::attribute`] calls them.
    pub attributes: bool,
    /// The margin.
    pub margin: bool,
}

impl Further {
    /// Those that the settings name.
    #[must_use]
    pub fn of(columns: &ColumnOptions) -> Self {
        Self { attributes: !columns.attributes.is_empty(), margin: columns.margin.is_some() }
    }
}

/// Which rows and columns a scan gives, beyond the columns that have a role.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    /// Only rows that meet this.
    pub filter: Option<&'a Filter>,
    /// Rows that do not meet the filter, too, and whether each does: [`role::USED`].
    pub unused: bool,
    /// Rows that meet this, too, and whether each does: [`role::INTERACTION`], and [`role::USED`] where there is a filter.
    pub interactions: Option<&'a Filter>,
    /// Which further columns.
    pub further: Further,
}

/// The lazy frame of one group: the columns that have a role, under the names of [`role`], and the row's number.
///
/// # Errors
/// A source error where a path is not UTF-8, or the engine refuses the plan.
pub fn scan(contract: &Contract, group: &Group, options: &InputOptions, request: Request<'_>) -> Result<LazyFrame> {
    let mut frame = unfiltered(contract, group, options, &partition_columns::keys(contract), None)?;
    let [filter, interactions] = conditions(&mut frame, [request.filter, request.interactions])?;
    let either = match (&filter, &interactions) {
        _ if request.unused => None,
        (Some(filter), Some(interactions)) => Some(filter.clone().or(interactions.clone())),
        _ => filter.clone(),
    };
    if let Some(either) = either {
        frame = frame.filter(either);
    }
    let mut selection = selection(contract, group, options, request.further);
    if interactions.is_some() || request.unused {
        selection.extend(filter.map(|filter| filter.alias(role::USED)));
    }
    selection.extend(interactions.map(|interactions| interactions.alias(role::INTERACTION)));
    Ok(frame.select(selection))
}

/// The columns that are read, each once.
pub(crate) fn names(contract: &Contract) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for column in contract.columns.iter().filter(|column| column.expression.is_none()) {
        if !names.contains(&column.name.as_str()) {
            names.push(&column.name);
        }
    }
    names
}

/// The rows of a group that meet a filter, under the input's own names; `keys` of directories are columns. `columns`: those of the
/// files that are read; none for the needed ones.
fn filtered(
    contract: &Contract,
    group: &Group,
    options: &InputOptions,
    filter: Option<&Filter>,
    (keys, columns): (&[&str], Option<&[&str]>),
) -> Result<LazyFrame> {
    let mut frame = unfiltered(contract, group, options, keys, columns)?;
    let [condition, _] = conditions(&mut frame, [filter, None])?;
    Ok(match condition {
        Some(condition) => frame.filter(condition),
        None => frame,
    })
}

/// What filters are for the engine.
fn conditions(frame: &mut LazyFrame, filters: [Option<&Filter>; 2]) -> Result<[Option<Expr>; 2]> {
    if filters.iter().all(Option::is_none) {
        return Ok([None, None]);
    }
    let schema = frame.collect_schema().map_err(|error| Error::source("the input cannot be scanned").cause(error))?;
    Ok(filters.map(|filter| filter.map(|filter| filter.condition(&schema))))
}

/// The rows of a group, under the input's own names; `keys` of directories are columns. `columns` as for [`filtered`].
fn unfiltered(
    contract: &Contract,
    group: &Group,
    options: &InputOptions,
    keys: &[&str],
    columns: Option<&[&str]>,
) -> Result<LazyFrame> {
    let parquet = ParquetOptions { use_statistics: options.trust_statistics, ..ParquetOptions::default() };
    let doubles = key_check::doubles(contract, group);
    let needs_paths = !(keys.is_empty() && doubles.is_empty());
    let args = UnifiedScanArgs {
        glob: false,
        hive_options: HiveOptions::new_disabled(),
        cast_columns_policy: CastColumnsPolicy {
            null_upcast: true,
            // The zone is a way to display an instant, and a dictionary a way to store texts.
            datetime_convert_timezone: true,
            categorical_to_string: true,
            ..CastColumnsPolicy::ERROR_ON_MISMATCH
        },
        missing_columns_policy: MissingColumnsPolicy::Raise,
        extra_columns_policy: ExtraColumnsPolicy::Ignore,
        row_index: row_index(group),
        include_file_paths: needs_paths.then(|| role::PATH.into()),
        ..UnifiedScanArgs::default()
    };
    let frame = if group.has_own_footers {
        let needed = |file: &FileFooter| match columns {
            Some(columns) => columns.iter().map(|name| (*name).to_owned()).collect(),
            None => names(contract).into_iter().filter_map(|name| Some(file.column(name)?.name.clone())).collect(),
        };
        own_footers::scan(contract, group, &parquet, &args, &needed)?
    } else {
        let plan = DslBuilder::scan_parquet(sources(contract, group)?, parquet, args)
            .map_err(|error| Error::source("the input cannot be scanned").cause(error))?
            .build();
        LazyFrame::from(plan)
    };
    let frame = partition_columns::add(frame, contract, group, keys)?;
    let frame = key_check::add(frame, contract, group, &doubles)?;
    Ok(readings::as_agreed(frame, contract, group, options))
}

/// The error where the engine failed of values that are not what the files or the settings say they are; none for other failures.
#[must_use]
pub(crate) fn failure(cause: &str) -> Option<Error> {
    key_check::failure(cause).or_else(|| bytes::failure(cause))
}

/// The engine numbers rows with 32 bits; for larger groups the quarantine has no row numbers.
pub(super) fn row_index(group: &Group) -> Option<RowIndex> {
    (group.rows < u64::from(IdxSize::MAX)).then(|| RowIndex { name: role::ROW.into(), offset: 0 })
}

/// The path of a file as the engine takes it: its reader of files knows neither `.` nor `..`.
pub(super) fn path_of(file: &FileFooter) -> Result<PlRefPath> {
    let real = std::fs::canonicalize(&file.path)
        .map_err(|error| Error::source(format!("`{}` cannot be read", file.path.display())).cause(error))?;
    PlRefPath::try_from_path(&real)
        .map_err(|_| Error::source(format!("`{}` has a name that is not UTF-8", file.path.display())).hint("rename it"))
}

fn sources(contract: &Contract, group: &Group) -> Result<ScanSources> {
    let paths: Result<Vec<PlRefPath>> = group.files.iter().map(|index| path_of(&contract.files[*index])).collect();
    Ok(ScanSources::Paths(paths?.into_iter().collect()))
}

fn selection(contract: &Contract, group: &Group, options: &InputOptions, further: Further) -> Vec<Expr> {
    // A column as the file has it, or as it is computed.
    let values_of = |column: &Agreed| match &column.expression {
        Some(expression) => expression.values(),
        None => readings::as_stored(contract, group, &column.name, options),
    };
    let roles = [
        (Role::CustomerId, role::CUSTOMER),
        (Role::OrderTs, role::TIME),
        (Role::Amount, role::AMOUNT),
        (Role::Quantity, role::QUANTITY),
        (Role::UnitPrice, role::UNIT_PRICE),
        (Role::Currency, role::CURRENCY),
        (Role::Per, role::PER),
        (Role::RecencyDays, role::RECENCY_DAYS),
        (Role::Orders, role::ORDERS),
        (Role::FirstOrderDate, role::FIRST_ORDER),
        (Role::PurchaseDays, role::PURCHASE_DAYS),
        (Role::Transactions, role::TRANSACTIONS),
        (Role::LargestOrder, role::LARGEST_ORDER),
    ];
    let mut selection: Vec<Expr> = roles
        .into_iter()
        .filter_map(|(role, name)| contract.column(role).map(|column| values_of(column).alias(name)))
        .collect();
    let key: Vec<Expr> = contract.order_key().map(&values_of).collect();
    match key.as_slice() {
        [only] => selection.push(only.clone().alias(role::ORDER)),
        parts => {
            let parts = parts.iter().enumerate();
            selection.extend(parts.map(|(place, part)| part.clone().alias(role::order_part(place))));
        }
    }
    if row_index(group).is_some() {
        selection.push(col(role::ROW));
    }
    if further.attributes {
        let attributes = contract.attributes();
        selection.extend(
            attributes.map(|column| Expr::Column(column.name.as_str().into()).alias(role::attribute(&column.name))),
        );
    }
    if further.margin {
        let margin = contract.column(Role::Margin);
        selection.extend(margin.map(|column| values_of(column).alias(role::MARGIN)));
    }
    selection
}
