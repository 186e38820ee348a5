//! From the texts of a column to currencies, each a small number.
//!
//! The currencies of the rates are known before a row is read, and others are numbered as they come. Does not live here: rates
//! (`rates`).

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use polars::prelude::*;
use polars_arrow::array::Utf8ViewArray;

use crate::clean::arrays::{nulls_of, one_chunk};
use crate::clean::judged::is_blank;
use crate::hashing::spread_bits;

/// A currency, by its place among those that are known.
pub(crate) type Code = u16;
/// The text is null or blank.
pub(super) const NO_CURRENCY: Code = Code::MAX;
/// One of the currencies beyond [`MOST_CURRENCIES`], which have no place of their own.
pub(super) const ANY_OTHER: Code = Code::MAX - 1;
/// So many currencies without a rate are told apart: a column of other texts may have millions.
const MOST_CURRENCIES: usize = 1_000;

/// The text by which currencies are compared: without white space around it, and in capitals, so that `eur` is `EUR`. Two capitals
/// and a small letter stay: by custom `GBp` are pence, a hundredth of `GBP`.
#[must_use]
pub fn same_currency(text: &str) -> String {
    let text = text.trim_matches(|c: char| is_blank(c.encode_utf8(&mut [0; 4]).as_bytes()));
    if is_hundredth(text) { text.to_owned() } else { text.to_uppercase() }
}

fn is_hundredth(text: &str) -> bool {
    matches!(text.as_bytes(), [a, b, c] if a.is_ascii_uppercase() && b.is_ascii_uppercase() && c.is_ascii_lowercase())
}

/// The currencies that are known.
#[derive(Debug)]
pub(super) struct Codes(RwLock<Names>);

#[derive(Debug, Default)]
struct Names {
    known: Vec<String>,
    codes: HashMap<String, Code>,
    /// How many of them were known before a row was read.
    given: usize,
}

/// So many currencies can have rates.
pub const MOST_WITH_RATES: usize = 50_000;

/// Texts as they are stored, and their codes: columns hold few different ones, so most are found here.
struct Cache([(u128, Code); SLOTS]);

const SLOTS: usize = 256;

impl Cache {
    /// Every slot holds the empty text, which is no currency.
    const EMPTY: Self = Self([(0, NO_CURRENCY); SLOTS]);

    #[allow(clippy::cast_possible_truncation)]
    fn code(&mut self, text: u128, otherwise: impl FnOnce() -> Code) -> Code {
        let mixed = spread_bits((text as u64) ^ ((text >> 64) as u64));
        let slot = &mut self.0[mixed as usize % SLOTS];
        if slot.0 != text {
            *slot = (text, otherwise());
        }
        slot.1
    }
}

impl Codes {
    /// The currencies with these names, in this order.
    pub(super) fn new<'a>(known: impl Iterator<Item = &'a str>) -> Self {
        let mut names = Names::default();
        for name in known.take(MOST_WITH_RATES + 1) {
            names.given += 1;
            names.add(name.to_owned());
        }
        Self(RwLock::new(names))
    }

    /// The name of a currency, and whether it was known before a row was read; none of those without a place.
    pub(super) fn name(&self, code: Code) -> Option<(String, bool)> {
        let names = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let place = usize::from(code);
        names.known.get(place).map(|name| (name.clone(), place < names.given))
    }

    /// The currency of each row.
    pub(super) fn of_column(&self, column: &Column) -> PolarsResult<Vec<Code>> {
        let texts = column.strict_cast(&DataType::String)?;
        let texts: Utf8ViewArray = one_chunk(texts.str()?);
        let mut cache = Cache::EMPTY;
        let code = |(row, view): (usize, &polars_arrow::array::View)| {
            if view.is_inline() {
                cache.code(view.as_u128(), || self.code(texts.value(row)))
            } else {
                self.code(texts.value(row))
            }
        };
        let mut codes: Vec<Code> = texts.views().iter().enumerate().map(code).collect();
        if let Some(validity) = nulls_of(&texts) {
            for (code, _) in codes.iter_mut().zip(validity.iter()).filter(|(_, valid)| !valid) {
                *code = NO_CURRENCY;
            }
        }
        Ok(codes)
    }

    fn code(&self, text: &str) -> Code {
        if is_blank(text.as_bytes()) {
            return NO_CURRENCY;
        }
        let name = same_currency(text);
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).codes.get(&name).copied();
        known.unwrap_or_else(|| self.0.write().unwrap_or_else(PoisonError::into_inner).add(name))
    }
}

impl Names {
    fn add(&mut self, name: String) -> Code {
        if let Some(known) = self.codes.get(&name) {
            return *known;
        }
        let place = Code::try_from(self.known.len()).ok().filter(|code| *code < ANY_OTHER);
        let is_full = self.known.len() >= self.given + MOST_CURRENCIES;
        let Some(code) = place.filter(|_| !is_full) else { return ANY_OTHER };
        self.codes.insert(name.clone(), code);
        self.known.push(name);
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(codes: &Codes, texts: &[Option<&str>]) -> Vec<Code> {
        codes.of_column(&Column::new("c".into(), texts)).unwrap()
    }

    #[test]
    fn letter_case_and_blanks_do_not_matter_but_pence_are_no_pounds() {
        let known = Codes::new(["EUR", "GBP", "GBp"].into_iter());
        let texts = ["EUR", "eur", " Eur\t", "GBP", "gbp", "GBp", "", " ", "\u{feff}"].map(Some);
        assert_eq!(codes(&known, &texts), [0, 0, 0, 1, 1, 2, NO_CURRENCY, NO_CURRENCY, NO_CURRENCY]);
        assert_eq!(codes(&known, &[None, Some("EUR"), None]), [NO_CURRENCY, 0, NO_CURRENCY]);
    }

    #[test]
    fn others_are_numbered_as_they_come_and_are_told_apart_by_all_their_letters() {
        let known = Codes::new(["EUR"].into_iter());
        // Texts of 13 bytes and more are stored elsewhere.
        let texts =
            [Some("a currency of islands"), Some("USD"), Some("A CURRENCY OF ISLANDS"), Some("EUR"), Some("usd")];
        assert_eq!(codes(&known, &texts), [1, 2, 1, 0, 2]);
        assert_eq!([0, 2].map(|code| known.name(code).unwrap()), [("EUR".into(), true), ("USD".into(), false)]);
        let many: Vec<String> = (0..2 * MOST_CURRENCIES).map(|number| format!("x{number}")).collect();
        let many: Vec<Option<&str>> = many.iter().map(|text| Some(text.as_str())).collect();
        let found = codes(&known, &many);
        assert_eq!((found[0], found[MOST_CURRENCIES - 3]), (3, 1_000));
        assert!(found[MOST_CURRENCIES - 2..].iter().all(|code| *code == ANY_OTHER), "{found:?}");
        assert_eq!((known.name(ANY_OTHER), known.name(NO_CURRENCY)), (None, None));
    }

    #[test]
    fn texts_of_one_slot_are_told_apart() {
        let known = Codes::new(std::iter::empty());
        let names: Vec<String> = (0..900).map(|number| format!("C{number}")).collect();
        let twice: Vec<Option<&str>> = names.iter().chain(&names).map(|name| Some(name.as_str())).collect();
        let found = codes(&known, &twice);
        assert_eq!(found[..900], found[900..]);
        assert_eq!(found[..900].iter().collect::<std::collections::HashSet<_>>().len(), 900);
    }
}
