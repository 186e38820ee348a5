//! `cells`: every combination of scores that occurs.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report, every_run, once};
use crate::reports::shares::{CUSTOMER_SHARE, CUSTOMERS, REVENUE, REVENUE_SHARE, per, with_shares};
use crate::schema::{ColumnType, TableEntry, column};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "cells",
    one_row_per: "combination of scores that occurs",
    published_with: "always",
    meaning: "One row per combination of scores that occurs. Sorted by r_score, f_score, m_score.",
    columns: &[
        column("r_score", ColumnType::Int32, "score", "recency score"),
        column("f_score", ColumnType::Int32, "score", "frequency score"),
        column("m_score", ColumnType::Int32, "score", "monetary score"),
        column("cell", ColumnType::Text, "", "the digits of the three scores"),
        column("segment", ColumnType::Text, "", "key of the segment of this cell; null where its customers are in several"),
        CUSTOMERS,
        CUSTOMER_SHARE,
        REVENUE,
        REVENUE_SHARE,
        column("average_order_value", ColumnType::Double, "money", "revenue divided by orders"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::EveryRun,
    when: every_run,
    times_counted: Some(once),
    added: &[],
    make: Make::OverCube(plan),
};

/// The plan over the cube.
///
/// # Errors
/// A Polars error where the dictionaries of cells and segments cannot be made, which would be a bug.
#[expect(clippy::disallowed_methods, reason = "the names need the few rows in memory")]
fn plan(cube: &LazyFrame, findings: &Findings) -> PolarsResult<LazyFrame> {
    let scores = [col("r_score"), col("f_score"), col("m_score")];
    let grouped = cube
        .clone()
        .group_by(&scores)
        .agg([
            col("customers").sum(),
            col("revenue").sum(),
            col("orders").sum(),
            col("segment").min().alias("first_segment"),
            col("segment").max().alias("last_segment"),
        ])
        .with_column(per(col("revenue"), col("orders"), findings).alias("average_order_value"))
        .sort(["r_score", "f_score", "m_score"], SortMultipleOptions::default());
    let frame = with_shares(grouped, findings).collect()?;
    Ok(with_names(frame, findings)?.lazy())
}

/// The texts of the cells, and the segment where there is only one.
fn with_names(mut frame: DataFrame, findings: &Findings) -> PolarsResult<DataFrame> {
    let own = findings.own();
    let scores =
        |name: &str| -> PolarsResult<Vec<i32>> { Ok(frame.column(name)?.i32()?.into_no_null_iter().collect()) };
    let (r, f, m) = (scores("r_score")?, scores("f_score")?, scores("m_score")?);
    let numbers = own.cells.numbers(&r, &f, &m).map_err(|error| polars_err!(ComputeError: "{}", error.headline()))?;
    let cells = numbers.into_iter().map(|number| own.cells.text(number));
    let (first, last) = (scores("first_segment")?, scores("last_segment")?);
    let key = |index: i32| usize::try_from(index).ok().and_then(|index| own.map.segments.get(index));
    let segments = first
        .iter()
        .zip(&last)
        .map(|(first, last)| if first == last { key(*first).map(|segment| segment.key.as_str()) } else { None });
    let cells = StringChunked::from_iter_values("cell".into(), cells);
    let segments = StringChunked::from_iter_options("segment".into(), segments);
    frame.with_column(cells.into_column())?;
    frame.with_column(segments.into_column())?;
    Ok(frame)
}
