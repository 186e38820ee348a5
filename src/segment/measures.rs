//! The measures of a customer that rules can bound, and what their values are.
//!
//! A new one needs its name in [`MapMeasure`] and its entry in the table, here, and its values in `scoring::rule_columns`
//! where these are no column of [`crate::score::MEASURES`]. Does not live here: attributes (`subjects`).

use std::borrow::Cow;

use super::sets::{Interval, LEAST, NULL, Set};

/// A measure that a rule can bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MapMeasure {
    /// Orders in the window; 0 is possible only where there is one.
    Orders,
    /// Days since the last order.
    RecencyDays,
    /// Days since the first order.
    TenureDays,
    /// Days since the last order in percent of the customer's own mean gap, see [`overdue_percent`].
    OverduePercent,
    /// The class by share of revenue: 1 is A, 2 is B, 3 is C.
    AbcClass,
    /// The sum of the amounts, minor units.
    Revenue,
    /// Orders of all days up to the analysis date, whatever the window; 1 or more.
    OrdersEver,
    /// The sum of the margins, minor units.
    Margin,
    /// The sum of the three scores.
    ScoreSum,
    /// The sum of the three scores, each times its weight, 10^-9.
    WeightedScore,
    /// The weighted value, 10^-9.
    Value,
    /// The octant: 4 where R is above its threshold, 2 for F and 1 for M.
    Octant,
    /// The probability that the customer still buys; null where no model tells.
    PAlive,
    /// The lifetime value within the longest horizon, major units; null where no model tells.
    Clv,
}

/// How many measures there are.
const COUNT: usize = 14;

/// The values of a column.
type Values<'a> = Cow<'a, [i64]>;

/// How the bounds of a measure are written, and what one step between values is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Whole numbers.
    Whole,
    /// Money in millionths of the major unit; a run has minor units.
    Money,
    /// Decimals in units of 10^-9.
    Billionths,
    /// Doubles, as numbers that sort as they do ([`number_of_real`]).
    Real,
}

/// What is known about a measure without any customer.
struct Entry {
    /// The name in rules and messages.
    name: &'static str,
    /// What people read.
    words: &'static str,
    /// The columns of the customers table that it is made of.
    columns: &'static [&'static str],
    /// How it is made of their values.
    make: for<'a> fn(Vec<Values<'a>>) -> Values<'a>,
    /// The least and the largest value that occur at all.
    domain: (i64, i64),
    /// Whether customers can lack it.
    is_nullable: bool,
    unit: Unit,
}

/// A whole number that every customer has, of a column of its own name.
const PLAIN: Entry = Entry {
    name: "",
    words: "",
    columns: &[],
    make: only,
    domain: (0, i64::MAX),
    is_nullable: false,
    unit: Unit::Whole,
};

/// The least sum of three scores, and the largest.
const SUMS: (i64, i64) = (3, 300);

/// The measures in the order of their names.
static ENTRIES: [Entry; COUNT] = [
    Entry { name: "orders", words: "orders", columns: &["orders"], ..PLAIN },
    Entry { name: "recency_days", words: "days since the last order", columns: &["recency_days"], ..PLAIN },
    Entry { name: "tenure_days", words: "days since the first order", columns: &["tenure_days"], ..PLAIN },
    Entry {
        name: "overdue_percent",
        words: "percent of their mean gap overdue",
        columns: &["recency_days", "tenure_days", "purchase_days_ever"],
        make: overdue,
        ..PLAIN
    },
    Entry { name: "abc", words: "ABC class", columns: &["abc_class"], domain: (1, 3), ..PLAIN },
    Entry {
        name: "revenue",
        words: "revenue",
        columns: &["revenue"],
        domain: (LEAST, i64::MAX),
        unit: Unit::Money,
        ..PLAIN
    },
    Entry { name: "orders_ever", words: "orders ever", columns: &["orders_ever"], domain: (1, i64::MAX), ..PLAIN },
    Entry {
        name: "margin",
        words: "margin",
        columns: &["margin"],
        domain: (LEAST, i64::MAX),
        unit: Unit::Money,
        ..PLAIN
    },
    Entry { name: "score_sum", words: "sum of the scores", columns: &["score_sum"], domain: SUMS, ..PLAIN },
    Entry {
        name: "weighted_score",
        words: "weighted score",
        columns: &["weighted_score"],
        unit: Unit::Billionths,
        ..PLAIN
    },
    Entry {
        name: "value",
        words: "weighted value",
        columns: &["weighted_value"],
        domain: (LEAST, i64::MAX),
        unit: Unit::Billionths,
        ..PLAIN
    },
    Entry { name: "octant", words: "octant", columns: &["octant"], domain: (0, 7), ..PLAIN },
    Entry {
        name: "p_alive",
        words: "P(alive)",
        columns: &["p_alive"],
        domain: (0, number_of_real(1.0)),
        is_nullable: true,
        unit: Unit::Real,
        ..PLAIN
    },
    Entry {
        name: "clv",
        words: "CLV",
        columns: &["clv"],
        domain: (LEAST, i64::MAX),
        is_nullable: true,
        unit: Unit::Real,
        ..PLAIN
    },
];

