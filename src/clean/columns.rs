//! From the columns of a batch to plain slices: the only code that knows how Polars stores them.
//!
//! Lives here: values and validity of integers, floats, decimals, timestamps and texts. Does not live here: what the
//! values mean (`judge`, `money`, `dates`).

use polars::prelude::*;
use polars_arrow::array::{PrimitiveArray, Utf8ViewArray};
use polars_arrow::bitmap::Bitmap;

use super::arrays::{nulls_of, one_chunk};
use super::whole_numbers::whole_numbers;
pub use super::whole_numbers::{IDS_TOO_LARGE, NOT_WHOLE};
use super::zone::Unit;
use crate::money::{self, Minor};

/// A day that is null in the input.
pub(super) const NULL_DAY: i32 = i32::MIN + 1;
/// A day that is no date.
pub(super) const NO_DAY: i32 = i32::MIN;

/// Integer values and where they are null.
#[derive(Debug)]
pub(super) struct Integers {
    array: PrimitiveArray<i64>,
}

impl Integers {
    pub(super) fn values(&self) -> &[i64] {
        self.array.values()
    }

    pub(super) fn validity(&self) -> Option<&Bitmap> {
        nulls_of(&self.array)
    }
}

/// Text values and where they are null.
#[derive(Debug)]
pub(super) struct Texts {
    array: Utf8ViewArray,
}

impl Texts {
    /// The bytes of every text; null is empty.
    pub(super) fn bytes(&self) -> Vec<&[u8]> {
        match self.validity() {
            None => self.array.values_iter().map(str::as_bytes).collect(),
            Some(_) => self.array.iter().map(|text| text.map_or(&[][..], str::as_bytes)).collect(),
        }
    }

    pub(super) fn validity(&self) -> Option<&Bitmap> {
        nulls_of(&self.array)
    }
}

/// An id column: integers of any width as 64 bits, else text.
#[derive(Debug)]
pub(super) enum IdColumn {
    Integer(Integers),
    Text(Texts),
}

impl IdColumn {
    /// Order ids: only whether they are equal matters, so unsigned ones keep their bits.
    pub(super) fn of_orders(column: &Column) -> PolarsResult<Self> {
        if *column.dtype() != DataType::UInt64 {
            return Ok(match whole_numbers(column, "order ids")? {
                Some(numbers) => Self::Integer(Integers { array: numbers.identities() }),
                None => Self::new(column)?,
            });
        }
        let unsigned = one_chunk(column.u64()?);
        let bits: Vec<i64> = unsigned.values().iter().map(|id| id.cast_signed()).collect();
        let array = PrimitiveArray::from_vec(bits).with_validity(unsigned.validity().cloned());
        Ok(Self::Integer(Integers { array }))
    }

    /// Customer ids. `as_texts`: numbers are texts of their digits, since some of them do not fit into 64 bits.
    pub(super) fn of_customers(column: &Column, as_texts: bool) -> PolarsResult<Self> {
        Ok(match whole_numbers(column, "customer ids")? {
            Some(numbers) if as_texts => Self::Text(Texts { array: numbers.texts() }),
            Some(numbers) => Self::Integer(Integers { array: numbers.integers()? }),
            None if as_texts && column.dtype().is_integer() => {
                let texts = column.strict_cast(&DataType::String)?;
                Self::Text(Texts { array: one_chunk(texts.str()?) })
            }
            None => Self::new(column)?,
        })
    }

    fn new(column: &Column) -> PolarsResult<Self> {
        if *column.dtype() == DataType::UInt64 && column.u64()?.max().is_some_and(|id| i64::try_from(id).is_err()) {
            polars_bail!(ComputeError: "{IDS_TOO_LARGE}");
        }
        if column.dtype().is_integer() {
            Ok(Self::Integer(integers(column)?))
        } else {
            let texts = column.strict_cast(&DataType::String)?;
            let array = one_chunk(texts.str()?);
            Ok(Self::Text(Texts { array }))
        }
    }

