//! The later of two published runs, scored with what the earlier one has learned.
//!
//! Does not live here: the scoring itself (`job::rescored`, `scoring`).

use std::sync::Arc;

use super::published::Published;
use crate::error::{Error, Result};
use crate::job::rescored::{self, LookedAt};
use crate::scoring::{Learned, MAIN, Scoring};
use crate::segment::PROSPECTS;
use crate::time::{By, Frozen, Grouping};

/// The octant of those who are better in nothing.
const LOWEST_OCTANT: &str = "000";

/// The later date by the breaks of the earlier one.
///
/// # Errors
/// Whatever prevents it, for a warning: scores without breaks, breaks or a map that do not fit, measures that were not published.
pub(super) fn frozen(before: &Published, after: &Published) -> Result<Frozen> {
    let settings = before.settings.own_scoring();
    let learned = before.run.learned(MAIN)?.unwrap_or_default();
    let planned = rescored::planned(settings, &learned)?;
    if let Some(reason) = planned.lacks_breaks() {
        return Err(Error::config(reason));
    }
    let lacks_all_days = after.settings.may_lack_orders() && after.customers.orders_ever.is_empty();
    if planned.map.looks_at_all_days() && lacks_all_days {
        let map = &planned.map.name;
        return Err(Error::config(format!(
            "the map `{map}` looks at orders of all days, and the later date has no column `orders_ever`"
        )));
    }
    let groups = after.groups(&planned.settings.score.by)?.map(Arc::new);
    let looked_at = LookedAt { groups, beside: after.beside(&planned.map)? };
    let limits = before.settings.reports.abc_limits;
    let scored = rescored::rescored(planned, looked_at, &after.customers, after.as_of, limits)?;
    let own = scored.scorings.own;
    let known = after.customers.known;
    // An earlier run that did not write the thresholds of its octants has none to be frozen.
    let mut groupings = rescored::groupings(&own, &scored.octants, &scored.octant, known);
    groupings.retain(|own| own.by != By::Octant || has_octants(&learned));
    let Scoring { scores, .. } = own;
    Ok(with_prospects(after, Frozen { scores, groupings }))
}

fn has_octants(learned: &Learned) -> bool {
    learned.octants.is_some()
}

/// The same with members who never bought, where they count: no breaks move them.
fn with_prospects(after: &Published, frozen: Frozen) -> Frozen {
    if after.are_customers.iter().all(|own| *own) {
        return frozen;
    }
    let spread = |own: Vec<i32>, others: &[i32]| {
        let mut own = own.into_iter();
        let rows = after.are_customers.iter().zip(others);
        rows.map(|(is_customer, other)| if *is_customer { own.next().unwrap_or_default() } else { *other }).collect()
    };
    let grouping = |own: Grouping| {
        let name = if own.by == By::Octant { LOWEST_OCTANT } else { PROSPECTS };
        with_others(own, &after.are_customers, name)
    };
    let Frozen { scores, groupings } = frozen;
    let [r, f, m] = scores;
    let published = &after.standing.scores;
    Frozen {
        scores: [spread(r, &published[0]), spread(f, &published[1]), spread(m, &published[2])],
        groupings: groupings.into_iter().map(grouping).collect(),
    }
}

/// The groups of customers, and of others among them who are all in the group `name`.
pub(super) fn with_others(grouping: Grouping, are_customers: &[bool], name: &str) -> Grouping {
    if are_customers.iter().all(|own| *own) {
        return grouping;
    }
    let Grouping { by, mut names, of } = grouping;
    let place = names.iter().position(|own| own == name).unwrap_or(names.len());
    if place == names.len() {
        names.push(name.to_owned());
    }
    let place = u16::try_from(place).unwrap_or(u16::MAX);
    let mut own = of.into_iter();
    let of = are_customers.iter().map(|is_customer| if *is_customer { own.next() } else { None });
    Grouping { by, names, of: of.map(|own| own.unwrap_or(place)).collect() }
}
