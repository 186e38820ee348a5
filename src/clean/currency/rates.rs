//! The rate of a currency on a day: the latest on or before it that is not too old.
//!
//! Does not live here: reading the table and refusing what is wrong with it (`input`).

use super::codes::Code;
use crate::money::decimal::Decimal;

/// The place of no rate.
pub(super) const NO_RATE: u32 = u32::MAX;
/// The place of the rate of the base.
const OF_BASE: u32 = 0;
/// Marks a rate that is of all days. No date lies there.
const ALL_DAYS: i32 = i32::MIN;

/// A rate.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    exact: Decimal,
    /// Minor units of the base for one unit of the currency, the nearest float.
    minor_per_unit: f64,
    day: i32,
    is_of_base: bool,
}

impl Rate {
    pub(super) const fn exact(&self) -> Decimal {
        self.exact
    }

    pub(super) const fn minor_per_unit(&self) -> f64 {
        self.minor_per_unit
    }

    /// Whether it is the base's own.
    pub(super) const fn is_of_base(&self) -> bool {
        self.is_of_base
    }

    /// The day that it is of; none where it is of all days.
    pub(super) fn day(&self) -> Option<i32> {
        Some(self.day).filter(|day| *day != ALL_DAYS)
    }
}

/// A currency and its rates, as they are given.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// The currency.
    pub name: String,
    /// Its rates: units of the base for one unit of it.
    pub rates: GivenRates,
}

/// The rates of a currency.
#[derive(Debug, Clone, PartialEq)]
pub enum GivenRates {
    /// One for all days.
    OfAllDays(Decimal),
    /// By day, ascending, each day once.
    ByDay(Vec<(i32, Decimal)>),
}

/// Where rates come from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The files.
    pub files: Vec<RateFile>,
    /// Columns of theirs that are not read.
    pub unread_columns: Vec<String>,
}

/// A file of rates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateFile {
    /// Its path.
    pub path: String,
    /// Its rows.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}

/// All rates.
#[derive(Debug)]
pub struct Rates {
    origin: Origin,
    /// The base first.
    currencies: Vec<String>,
    /// The rate of the base, then those of each currency by day.
    all: Vec<Rate>,
    /// Of each currency, by its code.
    tracks: Vec<Track>,
    /// Rates older than this do not count.
    max_age_days: u32,
}

/// Where the rates of a currency are.
#[derive(Debug)]
enum Track {
    /// At this place, whatever the day.
    Always(u32),
    /// From a place on, by day.
    ByDay {
        first: u32,
        days: Vec<i32>,
        /// For every day from the first to the last how many rates lie before its own; empty where the days lie so far
        /// apart that it would be long.
        by_day: Vec<u32>,
    },
}

/// There are never as many rates as places.
fn place_of(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(NO_RATE)
}

/// For so many days per rate, and some, the place of each day's rate is written down.
const DAYS_PER_RATE: usize = 64;
const FEW_DAYS: usize = 4_096;

impl Track {
    fn by_day(first: u32, days: Vec<i32>) -> Self {
        let mut by_day = Vec::new();
        if let [start, .., end] = days.as_slice() {
            let span = end.abs_diff(*start) as usize;
            if span <= FEW_DAYS + DAYS_PER_RATE * days.len() {
                let mut place = 0_u32;
                by_day = (*start..=*end)
                    .map(|day| {
                        place += u32::from(days.get(place as usize + 1).is_some_and(|next| *next <= day));
                        place
                    })
                    .collect();
            }
        }
        Self::ByDay { first, days, by_day }
    }

    /// The place of the latest rate on or before a day.
    fn place(&self, day: i32) -> Option<u32> {
        match self {
            Self::Always(place) => Some(*place),
            Self::ByDay { first, days, by_day } => {
                let start = *days.first()?;
                if day < start {
                    return None;
                }
                let own = match by_day.get(day.abs_diff(start) as usize) {
                    Some(own) => *own,
                    None if day >= *days.last()? => place_of(days.len() - 1),
                    None => place_of(days.partition_point(|own| *own <= day) - 1),
                };
                Some(first + own)
            }
        }
    }
}

impl Rates {
    /// The rates of `given` currencies into `base`, for money of `scale` decimals.
    #[must_use]
    pub fn new(base: String, given: Vec<Given>, max_age_days: u32, scale: u8) -> Self {
        let rate = |exact: Decimal, day: i32| {
            let minor_per_unit = exact.scaled(scale);
            Rate { exact, minor_per_unit, day, is_of_base: false }
        };
        let mut rates = Self {
            origin: Origin::default(),
            currencies: vec![base],
            all: vec![Rate { is_of_base: true, ..rate(Decimal::ONE, ALL_DAYS) }],
            tracks: vec![Track::Always(OF_BASE)],
            max_age_days,
        };
        for Given { name, rates: own } in given {
            let first = place_of(rates.all.len());
            rates.currencies.push(name);
            rates.tracks.push(match own {
                GivenRates::OfAllDays(exact) => {
                    rates.all.push(rate(exact, ALL_DAYS));
                    Track::Always(first)
                }
                GivenRates::ByDay(own) => {
                    rates.all.extend(own.iter().map(|(day, exact)| rate(*exact, *day)));
                    Track::by_day(first, own.into_iter().map(|(day, _)| day).collect())
                }
            });
        }
        rates
    }

