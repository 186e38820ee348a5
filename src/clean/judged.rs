//! A judged batch: what the fold takes, and what became of each row.
//!
//! Does not live here: the rules (`judge`).

use super::columns::{Amounts, IdColumn, NULL_DAY};
use super::currency::{AppliedRate, Currencies, RowCurrencies};
use super::orders::Orders;
use super::outcome::Outcome;
use crate::batch::{Batch, Ids};

/// A judged batch: the columns of the fold.
#[derive(Debug)]
pub struct Judged {
    pub(super) ids: IdColumn,
    pub(super) changed: Option<Vec<Vec<u8>>>,
    /// The keys of the customers, where these are pairs.
    pub(super) pairs: Option<Vec<Vec<u8>>>,
    pub(super) orders: Option<Orders>,
    pub(super) has_order: Option<Vec<bool>>,
    pub(super) days: Vec<i32>,
    pub(super) amounts: Amounts,
    /// None where the input has no currencies.
    pub(super) currencies: Option<RowCurrencies>,
    pub(super) outcomes: Vec<Outcome>,
    pub(super) rejected: bool,
    /// The least and the greatest day and amount: for most batches these alone show that all rows are good.
    pub(super) day_range: (i32, i32),
    pub(super) amount_range: (i64, i64),
}

/// The least and the greatest; in reverse order where there are no values.
pub(super) fn range<T: Copy + Ord>(values: &[T], nothing: (T, T)) -> (T, T) {
    values.iter().fold(nothing, |(least, greatest), value| (least.min(*value), greatest.max(*value)))
}

impl Judged {
    /// Hands the batch to `work` as slices.
    pub fn with_batch<R>(&self, work: impl FnOnce(&Batch<'_>) -> R) -> R {
        let kept: Option<Vec<bool>> =
            self.rejected.then(|| self.outcomes.iter().map(|outcome| *outcome == Outcome::Kept).collect());
        let texts = match &self.pairs {
            Some(pairs) => pairs.iter().map(Vec::as_slice).collect(),
            None => self.texts(),
        };
        let ids = match (&self.ids, &texts) {
            _ if self.pairs.is_some() => Ids::Text(&texts),
            (IdColumn::Integer(ids), _) => Ids::Integer(ids.values()),
            (IdColumn::Text(_), texts) => Ids::Text(texts),
        };
        work(&Batch {
            ids,
            orders: self.orders.as_ref().map(Orders::values),
            has_order: self.has_order.as_deref(),
            days: &self.days,
            amounts: &self.amounts.minor,
            kept: kept.as_deref(),
        })
    }

    /// What became of each row.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// Minor units of each row; zero where there is none.
    #[must_use]
    pub fn amounts(&self) -> &[i64] {
        &self.amounts.minor
    }

    /// What the amount of a row was converted by; none where it was not. `currencies` are those that it was judged by.
    #[must_use]
    pub fn applied_rate(&self, currencies: &Currencies, row: usize) -> Option<AppliedRate> {
        currencies.applied(self.currencies.as_ref()?, row)
    }

    /// Day of each row.
    #[must_use]
    pub fn days(&self) -> &[i32] {
        &self.days
    }

    /// The first and the last date of all rows, whatever becomes of them; none where no row has a date.
    pub(super) fn dated_range(&self) -> Option<(i32, i32)> {
        let (mut first, last) = self.day_range;
        if first <= NULL_DAY {
            first = self.days.iter().copied().filter(|day| *day > NULL_DAY).min()?;
        }
        (first <= last).then_some((first, last))
    }

    /// The text ids, trimmed and lowercased where the settings ask for that; none for integer ids.
    pub(super) fn texts(&self) -> Vec<&[u8]> {
        match (&self.ids, &self.changed) {
            (IdColumn::Integer(_), _) => Vec::new(),
            (IdColumn::Text(_), Some(changed)) => changed.iter().map(Vec::as_slice).collect(),
            (IdColumn::Text(texts), None) => texts.bytes(),
        }
    }

    /// Gives the row an outcome, unless an earlier rule has matched.
    pub(super) fn reject(&mut self, row: usize, outcome: Outcome) {
        if self.outcomes[row] == Outcome::Kept {
            self.outcomes[row] = outcome;
            self.rejected = true;
        }
    }

    /// As [`Judged::reject`], for every row whose day and amount are bad.
    pub(super) fn reject_where(&mut self, outcome: Outcome, is_bad: impl Fn(i32, i64) -> bool) {
        let rows = self.days.iter().zip(&self.amounts.minor);
        for (judged, (day, amount)) in self.outcomes.iter_mut().zip(rows) {
            if *judged == Outcome::Kept && is_bad(*day, *amount) {
                *judged = outcome;
                self.rejected = true;
            }
        }
    }
}

/// True for an id of nothing but white space, zero-width and byte-order-mark characters. Most ids begin with a visible
/// ASCII character, and then the rest is not examined.
pub(super) fn is_blank(id: &[u8]) -> bool {
    if id.first().is_some_and(u8::is_ascii_graphic) {
        return false;
    }
    let is_invisible = |c: char| c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}');
    std::str::from_utf8(id).is_ok_and(|text| text.chars().all(is_invisible))
}
