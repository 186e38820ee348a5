//! Columns of a data frame as rows of an expression, and its values as a column.
//!
//! Does not live here: computing (`evaluate`).

use std::borrow::Cow;

use polars::prelude::*;
use polars_arrow::array::{Array, BooleanArray, PrimitiveArray, Utf8ViewArray};

use super::calendar::read_date;
use super::cell::{Cell, NULL, State, VALUE, Values, Vector};
use super::evaluate::Rows;
use super::numbers;
use super::tree::InputColumn;
use super::types::{MOST_DIGITS, Type};

/// A column as it is stored.
#[derive(Debug)]
pub(super) enum Source {
    Bool(BooleanArray),
    Int(PrimitiveArray<i64>),
    Unsigned(PrimitiveArray<u64>),
    /// Decimals with this many digits more than they are stored with.
    Decimal(PrimitiveArray<i128>),
    Float(PrimitiveArray<f64>),
    Days(PrimitiveArray<i32>),
    /// Ticks, and nanoseconds of each.
    Moments(PrimitiveArray<i64>, i128),
    Text(Utf8ViewArray),
    /// Names of directories that are numbers or dates.
    Key(Utf8ViewArray, Type),
    /// Nothing but nulls.
    Null,
    /// Only whether values are null.
    Other(BooleanArray),
}

fn one_chunk<T: PolarsDataType>(values: &ChunkedArray<T>) -> T::Array {
    values.rechunk().downcast_as_array().clone()
}

impl Source {
    /// # Errors
    /// A Polars error where the column is of a type that the footers did not state.
    pub(super) fn new(column: &Column, wanted: &InputColumn) -> PolarsResult<Self> {
        let ticks = |column: &Column| Ok::<_, PolarsError>(one_chunk(column.datetime()?.physical()));
        if wanted.kind == Type::Other {
            return Ok(Self::Other(one_chunk(&column.is_null())));
        }
        Ok(match column.dtype() {
            DataType::Null => Self::Null,
            DataType::Boolean => Self::Bool(one_chunk(column.bool()?)),
            DataType::UInt64 => Self::Unsigned(one_chunk(column.u64()?)),
            dtype if dtype.is_integer() => Self::Int(one_chunk(column.strict_cast(&DataType::Int64)?.i64()?)),
            DataType::Decimal(..) => Self::Decimal(one_chunk(column.decimal()?.physical())),
            DataType::Float32 | DataType::Float64 => {
                Self::Float(one_chunk(column.strict_cast(&DataType::Float64)?.f64()?))
            }
            DataType::Date => Self::Days(one_chunk(column.date()?.physical())),
            DataType::Datetime(TimeUnit::Milliseconds, _) => Self::Moments(ticks(column)?, 1_000_000),
            DataType::Datetime(TimeUnit::Microseconds, _) => Self::Moments(ticks(column)?, 1_000),
            DataType::Datetime(TimeUnit::Nanoseconds, _) => Self::Moments(ticks(column)?, 1),
            _ => {
                let texts = one_chunk(column.strict_cast(&DataType::String)?.str()?);
                if wanted.is_key && wanted.kind != Type::Text {
                    Self::Key(texts, wanted.kind)
                } else {
                    Self::Text(texts)
                }
            }
        })
    }

    fn array(&self) -> Option<&dyn Array> {
        Some(match self {
            Self::Bool(array) | Self::Other(array) => array,
            Self::Int(array) | Self::Moments(array, _) => array,
            Self::Unsigned(array) => array,
            Self::Decimal(array) => array,
            Self::Float(array) => array,
            Self::Days(array) => array,
            Self::Text(array) | Self::Key(array, _) => array,
            Self::Null => return None,
        })
    }
}

/// Some rows of the columns of an expression.
pub(super) struct Block<'a> {
    pub(super) sources: &'a [Source],
    pub(super) kinds: &'a [InputColumn],
    pub(super) start: usize,
    pub(super) count: usize,
}

