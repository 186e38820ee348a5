//! Scores by group: each group that is large enough is scored as if its customers were alone, and the others as if there were
//! no groups. Groups part the customers, so that everyone has scores once.
//!
//! Does not live here: who belongs where (`groups`), how customers are scored among one another (`made`), segments and
//! clusters, which are of all customers (`one_scoring`), and what deserves a warning (`group_warnings`).

use std::collections::HashMap;
use std::sync::Arc;

use super::basis::{AxisBounds, Basis, ScoredGroups};
use super::frozen::Frozen;
use super::group_warnings;
use super::groups::{CustomerGroups, GroupKey};
use super::learned::Learned;
use super::made::{Made, levels_of};
use super::measures::Measured;
use super::settings::Settings;
use super::survey::PlannedScoring;
use super::value::Valued;
use crate::error::Result;
use crate::score::{ScoreBound, bounds_among, merged_bounds, picked};
use crate::segment::Octants;

impl PlannedScoring {
    /// All customers, each among those of their group.
    pub(super) fn made_by_group(
        &self,
        measured: &Measured<'_>,
        groups: &Arc<CustomerGroups>,
        octants: Option<&Octants>,
    ) -> Result<Made> {
        let mut made = self.made_of(&self.frozen, measured, octants)?;
        let all = basis(&self.settings, &made);
        made.seen = made.levels.as_ref().map(|cuts| levels_of(cuts, &made.scored, measured));
        let rows = groups.rows();
        let frozen = self.of_groups(&groups.keys, &rows);
        let mut joined = Joined { made, warnings: Vec::new(), own: Vec::with_capacity(rows.len()) };
        let mut rest: Vec<u32> = Vec::new();
        for ((key, rows), frozen) in groups.keys.iter().zip(&rows).zip(&frozen) {
            if let Some(frozen) = frozen {
                joined.add(self, key, rows, (frozen, measured, octants))?;
            } else {
                rest.extend(rows);
                joined.own.push(None);
            }
        }
        rest.sort_unstable();
        let Joined { mut made, mut warnings, own } = joined;
        let bounds = (!rest.is_empty()).then(|| rest_bounds(&self.settings, &made, measured, &rest)).transpose()?;
        if !rest.is_empty() {
            let of_all = made.scored.iter().chain(made.valued.as_ref().map(|valued| &valued.scored));
            warnings.extend(group_warnings::found(None, rest.len() as u64, of_all));
        }
        let customers = rows.iter().map(|rows| rows.len() as u64).collect();
        let scored = ScoredGroups { groups: Arc::clone(groups), customers, own, all, rest: bounds };
        made.warnings = group_warnings::of_groups(&self.settings, &self.frozen, &scored).into_iter().collect();
        made.warnings.extend(group_warnings::merged(warnings));
        merge_bounds(&mut made, &scored);
        made.groups = Some(scored);
        Ok(made)
    }

    /// What each group takes from an earlier run, nothing where it learns itself; none where it takes what all have.
    fn of_groups(&self, keys: &[GroupKey], rows: &[Vec<u32>]) -> Vec<Option<Frozen>> {
        if self.frozen.is_asked_for() {
            let then: HashMap<&GroupKey, &Learned> =
                self.frozen.groups().iter().map(|own| (&own.group, &own.learned)).collect();
            return keys.iter().map(|key| then.get(key).map(|learned| (*learned).clone().into())).collect();
        }
        let least = self.settings.score.by_min_customers as usize;
        rows.iter().map(|rows| (rows.len() >= least).then(Frozen::default)).collect()
    }
}

/// The scores of all customers, in which those of the groups take their place.
struct Joined {
    made: Made,
    warnings: Vec<group_warnings::Found>,
    own: Vec<Option<Basis>>,
}

/// What a group is scored with: its frozen values, the measures of all customers, the octants that are wanted.
type With<'a> = (&'a Frozen, &'a Measured<'a>, Option<&'a Octants>);

