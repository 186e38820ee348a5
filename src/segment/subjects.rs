//! What the rules of a map look at: measures, the lifetime value of a horizon, attributes; and their values as whole numbers.
//!
//! Texts and numbers of attributes are told by what the map compares them with: a value is between two of these, or it is one
//! of them. So the linter is exact about them, too. Does not live here: the measures (`measures`), how conditions are written
//! (`attribute_text`).

use std::cmp::Ordering;

use super::measures::{MapMeasure, number_of_real};
use super::sets::{Interval, NULL, Set};

/// Something that rules look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum MapSubject {
    /// A measure; the lifetime value is that of the longest horizon.
    Measure(MapMeasure),
    /// The lifetime value within a horizon by its name, as `12_months`.
    Clv(String),
    /// A column of the input that is carried along (`columns.attributes`).
    Attribute(String),
}

/// What comes before the name of a horizon.
const CLV: &str = "clv_";
/// The name of the horizon that never ends.
pub const INFINITE: &str = "infinite";

impl MapSubject {
    /// The measure, or the lifetime value of a horizon, that conditions call so.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        let horizon = || name.strip_prefix(CLV).filter(|horizon| !horizon.is_empty());
        MapMeasure::of_name(name).map(Self::Measure).or_else(|| horizon().map(|own| Self::Clv(own.to_owned())))
    }

    /// The name in rules and messages.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Measure(measure) => measure.name().to_owned(),
            Self::Clv(horizon) => format!("{CLV}{horizon}"),
            Self::Attribute(name) => format!("attributes.{name}"),
        }
    }

    /// What people read.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Measure(measure) => measure.words().to_owned(),
            Self::Clv(horizon) if horizon == INFINITE => "CLV of all the future".to_owned(),
            Self::Clv(horizon) => format!("CLV of {}", horizon.replace('_', " ")),
            Self::Attribute(name) => name.clone(),
        }
    }

    /// The measure that it is, or is like.
    pub(super) const fn measure(&self) -> Option<MapMeasure> {
        match self {
            Self::Measure(measure) => Some(*measure),
            Self::Clv(_) => Some(MapMeasure::Clv),
            Self::Attribute(_) => None,
        }
    }

    /// Whether the run's predictions are looked at.
    #[must_use]
    pub fn is_predicted(&self) -> bool {
        self.measure().is_some_and(MapMeasure::is_predicted)
    }

    /// Whether it is known only once the customers are scored, from something else than their orders: predictions and
    /// attributes.
    #[must_use]
    pub fn is_from_beside(&self) -> bool {
        self.is_predicted() || matches!(self, Self::Attribute(_))
    }
}

/// What the values of an attribute are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeKind {
    /// Texts; dates as `2024-01-31`.
    Texts,
    /// Numbers of any type.
    Numbers,
    /// `true` and `false`.
    Truths,
}

impl AttributeKind {
    /// In messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Texts => "texts",
            Self::Numbers => "numbers",
            Self::Truths => "true and false",
        }
    }
}

/// A number as written: an integer of 10^-scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    /// All digits.
    pub digits: i128,
    /// Decimals.
    pub scale: u32,
}

impl Decimal {
    /// The shortest decimal that stands for a double; none where it is not finite or beyond 128 bits.
    #[must_use]
    pub fn of_real(real: f64) -> Option<Self> {
        let text = real.is_finite().then(|| format!("{real}"))?;
        Self::of_text(&text)
    }

