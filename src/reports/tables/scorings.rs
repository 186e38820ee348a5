//! `scorings`, `scoring_segments`, `scoring_bounds`: every scoring of a run side by side.
//!
//! Lives here: the scorings as the tables see them, sorted by name. Does not live here: how far two of them agree
//! (`stability`), and the clusters (`clusters`).

use std::borrow::Cow;
use std::ops::Range;

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::finish::to_major;
use crate::score::{score_means, score_sums, weighted_scores};
use crate::scoring::{AxisBounds, Scoring};
use crate::values::{Numbers, Places, Values};

/// The rows `rows` of one column of `scorings`, before typing: all customers of the first scoring, then of the next.
/// The rows lie in one scoring.
///
/// # Errors
/// A Polars error for a column that the table does not have, which would be a bug.
pub(crate) fn values<'a>(findings: &'a Findings, name: &str, rows: Range<usize>) -> PolarsResult<Values<'a>> {
    let (scorings, customers) = (findings.scorings.by_name(), findings.customers.len().max(1));
    let index = rows.start / customers;
    let scoring = scorings.get(index).copied().unwrap_or(findings.own());
    let start = (index * customers).min(rows.start);
    let own = rows.start - start..rows.end - start;
    if name == "scoring" {
        let names = scorings.iter().map(|scoring| scoring.name.clone()).collect();
        let places = vec![u32::try_from(index).unwrap_or_default(); own.len()];
        return Ok(Values::Names { names, places: Places::U32(places) });
    }
    if name == "customer_id" {
        return crate::reports::tables::customers::values(findings, name, own);
    }
    column(scoring, name, own)
}

/// The rows `rows` of one column of a scoring.
///
/// # Errors
/// As [`values`].
pub(crate) fn column<'a>(scoring: &'a Scoring, name: &str, rows: Range<usize>) -> PolarsResult<Values<'a>> {
    let [r, f, m] = scoring.scores.each_ref().map(|scores| &scores[rows.clone()]);
    let series = || PlSmallStr::from(name);
    let bug = |error: crate::error::Error| polars_err!(ComputeError: "{}", error.headline());
    let (value, clusters) = (scoring.value.as_ref(), scoring.clusters.as_ref());
    let count = rows.len();
    let doubles = |made: Option<Vec<f64>>| match made {
        Some(made) => Values::Plain(Column::new(series(), made)),
        None => Values::Plain(Column::full_null(series(), count, &DataType::Float64)),
    };
    let integers = |made: Option<Cow<'a, [i32]>>| match made {
        Some(made) => Numbers::I32(made).into(),
        None => Values::Plain(Column::full_null(series(), count, &DataType::Int32)),
    };
    Ok(match name {
        "r_score" => integers(Some(r.into())),
        "f_score" => integers(Some(f.into())),
        "m_score" => integers(Some(m.into())),
        "cell" => {
            let places = Places::U32(scoring.cells.numbers(r, f, m).map_err(bug)?);
            Values::Names { names: scoring.cells.texts(), places }
        }
        "score_sum" => score_sums(r, f, m).map_err(bug)?.into(),
        "score_mean" => doubles(Some(score_means(r, f, m).map_err(bug)?)),
        "weighted_score" => doubles(Some(weighted_scores([r, f, m], scoring.score_weights).map_err(bug)?)),
        "weighted_value" => {
            doubles(value.map(|value| value.values[rows].iter().map(|value| to_major(*value, 9)).collect()))
        }
        "v_score" => integers(value.map(|value| value.scores[rows].into())),
        "cluster" => {
            integers(clusters.map(|clusters| clusters.of[rows].iter().map(|own| i32::from(*own) + 1).collect()))
        }
        "segment" => {
            let names = scoring.map.segments.iter().map(|segment| segment.key.clone()).collect();
            Values::Names { names, places: Places::U16(&scoring.segment[rows]) }
        }
        _ => polars_bail!(ColumnNotFound: "no scoring has a column `{name}`"),
    })
}

/// One row per scoring and segment that occurs.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
pub(crate) fn segments_plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let scorings = findings.scorings.by_name();
    let mut rows: Vec<(&str, &str, u32, i64, i64)> = Vec::new();
    for scoring in &scorings {
        let mut sums = vec![(0_i64, 0_i64); scoring.map.segments.len()];
        for (segment, revenue) in scoring.segment.iter().zip(&findings.customers.revenue) {
            let sum = &mut sums[usize::from(*segment)];
            *sum = (sum.0 + 1, sum.1 + revenue);
        }
        let found = scoring.map.segments.iter().zip(sums).filter(|(_, (customers, _))| *customers > 0);
        rows.extend(found.map(|(own, (customers, revenue))| {
            (scoring.name.as_str(), own.key.as_str(), own.order, customers, revenue)
        }));
    }
    rows.sort_unstable();
    let map =
        |name: &str| scorings.iter().find(|scoring| scoring.name == name).map(|scoring| scoring.map.name.as_str());
    let plan = df!(
        "scoring" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
        "map" => rows.iter().map(|row| map(row.0)).collect::<Vec<_>>(),
        "segment" => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
        "segment_order" => rows.iter().map(|row| row.2).collect::<Vec<_>>(),
        "customers" => rows.iter().map(|row| row.3).collect::<Vec<_>>(),
        "revenue" => rows.iter().map(|row| row.4).collect::<Vec<_>>(),
    )?;
    Ok(crate::reports::shares::with_shares(plan.lazy(), findings))
}

/// One row per scoring, axis and score.
///
/// # Errors
/// As [`segments_plan`].
pub(crate) fn bounds_plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let mut rows = Vec::new();
    for scoring in findings.scorings.by_name() {
        let value = scoring.value.as_ref().map(|value| &value.bounds);
        let mut axes: Vec<&AxisBounds> = scoring.bounds.iter().chain(value).collect();
        axes.sort_by_key(|axis| axis.measure.column());
        rows.extend(
            axes.into_iter().flat_map(|axis| axis.bounds.iter().map(move |bound| (scoring.name.as_str(), axis, bound))),
        );
    }
    let names: Vec<&str> = rows.iter().map(|row| row.0).collect();
    let mut frame = crate::reports::tables::score_bounds::frame(rows.iter().map(|(_, axis, bound)| (*axis, *bound)))?;
    frame.with_column(Column::new("scoring".into(), names))?;
    Ok(frame.lazy())
}
