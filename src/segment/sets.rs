//! Sets of whole numbers as intervals, and boxes of them: what a rule admits, and what rules leave over.
//!
//! Whatever a rule looks at comes as whole numbers that sort as the values do (`subjects`); [`NULL`] stands for a value that
//! is not there. Does not live here: what the numbers mean.

/// The number of a value that is not there. No comparison holds of it.
pub(super) const NULL: i64 = i64::MIN;
/// The least number that stands for a value.
pub(super) const LEAST: i64 = i64::MIN + 1;

/// An interval of whole numbers, both ends included; empty where `min` is above `max`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interval {
    /// Smallest value.
    pub(super) min: i64,
    /// Largest value.
    pub(super) max: i64,
}

impl Interval {
    /// Every value that is there.
    pub(super) const VALUES: Self = Self { min: LEAST, max: i64::MAX };
    /// What is not there.
    pub(super) const NULLS: Self = Self { min: NULL, max: NULL };

    /// One number.
    pub(super) const fn only(number: i64) -> Self {
        Self { min: number, max: number }
    }

    /// The same of whole numbers that are coarser by `factor`: those of which the interval holds all.
    pub(super) fn coarser(self, factor: i64) -> Self {
        let min = self.min.div_euclid(factor) + i64::from(self.min.rem_euclid(factor) != 0);
        Self {
            min: if self.min <= LEAST { self.min } else { min },
            max: if self.max == i64::MAX { i64::MAX } else { self.max.div_euclid(factor) },
        }
    }

    const fn is_empty(self) -> bool {
        self.min > self.max
    }

    const fn meet(self, other: Self) -> Self {
        Self {
            min: if self.min > other.min { self.min } else { other.min },
            max: if self.max < other.max { self.max } else { other.max },
        }
    }
}

/// Whole numbers: intervals in ascending order that neither meet nor touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Set(Vec<Interval>);

impl Set {
    /// The numbers of some intervals.
    pub(super) fn of(intervals: impl IntoIterator<Item = Interval>) -> Self {
        let mut sorted: Vec<Interval> = intervals.into_iter().filter(|interval| !interval.is_empty()).collect();
        sorted.sort_by_key(|interval| interval.min);
        let mut joined: Vec<Interval> = Vec::with_capacity(sorted.len());
        for next in sorted {
            match joined.last_mut().filter(|last| next.min <= last.max.saturating_add(1)) {
                Some(last) => last.max = last.max.max(next.max),
                None => joined.push(next),
            }
        }
        Self(joined)
    }

    /// One interval.
    pub(super) fn from(min: i64, max: i64) -> Self {
        Self::of([Interval { min, max }])
    }

    /// Its intervals, ascending.
    pub(super) fn intervals(&self) -> &[Interval] {
        &self.0
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the number is in the set.
    pub(super) fn contains(&self, number: i64) -> bool {
        let at = self.0.partition_point(|interval| interval.max < number);
        self.0.get(at).is_some_and(|interval| interval.min <= number)
    }

    /// The numbers of both.
    pub(super) fn and(&self, other: &Self) -> Self {
        Self::of(self.0.iter().flat_map(|own| other.0.iter().map(|others| own.meet(*others))))
    }

    /// The numbers that the other one lacks.
    pub(super) fn without(&self, other: &Self) -> Self {
        let mut rest = Vec::new();
        for own in &self.0 {
            let mut from = own.min;
            for hole in other.0.iter().filter(|hole| hole.max >= own.min && hole.min <= own.max) {
                rest.extend(hole.min.checked_sub(1).map(|max| Interval { min: from, max: max.min(own.max) }));
                match hole.max.checked_add(1) {
                    Some(next) => from = next,
                    // nothing is above the largest number
                    None => return Self::of(rest),
                }
            }
            rest.push(Interval { min: from, max: own.max });
        }
        Self::of(rest)
    }

    /// Whether some number is in both.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.0.iter().any(|own| other.0.iter().any(|others| !own.meet(*others).is_empty()))
    }

    /// The largest number; none of an empty set.
    pub(super) fn largest(&self) -> Option<i64> {
        self.0.last().map(|interval| interval.max)
    }

    /// The set of coarser numbers, see [`Interval::coarser`].
    pub(super) fn coarser(&self, factor: i64) -> Self {
        Self::of(self.0.iter().map(|interval| interval.coarser(factor)))
    }
}

/// What a rule asks of some of the things that a map looks at, each by its index.
pub(super) type Conditions = Vec<(usize, Set)>;

/// A box of customers: a set for each thing that a map looks at.
pub(super) type Customers = Vec<Set>;

/// Whether some customer of the box meets the conditions.
pub(super) fn some_meet(customers: &[Set], conditions: &Conditions) -> bool {
    customers.iter().all(|set| !set.is_empty()) && conditions.iter().all(|(at, set)| customers[*at].meets(set))
}

