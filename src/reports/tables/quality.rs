//! `quality`: what became of every row.

use polars::prelude::*;

use crate::clean::outcome::{Class, Outcome};
use crate::money::LARGEST_MINOR;
use crate::reports::findings::{Account, Findings};
use crate::reports::report::{Chapter, Make, Report, every_run};
use crate::schema::{ColumnType, TableEntry, column};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "quality",
    one_row_per: "outcome of a row: the row account",
    published_with: "always",
    meaning: "The row account: what became of every row. One row per outcome, in the order in which rows are judged.",
    columns: &[
        column("outcome", ColumnType::Text, "", "`kept`, `after_as_of`, `before_window`, the reasons of the quarantine, and what settings leave out"),
        column("rows", ColumnType::Int64, "rows", "number of rows"),
        column("row_share", ColumnType::Double, "0..1", "share of all rows read; null without rows"),
        column("amount", ColumnType::Money, "", "sum of the amounts that could be read, in the base currency where there are several; null where the scan left the rows out unread"),
        column("rounded_amounts", ColumnType::Int64, "rows", "rows whose amount had more decimals than `clean.money_scale` and was rounded half away from zero, of those that the cleaning has kept (rows of `not_a_purchase` among them); with `currency.rates` only amounts of the base; null for other outcomes, where they are not counted"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::EveryRun,
    when: every_run,
    times_counted: None,
    added: &[],
    make: Make::Small(plan),
};

/// One row per outcome.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
#[allow(clippy::cast_precision_loss)]
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let Account { tally, cut_amounts_known, currencies, .. } = &findings.account;
    let total = tally.total_rows();
    let amount = |outcome: &Outcome| {
        let is_known = *cut_amounts_known || outcome.class() != Class::Cut;
        // A sum of bad amounts may be too large for a money column: then it is left out.
        let minor = i64::try_from(tally.amounts[outcome.index()]).ok();
        minor.filter(|minor| is_known && minor.unsigned_abs() <= LARGEST_MINOR.unsigned_abs())
    };
    let rounded = |outcome: &Outcome| (*outcome == Outcome::Kept).then(|| tally.rounded_amounts.cast_signed());
    let rows = |outcome: &Outcome| tally.rows_of(*outcome);
    // What only other inputs can have is in no account.
    let is_of_customers = findings.customers.known.is_of_customers();
    let can_occur = |outcome: &&Outcome| {
        (!outcome.is_of_currencies() || currencies.is_some()) && (!outcome.is_of_customers() || is_of_customers)
    };
    let outcomes = || Outcome::ALL.iter().filter(can_occur);
    Ok(df!(
        "outcome" => outcomes().map(|outcome| outcome.name()).collect::<Vec<_>>(),
        "rows" => outcomes().map(rows).map(u64::cast_signed).collect::<Vec<_>>(),
        "row_share" => outcomes().map(rows).map(|rows| (total > 0).then(|| rows as f64 / total as f64)).collect::<Vec<_>>(),
        "amount" => outcomes().map(amount).collect::<Vec<_>>(),
        "rounded_amounts" => outcomes().map(rounded).collect::<Vec<_>>(),
    )?
    .lazy())
}
