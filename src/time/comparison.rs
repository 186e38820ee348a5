//! Two dates side by side: who stood where, who stands where, and where they would stand by the earlier date's breaks.
//!
//! A move by the breaks of the earlier date is a move by behaviour: the customer did something, or let something be. What is
//! left between that and the scores of the later date comes from breaks that moved under them.
//! Does not live here: how breaks are frozen (`scoring`), and the sums (`migration`).

use std::cmp::Ordering;
use std::ops::Range;

use super::options::By;
use super::standing::{ABSENT, Grouping, Standing};
use crate::customers::{CustomerIds, Customers};

/// Marks a date on which a customer is not there.
const NOWHERE: u32 = u32::MAX;

/// The customers of the later date, scored with the breaks of the earlier one. Vectors have one entry per customer of the later
/// date.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Frozen {
    /// Recency, frequency and monetary score; 0 where there is none.
    pub scores: [Vec<i32>; 3],
    /// The groups; those whose limits are not known again are missing.
    pub groupings: Vec<Grouping>,
}

/// Everyone who is there on one of two dates.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    /// The earlier date.
    pub before: Standing,
    /// The later date.
    pub after: Standing,
    /// The later date by the breaks of the earlier one; none where the scores have no breaks.
    pub frozen: Option<Frozen>,
    /// Per customer their place on both dates, ascending by id.
    pub(super) rows: Vec<[u32; 2]>,
}

/// A customer of both dates together: where they are on each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The row on the earlier date.
    pub before: Option<usize>,
    /// The row on the later date.
    pub after: Option<usize>,
}

impl Comparison {
    /// Puts the dates side by side. The ids of both must be of one type, and ascend.
    #[must_use]
    pub fn new(before: Standing, after: Standing, frozen: Option<Frozen>) -> Self {
        let rows = side_by_side(&before, &after);
        Self { before, after, frozen, rows }
    }

    /// How many customers there are on either date.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// True where nobody is there on either date.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Where a customer is on both dates.
    #[must_use]
    pub fn place(&self, row: usize) -> Place {
        let [before, after] = self.rows[row].map(|row| (row != NOWHERE).then_some(row as usize));
        Place { before, after }
    }

    /// The customers of some rows: their ids, and nothing else.
    #[must_use]
    pub fn customers(&self, rows: Range<usize>) -> Customers {
        let (before, after) = (&self.before.ids, &self.after.ids);
        let id = |row: usize| match self.place(row) {
            Place { after: Some(row), .. } => (after, row),
            Place { before, .. } => (&self.before.ids, before.unwrap_or_default()),
        };
        let is_text = [before, after].iter().any(|ids| matches!(ids, CustomerIds::Text { .. }));
        let ids = if is_text {
            let (mut bytes, mut ends) = (Vec::new(), Vec::with_capacity(rows.len()));
            for (ids, row) in rows.map(id) {
                bytes.extend_from_slice(ids.text(row));
                ends.push(bytes.len());
            }
            CustomerIds::Text { bytes, ends }
        } else {
            let number = |(ids, row): (&CustomerIds, usize)| match ids {
                CustomerIds::Integer(ids) => ids[row],
                CustomerIds::Text { .. } => 0,
            };
            CustomerIds::Integer(rows.map(id).map(number).collect())
        };
        Customers { ids, pairs: self.after.pairs.or(self.before.pairs), ..Customers::default() }
    }

    /// What both dates know customers by.
    pub fn known_by(&self) -> impl Iterator<Item = By> {
        let is_known = |own: &Grouping| self.after.grouping(own.by).is_some();
        self.before.groupings.iter().filter(move |own| is_known(own)).map(|own| own.by)
    }

    /// The groups of the later date by the breaks of the earlier one.
    #[must_use]
    pub fn frozen_grouping(&self, by: By) -> Option<&Grouping> {
        self.frozen.as_ref()?.groupings.iter().find(|own| own.by == by)
    }

