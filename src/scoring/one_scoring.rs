//! One scoring of the customers: what it consists of, and how it is made.
//!
//! Lives here: which step gets which columns. Does not live here: any formula, the weighted value (`value`) and the
//! clusters (`clusters`).

use std::borrow::Cow;

use super::clusters::{Clusters, clusters};
use super::drift::{self, AxisDrift};
use super::learned::{Learned, LearnedClusters};
use super::measures::Measured;
use super::notices;
use super::octants;
use super::rule_columns::{Groups, RuleSources};
use super::scorings::Scorings;
use super::survey::PlannedScoring;
use super::value::Valued;
use crate::error::Result;
use crate::score::options::Labels;
use crate::score::{AxisSpec, Cells, Measure, ScoreBound, ScoreCut, Scored, nested_scores, score_axis_among};
use crate::segment::{MapColumns, SegmentMap};
use crate::warnings::Warning;

/// One scoring of all customers. Vectors have one entry per customer, in the order of the table.
#[derive(Debug)]
pub struct Scoring {
    /// Its name; [`super::MAIN`] for the run's own.
    pub name: String,
    /// Recency, frequency and monetary scores.
    pub scores: [Vec<i32>; 3],
    /// Whether the scores are nested, so that values of one score are in groups.
    pub is_nested: bool,
    /// The cells of the scores.
    pub cells: Cells,
    /// What each score means, per axis.
    pub bounds: [AxisBounds; 3],
    /// The segment map.
    pub map: SegmentMap,
    /// The index of the segment in the map.
    pub segment: Vec<u16>,
    /// What parts the scores into the levels that the map looks at instead of them, where it is that of octants of scores.
    pub levels: Option<[ScoreCut; 3]>,
    /// Weights of the R, F and M score in the weighted sum.
    pub score_weights: [f64; 3],
    /// Whether the scores are published as labels, too.
    pub labels: Labels,
    /// The weighted value, where anything asks for it.
    pub value: Option<WeightedValue>,
    /// The clusters, where they are requested.
    pub clusters: Option<Clusters>,
    /// What was learned while it was made.
    pub learned: Learned,
    /// What a reader of the scores should know.
    pub warnings: Vec<Warning>,
    /// How far the axes have moved since the run whose breaks were taken.
    pub drift: Vec<AxisDrift>,
}

/// The bounds of one axis' scores.
#[derive(Debug, Clone)]
pub struct AxisBounds {
    /// The measure.
    pub measure: Measure,
    /// Decimals of the bounds' values.
    pub decimals: u32,
    /// One entry per score.
    pub bounds: Vec<ScoreBound>,
}

/// The weighted value of every customer.
#[derive(Debug)]
pub struct WeightedValue {
    /// Whole numbers of 10^-9.
    pub values: Vec<i64>,
    /// Its scores.
    pub scores: Vec<i32>,
    /// What each score means.
    pub bounds: AxisBounds,
}

/// What is made of the scores of the three axes.
pub(super) struct Grouped {
    valued: Option<Valued>,
    segment: Vec<u16>,
    levels: Option<[ScoreCut; 3]>,
    warnings: Vec<Warning>,
    clusters: Option<Clusters>,
    learned_clusters: Option<LearnedClusters>,
    drift: Vec<AxisDrift>,
}

impl PlannedScoring {
    /// The whole scoring.
    pub(super) fn make(self, measured: &Measured<'_>, groups: Groups<'_>) -> Result<Scoring> {
        let scored = self.score_axes(measured)?;
        let grouped = self.group(&scored, measured, groups)?;
        Ok(self.finish(scored, grouped))
    }

    /// The scores of the three axes.
    pub(super) fn score_axes(&self, measured: &Measured<'_>) -> Result<[Scored; 3]> {
        let axes = self.settings.axes();
        if self.settings.is_nested() {
            let [r, f, m] = [0, 1, 2].map(|axis| measured.values(axes[axis].measure));
            return nested_scores([&r?, &f?, &m?], &axes, self.settings.learned_from(measured));
        }
        let score = |axis: usize| {
            let (axis, frozen) = (&axes[axis], self.frozen.of(&axes[axis])?);
            measured.axis(axis, |column| score_axis_among(column, axis, frozen, self.settings.score.learn_from))
        };
        let ((r, f), m) = rayon::join(|| (score(0), score(1)), || score(2));
        Ok([r?, f?, m?])
    }

