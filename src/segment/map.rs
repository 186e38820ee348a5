//! A segment map as a checked value: segments, and an ordered list of rules of which the first match wins.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::claims::Claim;
use super::measures::{MapMeasure, Unit};
use super::sets::Conditions;
use super::subjects::{Looked, MapSubject};
use crate::score::options::Combination;

/// Recency, frequency, monetary, and the value score that a composite of the three is cut into.
pub(super) const AXIS_COUNT: usize = 4;

/// The number of bins a map is made for, per axis in the order R, F, M and value; none where the map does not use the
/// axis.
pub type MapBins = [Option<u32>; AXIS_COUNT];

/// The letters of the axes in the order of [`MapBins`].
pub(super) const AXES: [&str; AXIS_COUNT] = ["r", "f", "m", "v"];

/// A score per axis; an axis that a map does not use has score 1.
pub(super) type Scores = [u32; AXIS_COUNT];

/// How a condition `fm` compares the mean of the F and the M score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FmMean {
    /// (F + M) / 2 rounded, a half upwards: every mean is a score.
    #[default]
    Rounded,
    /// (F + M) / 2 as it is: 3.5 lies in the range "3-4" and in none of "1-3" and "4-5".
    Exact,
}

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
    /// What the name says of the customers, to be held against their measures.
    pub says: Vec<Claim>,
}

/// A checked map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentMap {
    /// The name, as in the tables.
    pub name: String,
    /// What the map is, in English.
    pub title_en: String,
    /// What the map is, in Chinese.
    pub title_zh: String,
    /// The combination of scores it is made for.
    pub combination: Combination,
    /// The bins it is made for.
    pub bins: MapBins,
    /// The scoring method per axis that the map is made for, as settings name it; none where any will do.
    pub methods: [Option<String>; AXIS_COUNT],
    /// All segments in their order.
    pub segments: Vec<Segment>,
    /// The segment of customers that no rule matches, as an index into `segments`.
    pub otherwise: Option<u16>,
    pub(super) rules: Vec<Rule>,
    /// What the rules look at besides scores, each once.
    pub(super) looked: Vec<Looked>,
    /// Decimals of the bounds of money in the rules.
    pub(super) money_decimals: u8,
}

impl SegmentMap {
    /// Whether only customers without an order in the window can be in this segment: where there are none, it is no part of
    /// the map.
    #[must_use]
    pub fn lacks_orders(&self, segment: u16) -> bool {
        let mut own = self.rules.iter().filter(|rule| rule.segment == segment).peekable();
        own.peek().is_some() && self.otherwise != Some(segment) && own.all(|rule| self.is_without_orders(rule))
    }

    /// Whether a rule is for customers without an order in the window.
    pub(super) fn is_without_orders(&self, rule: &Rule) -> bool {
        let is_orders = |at: usize| self.looked[at].subject == MapSubject::Measure(MapMeasure::Orders);
        rule.conditions.iter().any(|(at, set)| is_orders(*at) && set.largest().is_none_or(|most| most <= 0))
    }

    /// What the rules look at besides scores, in a fixed order.
    #[must_use]
    pub fn looked(&self) -> &[Looked] {
        &self.looked
    }

    /// How many rules it has.
    #[must_use]
    pub const fn rule_count(&self) -> usize {
        self.rules.len()
    }

    /// Whether some rule looks at this measure.
    #[must_use]
    pub fn looks_at(&self, measure: MapMeasure) -> bool {
        self.looked.iter().any(|own| own.subject == MapSubject::Measure(measure))
    }

    /// Whether some rule looks at predictions.
    #[must_use]
    pub fn looks_at_predictions(&self) -> bool {
        self.looked.iter().any(|own| own.subject.is_predicted())
    }

