//! What of a scoring has no breaks, so that another date cannot be scored with them.
//!
//! Does not live here: breaks themselves (`score`), and taking those of a published run (`frozen`).

use super::survey::PlannedScoring;
use crate::score::options::Method;
use crate::score::{AxisSpec, Standardise};
use crate::segment::MapMeasure;

impl PlannedScoring {
    /// Why its customers cannot be scored with the breaks of another date, whatever that has learned; none where they can.
    #[must_use]
    pub fn lacks_breaks(&self) -> Option<String> {
        let Self { settings, map, .. } = self;
        if settings.is_nested() {
            return Some("nested scores have no breaks".to_owned());
        }
        let by_rank = |axis: &AxisSpec| axis.method == Method::Ntile;
        if let Some(axis) = settings.scored_axes(Some(map)).iter().find(|axis| by_rank(axis)) {
            return Some(format!("the {} score is made with `ntile`, which has no breaks", axis.axis().name()));
        }
        let ranks_value = settings.score.value.effective().standardise == Standardise::Rank;
        if settings.makes_value(Some(map)) && ranks_value {
            return Some("the weighted value is made of ranks, which have no scale".to_owned());
        }
        let by_class = map.looks_at(MapMeasure::AbcClass);
        by_class.then(|| format!("the segment map `{}` looks at the ABC class, which is a rank", map.name))
    }
}
