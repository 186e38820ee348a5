//! Kept or not, and why: judges the rows of a batch.
//!
//! The rules apply in the order in which they are listed; the first that matches decides. Time comes first, so that a
//! row outside the window is never called bad, whether the scan left it out or this did. Does not live here: how
//! columns are stored (`columns`), what money, days and orders are (`money`, `dates`, `orders`).

use crate::batch::role;
use std::sync::{Mutex, PoisonError};

use polars::prelude::*;

use super::amounts;
pub use super::columns::{IDS_TOO_LARGE, NOT_WHOLE};
use super::columns::{IdColumn, NO_DAY, NULL_DAY, Odd};
use super::dates;
use super::given::{self, Given};
pub use super::judged::Judged;
use super::judged::{is_blank, range};
use super::kept_days::KeptDays;
use super::options::{Returns, ZeroAmounts};
pub use super::orders::OrderRule;
use super::orders::orders;
use super::outcome::{Outcome, Tally};
use super::pairs;
use super::quarantine::{Quarantine, Rejected};
pub use super::rules::{InputRules, Rules};

/// Judges batches of one input from any thread, and keeps their row account.
#[derive(Debug)]
pub struct Judge {
    rules: Rules,
    own: InputRules,
    tally: Mutex<Tally>,
    /// Where the last day of the data is the analysis date.
    kept_days: Option<KeptDays>,
    quarantine: Quarantine,
}

impl Judge {
    /// A judge with an empty account.
    #[must_use]
    pub fn new(rules: Rules, own: InputRules) -> Self {
        let quarantine = Quarantine::new(rules.quarantine_rows);
        let kept_days = rules.as_of.is_none().then(KeptDays::default);
        Self { rules, own, tally: Mutex::default(), kept_days, quarantine }
    }

    /// Sets which scan the following batches come from: rows are numbered per scan.
    pub fn begin_scan(&self, scan: usize) {
        self.quarantine.begin_scan(scan);
    }

    /// The row account and the quarantined rows, when all batches are judged.
    #[must_use]
    pub fn into_account(self) -> (Tally, Vec<Rejected>) {
        let mut tally = self.tally.into_inner().unwrap_or_else(PoisonError::into_inner);
        tally.kept_days = self.kept_days.map(KeptDays::into_days).unwrap_or_default();
        (tally, self.quarantine.into_rows())
    }

    /// Judges a batch whose columns are called as in [`role`].
    ///
    /// # Errors
    /// A Polars error where a column is missing or of a type that the footers did not state.
    pub fn judge(&self, batch: &DataFrame) -> PolarsResult<Judged> {
        let judged = self.judge_unaccounted(batch)?;
        self.note(batch, judged)
    }

    /// As [`Judge::judge`], of rows that belong in no account.
    ///
    /// # Errors
    /// As [`Judge::judge`].
    pub fn judge_unaccounted(&self, batch: &DataFrame) -> PolarsResult<Judged> {
        let mut judged = self.read(batch)?;
        self.cut_after(&mut judged);
        self.cut_before(&mut judged);
        self.check_customers(&mut judged);
        judged.pairs = pairs::keys(&judged, batch)?;
        self.check_dates(&mut judged);
        self.check_amounts(&mut judged);
        self.apply_policies(&mut judged);
        if self.rules.known.is_of_customers() {
            Given::read(batch, &self.own.dates, self.rules.scale)?.judge(&mut judged);
        }
        Ok(judged)
    }

    /// As [`Judge::judge`], for rows that repeat others: whatever else is wrong, they are repeats. None is kept.
    ///
    /// # Errors
    /// As [`Judge::judge`].
    pub fn judge_repeats(&self, batch: &DataFrame) -> PolarsResult<Judged> {
        let mut judged = self.read(batch)?;
        self.cut_after(&mut judged);
        self.cut_before(&mut judged);
        judged.follow(&self.rules.aliases);
        self.leave_out_excluded(&mut judged);
        judged.reject_where(Outcome::Duplicate, |_, _| true);
        self.note(batch, judged)
    }

    /// Puts a judged batch into the account, and its bad rows into the sample.
    fn note(&self, batch: &DataFrame, judged: Judged) -> PolarsResult<Judged> {
        self.account(&judged);
        if judged.rejected {
            self.quarantine.admit(batch, &judged.outcomes, &judged.days, &judged.amounts.minor)?;
        }
        Ok(judged)
    }

    fn read(&self, batch: &DataFrame) -> PolarsResult<Judged> {
        let own = &self.own;
        let days = self.days(batch)?;
        let rules = &self.rules;
        let currencies = rules.currencies.as_ref().map(|all| all.of_batch(batch, &days)).transpose()?;
        let of_rows = rules.currencies.as_deref().zip(currencies.as_ref());
        let amounts = amounts::of_batch(batch, rules.scale, rules.known.has_money(), of_rows)?;
        let (orders, has_order) = orders(own.orders, own.order_salt, batch, &days)?;
        let ids = IdColumn::of_customers(batch.column(role::CUSTOMER)?, self.rules.text_ids)?;
        let changed = self.changed_ids(&ids);
        let outcomes = vec![Outcome::Kept; batch.height()];
        let day_range = range(&days, (i32::MAX, i32::MIN));
        let amount_range = range(&amounts.minor, (i64::MAX, i64::MIN));
        Ok(Judged {
            ids,
            changed,
            pairs: None,
            moved: None,
            orders,
            has_order,
            days,
            amounts,
            currencies,
            outcomes,
            rejected: false,
            day_range,
            amount_range,
        })
    }

