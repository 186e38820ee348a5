//! The tables of campaigns: one file each, with its columns and how its rows become them.
//!
//! They are not made of the findings of a run, but of its published tables. Does not live here: what the figures mean (`campaigns`), who
//! is chosen, and publishing (`commands::campaign`).

pub mod campaign_gains;
pub mod campaign_results;
pub mod campaign_summary;
pub mod campaign_test;
pub mod targets;

use polars::prelude::*;

use super::finish;
use crate::publish::options::MoneyType;
use crate::schema::{AS_OF, ColumnEntry, ColumnType, TableEntry, column};

/// The tables, in the order of the dictionary.
pub const TABLES: &[&TableEntry] = &[
    &targets::TABLE,
    &campaign_summary::TABLE,
    &campaign_test::TABLE,
    &campaign_results::TABLE,
    &campaign_gains::TABLE,
];

/// What every row of a campaign's table has, and how its money is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The analysis date, days since 1970-01-01.
    pub as_of: i32,
    /// The name of the campaign.
    pub campaign: String,
    /// Decimals of money.
    pub scale: u8,
    /// How money is stored.
    pub money: MoneyType,
}

pub(crate) const CAMPAIGN: ColumnEntry = column("campaign", ColumnType::Text, "", "name of the campaign");
#[rustfmt::skip]
pub(crate) const GROUP_BY: ColumnEntry = column("group_by", ColumnType::Text, "", "what the row is of: `campaign` (all of it), `segment` or `cell`; the rows of each sum to the campaign");
#[rustfmt::skip]
pub(crate) const GROUP: ColumnEntry = column("group", ColumnType::Text, "", "the segment, the cell, or the name of the campaign");

impl Stamp {
    /// The first column of a table of so many rows.
    #[must_use]
    pub fn as_of(&self, rows: usize) -> Column {
        Column::new_scalar(AS_OF.name.into(), Scalar::new(DataType::Date, AnyValue::Date(self.as_of)), rows)
    }

    /// The table of these columns, which are those of its entry in any order: `as_of` first, each in its type.
    ///
    /// # Errors
    /// A Polars error where a column is missing or cannot have its type, which would be a bug.
    pub fn table(&self, entry: &TableEntry, columns: Vec<Column>, rows: usize) -> PolarsResult<DataFrame> {
        let frame = DataFrame::new(rows, columns)?;
        let mut finished = vec![self.as_of(rows)];
        for column in entry.columns {
            finished.push(finish::typed_as(frame.column(column.name)?, column.kind, self.scale, self.money)?);
        }
        DataFrame::new(rows, finished)
    }
}

/// Texts as a column.
pub(super) fn texts<'a>(name: &str, values: impl Iterator<Item = &'a str>) -> Column {
    StringChunked::from_iter_values(name.into(), values).into_column()
}

/// Counts as a column.
pub(super) fn counts(name: &str, values: impl Iterator<Item = u64>) -> Column {
    Int64Chunked::from_iter_values(name.into(), values.map(|count| i64::try_from(count).unwrap_or(i64::MAX)))
        .into_column()
}

/// Numbers as a column; null where there is none.
pub(super) fn numbers(name: &str, values: impl Iterator<Item = Option<f64>>) -> Column {
    Float64Chunked::from_iter_options(name.into(), values).into_column()
}

/// A group of customers, as tables name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// `campaign`, `segment` or `cell`.
    pub by: &'static str,
    /// Which one.
    pub name: String,
}

pub(super) fn groups<'a>(groups: impl Iterator<Item = &'a Group> + Clone) -> [Column; 2] {
    [
        texts(GROUP_BY.name, groups.clone().map(|group| group.by)),
        texts(GROUP.name, groups.map(|group| group.name.as_str())),
    ]
}
