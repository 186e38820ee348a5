//! The settings of one scoring, and what follows from them before a customer is seen.
//!
//! Does not live here: what an option means (`score`, `segment`), and how the settings of further scorings follow from
//! those of the run (`config`).

use super::measures::Measured;
use crate::known::Known;
use crate::score::on_request::{Composite, KmeansOptions};
use crate::score::options::{Combination, LearnFrom, ScoreOptions};
use crate::score::{Axis, AxisSpec, Cells, Measure};
use crate::segment::options::{OctantOptions, OctantsOf, SegmentOptions};
use crate::segment::{Available, OCTANTS, RunScores, SegmentMap};

/// The name of the run's own scoring, that of `[score]` and `[segment]`.
pub const MAIN: &str = "main";

/// What a scoring is made by.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Its name; [`MAIN`] for the run's own.
    pub name: String,
    /// What is known of the customers.
    pub known: Known,
    /// How axes and value are scored.
    pub score: ScoreOptions,
    /// The segment map.
    pub segment: SegmentOptions,
    /// The clusters.
    pub kmeans: KmeansOptions,
    /// The octants; only those of the run's own scoring are made.
    pub octants: OctantOptions,
    /// Decimals of money.
    pub money_scale: u8,
    /// Whether customers may have no order in the window.
    pub may_lack_orders: bool,
    /// What the run has besides scores and measures, for rules that look at it.
    pub available: Available,
}

impl Settings {
    /// Recency, frequency and monetary.
    #[must_use]
    pub fn axes(&self) -> [AxisSpec; 3] {
        [
            AxisSpec::recency(&self.score.recency),
            AxisSpec::frequency(&self.score.frequency),
            AxisSpec::monetary(&self.score.monetary, self.money_scale.into()),
        ]
    }

    /// The axis of the weighted value.
    #[must_use]
    pub fn value_axis(&self) -> AxisSpec {
        AxisSpec::value(&self.score.value)
    }

    /// The scores that a map is compiled for.
    #[must_use]
    pub fn run_scores(&self) -> RunScores {
        let levels = [2; 3];
        RunScores {
            bins: if self.maps_levels() { levels } else { self.axes().map(|axis| axis.bins) },
            value_bins: Some(self.score.value.bins),
            combination: self.score.combination,
            money_scale: self.money_scale,
            score_weights: self.score.composites.weights,
            known: self.known,
            may_lack_orders: self.may_lack_orders,
        }
    }

    /// Whether the map is that of the octants and these compare scores: then its rules see the levels of the scores.
    #[must_use]
    pub fn maps_levels(&self) -> bool {
        self.segment.map == OCTANTS && self.octants.of == OctantsOf::Scores
    }

    /// The rows that frequency and monetary value are learned from; none for all.
    #[must_use]
    pub fn learned_from<'a>(&self, measured: &'a Measured<'_>) -> Option<&'a [u32]> {
        measured.buyers.as_deref().filter(|_| self.score.learn_from == LearnFrom::Buyers)
    }

    /// The cells of the three scores.
    #[must_use]
    pub fn cells(&self) -> Cells {
        let [r, f, m] = self.axes().map(|axis| axis.bins);
        if self.known.has_money() { Cells::new(r, f, m) } else { Cells::of_two(r, f) }
    }

    /// Whether F is scored inside the groups of R, and M inside those of both.
    #[must_use]
    pub fn is_nested(&self) -> bool {
        self.score.combination == Combination::Nested
    }

    /// Whether anything asks for the weighted value. What a map asks for is not known without it.
    #[must_use]
    pub fn makes_value(&self, map: Option<&SegmentMap>) -> bool {
        map.is_some_and(SegmentMap::needs_value)
            || self.kmeans.is_asked_for()
            || self.score.composites.asks_for(Composite::WeightedValue)
    }

    /// The axes that are scored, that of the weighted value where anything asks for it.
    #[must_use]
    pub fn scored_axes(&self, map: Option<&SegmentMap>) -> Vec<AxisSpec> {
        let value = self.makes_value(map).then(|| self.value_axis());
        self.known_axes().chain(value).collect()
    }

    /// Recency, frequency, and where money is known monetary.
    pub fn known_axes(&self) -> impl Iterator<Item = AxisSpec> {
        let has_money = self.known.has_money();
        self.axes().into_iter().filter(move |axis| has_money || axis.axis() != Axis::Monetary)
    }

    /// What is measured, each once: by the axes, by what customers count by on them, and by the weighted value.
    #[must_use]
    pub fn measures(&self, map: Option<&SegmentMap>) -> Vec<Measure> {
        let of_axes = self.known_axes().flat_map(|axis| [Some(axis.measure), axis.weight]).flatten();
        let of_value = if self.makes_value(map) { self.score.value.effective().measures } else { Vec::new() };
        let mut measures: Vec<Measure> = Vec::new();
        for measure in of_axes.chain(of_value) {
            if !measures.contains(&measure) {
                measures.push(measure);
            }
        }
        measures
    }

    /// Everything that is wrong with the settings themselves.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems: Vec<String> = self.axes().iter().flat_map(AxisSpec::problems).collect();
        problems.extend(self.octants.problems());
        problems.extend(self.score.value.problems());
        problems.extend(self.score.composites.problems());
        problems.extend(self.kmeans.problems());
        problems.extend(self.kmeans.problems_of_centres(&self.score.value.effective()));
        if !self.kmeans.centres.is_empty() && self.score.breaks_from.as_ref().is_some_and(|path| !path.is_empty()) {
            problems.push(
                "`kmeans.centres` and `score.breaks_from` are given: the earlier run has centres, leave out one"
                    .to_owned(),
            );
        }
        problems
    }
}