impl Joined {
    /// Scores a group, and puts the scores where its customers stand.
    fn add(
        &mut self,
        planned: &PlannedScoring,
        key: &GroupKey,
        rows: &[u32],
        (frozen, measured, octants): With<'_>,
    ) -> Result<()> {
        let settings = &planned.settings;
        let customers = measured.customers.measures_of(rows);
        let measured = &Measured::new(&customers, measured.as_of);
        let own = planned.made_of(frozen, measured, octants);
        let own = own.map_err(|error| error.cause(format!("among the customers of the group `{key}`")))?;
        let axes = own.scored.iter().chain(own.valued.as_ref().map(|valued| &valued.scored));
        self.warnings.extend(group_warnings::found(Some(key), rows.len() as u64, axes));
        if let (Some(cuts), Some(seen)) = (&own.levels, &mut self.made.seen) {
            for (all, levels) in seen.iter_mut().zip(levels_of(cuts, &own.scored, measured)) {
                put(all, rows, &levels);
            }
        }
        for (all, own) in self.made.scored.iter_mut().zip(&own.scored) {
            put(&mut all.scores, rows, &own.scores);
        }
        if let (Some(all), Some(own)) = (&mut self.made.valued, &own.valued) {
            // The columns stay as they are among all: clusters are found on one scale.
            put(&mut all.values, rows, &own.values);
            put(&mut all.scored.scores, rows, &own.scored.scores);
        }
        if let (Some(all), Some(own)) = (&mut self.made.octants, &own.octants) {
            put(&mut all.of, rows, &own.of);
            all.are_learned_new |= own.are_learned_new;
        }
        self.own.push(Some(basis(settings, &own)));
        Ok(())
    }
}

/// Puts the values of a group where its customers stand.
fn put<T: Copy>(all: &mut [T], rows: &[u32], own: &[T]) {
    for (row, value) in rows.iter().zip(own) {
        all[*row as usize] = *value;
    }
}

fn basis(settings: &Settings, made: &Made) -> Basis {
    let axes = settings.axes();
    let scored = made.scored.iter().chain(made.valued.as_ref().map(|valued| &valued.scored));
    let learned = Learned {
        breaks: scored.filter_map(|scored| scored.learned.breaks().cloned()).collect(),
        value: made.valued.as_ref().map(|valued| valued.learned.clone()),
        octants: made.octants.as_ref().map(|octants| octants.learned.clone()),
        ..Learned::default()
    };
    Basis {
        bounds: [0, 1, 2].map(|axis| AxisBounds::of(&axes[axis], &made.scored[axis])),
        value_bounds: made.valued.as_ref().map(|valued| AxisBounds::of(&settings.value_axis(), &valued.scored)),
        levels: made.levels,
        learned,
        drift: made.drift.clone(),
    }
}

/// The bounds of the scores among some customers, all of whom take what all have.
fn rest_bounds(settings: &Settings, made: &Made, measured: &Measured<'_>, rows: &[u32]) -> Result<Vec<AxisBounds>> {
    let customers = measured.customers.measures_of(rows);
    let measured = Measured::new(&customers, measured.as_of);
    let mut found = Vec::new();
    for (axis, scored) in settings.axes().iter().zip(&made.scored) {
        if settings.known.lacks_for(axis.measure.column()).is_some() {
            // No score of what is not known, and nothing that it could mean.
            let bounds = scored.bounds.clone();
            found.push(AxisBounds { measure: axis.measure, decimals: axis.decimals, bounds });
            continue;
        }
        let values = measured.values(axis.measure)?;
        let with_values = measured.buyers.as_deref().filter(|_| axis.measure.needs_an_order());
        let bounds = bounds_among(&values, &picked(&scored.scores, rows), &scored.learned, with_values)?;
        found.push(AxisBounds { measure: axis.measure, decimals: axis.decimals, bounds });
    }
    if let Some(Valued { values, scored, .. }) = &made.valued {
        let axis = settings.value_axis();
        let bounds = bounds_among(&picked(values, rows), &picked(&scored.scores, rows), &scored.learned, None)?;
        found.push(AxisBounds { measure: axis.measure, decimals: axis.decimals, bounds });
    }
    Ok(found)
}

/// What the scores mean over all groups: the widest range, and a threshold where there is but one.
fn merge_bounds(made: &mut Made, groups: &ScoredGroups) {
    let parts: Vec<Vec<&AxisBounds>> = groups.bounds().map(|(_, bounds)| bounds).collect();
    if parts.is_empty() {
        return;
    }
    let value = made.valued.as_mut().map(|valued| &mut valued.scored);
    for (place, scored) in made.scored.iter_mut().chain(value).enumerate() {
        let bounds: Vec<&[ScoreBound]> = parts.iter().map(|part| part[place].bounds.as_slice()).collect();
        scored.bounds = merged_bounds(&bounds);
    }
}
