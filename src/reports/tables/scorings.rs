//! `scorings`: every scoring of a run side by side, customer by customer.
//!
//! Does not live here: what their segments and scores
//! bring and mean (`scoring_segments`, `scoring_bounds`), how far two of them agree (`stability`), and the clusters
//! (`clusters`).

use std::borrow::Cow;
use std::ops::Range;

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::finish::to_major;
use crate::reports::ids;
use crate::reports::report::{Added, Chapter, Make, PerRow, Report};
use crate::reports::tables::customers::columns::{
    CELL_LABEL, CLUSTER, F_LABEL, M_LABEL, MAP, R_LABEL, SCORE_MEAN, V_LABEL, V_SCORE, WEIGHTED_SCORE, WEIGHTED_VALUE,
};
use crate::schema::{AddedColumns, ColumnEntry, ColumnType, PublishedColumn, TableEntry, column};
use crate::score::options::Labels;
use crate::score::{score_means, score_sums, weighted_scores};
use crate::scoring::Scoring;
use crate::scoring::groups::ALL;
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
        or_null(V_SCORE, "score of the weighted value, 1..bins, the highest is best; null where the scoring makes none"),
        column("segment", ColumnType::Text, "", "key of the segment; its names are in `dim_segment`"),
        or_null(CLUSTER, "cluster by k-means, 1 is the one of best mean weighted value; null where the scoring makes none"),
        MAP,
    ],
};

#[rustfmt::skip]
const OF_GROUPS: AddedColumns = AddedColumns {
    name: TABLE.name,
    meaning: "With `score.by` in any scoring: the last column.",
    columns: &[
        column("customer_group", ColumnType::Text, "", "the group among which the customer is scored, as in `score_groups`; `(all)` in a scoring without groups"),
    ],
};

const OF_PAIRS: AddedColumns =
    AddedColumns { name: TABLE.name, meaning: "With `customers.per`: the last column.", columns: ids::OF_PAIRS };

/// Whether any scoring is by group.
fn has_groups(findings: &Findings, _: &ColumnEntry) -> bool {
    findings.scorings.iter().any(|scoring| scoring.groups.is_some())
}

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::Scoring,
    when: has_several,
    times_counted: None,
    added: &[
        Added { chapter: Chapter::Scoring, columns: LABELS, when: has_labels },
        Added { chapter: Chapter::Groups, columns: OF_GROUPS, when: has_groups },
        Added { chapter: Chapter::Groups, columns: OF_PAIRS, when: |findings, _| findings.customers.pairs.is_some() },
    ],
    make: Make::PerRow(PerRow { sections, values, has_attributes: false }),
};

const LABELS: AddedColumns = AddedColumns {
    name: TABLE.name,
    meaning: "With `score.labels = \"best_is_one\"` in one of the scorings: columns behind the others. All are null where a scoring has no labels.",
    columns: &[R_LABEL, F_LABEL, M_LABEL, V_LABEL, CELL_LABEL],
};

/// Whether some scoring has labels.
pub(super) fn has_labels(findings: &Findings, _: &ColumnEntry) -> bool {
    findings.scorings.iter().any(|scoring| scoring.labels == Labels::BestIsOne)
}

/// Scores as labels, 1 is the best; null where the scoring has none.
fn labels<'a>(scoring: &'a Scoring, name: &str, rows: Range<usize>) -> PolarsResult<Values<'a>> {
    let (count, has_labels) = (rows.len(), scoring.labels == Labels::BestIsOne);
    let null = |kind| Ok(Values::Plain(Column::full_null(PlSmallStr::from(name), count, kind)));
    let turned = |scores: &[i32], bins: usize| -> Vec<i32> {
        let above = i32::try_from(bins).unwrap_or(i32::MAX).saturating_add(1);
        scores[rows.clone()].iter().map(|score| above - score).collect()
    };
    let of_axis = |axis: usize| turned(&scoring.scores[axis], scoring.bounds[axis].bounds.len());
    Ok(match name {
        "cell_label" if has_labels => {
            let bug = |error: crate::error::Error| polars_err!(ComputeError: "{}", error.headline());
            let places = Places::U32(scoring.cells.numbers(&of_axis(0), &of_axis(1), &of_axis(2)).map_err(bug)?);
            Values::Names { names: scoring.cells.texts(), places }
        }
        "cell_label" => return null(&DataType::String),
        "r_label" if has_labels => of_axis(0).into(),
        "f_label" if has_labels => of_axis(1).into(),
        "m_label" if has_labels => of_axis(2).into(),
        _ => match scoring.value.as_ref().filter(|_| has_labels && name == "v_label") {
            Some(value) => turned(&value.scores, value.bounds.bounds.len()).into(),
            None => return null(&DataType::Int32),
        },
    })
}

/// The customers of one scoring after those of the other.
fn sections(findings: &Findings) -> Vec<usize> {
    vec![findings.customers.len(); findings.scorings.count()]
}

/// Whether the run has further scorings.
pub(super) fn has_several(findings: &Findings) -> bool {
    !findings.scorings.further.is_empty()
}

/// The rows `rows` of one column of `scorings`, before typing: all customers of the first scoring, then of the next.
/// The rows are within one scoring.
///
/// # Errors
/// A Polars error for a column that the table does not have, which would be a bug.
fn values<'a>(findings: &'a Findings, column: &PublishedColumn, rows: Range<usize>) -> PolarsResult<Values<'a>> {
    let name = column.entry.name;
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
        return Ok(ids::values(findings, own));
    }
    if name == "customer_per" {
        return Ok(Values::Plain(ids::per(findings, own)));
    }
    values_of(scoring, name, own)
}

/// The rows `rows` of one column of a scoring.
///
/// # Errors
/// As [`values`].
pub(crate) fn values_of<'a>(scoring: &'a Scoring, name: &str, rows: Range<usize>) -> PolarsResult<Values<'a>> {
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
        "r_label" | "f_label" | "m_label" | "v_label" | "cell_label" => return labels(scoring, name, rows),
        "segment" => {
            let names = scoring.map.segments.iter().map(|segment| segment.key.clone()).collect();
            Values::Names { names, places: Places::U16(&scoring.segment[rows]) }
        }
        "customer_group" => match &scoring.groups {
            Some(by) => {
                let names = by.groups.keys.iter().map(ToString::to_string).collect();
                Values::Names { names, places: Places::U32(by.groups.of[rows].to_vec()) }
            }
            None => Values::Names { names: vec![ALL.to_owned()], places: Places::U32(vec![0; count]) },
        },
        "map" => Values::Names { names: vec![scoring.map.name.clone()], places: Places::U32(vec![0; count]) },
        _ => polars_bail!(ColumnNotFound: "no scoring has a column `{name}`"),
    })
}
