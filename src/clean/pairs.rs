//! The customers of a batch as pairs of an id and a value, where the scan brings what makes pairs of them.
//!
//! Does not live here: what a key looks like (`batch::pair`).

use polars::prelude::*;

use super::columns::IdColumn;
use super::judged::Judged;
use crate::batch::{pair, role};

/// The key of each row's customer; none where customers are ids alone.
pub(super) fn keys(judged: &Judged, batch: &DataFrame) -> PolarsResult<Option<Vec<Vec<u8>>>> {
    let Ok(column) = batch.column(role::PER) else { return Ok(None) };
    let values = column.cast(&DataType::String)?;
    let values = values.str()?.iter().map(|value| value.map(str::as_bytes));
    Ok(Some(match &judged.ids {
        IdColumn::Integer(ids) => {
            judged.integers(ids).iter().zip(values).map(|(id, value)| pair::key_of_integer(*id, value)).collect()
        }
        IdColumn::Text(_) => {
            judged.texts().into_iter().zip(values).map(|(id, value)| pair::key_of_text(id, value)).collect()
        }
    }))
}
