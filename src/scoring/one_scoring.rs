//! One scoring of the customers: what it consists of, and how it is made.
//!
//! Lives here: which step gets which columns. Does not live here: any formula, the weighted value (`value`) and the
//! clusters (`clusters`).

use super::clusters::{Clusters, clusters};
use super::drift::{self, AxisDrift};
use super::learned::{Learned, LearnedClusters};
use super::measures::Measured;
use super::ranking::Ranking;
use super::scorings::Scorings;
use super::survey::PlannedScoring;
use super::value::Valued;
use crate::error::Result;
use crate::score::{AxisSpec, Cells, Measure, ScoreBound, Scored, nested_scores, score_axis_weighted};
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
    /// Weights of the R, F and M score in the weighted sum.
    pub score_weights: [f64; 3],
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
    clusters: Option<Clusters>,
    learned_clusters: Option<LearnedClusters>,
    drift: Vec<AxisDrift>,
}

impl PlannedScoring {
    /// The whole scoring.
    pub(super) fn make(self, measured: &Measured<'_>, ranking: &Ranking) -> Result<Scoring> {
        let scored = self.score_axes(measured)?;
        let grouped = self.group(&scored, measured, ranking)?;
        Ok(self.finish(scored, grouped))
    }

    /// The scores of the three axes.
    pub(super) fn score_axes(&self, measured: &Measured<'_>) -> Result<[Scored; 3]> {
        let axes = self.settings.axes();
        if self.settings.is_nested() {
            let [r, f, m] = [0, 1, 2].map(|axis| measured.values(axes[axis].measure));
            return nested_scores([&r?, &f?, &m?], &axes);
        }
        let score = |axis: usize| {
            let (axis, values) = (&axes[axis], measured.values(axes[axis].measure)?);
            score_axis_weighted(&values, &measured.weights(axis)?, axis, self.frozen.of(axis)?)
        };
        let ((r, f), m) = rayon::join(|| (score(0), score(1)), || score(2));
        Ok([r?, f?, m?])
    }

    /// Value, segments, clusters and drift.
    pub(super) fn group(&self, scored: &[Scored; 3], measured: &Measured<'_>, ranking: &Ranking) -> Result<Grouped> {
        let Self { settings, map, frozen } = self;
        let makes_value = settings.makes_value(Some(map));
        let valued = makes_value.then(|| Valued::new(settings, frozen, measured)).transpose()?;
        let segment = self.segments(scored, valued.as_ref(), measured, ranking)?;
        let drift = drift::of_axes(settings, frozen, measured, valued.as_ref())?;
        let clustered = valued.as_ref().filter(|_| settings.kmeans.is_asked_for());
        let clusters = clustered.map(|valued| clusters(&settings.kmeans, frozen, valued)).transpose()?;
        let (clusters, learned_clusters) = clusters.unzip();
        Ok(Grouped { valued, segment, clusters, learned_clusters: learned_clusters.flatten(), drift })
    }

    /// The segment of every customer, as an index of the map.
    fn segments(
        &self,
        scored: &[Scored; 3],
        valued: Option<&Valued>,
        measured: &Measured<'_>,
        ranking: &Ranking,
    ) -> Result<Vec<u16>> {
        let measures = measured.of_map(&self.map, &ranking.abc)?;
        self.map.compile(self.settings.run_scores())?.apply(&MapColumns {
            scores: scored.each_ref().map(|axis| axis.scores.as_slice()),
            v_scores: valued.map_or(&[], |valued| &valued.scored.scores),
            measures: measures.each_ref().map(|values| &**values),
        })
    }

    /// Puts everything together.
    pub(super) fn finish(self, scored: [Scored; 3], grouped: Grouped) -> Scoring {
        let Self { settings, map, .. } = self;
        let Grouped { valued, segment, clusters, learned_clusters, drift } = grouped;
        let mut learned = Learned { clusters: learned_clusters, ..Learned::default() };
        let mut warnings = Vec::new();
        for scored in scored.iter().chain(valued.as_ref().map(|valued| &valued.scored)) {
            learned.breaks.extend(scored.learned.breaks().cloned());
            warnings.extend(scored.warnings.iter().cloned());
        }
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
            name: settings.name,
            bounds: [0, 1, 2].map(|axis| AxisBounds::of(&axes[axis], &scored[axis])),
            scores: scored.map(|scored| scored.scores),
            map,
            segment,
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
