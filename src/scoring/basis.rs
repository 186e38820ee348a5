//! What the scores of a customer are read from: what all customers give, or what their group has of its own.
//!
//! Does not live here: how it is made (`made`, `by_group`).

use std::collections::HashSet;
use std::sync::Arc;

use super::drift::AxisDrift;
use super::frozen::Frozen;
use super::groups::{CustomerGroups, GroupKey};
use super::learned::{Learned, LearnedGroup, LearnedGroups};
use crate::score::{AxisSpec, Measure, ScoreBound, ScoreCut, Scored};

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

impl AxisBounds {
    /// Those of a scored axis.
    pub(super) fn of(axis: &AxisSpec, scored: &Scored) -> Self {
        Self { measure: axis.measure, decimals: axis.decimals, bounds: scored.bounds.clone() }
    }
}

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
