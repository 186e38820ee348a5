//! The text form of a segment map: what the TOML file may contain. Nothing is checked here but types and names.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::claims::Claim;
use super::map::{AXES, AXIS_COUNT, FmMean, ScoreSet};
use super::measures::{MapMeasure, Unit, bound_of};
use super::subjects::MapSubject;
use crate::score::options::Combination;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MapText {
    pub(super) name: String,
    #[serde(default)]
    pub(super) title_en: String,
    #[serde(default)]
    pub(super) title_zh: Option<String>,
    #[serde(default)]
    pub(super) combination: Combination,
    pub(super) bins: AxesText<u32>,
    /// `methods = { r = "mean" }`: the scoring that the map is made for.
    #[serde(default)]
    pub(super) methods: AxesText<String>,
    /// How `fm` is compared.
    #[serde(default)]
    pub(super) fm_mean: FmMean,
    /// The key of the segment of customers that no rule matches.
    pub(super) otherwise: Option<String>,
    pub(super) segments: Vec<SegmentText>,
    pub(super) rules: Vec<RuleText>,
}

/// `bins = { r = 5, f = 5 }`: something for the axes that the map uses.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AxesText<T> {
    pub(super) r: Option<T>,
    pub(super) f: Option<T>,
    pub(super) m: Option<T>,
    /// The score of a composite value.
    pub(super) v: Option<T>,
}

impl<T> Default for AxesText<T> {
    fn default() -> Self {
        Self { r: None, f: None, m: None, v: None }
    }
}

/// `[[segments]]`. What is left out in Chinese is taken from the English.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SegmentText {
    pub(super) key: String,
    pub(super) name_en: String,
    pub(super) name_zh: Option<String>,
    pub(super) colour: Option<String>,
    #[serde(default)]
    pub(super) action_en: String,
    pub(super) action_zh: Option<String>,
    /// `says = ["recent", "frequent"]`: what the name says of the customers.
    #[serde(default)]
    pub(super) says: Vec<Claim>,
}

/// `[[rules]]`: conditions on scores, measures and attributes, all of which must hold.
#[derive(Debug, Default)]
pub(super) struct RuleText {
    pub(super) segment: String,
    /// Scores in the order of the axes.
    pub(super) scores: [Option<ScoresText>; AXIS_COUNT],
    /// The mean of the F and the M score.
    pub(super) fm: Option<ScoresText>,
    /// Cells one by one, between blanks: `"555 554"`; with two-digit scores `"10-4-12"`.
    pub(super) cells: Option<String>,
    /// Classes and octants, as their numbers.
    pub(super) listed: Vec<(MapMeasure, Vec<i64>)>,
    pub(super) bounds: Vec<BoundText>,
    pub(super) attributes: BTreeMap<String, toml::Value>,
}

/// `min_orders = 3`.
#[derive(Debug)]
pub(super) struct BoundText {
    pub(super) subject: MapSubject,
    pub(super) side: Side,
    /// In the unit of the measure.
    pub(super) bound: i64,
}

/// Where a bound admits values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// On it and above.
    Min,
    /// On it and below.
    Max,
    Above,
    Below,
}

impl Side {
    const ALL: [Self; 4] = [Self::Min, Self::Max, Self::Above, Self::Below];

    /// What stands before the name of the measure.
    pub(super) const fn prefix(self) -> &'static str {
        match self {
            Self::Min => "min_",
            Self::Max => "max_",
            Self::Above => "above_",
            Self::Below => "below_",
        }
    }
}

/// The key of a condition.
enum RuleKey {
    Segment,
    Axis(usize),
    Fm,
    Cells,
    Listed(MapMeasure),
    Bound(MapSubject, Side),
    Attributes,
}

impl RuleKey {
    fn of(key: &str) -> Option<Self> {
        Some(match key {
            "segment" => Self::Segment,
            "fm" => Self::Fm,
            "cells" => Self::Cells,
            "attributes" => Self::Attributes,
            "abc" => Self::Listed(MapMeasure::AbcClass),
            "octant" => Self::Listed(MapMeasure::Octant),
            _ => match AXES.iter().position(|axis| *axis == key) {
                Some(axis) => Self::Axis(axis),
                None => Side::ALL.into_iter().find_map(|side| Self::bound(key.strip_prefix(side.prefix())?, side))?,
            },
        })
    }