impl<'a> Rows<'a> for Block<'a> {
    fn count(&self) -> usize {
        self.count
    }

    fn column(&self, index: usize, as_text: bool) -> Vector<'a> {
        let class = self.kinds.get(index).map_or(Type::Null, |column| column.kind).class();
        let nulls = || Vector::of(class, self.count, |_| Ok(Cell::Null));
        let Some(source) = self.sources.get(index) else { return nulls() };
        let Some(array) = source.array() else { return nulls() };
        let (from, to) = (self.start, self.start + self.count);
        let mut states: Vec<State> = match array.validity().filter(|validity| validity.unset_bits() > 0) {
            None => vec![VALUE; self.count],
            Some(validity) => (from..to).map(|row| State::from(!validity.get_bit(row)) * NULL).collect(),
        };
        let values = match source {
            Source::Bool(array) => Values::Bool((from..to).map(|row| array.value(row)).collect()),
            Source::Int(array) => exact(&array.values()[from..to]),
            Source::Unsigned(array) => exact(&array.values()[from..to]),
            Source::Decimal(array) => Values::Exact(array.values()[from..to].to_vec()),
            Source::Float(array) => Values::Float(array.values()[from..to].to_vec()),
            Source::Days(array) => exact(&array.values()[from..to]),
            Source::Moments(array, nanos) => {
                Values::Exact(array.values()[from..to].iter().map(|ticks| i128::from(*ticks) * nanos).collect())
            }
            Source::Key(array, kind) if !as_text => keys(array, *kind, from, &mut states),
            Source::Text(array) | Source::Key(array, _) => {
                let text = |row: usize| if states[row - from] == VALUE { array.value(row) } else { "" };
                Values::Text((from..to).map(|row| Cow::Borrowed(text(row))).collect())
            }
            Source::Other(array) => {
                states = (from..to).map(|row| State::from(array.value(row)) * NULL).collect();
                Values::Bool(vec![false; self.count])
            }
            Source::Null => return nulls(),
        };
        Vector { values, states }
    }
}

fn exact<'a, T: Copy + Into<i128>>(values: &[T]) -> Values<'a> {
    Values::Exact(values.iter().map(|value| (*value).into()).collect())
}

/// Rows that follow one another mostly come from one file: its key is read once.
fn keys<'a>(array: &'a Utf8ViewArray, kind: Type, from: usize, states: &mut [State]) -> Values<'a> {
    let mut last: Option<(&str, Option<i128>)> = None;
    let mut values = Vec::with_capacity(states.len());
    for (row, state) in (from..).zip(states) {
        let text = if *state == VALUE { array.value(row) } else { "" };
        let value = match last {
            Some((known, value)) if known == text => value,
            _ => read_key(text, kind),
        };
        last = Some((text, value));
        *state = if value.is_some() { *state } else { NULL };
        values.push(value.unwrap_or_default());
    }
    Values::Exact(values)
}

/// The name of a directory as a number or a date.
pub(super) fn read_key(text: &str, kind: Type) -> Option<i128> {
    match kind {
        Type::Int => text.parse::<i64>().ok().map(i128::from),
        Type::Date => read_date(text).filter(|_| text.len() == "2024-01-31".len()),
        _ => None,
    }
}

/// The type of the engine that the values become.
pub(super) fn type_of(kind: Type) -> DataType {
    match kind {
        Type::Null | Type::Bool | Type::Other => DataType::Boolean,
        Type::Int => DataType::Int64,
        Type::Decimal { scale } => DataType::Decimal(MOST_DIGITS as usize, scale as usize),
        Type::Float { .. } => DataType::Float64,
        Type::Text => DataType::String,
        Type::Date => DataType::Date,
        Type::Moment { instant, digits } => {
            DataType::Datetime(unit_of(digits), instant.then_some(polars::prelude::TimeZone::UTC))
        }
    }
}