impl MapMeasure {
    /// Every measure; each is at its own index.
    pub const ALL: [Self; COUNT] = [
        Self::Orders,
        Self::RecencyDays,
        Self::TenureDays,
        Self::OverduePercent,
        Self::AbcClass,
        Self::Revenue,
        Self::OrdersEver,
        Self::Margin,
        Self::ScoreSum,
        Self::WeightedScore,
        Self::Value,
        Self::Octant,
        Self::PAlive,
        Self::Clv,
    ];

    const fn entry(self) -> &'static Entry {
        &ENTRIES[self as usize]
    }

    /// The measure of this name, or of the column of this name.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.name() == name || measure.columns() == [name])
    }

    /// The name in rules and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.entry().name
    }

    /// What people read instead of the name.
    pub(super) const fn words(self) -> &'static str {
        self.entry().words
    }

    /// The columns of the customers table that it is made of; that of the CLV has the horizon in its name.
    #[must_use]
    pub const fn columns(self) -> &'static [&'static str] {
        self.entry().columns
    }

    /// The measure, from the values of its [`Self::columns`] in their order.
    #[must_use]
    pub fn of_columns(self, columns: Vec<Values<'_>>) -> Values<'_> {
        (self.entry().make)(columns)
    }

    /// Whether the run's predictions are looked at.
    #[must_use]
    pub const fn is_predicted(self) -> bool {
        matches!(self, Self::PAlive | Self::Clv)
    }

    pub(super) const fn unit(self) -> Unit {
        self.entry().unit
    }

    /// The values that customers can have, whom an order in the window may lack or not.
    pub(super) fn domain(self, may_lack_orders: bool) -> Set {
        let Entry { domain: (min, max), is_nullable, .. } = self.entry();
        let min = if self == Self::Orders && !may_lack_orders { 1 } else { *min };
        let nulls = is_nullable.then_some(Interval::NULLS);
        Set::of(nulls.into_iter().chain([Interval { min, max: *max }]))
    }

    /// A bound as a rule writes it, where money has `decimals`.
    pub(super) fn written(self, bound: i64, decimals: u8) -> String {
        match self.unit() {
            Unit::Whole => bound.to_string(),
            Unit::Money => decimal_text(bound, decimals.into()),
            Unit::Billionths => decimal_text(bound, 9),
            Unit::Real => real_of_number(bound).map(|real| real.to_string()).unwrap_or_default(),
        }
    }
}

/// A whole number of 10^-decimals without zeros at its end.
fn decimal_text(number: i64, decimals: usize) -> String {
    let digits = format!("{:0>least$}", number.unsigned_abs(), least = decimals + 1);
    let (whole, part) = digits.split_at(digits.len() - decimals);
    let part = part.trim_end_matches('0');
    let (sign, point) = (if number < 0 { "-" } else { "" }, if part.is_empty() { "" } else { "." });
    format!("{sign}{whole}{point}{part}")
}

