//! Columns of a published customers table as plain numbers; what is null counts as 0.
//!
//! Does not live here: which columns there are (`published`).

use std::collections::HashMap;

use polars::prelude::*;

use crate::batch::pair::{PairIds, key_of_integer, key_of_text};
use crate::customers::CustomerIds;
use crate::money::power_of_ten;

/// Whole numbers of a column; zeros where there is no such column.
fn numbers(slice: &DataFrame, name: &str) -> PolarsResult<Vec<i64>> {
    let Ok(column) = slice.column(name) else { return Ok(vec![0; slice.height()]) };
    let plain = if column.dtype() == &DataType::Date { column.cast(&DataType::Int32)? } else { column.clone() };
    let numbers = plain.strict_cast(&DataType::Int64)?;
    Ok(numbers.i64()?.iter().map(Option::unwrap_or_default).collect())
}

/// Days, dates or scores.
pub(super) fn days(slice: &DataFrame, name: &str) -> PolarsResult<Vec<i32>> {
    let narrow = |number: i64| i32::try_from(number).map_err(|_| too_large(name));
    numbers(slice, name)?.into_iter().map(narrow).collect()
}

/// Counts.
pub(super) fn counts(slice: &DataFrame, name: &str) -> PolarsResult<Vec<u32>> {
    let narrow = |number: i64| u32::try_from(number).map_err(|_| too_large(name));
    numbers(slice, name)?.into_iter().map(narrow).collect()
}

/// Money in minor units of `scale` decimals, published as decimals or as doubles.
pub(super) fn money(slice: &DataFrame, name: &str, scale: u8) -> PolarsResult<Vec<i64>> {
    let Ok(column) = slice.column(name) else { return Ok(vec![0; slice.height()]) };
    if let Ok(doubles) = column.f64() {
        #[allow(clippy::cast_precision_loss)]
        let unit = power_of_ten(scale) as f64;
        #[allow(clippy::cast_possible_truncation, reason = "money has at most 18 digits")]
        return Ok(doubles.iter().map(|money| (money.unwrap_or_default() * unit).round() as i64).collect());
    }
    let minor = column.decimal()?.physical().iter();
    minor.map(|minor| i64::try_from(minor.unwrap_or_default()).map_err(|_| too_large(name))).collect()
}

fn too_large(name: &str) -> PolarsError {
    polars_err!(ComputeError: "column `{name}` has a value that no run publishes")
}

/// The number of a text in a list that grows.
pub(super) fn number_of(text: &str, known: &mut HashMap<String, u16>, names: &mut Vec<String>) -> u16 {
    if let Some(number) = known.get(text) {
        return *number;
    }
    let number = u16::try_from(names.len()).unwrap_or(u16::MAX);
    names.push(text.to_owned());
    known.insert(text.to_owned(), number);
    number
}

/// Appends the ids of these rows. Where customers are pairs of an id and the column `per`, the key of each pair: then it says how
/// the ids in them are stored.
///
/// # Errors
/// A Polars error where ids are neither integers nor texts, or null.
pub(super) fn push_ids(ids: &mut CustomerIds, slice: &DataFrame, per: Option<&str>) -> PolarsResult<Option<PairIds>> {
    let column = slice.column("customer_id")?;
    polars_ensure!(column.null_count() == 0, ComputeError: "column `customer_id` has nulls");
    let Some(per) = per else {
        if let Ok(numbers) = column.i64() {
            if let CustomerIds::Integer(ids) = ids {
                ids.extend(numbers.iter().flatten());
            }
        } else {
            column.str()?.iter().flatten().for_each(|text| push_text(ids, text.as_bytes()));
        }
        return Ok(None);
    };
    let of_pairs = slice.column(per)?.strict_cast(&DataType::String)?;
    let of_pairs = of_pairs.str()?.iter().map(|per| per.map(str::as_bytes));
    if let Ok(numbers) = column.i64() {
        numbers.iter().flatten().zip(of_pairs).for_each(|(id, per)| push_text(ids, &key_of_integer(id, per)));
        return Ok(Some(PairIds::Integer));
    }
    let texts = column.str()?.iter().flatten();
    texts.zip(of_pairs).for_each(|(id, per)| push_text(ids, &key_of_text(id.as_bytes(), per)));
    Ok(Some(PairIds::Text))
}

/// Appends a text id.
fn push_text(ids: &mut CustomerIds, text: &[u8]) {
    if ids.is_empty() && matches!(ids, CustomerIds::Integer(_)) {
        *ids = CustomerIds::Text { bytes: Vec::new(), ends: Vec::new() };
    }
    if let CustomerIds::Text { bytes, ends } = ids {
        bytes.extend_from_slice(text);
        ends.push(bytes.len());
    }
}
