//! Amounts in several currencies that cannot be summed, and rows that have no rate.
//!
//! Does not live here: conversion (`clean::currency`).

use super::reasons::shares;
use crate::clean::currency::account::CurrencyAccount;
use crate::error::{Error, Result};
use crate::warnings::{CurrencyRows, Facts};

/// Refuses amounts that are not of one currency where there are no rates. Rows without a rate are a warning.
///
/// # Errors
/// A quality error with the currencies and their shares of the kept rows.
pub fn check_currencies(account: &CurrencyAccount, label: &str) -> Result<Option<Facts>> {
    let CurrencyAccount { base, has_rates, currencies_kept, kept, without_rate, .. } = account;
    if *has_rates {
        let of = |(currency, rows): &(String, u64)| CurrencyRows { currency: currency.clone(), rows: *rows };
        let rows = without_rate.iter().map(|(_, rows)| rows).sum();
        let currencies: Vec<CurrencyRows> = without_rate.iter().map(of).collect();
        return Ok((!currencies.is_empty()).then_some(Facts::MissingRates { rows, currencies }));
    }
    let all: u64 = kept.iter().map(|(_, rows)| rows).sum();
    let is_base = |currency: &String| base.as_ref().is_none_or(|base| base == currency);
    // Several that are no codes have one name.
    let headline = match kept.as_slice() {
        [] => return Ok(None),
        [(only, _)] if *currencies_kept == 1 && is_base(only) => return Ok(None),
        [(only, _)] if *currencies_kept == 1 => {
            let base = base.as_deref().unwrap_or_default();
            format!("{label}: amounts are in `{only}`, `currency.base` is `{base}`, and there are no rates")
        }
        _ => {
            format!("{label}: amounts are in {currencies_kept} currencies, and there are no rates to convert them")
        }
    };
    Err(Error::quality(headline).cause(shares(kept, Some(all))).hint(
        "name a table of rates with `currency.rates`, and the currency to convert into with `currency.base`; or keep the rows of \
         one currency with `input.filter`",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(base: Option<&str>, kept: &[(&str, u64)]) -> CurrencyAccount {
        let kept: Vec<_> = kept.iter().map(|(name, rows)| ((*name).to_owned(), *rows)).collect();
        let base = base.map(str::to_owned);
        CurrencyAccount { base, currencies_kept: kept.len(), kept, ..CurrencyAccount::default() }
    }

    #[test]
    fn one_currency_needs_no_rates_unless_it_is_another_one() {
        let check = |base, kept: &[(&str, u64)]| check_currencies(&account(base, kept), "`money`");
        assert_eq!(check(None, &[("EUR", 3)]).unwrap(), None);
        assert_eq!(check(Some("EUR"), &[("EUR", 3)]).unwrap(), None);
        assert_eq!(check(Some("EUR"), &[]).unwrap(), None);
        let other = check(Some("EUR"), &[("USD", 3)]).unwrap_err().to_string();
        assert!(other.contains("`money`: amounts are in `USD`, `currency.base` is `EUR`"), "{other}");
        let several = check(None, &[("EUR", 7), ("USD", 1)]).unwrap_err().to_string();
        assert!(
            several.contains("in 2 currencies") && several.contains("`EUR` 7 rows (87.5%), `USD` 1 row (12.5%)"),
            "{several}"
        );
    }

    #[test]
    fn rows_without_a_rate_are_told() {
        let without_rate = vec![("JPY".to_owned(), 4), ("CHF".to_owned(), 1)];
        let account =
            CurrencyAccount { has_rates: true, without_rate, ..account(Some("EUR"), &[("EUR", 1), ("USD", 1)]) };
        let Some(Facts::MissingRates { rows, currencies }) = check_currencies(&account, "").unwrap() else { panic!() };
        assert_eq!((rows, currencies[0].currency.as_str(), currencies[1].rows), (5, "JPY", 1));
    }
}