    /// A number in plain digits, as `-12.50`.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let scale = u32::try_from(part.len()).ok()?;
        let is_plain = part.bytes().all(|byte| byte.is_ascii_digit());
        let digits = format!("{whole}{part}").parse().ok().filter(|_| is_plain)?;
        Some(Self { digits, scale })
    }

    /// The nearest double.
    #[must_use]
    pub fn real(self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    fn compare(self, other: Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        let at = |own: Self| 10_i128.checked_pow(scale - own.scale).and_then(|factor| own.digits.checked_mul(factor));
        match (at(self), at(other)) {
            (Some(own), Some(others)) => own.cmp(&others),
            _ => self.real().total_cmp(&other.real()),
        }
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let width = self.scale as usize;
        let digits = format!("{:0>least$}", self.digits.unsigned_abs(), least = width + 1);
        let (whole, part) = digits.split_at(digits.len() - width);
        let (sign, point) = (if self.digits < 0 { "-" } else { "" }, if part.is_empty() { "" } else { "." });
        write!(f, "{sign}{whole}{point}{part}")
    }
}

/// Something that an attribute is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Constant {
    Text(String),
    Number(Decimal),
    Truth(bool),
}

impl Constant {
    pub(super) const fn kind(&self) -> AttributeKind {
        match self {
            Self::Text(_) => AttributeKind::Texts,
            Self::Number(_) => AttributeKind::Numbers,
            Self::Truth(_) => AttributeKind::Truths,
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Text(own), Self::Text(others)) => own.cmp(others),
            (Self::Number(own), Self::Number(others)) => own.compare(*others),
            (Self::Truth(own), Self::Truth(others)) => own.cmp(others),
            _ => Ordering::Equal,
        }
    }
}

impl std::fmt::Display for Constant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => write!(f, "\"{text}\""),
            Self::Number(number) => number.fmt(f),
            Self::Truth(truth) => truth.fmt(f),
        }
    }
}

/// What the rules of a map compare an attribute with, ascending, each once; of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constants {
    kind: AttributeKind,
    list: Vec<Constant>,
}

/// The number of a value that is above so many constants, and equal to none or to the next.
#[allow(clippy::cast_possible_wrap, reason = "a map has fewer than 2^62 constants")]
const fn number(below: usize, is_equal: bool) -> i64 {
    2 * below as i64 + is_equal as i64
}

impl Constants {
    /// The constants of an attribute; with none of them only whether there is a value can be told.
    pub(super) fn new(mut list: Vec<Constant>) -> Self {
        let kind = list.first().map_or(AttributeKind::Texts, Constant::kind);
        if kind == AttributeKind::Truths {
            list = vec![Constant::Truth(false), Constant::Truth(true)];
        }
        list.sort_by(Constant::compare);
        list.dedup_by(|next, own| own.compare(next).is_eq());
        Self { kind, list }
    }

    /// The kind of the values; none where rules only ask whether there is one.
    #[must_use]
    pub fn kind(&self) -> Option<AttributeKind> {
        (!self.list.is_empty()).then_some(self.kind)
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.list.len()
    }

    /// The values that can be: `true` and `false` alone, or any.
    pub(super) fn domain(&self) -> Set {
        let nulls = Interval::NULLS;
        match self.kind {
            AttributeKind::Truths => Set::of([nulls, Interval::only(1), Interval::only(3)]),
            _ => Set::of([nulls, Interval { min: 0, max: number(self.list.len(), false) }]),
        }
    }

    /// The number of one of the constants.
    pub(super) fn place(&self, constant: &Constant) -> i64 {
        self.number_by(|own| own.compare(constant))
    }

    /// What stands at an odd number.
    pub(super) fn at(&self, number: i64) -> Option<&Constant> {
        usize::try_from(number / 2).ok().filter(|_| number % 2 == 1).and_then(|at| self.list.get(at))
    }

    /// The number of a value, by how each constant compares with it.
    fn number_by(&self, compare: impl Fn(&Constant) -> Ordering) -> i64 {
        let below = self.list.partition_point(|own| compare(own).is_lt());
        number(below, self.list.get(below).is_some_and(|own| compare(own).is_eq()))
    }

    /// The number of a text.
    #[must_use]
    pub fn of_text(&self, text: Option<&str>) -> i64 {
        let compare = |text: &str, own: &Constant| match own {
            Constant::Text(own) => own.as_str().cmp(text),
            _ => Ordering::Equal,
        };
        text.map_or(NULL, |text| self.number_by(|own| compare(text, own)))
    }

