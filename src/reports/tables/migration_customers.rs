//! `migration_customers`: where each customer stood on another date, and where they stand.

use std::ops::Range;

use polars::prelude::*;

use super::migration::COMPARED_WITH;
use crate::reports::findings::Findings;
use crate::reports::ids::{self, OF_PAIRS};
use crate::reports::report::{Added, Chapter, Make, PerRow, Report};
use crate::schema::{AddedColumns, ColumnType, PublishedColumn, TableEntry, column};
use crate::time::comparison::Place;
use crate::time::standing::ABSENT;
use crate::time::{By, Comparison};
use crate::values::{Places, Values};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "migration_customers",
    one_row_per: "customer of either date: segment and scores then and now",
    published_with: "`compare.customers`, or `rfmetrics compare --customers`",
    meaning: "Everyone who is there on either date. Sorted by customer_id: numbers by value, texts by code point.",
    columns: &[
        COMPARED_WITH,
        column("customer_id", ColumnType::Id, "", "the customer, as in `customers`"),
        column("from_segment", ColumnType::Text, "", "key of the segment on the earlier date; `absent` for new customers"),
        column("to_segment", ColumnType::Text, "", "key of the segment on the later date, as published; `absent` for those who are not there"),
        column("moved", ColumnType::Boolean, "", "whether the segment differs by the breaks of the earlier date: a move by behaviour; null where the scores have no breaks"),
        column("moved_by_breaks", ColumnType::Boolean, "", "whether the segment of the later date differs by its own breaks and by those of the earlier one: a move without a deed; null as moved"),
        column("r_score_before", ColumnType::Int32, "score", "recency score on the earlier date; null for `absent`"),
        column("f_score_before", ColumnType::Int32, "score", "frequency score on the earlier date; null for `absent`"),
        column("m_score_before", ColumnType::Int32, "score", "monetary score on the earlier date; null for `absent`"),
        column("r_score", ColumnType::Int32, "score", "recency score on the later date, as published; null for `absent`"),
        column("f_score", ColumnType::Int32, "score", "frequency score on the later date; null for `absent`"),
        column("m_score", ColumnType::Int32, "score", "monetary score on the later date; null for `absent`"),
        column("frozen_segment", ColumnType::Text, "", "key of the segment on the later date by the breaks of the earlier one; null where the scores have no breaks"),
    ],
};

const PAIRS: AddedColumns =
    AddedColumns { name: TABLE.name, meaning: "With `customers.per`: the last column.", columns: OF_PAIRS };

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::OverTime,
    when: |findings| findings.compared.as_ref().is_some_and(|compared| compared.shows_customers),
    times_counted: None,
    added: &[Added {
        chapter: Chapter::Groups,
        columns: PAIRS,
        when: |findings, _| findings.customers.pairs.is_some(),
    }],
    make: Make::PerRow(PerRow { sections, values: of_findings, has_attributes: false }),
};

fn sections(findings: &Findings) -> Vec<usize> {
    findings.compared.iter().map(|compared| compared.comparison.len()).collect()
}

/// # Errors
/// As [`values`].
fn of_findings<'a>(findings: &'a Findings, column: &PublishedColumn, rows: Range<usize>) -> PolarsResult<Values<'a>> {
    let compared = findings.compared.as_ref().ok_or_else(|| polars_err!(ComputeError: "nothing was compared"))?;
    values(&compared.comparison, column.entry.name, rows)
}

/// The rows `rows` of a column, before typing.
///
/// # Errors
/// A Polars error for a column that the table does not have, which would be a bug.
pub(crate) fn values<'a>(comparison: &'a Comparison, name: &str, rows: Range<usize>) -> PolarsResult<Values<'a>> {
    let column = PlSmallStr::from_str(name);
    let count = rows.len();
    let score = |axis: usize, is_before: bool| {
        let (before, after) = (&comparison.before.scores[axis], &comparison.after.scores[axis]);
        let of = |row| {
            let Place { before: then, after: now } = comparison.place(row);
            let score = if is_before { before[then?] } else { after[now?] };
            Some(score).filter(|score| *score > 0)
        };
        Ok(Values::Plain(Int32Chunked::from_iter_options(name.into(), rows.clone().map(of)).into_column()))
    };
    let differs = |one: usize, other: usize| {
        let of = |row| {
            let names = comparison.names(By::Segment, row);
            Some(names[one]? != names[other]?)
        };
        Ok(Values::Plain(BooleanChunked::from_iter_options(name.into(), rows.clone().map(of)).into_column()))
    };
    match name {
        "compared_with" => Ok(Values::Plain(Column::new(column, vec![comparison.before.as_of; count]))),
        "customer_id" => Ok(Values::Plain(ids::column_of(&comparison.customers(rows), 0..count))),
        "customer_per" => Ok(Values::Plain(ids::per_of(&comparison.customers(rows), 0..count))),
        "from_segment" => Ok(segments(comparison, 0, rows)),
        "frozen_segment" => Ok(segments(comparison, 1, rows)),
        "to_segment" => Ok(segments(comparison, 2, rows)),
        "moved" => differs(0, 1),
        "moved_by_breaks" => differs(1, 2),
        "r_score_before" => score(0, true),
        "f_score_before" => score(1, true),
        "m_score_before" => score(2, true),
        "r_score" => score(0, false),
        "f_score" => score(1, false),
        "m_score" => score(2, false),
        _ => polars_bail!(ColumnNotFound: "migration_customers has no column `{name}`"),
    }
}

/// The names of the segments: before (0), after by the breaks of before (1), after (2). Texts of a short list are given by their
/// indices.
fn segments(comparison: &Comparison, which: usize, rows: Range<usize>) -> Values<'static> {
    let grouping = match which {
        0 => comparison.before.grouping(By::Segment),
        1 => comparison.frozen_grouping(By::Segment),
        _ => comparison.after.grouping(By::Segment),
    };
    let Some(grouping) = grouping else {
        let count = rows.len();
        return Values::Plain(Column::full_null("segment".into(), count, &DataType::String));
    };
    let absent = u32::try_from(grouping.names.len()).unwrap_or(u32::MAX);
    let place = |row| {
        let Place { before, after } = comparison.place(row);
        let row = if which == 0 { before } else { after };
        row.map_or(absent, |row| u32::from(grouping.of[row]))
    };
    let names = grouping.names.iter().map(String::as_str).chain([ABSENT]).map(str::to_owned).collect();
    Values::Names { names, places: Places::U32(rows.map(place).collect()) }
}