/// Whether some customer can meet the conditions of both.
pub(super) fn can_both_hold(one: &Conditions, other: &Conditions) -> bool {
    let shared =
        one.iter().flat_map(|(at, set)| other.iter().filter(move |(own, _)| own == at).map(move |o| (set, &o.1)));
    shared.into_iter().all(|(one, other)| one.meets(other))
}

/// Takes those who meet the conditions out of a box: what is left are at most as many boxes as conditions, which do not
/// overlap.
pub(super) fn those_left(from: Customers, conditions: &Conditions) -> Vec<Customers> {
    if !some_meet(&from, conditions) {
        return vec![from];
    }
    let (mut rest, mut left) = (from, Vec::new());
    for (at, set) in conditions {
        let outside = rest[*at].without(set);
        if !outside.is_empty() {
            let mut part = rest.clone();
            part[*at] = outside;
            left.push(part);
        }
        rest[*at] = rest[*at].and(set);
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(intervals: &[(i64, i64)]) -> Set {
        Set::of(intervals.iter().map(|(min, max)| Interval { min: *min, max: *max }))
    }

    #[test]
    fn intervals_include_their_ends_and_join_where_they_touch() {
        let numbers = set(&[(1, 3), (7, 6), (4, 5), (9, 9)]);
        assert_eq!(numbers, set(&[(1, 5), (9, 9)]));
        assert_eq!((0..=10).filter(|number| numbers.contains(*number)).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 9]);
        assert!(numbers.meets(&set(&[(5, 8)])) && !numbers.meets(&set(&[(6, 8)])));
        assert_eq!(numbers.largest(), Some(9));
    }

    #[test]
    fn a_set_without_everything_has_nothing_and_null_is_no_value() {
        let all = Set::from(NULL, i64::MAX);
        assert!(all.without(&all).is_empty());
        let values = Set::of([Interval::VALUES]);
        assert_eq!(all.without(&values), Set::of([Interval::NULLS]));
        assert!(!values.contains(NULL) && values.contains(LEAST) && values.contains(i64::MAX));
        assert_eq!(all.without(&Set::of([Interval::only(5)])), set(&[(NULL, 4), (6, i64::MAX)]));
    }

    #[test]
    fn a_coarser_interval_holds_the_same_numbers() {
        let of = |min, max| Interval { min, max }.coarser(100);
        assert_eq!((of(199, 401), of(200, 400)), (Interval { min: 2, max: 4 }, Interval { min: 2, max: 4 }));
        assert_eq!((of(-199, -101), of(1, 99)), (Interval { min: -1, max: -2 }, Interval { min: 1, max: 0 }));
        assert_eq!((of(LEAST, i64::MAX), of(NULL, i64::MAX).min), (Interval::VALUES, NULL));
    }

    #[test]
    fn what_is_left_of_a_box_covers_every_customer_outside_of_the_hole_once() {
        let from = vec![set(&[(1, 6)]), set(&[(0, 6)])];
        let hole = vec![(0, set(&[(2, 3), (6, 6)])), (1, set(&[(3, i64::MAX)]))];
        let left = those_left(from.clone(), &hole);
        for orders in 1..=6 {
            for days in 0..=6 {
                let holders = left.iter().filter(|part| part[0].contains(orders) && part[1].contains(days)).count();
                let in_hole = [2, 3, 6].contains(&orders) && days >= 3;
                assert_eq!(holders, usize::from(!in_hole), "{orders} orders, {days} days");
            }
        }
        assert!(those_left(from.clone(), &Vec::new()).is_empty(), "everyone meets no condition");
        assert_eq!(those_left(from.clone(), &vec![(0, set(&[(7, 9)]))]), [from]);
    }

    proptest! {
        #[test]
        fn sets_are_those_of_their_numbers(
            one in prop::collection::vec((-9_i64..9, -9_i64..9), 0..5),
            other in prop::collection::vec((-9_i64..9, -9_i64..9), 0..5),
        ) {
            let holds = |pairs: &[(i64, i64)], n: i64| pairs.iter().any(|(min, max)| *min <= n && n <= *max);
            let (left, right) = (set(&one), set(&other));
            for n in -10..=10 {
                prop_assert_eq!(left.contains(n), holds(&one, n));
                prop_assert_eq!(left.and(&right).contains(n), holds(&one, n) && holds(&other, n));
                prop_assert_eq!(left.without(&right).contains(n), holds(&one, n) && !holds(&other, n));
            }
            let both = (-10..=10).any(|n| holds(&one, n) && holds(&other, n));
            prop_assert_eq!(left.meets(&right), both);
        }
    }
}