/// The values of one column, as they are.
fn only(columns: Vec<Values<'_>>) -> Values<'_> {
    columns.into_iter().next().unwrap_or_default()
}

/// [`overdue_percent`] of recency, tenure and purchase days.
fn overdue(columns: Vec<Values<'_>>) -> Values<'_> {
    let Ok([recency, tenure, days]) = <[Values<'_>; 3]>::try_from(columns) else { return Values::default() };
    let rows = recency.iter().zip(tenure.iter()).zip(days.iter());
    rows.map(|((recency, tenure), days)| overdue_percent(*recency, *tenure, *days)).collect()
}

/// A double as a whole number that sorts as it does; what is not a number is null, and 0.0 is -0.0.
#[must_use]
pub(super) const fn number_of_real(real: f64) -> i64 {
    if real.is_nan() {
        return NULL;
    }
    // adding 0.0 makes one zero of both
    let bits = (real + 0.0).to_bits().cast_signed();
    if bits < 0 { bits ^ i64::MAX } else { bits }
}

/// The double that [`number_of_real`] was given; none for null.
pub(super) const fn real_of_number(number: i64) -> Option<f64> {
    if number == NULL {
        return None;
    }
    let bits = if number < 0 { number ^ i64::MAX } else { number };
    Some(f64::from_bits(bits.cast_unsigned()))
}

/// Decimals of the bounds of money in a map's text.
pub(super) const MONEY_DECIMALS: u8 = 6;
/// Decimals of values and weighted scores.
const VALUE_DECIMALS: u8 = 9;

/// A bound in whole numbers of the unit, read as the shortest decimal that stands for it; none with more decimals than it
/// has, or beyond 64 bits.
pub(super) fn bound_of(number: f64, unit: Unit) -> Option<i64> {
    match unit {
        Unit::Whole => scaled(number, 0),
        Unit::Money => scaled(number, MONEY_DECIMALS),
        Unit::Billionths => scaled(number, VALUE_DECIMALS),
        Unit::Real => number.is_finite().then(|| number_of_real(number)),
    }
}

/// `number` times 10^decimals, exactly.
fn scaled(number: f64, decimals: u8) -> Option<i64> {
    let text = number.is_finite().then(|| format!("{:e}", number.abs()))?;
    let (digits, exponent) = text.split_once('e')?;
    let own = digits.split_once('.').map_or(0, |(_, part)| part.len());
    let shift = exponent.parse::<i32>().ok()? - i32::try_from(own).ok()? + i32::from(decimals);
    let digits: i64 = digits.replace('.', "").parse().ok()?;
    let whole = if digits == 0 { 0 } else { digits.checked_mul(10_i64.checked_pow(u32::try_from(shift).ok()?)?)? };
    // room for what lies just above and below
    let fits = whole < i64::MAX;
    fits.then_some(if number < 0.0 { -whole } else { whole })
}

/// Days since the last order in percent of the customer's mean gap between purchase days, rounded up:
/// `100 * recency * (days - 1) / (tenure - recency)`. 0 for a customer of one purchase day, who has no gap yet.
///
/// Rounded up, a whole limit is compared exactly: at most 200 is at most twice the gap, and 201 and more is more than that.
#[must_use]
pub fn overdue_percent(recency_days: i64, tenure_days: i64, purchase_days: i64) -> i64 {
    let (gaps, between) = (purchase_days - 1, tenure_days - recency_days);
    if gaps < 1 || between < 1 {
        return 0;
    }
    let (hundredfold, between) = (i128::from(recency_days) * 100 * i128::from(gaps), i128::from(between));
    let whole = hundredfold / between + i128::from(hundredfold % between != 0);
    i64::try_from(whole).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_measure_is_at_its_own_index_and_found_by_its_name() {
        for (index, measure) in MapMeasure::ALL.into_iter().enumerate() {
            assert_eq!(measure as usize, index);
            assert_eq!(MapMeasure::of_name(measure.name()), Some(measure));
        }
        assert_eq!(MapMeasure::of_name("weighted_value"), Some(MapMeasure::Value));
        assert_eq!(MapMeasure::of_name("recency"), None);
    }

    #[test]
    fn bounds_are_decimals_as_they_are_written() {
        let money = |number: f64| bound_of(number, Unit::Money);
        assert_eq!((money(19.99), money(-0.5), money(0.0)), (Some(19_990_000), Some(-500_000), Some(0)));
        assert_eq!((money(1e-6), money(9e12)), (Some(1), Some(9_000_000_000_000_000_000)));
        assert_eq!(money(8_999_999_999_999.99), Some(8_999_999_999_999_990_000));
        assert_eq!((money(1e-7), money(9.5e12), money(f64::NAN), money(f64::INFINITY)), (None, None, None, None));
        assert_eq!((bound_of(2.0, Unit::Whole), bound_of(2.5, Unit::Whole)), (Some(2), None));
        assert_eq!(bound_of(4.3, Unit::Billionths), Some(4_300_000_000));
        let written = |bound| MapMeasure::Revenue.written(bound, 6);
        assert_eq!((written(19_990_000), written(-500_000)), ("19.99".into(), "-0.5".into()));
        assert_eq!((written(7_000_000), written(0)), ("7".into(), "0".into()));
        assert_eq!(MapMeasure::Revenue.written(19_990, 2), "199.9");
        assert_eq!(MapMeasure::PAlive.written(number_of_real(0.35), 2), "0.35");
    }

    proptest! {
        #[test]
        fn doubles_keep_their_order_as_whole_numbers(one in prop::num::f64::ANY, other in prop::num::f64::ANY) {
            let numbers = (number_of_real(one), number_of_real(other));
            if one.is_nan() || other.is_nan() {
                prop_assert!(numbers.0 == NULL || numbers.1 == NULL);
            } else {
                prop_assert_eq!(numbers.0.cmp(&numbers.1), one.partial_cmp(&other).unwrap());
                prop_assert_eq!(real_of_number(numbers.0), Some(one + 0.0));
            }
        }
    }

    #[test]
    fn a_customer_is_overdue_by_their_own_rhythm() {
        // five purchase days over 80 days: a gap of 20 days; 50 days of silence are 250 percent of it
        assert_eq!(overdue_percent(50, 130, 5), 250);
        assert_eq!(overdue_percent(50, 50, 1), 0, "one purchase has no rhythm");
        // 141 days after gaps of 211/3: 100 * 141 * 3 / 211 = 200.47, more than 200; 140 after 210/3 are 200 exactly
        assert_eq!((overdue_percent(141, 352, 4), overdue_percent(140, 350, 4)), (201, 200));
        assert_eq!(overdue_percent(i64::MAX / 2, i64::MAX / 2 + 1, 2), i64::MAX, "too large a number is the largest");
    }
}
