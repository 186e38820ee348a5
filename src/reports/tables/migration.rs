//! `migration`: who moved from which group to which since another date.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::finish::to_major;
use crate::reports::report::{Chapter, Make, Report};
use crate::schema::{ColumnEntry, ColumnType, TableEntry, column};
use crate::time::migration::{Sums, moves};
use crate::time::{Comparison, Move};

/// The first column of all tables that compare two dates.
pub(super) const COMPARED_WITH: ColumnEntry =
    column("compared_with", ColumnType::Date, "", "the earlier date; `as_of` is the later one");
pub(super) const BASIS: ColumnEntry = column(
    "basis",
    ColumnType::Text,
    "",
    "`frozen`: both dates by the breaks of the earlier one, so that moves are what customers did; `published`: each date by its own, as its tables have it",
);
pub(super) const BY: ColumnEntry = column(
    "by",
    ColumnType::Text,
    "",
    "what parts the customers (`compare.by`): `segment`, `octant`, or `stage` (of the map `lifecycle`)",
);

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "migration",
    one_row_per: "move: group on the earlier date, group on the later one",
    published_with: "`compare.with`, or `rfmetrics compare`",
    meaning: "Every pair of groups that occurs, and those who stayed. The rows of `published` sum to the customers of both `segments` tables, those of `frozen` to the earlier one's and to the customers of the later date. `frozen` is missing where the scores have no breaks (`ntile`, nested, ranks), and a warning says so. Sorted by basis, by, from_segment, to_segment.",
    columns: &[
        COMPARED_WITH,
        BASIS,
        BY,
        column("from_segment", ColumnType::Text, "", "their group on the earlier date: the key of a segment or stage, the code of an octant; `absent` for new customers"),
        column("to_segment", ColumnType::Text, "", "their group on the later date; `absent` for those without a purchase left, excluded, or out of a window of everything"),
        column("customers", ColumnType::Int64, "customers", "number of customers"),
        column("share_of_from", ColumnType::Double, "0..1", "share of all customers with this from_segment"),
        column("from_revenue", ColumnType::Money, "", "their revenue in the window of the earlier date; null for `absent`"),
        column("to_revenue", ColumnType::Money, "", "their revenue in the window of the later date; null for `absent`"),
        column("from_average_order_value", ColumnType::Double, "money", "from_revenue divided by their orders then; null without orders"),
        column("to_average_order_value", ColumnType::Double, "money", "to_revenue divided by their orders now; null without orders"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::OverTime,
    when: |findings| findings.compared.is_some(),
    times_counted: None,
    added: &[],
    make: Make::Small(plan),
};

/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let compared = findings.compared.as_ref().ok_or_else(|| polars_err!(ComputeError: "nothing was compared"))?;
    Ok(frame(&compared.comparison, findings.scale)?.lazy())
}

/// The moves, before typing.
///
/// # Errors
/// As [`plan`].
#[allow(clippy::cast_precision_loss, clippy::cast_possible_wrap)]
pub(crate) fn frame(comparison: &Comparison, scale: u8) -> PolarsResult<DataFrame> {
    let moves = moves(comparison);
    let texts = |text: fn(&Move) -> &str| moves.iter().map(text).collect::<Vec<_>>();
    let revenue = |sums: fn(&Move) -> Option<Sums>| {
        moves.iter().map(|own| sums(own).map(|sums| sums.revenue)).collect::<Vec<_>>()
    };
    let per_order = |sums: fn(&Move) -> Option<Sums>| {
        let per_order = |own: &Move| {
            sums(own).filter(|sums| sums.orders > 0).map(|sums| to_major(sums.revenue, scale) / sums.orders as f64)
        };
        moves.iter().map(per_order).collect::<Vec<_>>()
    };
    df!(
        "compared_with" => vec![comparison.before.as_of; moves.len()],
        "basis" => texts(|own| own.basis.name()),
        "by" => texts(|own| own.by.name()),
        "from_segment" => texts(|own| &own.from),
        "to_segment" => texts(|own| &own.to),
        "customers" => moves.iter().map(|own| own.customers as i64).collect::<Vec<_>>(),
        "share_of_from" => moves.iter().map(|own| own.customers as f64 / own.all_from as f64).collect::<Vec<_>>(),
        "from_revenue" => revenue(|own| own.before),
        "to_revenue" => revenue(|own| own.after),
        "from_average_order_value" => per_order(|own| own.before),
        "to_average_order_value" => per_order(|own| own.after),
    )
}
