//! `input_quality`: what became of every row of each of several inputs.

use polars::prelude::*;

use crate::clean::outcome::{Class, Outcome, Tally};
use crate::money::LARGEST_MINOR;
use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report};
use crate::schema::{ColumnEntry, ColumnType, TableEntry, column};

/// The name of an input.
pub(crate) const INPUT: ColumnEntry =
    column("input", ColumnType::Text, "", "name of the input, as its `[[input]]` says");

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "input_quality",
    one_row_per: "input and outcome of a row: the row account of each input",
    published_with: "`[[input]]`",
    meaning: "With `[[input]]`: the row account of each input, as `quality` has it of all of them. One row per input and outcome that occurs (`kept` always). Sorted by input, then in the order in which rows are judged.",
    columns: &[
        INPUT,
        column("outcome", ColumnType::Text, "", "as in `quality`. Whether an order is a purchase is found once the rows of all inputs are there: rows of `not_a_purchase` are `kept` here"),
        column("rows", ColumnType::Int64, "rows", "number of rows"),
        column("row_share", ColumnType::Double, "0..1", "share of the input's rows read; null without rows"),
        column("amount", ColumnType::Money, "", "sum of the amounts that could be read; null where the scan left rows out unread"),
        column("rounded_amounts", ColumnType::Int64, "rows", "rows whose amount had more decimals than `clean.money_scale` and was rounded; null for outcomes other than `kept`"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::Inputs,
    when: has_names,
    times_counted: None,
    added: &[],
    make: Make::Small(plan),
};

/// Whether the inputs have names.
pub(crate) fn has_names(findings: &Findings) -> bool {
    !findings.account.of_inputs.is_empty()
}

/// One row per input and outcome that occurs.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
#[allow(clippy::cast_precision_loss)]
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let account = &findings.account;
    let occurs = |tally: &Tally, outcome: &Outcome| *outcome == Outcome::Kept || tally.rows_of(*outcome) > 0;
    let rows: Vec<(&str, &Tally, Outcome)> = account
        .of_inputs
        .iter()
        .flat_map(|own| {
            let outcomes = Outcome::ALL.into_iter().filter(move |outcome| occurs(&own.tally, outcome));
            outcomes.map(move |outcome| (own.name.as_str(), &own.tally, outcome))
        })
        .collect();
    let share = |(_, tally, outcome): &(&str, &Tally, Outcome)| {
        let total = tally.total_rows();
        (total > 0).then(|| tally.rows_of(*outcome) as f64 / total as f64)
    };
    let amount = |(_, tally, outcome): &(&str, &Tally, Outcome)| {
        let is_known = account.cut_amounts_known || outcome.class() != Class::Cut;
        let minor = i64::try_from(tally.amounts[outcome.index()]).ok();
        minor.filter(|minor| is_known && minor.unsigned_abs() <= LARGEST_MINOR.unsigned_abs())
    };
    let rounded = |(_, tally, outcome): &(&str, &Tally, Outcome)| {
        (*outcome == Outcome::Kept).then(|| tally.rounded_amounts.cast_signed())
    };
    Ok(df!(
        "input" => rows.iter().map(|(name, ..)| *name).collect::<Vec<_>>(),
        "outcome" => rows.iter().map(|(.., outcome)| outcome.name()).collect::<Vec<_>>(),
        "rows" => rows.iter().map(|(_, tally, outcome)| tally.rows_of(*outcome).cast_signed()).collect::<Vec<_>>(),
        "row_share" => rows.iter().map(share).collect::<Vec<_>>(),
        "amount" => rows.iter().map(amount).collect::<Vec<_>>(),
        "rounded_amounts" => rows.iter().map(rounded).collect::<Vec<_>>(),
    )?
    .lazy())
}
