//! `campaign_summary`: what a selection is expected to bring, and what the budget cut off.

use polars::prelude::*;

use super::{CAMPAIGN, GROUP, GROUP_BY, Group, Stamp, counts, groups, numbers, texts};
use crate::schema::{ColumnType, TableEntry, column};

#[rustfmt::skip]
pub const TABLE: TableEntry = TableEntry {
    name: "campaign_summary",
    one_row_per: "campaign, segment and cell: contacts, cost, expected profit, what the budget cut off",
    published_with: "`campaign select`",
    meaning: "One row for the campaign, then one per segment and one per cell that has a candidate. Candidates are those who are left after segments, cells, filter and exclusions; they are `targets`, `control`, `cut_off` or `not_worth`. Sorted by group_by (campaign, segment, cell), then group.",
    columns: &[
        CAMPAIGN,
        GROUP_BY,
        GROUP,
        column("candidates", ColumnType::Int64, "customers", "customers who could be contacted"),
        column("targets", ColumnType::Int64, "customers", "customers who are contacted"),
        column("control", ColumnType::Int64, "customers", "customers who are held back"),
        column("cut_off", ColumnType::Int64, "customers", "candidates worth a contact whom the budget does not reach"),
        column("not_worth", ColumnType::Int64, "customers", "candidates whose contact is not expected to pay for itself; 0 with the goal `people`"),
        column("cost", ColumnType::Double, "money", "cost of the targets"),
        column("expected_responses", ColumnType::Double, "customers", "sum of expected_response of the targets"),
        column("expected_response_rate", ColumnType::Double, "0..1", "its mean; null without targets"),
        column("break_even_rate", ColumnType::Double, "0..1", "mean cost of a contact by profit per response: the rate of responses that pays for the contacts; null without targets or a profit per response"),
        column("expected_profit", ColumnType::Double, "money", "sum of expected_profit of the targets; null without a profit per response"),
        column("expected_roi", ColumnType::Double, "", "expected_profit by cost; null where nothing is spent"),
        column("cut_off_profit", ColumnType::Double, "money", "expected profit of those who are cut off; null without a profit per response"),
    ],
};

/// What is summed of a group.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sums {
    /// Who could be contacted.
    pub candidates: u64,
    /// Who is.
    pub targets: u64,
    /// Who is held back.
    pub control: u64,
    /// Whose contact does not pay for itself.
    pub not_worth: u64,
    /// Of the targets, millionths.
    pub cost: i128,
    /// Of the targets.
    pub responses: f64,
    /// Of the targets.
    pub profit: f64,
    /// Of those whom the budget does not reach.
    pub cut_off_profit: f64,
}

impl Sums {
    /// Those whom the budget does not reach.
    #[must_use]
    pub const fn cut_off(&self) -> u64 {
        self.candidates - self.targets - self.control - self.not_worth
    }
}

/// The table of these groups; `profit_per_response` is none where it is not known.
///
/// # Errors
/// A Polars error where a column is missing, which would be a bug.
pub fn table(stamp: &Stamp, rows: &[(Group, Sums)], profit_per_response: Option<f64>) -> PolarsResult<DataFrame> {
    use crate::campaigns::cost::major;
    use crate::campaigns::{number, verdict::break_even};
    let sums = || rows.iter().map(|(_, sums)| sums);
    let has_profit = |value: f64| profit_per_response.map(|_| value);
    let per_target = |sums: &Sums, value: f64| (sums.targets > 0).then(|| value / number(sums.targets));
    let even = |sums: &Sums| {
        let cost = per_target(sums, major(sums.cost))?;
        break_even(cost, profit_per_response?)
    };
    let roi = |sums: &Sums| has_profit(sums.profit).filter(|_| sums.cost > 0).map(|profit| profit / major(sums.cost));
    let [by, group] = groups(rows.iter().map(|(group, _)| group));
    let columns = vec![
        texts(CAMPAIGN.name, rows.iter().map(|_| stamp.campaign.as_str())),
        by,
        group,
        counts("candidates", sums().map(|sums| sums.candidates)),
        counts("targets", sums().map(|sums| sums.targets)),
        counts("control", sums().map(|sums| sums.control)),
        counts("cut_off", sums().map(Sums::cut_off)),
        counts("not_worth", sums().map(|sums| sums.not_worth)),
        numbers("cost", sums().map(|sums| Some(major(sums.cost)))),
        numbers("expected_responses", sums().map(|sums| Some(sums.responses))),
        numbers("expected_response_rate", sums().map(|sums| per_target(sums, sums.responses))),
        numbers("break_even_rate", sums().map(even)),
        numbers("expected_profit", sums().map(|sums| has_profit(sums.profit))),
        numbers("expected_roi", sums().map(roi)),
        numbers("cut_off_profit", sums().map(|sums| has_profit(sums.cut_off_profit))),
    ];
    stamp.table(&TABLE, columns, rows.len())
}
