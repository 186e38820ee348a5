//! The values of all customers, and from them the columns of the customers table.
//!
//! Does not live here: how values become words (`words`).

use std::ops::Range;

use polars::prelude::*;

use super::words::{Form, float_of, integer_of, wide_of};
use crate::clean::moment::moment_text;
use crate::clean::zone::Unit;
use crate::customers::payload::texts::TextWords;
use crate::customers::payload::{LongTexts, PerCustomer};
use crate::source::kinds::{ColumnKind, TimeUnit as Ticks};

/// The values of an attribute, one per customer.
#[derive(Debug)]
pub(super) enum Values {
    Narrow(Vec<Option<u64>>),
    Wide(Vec<Option<[u64; 2]>>),
    Text(Vec<TextWords>),
}

impl Values {
    /// Those of a field whose moment has so many words.
    pub(super) fn of(customers: &PerCustomer, field: usize, form: Form, moment: usize) -> Self {
        // The first word of a moment is never zero.
        match form {
            Form::Narrow => Self::Narrow(customers.words(field, |words| (words[0] != 0).then(|| words[moment]))),
            Form::Wide => {
                let value = |words: &[u64]| (words[0] != 0).then(|| [words[moment], words[moment + 1]]);
                Self::Wide(customers.words(field, value))
            }
            Form::Text => Self::Text(customers.texts(field, moment)),
        }
    }

    pub(super) fn reorder(&mut self, order: &[u32]) {
        fn reordered<T: Copy>(values: &mut Vec<T>, order: &[u32]) {
            *values = order.iter().map(|row| values[*row as usize]).collect();
        }
        match self {
            Self::Narrow(values) => reordered(values, order),
            Self::Wide(values) => reordered(values, order),
            Self::Text(values) => reordered(values, order),
        }
    }
}

/// The column of some customers.
pub(super) fn column(
    name: &str,
    kind: &ColumnKind,
    values: &Values,
    customers: Range<usize>,
    long_texts: &LongTexts,
) -> PolarsResult<Column> {
    let name = PlSmallStr::from_str(name);
    match values {
        Values::Narrow(values) => numbers(name, kind, &values[customers]),
        Values::Wide(values) => {
            let values = values[customers].iter().map(|value| value.map(|value| text(wide_of(value), kind)));
            Ok(StringChunked::from_iter_options(name, values).into_column())
        }
        Values::Text(values) => {
            let values = &values[customers];
            let mut column = StringChunkedBuilder::new(name, values.len());
            for words in values {
                if words.is_none() {
                    column.append_null();
                } else if words.is_long() {
                    column.append_value(utf8(long_texts.get(words.reference()))?);
                } else {
                    let (bytes, length) = words.short_bytes();
                    column.append_value(utf8(&bytes[..length])?);
                }
            }
            Ok(column.finish().into_column())
        }
    }
}

fn utf8(bytes: &[u8]) -> PolarsResult<&str> {
    std::str::from_utf8(bytes).map_err(|error| polars_err!(ComputeError: "{error}"))
}

fn numbers(name: PlSmallStr, kind: &ColumnKind, values: &[Option<u64>]) -> PolarsResult<Column> {
    let integers = || values.iter().map(|value| value.map(integer_of));
    Ok(match kind {
        ColumnKind::Bool => {
            BooleanChunked::from_iter_options(name, integers().map(|value| value.map(|value| value != 0))).into_column()
        }
        ColumnKind::Int { bits, signed } if *signed || *bits < 64 => {
            Int64Chunked::from_iter_options(name, integers()).into_column()
        }
        ColumnKind::Int { .. } => {
            let texts = values.iter().map(|value| value.map(|value| value.to_string()));
            StringChunked::from_iter_options(name, texts).into_column()
        }
        ColumnKind::Date => Int64Chunked::from_iter_options(name, integers())
            .cast(&DataType::Int32)?
            .cast(&DataType::Date)?
            .into_column(),
        ColumnKind::Float32 | ColumnKind::Float64 => {
            let floats = values.iter().map(|value| value.map(float_of));
            Float64Chunked::from_iter_options(name, floats).into_column()
        }
        kind => {
            let texts = integers().map(|value| value.map(|value| text(i128::from(value), kind)));
            StringChunked::from_iter_options(name, texts).into_column()
        }
    })
}

/// A number without a type of its own as text: of decimals all digits, of timestamps the moment.
fn text(number: i128, kind: &ColumnKind) -> String {
    match kind {
        ColumnKind::Timestamp { unit, utc } => {
            let unit = match unit {
                Ticks::Ms => Unit::Milliseconds,
                Ticks::Us => Unit::Microseconds,
                Ticks::Ns => Unit::Nanoseconds,
            };
            i64::try_from(number).map_or_else(|_| number.to_string(), |ticks| moment_text(ticks, unit, *utc))
        }
        ColumnKind::Decimal { scale, .. } if *scale > 0 => {
            let width = *scale as usize;
            let digits = format!("{:0>least$}", number.unsigned_abs(), least = width + 1);
            let (whole, part) = digits.split_at(digits.len() - width);
            format!("{}{whole}.{part}", if number < 0 { "-" } else { "" })
        }
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_without_a_type_of_their_own_are_written_in_full() {
        let decimal = ColumnKind::Decimal { precision: 9, scale: 2 };
        assert_eq!(text(-5, &decimal), "-0.05");
        assert_eq!(text(12_345, &decimal), "123.45");
        assert_eq!(text(12, &ColumnKind::Decimal { precision: 9, scale: 0 }), "12");
        let stamp = ColumnKind::Timestamp { unit: Ticks::Us, utc: true };
        assert_eq!(text(1, &stamp), "1970-01-01 00:00:00.000001 UTC");
        let large = ColumnKind::Int { bits: 64, signed: false };
        let column = numbers("n".into(), &large, &[Some(u64::MAX), None]).unwrap();
        assert_eq!(column.str().unwrap().iter().collect::<Vec<_>>(), [Some("18446744073709551615"), None]);
    }
}