    /// The day of each row, of a table of customers that of the last order.
    fn days(&self, batch: &DataFrame) -> PolarsResult<Vec<i32>> {
        match (batch.column(role::RECENCY_DAYS), self.rules.as_of) {
            (Ok(recency), Some(as_of)) => given::last_days(recency, as_of),
            _ => dates::days(batch.column(role::TIME)?, &self.own.dates),
        }
    }

    /// Trimmed and lowercased texts, where the settings ask for that.
    fn changed_ids(&self, ids: &IdColumn) -> Option<Vec<Vec<u8>>> {
        let IdColumn::Text(texts) = ids else { return None };
        let (trim, lower) = (self.rules.trim_ids, self.rules.lowercase_ids);
        (trim || lower).then(|| {
            let change = |bytes: &[u8]| {
                let text = String::from_utf8_lossy(bytes);
                let text = if trim { text.trim() } else { &text };
                if lower { text.to_lowercase().into_bytes() } else { text.as_bytes().to_vec() }
            };
            texts.bytes().into_iter().map(change).collect()
        })
    }

    fn cut_after(&self, judged: &mut Judged) {
        let last = self.rules.as_of.unwrap_or(i32::MAX);
        if judged.day_range.1 > last {
            // What a customer did until then is not known of a sum that goes on.
            let is_of_customers = self.rules.known.is_of_customers();
            let outcome = if is_of_customers { Outcome::LastOrderAfterAsOf } else { Outcome::AfterAsOf };
            judged.reject_where(outcome, |day, _| day > last);
        }
    }

    fn cut_before(&self, judged: &mut Judged) {
        let first = self.first_day();
        if judged.day_range.0 < first {
            judged.reject_where(Outcome::BeforeWindow, |day, _| day < first && day > NULL_DAY);
        }
    }

    /// The first day of the window; without a window, of all days that are dates.
    fn first_day(&self) -> i32 {
        self.rules.window_start.unwrap_or(NULL_DAY + 1)
    }

    fn check_customers(&self, judged: &mut Judged) {
        if let Some(validity) = judged.ids.validity().cloned() {
            for (row, _) in validity.iter().enumerate().filter(|(_, valid)| !valid) {
                judged.reject(row, Outcome::NullCustomer);
            }
        }
        let blank: Vec<usize> = judged
            .texts()
            .into_iter()
            .enumerate()
            .filter(|(_, id)| is_blank(id) || self.is_nobody(id))
            .map(|(row, _)| row)
            .collect();
        for row in blank {
            judged.reject(row, Outcome::BlankCustomer);
        }
        for row in judged.ids.rows_of(&self.own.nobody) {
            judged.reject(row, Outcome::BlankCustomer);
        }
        judged.follow(&self.rules.aliases);
        self.leave_out_excluded(judged);
    }

    /// Runs before a row can be found bad: the sample of bad rows must not show it.
    fn leave_out_excluded(&self, judged: &mut Judged) {
        let excluded = &self.rules.excluded;
        if excluded.is_empty() {
            return;
        }
        let rows: Vec<usize> = match &judged.ids {
            IdColumn::Integer(ids) => {
                let ids = judged.integers(ids);
                (0..).zip(ids).filter(|(_, id)| excluded.has_integer(**id)).map(|(row, _)| row).collect()
            }
            IdColumn::Text(_) => {
                let texts = judged.texts();
                (0..).zip(texts).filter(|(_, id)| excluded.has_text(id)).map(|(row, _)| row).collect()
            }
        };
        // The number stored for a missing id is arbitrary.
        let validity = judged.ids.validity().cloned();
        for row in rows.into_iter().filter(|row| validity.as_ref().is_none_or(|validity| validity.get_bit(*row))) {
            judged.reject(row, Outcome::ExcludedCustomer);
        }
    }

    fn is_nobody(&self, id: &[u8]) -> bool {
        self.own.nobody.iter().any(|nobody| nobody.as_bytes() == id)
    }

    fn check_dates(&self, judged: &mut Judged) {
        let min_day = self.rules.min_day.unwrap_or(NULL_DAY + 1);
        if judged.day_range.0 >= min_day {
            return;
        }
        for row in 0..judged.days.len() {
            match judged.days[row] {
                NULL_DAY => judged.reject(row, Outcome::NullDate),
                NO_DAY => judged.reject(row, Outcome::UnparsableDate),
                _ => {}
            }
        }
    }