const fn unit_of(digits: u32) -> TimeUnit {
    match digits {
        ..=3 => TimeUnit::Milliseconds,
        4..=6 => TimeUnit::Microseconds,
        _ => TimeUnit::Nanoseconds,
    }
}

/// The values of all blocks, which become a column.
pub(super) struct Collected {
    kind: Type,
    bools: BooleanChunkedBuilder,
    texts: StringChunkedBuilder,
    integers: Vec<Option<i64>>,
    decimals: Vec<Option<i128>>,
    floats: Vec<Option<f64>>,
}

impl Collected {
    pub(super) fn new(kind: Type, rows: usize) -> Self {
        let capacity = |is_wanted: bool| if is_wanted { rows } else { 0 };
        let is_bool = matches!(kind, Type::Bool | Type::Null | Type::Other);
        let is_decimal = matches!(kind, Type::Decimal { .. });
        let name = PlSmallStr::EMPTY;
        Self {
            kind,
            bools: BooleanChunkedBuilder::new(name.clone(), capacity(is_bool)),
            texts: StringChunkedBuilder::new(name, capacity(kind == Type::Text)),
            integers: Vec::with_capacity(capacity(kind.class() == super::types::Class::Exact && !is_decimal)),
            decimals: Vec::with_capacity(capacity(is_decimal)),
            floats: Vec::with_capacity(capacity(matches!(kind, Type::Float { .. }))),
        }
    }

    /// Adds the rows of a block; the first fault ends it, as its state. A moment that the unit cannot hold is null.
    pub(super) fn add(&mut self, vector: &Vector<'_>) -> Result<(), State> {
        if let Some(fault) = vector.states.iter().find(|state| **state > NULL) {
            return Err(*fault);
        }
        let is_value = |row: usize| vector.states[row] == VALUE;
        let rows = 0..vector.states.len();
        match &vector.values {
            Values::Bool(values) => rows.for_each(|row| self.bools.append_option(is_value(row).then(|| values[row]))),
            Values::Text(values) => {
                rows.for_each(|row| self.texts.append_option(is_value(row).then(|| values[row].as_ref())));
            }
            Values::Float(values) => self.floats.extend(rows.map(|row| is_value(row).then(|| values[row]))),
            Values::Exact(values) if matches!(self.kind, Type::Decimal { .. }) => {
                self.decimals.extend(rows.map(|row| is_value(row).then(|| values[row])));
            }
            Values::Exact(values) => {
                let per_tick = match self.kind {
                    Type::Moment { digits, .. } => numbers::power_of_ten(9 - digits.min(9)).unwrap_or(1),
                    _ => 1,
                };
                let held = |value: i128| i64::try_from(value.div_euclid(per_tick)).ok();
                self.integers.extend(rows.map(|row| is_value(row).then(|| held(values[row])).flatten()));
            }
        }
        Ok(())
    }

    /// # Errors
    /// None that the engine should have.
    pub(super) fn into_column(self, name: PlSmallStr) -> PolarsResult<Column> {
        let integers = || Int64Chunked::from_iter_options(name.clone(), self.integers.iter().copied());
        let series = match self.kind {
            Type::Null | Type::Bool | Type::Other => self.bools.finish().into_series(),
            Type::Text => self.texts.finish().into_series(),
            Type::Float { .. } => {
                Float64Chunked::from_iter_options(name.clone(), self.floats.into_iter()).into_series()
            }
            Type::Int => integers().into_series(),
            Type::Date => integers().into_series().cast(&DataType::Int32)?.cast(&DataType::Date)?,
            Type::Moment { instant, digits } => {
                let zone = instant.then_some(polars::prelude::TimeZone::UTC);
                integers().into_datetime(unit_of(digits), zone).into_series()
            }
            Type::Decimal { scale } => Int128Chunked::from_iter_options(name.clone(), self.decimals.into_iter())
                .into_decimal_unchecked(MOST_DIGITS as usize, scale as usize)
                .into_series(),
        };
        Ok(series.with_name(name).into_column())
    }
}
