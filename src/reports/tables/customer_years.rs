//! `customer_years`: lifetime values by the plain formula, of what was.

use std::ops::Range;

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::ids;
use crate::reports::report::{Added, Chapter, Make, PerRow, Report};
use crate::schema::{AddedColumns, ColumnType, PublishedColumn, TableEntry, column};
use crate::values::Values;

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "customer_years",
    one_row_per: "customer and year since their first purchase",
    published_with: "`predict.by_year`",
    meaning: "Only with `predict.by_year`: per customer and year of their own that has money or a purchase. Year n begins on the (n-1)st anniversary of their first purchase (29 February: 1 March in common years); all orders up to `as_of` count whatever the window, those before the first purchase in year 1. The years of a customer sum to their revenue over all days. Sorted by customer_id, then year.",
    columns: &[
        column("customer_id", ColumnType::Id, "", "the customer"),
        column("year", ColumnType::Int32, "years", "1, 2, ..: whole years since their first purchase, by the calendar, plus one"),
        column("orders", ColumnType::Int64, "orders", "purchases in that year"),
        column("revenue", ColumnType::Money, "", "the money of all orders of that year, returns too; below zero where these are more"),
        column("profit", ColumnType::Double, "money", "revenue times `predict.margin`"),
        column("historical_ltv", ColumnType::Double, "money", "profits of their years up to this one, each discounted to their first day at the end of its year, less `predict.acquisition_cost`"),
    ],
};

const OF_PAIRS: AddedColumns =
    AddedColumns { name: TABLE.name, meaning: "With `customers.per`: the last column.", columns: ids::OF_PAIRS };

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::PlainValue,
    when: |findings| findings.years.is_some(),
    times_counted: None,
    added: &[Added {
        chapter: Chapter::Groups,
        columns: OF_PAIRS,
        when: |findings, _| findings.customers.pairs.is_some(),
    }],
    make: Make::PerRow(PerRow { sections, values, has_attributes: false }),
};

fn sections(findings: &Findings) -> Vec<usize> {
    findings.years.iter().map(|(years, _)| years.rows.len()).collect()
}

/// The rows `rows` of a column of `customer_years`, before typing.
///
/// # Errors
/// A Polars error for a column that the table does not have, which would be a bug.
fn values<'a>(findings: &'a Findings, column: &PublishedColumn, rows: Range<usize>) -> PolarsResult<Values<'a>> {
    let name = column.entry.name;
    let (years, money) = findings.years.as_ref().ok_or_else(|| polars_err!(ComputeError: "no years were noted"))?;
    let slice = &years.rows[rows.clone()];
    let column = PlSmallStr::from_str(name);
    let values = match name {
        "customer_id" => ids::column(findings, slice.iter().map(|year| year.row as usize)),
        "customer_per" => ids::per(findings, slice.iter().map(|year| year.row as usize)),
        "year" => Column::new(column, slice.iter().map(|year| year.year).collect::<Vec<_>>()),
        "orders" => Column::new(column, slice.iter().map(|year| i64::from(year.orders)).collect::<Vec<_>>()),
        "revenue" => Column::new(column, slice.iter().map(|year| year.amount).collect::<Vec<_>>()),
        "profit" => Column::new(column, slice.iter().map(|year| money.profit(year)).collect::<Vec<_>>()),
        "historical_ltv" => Column::new(column, rows.map(|index| money.value(years.up_to(index))).collect::<Vec<_>>()),
        _ => polars_bail!(ColumnNotFound: "customer_years has no column `{name}`"),
    };
    Ok(Values::Plain(values))
}