    fn check_amounts(&self, judged: &mut Judged) {
        for (row, odd) in judged.amounts.odd.clone() {
            match odd {
                Odd::Null => judged.reject(row, Outcome::NullAmount),
                Odd::NotFinite => judged.reject(row, Outcome::NonFiniteAmount),
                Odd::TooLarge => judged.reject(row, Outcome::AmountOutOfRange),
                Odd::Rounded | Odd::NoCurrency | Odd::NoRate => {}
            }
        }
        if let Some(min_day) = self.rules.min_day.filter(|min_day| judged.day_range.0 < *min_day) {
            judged.reject_where(Outcome::DateBeforeMin, |day, _| day < min_day);
        }
        Self::check_currencies(judged);
        let ((low, high), (least, greatest)) = (self.rules.amount_limits, judged.amount_range);
        if least < low || greatest > high {
            judged.reject_where(Outcome::AmountOutOfRange, |_, amount| amount < low || amount > high);
        }
    }

    /// Made-up dates have no rate: they are bad for being that.
    fn check_currencies(judged: &mut Judged) {
        if judged.currencies.is_none() {
            return;
        }
        for (row, odd) in judged.amounts.odd.clone() {
            match odd {
                Odd::NoCurrency => judged.reject(row, Outcome::NullCurrency),
                Odd::NoRate => judged.reject(row, Outcome::MissingRate),
                Odd::Null | Odd::NotFinite | Odd::TooLarge | Odd::Rounded => {}
            }
        }
    }

    fn apply_policies(&self, judged: &mut Judged) {
        let (least, greatest) = judged.amount_range;
        if self.rules.returns == Returns::Drop && least < 0 {
            judged.reject_where(Outcome::ReturnDropped, |_, amount| amount < 0);
        }
        if self.rules.zero_amounts == ZeroAmounts::Drop && least <= 0 && greatest >= 0 {
            judged.reject_where(Outcome::ZeroDropped, |_, amount| amount == 0);
        }
    }

    fn account(&self, judged: &Judged) {
        let mut tally = Tally::default();
        if judged.rejected {
            for (row, outcome) in judged.outcomes.iter().enumerate() {
                tally.rows[outcome.index()] += 1;
                tally.amounts[outcome.index()] += i128::from(judged.amounts.minor[row]);
                if *outcome == Outcome::Kept {
                    tally.absolute_amount += u128::from(judged.amounts.minor[row].unsigned_abs());
                }
            }
        } else {
            tally.rows[Outcome::Kept.index()] = judged.outcomes.len() as u64;
            tally.amounts[Outcome::Kept.index()] = sum(&judged.amounts.minor);
            tally.absolute_amount = if judged.amount_range.0 >= 0 {
                tally.amounts[Outcome::Kept.index()].unsigned_abs()
            } else {
                absolute_sum(&judged.amounts.minor)
            };
        }
        let kept = |row: usize| judged.outcomes[row] == Outcome::Kept;
        tally.last_day = if judged.rejected {
            (0..judged.days.len()).filter(|row| kept(*row)).map(|row| judged.days[row]).max()
        } else {
            (!judged.days.is_empty()).then_some(judged.day_range.1)
        };
        tally.seen_days = judged.dated_range();
        if let Some(kept_days) = &self.kept_days {
            kept_days.note((0..judged.days.len()).filter(|row| kept(*row)).map(|row| judged.days[row]));
        }
        let rounded = judged.amounts.odd.iter().filter(|(row, odd)| *odd == Odd::Rounded && kept(*row));
        tally.rounded_amounts = rounded.count() as u64;
        if let Some(has_order) = &judged.has_order {
            tally.rows_without_order = (0..has_order.len()).filter(|row| !has_order[*row] && kept(*row)).count() as u64;
        }
        if let (Some(all), Some(rows)) = (&self.rules.currencies, &judged.currencies) {
            tally.currencies = all.count(rows, &judged.outcomes, &judged.days);
        }
        if let Some(moved) = &judged.moved {
            let kept = moved.rows.iter().filter(|(row, _)| kept(*row as usize));
            tally.moved_rows = kept.inspect(|(_, entry)| moved.aliases.note(*entry)).count() as u64;
        }
        if let (Some(changed), IdColumn::Text(texts)) = (&judged.changed, &judged.ids) {
            let differs = |(row, text): &(usize, &[u8])| kept(*row) && changed[*row].as_slice() != *text;
            tally.changed_ids = texts.bytes().into_iter().enumerate().filter(differs).count() as u64;
        }
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).add(&tally);
    }
}

/// The sum of a batch. Amounts have at most 18 digits: a few of them fit into 64 bits, but not all of a batch.
fn sum(amounts: &[i64]) -> i128 {
    amounts.chunks(8).map(|few| i128::from(few.iter().sum::<i64>())).sum()
}

fn absolute_sum(amounts: &[i64]) -> u128 {
    amounts.chunks(8).map(|few| u128::from(few.iter().map(|amount| amount.unsigned_abs()).sum::<u64>())).sum()
}