    /// The rows whose integer id is one of these, given as texts; none for a column of texts.
    pub(super) fn rows_of(&self, ids: &[String]) -> Vec<usize> {
        let wanted: Vec<i64> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        match self {
            Self::Integer(integers) if !wanted.is_empty() => {
                (0..).zip(integers.values()).filter(|(_, id)| wanted.contains(id)).map(|(row, _)| row).collect()
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn validity(&self) -> Option<&Bitmap> {
        match self {
            Self::Integer(integers) => integers.validity(),
            Self::Text(texts) => texts.validity(),
        }
    }
}

pub(super) fn integers(column: &Column) -> PolarsResult<Integers> {
    let cast = column.strict_cast(&DataType::Int64)?;
    Ok(Integers { array: one_chunk(cast.i64()?) })
}

/// The unit of the engine as ours.
pub(super) fn unit_of(unit: TimeUnit) -> Unit {
    match unit {
        TimeUnit::Milliseconds => Unit::Milliseconds,
        TimeUnit::Microseconds => Unit::Microseconds,
        TimeUnit::Nanoseconds => Unit::Nanoseconds,
    }
}

/// Amounts in minor units, and the rows whose amounts need a note.
#[derive(Debug, Default)]
pub(super) struct Amounts {
    /// Zero where there is none.
    pub(super) minor: Vec<i64>,
    /// At most one for each row, but for rows without a currency.
    pub(super) odd: Vec<(usize, Odd)>,
}

/// What is unusual about an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Odd {
    Null,
    NotFinite,
    TooLarge,
    Rounded,
    /// The text of its currency is null or blank.
    NoCurrency,
    /// Its currency has no rate on its day.
    NoRate,
}

impl Amounts {
    #[inline]
    fn push(&mut self, amount: Minor) {
        let (minor, odd) = match amount {
            Minor::Exact(minor) => {
                self.minor.push(minor);
                return;
            }
            Minor::Rounded(minor) => (minor, Odd::Rounded),
            Minor::NotFinite => (0, Odd::NotFinite),
            Minor::TooLarge => (0, Odd::TooLarge),
        };
        self.odd.push((self.minor.len(), odd));
        self.minor.push(minor);
    }

    fn push_floats(&mut self, values: &[f64], scale: u8) {
        let before = self.minor.len();
        self.minor.resize(before + values.len(), 0);
        if !money::all_exact(values, scale, &mut self.minor[before..]) {
            self.minor.truncate(before);
            for value in values {
                self.push(money::from_float(*value, scale));
            }
        }
    }

    pub(super) fn mark_nulls(&mut self, validity: Option<&Bitmap>) {
        let Some(validity) = validity else { return };
        self.odd.retain(|(row, _)| validity.get_bit(*row));
        for (row, _) in validity.iter().enumerate().filter(|(_, valid)| !valid) {
            self.minor[row] = 0;
            self.odd.push((row, Odd::Null));
        }
    }
}

/// If one of this many floats is unusual, they are all converted one by one.
const FLOATS_AT_ONCE: usize = 512;

/// The amounts of one column.
pub(super) fn amounts(column: &Column, scale: u8) -> PolarsResult<Amounts> {
    let mut amounts = Amounts { minor: Vec::with_capacity(column.len()), odd: Vec::new() };
    match column.dtype() {
        DataType::Float64 => {
            let array = one_chunk(column.f64()?);
            array.values().chunks(FLOATS_AT_ONCE).for_each(|values| amounts.push_floats(values, scale));
            amounts.mark_nulls(nulls_of(&array));
        }
        DataType::Float32 => {
            let array = one_chunk(column.f32()?);
            array.values().iter().for_each(|value| amounts.push(money::from_short_float(*value, scale)));
            amounts.mark_nulls(nulls_of(&array));
        }
        _ => {
            let exact = Exact::new(column)?;
            exact.units.iter().for_each(|units| amounts.push(money::from_decimal(*units, exact.decimals, scale)));
            amounts.mark_nulls(exact.validity.as_ref());
        }
    }
    Ok(amounts)
}

/// Integers or decimals as `units * 10^-decimals`.
pub(super) struct Exact {
    pub(super) units: Vec<i128>,
    pub(super) decimals: u32,
    pub(super) validity: Option<Bitmap>,
}

impl Exact {
    pub(super) fn new(column: &Column) -> PolarsResult<Self> {
        match column.dtype() {
            DataType::Decimal(_, scale) => {
                let decimals = u32::try_from(*scale).unwrap_or(u32::MAX);
                let array = one_chunk(column.decimal()?.physical());
                let validity = nulls_of(&array).cloned();
                Ok(Self { units: array.values().as_slice().to_vec(), decimals, validity })
            }
            DataType::UInt64 => {
                let array = one_chunk(column.u64()?);
                let units = array.values().iter().map(|value| i128::from(*value)).collect();
                Ok(Self { units, decimals: 0, validity: nulls_of(&array).cloned() })
            }
            _ => {
                let integers = integers(column)?;
                let units = integers.values().iter().map(|value| i128::from(*value)).collect();
                Ok(Self { units, decimals: 0, validity: integers.validity().cloned() })
            }
        }
    }
}

/// The amounts `quantity * unit_price`: exact where both are integers or decimals, else through floats.
pub(super) fn products(quantity: &Column, unit_price: &Column, scale: u8) -> PolarsResult<Amounts> {
    let is_exact = |column: &Column| !column.dtype().is_float();
    let mut amounts = Amounts { minor: Vec::with_capacity(quantity.len()), odd: Vec::new() };
    if is_exact(quantity) && is_exact(unit_price) {
        let (left, right) = (Exact::new(quantity)?, Exact::new(unit_price)?);
        for (a, b) in left.units.iter().zip(&right.units) {
            let product = a.checked_mul(*b);
            amounts.push(product.map_or(Minor::TooLarge, |units| {
                money::from_decimal(units, left.decimals.saturating_add(right.decimals), scale)
            }));
        }
        amounts.mark_nulls(left.validity.as_ref());
        amounts.mark_nulls(right.validity.as_ref());
        return Ok(amounts);
    }
    let (left, right) = (quantity.cast(&DataType::Float64)?, unit_price.cast(&DataType::Float64)?);
    let (left, right) = (one_chunk(left.f64()?), one_chunk(right.f64()?));
    for (a, b) in left.values().iter().zip(right.values().iter()) {
        amounts.push(money::from_float(a * b, scale));
    }
    amounts.mark_nulls(nulls_of(&left));
    amounts.mark_nulls(nulls_of(&right));
    Ok(amounts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsigned_ids_beyond_the_sign_are_refused_without_showing_them_and_order_ids_keep_their_bits() {
        let large = Column::new("id".into(), [1_u64, u64::MAX]);
        let error = IdColumn::new(&large).unwrap_err().to_string();
        assert!(error.contains(IDS_TOO_LARGE) && !error.contains("18446744073709551615"), "{error}");
        assert!(IdColumn::new(&Column::new("id".into(), [1_u64, 2])).is_ok());
        let IdColumn::Integer(orders) = IdColumn::of_orders(&large).unwrap() else { panic!("integers") };
        assert_eq!(orders.values(), [1, -1]);
    }
}