    fn bound(name: &str, side: Side) -> Option<Self> {
        let subject = MapSubject::of_name(name).filter(|own| !own.measure().is_some_and(is_listed))?;
        Some(Self::Bound(subject, side))
    }
}

/// Whether a measure has names instead of numbers.
const fn is_listed(measure: MapMeasure) -> bool {
    matches!(measure, MapMeasure::AbcClass | MapMeasure::Octant)
}

impl<'de> Deserialize<'de> for RuleKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let key = String::deserialize(deserializer)?;
        Self::of(&key).ok_or_else(|| {
            let bounds = MapMeasure::ALL.into_iter().filter(|own| !is_listed(*own)).map(MapMeasure::name);
            let bounds: Vec<&str> = bounds.collect();
            de::Error::custom(format!(
                "unknown field `{key}`, expected one of `segment`, `r`, `f`, `m`, `v`, `fm`, `cells`, `abc`, `octant`, \
                 `attributes.NAME`, or `min_`, `max_`, `above_`, `below_` before one of {}",
                bounds.join(", ")
            ))
        })
    }
}

impl<'de> Deserialize<'de> for RuleText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RuleVisitor)
    }
}

struct RuleVisitor;

impl<'de> Visitor<'de> for RuleVisitor {
    type Value = RuleText;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a rule")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RuleText, A::Error> {
        let (mut rule, mut segment) = (RuleText::default(), None);
        while let Some(key) = map.next_key()? {
            match key {
                RuleKey::Segment => segment = Some(map.next_value()?),
                RuleKey::Axis(axis) => rule.scores[axis] = Some(map.next_value()?),
                RuleKey::Fm => rule.fm = Some(map.next_value()?),
                RuleKey::Cells => rule.cells = Some(map.next_value()?),
                RuleKey::Listed(measure) => rule.listed.push((measure, map.next_value_seed(Names(measure))?)),
                RuleKey::Attributes => rule.attributes = map.next_value()?,
                RuleKey::Bound(subject, side) => {
                    let unit = subject.measure().map_or(Unit::Real, MapMeasure::unit);
                    let bound = map.next_value_seed(NumberIn(unit))?;
                    rule.bounds.push(BoundText { subject, side, bound });
                }
            }
        }
        rule.segment = segment.ok_or_else(|| de::Error::missing_field("segment"))?;
        Ok(rule)
    }
}

/// A number in the unit of a measure.
struct NumberIn(Unit);

/// No bound of money is larger, in either direction, so that its millionths fit 64 bits.
const LARGEST_MONEY: f64 = 9e12;

impl<'de> DeserializeSeed<'de> for NumberIn {
    type Value = i64;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<i64, D::Error> {
        if self.0 == Unit::Whole {
            return i64::deserialize(deserializer);
        }
        let number = f64::deserialize(deserializer)?;
        let is_within = self.0 != Unit::Money || number.abs() <= LARGEST_MONEY;
        let expected = match self.0 {
            Unit::Money => "an amount: at most six decimals, and up to 9e12",
            Unit::Billionths => "a value: at most nine decimals, and up to 9e9",
            Unit::Whole | Unit::Real => "a number",
        };
        let refuse = || de::Error::custom(format!("{number} is not {expected}"));
        bound_of(number, self.0).filter(|_| is_within).ok_or_else(refuse)
    }
}

/// One name or a list of them: classes by share of revenue, or octants.
struct Names(MapMeasure);

impl<'de> DeserializeSeed<'de> for Names {
    type Value = Vec<i64>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<i64>, D::Error> {
        let names = match toml::Value::deserialize(deserializer)? {
            toml::Value::Array(list) if !list.is_empty() => list,
            one => vec![one],
        };
        let of = |name: &toml::Value| {
            let found = name.as_str().and_then(|name| number_of_name(self.0, name));
            let expected = (0..8).filter_map(|number| name_of_number(self.0, number));
            let expected = expected.map(|name| format!("`\"{name}\"`")).collect::<Vec<_>>().join(", ");
            let found_text = name.as_str().map_or_else(|| format!("`{name}`"), |text| format!("`{text}`"));
            found.ok_or_else(|| de::Error::custom(format!("unknown variant {found_text}, expected one of {expected}")))
        };
        names.iter().map(of).collect()
    }
}

