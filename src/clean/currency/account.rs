//! How many rows of which currency, and how old their rates were.

use super::Currencies;
use super::codes::{ANY_OTHER, Code};

/// Rows by currency. The tallies of parts add up to that of the whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CurrencyTally {
    /// By the code of the currency.
    known: Vec<Rows>,
    /// Of currencies that are too many to be told apart.
    others: Rows,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Rows {
    kept: u64,
    without_rate: u64,
    /// The greatest age of a rate, in days, and the first of the days with it.
    oldest: Option<(u32, i32)>,
}

/// What became of a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Standing {
    Kept { age: u32, day: i32 },
    WithoutRate,
}

impl Rows {
    fn note(&mut self, standing: Standing) {
        match standing {
            Standing::Kept { age, day } => {
                self.kept += 1;
                self.age(age, day);
            }
            Standing::WithoutRate => self.without_rate += 1,
        }
    }

    fn age(&mut self, age: u32, day: i32) {
        match self.oldest {
            Some((oldest, first)) if oldest > age || oldest == age && first <= day => {}
            _ => self.oldest = Some((age, day)),
        }
    }

    fn add(&mut self, other: Self) {
        self.kept += other.kept;
        self.without_rate += other.without_rate;
        other.oldest.into_iter().for_each(|(age, day)| self.age(age, day));
    }
}

impl CurrencyTally {
    pub(super) fn note(&mut self, code: Code, standing: Standing) {
        self.rows_of(code).note(standing);
    }

    fn rows_of(&mut self, code: Code) -> &mut Rows {
        let place = usize::from(code);
        // No row without a currency is kept, or lacks a rate.
        if code >= ANY_OTHER {
            return &mut self.others;
        }
        if self.known.len() <= place {
            self.known.resize(place + 1, Rows::default());
        }
        &mut self.known[place]
    }

    /// Adds the tally of another part.
    pub fn add(&mut self, other: &Self) {
        if self.known.len() < other.known.len() {
            self.known.resize(other.known.len(), Rows::default());
        }
        self.known.iter_mut().zip(&other.known).for_each(|(own, other)| own.add(*other));
        self.others.add(other.others);
    }
}

/// What is known of the currencies of a run when all rows are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CurrencyAccount {
    /// What amounts are in after conversion; none where no base is named.
    pub base: Option<String>,
    /// Whether amounts are converted.
    pub has_rates: bool,
    /// How many currencies kept rows are in; where they are too many to be told apart, at least so many.
    pub currencies_kept: usize,
    /// Kept rows of each currency that has some, most first.
    pub kept: Vec<(String, u64)>,
    /// Rows without a rate, of each currency that has some, most first.
    pub without_rate: Vec<(String, u64)>,
    /// The oldest rate that a kept row was converted by; none where rates have no days.
    pub oldest: Option<OldestRate>,
}

/// A rate that was long ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldestRate {
    /// Of this currency.
    pub currency: String,
    /// Days between the rate and the row.
    pub age_days: u32,
    /// The day of the row.
    pub row_day: i32,
}

/// How currencies are called that are no codes, or too many to be told apart.
pub const OTHER_TEXTS: &str = "other texts";

/// Longer names are no currencies.
const LONGEST_NAME: usize = 12;

/// What a message may show: a column that was named by mistake may hold anything.
fn shown(name: Option<(String, bool)>) -> String {
    let is_sign = |c: char| "$€£¥₹₩₽₺฿₫₴₦₱₪ .".contains(c);
    let is_code = |(name, is_given): &(String, bool)| {
        let letters = name.chars().all(|c| c.is_alphabetic() || is_sign(c)) && name.chars().count() <= LONGEST_NAME;
        *is_given || letters || name.len() <= 3 && name.bytes().all(|c| c.is_ascii_digit())
    };
    name.filter(is_code).map_or_else(|| OTHER_TEXTS.to_owned(), |(name, _)| name)
}

impl CurrencyAccount {
    /// The account of a tally, with the names of its currencies.
    #[must_use]
    pub fn new(currencies: &Currencies, tally: &CurrencyTally) -> Self {
        let known = (0..).zip(&tally.known).map(|(code, rows)| (shown(currencies.name(code)), *rows));
        let mut named: Vec<(String, Rows)> = known.chain([(OTHER_TEXTS.to_owned(), tally.others)]).collect();
        // There is more than one of those that are not told apart.
        let are_others = 2 * usize::from(tally.others.kept > 0);
        let currencies_kept = tally.known.iter().filter(|rows| rows.kept > 0).count() + are_others;
        named.sort_by(|left, right| left.0.cmp(&right.0));
        // All that is no code is one.
        named.dedup_by(|next, first| {
            let is_same = next.0 == first.0;
            if is_same {
                first.1.add(next.1);
            }
            is_same
        });
        let counted = |count: fn(&Rows) -> u64| {
            let rows = named.iter().map(|(name, rows)| (name.clone(), count(rows)));
            let mut rows: Vec<(String, u64)> = rows.filter(|(_, rows)| *rows > 0).collect();
            rows.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
            rows
        };
        let has_days = currencies.rates().is_some_and(|rates| rates.days().is_some());
        let base = currencies.base();
        let converted = named.iter().filter(|(name, _)| has_days && Some(name) != base.as_ref());
        let ages = converted.filter_map(|(currency, rows)| {
            let (age_days, row_day) = rows.oldest?;
            Some(OldestRate { currency: currency.clone(), age_days, row_day })
        });
        // Of equal ones the first by name.
        let oldest = ages.reduce(|first, next| if next.age_days > first.age_days { next } else { first });
        let (kept, without_rate) = (counted(|rows| rows.kept), counted(|rows| rows.without_rate));
        Self { base, has_rates: currencies.rates().is_some(), currencies_kept, kept, without_rate, oldest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tallies_add_up_and_the_oldest_rate_is_the_same_in_any_order() {
        let noted = |rows: &[(Code, Standing)]| {
            let mut tally = CurrencyTally::default();
            for (code, standing) in rows {
                tally.note(*code, *standing);
            }
            tally
        };
        let kept = |age, day| Standing::Kept { age, day };
        let rows = [(1, kept(3, 10)), (0, kept(0, 1)), (1, kept(5, 30)), (2, Standing::WithoutRate), (1, kept(5, 20))];
        let mut first = noted(&rows[..2]);
        first.add(&noted(&rows[2..]));
        let mut second = noted(&rows[2..]);
        second.add(&noted(&rows[..2]));
        assert_eq!((&first, &second), (&noted(&rows), &first));
        assert_eq!(first.known[1], Rows { kept: 3, without_rate: 0, oldest: Some((5, 20)) });
    }

    #[test]
    fn names_that_are_no_currencies_are_not_shown() {
        assert_eq!(shown(Some(("USD2".into(), true))), "USD2", "it is in the settings");
        let shown = |name: &str| shown(Some((name.to_owned(), false)));
        for name in ["EUR", "US$", "人民币", "840", "US DOLLAR"] {
            assert_eq!(shown(name), name);
        }
        for name in ["ANN@EXAMPLE.ORG", "2025-01-01", "12345", "A VERY LONG NAME"] {
            assert_eq!(shown(name), OTHER_TEXTS);
        }
    }
}
