//! `cells`: every combination of scores that occurs.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::shares::{per, with_shares};

/// The plan over the cube.
///
/// # Errors
/// A Polars error where the dictionaries of cells and segments cannot be made, which would be a bug.
#[expect(clippy::disallowed_methods, reason = "the names need the few rows in memory")]
pub(crate) fn plan(cube: &LazyFrame, findings: &Findings) -> PolarsResult<LazyFrame> {
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
    let key = |place: i32| usize::try_from(place).ok().and_then(|place| own.map.segments.get(place));
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
