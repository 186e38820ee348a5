//! The nearest change that would move a customer up, with fixed thresholds.
//!
//! Lives here: raises on one axis, and the least of them that reach a better segment. Recency cannot fall below zero, and
//! `ntile` has no thresholds, so a change there is a guess and is called one.
//! Does not live here: what one more order would do (`one_more`), how thresholds are learned (`score`).

use serde::Serialize;

use super::axes::{self, in_unit};
use super::one_more::{OneMore, one_more};
use super::subject::{Candidate, Raise, Subject};
use super::value_text;
use crate::day::date_of;
use crate::error::Result;
use crate::reports::findings::Findings;
use crate::score::options::Method;
use crate::score::{Breaks, Rise};
use crate::scoring::Scoring;

/// Raises of one axis that are considered when they are combined.
const RAISES: usize = 12;
/// The letters of the axes.
const AXES: [&str; 3] = ["r", "f", "m"];

/// The next higher score of an axis, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Step {
    /// The score that would be reached.
    pub(crate) score: Option<i32>,
    /// The value that reaches it.
    pub(crate) value: Option<f64>,
    /// The same for people.
    pub(crate) text: String,
    #[serde(skip)]
    raises: Vec<Raise>,
}

/// What would move the customer up.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(crate) struct Next {
    /// A segment before the customer's own in the map, by the fewest steps of scores.
    pub(crate) better_segment: Option<String>,
    /// The changes that lead there.
    pub(crate) changes: Vec<String>,
    /// What one more order of average value, on the analysis date, would do; none with ntile.
    pub(crate) one_more_order: Option<OneMore>,
    /// The first of these for people.
    pub(crate) text: String,
}

/// The values of the three axes.
///
/// # Errors
/// As [`Subject::value`].
fn values(subject: &Subject<'_>) -> Result<[i64; 3]> {
    let [r, f, m] = subject.findings.own().bounds.each_ref().map(|bounds| subject.value(bounds.measure));
    Ok([r?, f?, m?])
}

/// The next score on each axis.
///
/// # Errors
/// As [`Subject::value`].
pub(crate) fn steps(subject: &Subject<'_>) -> Result<[Step; 3]> {
    let (values, scores, own) = (values(subject)?, subject.scores(), subject.basis());
    let step = |axis: usize| {
        let bounds = &own.bounds[axis];
        let Some(breaks) = axes::breaks_of(own, bounds) else { return guess(subject, axis, scores[axis]) };
        let raises = raises(breaks, values[axis]);
        let text = match raises.first() {
            Some(raise) => {
                let change = change(subject.findings, axis, values[axis], *raise);
                format!("{change} -> {}_score {}", AXES[axis], raise.score)
            }
            None if scores[axis] == breaks.bins.cast_signed() => "it is the best score".to_owned(),
            None => "it cannot rise: no value that can be had is beyond the next threshold".to_owned(),
        };
        let first = raises.first().copied();
        let value = first.map(|raise| in_unit(raise.value, bounds.decimals));
        Step { score: first.map(|raise| raise.score), value, text, raises }
    };
    Ok([step(0), step(1), step(2)])
}

/// The values that give higher scores, from the nearest to the farthest.
fn raises(breaks: &Breaks, value: i64) -> Vec<Raise> {
    let below = |value: i64| i32::try_from(breaks.cuts.partition_point(|cut| *cut < value)).unwrap_or(i32::MAX);
    let mut raises: Vec<Raise> = if breaks.axis.fewer_is_better() {
        let better = breaks.cuts.iter().rev().filter(|cut| **cut < value && **cut >= 0);
        better.map(|cut| Raise { value: *cut, score: breaks.bins.cast_signed() - below(*cut) }).collect()
    } else {
        let better = breaks.cuts.iter().filter(|cut| **cut >= value).filter_map(|cut| cut.checked_add(1));
        better.map(|value| Raise { value, score: 1 + below(value) }).collect()
    };
    raises.dedup();
    raises
}

