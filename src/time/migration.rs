//! Who moved between two dates, counted: from which group to which.
//!
//! Does not live here: who stood where (`comparison`), and the tables (`reports`).

use std::collections::BTreeMap;

use super::comparison::Comparison;
use super::options::By;
use super::standing::{ABSENT, Grouping};

/// What the groups of the later date are told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// The breaks of the earlier date: moves by behaviour.
    Frozen,
    /// Those of the later date, as it is published.
    Published,
}

impl Basis {
    /// The word of the tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Frozen => "frozen",
            Self::Published => "published",
        }
    }
}

/// Orders and revenue of some customers on one date.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Orders in the window.
    pub orders: u64,
    /// Revenue in the window, minor units.
    pub revenue: i64,
}

impl Sums {
    fn add(&mut self, orders: u32, revenue: i64) {
        self.orders += u64::from(orders);
        // The sum of all revenue is proved to fit.
        self.revenue = self.revenue.wrapping_add(revenue);
    }
}

/// The customers who were in one group and are in another, or in the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// By which breaks.
    pub basis: Basis,
    /// By what they are grouped.
    pub by: By,
    /// Their group on the earlier date.
    pub from: String,
    /// Their group on the later date.
    pub to: String,
    /// How many they are.
    pub customers: u64,
    /// Everyone who was in that group on the earlier date.
    pub all_from: u64,
    /// What they had brought on the earlier date; none for the absent.
    pub before: Option<Sums>,
    /// What they have brought on the later date; none for the absent.
    pub after: Option<Sums>,
}

/// How many came into a group and left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// By which breaks.
    pub basis: Basis,
    /// By what they are grouped.
    pub by: By,
    /// The group.
    pub group: String,
    /// Customers who came from another one.
    pub entered: u64,
    /// Customers who went to another one.
    pub left: u64,
}

/// Moves of one kind while they are counted.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    customers: u64,
    before: Sums,
    after: Sums,
}

/// All moves, sorted by basis, kind of groups, and their names.
#[must_use]
pub fn moves(comparison: &Comparison) -> Vec<Move> {
    let mut found = Vec::new();
    for basis in [Basis::Frozen, Basis::Published] {
        let mut by: Vec<By> = comparison.known_by().collect();
        by.sort_unstable();
        found.extend(by.into_iter().flat_map(|by| moves_by(comparison, basis, by)));
    }
    found
}

fn moves_by(comparison: &Comparison, basis: Basis, by: By) -> Vec<Move> {
    let after = match basis {
        Basis::Frozen => comparison.frozen_grouping(by),
        Basis::Published => comparison.after.grouping(by),
    };
    let (Some(before), Some(after)) = (comparison.before.grouping(by), after) else { return Vec::new() };
    let counts = counts(comparison, before, after);
    let mut all_from: BTreeMap<&str, u64> = BTreeMap::new();
    for ((from, _), count) in &counts {
        *all_from.entry(from).or_default() += count.customers;
    }
    let made = counts.iter().map(|((from, to), count)| Move {
        basis,
        by,
        from: (*from).to_owned(),
        to: (*to).to_owned(),
        customers: count.customers,
        all_from: all_from[from],
        before: (*from != ABSENT).then_some(count.before),
        after: (*to != ABSENT).then_some(count.after),
    });
    made.collect()
}

/// The customers by the names of their groups. They are counted by the numbers of these, of which there are few.
fn counts<'a>(
    comparison: &Comparison,
    before: &'a Grouping,
    after: &'a Grouping,
) -> BTreeMap<(&'a str, &'a str), Count> {
    let width = after.names.len() + 1;
    let mut counts = vec![Count::default(); (before.names.len() + 1) * width];
    for row in 0..comparison.len() {
        let place = comparison.place(row);
        let from = place.before.map_or(before.names.len(), |row| usize::from(before.of[row]));
        let to = place.after.map_or(after.names.len(), |row| usize::from(after.of[row]));
        let count = &mut counts[from * width + to];
        count.customers += 1;
        if let Some(row) = place.before {
            count.before.add(comparison.before.orders[row], comparison.before.revenue[row]);
        }
        if let Some(row) = place.after {
            count.after.add(comparison.after.orders[row], comparison.after.revenue[row]);
        }
    }
    let name = |names: &'a [String], index: usize| names.get(index).map_or(ABSENT, String::as_str);
    let occurs = counts.into_iter().enumerate().filter(|(_, count)| count.customers > 0);
    occurs.map(|(at, count)| ((name(&before.names, at / width), name(&after.names, at % width)), count)).collect()
}

/// What came into each group and left it, in the order of the moves. The absent are a group, too: new customers leave it.
#[must_use]
pub fn flows(moves: &[Move]) -> Vec<Flow> {
    let mut found: BTreeMap<(Basis, By, &str), [u64; 2]> = BTreeMap::new();
    for own in moves {
        let is_move = u64::from(own.from != own.to);
        found.entry((own.basis, own.by, &own.from)).or_default()[1] += is_move * own.customers;
        found.entry((own.basis, own.by, &own.to)).or_default()[0] += is_move * own.customers;
    }
    let flow = |((basis, by, group), [entered, left]): ((Basis, By, &str), [u64; 2])| Flow {
        basis,
        by,
        group: group.to_owned(),
        entered,
        left,
    };
    found.into_iter().map(flow).collect()
}

