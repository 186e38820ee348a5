//! From measures to scores: the scorings of a run, surveyed, planned and made.
//!
//! [`survey()`] says which scorings the settings ask for and what prevents them; what is left is planned, and
//! [`score`] learns the breaks, scores, segments and ranks the customers.
//! Does not live here: any formula (`score`, `segment`, `models`), and what is published of it (`reports`).

mod basis;
mod by_group;
mod clusters;
mod descending;
mod drift;
mod frozen;
mod group_warnings;
pub mod groups;
mod learned;
mod made;
mod measures;
mod notices;
mod octants;
mod one_scoring;
pub mod ranking;
mod rule_columns;
mod scorings;
mod settings;
mod survey;
mod unfrozen;
mod value;
pub mod warnings;

use std::sync::Arc;

use rayon::prelude::*;

use crate::customers::Customers;
use crate::error::Result;
use crate::segment::{MapMeasure, Octants};
use crate::warnings::Facts;
pub use basis::{AxisBounds, Basis, ScoredGroups};
pub use clusters::Clusters;
pub use drift::AxisDrift;
pub use frozen::Frozen;
pub use groups::{CustomerGroups, GroupKey};
pub use learned::{Learned, LearnedClusters, LearnedGroup, LearnedGroups, LearnedOctants, LearnedValue};
pub use measures::{Measured, values_of};
pub use one_scoring::{BasisOf, Scoring, WeightedValue};
use ranking::Ranking;
pub use rule_columns::{Beside, Groups, RuleSources, bits_of_octants};
pub use scorings::Scorings;
pub use settings::{MAIN, Settings};
pub use survey::{PlannedScoring, SurveyedScoring, segment_map, survey};

/// What all scorings of a run say about its customers. Vectors have one entry per customer, in the order of the table.
#[derive(Debug)]
pub struct ScoredCustomers {
    /// Days since the last order.
    pub recency_days: Vec<i32>,
    /// The scorings.
    pub scorings: Scorings<Scoring>,
    /// The octants of the run's own scoring.
    pub octants: Octants,
    /// The index of the octant in their list; empty where money is not known.
    pub octant: Vec<u16>,
    /// The revenue order.
    pub ranking: Ranking,
}

impl ScoredCustomers {
    /// The same with the segment of those who never bought in every map. `before` has for each of them, ascending by id, the rows
    /// of customers with a smaller id, where they count in shares.
    #[must_use]
    pub fn with_prospects(mut self, before: &[u32]) -> Self {
        let with_segment = |scoring: Scoring| Scoring { map: scoring.map.with_prospects(), ..scoring };
        self.scorings = self.scorings.map(with_segment);
        if !before.is_empty() {
            self.ranking = self.ranking.with_prospects(before);
        }
        self
    }
}

/// Scores and groups every customer, in the planned scorings one after the other, each among the customers of `groups` where
/// these are given. `abc_limits` are the shares of revenue at which class A and class B end.
///
/// # Errors
/// A config error where an axis has no usable values; an overflow of sums.
pub fn score(
    planned: Scorings<PlannedScoring>,
    groups: &Scorings<Option<Arc<CustomerGroups>>>,
    customers: &Customers,
    as_of: i32,
    abc_limits: [f64; 2],
) -> Result<ScoredCustomers> {
    let recency_days: Vec<i32> = customers.last_day.par_iter().map(|last| as_of - last).collect();
    let measured = &Measured::new(customers, as_of);
    let Scorings { own, further } = planned;
    let octants = Octants::new()?;
    let rank = || Ranking::new(&customers.revenue, abc_limits);
    let has_money = customers.known.has_money();
    let asked = has_money.then_some(&octants);
    let (made, ranking) = rayon::join(|| own.made(measured, groups.own.as_ref(), asked), rank);
    let mut made = made?;
    let octant = made.octants.as_mut().map(|found| (std::mem::take(&mut found.of), found.are_learned_new));
    let (octant, are_learned_new) = octant.unwrap_or_default();
    let looks_at_octants =
        std::iter::once(&own).chain(&further).any(|planned| planned.map.looks_at(MapMeasure::Octant));
    let bits = if looks_at_octants { bits_of_octants(&octants, &octant) } else { Vec::new() };
    let told = Groups { abc: &ranking.abc, octant_bits: &bits };
    let mut conflicts = notices::octant_thresholds(&own.settings).into_iter().collect::<Vec<_>>();
    conflicts.extend(are_learned_new.then(|| Facts::OctantsLearnedNew {}.into()));
    let grouped = own.group(&made, measured, told)?;
    let mut own = own.finish(made, grouped);
    own.warnings.extend(conflicts);
    let further = further.into_iter().zip(&groups.further).map(|(planned, groups)| {
        let conflict = notices::octant_thresholds(&planned.settings);
        let made = planned.made(measured, groups.as_ref(), None)?;
        let grouped = planned.group(&made, measured, told)?;
        let mut scoring = planned.finish(made, grouped);
        scoring.warnings.extend(conflict);
        Ok(scoring)
    });
    let further = further.collect::<Result<_>>()?;
    let scorings = Scorings { own, further };
    Ok(ScoredCustomers { recency_days, scorings, octants, octant, ranking })
}
