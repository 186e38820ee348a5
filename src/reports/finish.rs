//! From a report's plan to the published shape: columns, order and types as in the data dictionary.
//!
//! Lives here: the one conversion of money, dates and ids. Does not live here: any figure.

use polars::prelude::*;

use super::findings::Findings;
use crate::money::power_of_ten;
use crate::publish::options::MoneyType;
use crate::schema::{AS_OF, ColumnType, PublishedColumn};
use crate::values::{MONEY_PRECISION, Numbers, Values};

/// The table of `frame`: `as_of`, then these columns, each in its type. Money comes as minor units, dates as days.
///
/// # Errors
/// A Polars error where a column is missing or cannot have its type: a bug of the report.
pub(super) fn finish(frame: &DataFrame, columns: &[PublishedColumn], findings: &Findings) -> PolarsResult<DataFrame> {
    let rows = frame.height();
    let mut finished = Vec::with_capacity(columns.len() + 1);
    finished.push(as_of(findings, rows));
    for column in columns {
        finished.push(match findings.customers.known.lacks_for(column.entry.name) {
            Some(_) => unknown(column, rows, findings)?,
            None => typed(frame.column(&column.name)?, column.entry.kind, findings)?,
        });
    }
    DataFrame::new(rows, finished)
}

/// A column of what the input does not tell: nulls of its published type.
///
/// # Errors
/// As [`finish`].
pub(super) fn unknown(column: &PublishedColumn, rows: usize, findings: &Findings) -> PolarsResult<Column> {
    let dtype = match column.entry.kind {
        ColumnType::Text => DataType::String,
        ColumnType::Int32 | ColumnType::Date => DataType::Int32,
        ColumnType::Int64 | ColumnType::Id | ColumnType::Money => DataType::Int64,
        ColumnType::Double => DataType::Float64,
        ColumnType::Boolean => DataType::Boolean,
    };
    let nulls = Column::full_null(PlSmallStr::from_str(&column.name), rows, &dtype);
    typed(&nulls, column.entry.kind, findings)
}

/// The first column of every table.
#[must_use]
pub fn as_of(findings: &Findings, rows: usize) -> Column {
    let as_of = Scalar::new(DataType::Date, AnyValue::Date(findings.as_of));
    Column::new_scalar(AS_OF.name.into(), as_of, rows)
}

/// Values in the published type of their column. Money comes as minor units, dates as days.
///
/// # Errors
/// As [`finish`].
pub(super) fn typed_values<'a>(values: Values<'a>, kind: ColumnType, findings: &Findings) -> PolarsResult<Values<'a>> {
    match values {
        Values::Plain(values) => typed(&values, kind, findings).map(Values::Plain),
        Values::Numbers { numbers, .. } => typed_numbers(numbers, kind, findings),
        names @ Values::Names { .. } => Ok(names),
        Values::Gapped { values, filled } => {
            let values = Box::new(typed_values(*values, kind, findings)?);
            Ok(Values::Gapped { values, filled })
        }
    }
}

/// A column in its published type.
fn typed(column: &Column, kind: ColumnType, findings: &Findings) -> PolarsResult<Column> {
    typed_as(column, kind, findings.scale, findings.money)
}

/// The same, with money of so many decimals, stored so.
///
/// # Errors
/// As [`finish`].
pub(super) fn typed_as(column: &Column, kind: ColumnType, scale: u8, stored: MoneyType) -> PolarsResult<Column> {
    match kind {
        ColumnType::Text => column.strict_cast(&DataType::String),
        ColumnType::Int32 => column.strict_cast(&DataType::Int32),
        ColumnType::Int64 => column.strict_cast(&DataType::Int64),
        ColumnType::Double => column.strict_cast(&DataType::Float64),
        ColumnType::Date => column.strict_cast(&DataType::Int32)?.cast(&DataType::Date),
        ColumnType::Boolean => column.strict_cast(&DataType::Boolean),
        ColumnType::Money => money(column, scale, stored),
        ColumnType::Id => Ok(column.clone()),
    }
}

/// Whole numbers in their published type.
fn typed_numbers<'a>(numbers: Numbers<'a>, kind: ColumnType, findings: &Findings) -> PolarsResult<Values<'a>> {
    let dtype = match (kind, &numbers) {
        (ColumnType::Int32, Numbers::I32(_)) => DataType::Int32,
        (ColumnType::Date, Numbers::I32(_)) => DataType::Date,
        (ColumnType::Int64 | ColumnType::Id, Numbers::U32(_) | Numbers::I64(_)) => DataType::Int64,
        (ColumnType::Money, Numbers::I64(minor)) => match findings.money {
            MoneyType::Decimal => DataType::Decimal(MONEY_PRECISION, findings.scale.into()),
            MoneyType::Double => {
                let major: Vec<f64> = minor.iter().copied().map(major_units(findings.scale)).collect();
                return Ok(Values::Plain(Column::new(PlSmallStr::EMPTY, major)));
            }
        },
        _ => polars_bail!(SchemaMismatch: "whole numbers of another width than {}", kind.name()),
    };
    Ok(Values::Numbers { numbers, dtype })
}

fn money(column: &Column, scale: u8, stored: MoneyType) -> PolarsResult<Column> {
    let minor = column.strict_cast(&DataType::Int64)?;
    let minor = minor.i64()?;
    let name = column.name().clone();
    Ok(match stored {
        MoneyType::Decimal => {
            let wide = if minor.null_count() == 0 {
                Int128Chunked::from_iter_values(name, minor.into_no_null_iter().map(i128::from))
            } else {
                Int128Chunked::from_iter_options(name, minor.iter().map(|minor| minor.map(i128::from)))
            };
            wide.into_decimal_unchecked(MONEY_PRECISION, scale.into()).into_column()
        }
        MoneyType::Double => {
            let major = minor.iter().map(|minor| minor.map(|minor| to_major(minor, scale)));
            Float64Chunked::from_iter_options(name, major).into_column()
        }
    })
}

/// Minor units as a float of major ones: one division of numbers that floats can hold, so that 1999 is 19.99.
#[must_use]
pub fn to_major(minor: i64, scale: u8) -> f64 {
    major_units(scale)(minor)
}

/// The same for many.
#[allow(clippy::cast_precision_loss)]
pub(super) fn major_units(scale: u8) -> impl Fn(i64) -> f64 {
    let unit = power_of_ten(scale) as f64;
    move |minor| minor as f64 / unit
}
