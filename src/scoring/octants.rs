//! The octants of the customers: which level of which axis, as the settings say.
//!
//! Does not live here: what an octant is called (`segment`), and how a level is found (`score`).

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;

use super::frozen::Frozen;
use super::learned::LearnedOctants;
use super::measures::Measured;
use super::settings::Settings;
use crate::error::{Error, Result};
use crate::score::{self, AxisColumn, AxisSpec, Breaks, Measure, ScoreCut, ScoreThreshold, picked};
use crate::segment::Octants;
use crate::segment::options::{OctantOptions, OctantsOf, Threshold};

/// Customers whose levels are held at a time: they are needed for nothing else.
const ROWS_AT_ONCE: usize = 1 << 14;
/// What the octants measure.
const MEASURES: [Measure; 3] = [Measure::RecencyDays, Measure::Orders, Measure::Revenue];

/// The octant of every customer, and by what they were told.
#[derive(Debug)]
pub(crate) struct OctantsFound {
    /// The index in the list of octants.
    pub(crate) of: Vec<u16>,
    pub(crate) learned: LearnedOctants,
    /// Whether thresholds were asked for that the earlier run did not write.
    pub(crate) are_learned_new: bool,
}

/// What separates high (2) from low (1) on an axis.
enum Level<'a> {
    OfScores(&'a [i32], ScoreCut),
    OfValues(Cow<'a, [i64]>, Breaks),
}

impl Level<'_> {
    fn of(&self, rows: Range<usize>) -> Result<Vec<i32>> {
        match self {
            Self::OfScores(scores, cut) => Ok(cut.levels(&scores[rows])),
            // Where nobody has an order in the window there is no threshold, and nobody is above it.
            Self::OfValues(_, breaks) if breaks.cuts.is_empty() => Ok(vec![1; rows.len()]),
            Self::OfValues(values, breaks) => breaks.apply(&values[rows]),
        }
    }
}

/// The octant of every customer. Those without an order in the window are low in frequency and monetary value.
pub(crate) fn octants(
    settings: &Settings,
    frozen: &Frozen,
    octants: &Octants,
    measured: &Measured<'_>,
    scores: [&[i32]; 3],
) -> Result<OctantsFound> {
    let learned = learned(settings, frozen, measured, scores)?;
    let level = |axis: usize| -> Result<Level<'_>> {
        Ok(match learned.of {
            OctantsOf::Scores => Level::OfScores(scores[axis], learned.scores[axis]),
            OctantsOf::Measures => Level::OfValues(measured.values(MEASURES[axis])?, learned.breaks[axis].clone()),
        })
    };
    let [r, f, m] = [level(0)?, level(1)?, level(2)?];
    let orders = &measured.customers.orders;
    let mut of = vec![0; measured.customers.len()];
    of.par_chunks_mut(ROWS_AT_ONCE).enumerate().try_for_each(|(chunk, indices)| {
        let start = chunk * ROWS_AT_ONCE;
        let rows = || start..start + indices.len();
        let (r, mut f, mut m) = (r.of(rows())?, f.of(rows())?, m.of(rows())?);
        if measured.buyers.is_some() {
            for (orders, (f, m)) in orders[rows()].iter().zip(f.iter_mut().zip(&mut m)) {
                (*f, *m) = if *orders == 0 { (1, 1) } else { (*f, *m) };
            }
        }
        indices.copy_from_slice(&octants.of_levels(&r, &f, &m)?);
        Ok(())
    })?;
    let are_learned_new = frozen.is_asked_for() && frozen.octants().is_none();
    Ok(OctantsFound { of, learned, are_learned_new })
}

/// The thresholds: those of an earlier run where the settings ask for them and it wrote them, else new ones.
pub(crate) fn learned(
    settings: &Settings,
    frozen: &Frozen,
    measured: &Measured<'_>,
    scores: [&[i32]; 3],
) -> Result<LearnedOctants> {
    if let Some(frozen) = frozen.octants() {
        check_frozen(settings, frozen)?;
        return Ok(frozen.clone());
    }
    let OctantOptions { threshold, of, .. } = settings.octants;
    let mut learned = LearnedOctants { threshold, of, breaks: Vec::new(), scores: Vec::new() };
    if of == OctantsOf::Scores {
        learned.scores = cuts(settings, measured, scores)?.to_vec();
        return Ok(learned);
    }
    let breaks = |axis: usize| {
        let spec = level_spec(settings, axis);
        let learned = measured.axis(&spec, |column: AxisColumn<'_>| {
            let AxisColumn { values, weights, .. } = column;
            match column.learned_from(spec.axis(), settings.score.learn_from) {
                Some(rows) => score::Learned::learn_weighted(&picked(values, rows), &picked(weights, rows), &spec),
                None => score::Learned::learn_weighted(values, weights, &spec),
            }
        });
        Ok(learned?.freeze()?.clone())
    };
    let (r, (f, m)) = rayon::join(|| breaks(0), || rayon::join(|| breaks(1), || breaks(2)));
    learned.breaks = [r, f, m].into_iter().collect::<Result<_>>()?;
    Ok(learned)
}

/// What separates high scores from low ones.
pub(crate) fn cuts(settings: &Settings, measured: &Measured<'_>, scores: [&[i32]; 3]) -> Result<[ScoreCut; 3]> {
    let options = &settings.octants;
    let given = [options.recency, options.frequency, options.monetary];
    let cut = |axis: usize| {
        let threshold = match options.threshold {
            Threshold::Median => ScoreThreshold::Median,
            Threshold::Given => ScoreThreshold::Given(given[axis].unwrap_or_default()),
            Threshold::Mean | Threshold::Pareto => ScoreThreshold::Mean,
        };
        match settings.learned_from(measured).filter(|_| axis > 0) {
            Some(rows) => ScoreCut::learn(&picked(scores[axis], rows), threshold),
            None => ScoreCut::learn(scores[axis], threshold),
        }
    };
    Ok([cut(0)?, cut(1)?, cut(2)?])
}

/// An axis of two bins: not above the threshold of the octants, and above it.
pub(crate) fn level_spec(settings: &Settings, axis: usize) -> AxisSpec {
    let options = &settings.octants;
    let measure = MEASURES[axis];
    let method = options.threshold.method();
    let is_held = axis == 0 && options.threshold == Threshold::Pareto;
    AxisSpec {
        cuts: options.cut(axis).into_iter().collect(),
        weight: is_held.then_some(Measure::Revenue),
        share: options.share,
        ..AxisSpec::new(measure, measure.decimals(settings.money_scale.into()), method, 2)
    }
}

/// # Errors
/// A config error where the thresholds of an earlier run are not those that the settings ask for.
pub(crate) fn check_frozen(settings: &Settings, frozen: &LearnedOctants) -> Result<()> {
    let refused = || {
        Error::config("the loaded thresholds of the octants do not fit this run")
            .hint("set `[octants]` as in the run they come from, or leave out `score.breaks_from`")
    };
    let options = &settings.octants;
    if (frozen.threshold, frozen.of) != (options.threshold, options.of) {
        return Err(refused().cause("`octants.threshold` or `octants.of` differ"));
    }
    let expected = match frozen.of {
        OctantsOf::Scores => frozen.scores.len(),
        OctantsOf::Measures => frozen.breaks.len(),
    };
    if expected != MEASURES.len() {
        return Err(refused().cause(format!("there are thresholds for {expected} axes, expected 3")));
    }
    for (axis, breaks) in frozen.breaks.iter().enumerate() {
        breaks.check_loaded(&level_spec(settings, axis)).map_err(|error| refused().cause(error.headline()))?;
    }
    Ok(())
}
