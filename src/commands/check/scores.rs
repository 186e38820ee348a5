//! What a check tells of the scorings and of the predictions: everything that needs no row.
//!
//! Does not live here: how it is shown (`check_text`), and the checks themselves (`scoring::maps`, `score`).

use serde::Serialize;

use crate::config::Config;
use crate::error::{Problems, Result};
use crate::input::Input;
use crate::passes;
use crate::reports::tables::scorings::MAIN;
use crate::score::AxisSpec;
use crate::scoring;
use crate::scoring::maps;
use crate::segment::SegmentMap;

/// A scoring.
#[derive(Debug, Default, Serialize)]
pub(crate) struct ScoringReport {
    /// `main` for the run's own.
    pub(crate) name: String,
    /// The three axes, and the weighted value where it is made.
    pub(crate) scores: Vec<AxisReport>,
    /// None where it cannot be used.
    pub(crate) segment_map: Option<MapReport>,
    pub(crate) clusters: Option<ClustersReport>,
}

/// How an axis is scored.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct AxisReport {
    pub(crate) axis: &'static str,
    pub(crate) measure: &'static str,
    pub(crate) method: &'static str,
    pub(crate) bins: u32,
    /// The thresholds of a former run, where they are loaded; else they are learned.
    pub(crate) loaded_thresholds: Option<Vec<f64>>,
}

/// The segment map.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct MapReport {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) segments: usize,
}

/// The clusters by k-means.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct ClustersReport {
    pub(crate) clusters: Option<u32>,
    pub(crate) choose_up_to: Option<u32>,
    pub(crate) measures: Vec<&'static str>,
    /// Whether the centres of a former run are taken.
    pub(crate) is_loaded: bool,
}

/// What is predicted.
#[derive(Debug, Serialize)]
pub(crate) struct PredictReport {
    /// None where only the years of customers are asked for.
    pub(crate) model: Option<String>,
    pub(crate) horizons: Vec<String>,
    /// The manifest whose models are applied.
    pub(crate) params_from: Option<String>,
    pub(crate) holdout_days: Option<u32>,
    pub(crate) by_year: bool,
}

/// The run's own scoring, then the others in the order of the settings; what a run would stop at is added to `problems`.
pub(crate) fn scorings(config: &Config, problems: &mut Problems) -> Vec<ScoringReport> {
    let further = problems.note(config.scorings()).unwrap_or_default();
    let mut used = Vec::new();
    let mut reports = vec![scoring(MAIN, config, &mut used, problems)];
    for (name, own) in &further {
        let mut of_it = Problems::default();
        reports.push(scoring(name, own, &mut used, &mut of_it));
        problems.extend(of_it.list().iter().map(|problem| maps::of_scoring(problem.clone(), name)));
    }
    problems.note(maps::check_names(&used.iter().collect::<Vec<_>>()));
    reports
}

fn scoring(name: &str, config: &Config, used: &mut Vec<SegmentMap>, problems: &mut Problems) -> ScoringReport {
    let map = problems.note(maps::segment_map(config));
    let loaded = problems.note(scoring::Frozen::read(config, name)).unwrap_or_default();
    let axis = |spec: AxisSpec| {
        let own = problems.note(maps::former(&loaded, &spec)).flatten();
        AxisReport {
            axis: spec.axis().name(),
            measure: spec.measure.column(),
            method: spec.method.name(),
            bins: spec.bins,
            loaded_thresholds: own.map(|breaks| breaks.thresholds.clone()),
        }
    };
    let scores = maps::specs(config, map.as_ref()).into_iter().map(axis).collect();
    problems.extend(maps::check_rest(config, &loaded, map.as_ref()));
    let segment_map = map.as_ref().map(|map| MapReport {
        name: map.name.clone(),
        title: map.title_en.clone(),
        segments: map.segments.len(),
    });
    used.extend(map);
    let clusters = clusters(config, loaded.is_asked_for());
    ScoringReport { name: name.to_owned(), scores, segment_map, clusters }
}

fn clusters(config: &Config, is_loaded: bool) -> Option<ClustersReport> {
    config.kmeans.is_asked_for().then(|| ClustersReport {
        clusters: config.kmeans.clusters,
        choose_up_to: config.kmeans.choose_up_to,
        measures: config.score.value.effective().measures.iter().map(|measure| measure.column()).collect(),
        is_loaded,
    })
}

/// What is predicted; none where nothing is.
///
/// # Errors
/// A config error where the former run that the settings name has no models that fit.
pub(crate) fn predictions(config: &Config) -> Result<Option<PredictReport>> {
    crate::job::predictions::loaded(config)?;
    let options = &config.predict;
    Ok(options.reads_days().then(|| PredictReport {
        model: options.model.map(|model| serde_json::json!(model).as_str().unwrap_or_default().to_owned()),
        horizons: if options.is_wanted() { options.horizon_names() } else { Vec::new() },
        params_from: options.params_from.clone(),
        holdout_days: options.holdout_days,
        by_year: options.by_year,
    }))
}

/// Each read of the input that is sure to happen, by what it is for. Orders that lie apart cost one more.
///
/// # Errors
/// A config error where interactions cannot be asked of directory names.
pub(crate) fn reads(config: &Config, input: Option<&Input>) -> Result<Vec<&'static str>> {
    let needs_last_date = config.dates.window_days.is_some() && config.dates.as_of.is_none();
    let reads = [
        (needs_last_date, "last date"),
        (true, "customers"),
        (config.clean.count_repeats, "repeats"),
        (input.map(passes::reads_interactions_apart).transpose()?.unwrap_or_default(), "interactions"),
        (config.predict.reads_days(), "days of purchases"),
    ];
    Ok(reads.into_iter().filter(|(is_needed, _)| *is_needed).map(|(_, what)| what).collect())
}
