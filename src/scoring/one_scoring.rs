//! One scoring of the customers: what it consists of, and how it is made.
//!
//! Lives here: which step gets which columns. Does not live here: any formula, the scores (`made`, `by_group`), and the
//! clusters (`clusters`).

use std::borrow::Cow;
use std::sync::Arc;

use super::basis::{AxisBounds, Basis, ScoredGroups};
use super::clusters::{Clusters, clusters};
use super::drift::AxisDrift;
use super::groups::CustomerGroups;
use super::learned::{Learned, LearnedClusters};
use super::made::Made;
use super::measures::Measured;
use super::notices;
use super::rule_columns::{Groups, RuleSources};
use super::scorings::Scorings;
use super::survey::PlannedScoring;
use crate::error::Result;
use crate::score::options::Labels;
use crate::score::{Cells, ScoreCut};
use crate::segment::{MapColumns, Octants, SegmentMap};
use crate::warnings::Warning;

/// One scoring of all customers. Vectors have one entry per customer, in the order of the table.
#[derive(Debug)]
pub struct Scoring {
    /// Its name; [`super::MAIN`] for the run's own.
    pub name: String,
    /// Recency, frequency and monetary scores; 0 where money is not known.
    pub scores: [Vec<i32>; 3],
    /// Whether the scores are nested, so that values of one score are in groups.
    pub is_nested: bool,
    /// The cells of the scores.
    pub cells: Cells,
    /// What each score means, per axis, nothing of one that is not known; with groups, over all of them.
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
    /// How far the axes have moved since the run whose breaks were taken; with groups, those of all.
    pub drift: Vec<AxisDrift>,
    /// The groups, where customers are scored by group.
    pub groups: Option<ScoredGroups>,
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

/// What is made of the scores of all customers.
pub(super) struct Grouped {
    segment: Vec<u16>,
    warnings: Vec<Warning>,
    clusters: Option<Clusters>,
    learned_clusters: Option<LearnedClusters>,
}

impl PlannedScoring {
    /// Scores, value and octants: of all customers among one another, or of each among those of their group.
    pub(super) fn made(
        &self,
        measured: &Measured<'_>,
        groups: Option<&Arc<CustomerGroups>>,
        octants: Option<&Octants>,
    ) -> Result<Made> {
        match groups {
            None => self.made_of(&self.frozen, measured, octants),
            Some(groups) => self.made_by_group(measured, groups, octants),
        }
    }

    /// Segments and clusters.
    pub(super) fn group(&self, made: &Made, measured: &Measured<'_>, groups: Groups<'_>) -> Result<Grouped> {
        let Self { settings, map, frozen, beside } = self;
        let valued = made.valued.as_ref();
        let segment = self.segments(made, measured, groups)?;
        let mut warnings = notices::misnamed(map, &segment, measured)?;
        warnings.extend(beside.without_values(map));
        warnings.extend(valued.and_then(notices::ruling_measure));
        let clustered = valued.filter(|_| settings.kmeans.is_asked_for());
        let buyers = settings.learned_from(measured);
        let found = clustered.map(|valued| clusters(settings, frozen, valued, buyers)).transpose()?;
        let (clusters, learned_clusters) = found.map_or((None, None), |found| {
            warnings.extend(found.warnings);
            (Some(found.clusters), found.learned)
        });
        Ok(Grouped { segment, warnings, clusters, learned_clusters })
    }

    /// The segment of every customer, as an index of the map.
    fn segments(&self, made: &Made, measured: &Measured<'_>, groups: Groups<'_>) -> Result<Vec<u16>> {
        let looked = self.rule_columns(made, measured, groups)?;
        let seen = [0, 1, 2].map(|axis| match (&made.seen, &made.levels) {
            (Some(seen), _) => Cow::Borrowed(seen[axis].as_slice()),
            (None, Some(levels)) => {
                levels[axis].levels_among(&made.scored[axis].scores, measured.without_orders(axis)).into()
            }
            // A map that can be used looks at no score that is not known.
            (None, None) if axis == 2 && !self.settings.known.has_money() => {
                vec![1; made.scored[axis].scores.len()].into()
            }
            (None, None) => Cow::Borrowed(made.scored[axis].scores.as_slice()),
        });
        self.map.compile(self.settings.run_scores())?.apply(&MapColumns {
            scores: seen.each_ref().map(|scores| &**scores),
            v_scores: made.valued.as_ref().map_or(&[], |valued| &valued.scored.scores),
            looked: looked.iter().map(|values| &**values).collect(),
        })
    }

    /// What the rules of the map look at besides scores.
    fn rule_columns<'a>(
        &'a self,
        made: &'a Made,
        measured: &'a Measured<'_>,
        groups: Groups<'a>,
    ) -> Result<Vec<Cow<'a, [i64]>>> {
        let sources = RuleSources {
            measured,
            scores: made.scored.each_ref().map(|axis| axis.scores.as_slice()),
            score_weights: self.settings.score.composites.weights,
            values: made.valued.as_ref().map(|valued| valued.values.as_slice()),
            groups,
        };
        sources.columns(&self.map, &self.beside)
    }

    /// Puts everything together.
    pub(super) fn finish(self, made: Made, grouped: Grouped) -> Scoring {
        let Self { settings, map, frozen, .. } = self;
        let Made { scored, valued, levels, octants, drift, groups, warnings: of_groups, .. } = made;
        let Grouped { segment, warnings: of_all, clusters, learned_clusters } = grouped;
        let mut learned = Learned { clusters: learned_clusters, ..Learned::default() };
        let mut warnings = of_groups;
        for scored in scored.iter().chain(valued.as_ref().map(|valued| &valued.scored)) {
            learned.breaks.extend(scored.learned.breaks().cloned());
            // What was noticed group by group is told of the groups.
            warnings.extend(scored.warnings.iter().filter(|_| groups.is_none()).cloned());
        }
        warnings.extend(of_all);
        learned.value = valued.as_ref().map(|valued| valued.learned.clone());
        learned.octants = octants.map(|octants| octants.learned);
        learned.groups = groups.as_ref().map(|groups| groups.learned(&frozen));
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
            groups,
        }
    }
}

/// What the scores of a customer are read from: what their group has of its own, or what all have.
#[derive(Debug, Clone, Copy)]
pub struct BasisOf<'a> {
    /// What each score means, on the three axes.
    pub bounds: &'a [AxisBounds; 3],
    /// The same of the weighted value, where it is made.
    pub value_bounds: Option<&'a AxisBounds>,
    /// What parts the scores into levels, where the map looks at these.
    pub levels: Option<&'a [ScoreCut; 3]>,
    /// Breaks and the scale of the value.
    pub learned: &'a Learned,
}

impl Scoring {
    /// What the scores of the customer of a row are read from.
    #[must_use]
    pub fn basis_of(&self, row: usize) -> BasisOf<'_> {
        match self.groups.as_ref().map(|groups| groups.basis(row)) {
            Some(Basis { bounds, value_bounds, levels, learned, .. }) => {
                BasisOf { bounds, value_bounds: value_bounds.as_ref(), levels: levels.as_ref(), learned }
            }
            None => BasisOf {
                bounds: &self.bounds,
                value_bounds: self.value.as_ref().map(|value| &value.bounds),
                levels: self.levels.as_ref(),
                learned: &self.learned,
            },
        }
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
