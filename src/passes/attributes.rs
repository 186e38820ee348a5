//! The last value of further columns per customer: a pass of its own over the input, only where it is asked for.
//!
//! Of a customer's kept rows the one with the latest date decides, of several the greatest value; a row where the value
//! is null says nothing. So neither the order of rows nor the number of threads changes a value.
//! Does not live here: the customers (`customers`), and their other columns (`reports`).

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use polars::prelude::*;

use super::reading::{Reading, sole};
use crate::batch::Ids;
use crate::batch::role;
use crate::clean::judge::{Judge, Judged, Rules};
use crate::clean::moment::moment_text;
use crate::clean::zone::Unit;
use crate::customers::{CustomerIds, Customers};
use crate::error::{Error, Result};
use crate::input::Input;
use crate::progress::Progress;
use crate::source::kinds::{ColumnKind, TimeUnit as Ticks};
use crate::source::options::InputOptions;
use crate::source::scan::Further;

/// Customers behind one lock.
const CUSTOMERS_PER_LOCK: usize = 1024;

/// The attributes of all customers, in the order of the customers table.
#[derive(Debug, Default)]
pub struct Attributes {
    columns: Vec<Attribute>,
}

#[derive(Debug)]
struct Attribute {
    /// Its name in the input, and in the table.
    name: String,
    kind: ColumnKind,
    last: Vec<Option<Value>>,
}

/// A value that can be compared with others of its column. Booleans, dates, timestamps and decimals are numbers.
#[derive(Debug, Clone, PartialEq)]
enum Value<T = Box<str>> {
    Number(i128),
    Double(f64),
    Text(T),
}

impl<T: AsRef<str>> Value<T> {
    fn compare<U: AsRef<str>>(&self, other: &Value<U>) -> Ordering {
        match (self, other) {
            (Self::Number(a), Value::Number(b)) => a.cmp(b),
            (Self::Double(a), Value::Double(b)) => a.total_cmp(b),
            (Self::Text(a), Value::Text(b)) => a.as_ref().cmp(b.as_ref()),
            // One column has one kind.
            _ => Ordering::Equal,
        }
    }
}

impl Value<&str> {
    fn owned(&self) -> Value {
        match self {
            Self::Number(number) => Value::Number(*number),
            Self::Double(number) => Value::Double(*number),
            Self::Text(text) => Value::Text((*text).into()),
        }
    }
}

/// The best value so far, and its row's date in the finest unit.
type Seen = Option<(i128, Value)>;

/// What is known so far: per customer one entry per attribute, in pieces with a lock each.
struct Fold {
    ids: CustomerIds,
    kinds: Vec<ColumnKind>,
    time: ColumnKind,
    pieces: Vec<Mutex<Vec<Seen>>>,
}

impl Attributes {
    /// Reads the attributes of the customers; nothing where none are asked for.
    ///
    /// # Errors
    /// A source error where a file cannot be decoded.
    pub fn read(
        input: &Input,
        options: &InputOptions,
        rules: &Rules,
        customers: &mut Customers,
        progress: &Progress,
    ) -> Result<Self> {
        let wanted: Vec<_> = input.contract.attributes().collect();
        let Some(time) = input.contract.column(crate::source::contract::Role::OrderTs) else {
            return Ok(Self::default());
        };
        if wanted.is_empty() {
            return Ok(Self::default());
        }
        progress.begin("read attributes", input.contract.rows);
        let kinds = wanted.iter().map(|column| column.kind.clone()).collect();
        let fold = Arc::new(Fold::new(std::mem::take(&mut customers.ids), kinds, time.kind.clone()));
        let judge = Arc::new(Judge::new(Rules { quarantine_rows: 0, ..rules.clone() }));
        let adding = Arc::clone(&fold);
        let further = Further { attributes: true, ..Further::default() };
        let reading = Reading { further, ..Reading::new(input, options, progress) };
        let read = reading.for_each_batch(&judge, move |batch, judged| {
            adding.add(judged, batch).map_err(|error| Error::source("an attribute cannot be read").cause(error))
        });
        progress.finish();
        read?;
        let fold = sole(fold)?;
        let last = last_of(fold.pieces, wanted.len());
        customers.ids = fold.ids;
        let columns = wanted.iter().zip(last);
        let columns =
            columns.map(|(column, last)| Attribute { name: column.name.clone(), kind: column.kind.clone(), last });
        Ok(Self { columns: columns.collect() })
    }

    /// Puts the customers into another order: `order` names for each place the row that goes there.
    pub fn reorder(&mut self, order: &[u32]) {
        for attribute in &mut self.columns {
            attribute.last = order.iter().map(|row| attribute.last[*row as usize].take()).collect();
        }
    }

