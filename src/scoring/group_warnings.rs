//! What a reader of scores by group should know: groups without breaks of their own, and what was noticed in each group.
//!
//! What concerns many groups is one warning, that of the largest of them, which says how many more there are. Does not live
//! here: the sentences (`warnings`).

use super::basis::ScoredGroups;
use super::frozen::Frozen;
use super::groups::{ALL, GroupKey};
use super::settings::Settings;
use crate::score::Scored;
use crate::warnings::{Facts, NamedGroups, Warning};

/// Groups that a warning names.
const NAMED: usize = 5;

/// A warning about one axis of one group.
pub(super) struct Found {
    axis: usize,
    group: String,
    customers: u64,
    warning: Warning,
}

/// What was noticed while a group was scored; `group` is none for those who take what all have.
pub(super) fn found<'a>(
    group: Option<&GroupKey>,
    customers: u64,
    axes: impl Iterator<Item = &'a Scored>,
) -> Vec<Found> {
    let name = group.map_or_else(|| ALL.to_owned(), ToString::to_string);
    let of_axis = |(axis, scored): (usize, &'a Scored)| {
        let group = name.clone();
        scored.warnings.iter().map(move |warning| Found {
            axis,
            group: group.clone(),
            customers,
            warning: warning.clone(),
        })
    };
    axes.enumerate().flat_map(of_axis).collect()
}

/// One warning per axis and code: that of the largest group.
pub(super) fn merged(mut found: Vec<Found>) -> Vec<Warning> {
    // Stable: of one axis in the order in which they were noticed, the largest group first.
    let mut kinds: Vec<(usize, &'static str)> = Vec::new();
    for own in &found {
        let kind = (own.axis, own.warning.code());
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds.sort_by_key(|(axis, _)| *axis);
    found.sort_by(|one, other| other.customers.cmp(&one.customers).then_with(|| one.group.cmp(&other.group)));
    let merge = |(axis, code): (usize, &'static str)| {
        let mut alike = found.iter().filter(|own| own.axis == axis && own.warning.code() == code);
        let first = alike.next()?;
        Some(first.warning.clone().in_group(&first.group, alike.count() as u64))
    };
    kinds.into_iter().filter_map(merge).collect()
}

/// Groups that take the breaks of all: because they are small, or because the earlier run had none of them.
pub(super) fn of_groups(settings: &Settings, frozen: &Frozen, scored: &ScoredGroups) -> Option<Warning> {
    let without = || (0..scored.own.len()).filter(|group| !scored.has_own(*group));
    let mut largest: Vec<usize> = without().collect();
    largest.sort_by_key(|group| (std::cmp::Reverse(scored.customers[*group]), *group));
    let names: Vec<String> = largest.iter().take(NAMED).map(|group| scored.groups.keys[*group].to_string()).collect();
    let (by, groups) = (scored.groups.by.clone(), largest.len() as u64);
    let customers = without().map(|group| scored.customers[group]).sum();
    let who = NamedGroups { by, groups, names, customers };
    let facts = if frozen.is_asked_for() {
        Facts::GroupsWithoutBreaks(who)
    } else {
        Facts::SmallGroups { who, least: settings.score.by_min_customers }
    };
    (groups > 0).then(|| facts.into())
}
