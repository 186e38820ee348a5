//! The text form of a segment map: what the TOML file may contain. Nothing is checked here but types and names.

use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};

use super::claims::Claim;
use super::map::{FmMean, ScoreSet};
use super::measures::{MapMeasure, millionths};
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

/// `[[rules]]`: conditions on scores and on measures, all of which must hold.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleText {
    pub(super) segment: String,
    pub(super) r: Option<ScoresText>,
    pub(super) f: Option<ScoresText>,
    pub(super) m: Option<ScoresText>,
    pub(super) v: Option<ScoresText>,
    /// The mean of the F and the M score.
    pub(super) fm: Option<ScoresText>,
    /// Cells one by one, between blanks: `"555 554"`; with two-digit scores `"10-4-12"`.
    pub(super) cells: Option<String>,
    pub(super) min_orders: Option<i64>,
    pub(super) max_orders: Option<i64>,
    pub(super) min_orders_ever: Option<i64>,
    pub(super) max_orders_ever: Option<i64>,
    pub(super) min_recency_days: Option<i64>,
    pub(super) max_recency_days: Option<i64>,
    pub(super) min_tenure_days: Option<i64>,
    pub(super) max_tenure_days: Option<i64>,
    pub(super) min_overdue_percent: Option<i64>,
    pub(super) max_overdue_percent: Option<i64>,
    pub(super) abc: Option<AbcText>,
    pub(super) min_revenue: Option<MoneyText>,
    pub(super) max_revenue: Option<MoneyText>,
}

impl RuleText {
    /// The smallest and the largest value of a measure that the rule admits.
    pub(super) fn bounds(&self, measure: MapMeasure) -> (Option<i64>, Option<i64>) {
        let abc = self.abc.map(|class| class as i64);
        match measure {
            MapMeasure::Orders => (self.min_orders, self.max_orders),
            MapMeasure::OrdersEver => (self.min_orders_ever, self.max_orders_ever),
            MapMeasure::RecencyDays => (self.min_recency_days, self.max_recency_days),
            MapMeasure::TenureDays => (self.min_tenure_days, self.max_tenure_days),
            MapMeasure::OverduePercent => (self.min_overdue_percent, self.max_overdue_percent),
            MapMeasure::AbcClass => (abc, abc),
            MapMeasure::Revenue => (self.min_revenue.map(|min| min.0), self.max_revenue.map(|max| max.0)),
        }
    }
}

/// `500` or `99.90`: money in millionths.
#[derive(Debug, Clone, Copy)]
pub(super) struct MoneyText(pub(super) i64);

impl<'de> Deserialize<'de> for MoneyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        let refuse = || de::Error::custom(format!("{number} is not an amount: at most six decimals, and up to 9e12"));
        millionths(number).map(Self).ok_or_else(refuse)
    }
}

/// A class by share of revenue.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) enum AbcText {
    A = 1,
    B = 2,
    C = 3,
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
