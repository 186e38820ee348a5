//! Where everyone who counts stands, from what a run has found: customers, and members who never bought where they count.
//!
//! Does not live here: what is made of two such dates (`time`).

use super::rescored;
use crate::customers::CustomerIds;
use crate::reports::findings::Findings;
use crate::segment::PROSPECTS;
use crate::time::{By, Grouping, Standing};

/// The octant of those who are better in nothing.
const LOWEST_OCTANT: &str = "000";

/// Everyone of a run, by segments and octants.
pub(super) fn standing(findings: &Findings) -> Standing {
    let (customers, own) = (&findings.customers, findings.own());
    let groupings = rescored::groupings(own, &findings.octants, &findings.octant, customers.known);
    Standing {
        as_of: findings.as_of,
        ids: ids(findings),
        pairs: customers.pairs,
        orders: spread_values(&customers.orders, 0, findings),
        revenue: spread_values(&customers.revenue, 0, findings),
        scores: own.scores.each_ref().map(|scores| spread_scores(scores.clone(), findings)),
        groupings: groupings.into_iter().map(|own| spread(own, findings)).collect(),
    }
}

/// For each of everyone the row of the customer, or one beyond all customers for a member who never bought; none where only
/// customers count.
fn order(findings: &Findings) -> Option<Vec<u32>> {
    let members = findings.members.as_ref().filter(|members| members.counted() > 0)?;
    let customers = u32::try_from(findings.customers.len()).unwrap_or(u32::MAX);
    let rows: Vec<u32> = (0..customers).collect();
    let beyond = |prospect: usize| customers.saturating_add(u32::try_from(prospect).unwrap_or(u32::MAX));
    Some(members.roster.merged(&(0..findings.counted()), &rows, beyond))
}

/// Values of customers, and this one for everyone else.
fn spread_values<T: Copy>(own: &[T], other: T, findings: &Findings) -> Vec<T> {
    let Some(order) = order(findings) else { return own.to_vec() };
    order.iter().map(|row| own.get(*row as usize).copied().unwrap_or(other)).collect()
}

/// Scores of customers; members who never bought have the lowest.
pub(super) fn spread_scores(own: Vec<i32>, findings: &Findings) -> Vec<i32> {
    if order(findings).is_none() { own } else { spread_values(&own, 1, findings) }
}

/// Groups of customers; members who never bought are in a segment of their own, and in the lowest octant.
pub(super) fn spread(own: Grouping, findings: &Findings) -> Grouping {
    if order(findings).is_none() {
        return own;
    }
    let Grouping { by, mut names, of } = own;
    let other = if by == By::Octant { LOWEST_OCTANT } else { PROSPECTS };
    let place = names.iter().position(|name| name == other).unwrap_or(names.len());
    if place == names.len() {
        names.push(other.to_owned());
    }
    let place = u16::try_from(place).unwrap_or(u16::MAX);
    Grouping { by, names, of: spread_values(&of, place, findings) }
}

fn ids(findings: &Findings) -> CustomerIds {
    let own = &findings.customers.ids;
    let (Some(order), Some(members)) = (order(findings), &findings.members) else { return own.clone() };
    let prospects = &members.prospects;
    if let (CustomerIds::Integer(own), CustomerIds::Integer(others)) = (own, prospects) {
        let id = |row: &u32| own.get(*row as usize).or_else(|| others.get(*row as usize - own.len()));
        return CustomerIds::Integer(order.iter().filter_map(id).copied().collect());
    }
    let (mut bytes, mut ends) = (Vec::new(), Vec::with_capacity(order.len()));
    for row in order {
        let row = row as usize;
        let text = if row < own.len() { own.text(row) } else { prospects.text(row - own.len()) };
        bytes.extend_from_slice(text);
        ends.push(bytes.len());
    }
    CustomerIds::Text { bytes, ends }
}