/// With ntile there is no threshold: the values of the customers with the next score. Inside the groups of nested
/// scores not even those are known.
fn guess(subject: &Subject<'_>, axis: usize, score: i32) -> Step {
    let findings = subject.findings;
    if findings.own().is_nested && axis > 0 {
        let text = "nested scores have no thresholds: the score depends on the others of the same group".to_owned();
        return Step { score: None, value: None, text, raises: Vec::new() };
    }
    let bounds = &subject.basis().bounds[axis];
    let better = bounds.bounds.iter().find(|bound| bound.score > score && bound.customers > 0);
    let value = better.and_then(|better| if axis == 0 { better.highest_value } else { better.lowest_value });
    let text = match (better, value) {
        (Some(better), Some(value)) => format!(
            "ntile has no thresholds: customers with {}_score {} have {} {} or {}, and equal values may be split",
            AXES[axis],
            better.score,
            bounds.measure.column(),
            value_text(value, bounds.decimals, findings.scale),
            if axis == 0 { "fewer" } else { "more" }
        ),
        _ => "no customer has a better score".to_owned(),
    };
    Step {
        score: better.map(|better| better.score),
        value: value.map(|value| in_unit(value, bounds.decimals)),
        text,
        raises: Vec::new(),
    }
}

/// What has to happen for the value to become that of the raise.
fn change(findings: &Findings, axis: usize, value: i64, raise: Raise) -> String {
    let bounds = &findings.own().bounds[axis];
    let more = raise.value.saturating_sub(value);
    let shown = |value: i64| value_text(value, bounds.decimals, findings.scale);
    match bounds.measure.entry().rise {
        Rise::Within(what) => {
            let since = i32::try_from(raise.value).map_or(findings.as_of, |days| findings.as_of.saturating_sub(days));
            let (since, as_of) = (date_of(since), date_of(findings.as_of));
            format!("{what} within {} days of {as_of}, on {since} or later", raise.value)
        }
        Rise::More(what) => format!("{more} more {what}{}", if more == 1 { "" } else { "s" }),
        Rise::By(text) => text.replace("{}", &shown(more)),
        Rise::To(text) => text.replace("{}", &shown(raise.value)),
    }
}

/// What would move the customer up, beyond the next score of each axis.
///
/// # Errors
/// A bug where the map does not fit the scores, which the run has checked.
pub(crate) fn next(subject: &Subject<'_>, steps: &[Step; 3]) -> Result<Next> {
    let Scoring { map, segment, .. } = subject.findings.own();
    let own = &map.segments[usize::from(segment[subject.row])];
    let mut next = Next { one_more_order: one_more(subject)?, ..Next::default() };
    let is_best = map.segments.iter().all(|segment| segment.order >= own.order);
    let unknown = subject.unknown_after(false);
    let better = if unknown.is_some() { None } else { better_segment(subject, steps)? };
    match better {
        Some((key, changes)) => {
            next.text = format!("{} -> segment {key}", changes.join(" and "));
            (next.better_segment, next.changes) = (Some(key), changes);
        }
        None if is_best => next.text = "this is the first segment of the map".to_owned(),
        None => {
            if let Some(what) = unknown {
                next.text = format!("the map looks at {what}, so what would raise it is not shown");
                return Ok(next);
            }
            next.text = "no raise of the scores by thresholds leads to a segment before this one".to_owned();
            if subject.settings.axes().iter().any(|axis| axis.method == Method::Ntile) {
                next.text += "; scores by `ntile` have none";
            }
        }
    }
    Ok(next)
}

