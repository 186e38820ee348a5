//! A segment map as a checked value: segments, and an ordered list of rules of which the first match wins.

use serde::{Deserialize, Serialize};

/// How the scores that a map is made for are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combination {
    /// Every axis over all customers.
    #[default]
    Independent,
    /// Frequency inside each recency group, monetary inside each of these (Hughes).
    Nested,
}

impl Combination {
    /// The name used in maps and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Independent => "independent",
            Self::Nested => "nested",
        }
    }
}

/// The number of bins a map is made for, per axis in the order R, F, M; none where the map does not use the axis.
pub type MapBins = [Option<u32>; 3];

/// The letters of the axes in the order of [`MapBins`].
pub(super) const AXES: [&str; 3] = ["r", "f", "m"];

/// A named group of customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The key used in tables, in `snake_case`.
    pub key: String,
    /// Position in reports, from 1: the order in which the map lists its segments.
    pub order: u32,
    /// English name.
    pub name_en: String,
    /// Chinese name.
    pub name_zh: String,
    /// `#rrggbb`.
    pub colour: String,
    /// What to do, in one English line.
    pub action_en: String,
    /// What to do, in one Chinese line.
    pub action_zh: String,
}

/// A checked map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentMap {
    /// The name, which stands in the tables.
    pub name: String,
    /// What the map is, in English.
    pub title_en: String,
    /// What the map is, in Chinese.
    pub title_zh: String,
    /// The combination of scores it is made for.
    pub combination: Combination,
    /// The bins it is made for.
    pub bins: MapBins,
    /// All segments in their order.
    pub segments: Vec<Segment>,
    /// The segment of customers that no rule matches, as an index into `segments`.
    pub otherwise: Option<u16>,
    pub(super) rules: Vec<Rule>,
}

/// Scores 1 to 100 as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ScoreSet(u128);

impl ScoreSet {
    /// Every score.
    pub(super) const ALL: Self = Self(u128::MAX);
    /// The largest score that a set can hold.
    pub(super) const LARGEST: u32 = 100;

    /// A set of the given scores, each 1 to 100.
    pub(super) fn of(scores: impl IntoIterator<Item = u32>) -> Self {
        Self(scores.into_iter().fold(0, |bits, score| bits | 1 << score.min(Self::LARGEST)))
    }

    /// Whether the score is in the set.
    pub(super) const fn contains(self, score: u32) -> bool {
        score <= Self::LARGEST && self.0 >> score & 1 == 1
    }

    /// The largest score in the set, where it is not [`Self::ALL`].
    pub(super) fn largest(self) -> u32 {
        self.0.checked_ilog2().unwrap_or(0)
    }
}

/// An interval of whole numbers, both ends included; a missing end is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interval {
    /// Smallest value.
    pub(super) min: i64,
    /// Largest value.
    pub(super) max: i64,
}

impl Interval {
    /// Everything.
    pub(super) const ALL: Self = Self { min: i64::MIN, max: i64::MAX };

    const fn contains(self, value: i64) -> bool {
        self.min <= value && value <= self.max
    }

    fn contains_all(self, other: Self) -> bool {
        self.min <= other.min && other.max <= self.max
    }

    fn meets(self, other: Self) -> bool {
        self.min.max(other.min) <= self.max.min(other.max)
    }
}

/// One rule: all conditions must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rule {
    /// Index of the segment it gives.
    pub(super) segment: u16,
    /// Scores in the order R, F, M.
    pub(super) scores: [ScoreSet; 3],
    /// Orders of the customer.
    pub(super) orders: Interval,
    /// Days since the last order.
    pub(super) recency_days: Interval,
}

impl Rule {
    /// Whether the rule looks at scores alone.
    pub(super) fn is_over_scores_only(&self) -> bool {
        self.orders == Interval::ALL && self.recency_days == Interval::ALL
    }

    /// Whether the scores of a cell satisfy the rule.
    pub(super) fn matches_scores(&self, scores: [u32; 3]) -> bool {
        self.scores.iter().zip(scores).all(|(set, score)| set.contains(score))
    }

    /// Whether the measures satisfy the rule.
    pub(super) const fn matches_measures(&self, orders: i64, recency_days: i64) -> bool {
        self.orders.contains(orders) && self.recency_days.contains(recency_days)
    }

    /// Whether every customer whose measures satisfy `other` satisfies these conditions on measures too.
    pub(super) fn measures_contain(&self, other: &Self) -> bool {
        self.orders.contains_all(other.orders) && self.recency_days.contains_all(other.recency_days)
    }

    /// Whether some measures satisfy both rules.
    pub(super) fn measures_meet(&self, other: &Self) -> bool {
        self.orders.meets(other.orders) && self.recency_days.meets(other.recency_days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_set_holds_what_it_was_given() {
        let set = ScoreSet::of([1, 4, 100]);
        assert_eq!((0..=130).filter(|&score| set.contains(score)).collect::<Vec<_>>(), [1, 4, 100]);
        assert_eq!(set.largest(), 100);
        assert!(ScoreSet::ALL.contains(1) && ScoreSet::ALL.contains(100));
        assert_eq!(ScoreSet::of([]).largest(), 0);
    }

    #[test]
    fn intervals_include_their_ends() {
        let interval = Interval { min: 1, max: 3 };
        assert_eq!((0..5).filter(|&value| interval.contains(value)).collect::<Vec<_>>(), [1, 2, 3]);
        assert!(interval.meets(Interval { min: 3, max: 9 }) && !interval.meets(Interval { min: 4, max: 9 }));
        assert!(Interval::ALL.contains_all(interval) && !interval.contains_all(Interval::ALL));
    }
}
