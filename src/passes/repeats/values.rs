//! The values of a column in the lanes of their rows, whatever its type; nested ones by their leaves.
//!
//! Does not live here: how words are mixed (`mixing`), and which words a number is (`numbers`).

use polars::prelude::*;
use polars_arrow::array::{Array, BinaryViewArray};
use polars_arrow::bitmap::Bitmap;

use super::mixing::{Kind, Lanes, START, mixed, with_hash, with_null, with_two_words, with_word};
use super::numbers::{DAY, MOMENT, SPAN, TIME, TRUTH};
use super::numbers::{with_decimal, with_float, with_integer, with_ticks, with_whole};
use crate::hashing::hash_text;

/// Puts the values of a series into the lanes of their rows.
///
/// # Errors
/// A Polars error where it has a type that nothing can be compared in.
pub(super) fn add(lanes: &mut [Lanes], series: &Series) -> PolarsResult<()> {
    match series.dtype() {
        DataType::Null => lanes.iter_mut().for_each(|lanes| *lanes = with_null(*lanes)),
        DataType::Boolean => {
            for (lanes, value) in lanes.iter_mut().zip(series.bool()?.iter()) {
                *lanes = value.map_or_else(|| with_null(*lanes), |value| with_word(*lanes, u64::from(value) ^ TRUTH));
            }
        }
        DataType::Float32 => add_numbers(lanes, series.f32()?, |lanes, value| with_float(lanes, value.into())),
        DataType::Float64 => add_numbers(lanes, series.f64()?, with_float),
        DataType::Decimal(_, scale) => {
            let decimals = u32::try_from(*scale).unwrap_or(u32::MAX);
            add_numbers(lanes, series.decimal()?.physical(), |lanes, units| with_decimal(lanes, units, decimals));
        }
        DataType::String => add_texts(lanes, &series.str()?.as_binary()),
        DataType::Binary => add_texts(lanes, series.binary()?),
        // The text of a category, since its code may differ from file to file.
        DataType::Categorical(..) | DataType::Enum(..) => {
            add_texts(lanes, &series.cast(&DataType::String)?.str()?.as_binary());
        }
        DataType::List(_) => add_lists(lanes, series)?,
        DataType::Struct(_) => add_structs(lanes, series)?,
        kind if kind.is_array() => {
            let inner = kind.inner_dtype().cloned().unwrap_or(DataType::Null);
            add_lists(lanes, &series.cast(&DataType::List(Box::new(inner)))?)?;
        }
        _ => add_stored_integers(lanes, series)?,
    }
    Ok(())
}

/// Puts whole numbers, days and moments into the lanes.
fn add_stored_integers(lanes: &mut [Lanes], series: &Series) -> PolarsResult<()> {
    let ticks = |unit: &TimeUnit| match unit {
        TimeUnit::Nanoseconds => 1,
        TimeUnit::Microseconds => 1_000,
        TimeUnit::Milliseconds => 1_000_000,
    };
    match series.dtype() {
        DataType::Int64 => add_numbers(lanes, series.i64()?, with_integer),
        DataType::UInt64 => add_numbers(lanes, series.u64()?, |lanes, value| with_whole(lanes, value.into())),
        DataType::Date => add_numbers(lanes, series.date()?.physical(), |lanes, day| {
            with_word(lanes, i64::from(day).cast_unsigned() ^ DAY)
        }),
        // The zone is a way to display an instant.
        DataType::Datetime(unit, _) => {
            let unit = ticks(unit);
            add_numbers(lanes, series.datetime()?.physical(), |lanes, value| with_ticks(lanes, value, unit, MOMENT));
        }
        DataType::Duration(unit) => {
            let unit = ticks(unit);
            add_numbers(lanes, series.duration()?.physical(), |lanes, value| with_ticks(lanes, value, unit, SPAN));
        }
        DataType::Time => {
            let times = series.to_physical_repr();
            add_numbers(lanes, times.i64()?, |lanes, value| with_ticks(lanes, value, 1, TIME));
        }
        kind if kind.is_integer() => add_numbers(lanes, series.strict_cast(&DataType::Int64)?.i64()?, with_integer),
        other => polars_bail!(InvalidOperation: "rows cannot be compared by a column of type {other}"),
    }
    Ok(())
}