    /// Their names, in the order of the columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|attribute| attribute.name.as_str())
    }

    /// The attribute at `place` of some customers, as a column.
    ///
    /// # Errors
    /// A Polars error where the values do not fit their kind, which would be a bug.
    pub fn column(&self, place: usize, customers: Range<usize>) -> PolarsResult<Column> {
        let attribute = &self.columns[place];
        attribute.column(&attribute.last[customers])
    }
}

impl Attribute {
    fn column(&self, values: &[Option<Value>]) -> PolarsResult<Column> {
        let name = PlSmallStr::from_str(&self.name);
        let numbers = || {
            values.iter().map(|value| match value {
                Some(Value::Number(number)) => i64::try_from(*number).ok(),
                _ => None,
            })
        };
        Ok(match &self.kind {
            ColumnKind::Bool => {
                BooleanChunked::from_iter_options(name, numbers().map(|value| value.map(|value| value != 0)))
                    .into_column()
            }
            ColumnKind::Int { bits, signed } if *signed || *bits < 64 => {
                Int64Chunked::from_iter_options(name, numbers()).into_column()
            }
            ColumnKind::Date => Int64Chunked::from_iter_options(name, numbers())
                .cast(&DataType::Int32)?
                .cast(&DataType::Date)?
                .into_column(),
            ColumnKind::Float32 | ColumnKind::Float64 => {
                let doubles = values.iter().map(|value| match value {
                    Some(Value::Double(double)) => Some(*double),
                    _ => None,
                });
                Float64Chunked::from_iter_options(name, doubles).into_column()
            }
            kind => {
                let texts = values.iter().map(|value| value.as_ref().map(|value| text(value, kind)));
                StringChunked::from_iter_options(name, texts).into_column()
            }
        })
    }
}

/// A value as text: of decimals all digits, of timestamps the moment.
fn text(value: &Value, kind: &ColumnKind) -> String {
    match (value, kind) {
        (Value::Text(text), _) => text.to_string(),
        (Value::Double(double), _) => double.to_string(),
        (Value::Number(ticks), ColumnKind::Timestamp { unit, utc }) => {
            let unit = match unit {
                Ticks::Ms => Unit::Milliseconds,
                Ticks::Us => Unit::Microseconds,
                Ticks::Ns => Unit::Nanoseconds,
            };
            i64::try_from(*ticks).map_or_else(|_| ticks.to_string(), |ticks| moment_text(ticks, unit, *utc))
        }
        (Value::Number(units), ColumnKind::Decimal { scale: 1.., .. }) => {
            let ColumnKind::Decimal { scale, .. } = kind else { return units.to_string() };
            let width = *scale as usize;
            let digits = format!("{:0>least$}", units.unsigned_abs(), least = width + 1);
            let (whole, part) = digits.split_at(digits.len() - width);
            format!("{}{whole}.{part}", if *units < 0 { "-" } else { "" })
        }
        (Value::Number(number), _) => number.to_string(),
    }
}

impl Fold {
    fn new(ids: CustomerIds, kinds: Vec<ColumnKind>, time: ColumnKind) -> Self {
        let count = ids.len();
        let sizes = (0..count).step_by(CUSTOMERS_PER_LOCK).map(|start| CUSTOMERS_PER_LOCK.min(count - start));
        let pieces = sizes.map(|size| Mutex::new(vec![None; size * kinds.len()])).collect();
        Self { ids, kinds, time, pieces }
    }

    fn add(&self, judged: &Judged, batch: &DataFrame) -> PolarsResult<()> {
        let time = normal(batch.column(role::TIME)?)?;
        let times = values(&time, &self.time)?;
        let columns: PolarsResult<Vec<Column>> =
            (0..self.kinds.len()).map(|place| normal(batch.column(&role::attribute(place))?)).collect();
        let columns = columns?;
        let attributes: PolarsResult<Vec<_>> =
            columns.iter().zip(&self.kinds).map(|(column, kind)| values(column, kind)).collect();
        let attributes = attributes?;
        judged.with_batch(|rows| {
            for row in (0..rows.days.len()).filter(|row| rows.kept.is_none_or(|kept| kept[*row])) {
                let place = match rows.ids {
                    Ids::Integer(ids) => self.ids.row_of_integer(ids[row]),
                    Ids::Text(ids) => self.ids.row_of_text(ids[row]),
                };
                // Who is not in the table has rows, but no order.
                let Some(place) = place else { continue };
                // Dates written as text are compared by their day.
                let when = match &times[row] {
                    Some(Value::Number(ticks)) => *ticks,
                    _ => i128::from(rows.days[row]),
                };
                self.note(place, when, attributes.iter().map(|values| values[row].as_ref()));
            }
        });
        Ok(())
    }