    /// The same rates, which come from there.
    #[must_use]
    pub fn from(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// Where they come from.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The names of the currencies, the base first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.currencies.iter().map(String::as_str)
    }

    /// How many rates there are, that of the base not counted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len() - 1
    }

    /// Whether there is no rate but that of the base.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first and the last day that has a rate; none where rates have no days.
    #[must_use]
    pub fn days(&self) -> Option<(i32, i32)> {
        let days = || self.all.iter().filter_map(Rate::day);
        days().min().zip(days().max())
    }

    /// A rate older than this, in days, does not count.
    #[must_use]
    pub const fn max_age_days(&self) -> u32 {
        self.max_age_days
    }

    pub(super) fn get(&self, place: u32) -> Option<&Rate> {
        self.all.get(place as usize)
    }

    /// The places of the rates of rows.
    pub(super) fn of_rows(&self, codes: &[Code], days: &[i32]) -> Vec<u32> {
        codes.iter().zip(days).map(|(code, day)| self.place(*code, *day)).collect()
    }

    fn place(&self, code: Code, day: i32) -> u32 {
        if code == 0 {
            return OF_BASE;
        }
        let place = self.tracks.get(usize::from(code)).and_then(|track| track.place(day));
        place.filter(|place| self.age(*place, day) <= self.max_age_days).unwrap_or(NO_RATE)
    }

    /// How many days a rate is older than a day; 0 of one that is of all days.
    pub(super) fn age(&self, place: u32, day: i32) -> u32 {
        let rate = self.get(place).and_then(Rate::day);
        rate.map_or(0, |own| day.abs_diff(own))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dated(days: &[i32], max_age_days: u32) -> Rates {
        let rates = days.iter().map(|day| (*day, Decimal::new((*day + 1_000_000).into(), 6))).collect();
        let given = Given { name: "USD".into(), rates: GivenRates::ByDay(rates) };
        Rates::new("EUR".into(), vec![given], max_age_days, 2)
    }

    fn day_of_rate(rates: &Rates, day: i32) -> Option<i32> {
        rates.get(rates.place(1, day)).and_then(Rate::day)
    }

    #[test]
    fn the_latest_rate_on_or_before_a_day_counts_for_some_days() {
        let rates = dated(&[10, 12, 30], 7);
        let found: Vec<_> = [9, 10, 11, 12, 19, 20, 29, 30, 37, 38].map(|day| day_of_rate(&rates, day)).into();
        assert_eq!(found, [None, Some(10), Some(10), Some(12), Some(12), None, None, Some(30), Some(30), None]);
        assert_eq!((rates.place(0, -5), rates.place(2, 10), rates.days()), (OF_BASE, NO_RATE, Some((10, 30))));
        // Days that are no days.
        assert_eq!((day_of_rate(&rates, i32::MIN), day_of_rate(&rates, i32::MIN + 1)), (None, None));
        assert_eq!(day_of_rate(&dated(&[5], 0), 5), Some(5));
    }

    #[test]
    fn a_rate_of_all_days_is_never_too_old() {
        let given = Given { name: "USD".into(), rates: GivenRates::OfAllDays(Decimal::new(9, 1)) };
        let rates = Rates::new("EUR".into(), vec![given], 0, 2);
        assert_eq!([i32::MIN, 0, i32::MAX].map(|day| rates.place(1, day)), [1, 1, 1]);
        assert_eq!((rates.age(1, 50_000), rates.days(), rates.len()), (0, None, 1));
    }

    proptest! {
        /// By looking at each, with days close together and far apart.
        #[test]
        fn the_rate_is_that_of_a_search_through_all(
            days in prop::collection::btree_set(prop_oneof![-50..50_i32, -700_000..2_900_000_i32], 1..20),
            asked in prop_oneof![-60..60_i32, -700_000..2_900_000_i32],
            max_age in prop_oneof![0..10_u32, Just(u32::MAX)],
        ) {
            let days: Vec<i32> = days.into_iter().collect();
            let latest = days.iter().rev().find(|day| **day <= asked).copied();
            let expected = latest.filter(|day| day.abs_diff(asked) <= max_age);
            prop_assert_eq!(day_of_rate(&dated(&days, max_age), asked), expected);
        }
    }
}
