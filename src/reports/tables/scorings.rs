//! `scorings`, `scoring_segments`, `scoring_bounds`: every scoring of a run side by side.
//!
//! Lives here: the scorings as the tables see them, sorted by name. Does not live here: how far two of them agree
//! (`stability`), and the clusters (`clusters`).

use std::borrow::Cow;
use std::ops::Range;

use polars::prelude::*;

use crate::reports::findings::{AxisBounds, Findings};
use crate::reports::finish::to_major;
use crate::score::{Cells, score_means, score_sums, weighted_scores};
use crate::segment::SegmentMap;
use crate::values::{Numbers, Places, Values};

/// The name of the run's own scoring, that of `[score]` and `[segment]`.
pub const MAIN: &str = "main";

/// What a scoring has beside its scores and segments.
#[derive(Debug, Default)]
pub struct Beside {
    /// Weights of the R, F and M score in the weighted sum.
    pub weights: [f64; 3],
    /// The weighted value, where it was made.
    pub value: Option<Value>,
    /// The clusters, where they were asked for.
    pub clusters: Option<Clusters>,
}

/// The weighted value of every customer.
#[derive(Debug)]
pub struct Value {
    /// Whole numbers of 10^-9.
    pub values: Vec<i64>,
    /// Its scores.
    pub scores: Vec<i32>,
    /// What each score means.
    pub bounds: AxisBounds,
}

/// The clusters, best first.
#[derive(Debug)]
pub struct Clusters {
    /// Per customer his cluster, from 0.
    pub of: Vec<u16>,
    /// How many there are.
    pub count: usize,
}

/// A scoring beside the run's own.
#[derive(Debug)]
pub struct Further {
    /// Its name.
    pub name: String,
    /// Recency, frequency and monetary scores per customer.
    pub scores: [Vec<i32>; 3],
    /// The cells of the scores.
    pub cells: Cells,
    /// What each score means, per axis.
    pub bounds: Vec<AxisBounds>,
    /// Its segment map.
    pub map: SegmentMap,
    /// Per customer the place of his segment in the map.
    pub segment: Vec<u16>,
    /// Composites and clusters.
    pub beside: Beside,
}

/// Any scoring of the run.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Its name.
    pub name: &'a str,
    /// Recency, frequency and monetary scores per customer.
    pub scores: [&'a [i32]; 3],
    /// The cells of the scores.
    pub cells: Cells,
    /// What each score means, per axis.
    pub bounds: &'a [AxisBounds],
    /// Its segment map.
    pub map: &'a SegmentMap,
    /// Per customer the place of his segment in the map.
    pub segment: &'a [u16],
    /// Composites and clusters.
    pub beside: &'a Beside,
}

impl Further {
    /// It as the tables see it.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View {
            name: &self.name,
            scores: [&self.scores[0], &self.scores[1], &self.scores[2]],
            cells: self.cells,
            bounds: &self.bounds,
            map: &self.map,
            segment: &self.segment,
            beside: &self.beside,
        }
    }
}

/// The run's own scoring.
#[must_use]
pub fn main(findings: &Findings) -> View<'_> {
    View {
        name: MAIN,
        scores: [&findings.r_score, &findings.f_score, &findings.m_score],
        cells: findings.cells,
        bounds: &findings.bounds,
        map: &findings.map,
        segment: &findings.segment,
        beside: &findings.beside,
    }
}

/// All scorings of the run, sorted by name.
#[must_use]
pub fn all(findings: &Findings) -> Vec<View<'_>> {
    let mut views: Vec<View<'_>> =
        std::iter::once(main(findings)).chain(findings.further.iter().map(Further::view)).collect();
    views.sort_by_key(|view| view.name);
    views
}

