//! The lazy scan: the only place that makes one.
//!
//! Lives here: files of one shape scanned together, only the needed columns, under the names of their roles; the
//! user's filter. Does not live here: executing it (`run`), or judging rows (`clean`).

use std::collections::HashMap;
use std::sync::Arc;

use polars::prelude::*;
use polars_io::RowIndex;
use polars_io::prelude::{HiveOptions, ParquetOptions};
use polars_plan::dsl::{
    CastColumnsPolicy, DslBuilder, ExtraColumnsPolicy, MissingColumnsPolicy, ScanSources, UnifiedScanArgs,
};

use super::contract::Contract;
use super::kinds::ColumnKind;
use super::needs::Role;
use super::options::InputOptions;
use crate::clean::judge::role;
use crate::error::{Error, Result};

/// Files that agree in the types of the needed columns and can be scanned as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Places in [`Contract::files`], ascending.
    pub files: Vec<usize>,
    /// Rows of these files, as the footers say.
    pub rows: u64,
}

impl Group {
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
/// so that nothing is cast before its range is known. Empty files belong to no group.
#[must_use]
pub fn groups(contract: &Contract) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<Vec<Option<&ColumnKind>>, usize> = HashMap::new();
    for (place, file) in contract.files.iter().enumerate().filter(|(_, file)| file.rows > 0) {
        let kind_of = |name: &str| file.columns.iter().find(|column| column.name == name).map(|column| &column.kind);
        let shape = contract.columns.iter().map(|column| kind_of(&column.name)).collect();
        let group = *known.entry(shape).or_insert_with(|| {
            groups.push(Group { files: Vec::new(), rows: 0 });
            groups.len() - 1
        });
        groups[group].files.push(place);
        groups[group].rows += file.rows;
    }
    groups
}

/// The lazy frame of one group: the columns that have a role, under the names of [`role`], and the row's number.
///
/// # Errors
/// A source error where a path is not UTF-8, or the engine refuses the plan.
pub fn scan(contract: &Contract, group: &Group, options: &InputOptions, filter: Option<&Filter>) -> Result<LazyFrame> {
    let sources = sources(contract, group)?;
    let parquet = ParquetOptions { use_statistics: options.trust_statistics, ..ParquetOptions::default() };
    let args = UnifiedScanArgs {
        glob: false,
        hive_options: HiveOptions {
            enabled: Some(options.hive_partitions),
            hive_start_idx: 0,
            schema: None,
            try_parse_dates: true,
        },
        cast_columns_policy: CastColumnsPolicy { null_upcast: true, ..CastColumnsPolicy::ERROR_ON_MISMATCH },
        missing_columns_policy: MissingColumnsPolicy::Raise,
        extra_columns_policy: ExtraColumnsPolicy::Ignore,
        row_index: row_index(group),
        ..UnifiedScanArgs::default()
    };
    let plan = DslBuilder::scan_parquet(sources, parquet, args)
        .map_err(|error| Error::source("the input cannot be scanned").cause(error))?
        .build();
    let mut frame = LazyFrame::from(plan);
    if let Some(filter) = filter {
        frame = frame.filter(filter.0.clone());
    }
    Ok(frame.select(selection(contract, group)))
}

/// The engine numbers rows with 32 bits; beyond that the quarantine goes without row numbers.
fn row_index(group: &Group) -> Option<RowIndex> {
    (group.rows < u64::from(IdxSize::MAX)).then(|| RowIndex { name: role::ROW.into(), offset: 0 })
}

fn sources(contract: &Contract, group: &Group) -> Result<ScanSources> {
    let paths: Result<Vec<PlRefPath>> = group
        .files
        .iter()
        .map(|place| {
            let path = &contract.files[*place].path;
            PlRefPath::try_from_path(path).map_err(|_| {
                Error::source(format!("`{}` has a name that is not UTF-8", path.display())).hint("rename it")
            })
        })
        .collect();
    Ok(ScanSources::Paths(paths?.into_iter().collect()))
}

fn selection(contract: &Contract, group: &Group) -> Vec<Expr> {
    let roles = [
        (Role::CustomerId, role::CUSTOMER),
        (Role::OrderId, role::ORDER),
        (Role::OrderTs, role::TIME),
        (Role::Amount, role::AMOUNT),
        (Role::Quantity, role::QUANTITY),
        (Role::UnitPrice, role::UNIT_PRICE),
    ];
    let mut selection: Vec<Expr> = roles
        .into_iter()
        .filter_map(|(role, name)| contract.column(role).map(|column| col(column.name.as_str()).alias(name)))
        .collect();
    if row_index(group).is_some() {
        selection.push(col(role::ROW));
    }
    selection
}

/// The user's row filter, parsed.
#[derive(Debug, Clone)]
pub struct Filter(Expr);

impl Filter {
    /// Parses a SQL condition.
    ///
    /// # Errors
    /// A config error where it is no SQL expression, or sums over rows.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |cause: String| {
            Error::config(format!("`input.filter` is no SQL condition: `{text}`"))
                .cause(cause)
                .hint("write a condition on the input's columns, such as `event_type = 'purchase' AND country = 'DE'`")
        };
        let expression = polars::sql::sql_expr(text).map_err(|error| wrong(error.to_string()))?;
        let looks_beyond_the_row = polars_plan::utils::has_expr(&expression, |part| {
            matches!(part, Expr::Agg(_) | Expr::Over { .. } | Expr::Len)
        });
        if looks_beyond_the_row {
            return Err(wrong("it looks beyond the row: sums, counts and windows are not allowed".into()));
        }
        Ok(Self(expression))
    }

    /// The columns that it reads.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let mut names: Vec<String> =
            polars_plan::utils::expr_to_leaf_column_names_iter(&self.0).map(|name| name.to_string()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// The empty frame that a batch leaves behind once it is folded.
#[must_use]
pub fn nothing() -> (DataFrame, SchemaRef) {
    (DataFrame::empty(), Arc::new(Schema::default()))
}
