//! From measures to scores: the scorings of a run, surveyed, planned and made.
//!
//! [`survey()`] says which scorings the settings ask for and what prevents them; what is left is planned, and
//! [`score`] learns the breaks, scores, segments and ranks the customers.
//! Does not live here: any formula (`score`, `segment`, `models`), and what is published of it (`reports`).

mod clusters;
mod descending;
mod drift;
mod frozen;
mod learned;
mod measures;
mod notices;
mod octants;
mod one_scoring;
pub mod ranking;
mod rule_columns;
mod scorings;
mod settings;
mod survey;
mod value;
pub mod warnings;

use rayon::prelude::*;

use crate::customers::Customers;
use crate::error::Result;
use crate::segment::{MapMeasure, Octants};
use crate::warnings::Facts;
pub use clusters::Clusters;
pub use drift::AxisDrift;
pub use frozen::Frozen;
pub use learned::{Learned, LearnedClusters, LearnedOctants, LearnedValue};
pub use measures::{Measured, values_of};
pub use one_scoring::{AxisBounds, Scoring, WeightedValue};
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
    /// The index of the octant in their list.
    pub octant: Vec<u16>,
    /// The revenue order.
    pub ranking: Ranking,
}

/// Scores and groups every customer, in the planned scorings one after the other. `abc_limits` are the shares of revenue at
/// which class A and class B end.
///
/// # Errors
/// A config error where an axis has no usable values; an overflow of sums.
pub fn score(
    planned: Scorings<PlannedScoring>,
    customers: &Customers,
    as_of: i32,
    abc_limits: [f64; 2],
) -> Result<ScoredCustomers> {
    let recency_days: Vec<i32> = customers.last_day.par_iter().map(|last| as_of - last).collect();
    let measured = &Measured::new(customers, as_of);
    let Scorings { own, further } = planned;
    let rank = || Ranking::new(&customers.revenue, abc_limits);
    let (scored, ranking) = rayon::join(|| own.score_axes(measured), rank);
    let (scored, octants) = (scored?, Octants::new()?);
    let scores = scored.each_ref().map(|axis| axis.scores.as_slice());
    let find_octant = || octants::octants(&own.settings, &own.frozen, &octants, measured, scores);
    let looks_at_octants =
        std::iter::once(&own).chain(&further).any(|planned| planned.map.looks_at(MapMeasure::Octant));
    let (grouped, octant, bits) = if looks_at_octants {
        // rules of the segments look at the octant: it comes first
        let octant = find_octant()?;
        let bits = bits_of_octants(&octants, &octant.of);
        let groups = Groups { abc: &ranking.abc, octant_bits: &bits };
        (own.group(&scored, measured, groups)?, octant, bits)
    } else {
        let groups = Groups { abc: &ranking.abc, octant_bits: &[] };
        let (grouped, octant) = rayon::join(|| own.group(&scored, measured, groups), find_octant);
        (grouped?, octant?, Vec::new())
    };
    let groups = Groups { abc: &ranking.abc, octant_bits: &bits };
    let mut conflicts = notices::octant_thresholds(&own.settings).into_iter().collect::<Vec<_>>();
    conflicts.extend(octant.are_learned_new.then(|| Facts::OctantsLearnedNew {}.into()));
    let mut own = own.finish(scored, grouped);
    own.learned.octants = Some(octant.learned);
    own.warnings.extend(conflicts);
    let further = further.into_iter().map(|planned| {
        let conflict = notices::octant_thresholds(&planned.settings);
        let mut scoring = planned.make(measured, groups)?;
        scoring.warnings.extend(conflict);
        Ok(scoring)
    });
    let further = further.collect::<Result<_>>()?;
    let scorings = Scorings { own, further };
    Ok(ScoredCustomers { recency_days, scorings, octants, octant: octant.of, ranking })
}
