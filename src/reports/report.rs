//! What a report is: its columns, when it is made, and how.
//!
//! Lives here: the types, and making a table by them. Does not live here: any report (`tables`).

use std::fmt;
use std::ops::Range;

use polars::prelude::*;

use super::findings::Findings;
use super::finish;
use crate::schema::{AddedColumns, ColumnEntry, PublishedColumn, TableEntry};
use crate::values::Values;

/// One published table.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    /// Its columns, and what a reader should know of them.
    pub table: TableEntry,
    /// Where the dictionary describes it.
    pub chapter: Chapter,
    /// Whether this run publishes it.
    pub when: fn(&Findings) -> bool,
    /// How often its column `customers` counts each customer; none where it has no such column, or leaves some out.
    pub times_counted: Option<fn(&Findings) -> usize>,
    /// Columns that settings add behind its own, in their order.
    pub added: &'static [Added],
    /// How its rows are made.
    pub make: Make,
}

/// A part of the dictionary: what the same settings ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Chapter {
    /// What every run publishes.
    EveryRun,
    /// Further scorings, frozen breaks and clusters.
    Scoring,
    /// Groups of customers: `score.by` and `reports.by`.
    Groups,
    /// Several inputs.
    Inputs,
    /// `[predict]` with a model.
    Predictions,
    /// `predict.holdout_days`.
    Holdout,
    /// Single settings of `[predict]`.
    PredictionsOnRequest,
    /// Lifetime values without a model.
    PlainValue,
    /// `predict.profits`.
    Profits,
    /// `[social]`.
    Social,
    /// `[customers]`.
    Members,
    /// What is computed over time.
    OverTime,
    /// What stands last in its table.
    LastColumn,
}

/// Columns that settings add behind those of a table.
#[derive(Debug, Clone, Copy)]
pub struct Added {
    /// Where the dictionary describes them.
    pub chapter: Chapter,
    /// The columns.
    pub columns: AddedColumns,
    /// Whether this run publishes one of them.
    pub when: fn(&Findings, &ColumnEntry) -> bool,
}

/// How the rows of a table are made. Money comes as minor units, dates as days since 1970-01-01.
#[derive(Clone, Copy)]
pub enum Make {
    /// A plan over the cube.
    OverCube(fn(&LazyFrame, &Findings) -> PolarsResult<LazyFrame>),
    /// A few rows, from the findings.
    Small(fn(&Findings) -> PolarsResult<LazyFrame>),
    /// Rows for every customer.
    PerRow(PerRow),
}

/// A table with rows for every customer, made a slice of a column at a time: its columns are never all in memory.
#[derive(Clone, Copy)]
pub struct PerRow {
    /// The numbers of rows of its sections, which follow one another; no row group spans two.
    pub sections: fn(&Findings) -> Vec<usize>,
    /// Some rows of a column.
    pub values: for<'a> fn(&'a Findings, &PublishedColumn, Range<usize>) -> PolarsResult<Values<'a>>,
    /// Whether the columns of the input that are carried along (`columns.attributes`) stand before the last one.
    pub has_attributes: bool,
}

impl Report {
    /// Its columns in this run, after `as_of`.
    #[must_use]
    pub fn columns(&self, findings: &Findings) -> Vec<PublishedColumn> {
        let horizons = findings.predictions.as_ref().map_or(&[][..], |predictions| &predictions.terms.names);
        let added = |added: &'static Added| {
            added.columns.columns.iter().filter(|column| (added.when)(findings, column)).collect::<Vec<_>>()
        };
        let entries = self.table.columns.iter().chain(self.added.iter().flat_map(added));
        entries.flat_map(|entry| entry.published(horizons)).collect()
    }

    /// The table, typed as published; none of one with rows for every customer.
    ///
    /// # Errors
    /// A Polars error where a plan fails, which would be a bug.
    #[expect(clippy::disallowed_methods, reason = "a small table over the cube, in memory already")]
    pub fn small_table(&self, cube: &LazyFrame, findings: &Findings) -> PolarsResult<Option<DataFrame>> {
        let plan = match self.make {
            Make::OverCube(plan) => plan(cube, findings)?,
            Make::Small(plan) => plan(findings)?,
            Make::PerRow(_) => return Ok(None),
        };
        finish::finish(&plan.collect()?, &self.columns(findings), findings.form()).map(Some)
    }
}

impl PerRow {
    /// The rows `rows` of one of the table's columns, typed as published.
    ///
    /// # Errors
    /// A Polars error for a column that the table does not have, which would be a bug.
    pub fn slice<'a>(
        &self,
        findings: &'a Findings,
        column: &PublishedColumn,
        rows: Range<usize>,
    ) -> PolarsResult<Values<'a>> {
        if findings.customers.known.lacks_for(column.entry.name).is_some() {
            return finish::unknown(column, rows.len(), findings.form()).map(Values::Plain);
        }
        finish::typed_values((self.values)(findings, column, rows)?, column.entry.kind, findings.form())
    }
}

impl fmt::Debug for Make {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::OverCube(_) => "OverCube",
            Self::Small(_) => "Small",
            Self::PerRow(_) => "PerRow",
        })
    }
}

/// The condition of a report that every run publishes.
pub(super) const fn every_run(_: &Findings) -> bool {
    true
}

/// Each customer is counted once.
pub(super) const fn once(_: &Findings) -> usize {
    1
}
