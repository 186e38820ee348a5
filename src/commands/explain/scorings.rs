//! A customer in one scoring: scores, cell, segment and cluster.
//!
//! Does not live here: the thresholds around the values (`axes`).

use serde::Serialize;

use super::axes::{self, AxisExplained};
use super::rules::{self, RuleExplained};
use super::subject::Subject;
use crate::error::Result;
use crate::scoring::{Beside, Scoring};
use crate::segment::Segment;

/// The customer in a further scoring.
#[derive(Debug, Serialize)]
pub(crate) struct ScoringExplained {
    pub(crate) scoring: String,
    /// The group of customers, where these are scored by group.
    pub(crate) group: Option<GroupExplained>,
    pub(crate) map: String,
    pub(crate) cell: String,
    pub(crate) segment: SegmentExplained,
    /// From 1, where clusters are requested.
    pub(crate) cluster: Option<u16>,
    pub(crate) axes: Vec<AxisExplained>,
    /// The weighted value and its score, where the scoring makes one.
    pub(crate) value: Option<AxisExplained>,
}

/// Among whom the customer is scored.
#[derive(Debug, Serialize)]
pub(crate) struct GroupExplained {
    /// The attributes that group customers.
    pub(crate) by: Vec<String>,
    /// The group, as the tables name it.
    pub(crate) customer_group: String,
    /// Its customers.
    pub(crate) customers: u64,
    /// Whose breaks the scores are by: `own` or `all`, as in `score_groups`.
    pub(crate) breaks: &'static str,
}

/// The customer's segment.
#[derive(Debug, Serialize)]
pub(crate) struct SegmentExplained {
    pub(crate) key: String,
    pub(crate) order: u32,
    pub(crate) name_en: String,
    pub(crate) name_zh: String,
    pub(crate) action_en: String,
    pub(crate) action_zh: String,
    /// The rule that gives it.
    pub(crate) rule: RuleExplained,
}

/// The customer in every further scoring, in the order of the settings.
///
/// # Errors
/// A bug where a score is out of range.
pub(crate) fn further(subject: &Subject<'_>) -> Result<Vec<ScoringExplained>> {
    let further = subject.findings.scorings.further.iter().zip(subject.beside.iter().skip(1));
    further.map(|(scoring, beside)| explained(subject, scoring, beside)).collect()
}

fn explained(subject: &Subject<'_>, scoring: &Scoring, beside: &Beside) -> Result<ScoringExplained> {
    let row = subject.row;
    Ok(ScoringExplained {
        scoring: scoring.name.clone(),
        group: group(scoring, row),
        map: scoring.map.name.clone(),
        cell: cell(scoring, row)?,
        segment: segment(subject, scoring, beside)?,
        cluster: cluster(scoring, row),
        axes: axes::axes(subject, scoring)?,
        value: axes::weighted_value(scoring, row),
    })
}

/// The customer's scores as the text of the column `cell`.
///
/// # Errors
/// A bug where a score is out of range.
pub(crate) fn cell(scoring: &Scoring, row: usize) -> Result<String> {
    let [r, f, m] = scoring.scores.each_ref().map(|scores| &scores[row..=row]);
    Ok(scoring.cells.numbers(r, f, m)?.first().map(|cell| scoring.cells.text(*cell)).unwrap_or_default())
}

/// The customer's cluster, from 1; none where there are no clusters.
pub(crate) fn cluster(scoring: &Scoring, row: usize) -> Option<u16> {
    scoring.clusters.as_ref().map(|clusters| clusters.of[row] + 1)
}

/// The customer's group; none where customers are not scored by group.
pub(crate) fn group(scoring: &Scoring, row: usize) -> Option<GroupExplained> {
    let scored = scoring.groups.as_ref()?;
    let group = scored.groups.of[row] as usize;
    Some(GroupExplained {
        by: scored.groups.by.clone(),
        customer_group: scored.groups.keys[group].to_string(),
        customers: scored.customers[group],
        breaks: if scored.has_own(group) { "own" } else { "all" },
    })
}

/// The customer's segment, and the rule that gives it.
///
/// # Errors
/// A bug where something that rules look at is missing.
pub(crate) fn segment(subject: &Subject<'_>, scoring: &Scoring, beside: &Beside) -> Result<SegmentExplained> {
    let Segment { key, order, name_en, name_zh, action_en, action_zh, .. } =
        scoring.map.segments[usize::from(scoring.segment[subject.row])].clone();
    let rule = rules::explained(subject, scoring, beside)?;
    Ok(SegmentExplained { key, order, name_en, name_zh, action_en, action_zh, rule })
}
