//! One scoring of the customers: its axes, its value, its segments.
//!
//! Lives here: which stage gets which columns. Does not live here: any formula.

use serde::Serialize;

use super::frozen::Frozen;
use super::measured::{MapMeasures, Measured};
use super::{Learned, axes, clusters, drift, run_scores};
use crate::config::Config;
use crate::error::Result;
use crate::models::ahp::{self, Priorities};
use crate::reports::findings::AxisBounds;
use crate::reports::ranking::Ranking;
use crate::reports::tables::drift::AxisDrift;
use crate::reports::tables::scorings::{Beside, Value};
use crate::score::on_request::Composite;
use crate::score::options::Combination;
use crate::score::{AxisSpec, Scored, ValueAxis, ValueScale, nested_scores, score_axis_weighted};
use crate::segment::{self, SegmentMap};

/// The weighted value of every customer, and its score.
#[derive(Debug)]
pub(crate) struct Valued {
    pub(crate) learned: LearnedValue,
    /// The measures in the order of the scale.
    pub(crate) columns: Vec<Vec<i64>>,
    /// Whole numbers of 10^-9.
    pub(crate) values: Vec<i64>,
    pub(crate) scored: Scored,
}

/// What the weighted value was made with, for the manifest.
#[derive(Debug, Clone, Serialize)]
pub struct LearnedValue {
    /// The measures, their scales and weights.
    pub scale: ValueScale,
    /// Where the weights come from judgements: how consistent these are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ahp: Option<Priorities>,
}

/// What a scoring gives beside the scores.
#[derive(Debug)]
pub(crate) struct Rest {
    pub(crate) bounds: Vec<AxisBounds>,
    pub(crate) segment: Vec<u16>,
    pub(crate) beside: Beside,
    pub(crate) drift: Vec<AxisDrift>,
    pub(crate) learned: Learned,
}

/// Segments, composites, clusters and drift of the scoring called `name`, whose scores are made.
pub(crate) fn rest(
    config: &Config,
    name: &str,
    map: &SegmentMap,
    loaded: &Frozen,
    measured: Measured<'_>,
    ranking: &Ranking,
    scored: &[Scored; 3],
) -> Result<Rest> {
    let mut learned = Learned::default();
    let mut note = |scored: &Scored| {
        learned.breaks.extend(scored.learned.breaks().cloned());
        learned.warnings.extend(scored.warnings.iter().cloned());
    };
    scored.iter().for_each(&mut note);
    let composites = &config.score.composites;
    let valued = makes_value(config, Some(map)).then(|| value(config, loaded, measured)).transpose()?;
    if let Some(valued) = &valued {
        note(&valued.scored);
    }
    let scores = [0, 1, 2].map(|axis| scored[axis].scores.as_slice());
    let v_scores = valued.as_ref().map_or(&[][..], |valued| &valued.scored.scores);
    let segment = segments(config, map, measured, ranking, scores, v_scores)?;
    let drift = drift::of_axes(config, name, loaded, measured, valued.as_ref())?;
    let clusters = clusters::clusters(config, loaded, valued.as_ref())?;
    let (clusters, learned_clusters) = clusters.map_or((None, None), |(clusters, learned)| (Some(clusters), learned));
    learned.clusters = learned_clusters;
    learned.value = valued.as_ref().map(|valued| valued.learned.clone());
    let specs = axes(config);
    let bounds = specs.iter().zip(scored).map(|(spec, scored)| bounds_of(spec, scored)).collect();
    let value_spec = AxisSpec::value(&config.score.value);
    let value = valued.map(|valued| Value {
        bounds: bounds_of(&value_spec, &valued.scored),
        values: valued.values,
        scores: valued.scored.scores,
    });
    Ok(Rest { bounds, segment, beside: Beside { weights: composites.weights, value, clusters }, drift, learned })
}

fn bounds_of(spec: &AxisSpec, scored: &Scored) -> AxisBounds {
    AxisBounds { measure: spec.measure.column(), decimals: spec.decimals, bounds: scored.bounds.clone() }
}

