//! Which rule of a segment map gives the customer's segment, and what a rule of a better one asks that they do not have.
//!
//! Does not live here: what a rule is (`segment`), and changes of scores and of orders (`next_change`, `one_more`).

use serde::Serialize;

use super::subject::Subject;
use crate::error::Result;
use crate::scoring::{Beside, Groups, Measured, RuleSources, Scoring};
use crate::segment::{Asked, Has, Tried};

/// The rule that gives the segment.
#[derive(Debug, Serialize)]
pub(crate) struct RuleExplained {
    /// From 1; none where no rule matches.
    pub(crate) number: Option<usize>,
    /// How many rules the map has.
    pub(crate) of: usize,
    /// Its conditions, all of which hold, with what the customer has; none of `otherwise`.
    pub(crate) conditions: Vec<Asked>,
    /// The same for people.
    pub(crate) text: String,
    /// Of the rules before it that give a better segment, the one that asks the least which the customer does not have.
    pub(crate) better: Option<BetterRule>,
}

/// A rule that does not match.
#[derive(Debug, Serialize)]
pub(crate) struct BetterRule {
    /// From 1.
    pub(crate) number: usize,
    /// The key of its segment.
    pub(crate) segment: String,
    /// The conditions that do not hold.
    pub(crate) lacking: Vec<Asked>,
    /// The same for people.
    pub(crate) text: String,
}

/// # Errors
/// A bug where something that rules look at is missing.
pub(crate) fn explained(subject: &Subject<'_>, scoring: &Scoring, beside: &Beside) -> Result<RuleExplained> {
    let tried = tried(subject, scoring, beside)?;
    let matched = tried.iter().find(|tried| tried.matches());
    let own = &scoring.map.segments[usize::from(scoring.segment[subject.row])];
    let text = match matched {
        Some(tried) => format!("{} of {}: {}", tried.rule, scoring.map.rule_count(), shown(tried)),
        None => format!("none of {}: otherwise -> {}", scoring.map.rule_count(), own.key),
    };
    let order = |key: &str| scoring.map.segments.iter().find(|segment| segment.key == key).map(|segment| segment.order);
    let before = tried.iter().take_while(|tried| !tried.matches());
    let better = before.filter(|tried| order(&tried.segment).is_some_and(|order| order < own.order));
    let lacking = |tried: &Tried| tried.conditions.iter().filter(|asked| !asked.holds).cloned().collect::<Vec<_>>();
    let nearest = better.min_by_key(|tried| lacking(tried).len());
    Ok(RuleExplained {
        number: matched.map(|tried| tried.rule),
        of: scoring.map.rule_count(),
        conditions: matched.map(|tried| tried.conditions.clone()).unwrap_or_default(),
        text,
        better: nearest.map(|tried| {
            let (number, segment, lacking) = (tried.rule, tried.segment.clone(), lacking(tried));
            let asked: Vec<String> = lacking.iter().map(asked_text).collect();
            let text = format!("{number} ({segment}) asks for {}", asked.join(" and "));
            BetterRule { number, segment, lacking, text }
        }),
    })
}

/// `R 4, P(alive) 0.5 or more (has 0.61) -> loyal`: what stands in the condition already is not said twice.
fn shown(tried: &Tried) -> String {
    let conditions: Vec<String> = tried.conditions.iter().map(asked_text).collect();
    format!("{} -> {}", conditions.join(", "), tried.segment)
}

fn asked_text(asked: &Asked) -> String {
    if asked.condition.ends_with(&asked.value) {
        asked.condition.clone()
    } else {
        format!("{} (has {})", asked.condition, asked.value)
    }
}

/// Every rule, put to the customer as they are.
fn tried(subject: &Subject<'_>, scoring: &Scoring, beside: &Beside) -> Result<Vec<Tried>> {
    let (findings, row, map) = (subject.findings, subject.row, &scoring.map);
    let measured = Measured::new(&subject.customer, findings.as_of);
    let scores = scoring.scores.each_ref().map(|scores| &scores[row..=row]);
    let bits = [subject.octant_bits()];
    let sources = RuleSources {
        measured: &measured,
        scores,
        score_weights: scoring.score_weights,
        values: scoring.value.as_ref().map(|value| &value.values[row..=row]),
        groups: Groups { abc: &findings.ranking.abc[row..=row], octant_bits: &bits },
    };
    let columns = sources.columns(map, beside)?;
    let numbers = columns.iter().map(|values| values.first().copied().unwrap_or(i64::MIN));
    let looked: Vec<(i64, String)> =
        numbers.enumerate().map(|(at, number)| (number, subject.value_text(map, at, number))).collect();
    let seen = |axis: usize| {
        let own = scores[axis];
        let levels = scoring.basis_of(row).levels;
        let seen = levels.map(|levels| levels[axis].levels_among(own, measured.without_orders(axis)));
        seen.and_then(|seen| seen.first().copied()).unwrap_or(own[0]).cast_unsigned()
    };
    let value = scoring.value.as_ref().map_or(1, |value| value.scores[row].cast_unsigned());
    Ok(map.tried(Has { scores: [seen(0), seen(1), seen(2), value], looked: &looked }, findings.scale))
}
