//! A judged batch: what the fold takes, and what became of each row.
//!
//! Does not live here: the rules (`judge`).

use std::sync::Arc;

use super::aliases::Aliases;
use super::columns::{Amounts, IdColumn, Integers, NULL_DAY};
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
    /// Rows with an old id; none where there are none.
    pub(super) moved: Option<Moved>,
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

/// The rows of a batch that have an old id of their customer.
#[derive(Debug)]
pub(super) struct Moved {
    pub(super) aliases: Arc<Aliases>,
    /// Each row and its entry among the aliases.
    pub(super) rows: Vec<(u32, u32)>,
    /// The ids of all rows, where they are integers.
    pub(super) integers: Vec<i64>,
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
            (IdColumn::Integer(ids), _) => Ids::Integer(self.integers(ids)),
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

    /// Follows old ids: whoever has several ids is one customer from here on.
    pub(super) fn follow(&mut self, aliases: &Arc<Aliases>) {
        if aliases.is_empty() {
            return;
        }
        let mut integers = Vec::new();
        let rows = match &self.ids {
            IdColumn::Integer(ids) => {
                let (rows, now) = aliases.among_integers(ids.values());
                integers = now;
                rows
            }
            IdColumn::Text(_) => aliases.among_texts(&self.texts()),
        };
        self.moved = (!rows.is_empty()).then(|| Moved { aliases: Arc::clone(aliases), rows, integers });
    }

    /// The integer ids, those of old ids followed; `ids` are as in the input.
    pub(super) fn integers<'a>(&'a self, ids: &'a Integers) -> &'a [i64] {
        self.moved.as_ref().map_or_else(|| ids.values(), |moved| &moved.integers)
    }

    /// The text ids, trimmed and lowercased where the settings ask for that, and old ids followed; none for integer ids.
    pub(super) fn texts(&self) -> Vec<&[u8]> {
        let mut texts = match (&self.ids, &self.changed) {
            (IdColumn::Integer(_), _) => return Vec::new(),
            (IdColumn::Text(_), Some(changed)) => changed.iter().map(Vec::as_slice).collect(),
            (IdColumn::Text(texts), None) => texts.bytes(),
        };
        if let Some(Moved { aliases, rows, .. }) = &self.moved {
            for (row, entry) in rows {
                texts[*row as usize] = aliases.new_text(*entry);
            }
        }
        texts
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
pub(crate) fn is_blank(id: &[u8]) -> bool {
    if id.first().is_some_and(u8::is_ascii_graphic) {
        return false;
    }
    let is_invisible = |c: char| c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}');
    std::str::from_utf8(id).is_ok_and(|text| text.chars().all(is_invisible))
}