/// The number of a class or an octant.
fn number_of_name(measure: MapMeasure, name: &str) -> Option<i64> {
    (0..8).find(|number| name_of_number(measure, *number).is_some_and(|own| own == name))
}

/// The name that conditions give a number of a class or an octant.
pub(super) fn name_of_number(measure: MapMeasure, number: i64) -> Option<String> {
    match measure {
        MapMeasure::AbcClass => {
            (1..=3).zip(["A", "B", "C"]).find(|(own, _)| *own == number).map(|(_, name)| name.to_owned())
        }
        MapMeasure::Octant => (0..8).contains(&number).then(|| format!("{number:03b}")),
        _ => None,
    }
}

/// `5`, `[4, 5]` or `"4-5"`: one score, a list of scores, or a range with both ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct ScoresText(pub(super) ScoreSet);

impl<'de> Deserialize<'de> for ScoresText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScoresVisitor)
    }
}

struct ScoresVisitor;

fn score<E: de::Error>(number: i64) -> Result<u32, E> {
    let in_range = |score: &u32| (1..=ScoreSet::LARGEST).contains(score);
    let refuse = || E::custom(format!("the score {number} is not one of 1 to {}", ScoreSet::LARGEST));
    u32::try_from(number).ok().filter(in_range).ok_or_else(refuse)
}

impl<'de> Visitor<'de> for ScoresVisitor {
    type Value = ScoresText;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a score like 5, a list like [1, 5], or a range like \"4-5\"")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<ScoresText, E> {
        Ok(ScoresText(ScoreSet::of([score(number)?])))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<ScoresText, E> {
        let bounds = text.split_once('-').unwrap_or((text, text));
        let (Ok(low), Ok(high)) = (bounds.0.trim().parse(), bounds.1.trim().parse()) else {
            return Err(E::invalid_value(de::Unexpected::Str(text), &self));
        };
        let (low, high) = (score::<E>(low)?, score::<E>(high)?);
        if low > high {
            return Err(E::custom(format!("the range \"{text}\" is empty: write the lower score first")));
        }
        Ok(ScoresText(ScoreSet::of(low..=high)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ScoresText, A::Error> {
        let mut scores = Vec::new();
        while let Some(number) = list.next_element()? {
            scores.push(score::<A::Error>(number)?);
        }
        if scores.is_empty() {
            return Err(de::Error::invalid_length(0, &self));
        }
        Ok(ScoresText(ScoreSet::of(scores)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct One {
        r: ScoresText,
    }

    fn scores(text: &str) -> Result<Vec<u32>, String> {
        let one: One = toml::from_str(&format!("r = {text}")).map_err(|error| error.message().to_owned())?;
        Ok((0..=100).filter(|&score| one.r.0.contains(score)).collect())
    }

    #[test]
    fn scores_can_be_written_in_three_ways() {
        assert_eq!(scores("5").unwrap(), [5]);
        assert_eq!(scores("[1, 5]").unwrap(), [1, 5]);
        assert_eq!(scores("\"3-5\"").unwrap(), [3, 4, 5]);
        assert_eq!(scores("\"4\"").unwrap(), [4]);
        assert_eq!(scores("\"10 - 12\"").unwrap(), [10, 11, 12]);
    }

    #[test]
    fn other_texts_are_refused_with_what_was_expected() {
        assert!(scores("\"high\"").unwrap_err().contains("expected a score like 5, a list like [1, 5], or a range"));
        assert!(scores("true").unwrap_err().contains("expected a score like 5"));
        assert!(scores("\"5-3\"").unwrap_err().contains("write the lower score first"));
        assert!(scores("0").unwrap_err().contains("the score 0 is not one of 1 to 100"));
        assert!(scores("[101]").unwrap_err().contains("the score 101"));
        assert!(scores("[]").is_err());
    }
}