    /// The attributes that rules look at.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &Looked)> {
        self.looked.iter().filter_map(|own| match &own.subject {
            MapSubject::Attribute(name) => Some((name.as_str(), own)),
            _ => None,
        })
    }

    /// Whether rules look at the sum of the scores, plain or weighted.
    pub(super) fn looks_at_sums(&self) -> bool {
        self.looks_at(MapMeasure::ScoreSum) || self.looks_at(MapMeasure::WeightedScore)
    }

    /// The value of something that the rules look at, by its index, as a rule writes it.
    pub(super) fn written(&self, at: usize, number: i64) -> String {
        let own = &self.looked[at];
        match own.subject.measure() {
            Some(measure) => measure.written(number, self.money_decimals),
            None => own.constants.at(number).map(ToString::to_string).unwrap_or_default(),
        }
    }

    /// The segments of a run: all of them, or those that customers with an order in the window can be in.
    pub fn segments_of_run(&self, may_lack_orders: bool) -> impl Iterator<Item = &Segment> {
        let is_there = move |index: u16| may_lack_orders || !self.lacks_orders(index);
        (0..).zip(&self.segments).filter(move |(index, _)| is_there(*index)).map(|(_, segment)| segment)
    }

    /// The same map for money of `scale` decimals (0 to 6): a bound between two amounts that can be is one of them. Of 199.99 and
    /// 200 with two decimals, nothing lies between.
    #[must_use]
    pub fn for_money(&self, scale: u8) -> Self {
        let factor = 10_i64.pow(self.money_decimals.saturating_sub(scale).into());
        let mut map = Self { money_decimals: scale.min(self.money_decimals), ..self.clone() };
        let is_money = |at: usize| self.looked[at].subject.measure().is_some_and(|own| own.unit() == Unit::Money);
        for (_, set) in map.rules.iter_mut().flat_map(|rule| &mut rule.conditions).filter(|(at, _)| is_money(*at)) {
            *set = set.coarser(factor);
        }
        map
    }
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

    /// Whether half of `sum` is in the set; an exact mean between two scores needs both.
    pub(super) const fn contains_mean(self, sum: u32, mean: FmMean) -> bool {
        match mean {
            FmMean::Rounded => self.contains(sum.div_ceil(2)),
            FmMean::Exact => self.contains(sum / 2) && self.contains(sum.div_ceil(2)),
        }
    }

    /// The largest score in the set, where it is not [`Self::ALL`].
    pub(super) fn largest(self) -> u32 {
        self.0.checked_ilog2().unwrap_or(0)
    }
}

/// One rule: all conditions must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    /// Index of the segment it gives.
    pub(super) segment: u16,
    /// Scores in the order of [`AXES`].
    pub(super) scores: [ScoreSet; AXIS_COUNT],
    /// The mean of the F and the M score, and how it is compared.
    pub(super) fm: Option<(ScoreSet, FmMean)>,
    /// The cells that are listed one by one.
    pub(super) cells: Option<BTreeSet<Scores>>,
    /// What else it asks of a customer, each by its index in the map.
    pub(super) conditions: Conditions,
}

impl Rule {
    /// Whether the rule looks at scores alone.
    pub(super) const fn is_over_scores_only(&self) -> bool {
        self.conditions.is_empty()
    }

    /// Whether a customer of these scores satisfies the rule; `value` has what the map looks at, by its index.
    pub(super) fn matches(&self, scores: Scores, value: impl Fn(usize) -> i64) -> bool {
        self.matches_scores(scores) && self.conditions.iter().all(|(at, set)| set.contains(value(*at)))
    }

    /// Whether the scores of a cell satisfy the rule.
    pub(super) fn matches_scores(&self, scores: Scores) -> bool {
        self.scores.iter().zip(scores).all(|(set, score)| set.contains(score))
            && self.fm.is_none_or(|(set, mean)| set.contains_mean(scores[1] + scores[2], mean))
            && self.cells.as_ref().is_none_or(|cells| cells.contains(&scores))
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
    fn the_mean_of_two_scores_is_rounded_up_or_taken_as_it_is() {
        let set = ScoreSet::of(3..=4);
        let sums = |mean| (2..=10).filter(|&sum| set.contains_mean(sum, mean)).collect::<Vec<_>>();
        assert_eq!(sums(FmMean::Rounded), [5, 6, 7, 8], "2.5 is 3 and 3.5 is 4, but 4.5 is 5");
        assert_eq!(sums(FmMean::Exact), [6, 7, 8], "2.5 and 4.5 lie outside of 3 to 4");
    }
}