/// The rows `rows` of one column of `scorings`, before typing: all customers of the first scoring, then of the next.
/// The rows lie in one scoring.
///
/// # Errors
/// A Polars error for a column that the table does not have, which would be a bug.
pub(crate) fn values<'a>(findings: &'a Findings, name: &str, rows: Range<usize>) -> PolarsResult<Values<'a>> {
    let (views, customers) = (all(findings), findings.customers.len().max(1));
    let place = rows.start / customers;
    let view = views.get(place).or(views.first()).ok_or_else(|| polars_err!(NoData: "no scoring"))?;
    let start = (place * customers).min(rows.start);
    let own = rows.start - start..rows.end - start;
    if name == "scoring" {
        let names = views.iter().map(|view| view.name.to_owned()).collect();
        let places = vec![u32::try_from(place).unwrap_or_default(); own.len()];
        return Ok(Values::Names { names, places: Places::U32(places) });
    }
    if name == "customer_id" {
        return crate::reports::tables::customers::values(findings, name, own);
    }
    column(view, name, own)
}

/// The rows `rows` of one column of a scoring.
///
/// # Errors
/// As [`values`].
pub(crate) fn column<'a>(view: &View<'a>, name: &str, rows: Range<usize>) -> PolarsResult<Values<'a>> {
    let [r, f, m] = view.scores.map(|scores| &scores[rows.clone()]);
    let series = || PlSmallStr::from(name);
    let bug = |error: crate::error::Error| polars_err!(ComputeError: "{}", error.headline());
    let (value, clusters) = (view.beside.value.as_ref(), view.beside.clusters.as_ref());
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
            let places = Places::U32(view.cells.numbers(r, f, m).map_err(bug)?);
            Values::Names { names: view.cells.texts(), places }
        }
        "score_sum" => score_sums(r, f, m).map_err(bug)?.into(),
        "score_mean" => doubles(Some(score_means(r, f, m).map_err(bug)?)),
        "weighted_score" => doubles(Some(weighted_scores([r, f, m], view.beside.weights).map_err(bug)?)),
        "weighted_value" => {
            doubles(value.map(|value| value.values[rows].iter().map(|value| to_major(*value, 9)).collect()))
        }
        "v_score" => integers(value.map(|value| value.scores[rows].into())),
        "cluster" => {
            integers(clusters.map(|clusters| clusters.of[rows].iter().map(|own| i32::from(*own) + 1).collect()))
        }
        "segment" => {
            let names = view.map.segments.iter().map(|segment| segment.key.clone()).collect();
            Values::Names { names, places: Places::U16(&view.segment[rows]) }
        }
        _ => polars_bail!(ColumnNotFound: "no scoring has a column `{name}`"),
    })
}

/// One row per scoring and segment that occurs.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
pub(crate) fn segments_plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let views = all(findings);
    let mut rows: Vec<(&str, &str, u32, i64, i64)> = Vec::new();
    for view in &views {
        let mut sums = vec![(0_i64, 0_i64); view.map.segments.len()];
        for (segment, revenue) in view.segment.iter().zip(&findings.customers.revenue) {
            let sum = &mut sums[usize::from(*segment)];
            *sum = (sum.0 + 1, sum.1 + revenue);
        }
        let found = view.map.segments.iter().zip(sums).filter(|(_, (customers, _))| *customers > 0);
        rows.extend(
            found.map(|(own, (customers, revenue))| (view.name, own.key.as_str(), own.order, customers, revenue)),
        );
    }
    rows.sort_unstable();
    let map = |name: &str| views.iter().find(|view| view.name == name).map(|view| view.map.name.as_str());
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
    for view in all(findings) {
        let value = view.beside.value.as_ref().map(|value| &value.bounds);
        let mut axes: Vec<&AxisBounds> = view.bounds.iter().chain(value).collect();
        axes.sort_by_key(|axis| axis.measure);
        rows.extend(axes.into_iter().flat_map(|axis| axis.bounds.iter().map(move |bound| (view.name, axis, bound))));
    }
    let names: Vec<&str> = rows.iter().map(|row| row.0).collect();
    let mut frame = crate::reports::tables::score_bounds::frame(rows.iter().map(|(_, axis, bound)| (*axis, *bound)))?;
    frame.with_column(Column::new("scoring".into(), names))?;
    Ok(frame.lazy())
}
