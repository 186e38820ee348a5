//! Values of a data frame as they are written into cells.
//!
//! Does not live here: the forms of files (`csv`, `xlsx`).

use polars::prelude::*;

/// A value in a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// Nothing.
    Empty,
    /// A number, as it is written: the shortest decimals that are read back as the same.
    Number(String),
    /// A day since 1970-01-01, and its text.
    Day(i32, String),
    /// True or false.
    Bool(bool),
    /// A text.
    Text(std::borrow::Cow<'a, str>),
}

/// The value of a column in a row.
///
/// # Errors
/// A Polars error where there is no such row.
pub fn cell(column: &Column, row: usize) -> PolarsResult<Cell<'_>> {
    Ok(match column.get(row)? {
        AnyValue::Null => Cell::Empty,
        AnyValue::Boolean(value) => Cell::Bool(value),
        AnyValue::String(text) => Cell::Text(text.into()),
        AnyValue::StringOwned(text) => Cell::Text(text.to_string().into()),
        AnyValue::Date(day) => Cell::Day(day, crate::day::date_text(day)),
        AnyValue::Float64(value) if value.is_finite() => Cell::Number(value.to_string()),
        AnyValue::Float32(value) if value.is_finite() => Cell::Number(value.to_string()),
        AnyValue::Decimal(value, _, scale) => Cell::Number(decimal(value, scale)),
        value if value.dtype().is_integer() => Cell::Number(value.to_string()),
        value => Cell::Text(value.to_string().into()),
    })
}

/// A decimal with all its digits: 19.90.
fn decimal(value: i128, scale: usize) -> String {
    if scale == 0 {
        return value.to_string();
    }
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, decimals) = digits.split_at(digits.len() - scale);
    format!("{}{whole}.{decimals}", if value < 0 { "-" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_have_all_their_digits() {
        for (value, scale, text) in [(1990, 2, "19.90"), (-5, 2, "-0.05"), (0, 3, "0.000"), (12, 0, "12")] {
            assert_eq!(decimal(value, scale), text);
        }
    }

    #[test]
    fn values_of_every_published_type() {
        let number = |text: &str| Cell::Number(text.to_owned());
        let first = |column: Column| format!("{:?}", cell(&column, 0).unwrap());
        let expect = |column: Column, expected: Cell<'_>| assert_eq!(first(column), format!("{expected:?}"));
        expect(Column::new("a".into(), [0.1_f64]), number("0.1"));
        expect(Column::new("a".into(), [-7_i64]), number("-7"));
        expect(Column::new("a".into(), [7_i32]), number("7"));
        expect(Column::new("a".into(), [true]), Cell::Bool(true));
        expect(Column::new("a".into(), ["=x"]), Cell::Text("=x".into()));
        expect(Column::new("a".into(), [None::<i64>]), Cell::Empty);
        let day = Column::new("a".into(), [20_454_i32]).cast(&DataType::Date).unwrap();
        expect(day, Cell::Day(20_454, "2026-01-01".to_owned()));
    }
}
