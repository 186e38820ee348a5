//! What a check says about the scorings and the predictions: everything that needs no row.
//!
//! Does not live here: how it is shown (`text`), and the checks themselves (`scoring`, `score`).

use serde::Serialize;

use crate::config::Config;
use crate::input::Input;
use crate::known::LeftOut;
use crate::passes;
use crate::reports::tables::customers::columns;
use crate::reports::{Chapter, Report, known};
use crate::score::AxisSpec;
use crate::scoring::{Scorings, Settings, SurveyedScoring};
use crate::segment::SegmentMap;
use crate::source::options::WindowAppliesTo;

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
    /// The groups of customers; none where all are scored among one another.
    pub(crate) groups: Option<GroupsReport>,
}

/// Groups of customers.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct GroupsReport {
    /// The attributes that group them.
    pub(crate) by: Vec<String>,
    /// A group of fewer customers takes the breaks of all; none where breaks are those of an earlier run.
    pub(crate) min_customers: Option<u32>,
    /// The groups whose breaks an earlier run has learned, if they are frozen.
    pub(crate) loaded_groups: Option<usize>,
}

/// How an axis is scored.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct AxisReport {
    pub(crate) axis: &'static str,
    pub(crate) measure: &'static str,
    pub(crate) method: &'static str,
    pub(crate) bins: u32,
    /// The thresholds of an earlier run, if they are frozen; else they are learned.
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
    /// Whether the measures are put into logarithms.
    pub(crate) are_of_logarithms: bool,
    /// Whether the settings give the centres to start from.
    pub(crate) starts_from_given_centres: bool,
    /// Whether the centres of an earlier run are used.
    pub(crate) is_loaded: bool,
}

/// What is predicted.
#[derive(Debug, Serialize)]
pub(crate) struct PredictReport {
    /// None where only the years of customers are requested.
    pub(crate) model: Option<String>,
    pub(crate) horizons: Vec<String>,
    /// The manifest whose models are applied.
    pub(crate) params_from: Option<String>,
    pub(crate) holdout_days: Option<u32>,
    pub(crate) by_year: bool,
}

/// The run's own scoring, then the others in the order of the settings.
pub(crate) fn scorings(surveyed: &Scorings<SurveyedScoring>) -> Vec<ScoringReport> {
    surveyed.iter().map(scoring).collect()
}

fn scoring(surveyed: &SurveyedScoring) -> ScoringReport {
    let axis = |spec: AxisSpec| AxisReport {
        axis: spec.axis().name(),
        measure: spec.measure.column(),
        method: spec.method.name(),
        bins: spec.bins,
        loaded_thresholds: surveyed.breaks(&spec).ok().flatten().map(|breaks| breaks.thresholds.clone()),
    };
    let map = |map: &SegmentMap| MapReport {
        name: map.name.clone(),
        title: map.title_en.clone(),
        segments: map.segments_of_run(surveyed.settings.may_lack_orders).count(),
    };
    ScoringReport {
        name: surveyed.settings.name.clone(),
        scores: surveyed.axes().into_iter().map(axis).collect(),
        segment_map: surveyed.map.as_ref().ok().map(map),
        clusters: clusters(&surveyed.settings, surveyed.is_frozen()),
        groups: groups(surveyed),
    }
}

fn groups(surveyed: &SurveyedScoring) -> Option<GroupsReport> {
    let score = &surveyed.settings.score;
    let loaded_groups = surveyed.frozen_groups();
    (!score.by.is_empty()).then(|| GroupsReport {
        by: score.by.clone(),
        min_customers: loaded_groups.is_none().then_some(score.by_min_customers),
        loaded_groups,
    })
}

fn clusters(Settings { score, kmeans, .. }: &Settings, is_loaded: bool) -> Option<ClustersReport> {
    kmeans.is_asked_for().then(|| ClustersReport {
        clusters: kmeans.count(),
        are_of_logarithms: kmeans.logarithms,
        starts_from_given_centres: !kmeans.centres.is_empty(),
        choose_up_to: kmeans.choose_up_to,
        measures: score.value.effective().measures.iter().map(|measure| measure.column()).collect(),
        is_loaded,
    })
}

/// What a run leaves out, since the input does not tell it.
pub(crate) fn left_out(config: &Config, input: &Input) -> Vec<LeftOut> {
    let is_wanted = |report: &&Report| match report.chapter {
        Chapter::EveryRun => true,
        Chapter::Predictions => config.predict.is_wanted(),
        Chapter::Groups => !config.reports.by.is_empty(),
        _ => false,
    };
    let reports = Report::ALL.iter().copied().filter(is_wanted);
    let is_predicted = config.predict.is_wanted();
    let predicted = columns::PREDICTED.iter().chain(columns::asked_of_models(&config.predict)).filter(|_| is_predicted);
    let horizons = if config.predict.is_wanted() { config.predict.horizon_names() } else { Vec::new() };
    let columns = columns::OWN.iter().chain(config.further_columns()).chain(predicted);
    known::left_out(input.rules.known, reports, columns.flat_map(|column| column.published(&horizons)))
}

/// What is predicted; none where nothing is.
pub(crate) fn predictions(config: &Config) -> Option<PredictReport> {
    let options = &config.predict;
    options.reads_orders().then(|| PredictReport {
        model: options.model.map(|model| model.name().to_owned()),
        horizons: if options.is_wanted() { options.horizon_names() } else { Vec::new() },
        params_from: options.params_from.clone(),
        holdout_days: options.holdout_days,
        by_year: options.by_year,
    })
}

/// Each read of the input that is certain, by its purpose. Orders that lie apart cost one more.
pub(crate) fn reads(config: &Config, input: Option<&Input>) -> Vec<&'static str> {
    let holds_out = config.predict.reads_orders() && config.predict.holdout_days.is_some();
    let cuts = config.dates.window_applies_to == WindowAppliesTo::Everything && config.dates.window_days.is_some();
    let needs_last_date = (config.dates.window_days.is_some() || holds_out) && config.dates.as_of.is_none();
    let reads = [
        (input.is_some_and(Input::looks_for_repeats), "repeats"),
        (needs_last_date, "last date"),
        (true, "customers"),
        (cuts && config.predict.reads_orders(), "orders before the window"),
        (input.is_some_and(passes::reads_interactions_apart), "interactions"),
    ];
    reads.into_iter().filter(|(is_needed, _)| *is_needed).map(|(_, what)| what).collect()
}
