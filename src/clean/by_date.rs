//! The row account at each of several dates, of rows that are read once.
//!
//! Up to a date every row has the outcome that it has in a run for that date, and all later ones are dated after it: so the
//! account of a date is the sum of the intervals that end with the dates up to it. Does not live here: the judging (`judge`).

use std::sync::{Arc, Mutex, PoisonError};

use polars::prelude::*;

use super::columns::{IdColumn, Odd};
use super::currency::Currencies;
use super::judged::Judged;
use super::outcome::{Class, Outcome, Tally};
use super::quarantine::{Quarantine, Rejected};
use super::rules::Rules;

/// Accounts for rows of one input from any thread.
#[derive(Debug)]
pub struct AccountsByDate {
    /// Ascending.
    dates: Arc<[i32]>,
    currencies: Option<Arc<Currencies>>,
    /// Of the rows after the date before, up to each date.
    intervals: Vec<(Mutex<Tally>, Quarantine)>,
    /// Quarantined rows that are kept per reason.
    capacity: usize,
    all: Mutex<AllRows>,
}

/// What is said of the rows of all days.
#[derive(Debug, Default)]
struct AllRows {
    rows: u64,
    /// Minor units.
    amount: i128,
    seen_days: Option<(i32, i32)>,
}

/// What a run for one date would say of the rows.
#[derive(Debug)]
pub struct AccountAtDate {
    /// The account.
    pub tally: Tally,
    /// The sample of bad rows.
    pub rejects: Vec<Rejected>,
}

impl AccountsByDate {
    /// Empty accounts for these dates, which ascend.
    #[must_use]
    pub fn new(dates: Arc<[i32]>, rules: &Rules) -> Self {
        let capacity = rules.quarantine_rows;
        let intervals = dates.iter().map(|_| (Mutex::default(), Quarantine::new(capacity))).collect();
        Self { dates, currencies: rules.currencies.clone(), intervals, capacity, all: Mutex::default() }
    }

    /// Takes a judged batch.
    ///
    /// # Errors
    /// A Polars error where a bad row cannot be shown.
    pub fn note(&self, scan: usize, batch: &DataFrame, judged: &Judged) -> PolarsResult<()> {
        let amounts = &judged.amounts.minor;
        {
            let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
            all.rows += amounts.len() as u64;
            all.amount += amounts.iter().map(|amount| i128::from(*amount)).sum::<i128>();
            all.seen_days = joined(all.seen_days, judged.dated_range());
        }
        let interval_of = self.intervals_of(&judged.days);
        let first = interval_of.iter().copied().min().unwrap_or_default();
        let last = interval_of.iter().copied().max().unwrap_or_default().min(self.dates.len().saturating_sub(1));
        let tallies = tallies(judged, &interval_of, first..=last);
        for (interval, mut tally) in (first..=last).zip(tallies) {
            if tally.total_rows() == 0 {
                continue;
            }
            if let (Some(currencies), Some(rows)) = (&self.currencies, &judged.currencies) {
                let alone = only(judged, &interval_of, interval, Outcome::AfterAsOf);
                tally.currencies = currencies.count(rows, &alone, &judged.days);
            }
            let (sum, quarantine) = &self.intervals[interval];
            if tally.rows_of_class(Class::Quarantined) > 0 {
                let alone = only(judged, &interval_of, interval, Outcome::Kept);
                quarantine.begin_scan(scan);
                quarantine.admit(batch, &alone, &judged.days, amounts)?;
            }
            sum.lock().unwrap_or_else(PoisonError::into_inner).add(&tally);
        }
        Ok(())
    }

    /// The interval of each row; that after all of them for a row after the last date. Rows without a date are in the first.
    fn intervals_of(&self, days: &[i32]) -> Vec<usize> {
        let mut last = (i32::MIN, 0);
        let mut of = |day: i32| {
            // Neighbours are often of one day.
            if day != last.0 {
                last = (day, self.dates.partition_point(|date| *date < day));
            }
            last.1
        };
        days.iter().map(|day| of(*day)).collect()
    }

