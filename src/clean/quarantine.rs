//! A bounded sample of the bad rows, the same whatever the order of rows.
//!
//! For each reason, the rows with the smallest fingerprints are kept. The fingerprint is made of the row's raw values,
//! so that neither threads nor files decide which rows are shown; rows are formatted as text only once they are
//! admitted. Does not live here: the judging, or the table that is written.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use polars::prelude::*;

use super::columns::unit_of;
use super::moment::moment_text;
use super::outcome::{Class, Outcome};
use crate::batch::role;
use crate::day::date_text;
use crate::hashing::{hash_text, spread_bits};

/// One bad row, as text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rejected {
    /// Why.
    pub reason: Outcome,
    fingerprint: u64,
    /// Raw values of the columns used, `None` for null, in the order of [`RAW`].
    pub raw: [Option<String>; RAW.len()],
    /// Number of the row among the rows scanned together.
    pub row: Option<u64>,
    /// Which of the scans it came from.
    pub scan: usize,
}

/// The raw columns that are shown.
pub const RAW: [&str; 7] =
    [role::CUSTOMER, role::ORDER, role::TIME, role::AMOUNT, role::QUANTITY, role::UNIT_PRICE, role::CURRENCY];

/// Longer raw values are cut: a hostile id must not fill the report.
const RAW_CHARACTERS: usize = 200;

/// The sample, filled from any thread.
#[derive(Debug)]
pub(super) struct Quarantine {
    capacity: usize,
    scan: std::sync::atomic::AtomicUsize,
    /// Per reason, the rows with the smallest fingerprints.
    kept: Vec<Mutex<BTreeSet<Rejected>>>,
}

impl Quarantine {
    pub(super) fn new(capacity: usize) -> Self {
        let kept = Outcome::ALL.iter().map(|_| Mutex::default()).collect();
        Self { capacity, scan: std::sync::atomic::AtomicUsize::new(0), kept }
    }

    pub(super) fn begin_scan(&self, scan: usize) {
        self.scan.store(scan, std::sync::atomic::Ordering::Relaxed);
    }

    /// Offers the bad rows of a batch.
    pub(super) fn admit(
        &self,
        batch: &DataFrame,
        outcomes: &[Outcome],
        days: &[i32],
        amounts: &[i64],
    ) -> PolarsResult<()> {
        for (row, outcome) in outcomes.iter().enumerate().filter(|(_, outcome)| outcome.class() == Class::Quarantined) {
            let fingerprint = spread_bits(
                spread_bits(u64::from(days[row].cast_unsigned()) ^ id_fingerprint(batch, row)?)
                    ^ amounts[row].cast_unsigned(),
            );
            let mut kept = self.kept[outcome.index()].lock().unwrap_or_else(PoisonError::into_inner);
            let is_full = kept.len() >= self.capacity;
            if self.capacity == 0 || is_full && kept.last().is_some_and(|last| last.fingerprint < fingerprint) {
                continue;
            }
            kept.insert(self.describe(batch, row, *outcome, fingerprint)?);
            if kept.len() > self.capacity {
                kept.pop_last();
            }
        }
        Ok(())
    }

    fn describe(&self, batch: &DataFrame, row: usize, reason: Outcome, fingerprint: u64) -> PolarsResult<Rejected> {
        let raw = raw_texts(batch, row)?;
        let number = batch.column(role::ROW).ok().map(|rows| rows.get(row)).transpose()?;
        let number = number.and_then(|number| number.extract::<u64>());
        let scan = self.scan.load(std::sync::atomic::Ordering::Relaxed);
        Ok(Rejected { reason, fingerprint, raw, row: number, scan })
    }

    pub(super) fn into_rows(self) -> Vec<Rejected> {
        self.kept.into_iter().flat_map(|rows| rows.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
    }
}

/// A fingerprint of the customer's id, of any type.
fn id_fingerprint(batch: &DataFrame, row: usize) -> PolarsResult<u64> {
    let id = batch.column(role::CUSTOMER)?.get(row)?;
    // Borrowed or owned: the engine returns either.
    Ok(match id.get_str() {
        Some(text) => hash_text(text.as_bytes()),
        None if id.is_null() => 0,
        None => id.extract::<i64>().map_or(1, |id| spread_bits(id.cast_unsigned())),
    })
}

/// The raw values of a row as texts, in the order of [`RAW`]; none for null, and for columns that are not read. An order key
/// of several columns is shown whole, as `1, 17`.
///
/// # Errors
/// A Polars error where a value cannot be read.
pub fn raw_texts(batch: &DataFrame, row: usize) -> PolarsResult<[Option<String>; RAW.len()]> {
    let mut raw: [Option<String>; RAW.len()] = Default::default();
    for (text, name) in raw.iter_mut().zip(RAW) {
        let is_of_customers = name == role::TIME;
        let column = batch.column(name);
        let column = if is_of_customers { column.or_else(|_| batch.column(role::RECENCY_DAYS)) } else { column };
        if let Ok(column) = column {
            *text = raw_text(&column.get(row)?);
        }
    }
    let parts = (0..).map_while(|part| batch.column(&role::order_part(part)).ok());
    let parts = parts.map(|part| part.get(row).map(|value| raw_text(&value))).collect::<PolarsResult<Vec<_>>>()?;
    if !parts.is_empty() {
        let shown: Vec<String> = parts.into_iter().map(|part| part.unwrap_or_else(|| "null".into())).collect();
        raw[1] = Some(shown.join(", "));
    }
    Ok(raw)
}

/// A raw value as text, cut where it is long; none for null.
#[must_use]
pub fn raw_text(value: &AnyValue<'_>) -> Option<String> {
    let text = match value {
        AnyValue::Null => return None,
        // The engine's own texts of dates panic where they lie too far out.
        AnyValue::Date(day) => date_text(*day),
        AnyValue::Datetime(ticks, unit, zone) => moment_text(*ticks, unit_of(*unit), zone.is_some()),
        AnyValue::DatetimeOwned(ticks, unit, zone) => moment_text(*ticks, unit_of(*unit), zone.is_some()),
        other => other.get_str().map_or_else(|| other.to_string(), str::to_owned),
    };
    let mut cut: String = text.chars().take(RAW_CHARACTERS).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    Some(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_far_out_is_shown_as_its_number() {
        let far = AnyValue::Datetime(i64::MAX, TimeUnit::Milliseconds, None);
        assert_eq!(raw_text(&far).as_deref(), Some("9223372036854775807 ms"));
        assert_eq!(raw_text(&AnyValue::Date(i32::MAX)).as_deref(), Some("2147483647 days"));
        assert_eq!(raw_text(&AnyValue::Null), None);
    }
}
