//! Fingerprints of whole rows: 128 bits, by value, whatever the types of their columns.
//!
//! Rows have one fingerprint where all their values are equal: nulls are, so are 0.0 and -0.0, and so are all NaN. Two
//! different rows have one with a chance of 2^-128, as far as multiplication spreads their bits: among a billion rows, of
//! any pair at all with one of 10^-21. Does not live here: what a value is (`values`), which rows are alike (`distinct`).

use polars::prelude::*;

use super::mixing::{Kind, Lanes, START, mixed, with_null};
use super::values::{add, lanes_of};

/// The fingerprint of a row. Any of its bits is as good as another.
pub(crate) type Fingerprint = u128;

/// Rows whose fingerprints are made at a time, column by column: they stay in the fastest cache.
const ROWS_AT_ONCE: usize = 2048;

/// Makes fingerprints; reused from batch to batch.
#[derive(Debug, Default)]
pub(crate) struct Fingerprints {
    lanes: Vec<Lanes>,
    prints: Vec<Fingerprint>,
}

/// A column, and its values as lanes of their own where it is nested: its leaves lie together for all rows.
struct Prepared<'a> {
    column: &'a Column,
    nested: Option<Vec<Option<Lanes>>>,
}

impl Fingerprints {
    /// The fingerprints of so many rows, in their order. The columns decide by their order, too, and not by their names;
    /// those that are missing are null.
    ///
    /// # Errors
    /// A Polars error where a column has a type that nothing can be compared in.
    pub(crate) fn of(&mut self, columns: &[Option<&Column>], rows: usize) -> PolarsResult<&[Fingerprint]> {
        let columns: PolarsResult<Vec<Option<Prepared<'_>>>> =
            columns.iter().map(|column| column.map(Prepared::new).transpose()).collect();
        let columns = columns?;
        self.prints.clear();
        for start in (0..rows).step_by(ROWS_AT_ONCE) {
            let count = ROWS_AT_ONCE.min(rows - start);
            self.lanes.clear();
            self.lanes.resize(count, START);
            for column in &columns {
                match column {
                    Some(column) => column.add(&mut self.lanes, start)?,
                    None => self.lanes.iter_mut().for_each(|lanes| *lanes = with_null(*lanes)),
                }
            }
            self.prints.extend(self.lanes.iter().map(|lanes| {
                let [upper, lower] = mixed(*lanes, [0, 0], Kind::End);
                Fingerprint::from(upper) << 64 | Fingerprint::from(lower)
            }));
        }
        Ok(&self.prints)
    }
}

impl<'a> Prepared<'a> {
    fn new(column: &'a Column) -> PolarsResult<Self> {
        if !column.dtype().is_nested() {
            return Ok(Self { column, nested: None });
        }
        // A batch may be a slice of a longer array, whose elements it still holds.
        let trimmed = column.trim_lists_to_normalized_offsets();
        let series = trimmed.as_ref().unwrap_or(column).as_materialized_series();
        let missing = series.is_null();
        let values = lanes_of(series)?.into_iter().zip(missing.iter());
        let nested = values.map(|(value, is_null)| (is_null == Some(false)).then_some(value)).collect();
        Ok(Self { column, nested: Some(nested) })
    }

    /// Puts the values from row `start` on into lanes.
    fn add(&self, lanes: &mut [Lanes], start: usize) -> PolarsResult<()> {
        let Some(nested) = &self.nested else {
            let slice = self.column.slice(i64::try_from(start).unwrap_or(i64::MAX), lanes.len());
            return add(lanes, slice.as_materialized_series());
        };
        for (lanes, value) in lanes.iter_mut().zip(&nested[start..]) {
            *lanes = value.map_or_else(|| with_null(*lanes), |value| mixed(*lanes, value, Kind::Value));
        }
        Ok(())
    }
}
