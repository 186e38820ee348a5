//! The measures of a customer that rules can look at, and intervals of them.
//!
//! A new one needs its name in [`MapMeasure`] and its entry in the table, here, and its bounds in the text of a rule
//! (`definition`). Its columns are those of the customers table; what values they have, say `score::MEASURES` and
//! `scoring::measures`.

use std::borrow::Cow;

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
}

/// How many measures there are.
pub(super) const COUNT: usize = 7;

/// The values of a column.
type Values<'a> = Cow<'a, [i64]>;

/// What is known about a measure without any customer.
struct Entry {
    /// The name in rules and messages.
    name: &'static str,
    /// The columns of the customers table that it is made of.
    columns: &'static [&'static str],
    /// How it is made of their values.
    make: for<'a> fn(Vec<Values<'a>>) -> Values<'a>,
    /// The values that occur at all.
    domain: Interval,
    /// Whether a map gives its bounds in millionths of the major unit.
    is_money: bool,
}

/// From 0 up.
const NOT_NEGATIVE: Interval = Interval { min: 0, max: i64::MAX };

/// From 1 up.
const AT_LEAST_ONE: Interval = Interval { min: 1, max: i64::MAX };

/// The measures in the order of their names.
static ENTRIES: [Entry; COUNT] = [
    Entry { name: "orders", columns: &["orders"], make: only, domain: NOT_NEGATIVE, is_money: false },
    Entry { name: "recency_days", columns: &["recency_days"], make: only, domain: NOT_NEGATIVE, is_money: false },
    Entry { name: "tenure_days", columns: &["tenure_days"], make: only, domain: NOT_NEGATIVE, is_money: false },
    Entry {
        name: "overdue_percent",
        columns: &["recency_days", "tenure_days", "purchase_days_ever"],
        make: overdue,
        domain: NOT_NEGATIVE,
        is_money: false,
    },
    Entry { name: "abc", columns: &["abc_class"], make: only, domain: Interval { min: 1, max: 3 }, is_money: false },
    Entry { name: "revenue", columns: &["revenue"], make: only, domain: Interval::ALL, is_money: true },
    Entry { name: "orders_ever", columns: &["orders_ever"], make: only, domain: AT_LEAST_ONE, is_money: false },
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
    ];

    const fn entry(self) -> &'static Entry {
        &ENTRIES[self as usize]
    }

    /// The name in rules and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.entry().name
    }

    /// The columns of the customers table that it is made of.
    #[must_use]
    pub const fn columns(self) -> &'static [&'static str] {
        self.entry().columns
    }

    /// The measure, from the values of its [`Self::columns`] in their order.
    #[must_use]
    pub fn of_columns(self, columns: Vec<Values<'_>>) -> Values<'_> {
        (self.entry().make)(columns)
    }

    /// Whether a map gives its bounds in millionths of the major unit.
    pub(super) const fn is_money(self) -> bool {
        self.entry().is_money
    }

    /// A bound as a rule writes it.
    pub(super) fn written(self, bound: i64) -> String {
        if !self.is_money() {
            return bound.to_string();
        }
        let (whole, part) = (bound.unsigned_abs() / MILLION, bound.unsigned_abs() % MILLION);
        let sign = if bound < 0 { "-" } else { "" };
        let text = format!("{sign}{whole}.{part:06}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
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

/// Decimals of the bounds of money in a map's text.
pub(super) const MONEY_DECIMALS: u8 = 6;
/// The same as a factor.
const MILLION: u64 = 1_000_000;
/// No bound of money is larger, in either direction, so that its millionths fit 64 bits.
const LARGEST_MONEY: i64 = 9_000_000_000_000;

/// A bound of money in millionths, read as the shortest decimal that stands for it; none with more than six decimals,
/// or beyond nine million millions.
pub(super) fn millionths(number: f64) -> Option<i64> {
    #[allow(clippy::cast_precision_loss, reason = "nine with zeros")]
    let is_within = number.abs() <= LARGEST_MONEY as f64;
    let text = is_within.then(|| format!("{:e}", number.abs()))?;
    let (digits, exponent) = text.split_once('e')?;
    let decimals = digits.split_once('.').map_or(0, |(_, part)| part.len());
    let decimal_shift = exponent.parse::<i32>().ok()? - i32::try_from(decimals).ok()? + i32::from(MONEY_DECIMALS);
    let digits: i64 = digits.replace('.', "").parse().ok()?;
    let whole = digits.checked_mul(10_i64.checked_pow(u32::try_from(decimal_shift).ok()?)?)?;
    Some(if number < 0.0 { -whole } else { whole })
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

    /// The same of whole numbers that are coarser by `factor`: those of which the interval holds all.
    pub(super) fn coarser(self, factor: i64) -> Self {
        let min = self.min.div_euclid(factor) + i64::from(self.min.rem_euclid(factor) != 0);
        Self {
            min: if self.min == i64::MIN { i64::MIN } else { min },
            max: if self.max == i64::MAX { i64::MAX } else { self.max.div_euclid(factor) },
        }
    }

    /// Whether the value lies in the interval.
    pub(super) const fn contains(self, value: i64) -> bool {
        self.min <= value && value <= self.max
    }

    fn meets(self, other: Self) -> bool {
        self.min.max(other.min) <= self.max.min(other.max)
    }
}

/// An interval per measure: a box of customers.
pub(super) type Bounds = [Interval; COUNT];

/// All customers that can be there: where all of them have an order in the window, none has fewer than one.
pub(super) fn everyone(may_lack_orders: bool) -> Bounds {
    let mut bounds = MapMeasure::ALL.map(|measure| measure.entry().domain);
    if !may_lack_orders {
        bounds[MapMeasure::Orders as usize] = AT_LEAST_ONE;
    }
    bounds
}

/// Whether some customer can be in both boxes.
pub(super) fn meet(one: &Bounds, other: &Bounds) -> bool {
    one.iter().zip(other).all(|(one, other)| one.meets(*other))
}

/// Takes `hole` out of a box: what is left are at most two boxes per measure, which do not overlap.
pub(super) fn without(from: Bounds, hole: &Bounds) -> Vec<Bounds> {
    if !meet(&from, hole) {
        return vec![from];
    }
    let (mut rest, mut left) = (from, Vec::new());
    for (at, hole) in hole.iter().enumerate() {
        let whole = rest[at];
        if whole.min < hole.min {
            rest[at] = Interval { min: whole.min, max: hole.min - 1 };
            left.push(rest);
        }
        if hole.max < whole.max {
            rest[at] = Interval { min: hole.max + 1, max: whole.max };
            left.push(rest);
        }
        rest[at] = Interval { min: whole.min.max(hole.min), max: whole.max.min(hole.max) };
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_include_their_ends() {
        let interval = Interval { min: 1, max: 3 };
        assert_eq!((0..5).filter(|&value| interval.contains(value)).collect::<Vec<_>>(), [1, 2, 3]);
        assert!(interval.meets(Interval { min: 3, max: 9 }) && !interval.meets(Interval { min: 4, max: 9 }));
    }

    #[test]
    fn what_is_left_of_a_box_covers_every_customer_outside_of_the_hole_once() {
        let mut from = everyone(false);
        (from[0], from[1]) = (Interval { min: 1, max: 6 }, Interval { min: 0, max: 6 });
        let mut hole = [Interval::ALL; COUNT];
        (hole[0], hole[1]) = (Interval { min: 2, max: 3 }, Interval { min: 3, max: i64::MAX });
        let left = without(from, &hole);
        for orders in 1..=6 {
            for days in 0..=6 {
                let holders = left.iter().filter(|part| part[0].contains(orders) && part[1].contains(days)).count();
                let in_hole = hole[0].contains(orders) && hole[1].contains(days);
                assert_eq!(holders, usize::from(!in_hole), "{orders} orders, {days} days");
            }
        }
        assert!(without(from, &[Interval::ALL; COUNT]).is_empty());
        assert_eq!(
            without(from, &{
                let mut far = hole;
                far[0] = Interval { min: 7, max: 9 };
                far
            }),
            [from]
        );
    }

    #[test]
    fn bounds_of_money_are_decimals_as_they_are_written() {
        let of = |number: f64| millionths(number);
        assert_eq!((of(19.99), of(-0.5), of(0.0), of(1e-6)), (Some(19_990_000), Some(-500_000), Some(0), Some(1)));
        assert_eq!(of(9e12), Some(9_000_000_000_000_000_000));
        assert_eq!(of(8_999_999_999_999.99), Some(8_999_999_999_999_990_000));
        assert_eq!((of(1e-7), of(9.1e12), of(f64::NAN), of(f64::INFINITY)), (None, None, None, None));
        let written = |bound| MapMeasure::Revenue.written(bound);
        assert_eq!((written(19_990_000), written(-500_000)), ("19.99".into(), "-0.5".into()));
        assert_eq!((written(7_000_000), written(0)), ("7".into(), "0".into()));
    }

    #[test]
    fn a_coarser_interval_holds_the_same_numbers() {
        let of = |min, max| Interval { min, max }.coarser(100);
        assert_eq!((of(199, 401), of(200, 400)), (Interval { min: 2, max: 4 }, Interval { min: 2, max: 4 }));
        assert_eq!((of(-199, -101), of(1, 99)), (Interval { min: -1, max: -2 }, Interval { min: 1, max: 0 }));
        assert_eq!(of(i64::MIN, i64::MAX), Interval::ALL);
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