/// Puts lists into the lanes: the length, and each element as if it were a row.
fn add_lists(lanes: &mut [Lanes], series: &Series) -> PolarsResult<()> {
    let series = series.rechunk();
    let lists = series.list()?;
    let elements = lanes_of(&lists.get_inner())?;
    let Some(array) = lists.downcast_iter().next() else { return Ok(()) };
    for (row, lanes) in lanes.iter_mut().enumerate() {
        if array.is_null(row) {
            *lanes = with_null(*lanes);
            continue;
        }
        let (start, end) = array.offsets().start_end(row);
        *lanes = mixed(*lanes, [(end - start) as u64; 2], Kind::Element);
        for element in &elements[start..end] {
            *lanes = mixed(*lanes, *element, Kind::Element);
        }
    }
    Ok(())
}

/// Puts structs into the lanes: the names of the fields that have a value, in their alphabet, and the values.
fn add_structs(lanes: &mut [Lanes], series: &Series) -> PolarsResult<()> {
    let missing = series.is_null();
    let mut fields = series.struct_()?.fields_as_series();
    fields.sort_by(|a, b| a.name().cmp(b.name()));
    for (lanes, is_missing) in lanes.iter_mut().zip(missing.iter()) {
        *lanes = if is_missing == Some(true) { with_null(*lanes) } else { mixed(*lanes, [0, 0], Kind::Field) };
    }
    for field in fields {
        let name = hash_text(field.name().as_bytes());
        let (values, has_none) = (lanes_of(&field)?, field.is_null());
        let rows = lanes.iter_mut().zip(values).zip(has_none.iter().zip(missing.iter()));
        for ((lanes, value), _) in rows.filter(|(_, unset)| *unset == (Some(false), Some(false))) {
            *lanes = mixed(mixed(*lanes, [name; 2], Kind::Field), value, Kind::Value);
        }
    }
    Ok(())
}

/// Each value of a series as lanes of its own.
pub(super) fn lanes_of(series: &Series) -> PolarsResult<Vec<Lanes>> {
    let mut lanes = vec![START; series.len()];
    add(&mut lanes, series)?;
    Ok(lanes)
}

fn add_numbers<T: PolarsNumericType>(
    lanes: &mut [Lanes],
    values: &ChunkedArray<T>,
    with: impl Fn(Lanes, T::Native) -> Lanes,
) {
    add_each(lanes, values, |array| array.values().iter().copied(), with);
}

fn add_texts(lanes: &mut [Lanes], texts: &BinaryChunked) {
    // Texts up to this long lie in their view, and the rest of it is zero.
    const LONGEST_IN_VIEW: u32 = 12;
    add_each(
        lanes,
        texts,
        |array| array.views().iter().enumerate().map(move |(row, view)| (array, row, view)),
        |lanes, text| {
            let (array, row, view): (&BinaryViewArray, usize, _) = text;
            if view.length <= LONGEST_IN_VIEW {
                with_two_words(lanes, view.as_u128())
            } else {
                with_hash(lanes, array.value(row))
            }
        },
    );
}

/// Puts values into lanes, chunk by chunk; a missing one counts as such, whatever is stored in its place.
fn add_each<'a, T: PolarsDataType, V, I: Iterator<Item = V>>(
    lanes: &mut [Lanes],
    column: &'a ChunkedArray<T>,
    values: impl Fn(&'a T::Array) -> I,
    with: impl Fn(Lanes, V) -> Lanes,
) where
    T::Array: 'a,
{
    let mut rest = lanes;
    for array in column.downcast_iter() {
        let (own, others) = rest.split_at_mut(array.len());
        rest = others;
        match array.validity().filter(|validity: &&Bitmap| validity.unset_bits() > 0) {
            None => own.iter_mut().zip(values(array)).for_each(|(lanes, value)| *lanes = with(*lanes, value)),
            Some(validity) => {
                for ((lanes, value), is_there) in own.iter_mut().zip(values(array)).zip(validity.iter()) {
                    *lanes = if is_there { with(*lanes, value) } else { with_null(*lanes) };
                }
            }
        }
    }
}
