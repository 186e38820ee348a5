//! `targets`: who is contacted, and who is held back.

use std::ops::Range;

use polars::prelude::*;

use super::{CAMPAIGN, Stamp};
use crate::customers::CustomerIds;
use crate::reports::ids;
use crate::schema::{AS_OF, ColumnType, TableEntry, column};
use crate::values::{Places, Values};

#[rustfmt::skip]
pub const TABLE: TableEntry = TableEntry {
    name: "targets",
    one_row_per: "customer of a campaign: who is contacted, and who is held back",
    published_with: "`campaign select`, `campaign test`",
    meaning: "One row per customer whom the campaign contacts or holds back. Sorted by rank. `targets.csv` next to it has the rows of group `target`.",
    columns: &[
        CAMPAIGN,
        column("customer_id", ColumnType::Id, "", "the customer, as in `customers`"),
        column("group", ColumnType::Text, "", "`target`: to be contacted; `control`: held back, so that what the contacts change can be measured"),
        column("segment", ColumnType::Text, "", "key of the segment"),
        column("cell", ColumnType::Text, "", "the scores as text; `-` for `prospects`, who have none"),
        column("rank", ColumnType::Int64, "rank", "1 is best: the order in which candidates were taken; of a test the order of cell and id"),
        column("expected_response", ColumnType::Double, "0..1", "expected rate of responses of a contact; null in a test"),
        column("expected_profit", ColumnType::Double, "money", "expected_response x profit per response x share that the contact causes - cost; 0 for the control; null in a test, and without a profit per response"),
        column("cost", ColumnType::Double, "money", "cost of the contact; 0 for the control and where no cost is set"),
    ],
};

/// A row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target {
    /// The customer among those that were read.
    pub row: u32,
    /// Whether they are held back.
    pub is_control: bool,
    /// The expected rate of responses.
    pub response: Option<f64>,
    /// The expected profit.
    pub profit: Option<f64>,
    /// The cost in major units.
    pub cost: f64,
}

/// Short texts of customers, each by its index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// The texts, each once.
    pub names: Vec<String>,
    /// Per customer the index of theirs.
    pub of: Vec<u32>,
}

impl Words {
    /// The text of a customer.
    #[must_use]
    pub fn word(&self, row: usize) -> &str {
        &self.names[self.of[row] as usize]
    }
}

/// All rows, in their order, and what they are of.
#[derive(Debug)]
pub struct Targets<'a> {
    /// What all rows have.
    pub stamp: &'a Stamp,
    /// The customers.
    pub ids: &'a CustomerIds,
    /// Their segments.
    pub segments: &'a Words,
    /// Their cells.
    pub cells: &'a Words,
    /// The rows.
    pub rows: &'a [Target],
}

impl Targets<'_> {
    /// The names and types of the columns.
    ///
    /// # Errors
    /// As [`Targets::values`].
    pub fn schema(&self) -> PolarsResult<Schema> {
        let mut schema = Schema::default();
        let names = std::iter::once(&AS_OF).chain(TABLE.columns);
        for (index, column) in names.enumerate() {
            schema.with_column(column.name.into(), self.values(0..0, index)?.dtype());
        }
        Ok(schema)
    }

    /// Some rows of a column, by its index; `as_of` is the first.
    ///
    /// # Errors
    /// A Polars error where there is no such column, which would be a bug.
    pub fn values(&self, range: Range<usize>, index: usize) -> PolarsResult<Values<'static>> {
        let rows = &self.rows[range.clone()];
        let words = |words: &Words| Values::Names {
            names: words.names.clone(),
            places: Places::U32(rows.iter().map(|target| words.of[target.row as usize]).collect()),
        };
        let fixed = |names: &[&str], place: &dyn Fn(&Target) -> u32| Values::Names {
            names: names.iter().map(ToString::to_string).collect(),
            places: Places::U32(rows.iter().map(place).collect()),
        };
        let number = |value: &dyn Fn(&Target) -> Option<f64>| {
            Values::Plain(Float64Chunked::from_iter_options(PlSmallStr::EMPTY, rows.iter().map(value)).into_column())
        };
        Ok(match index {
            0 => Values::Plain(self.stamp.as_of(rows.len())),
            1 => fixed(&[self.stamp.campaign.as_str()], &|_| 0),
            2 => Values::Plain(ids::of(self.ids, rows.iter().map(|target| target.row as usize))),
            3 => fixed(&["target", "control"], &|target| target.is_control.into()),
            4 => words(self.segments),
            5 => words(self.cells),
            6 => {
                let ranks = (range.start as u64 + 1..).take(rows.len());
                Values::Plain(super::counts("rank", ranks))
            }
            7 => number(&|target| target.response),
            8 => number(&|target| target.profit),
            9 => number(&|target| Some(target.cost)),
            _ => polars_bail!(ColumnNotFound: "column {index} of targets"),
        })
    }
}
