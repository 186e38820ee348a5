//! `campaign_test`: how many of each cell are in a test, and how many it needs.

use polars::prelude::*;

use super::{CAMPAIGN, GROUP, GROUP_BY, Group, Stamp, counts, groups, numbers, texts};
use crate::campaigns::number;
use crate::schema::{ColumnType, TableEntry, column};

#[rustfmt::skip]
pub const TABLE: TableEntry = TableEntry {
    name: "campaign_test",
    one_row_per: "campaign, segment and cell: customers in a test, and how many its precision needs",
    published_with: "`campaign test`",
    meaning: "One row for the campaign, then one per segment and one per cell. Sorted by group_by (campaign, segment, cell), then group.",
    columns: &[
        CAMPAIGN,
        GROUP_BY,
        GROUP,
        column("candidates", ColumnType::Int64, "customers", "customers who could be contacted"),
        column("targets", ColumnType::Int64, "customers", "customers in the test: every n-th of the list by cell and id"),
        column("step", ColumnType::Double, "", "candidates by targets; null without targets"),
        column("needed", ColumnType::Int64, "customers", "how many a test of this group alone needs for `campaign.expected_rate`, `campaign.error` and `campaign.confidence`; null where these are not set"),
        column("is_enough", ColumnType::Boolean, "", "whether there are so many targets; null as needed"),
    ],
};

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    /// Of which group.
    pub group: Group,
    /// Who could be contacted.
    pub candidates: u64,
    /// Who is in the test.
    pub targets: u64,
    /// How many it needs.
    pub needed: Option<u64>,
}

impl Tested {
    /// Whether there are enough.
    #[must_use]
    pub fn is_enough(&self) -> Option<bool> {
        self.needed.map(|needed| self.targets >= needed)
    }
}

/// The table.
///
/// # Errors
/// A Polars error where a column is missing, which would be a bug.
pub fn table(stamp: &Stamp, rows: &[Tested]) -> PolarsResult<DataFrame> {
    let [by, group] = groups(rows.iter().map(|row| &row.group));
    let step = |row: &Tested| (row.targets > 0).then(|| number(row.candidates) / number(row.targets));
    let needed = rows.iter().map(|row| row.needed.map(|needed| i64::try_from(needed).unwrap_or(i64::MAX)));
    let is_enough = rows.iter().map(Tested::is_enough);
    let columns = vec![
        texts(CAMPAIGN.name, rows.iter().map(|_| stamp.campaign.as_str())),
        by,
        group,
        counts("candidates", rows.iter().map(|row| row.candidates)),
        counts("targets", rows.iter().map(|row| row.targets)),
        numbers("step", rows.iter().map(step)),
        Int64Chunked::from_iter_options("needed".into(), needed).into_column(),
        BooleanChunked::from_iter_options("is_enough".into(), is_enough).into_column(),
    ];
    stamp.table(&TABLE, columns, rows.len())
}
