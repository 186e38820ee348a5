//! `planned_ltv`: lifetime value by the plain formula, of what is given.

use polars::prelude::*;

use crate::predict::PlannedYear;
use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report};
use crate::schema::{ColumnType, TableEntry, column};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "planned_ltv",
    one_row_per: "year of the plain lifetime value formula",
    published_with: "`predict.yearly_profits`",
    meaning: "Only with `predict.yearly_profits`: the value of a customer by the plain formula. Sorted by year.",
    columns: &[
        column("year", ColumnType::Int32, "years", "1, 2, .."),
        column("profit", ColumnType::Double, "money", "the profit given for that year"),
        column("staying_share", ColumnType::Double, "0..1", "share of customers who are still there: `predict.retention` to the power year - 1"),
        column("discounted_profit", ColumnType::Double, "money", "both, divided by (1 + `predict.discount_rate`) to the power year"),
        column("ltv", ColumnType::Double, "money", "the sum of these up to this year, less `predict.acquisition_cost`"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::PlainValue,
    when: |findings| !findings.planned_years.is_empty(),
    times_counted: None,
    added: &[],
    make: Make::Small(plan),
};

/// The plain formula, year by year.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let years: &[PlannedYear] = &findings.planned_years;
    Ok(df!(
        "year" => years.iter().map(|year| year.year).collect::<Vec<_>>(),
        "profit" => years.iter().map(|year| year.profit).collect::<Vec<_>>(),
        "staying_share" => years.iter().map(|year| year.staying_share).collect::<Vec<_>>(),
        "discounted_profit" => years.iter().map(|year| year.discounted_profit).collect::<Vec<_>>(),
        "ltv" => years.iter().map(|year| year.lifetime_value).collect::<Vec<_>>(),
    )?
    .lazy())
}
