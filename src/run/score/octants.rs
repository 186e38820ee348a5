//! The octants of the customers: which level of which axis, as the settings say.
//!
//! Does not live here: what an octant is called (`segment`), and how a level is told (`score`).

use super::measured::Measured;
use crate::config::Config;
use crate::error::Result;
use crate::score::options::Method;
use crate::score::{self, AxisSpec, Measure, ScoreThreshold, score_levels};
use crate::segment::options::{OctantsOf, Threshold};

/// High (2) and low (1) of every customer on the three axes of the octants.
pub(super) fn levels(config: &Config, measured: Measured<'_>, scores: [&[i32]; 3]) -> Result<[Vec<i32>; 3]> {
    let Measured { customers, days, orders, .. } = measured;
    let options = &config.octants;
    let given = [options.recency, options.frequency, options.monetary].map(Option::unwrap_or_default);
    if options.of == OctantsOf::Scores {
        let level = |axis: usize| {
            let threshold = match options.threshold {
                Threshold::Median => ScoreThreshold::Median,
                Threshold::Given => ScoreThreshold::Given(given[axis]),
                Threshold::Mean | Threshold::Pareto => ScoreThreshold::Mean,
            };
            score_levels(scores[axis], threshold)
        };
        return Ok([level(0)?, level(1)?, level(2)?]);
    }
    let money = config.clean.money_scale.into();
    let axes =
        [(Measure::RecencyDays, 0, days), (Measure::Orders, 0, orders), (Measure::Revenue, money, &*customers.revenue)];
    let level = |axis: usize| {
        let (measure, decimals, values) = axes[axis];
        let method = match options.threshold {
            Threshold::Mean => Method::Mean,
            Threshold::Median => Method::Median,
            Threshold::Pareto => Method::Pareto,
            Threshold::Given => Method::Fixed,
        };
        // Fewer days than given: a value on a cut of `fixed` belongs to the better bin of recency.
        let cut = if axis == 0 { given[axis].ceil() - 1.0 } else { given[axis] };
        let is_held = axis == 0 && options.threshold == Threshold::Pareto;
        let spec = AxisSpec {
            cuts: if method == Method::Fixed { vec![cut] } else { Vec::new() },
            weight: is_held.then_some(Measure::Revenue),
            share: options.share,
            ..AxisSpec::new(measure, decimals, method, 2)
        };
        let weights: &[i64] = if is_held { &customers.revenue } else { &[] };
        score::Learned::learn_weighted(values, weights, &spec)?.freeze()?.apply(values)
    };
    let (r, (f, m)) = rayon::join(|| level(0), || rayon::join(|| level(1), || level(2)));
    Ok([r?, f?, m?])
}