    /// The number of a whole number, or of a decimal.
    #[must_use]
    pub fn of_decimal(&self, value: Option<Decimal>) -> i64 {
        let compare = |value: Decimal, own: &Constant| match own {
            Constant::Number(own) => own.compare(value),
            _ => Ordering::Equal,
        };
        value.map_or(NULL, |value| self.number_by(|own| compare(value, own)))
    }

    /// The number of a double; what is not a number is no value.
    #[must_use]
    pub fn of_real(&self, value: Option<f64>) -> i64 {
        let compare = |value: f64, own: &Constant| match own {
            Constant::Number(own) => own.real().partial_cmp(&value).unwrap_or(Ordering::Equal),
            _ => Ordering::Equal,
        };
        value.filter(|value| !value.is_nan()).map_or(NULL, |value| self.number_by(|own| compare(value, own)))
    }

    /// The number of a truth value.
    #[must_use]
    pub fn of_truth(&self, value: Option<bool>) -> i64 {
        value.map_or(NULL, |value| if self.list.is_empty() { 0 } else { self.place(&Constant::Truth(value)) })
    }
}

/// Something that a map looks at, and how its values become whole numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// What it is.
    pub subject: MapSubject,
    /// What an attribute is compared with; empty for measures.
    pub constants: Constants,
    /// The rules that look at it, counted from 1.
    pub rules: Vec<usize>,
}

impl Looked {
    /// The number of a figure of the predictions.
    #[must_use]
    pub fn of_figure(figure: Option<f64>) -> i64 {
        figure.map_or(NULL, number_of_real)
    }

    /// Whether a number stands for a value that is not there.
    #[must_use]
    pub const fn is_null(number: i64) -> bool {
        number == NULL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(list: &[&str]) -> Constants {
        Constants::new(list.iter().map(|text| Constant::Number(Decimal::of_text(text).unwrap())).collect())
    }

    #[test]
    fn texts_are_told_by_what_they_are_compared_with() {
        let constants = Constants::new(["DE", "AT", "DE"].map(|text| Constant::Text(text.to_owned())).to_vec());
        // AT is 1 and DE is 3; 0, 2 and 4 are before, between and behind
        let of = |text| constants.of_text(Some(text));
        assert_eq!(["AA", "AT", "CH", "DE", "de"].map(of), [0, 1, 2, 3, 4]);
        assert_eq!(constants.of_text(None), NULL);
        assert_eq!(constants.domain(), Set::of([Interval::NULLS, Interval { min: 0, max: 4 }]));
        assert_eq!(constants.at(3), Some(&Constant::Text("DE".to_owned())));
    }

    #[test]
    fn numbers_are_compared_exactly_whatever_their_type() {
        let constants = numbers(&["0.1", "9007199254740993", "18.00"]);
        let of = |text: &str| constants.of_decimal(Decimal::of_text(text));
        // ascending: 0.1, 18, 2^53 + 1, which no double is
        assert_eq!(["0.10", "0.1000001", "18", "9007199254740992", "9007199254740993"].map(of), [1, 2, 3, 4, 5]);
        assert_eq!((constants.of_real(Some(0.1)), constants.of_real(Some(-0.0))), (1, 0));
        assert_eq!((constants.of_real(Some(f64::NAN)), constants.of_real(None)), (NULL, NULL));
        assert_eq!(Decimal::of_text("1e5"), None);
        assert_eq!(Decimal::of_real(-0.5).map(|own| own.to_string()), Some("-0.5".to_owned()));
    }

    #[test]
    fn truths_are_two() {
        let constants = Constants::new(vec![Constant::Truth(true)]);
        assert_eq!((constants.of_truth(Some(false)), constants.of_truth(Some(true))), (1, 3));
        assert!(!constants.domain().contains(2));
        assert_eq!(Constants::new(Vec::new()).of_truth(Some(true)), 0, "only whether there is one is asked for");
    }
}
