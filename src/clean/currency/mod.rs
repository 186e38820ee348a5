//! Amounts in several currencies: which currency each row is in, and its amount in the base currency.
//!
//! Read in this order: [`options`], `codes` (texts to currencies), [`rates`] (the rate of a currency on a day), `convert`
//! (amounts to minor units of the base), [`account`] (how many rows of which currency). Does not live here: reading the table of
//! rates (`source`), and what is done about currencies without a rate (`quality`).

pub mod account;
mod codes;
mod convert;
pub mod options;
pub mod rates;

use polars::prelude::*;

pub use self::account::CurrencyTally;
use self::account::Standing;
use self::codes::{Code, Codes, NO_CURRENCY};
pub use self::codes::{MOST_WITH_RATES, same_currency};
use self::rates::{NO_RATE, Rates};
use super::columns::{Amounts, Odd};
use super::outcome::Outcome;
use crate::batch::role;

/// How amounts are told apart and converted.
#[derive(Debug)]
pub struct Currencies {
    codes: Codes,
    /// Whether a base is named: its code is 0.
    has_base: bool,
    /// None where there are no rates: then all rows must be of one currency.
    rates: Option<Rates>,
    /// Decimals of money.
    scale: u8,
}

/// The currency of each row of a batch, and its rate.
#[derive(Debug)]
pub(super) struct RowCurrencies {
    codes: Vec<Code>,
    /// The place of the rate among all rates; empty where there are no rates.
    rates: Vec<u32>,
}

/// What an amount was converted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AppliedRate {
    /// Units of the base for one unit of the currency.
    pub rate: String,
    /// The day that it is of, days since 1970-01-01; none where the rates have no days, and for the base itself.
    pub day: Option<i32>,
}

impl Currencies {
    /// Currencies without rates; with `base` all rows must be in it.
    #[must_use]
    pub fn without_rates(base: Option<&str>, scale: u8) -> Self {
        Self { codes: Codes::new(base.into_iter()), has_base: base.is_some(), rates: None, scale }
    }

    /// Currencies that are converted by these rates; `scale`: decimals of money.
    #[must_use]
    pub fn with_rates(rates: Rates, scale: u8) -> Self {
        Self { codes: Codes::new(rates.names()), has_base: true, rates: Some(rates), scale }
    }

    /// The rates; none where there are none.
    #[must_use]
    pub const fn rates(&self) -> Option<&Rates> {
        self.rates.as_ref()
    }

    /// The currency that amounts are in after conversion, where it is named.
    #[must_use]
    pub fn base(&self) -> Option<String> {
        self.has_base.then(|| self.codes.name(0)).flatten().map(|(name, _)| name)
    }

    /// The name of a currency by its code, and whether settings or rates have it; none of the many that a column of other
    /// texts may have.
    pub(super) fn name(&self, code: Code) -> Option<(String, bool)> {
        self.codes.name(code)
    }

    /// The currencies of a batch whose rows are of these days.
    pub(super) fn of_batch(&self, batch: &DataFrame, days: &[i32]) -> PolarsResult<RowCurrencies> {
        let codes = self.codes.of_column(batch.column(role::CURRENCY)?)?;
        let rates = self.rates.as_ref().map(|rates| rates.of_rows(&codes, days)).unwrap_or_default();
        Ok(RowCurrencies { codes, rates })
    }

    /// The amounts of a column in minor units of the base.
    pub(super) fn amounts(&self, column: &Column, rows: &RowCurrencies) -> PolarsResult<Amounts> {
        match &self.rates {
            None => Ok(rows.mark_unknown(super::columns::amounts(column, self.scale)?)),
            Some(rates) => convert::amounts(column, rates, |row| rows.rate(row)),
        }
    }

    /// The amounts `quantity * unit_price` in minor units of the base.
    pub(super) fn products(&self, factors: [&Column; 2], rows: &RowCurrencies) -> PolarsResult<Amounts> {
        let [quantity, unit_price] = factors;
        match &self.rates {
            None => Ok(rows.mark_unknown(super::columns::products(quantity, unit_price, self.scale)?)),
            Some(rates) => convert::products(factors, rates, |row| rows.rate(row)),
        }
    }

    /// Counts the rows of a judged batch.
    pub(super) fn count(&self, rows: &RowCurrencies, outcomes: &[Outcome], days: &[i32]) -> CurrencyTally {
        let mut tally = CurrencyTally::default();
        for (row, outcome) in outcomes.iter().enumerate() {
            let code = rows.codes[row];
            let standing = match outcome {
                Outcome::Kept => {
                    let age = self.rates.as_ref().map_or(0, |rates| rates.age(rows.rates[row], days[row]));
                    Standing::Kept { age, day: days[row] }
                }
                Outcome::MissingRate => Standing::WithoutRate,
                _ => continue,
            };
            tally.note(code, standing);
        }
        tally
    }

    /// What a row was converted by; none where there are no rates, or none for it.
    pub(super) fn applied(&self, rows: &RowCurrencies, row: usize) -> Option<AppliedRate> {
        let (rates, place) = (self.rates.as_ref()?, rows.rate(row).ok()?);
        Some(AppliedRate { rate: rates.exact(place).to_string(), day: rates.day(place) })
    }
}

impl RowCurrencies {
    /// The place of the rate of a row, where there are rates.
    fn rate(&self, row: usize) -> Result<u32, Odd> {
        match self.rates[row] {
            NO_RATE if self.codes[row] == NO_CURRENCY => Err(Odd::NoCurrency),
            NO_RATE => Err(Odd::NoRate),
            place => Ok(place),
        }
    }

    /// Amounts as they stand, and a note at those whose currency is not known.
    fn mark_unknown(&self, mut amounts: Amounts) -> Amounts {
        let unknown = self.codes.iter().enumerate().filter(|(_, code)| **code == NO_CURRENCY);
        amounts.odd.extend(unknown.map(|(row, _)| (row, Odd::NoCurrency)));
        amounts
    }
}
