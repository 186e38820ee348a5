//! A customer in one scoring: his scores, cell, segment and cluster.
//!
//! Does not live here: the thresholds around his values (`axes`).

use serde::Serialize;

use super::axes::{self, AxisExplained};
use crate::error::Result;
use crate::reports::findings::Findings;
use crate::reports::tables::scorings::View;
use crate::scoring::Learned;
use crate::segment::Segment;

/// Where he stands in a scoring beside the run's own.
#[derive(Debug, Serialize)]
pub(crate) struct ScoringExplained {
    pub(crate) scoring: String,
    pub(crate) map: String,
    pub(crate) cell: String,
    pub(crate) segment: SegmentExplained,
    /// From 1, where clusters are asked for.
    pub(crate) cluster: Option<u16>,
    pub(crate) axes: [AxisExplained; 3],
    /// The weighted value and its score, where the scoring makes one.
    pub(crate) value: Option<AxisExplained>,
}

/// His segment.
#[derive(Debug, Serialize)]
pub(crate) struct SegmentExplained {
    pub(crate) key: String,
    pub(crate) order: u32,
    pub(crate) name_en: String,
    pub(crate) name_zh: String,
    pub(crate) action_en: String,
    pub(crate) action_zh: String,
}

/// The customer in every scoring beside the run's own, in the order of the settings.
///
/// # Errors
/// A bug where a score is out of range.
pub(crate) fn further(findings: &Findings, learned: &Learned, place: usize) -> Result<Vec<ScoringExplained>> {
    let scorings = findings.further.iter().zip(&learned.further);
    scorings.map(|(further, (_, learned))| told(findings, &further.view(), learned, place)).collect()
}

fn told(findings: &Findings, scoring: &View<'_>, learned: &Learned, place: usize) -> Result<ScoringExplained> {
    Ok(ScoringExplained {
        scoring: scoring.name.to_owned(),
        map: scoring.map.name.clone(),
        cell: cell(scoring, place)?,
        segment: segment(scoring, place),
        cluster: cluster(scoring, place),
        axes: axes::axes(findings, scoring, learned, place)?,
        value: axes::weighted_value(scoring, learned, place),
    })
}

/// His scores as the text of the column `cell`.
///
/// # Errors
/// A bug where a score is out of range.
pub(crate) fn cell(scoring: &View<'_>, place: usize) -> Result<String> {
    let [r, f, m] = scoring.scores.map(|scores| &scores[place..=place]);
    Ok(scoring.cells.numbers(r, f, m)?.first().map(|cell| scoring.cells.text(*cell)).unwrap_or_default())
}

/// His cluster, from 1; none where there are no clusters.
pub(crate) fn cluster(scoring: &View<'_>, place: usize) -> Option<u16> {
    scoring.beside.clusters.as_ref().map(|clusters| clusters.of[place] + 1)
}

/// His segment.
pub(crate) fn segment(scoring: &View<'_>, place: usize) -> SegmentExplained {
    let Segment { key, order, name_en, name_zh, action_en, action_zh, .. } =
        scoring.map.segments[usize::from(scoring.segment[place])].clone();
    SegmentExplained { key, order, name_en, name_zh, action_en, action_zh }
}
