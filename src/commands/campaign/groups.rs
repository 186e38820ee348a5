//! Sums of customers by campaign, segment and cell, in the order of the tables.

use crate::reports::campaigns::Group;

/// What rows are of, in the order of the tables.
pub(super) const BY: [&str; 3] = ["campaign", "segment", "cell"];

/// Sums of all of a campaign, and of each of its segments and cells, which are given by their index.
#[derive(Debug)]
pub(super) struct Grouped<S> {
    all: S,
    segments: Vec<Option<S>>,
    cells: Vec<Option<S>>,
}

impl<S: Default + Clone> Grouped<S> {
    pub(super) fn new() -> Self {
        Self { all: S::default(), segments: Vec::new(), cells: Vec::new() }
    }

    /// Adds to the sums of everybody, of a segment and of a cell.
    pub(super) fn add(&mut self, segment: u32, cell: u32, add: impl Fn(&mut S)) {
        add(&mut self.all);
        add(sum_of(&mut self.segments, segment));
        add(sum_of(&mut self.cells, cell));
    }

    /// The sums of everybody.
    pub(super) const fn all(&self) -> &S {
        &self.all
    }

    /// The sums of the cells that occur, with their indices.
    pub(super) fn cells(&self) -> impl Iterator<Item = &S> {
        self.cells.iter().flatten()
    }

    /// The sums with their groups, in the order of the tables; `names` are those of segments and cells.
    pub(super) fn into_rows(self, campaign: &str, segments: &[String], cells: &[String]) -> Vec<(Group, S)> {
        let mut rows = vec![(Group { by: BY[0], name: campaign.to_owned() }, self.all)];
        for (by, names, sums) in [(BY[1], segments, self.segments), (BY[2], cells, self.cells)] {
            let sums = names.iter().zip(sums).filter_map(|(name, sum)| Some((Group { by, name: name.clone() }, sum?)));
            let mut sums: Vec<(Group, S)> = sums.collect();
            sums.sort_by(|(one, _), (two, _)| one.name.cmp(&two.name));
            rows.extend(sums);
        }
        rows
    }
}

fn sum_of<S: Default + Clone>(sums: &mut Vec<Option<S>>, index: u32) -> &mut S {
    let index = index as usize;
    if sums.len() <= index {
        sums.resize(index + 1, None);
    }
    sums[index].get_or_insert_with(S::default)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_come_as_campaign_then_segments_then_cells_by_name_and_only_those_that_occur() {
        let mut grouped: Grouped<u64> = Grouped::new();
        for (segment, cell) in [(0, 2), (2, 0), (0, 1)] {
            grouped.add(segment, cell, |sum| *sum += 1);
        }
        let names = |names: [&str; 3]| names.map(str::to_owned);
        let rows = grouped.into_rows("spring", &names(["new", "nobody", "at_risk"]), &names(["15", "52", "51"]));
        let found: Vec<(&str, &str, u64)> =
            rows.iter().map(|(group, sum)| (group.by, group.name.as_str(), *sum)).collect();
        let expected = [
            ("campaign", "spring", 3),
            ("segment", "at_risk", 1),
            ("segment", "new", 2),
            ("cell", "15", 1),
            ("cell", "51", 1),
            ("cell", "52", 1),
        ];
        assert_eq!(found, expected);
    }
}