    /// The names of a customer's groups: before, after by the breaks of before, and after. The middle one is none where there are
    /// no such groups.
    #[must_use]
    pub fn names(&self, by: By, row: usize) -> [Option<&str>; 3] {
        let Place { before, after } = self.place(row);
        [
            named(self.before.grouping(by), before),
            named(self.frozen_grouping(by), after),
            named(self.after.grouping(by), after),
        ]
    }
}

/// The name of a group; that of the absent without a row, and none without groups.
fn named(grouping: Option<&Grouping>, row: Option<usize>) -> Option<&str> {
    let grouping = grouping?;
    Some(row.map_or(ABSENT, |row| grouping.name(row)))
}

/// Everyone of two ascending lists, with their rows in both.
fn side_by_side(before: &Standing, after: &Standing) -> Vec<[u32; 2]> {
    let place = |row: usize| u32::try_from(row).unwrap_or(NOWHERE);
    let (mut one, mut other) = (0, 0);
    let mut rows = Vec::with_capacity(before.ids.len().max(after.ids.len()));
    while one < before.ids.len() || other < after.ids.len() {
        let order = if one == before.ids.len() {
            Ordering::Greater
        } else if other == after.ids.len() {
            Ordering::Less
        } else {
            before.ids.compare(one, &after.ids, other)
        };
        rows.push([
            if order.is_le() { place(one) } else { NOWHERE },
            if order.is_ge() { place(other) } else { NOWHERE },
        ]);
        one += usize::from(order.is_le());
        other += usize::from(order.is_ge());
    }
    rows
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Customers 1, 2 and 4 before; 2, 3 and 4 after. 2 became loyal by what they did, 4 by breaks alone.
    pub(in crate::time) fn example() -> Comparison {
        let standing = |as_of, ids: &[i64], of: &[u16], revenue: &[i64]| Standing {
            as_of,
            ids: CustomerIds::Integer(ids.to_vec()),
            pairs: None,
            orders: vec![1, 2, 4],
            revenue: revenue.to_vec(),
            scores: std::array::from_fn(|_| vec![1; ids.len()]),
            groupings: vec![segments(of)],
        };
        let before = standing(100, &[1, 2, 4], &[0, 0, 0], &[10, 20, 40]);
        let after = standing(190, &[2, 3, 4], &[1, 0, 1], &[21, 3, 41]);
        let frozen = Frozen { groupings: vec![segments(&[1, 0, 0])], ..Frozen::default() };
        Comparison::new(before, after, Some(frozen))
    }

    fn segments(of: &[u16]) -> Grouping {
        Grouping { by: By::Segment, names: vec!["other".into(), "loyal".into()], of: of.to_vec() }
    }

    #[test]
    fn everyone_is_there_once_with_their_places() {
        let comparison = example();
        let places: Vec<[Option<usize>; 2]> =
            (0..comparison.len()).map(|row| comparison.place(row)).map(|place| [place.before, place.after]).collect();
        assert_eq!(places, [[Some(0), None], [Some(1), Some(0)], [None, Some(1)], [Some(2), Some(2)]]);
        assert_eq!(comparison.names(By::Segment, 1), [Some("other"), Some("loyal"), Some("loyal")]);
        assert_eq!(comparison.names(By::Segment, 2), [Some(ABSENT), Some("other"), Some("other")]);
        assert_eq!(comparison.names(By::Segment, 3), [Some("other"), Some("other"), Some("loyal")]);
        assert_eq!(comparison.names(By::Octant, 3), [None; 3]);
        assert_eq!(comparison.known_by().collect::<Vec<_>>(), [By::Segment]);
        assert_eq!(comparison.customers(0..4).ids, CustomerIds::Integer(vec![1, 2, 3, 4]));
        let nobody = Comparison::new(Standing::default(), Standing::default(), None);
        assert!(nobody.is_empty());
    }
}