/// Who moved between segments, in a few numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UpAndDown {
    /// Customers of both dates in a segment that stands higher in the map.
    pub up: u64,
    /// In one that stands lower.
    pub down: u64,
    /// Customers of the later date alone.
    pub new: u64,
    /// Customers of the earlier date alone.
    pub gone: u64,
    /// Customers of both dates whose segment differs by the breaks of both; none where there are no breaks. Without breaks `up` and
    /// `down` are by the scores of each date.
    pub by_breaks: Option<u64>,
}

/// Moves between segments, by behaviour where the scores have breaks. None where segments are not known on both dates. The names
/// of the later date stand in the order of the map, best first.
#[must_use]
pub fn up_and_down(comparison: &Comparison) -> Option<UpAndDown> {
    let published = comparison.after.grouping(By::Segment)?;
    let before = comparison.before.grouping(By::Segment)?;
    let frozen = comparison.frozen_grouping(By::Segment);
    let after = frozen.unwrap_or(published);
    let place = |name: &str| published.names.iter().chain(&after.names).position(|own| own == name);
    let (of_before, of_after): (Vec<_>, Vec<_>) =
        (before.names.iter().map(|name| place(name)).collect(), after.names.iter().map(|name| place(name)).collect());
    let mut found = UpAndDown { by_breaks: frozen.map(|_| 0), ..UpAndDown::default() };
    for row in 0..comparison.len() {
        let both = comparison.place(row);
        let (Some(then), Some(now)) = (both.before, both.after) else {
            found.new += u64::from(both.before.is_none());
            found.gone += u64::from(both.after.is_none());
            continue;
        };
        // A segment that the later map does not have is below all that it has.
        let rank = |place: Option<usize>| place.unwrap_or(usize::MAX);
        let (then, moved) = (rank(of_before[usize::from(before.of[then])]), rank(of_after[usize::from(after.of[now])]));
        found.up += u64::from(moved < then);
        found.down += u64::from(moved > then);
        if let Some(by_breaks) = &mut found.by_breaks {
            *by_breaks += u64::from(published.name(now) != after.name(now));
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::comparison::tests::example;

    #[test]
    fn up_and_down_follow_the_order_of_the_map() {
        // The example names `other` before `loyal`: customer 2 went down by what they did, 4 by breaks alone.
        let expected = UpAndDown { up: 0, down: 1, new: 1, gone: 1, by_breaks: Some(1) };
        assert_eq!(up_and_down(&example()), Some(expected));
        let without = UpAndDown { down: 2, by_breaks: None, ..expected };
        assert_eq!(up_and_down(&Comparison { frozen: None, ..example() }), Some(without));
        assert_eq!(up_and_down(&Comparison::default()), None);
    }

    /// A move in one line: basis, from, to, customers of all that were there, money before and after.
    fn line(own: &Move) -> String {
        let money =
            |sums: Option<Sums>| sums.map_or("-".to_owned(), |sums| format!("{}/{}", sums.revenue, sums.orders));
        let Move { from, to, customers, all_from, before, after, .. } = own;
        format!("{} {from}>{to} {customers}/{all_from} {} {}", own.basis.name(), money(*before), money(*after))
    }

    #[test]
    fn moves_are_counted_by_both_breaks() {
        let found: Vec<String> = moves(&example()).iter().map(line).collect();
        assert_eq!(
            found,
            [
                "frozen absent>other 1/1 - 3/2",
                "frozen other>absent 1/3 10/1 -",
                "frozen other>loyal 1/3 20/2 21/1",
                "frozen other>other 1/3 40/4 41/4",
                "published absent>other 1/1 - 3/2",
                "published other>absent 1/3 10/1 -",
                "published other>loyal 2/3 60/6 62/5",
            ]
        );
    }

    #[test]
    fn flows_are_what_moves_say_and_sum_to_nothing() {
        let moves = moves(&example());
        let flows = flows(&moves);
        let published: Vec<(&str, u64, u64)> = flows
            .iter()
            .filter(|flow| flow.basis == Basis::Published)
            .map(|flow| (flow.group.as_str(), flow.entered, flow.left))
            .collect();
        assert_eq!(published, [("absent", 1, 1), ("loyal", 2, 0), ("other", 1, 3)]);
        let (entered, left) = flows.iter().fold((0, 0), |(a, b), flow| (a + flow.entered, b + flow.left));
        assert_eq!(entered, left);
    }

    #[test]
    fn without_breaks_there_are_published_moves_alone() {
        let comparison = Comparison { frozen: None, ..example() };
        assert!(moves(&comparison).iter().all(|own| own.basis == Basis::Published));
        assert!(moves(&Comparison::default()).is_empty());
    }
}