    fn note<'a>(&self, place: usize, when: i128, values: impl Iterator<Item = Option<&'a Value<&'a str>>>) {
        let mut piece = self.pieces[place / CUSTOMERS_PER_LOCK].lock().unwrap_or_else(PoisonError::into_inner);
        let first = place % CUSTOMERS_PER_LOCK * self.kinds.len();
        for (seen, value) in piece[first..].iter_mut().zip(values) {
            let Some(value) = value else { continue };
            let is_later = seen
                .as_ref()
                .is_none_or(|(then, known)| when > *then || when == *then && value.compare(known) == Ordering::Greater);
            if is_later {
                *seen = Some((when, value.owned()));
            }
        }
    }
}

/// The values of each attribute, in the order of the customers.
fn last_of(pieces: Vec<Mutex<Vec<Seen>>>, attributes: usize) -> Vec<Vec<Option<Value>>> {
    let mut last: Vec<Vec<Option<Value>>> = (0..attributes).map(|_| Vec::new()).collect();
    for piece in pieces {
        let seen = piece.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (entry, seen) in seen.into_iter().enumerate() {
            last[entry % attributes].push(seen.map(|(_, value)| value));
        }
    }
    last
}

/// The column in one of the few types that [`values`] knows.
fn normal(column: &Column) -> PolarsResult<Column> {
    match column.dtype() {
        DataType::Boolean
        | DataType::Date
        | DataType::Datetime(..)
        | DataType::Decimal(..)
        | DataType::UInt64
        | DataType::String => Ok(column.clone()),
        kind if kind.is_integer() => column.strict_cast(&DataType::Int64),
        kind if kind.is_float() => column.strict_cast(&DataType::Float64),
        _ => column.strict_cast(&DataType::String),
    }
}

/// The values of a column; timestamps in the unit of `kind`, which is the finest of all files.
fn values<'a>(column: &'a Column, kind: &ColumnKind) -> PolarsResult<Vec<Option<Value<&'a str>>>> {
    let number = |value: Option<i128>| value.map(Value::Number);
    Ok(match column.dtype() {
        DataType::Boolean => column.bool()?.iter().map(|value| number(value.map(i128::from))).collect(),
        DataType::Date => column.date()?.physical().iter().map(|day| number(day.map(i128::from))).collect(),
        DataType::Datetime(unit, _) => {
            let per_second = |unit: TimeUnit| match unit {
                TimeUnit::Milliseconds => 1_000_i64,
                TimeUnit::Microseconds => 1_000_000,
                TimeUnit::Nanoseconds => 1_000_000_000,
            };
            let stored = per_second(*unit);
            let finest = match kind {
                ColumnKind::Timestamp { unit, .. } => unit.per_second(),
                _ => stored,
            };
            let factor = i128::from((finest / stored).max(1));
            let ticks = column.datetime()?.physical().iter();
            ticks.map(|ticks| number(ticks.map(|ticks| i128::from(ticks) * factor))).collect()
        }
        DataType::Decimal(..) => column.decimal()?.physical().iter().map(number).collect(),
        DataType::UInt64 => column.u64()?.iter().map(|value| number(value.map(i128::from))).collect(),
        DataType::Int64 => column.i64()?.iter().map(|value| number(value.map(i128::from))).collect(),
        DataType::Float64 => column.f64()?.iter().map(|value| value.map(Value::Double)).collect(),
        _ => column.str()?.iter().map(|value| value.map(Value::Text)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_value_wins_then_the_greatest_and_null_says_nothing() {
        let fold = Fold::new(CustomerIds::Integer(vec![7]), vec![ColumnKind::Text], ColumnKind::Date);
        let rows = [(1, Some("b")), (3, None), (2, Some("x")), (2, Some("a")), (1, Some("z"))];
        for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [3, 2, 0, 4, 1]] {
            for (when, value) in order.map(|place| rows[place]) {
                let value = value.map(Value::Text);
                fold.note(0, when, [value.as_ref()].into_iter());
            }
            let seen = fold.pieces[0].lock().unwrap().clone();
            assert_eq!(seen, [Some((2, Value::Text("x".into())))], "{order:?}");
        }
    }

    #[test]
    fn numbers_without_a_type_of_their_own_are_written_in_full() {
        let decimal = ColumnKind::Decimal { precision: 9, scale: 2 };
        assert_eq!(text(&Value::Number(-5), &decimal), "-0.05");
        assert_eq!(text(&Value::Number(12_345), &decimal), "123.45");
        assert_eq!(text(&Value::Number(12), &ColumnKind::Decimal { precision: 9, scale: 0 }), "12");
        let stamp = ColumnKind::Timestamp { unit: Ticks::Us, utc: true };
        assert_eq!(text(&Value::Number(1), &stamp), "1970-01-01 00:00:00.000001 UTC");
        let large = ColumnKind::Int { bits: 64, signed: false };
        assert_eq!(text(&Value::Number(u64::MAX.into()), &large), "18446744073709551615");
    }
}