    /// The account of each date, in their order.
    #[must_use]
    pub fn into_accounts(self) -> Vec<AccountAtDate> {
        let AllRows { rows, amount, seen_days } = self.all.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (mut sum, mut rejects) = (Tally::default(), Vec::new());
        let mut accounts = Vec::new();
        for (tally, quarantine) in self.intervals {
            sum.add(&tally.into_inner().unwrap_or_else(PoisonError::into_inner));
            rejects.extend(quarantine.into_rows());
            keep_sample(&mut rejects, self.capacity);
            let mut tally = Tally { seen_days, ..sum.clone() };
            let after = Outcome::AfterAsOf.index();
            tally.rows[after] = rows - sum.total_rows();
            tally.amounts[after] = amount - sum.amounts.iter().sum::<i128>();
            accounts.push(AccountAtDate { tally, rejects: rejects.clone() });
        }
        accounts
    }
}

/// The tallies of a range of intervals.
fn tallies(judged: &Judged, interval_of: &[usize], range: std::ops::RangeInclusive<usize>) -> Vec<Tally> {
    let first = *range.start();
    let mut tallies = vec![Tally::default(); range.count()];
    for (row, (outcome, interval)) in judged.outcomes.iter().zip(interval_of).enumerate() {
        let Some(tally) = tallies.get_mut(interval - first) else { continue };
        let amount = judged.amounts.minor[row];
        tally.rows[outcome.index()] += 1;
        tally.amounts[outcome.index()] += i128::from(amount);
        if *outcome == Outcome::Kept {
            tally.absolute_amount += u128::from(amount.unsigned_abs());
            tally.last_day = tally.last_day.max(Some(judged.days[row]));
        }
    }
    let mut for_kept = |row: usize, note: &dyn Fn(&mut Tally)| {
        if judged.outcomes[row] == Outcome::Kept
            && let Some(tally) = tallies.get_mut(interval_of[row] - first)
        {
            note(tally);
        }
    };
    for (row, _) in judged.amounts.odd.iter().filter(|(_, odd)| *odd == Odd::Rounded) {
        for_kept(*row, &|tally| tally.rounded_amounts += 1);
    }
    for (row, _) in judged.has_order.iter().flatten().enumerate().filter(|(_, has_order)| !**has_order) {
        for_kept(row, &|tally| tally.rows_without_order += 1);
    }
    if let (Some(changed), IdColumn::Text(texts)) = (&judged.changed, &judged.ids) {
        for (row, _) in texts.bytes().into_iter().enumerate().filter(|(row, text)| changed[*row].as_slice() != *text) {
            for_kept(row, &|tally| tally.changed_ids += 1);
        }
    }
    tallies
}

/// The outcomes of the rows of one interval; those of all others are `otherwise`.
fn only(judged: &Judged, interval_of: &[usize], interval: usize, otherwise: Outcome) -> Vec<Outcome> {
    let rows = judged.outcomes.iter().zip(interval_of);
    rows.map(|(outcome, own)| if *own == interval { *outcome } else { otherwise }).collect()
}

/// Of each reason the least rows, as one sample of all of them would have kept.
fn keep_sample(rejects: &mut Vec<Rejected>, capacity: usize) {
    rejects.sort_unstable();
    let (mut reason, mut count) = (None, 0);
    rejects.retain(|rejected| {
        if reason.replace(rejected.reason) != Some(rejected.reason) {
            count = 0;
        }
        count += 1;
        count <= capacity
    });
}

fn joined(own: Option<(i32, i32)>, others: Option<(i32, i32)>) -> Option<(i32, i32)> {
    match (own, others) {
        (Some(own), Some(others)) => Some((own.0.min(others.0), own.1.max(others.1))),
        (own, others) => own.or(others),
    }
}
