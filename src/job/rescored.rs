//! Customers of one date, scored with what another date has learned; and their stages of the life cycle.
//!
//! Does not live here: breaks (`score`), how they are taken from a run (`scoring::frozen`), and what is made of two dates
//! (`time`).

use std::sync::Arc;

use crate::customers::Customers;
use crate::error::Result;
use crate::known::Known;
use crate::score::on_request::KmeansOptions;
use crate::score::options::ScoreOptions;
use crate::scoring::{
    Beside, CustomerGroups, Frozen, Learned, PlannedScoring, ScoredCustomers, Scoring, Scorings, Settings, score,
    survey,
};
use crate::segment::options::SegmentOptions;
use crate::segment::{Octants, SegmentMap};
use crate::time::{By, Grouping};

/// The map of the stages of the life cycle.
const LIFECYCLE: &str = "lifecycle";

/// A scoring of these settings that takes everything from what another date has learned.
///
/// # Errors
/// A config error where the map cannot be read, or what was learned does not fit it.
pub(crate) fn planned(mut settings: Settings, learned: &Learned) -> Result<PlannedScoring> {
    // Clusters and composites are not compared: what only they need is not made.
    settings.kmeans = KmeansOptions::default();
    settings.score.composites.columns.clear();
    Ok(survey(Scorings::alone(settings), |_| Ok(Frozen::from(learned.clone()))).plan()?.own)
}

/// What the groups and rules of a scoring look at beside the customers' measures.
#[derive(Debug, Default)]
pub(crate) struct LookedAt {
    pub(crate) groups: Option<Arc<CustomerGroups>>,
    pub(crate) beside: Beside,
}

/// The customers, scored by this one scoring.
///
/// # Errors
/// A config error where a measure is missing.
pub(crate) fn rescored(
    planned: PlannedScoring,
    looked_at: LookedAt,
    customers: &Customers,
    as_of: i32,
    abc_limits: [f64; 2],
) -> Result<ScoredCustomers> {
    let LookedAt { groups, beside } = looked_at;
    let planned = Scorings::alone(PlannedScoring { beside, ..planned });
    score(planned, &Scorings::alone(groups), customers, as_of, abc_limits)
}

/// The stage of every customer. It follows from their own days alone, so that no breaks are learned.
///
/// # Errors
/// A config error where the customers lack a measure that the map of the stages looks at.
pub(crate) fn stages(settings: &Settings, customers: &Customers, as_of: i32, abc_limits: [f64; 2]) -> Result<Grouping> {
    let settings = Settings {
        score: ScoreOptions::default(),
        segment: SegmentOptions { map: LIFECYCLE.to_owned() },
        ..settings.clone()
    };
    let planned = survey(Scorings::alone(settings), |_| Ok(Frozen::default())).plan()?.own;
    let scored = rescored(planned, LookedAt::default(), customers, as_of, abc_limits)?;
    let Scoring { map, segment, .. } = scored.scorings.own;
    Ok(Grouping { by: By::Stage, names: keys(&map), of: segment })
}

/// The segments and octants of customers; no octants where money is not known.
pub(crate) fn groupings(own: &Scoring, octants: &Octants, octant: &[u16], known: Known) -> Vec<Grouping> {
    let mut groupings = vec![Grouping { by: By::Segment, names: keys(&own.map), of: own.segment.clone() }];
    if known.has_money() {
        let names = octants.list.iter().map(|octant| octant.code.clone()).collect();
        groupings.push(Grouping { by: By::Octant, names, of: octant.to_vec() });
    }
    groupings
}

fn keys(map: &SegmentMap) -> Vec<String> {
    map.segments.iter().map(|segment| segment.key.clone()).collect()
}