/// The segment before the customer's own that the fewest steps of scores reach, and the changes that do it.
fn better_segment(subject: &Subject<'_>, steps: &[Step; 3]) -> Result<Option<(String, Vec<String>)>> {
    let Scoring { map, segment, .. } = subject.findings.own();
    let own = &map.segments[usize::from(segment[subject.row])];
    let (values, scores) = (values(subject)?, subject.scores());
    let mut candidates: Vec<Candidate> = vec![[None; 3]];
    for axis in 0..3 {
        let raises: Vec<Raise> = steps[axis].raises.iter().take(RAISES).copied().collect();
        let raised = candidates.iter().flat_map(|candidate| {
            raises.iter().map(|raise| {
                let mut candidate = *candidate;
                candidate[axis] = Some(*raise);
                candidate
            })
        });
        let raised: Vec<_> = raised.collect();
        candidates.extend(raised);
    }
    let distance = |candidate: &Candidate| {
        let steps = (0..3).map(|axis| candidate[axis].map_or(0, |raise| raise.score - scores[axis])).sum::<i32>();
        (candidate.iter().flatten().count(), steps)
    };
    candidates.sort_by_key(distance);
    let segments = subject.segments(&candidates, &subject.customer)?;
    let better = segments.iter().position(|segment| map.segments[usize::from(*segment)].order < own.order);
    Ok(better.map(|found| {
        let raised = (0..3).filter_map(|axis| Some((axis, candidates[found][axis]?)));
        let changes = raised.map(|(axis, raise)| {
            let change = change(subject.findings, axis, values[axis], raise);
            format!("{change} -> {}_score {}", AXES[axis], raise.score)
        });
        (map.segments[usize::from(segments[found])].key.clone(), changes.collect())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::{Axis, Measure};

    fn breaks(axis: Axis, measure: Measure, cuts: &[i64]) -> Breaks {
        #[allow(clippy::cast_precision_loss)]
        let thresholds = cuts.iter().map(|cut| *cut as f64).collect();
        let (bins, method) = (u32::try_from(cuts.len()).unwrap() + 1, crate::score::options::Method::Fixed);
        Breaks {
            axis,
            measure,
            method,
            bins,
            decimals: 0,
            share: None,
            weight: None,
            customers: 9,
            thresholds,
            cuts: cuts.to_vec(),
            customers_per_score: Vec::new(),
        }
    }

    fn of(breaks: &Breaks, value: i64) -> Vec<(i64, i32)> {
        raises(breaks, value).into_iter().map(|raise| (raise.value, raise.score)).collect()
    }

    #[test]
    fn a_raise_is_the_first_value_beyond_each_threshold() {
        // Score = 1 + the cuts below the value: 1 order is 1, 2 or 3 orders jump to 3 over the double cut.
        let orders = breaks(Axis::Frequency, Measure::Orders, &[1, 1, 3, 9]);
        assert_eq!(of(&orders, 1), [(2, 3), (4, 4), (10, 5)]);
        assert_eq!(of(&orders, 9), [(10, 5)]);
        assert_eq!(of(&orders, 10), []);
        assert_eq!(of(&breaks(Axis::Frequency, Measure::Orders, &[i64::MAX]), 3), []);
    }

    #[test]
    fn recency_rises_by_fewer_days_and_never_below_none() {
        // Score = 5 minus the cuts below: more than 180 days is 1, up to 7 is 5.
        let days = breaks(Axis::Recency, Measure::RecencyDays, &[7, 30, 90, 180]);
        assert_eq!(of(&days, 100), [(90, 3), (30, 4), (7, 5)]);
        assert_eq!(of(&days, 7), []);
        assert_eq!(of(&breaks(Axis::Recency, Measure::RecencyDays, &[-5, 0]), 3), [(0, 2)]);
    }

    /// Whatever the cuts, a raise gives the score that the breaks themselves give, and it is a higher one.
    #[test]
    fn raises_agree_with_the_scores() {
        for cuts in [&[0_i64, 0, 0, 0][..], &[1, 2, 2, 50], &[-3, -1, 4, 4]] {
            for (axis, measure) in [(Axis::Recency, Measure::RecencyDays), (Axis::Monetary, Measure::Revenue)] {
                let breaks = breaks(axis, measure, cuts);
                for value in 0..60 {
                    let own = breaks.apply(&[value]).unwrap()[0];
                    for raise in raises(&breaks, value) {
                        assert_eq!(breaks.apply(&[raise.value]).unwrap(), [raise.score]);
                        assert!(raise.score > own, "{cuts:?} {value} {raise:?}");
                    }
                }
            }
        }
    }
}
