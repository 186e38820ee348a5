//! `quarantine`: a sample of the bad rows.

use polars::prelude::*;

use crate::batch::role;
use crate::clean::quarantine::{RAW, Rejected};
use crate::error::printable;
use crate::reports::findings::Findings;
use crate::reports::report::{Added, Chapter, Make, Report, every_run};
use crate::reports::tables::input_quality::{INPUT, has_names};
use crate::schema::{AddedColumns, ColumnType, TableEntry, column};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "quarantine",
    one_row_per: "sampled bad row, with reason, file and raw values",
    published_with: "always",
    meaning: "A sample of the bad rows, the same on every run: at most `clean.quarantine_rows` per reason. Sorted by reason, then as sampled.",
    columns: &[
        column("reason", ColumnType::Text, "", "why the row is not used"),
        column("file", ColumnType::Text, "", "the file"),
        column("row", ColumnType::Int64, "rows", "number of the row in its file, from 0; null where the input is too large to be numbered"),
        column("customer_id", ColumnType::Text, "", "raw value as text; null as in the input"),
        column("order_id", ColumnType::Text, "", "raw value; of a key of several columns all of them, as `1, 17`; null as well where the run reads no such column"),
        column("order_ts", ColumnType::Text, "", "raw value"),
        column("amount", ColumnType::Text, "", "raw value; null where the amount is computed"),
        column("quantity", ColumnType::Text, "", "raw value; null where the amount is a column"),
        column("unit_price", ColumnType::Text, "", "raw value; null where the amount is a column"),
    ],
};

const CURRENCY: AddedColumns = AddedColumns {
    name: "further column of quarantine",
    meaning: "Only with `columns.currency`: a column behind the others.",
    columns: &[column("currency", ColumnType::Text, "", "raw value: what the amount is in")],
};

const OF_INPUT: AddedColumns = AddedColumns {
    name: "last column of quarantine",
    meaning: "Only with `[[input]]`: a column behind the others. The sample is of each input, and sorted by reason, then input.",
    columns: &[INPUT],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::EveryRun,
    when: every_run,
    times_counted: None,
    added: &[
        Added {
            chapter: Chapter::Scoring,
            columns: CURRENCY,
            when: |findings, _| findings.account.currencies.is_some(),
        },
        Added { chapter: Chapter::Inputs, columns: OF_INPUT, when: |findings, _| has_names(findings) },
    ],
    make: Make::Small(plan),
};

/// One row per sampled bad row.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let rejects = &findings.account.rejects;
    let mut frame = df!(
        "reason" => rejects.iter().map(|reject| reject.rejected.reason.name()).collect::<Vec<_>>(),
        "file" => rejects.iter().map(|reject| printable(&reject.file)).collect::<Vec<_>>(),
        "row" => rejects.iter().map(|reject| reject.row.map(u64::cast_signed)).collect::<Vec<_>>(),
    )?;
    for (index, name) in RAW.iter().enumerate() {
        let name = if *name == role::CURRENCY { CURRENCY.columns[0].name } else { *name };
        let raw = |rejected: &Rejected| rejected.raw[index].clone();
        let texts: Vec<Option<String>> = rejects.iter().map(|reject| raw(&reject.rejected)).collect();
        frame.with_column(Column::new(name.into(), texts))?;
    }
    let inputs: Vec<Option<&str>> = rejects.iter().map(|reject| reject.input.as_deref()).collect();
    frame.with_column(Column::new(INPUT.name.into(), inputs))?;
    Ok(frame.lazy())
}