    /// Value, segments, clusters and drift.
    pub(super) fn group(&self, scored: &[Scored; 3], measured: &Measured<'_>, groups: Groups<'_>) -> Result<Grouped> {
        let Self { settings, map, frozen, beside } = self;
        let makes_value = settings.makes_value(Some(map));
        let valued = makes_value.then(|| Valued::new(settings, frozen, measured)).transpose()?;
        let levels = self.levels(scored, measured)?;
        let segment = self.segments(scored, (valued.as_ref(), levels.as_ref()), measured, groups)?;
        let mut warnings = notices::misnamed(map, &segment, measured)?;
        warnings.extend(beside.without_values(map));
        warnings.extend(valued.as_ref().and_then(notices::ruling_measure));
        let drift = drift::of_axes(settings, frozen, measured, valued.as_ref())?;
        let clustered = valued.as_ref().filter(|_| settings.kmeans.is_asked_for());
        let buyers = settings.learned_from(measured);
        let found = clustered.map(|valued| clusters(settings, frozen, valued, buyers)).transpose()?;
        let (clusters, learned_clusters) = found.map_or((None, None), |found| {
            warnings.extend(found.warnings);
            (Some(found.clusters), found.learned)
        });
        Ok(Grouped { valued, segment, levels, warnings, clusters, learned_clusters, drift })
    }

    /// The segment of every customer, as an index of the map.
    fn segments(
        &self,
        scored: &[Scored; 3],
        (valued, levels): (Option<&Valued>, Option<&[ScoreCut; 3]>),
        measured: &Measured<'_>,
        groups: Groups<'_>,
    ) -> Result<Vec<u16>> {
        let looked = self.rule_columns(scored, valued, measured, groups)?;
        let seen = [0, 1, 2].map(|axis| match levels {
            Some(levels) => levels[axis].levels_among(&scored[axis].scores, measured.without_orders(axis)).into(),
            None => Cow::Borrowed(scored[axis].scores.as_slice()),
        });
        self.map.compile(self.settings.run_scores())?.apply(&MapColumns {
            scores: seen.each_ref().map(|scores| &**scores),
            v_scores: valued.map_or(&[], |valued| &valued.scored.scores),
            looked: looked.iter().map(|values| &**values).collect(),
        })
    }

    /// What the rules of the map look at besides scores.
    fn rule_columns<'a>(
        &'a self,
        scored: &'a [Scored; 3],
        valued: Option<&'a Valued>,
        measured: &'a Measured<'_>,
        groups: Groups<'a>,
    ) -> Result<Vec<Cow<'a, [i64]>>> {
        let sources = RuleSources {
            measured,
            scores: scored.each_ref().map(|axis| axis.scores.as_slice()),
            score_weights: self.settings.score.composites.weights,
            values: valued.map(|valued| valued.values.as_slice()),
            groups,
        };
        sources.columns(&self.map, &self.beside)
    }

    /// What parts the scores into levels, for the map of octants of scores.
    fn levels(&self, scored: &[Scored; 3], measured: &Measured<'_>) -> Result<Option<[ScoreCut; 3]>> {
        if !self.settings.maps_levels() {
            return Ok(None);
        }
        let scores = scored.each_ref().map(|axis| axis.scores.as_slice());
        let learned = octants::learned(&self.settings, &self.frozen, measured, scores)?;
        Ok(learned.scores.try_into().ok())
    }

    /// Puts everything together.
    pub(super) fn finish(self, scored: [Scored; 3], grouped: Grouped) -> Scoring {
        let Self { settings, map, .. } = self;
        let Grouped { valued, segment, levels, warnings: of_groups, clusters, learned_clusters, drift } = grouped;
        let mut learned = Learned { clusters: learned_clusters, ..Learned::default() };
        let mut warnings = Vec::new();
        for scored in scored.iter().chain(valued.as_ref().map(|valued| &valued.scored)) {
            learned.breaks.extend(scored.learned.breaks().cloned());
            warnings.extend(scored.warnings.iter().cloned());
        }
        warnings.extend(of_groups);
        learned.value = valued.as_ref().map(|valued| valued.learned.clone());
        let value_axis = settings.value_axis();
        let value = valued.map(|valued| WeightedValue {
            bounds: AxisBounds::of(&value_axis, &valued.scored),
            values: valued.values,
            scores: valued.scored.scores,
        });
        let axes = settings.axes();
        Scoring {
            is_nested: settings.is_nested(),
            cells: settings.cells(),
            score_weights: settings.score.composites.weights,
            labels: settings.score.labels,
            name: settings.name,
            bounds: [0, 1, 2].map(|axis| AxisBounds::of(&axes[axis], &scored[axis])),
            scores: scored.map(|scored| scored.scores),
            map,
            segment,
            levels,
            value,
            clusters,
            learned,
            warnings,
            drift,
        }
    }
}

impl AxisBounds {
    fn of(axis: &AxisSpec, scored: &Scored) -> Self {
        Self { measure: axis.measure, decimals: axis.decimals, bounds: scored.bounds.clone() }
    }
}

impl Scorings<Scoring> {
    /// All of them, sorted by name.
    #[must_use]
    pub fn by_name(&self) -> Vec<&Scoring> {
        let mut scorings: Vec<&Scoring> = self.iter().collect();
        scorings.sort_by_key(|scoring| &scoring.name);
        scorings
    }
}
