//! Scores by group: each group that is large enough is scored as if its customers were alone, and the others as if there were
//! no groups. Groups part the customers, so that everyone has scores once.
//!
//! Does not live here: who belongs where (`groups`), how customers are scored among one another (`made`), segments and
//! clusters, which are of all customers (`one_scoring`), and what deserves a warning (`group_warnings`).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::drift::AxisDrift;
use super::frozen::Frozen;
use super::group_warnings;
use super::groups::{CustomerGroups, GroupKey};
use super::learned::{Learned, LearnedGroup, LearnedGroups};
use super::made::{Made, levels_of};
use super::measures::Measured;
use super::one_scoring::AxisBounds;
use super::settings::Settings;
use super::survey::PlannedScoring;
use super::value::Valued;
use crate::error::Result;
use crate::score::{ScoreBound, ScoreCut, bounds_among, merged_bounds, picked};
use crate::segment::Octants;

/// What scores are read from: of all customers, or of one group.
#[derive(Debug)]
pub struct Basis {
    /// What each score means, on the three axes.
    pub bounds: [AxisBounds; 3],
    /// The same of the weighted value, where it is made.
    pub value_bounds: Option<AxisBounds>,
    /// What parts the scores into levels, where the map looks at these.
    pub levels: Option<[ScoreCut; 3]>,
    /// Breaks, the scale of the value, the thresholds of the octants.
    pub learned: Learned,
    /// How far the axes have moved since the run whose breaks were taken.
    pub drift: Vec<AxisDrift>,
}

/// A scoring by group.
#[derive(Debug)]
pub struct ScoredGroups {
    /// Who belongs where.
    pub groups: Arc<CustomerGroups>,
    /// The customers of each group.
    pub customers: Vec<u64>,
    /// What each group has of its own; none where it takes what all have.
    pub own: Vec<Option<Basis>>,
    /// What all customers give.
    pub all: Basis,
    /// What the scores mean among the customers who take what all have: the three axes and the value. None where nobody does.
    pub rest: Option<Vec<AxisBounds>>,
}

impl ScoredGroups {
    /// What a customer's scores are read from.
    #[must_use]
    pub fn basis(&self, row: usize) -> &Basis {
        self.own[self.groups.of[row] as usize].as_ref().unwrap_or(&self.all)
    }

    /// Whether a group has breaks of its own.
    #[must_use]
    pub fn has_own(&self, group: usize) -> bool {
        self.own[group].is_some()
    }

    /// The groups with breaks of their own, ascending.
    pub fn with_own(&self) -> impl Iterator<Item = (&GroupKey, &Basis)> {
        self.groups.keys.iter().zip(&self.own).filter_map(|(key, own)| Some((key, own.as_ref()?)))
    }

    /// What any customer's scores are read from, each once.
    pub fn in_use(&self) -> impl Iterator<Item = &Basis> {
        self.own.iter().flatten().chain(self.rest.iter().map(|_| &self.all))
    }

    /// The scores' meaning, group by group, and last that of those who take what all have.
    pub fn bounds(&self) -> impl Iterator<Item = (Option<&GroupKey>, Vec<&AxisBounds>)> {
        let own =
            self.with_own().map(|(key, basis)| (Some(key), basis.bounds.iter().chain(&basis.value_bounds).collect()));
        own.chain(self.rest.iter().map(|rest| (None, rest.iter().collect())))
    }

    /// What is learned of each group; with frozen breaks those of groups without customers go on.
    pub(super) fn learned(&self, frozen: &Frozen) -> LearnedGroups {
        let own =
            self.with_own().map(|(key, basis)| LearnedGroup { group: key.clone(), learned: basis.learned.clone() });
        let mut groups: Vec<LearnedGroup> = own.collect();
        let now: HashSet<&GroupKey> = self.with_own().map(|(key, _)| key).collect();
        groups.extend(frozen.groups().iter().filter(|then| !now.contains(&then.group)).cloned());
        groups.sort_by(|one, other| one.group.cmp(&other.group));
        LearnedGroups { by: self.groups.by.clone(), groups }
    }
}

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