/// The scores of the three axes.
pub(crate) fn scores(config: &Config, loaded: &Frozen, measured: Measured<'_>) -> Result<[Scored; 3]> {
    let specs = axes(config);
    if config.score.combination == Combination::Nested {
        let values = [0, 1, 2].map(|axis| measured.values(specs[axis].measure));
        let [r, f, m] = values;
        return nested_scores([&r?, &f?, &m?], &specs);
    }
    let score = |axis: usize| score_axis(&specs[axis], &measured.values(specs[axis].measure)?, loaded, measured);
    let ((r, f), m) = rayon::join(|| (score(0), score(1)), || score(2));
    Ok([r?, f?, m?])
}

fn score_axis(spec: &AxisSpec, values: &[i64], loaded: &Frozen, measured: Measured<'_>) -> Result<Scored> {
    score_axis_weighted(values, &measured.weights(spec)?, spec, loaded.of(spec)?)
}

/// The weights of the measures by judgement.
pub(crate) fn priorities(options: &ValueAxis) -> Result<Priorities> {
    let names: Vec<&str> = options.measures.iter().map(|measure| measure.column()).collect();
    ahp::priorities(&names, &options.judgements, options.allow_inconsistent)
}

/// Whether anything asks for the weighted value. Without a map its wishes are not known.
pub(crate) fn makes_value(config: &Config, map: Option<&SegmentMap>) -> bool {
    map.is_some_and(SegmentMap::needs_value_score)
        || config.kmeans.is_asked_for()
        || config.score.composites.asks_for(Composite::WeightedValue)
}

/// The scale of a former run, where it is asked for and fits.
///
/// # Errors
/// A config error where it does not fit, or the former run had none.
pub(crate) fn former_scale<'a>(config: &Config, loaded: &'a Frozen) -> Result<Option<&'a ValueScale>> {
    let options = config.score.value.effective();
    let Some(former) = loaded.scale()? else { return Ok(None) };
    let (weights, _) = weights(&options)?;
    former.check_loaded(&options, config.clean.money_scale.into(), &weights)?;
    Ok(Some(former))
}

/// The weights of the measures, and the judgements that they come from where they do.
fn weights(options: &ValueAxis) -> Result<(Vec<f64>, Option<Priorities>)> {
    if options.judgements.is_empty() {
        return Ok((options.given_weights(), None));
    }
    let ahp = priorities(options)?;
    Ok((ahp.weights.clone(), Some(ahp)))
}

/// The weighted value and its score.
fn value(config: &Config, loaded: &Frozen, measured: Measured<'_>) -> Result<Valued> {
    let options = &config.score.value.effective();
    let (weights, ahp) = weights(options)?;
    let columns: Vec<Vec<i64>> =
        options.measures.iter().map(|m| Ok(measured.values(*m)?.into_owned())).collect::<Result<_>>()?;
    let scale = match former_scale(config, loaded)? {
        Some(former) => former.clone(),
        None => ValueScale::learn(options, config.clean.money_scale.into(), weights, &columns)?,
    };
    let values = scale.apply(&columns)?;
    let scored = score_axis(&AxisSpec::value(options), &values, loaded, measured)?;
    Ok(Valued { learned: LearnedValue { scale, ahp }, columns, values, scored })
}

/// The segment of every customer, as a place in the map.
fn segments(
    config: &Config,
    map: &SegmentMap,
    measured: Measured<'_>,
    ranking: &Ranking,
    scores: [&[i32]; 3],
    v_scores: &[i32],
) -> Result<Vec<u16>> {
    let beside = MapMeasures::of(map, measured, ranking);
    let [r_scores, f_scores, m_scores] = scores;
    map.compile(run_scores(config))?.apply(&segment::Customers {
        r_scores,
        f_scores,
        m_scores,
        v_scores,
        orders: measured.orders,
        recency_days: measured.days,
        tenure_days: &beside.tenure_days,
        overdue_percent: &beside.overdue_percent,
        abc_class: &beside.abc_class,
        revenue: &measured.customers.revenue,
    })
}
