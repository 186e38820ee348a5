//! The scorings of an earlier date, put to what customers did since.
//!
//! Does not live here: how the earlier date is scored (`against`), and the figures (`time::evaluation`).

use super::scored::Scored;
use crate::reports::findings::Findings;
use crate::score::score_sums;
use crate::scoring::Scoring;
use crate::time::evaluation::groups::by_group;
use crate::time::evaluation::{EvaluatedGroup, EvaluatedRanking, Evaluation, Outcome, Outcomes, RankingQuality};

/// How good the scorings of the earlier date would have been; nothing where no order speaks for it.
///
/// # Errors
/// A bug where the scores of a scoring differ in length.
pub(super) fn evaluate(then: Option<&Scored>, now: &Scored) -> crate::error::Result<Evaluation> {
    let horizon_days = now.config().evaluate.horizon_days.unwrap_or_default();
    let Some(then) = then else { return Ok(Evaluation { horizon_days, ..Evaluation::default() }) };
    let outcomes = outcomes(&then.findings, &now.findings, horizon_days);
    let mut found = Evaluation { horizon_days, new_customers: outcomes.new_customers, ..Evaluation::default() };
    for scoring in then.findings.scorings.by_name() {
        let mut groups = groups(&then.findings, scoring, &outcomes)?;
        groups.sort_by(|one, other| (one.group_by, &one.group).cmp(&(other.group_by, &other.group)));
        found.groups.extend(groups);
        found.rankings.extend(rankings(&then.findings, scoring, &outcomes)?);
    }
    Ok(found)
}

/// What the customers of the earlier date did since.
fn outcomes(then: &Findings, now: &Findings, horizon_days: u32) -> Outcomes {
    let rows = then.customers.ids.rows_in(&now.customers.ids);
    let after =
        |row: &Option<u32>| row.and_then(|row| now.from_days.recent.get(row as usize)).copied().unwrap_or_default();
    let is_known = now.customers.ids.rows_in(&then.customers.ids);
    Outcomes {
        as_of: then.as_of,
        horizon_days,
        after: rows.iter().map(after).collect(),
        revenue_before: then.from_days.recent.iter().map(|before: &Outcome| before.revenue).collect(),
        new_customers: is_known.iter().filter(|row| row.is_none()).count() as u64,
    }
}

/// The groups of a scoring that have customers.
fn groups(then: &Findings, scoring: &Scoring, outcomes: &Outcomes) -> crate::error::Result<Vec<EvaluatedGroup>> {
    let [r, f, m] = &scoring.scores;
    let mut found = Vec::new();
    let mut add = |group_by: &'static str, names: Vec<String>, of: &dyn Fn(usize) -> usize| {
        let groups = by_group(outcomes, names.len(), of);
        let occurring = names.into_iter().zip(groups).filter(|(_, outcome)| outcome.customers > 0);
        found.extend(occurring.map(|(group, outcome)| EvaluatedGroup {
            scoring: scoring.name.clone(),
            group_by,
            group,
            outcome,
        }));
    };
    let keys = scoring.map.segments.iter().map(|segment| segment.key.clone()).collect();
    add("segment", keys, &|row| usize::from(scoring.segment[row]));
    let cells = scoring.cells.numbers(r, f, m)?;
    add("cell", scoring.cells.texts(), &|row| cells[row] as usize);
    for (name, scores, axis) in [("r_score", r, 0), ("f_score", f, 1), ("m_score", m, 2)] {
        if axis == 2 && !then.customers.known.has_money() {
            continue;
        }
        let names = (0..=scoring.bounds[axis].bounds.len()).map(|score| score.to_string()).collect();
        add(name, names, &|row| usize::try_from(scores[row]).unwrap_or_default());
    }
    if scoring.name == then.own().name && !then.octant.is_empty() {
        let codes = then.octants.list.iter().map(|octant| octant.code.clone()).collect();
        add("octant", codes, &|row| usize::from(then.octant[row]));
    }
    Ok(found)
}

/// The rankings of a scoring, by name. Lifetime values are those of the run, whatever the scoring: they stand with its own.
fn rankings(then: &Findings, scoring: &Scoring, outcomes: &Outcomes) -> crate::error::Result<Vec<EvaluatedRanking>> {
    let [r, f, m] = &scoring.scores;
    let of_scores = |scores: &[i32]| scores.iter().map(|score| f64::from(*score)).collect::<Vec<f64>>();
    let mut values: Vec<(&'static str, Vec<f64>)> = Vec::new();
    let clv = then.predictions.as_ref().filter(|own| scoring.name == then.own().name && own.learned.spending.is_some());
    if let Some(predictions) = clv
        && let Some(last) = predictions.terms.horizons.len().checked_sub(1)
    {
        let clv = |row| predictions.clv(row, last).unwrap_or(f64::NAN);
        values.push(("clv", (0..then.customers.len()).map(clv).collect()));
    }
    values.push(("f_score", of_scores(f)));
    if then.customers.known.has_money() {
        values.push(("m_score", of_scores(m)));
    }
    values.push(("r_score", of_scores(r)));
    values.push(("score_sum", of_scores(&score_sums(r, f, m)?)));
    if let Some(value) = &scoring.value {
        #[expect(clippy::cast_precision_loss, reason = "values are ranked: the first 15 digits decide")]
        values.push(("weighted_value", value.values.iter().map(|value| *value as f64).collect()));
    }
    let ranking = |(ranking, values): (&'static str, Vec<f64>)| EvaluatedRanking {
        scoring: scoring.name.clone(),
        ranking,
        quality: RankingQuality::of(&values, outcomes),
    };
    Ok(values.into_iter().map(ranking).collect())
}
