//! Where everyone stands on one date: scores, and the groups that they are in.
//!
//! Does not live here: how the scores are made (`scoring`), and two dates side by side (`comparison`).

use super::options::By;
use crate::batch::pair::PairIds;
use crate::customers::CustomerIds;

/// The name of those who are not there on a date: new ones before they came, and those who are left without a purchase, are
/// excluded, or have fallen out of a window of everything.
pub const ABSENT: &str = "absent";

/// Everyone who counts on a date. Vectors have one entry per customer, ascending by id.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standing {
    /// The date, days since 1970-01-01.
    pub as_of: i32,
    /// Who.
    pub ids: CustomerIds,
    /// Where the ids are keys of pairs: how the ids in them are stored.
    pub pairs: Option<PairIds>,
    /// Orders in the window.
    pub orders: Vec<u32>,
    /// Revenue in the window, minor units.
    pub revenue: Vec<i64>,
    /// Recency, frequency and monetary score; 0 where there is none.
    pub scores: [Vec<i32>; 3],
    /// The groups, by what customers are compared.
    pub groupings: Vec<Grouping>,
}

/// Everyone in the groups of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouping {
    /// What parts them.
    pub by: By,
    /// The names of the groups.
    pub names: Vec<String>,
    /// Per customer the index of the name.
    pub of: Vec<u16>,
}

impl Standing {
    /// The groups of one kind; none where they are not known on this date.
    #[must_use]
    pub fn grouping(&self, by: By) -> Option<&Grouping> {
        self.groupings.iter().find(|own| own.by == by)
    }
}

impl Grouping {
    /// The name of a customer's group.
    #[must_use]
    pub fn name(&self, row: usize) -> &str {
        &self.names[usize::from(self.of[row])]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_found_by_their_kind() {
        let of_segments = Grouping { by: By::Segment, names: vec!["loyal".into(), "new".into()], of: vec![1, 0] };
        let standing = Standing { groupings: vec![of_segments], ..Standing::default() };
        assert_eq!(standing.grouping(By::Segment).map(|own| own.name(0)), Some("new"));
        assert_eq!(standing.grouping(By::Octant), None);
    }
}
