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

/// All rates. A rate is known by its place: that of the base comes first, then those of each currency by day.
#[derive(Debug)]
pub struct Rates {
    origin: Origin,
    /// The base first.
    currencies: Vec<String>,
    exact: Vec<Decimal>,
    /// Minor units of the base for one unit of the currency, the nearest floats.
    minor_per_unit: Vec<f64>,
    /// The day that each is of, or [`ALL_DAYS`].
    days: Vec<i32>,
    /// Of each currency, by its code.
    tracks: Vec<Track>,
    /// Rates older than this do not count.
    max_age_days: u32,
    /// Decimals of money.
    scale: u8,
}

/// Where the rates of a currency are.
#[derive(Debug)]
enum Track {
    /// At this place, whatever the day.
    Always(u32),
    /// From a place on, by day.
    ByDay(ByDay),
}

#[derive(Debug)]
struct ByDay {
    first_place: u32,
    days: Vec<i32>,
    max_age_days: u32,
    /// The place for every day from the first on, until the last rate is too old; empty where days lie so far apart that it
    /// would be long.
    places: Vec<u32>,
}

/// There are never as many rates as places.
fn place_of(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(NO_RATE)
}

/// For so many days per rate, and some, the place of each day's rate is written down.
const DAYS_PER_RATE: usize = 64;
const FEW_DAYS: usize = 4_096;

impl ByDay {
    fn new(first_place: u32, days: Vec<i32>, max_age_days: u32) -> Self {
        let mut own = Self { first_place, days, max_age_days, places: Vec::new() };
        if let (Some(start), Some(end)) = (own.days.first(), own.days.last()) {
            let end = end.saturating_add_unsigned(max_age_days);
            if end.abs_diff(*start) as usize <= FEW_DAYS + DAYS_PER_RATE * own.days.len() {
                own.places = (*start..=end).map(|day| own.search(day)).collect();
            }
        }
        own
    }

    /// The place of the latest rate on or before a day that is not too old.
    fn place(&self, day: i32) -> u32 {
        let Some(start) = self.days.first().filter(|start| day >= **start) else { return NO_RATE };
        match self.places.get(day.abs_diff(*start) as usize) {
            Some(place) => *place,
            None => self.search(day),
        }
    }

    fn search(&self, day: i32) -> u32 {
        let latest = self.days.partition_point(|own| *own <= day).checked_sub(1);
        let young = latest.filter(|latest| day.abs_diff(self.days[*latest]) <= self.max_age_days);
        young.map_or(NO_RATE, |latest| self.first_place + place_of(latest))
    }
}

impl Rates {
    /// The rates of `given` currencies into `base`, for money of `scale` decimals.
    #[must_use]
    pub fn new(base: String, given: Vec<Given>, max_age_days: u32, scale: u8) -> Self {
        let mut rates = Self {
            origin: Origin::default(),
            currencies: vec![base],
            exact: vec![Decimal::ONE],
            minor_per_unit: vec![Decimal::ONE.scaled(scale)],
            days: vec![ALL_DAYS],
            tracks: vec![Track::Always(OF_BASE)],
            max_age_days,
            scale,
        };
        for Given { name, rates: own } in given {
            let first = place_of(rates.exact.len());
            rates.currencies.push(name);
            let track = match own {
                GivenRates::OfAllDays(exact) => {
                    rates.add(exact, ALL_DAYS);
                    Track::Always(first)
                }
                GivenRates::ByDay(own) => {
                    for (day, exact) in &own {
                        rates.add(*exact, *day);
                    }
                    Track::ByDay(ByDay::new(first, own.into_iter().map(|(day, _)| day).collect(), max_age_days))
                }
            };
            rates.tracks.push(track);
        }
        rates
    }

    fn add(&mut self, exact: Decimal, day: i32) {
        self.exact.push(exact);
        self.minor_per_unit.push(exact.scaled(self.scale));
        self.days.push(day);
    }

    /// The same rates, which come from there.
    #[must_use]
    pub fn with_origin(self, origin: Origin) -> Self {
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
        self.exact.len() - 1
    }

    /// Whether there is no rate but that of the base.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first and the last day that has a rate; none where rates have no days.
    #[must_use]
    pub fn days(&self) -> Option<(i32, i32)> {
        let days = || self.days.iter().copied().filter(|day| *day != ALL_DAYS);
        days().min().zip(days().max())
    }

    /// A rate older than this, in days, does not count.
    #[must_use]
    pub const fn max_age_days(&self) -> u32 {
        self.max_age_days
    }

    /// Decimals of money.
    pub(super) const fn scale(&self) -> u8 {
        self.scale
    }

    /// The rate at a place.
    pub(super) fn exact(&self, place: u32) -> Decimal {
        self.exact[place as usize]
    }

    /// Minor units of the base for one unit of the currency of a place.
    pub(super) fn minor_per_unit(&self, place: u32) -> f64 {
        self.minor_per_unit[place as usize]
    }

    /// Whether a place is that of the base.
    pub(super) const fn is_of_base(place: u32) -> bool {
        place == OF_BASE
    }

    /// The day that a rate is of; none where it is of all days.
    pub(super) fn day(&self, place: u32) -> Option<i32> {
        Some(self.days[place as usize]).filter(|day| *day != ALL_DAYS)
    }

    /// The places of the rates of rows.
    pub(super) fn of_rows(&self, codes: &[Code], days: &[i32]) -> Vec<u32> {
        codes.iter().zip(days).map(|(code, day)| self.place(*code, *day)).collect()
    }

    fn place(&self, code: Code, day: i32) -> u32 {
        match self.tracks.get(usize::from(code)) {
            Some(Track::ByDay(own)) => own.place(day),
            Some(Track::Always(place)) => *place,
            None => NO_RATE,
        }
    }

    /// How many days a rate is older than a day; 0 of one that is of all days.
    pub(super) fn age(&self, place: u32, day: i32) -> u32 {
        self.day(place).map_or(0, |own| day.abs_diff(own))
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
        Some(rates.place(1, day)).filter(|place| *place != NO_RATE).and_then(|place| rates.day(place))
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
