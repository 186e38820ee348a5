//! `scorings`: every scoring of a run side by side, customer by customer.
//!
//! Lives here: the scorings as the tables see them, sorted by name. Does not live here: what their segments and scores
//! bring and mean (`scoring_segments`, `scoring_bounds`), how far two of them agree (`stability`), and the clusters
//! (`clusters`).

use std::borrow::Cow;
use std::ops::Range;

use polars::prelude::*;

use crate::reports::findings::{AxisBounds, Findings};
use crate::reports::finish::to_major;
use crate::reports::ids;
use crate::reports::report::{Chapter, Make, PerRow, Report};
use crate::reports::tables::customers::columns::{CLUSTER, SCORE_MEAN, V_SCORE, WEIGHTED_SCORE, WEIGHTED_VALUE};
use crate::schema::{ColumnEntry, ColumnType, PublishedColumn, TableEntry, column};
use crate::score::{Cells, score_means, score_sums, weighted_scores};
use crate::segment::SegmentMap;
use crate::values::{Numbers, Places, Values};

/// The first column of all tables by scoring.
pub(super) const SCORING: ColumnEntry =
    column("scoring", ColumnType::Text, "", "name of the scoring; `main` is that of `[score]` and `[segment]`");

/// A column that a scoring has only where it makes the value or the clusters.
const fn or_null(column: ColumnEntry, meaning: &'static str) -> ColumnEntry {
    ColumnEntry { meaning, ..column }
}

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "scorings",
    one_row_per: "scoring and customer: scores, cell, composites, segment, cluster",
    published_with: "`[[scoring]]`",
    meaning: "With `[[scoring]]`: one row per scoring and customer, `main` included. Sorted by scoring, then customer_id.",
    columns: &[
        SCORING,
        column("customer_id", ColumnType::Id, "", "the customer, as in `customers`"),
        column("r_score", ColumnType::Int32, "score", "recency score, 1..bins, the highest is best"),
        column("f_score", ColumnType::Int32, "score", "frequency score, 1..bins, the highest is best"),
        column("m_score", ColumnType::Int32, "score", "monetary score, 1..bins, the highest is best"),
        column("cell", ColumnType::Text, "", "the digits of the three scores, `545`; joined by `-` with more than 9 bins"),
        column("score_sum", ColumnType::Int32, "score", "sum of the three scores"),
        SCORE_MEAN,
        WEIGHTED_SCORE,
        or_null(WEIGHTED_VALUE, "the weighted sum of standardised measures (`[score.value]`); null where the scoring makes none"),
        or_null(V_SCORE, "score of the weighted value, 1..bins, the highest is best; null likewise"),
        column("segment", ColumnType::Text, "", "key of the segment; its names are in `dim_segment`"),
        or_null(CLUSTER, "cluster by k-means, 1 is the one of best mean weighted value; null where the scoring makes none"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::Scoring,
    when: has_several,
    times_counted: None,
    added: &[],
    make: Make::PerRow(PerRow { sections, values, has_attributes: false }),
};

/// The customers of one scoring after those of the other.
fn sections(findings: &Findings) -> Vec<usize> {
    vec![findings.customers.len(); all(findings).len()]
}

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

/// Whether the run has scorings beside its own.
pub(super) fn has_several(findings: &Findings) -> bool {
    !findings.further.is_empty()
}

/// The rows `rows` of one column of `scorings`, before typing: all customers of the first scoring, then of the next.
/// The rows lie in one scoring.
///
/// # Errors
/// A Polars error for a column that the table does not have, which would be a bug.
fn values<'a>(findings: &'a Findings, column: &PublishedColumn, rows: Range<usize>) -> PolarsResult<Values<'a>> {
    let name = column.entry.name;
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
        return Ok(ids::values(findings, own));
    }
    values_of(view, name, own)
}

/// The rows `rows` of one column of a scoring.
///
/// # Errors
/// As [`values`].
pub(crate) fn values_of<'a>(view: &View<'a>, name: &str, rows: Range<usize>) -> PolarsResult<Values<'a>> {
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
