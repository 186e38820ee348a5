//! The octants of the customers: which level of which axis, as the settings say.
//!
//! Does not live here: what an octant is called (`segment`), and how a level is found (`score`).

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;

use super::measures::Measured;
use super::settings::Settings;
use crate::error::Result;
use crate::score::options::Method;
use crate::score::{self, AxisSpec, Breaks, Measure, ScoreCut, ScoreThreshold};
use crate::segment::Octants;
use crate::segment::options::{OctantsOf, Threshold};

/// Customers whose levels are held at a time: they are needed for nothing else.
const ROWS_AT_ONCE: usize = 1 << 14;

/// What separates high (2) from low (1) on an axis.
enum Level<'a> {
    OfScores(&'a [i32], ScoreCut),
    OfValues(Cow<'a, [i64]>, Breaks),
}

impl Level<'_> {
    fn of(&self, rows: Range<usize>) -> Result<Vec<i32>> {
        match self {
            Self::OfScores(scores, cut) => Ok(cut.levels(&scores[rows])),
            Self::OfValues(values, breaks) => breaks.apply(&values[rows]),
        }
    }
}

/// The octant of every customer, as an index of the list of `octants`.
pub(crate) fn octants(
    settings: &Settings,
    octants: &Octants,
    measured: &Measured<'_>,
    scores: [&[i32]; 3],
) -> Result<Vec<u16>> {
    let level = |axis| level(settings, measured, scores, axis);
    let (r, (f, m)) = rayon::join(|| level(0), || rayon::join(|| level(1), || level(2)));
    let [r, f, m] = [r?, f?, m?];
    let mut indices = vec![0; measured.customers.len()];
    indices.par_chunks_mut(ROWS_AT_ONCE).enumerate().try_for_each(|(chunk, indices)| {
        let start = chunk * ROWS_AT_ONCE;
        let rows = || start..start + indices.len();
        let found = octants.of_levels(&r.of(rows())?, &f.of(rows())?, &m.of(rows())?)?;
        indices.copy_from_slice(&found);
        Ok(())
    })?;
    Ok(indices)
}

/// How the levels of an axis are found.
fn level<'a>(
    settings: &Settings,
    measured: &'a Measured<'_>,
    scores: [&'a [i32]; 3],
    axis: usize,
) -> Result<Level<'a>> {
    let options = &settings.octants;
    let given = [options.recency, options.frequency, options.monetary][axis].unwrap_or_default();
    if options.of == OctantsOf::Scores {
        let threshold = match options.threshold {
            Threshold::Median => ScoreThreshold::Median,
            Threshold::Given => ScoreThreshold::Given(given),
            Threshold::Mean | Threshold::Pareto => ScoreThreshold::Mean,
        };
        return Ok(Level::OfScores(scores[axis], ScoreCut::learn(scores[axis], threshold)?));
    }
    let measure = [Measure::RecencyDays, Measure::Orders, Measure::Revenue][axis];
    let method = match options.threshold {
        Threshold::Mean => Method::Mean,
        Threshold::Median => Method::Median,
        Threshold::Pareto => Method::Pareto,
        Threshold::Given => Method::Fixed,
    };
    // Fewer days than given: a value on a cut of `fixed` belongs to the better bin of recency.
    let cut = if axis == 0 { given.ceil() - 1.0 } else { given };
    let is_held = axis == 0 && options.threshold == Threshold::Pareto;
    let spec = AxisSpec {
        cuts: if method == Method::Fixed { vec![cut] } else { Vec::new() },
        weight: is_held.then_some(Measure::Revenue),
        share: options.share,
        ..AxisSpec::new(measure, measure.decimals(settings.money_scale.into()), method, 2)
    };
    let values = measured.values(measure)?;
    let learned = score::Learned::learn_weighted(&values, &measured.weights(&spec)?, &spec)?;
    Ok(Level::OfValues(values, learned.freeze()?.clone()))
}
