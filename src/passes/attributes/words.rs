//! From the columns of a batch to words that sort as the values do.
//!
//! Does not live here: what is made of the words again (`columns`).

use polars::prelude::*;
use polars_arrow::array::{Array, Utf8ViewArray};

use crate::customers::payload::texts::TextWords;
use crate::input::part::InputPart;
use crate::source::contract::Agreed;
use crate::source::kinds::ColumnKind;

/// How many words a value has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Whole numbers and floats of 64 bits, and everything that is one: truth values, dates, timestamps of one unit.
    Narrow,
    /// Numbers beyond 64 bits: decimals, and timestamps of several units, all of which are counted in the finest.
    Wide,
    /// Texts.
    Text,
}

impl Form {
    /// The form of values of this kind, in these columns of the inputs.
    pub(super) fn of(kind: &ColumnKind, columns: &[(&InputPart, &Agreed)]) -> Self {
        match kind {
            ColumnKind::Bool
            | ColumnKind::Int { .. }
            | ColumnKind::Float32
            | ColumnKind::Float64
            | ColumnKind::Date => Self::Narrow,
            ColumnKind::Timestamp { .. } => Self::of_stamps(kind, columns),
            ColumnKind::Decimal { .. } => Self::Wide,
            _ => Self::Text,
        }
    }

    /// The form of timestamps and of order dates: those of several units need room for the finest, and texts are compared by
    /// their day.
    pub(super) fn of_stamps(kind: &ColumnKind, columns: &[(&InputPart, &Agreed)]) -> Self {
        let has_other_unit =
            |own: &ColumnKind| matches!(own, ColumnKind::Timestamp { .. } | ColumnKind::Date) && own != kind;
        let stored = |(part, agreed): &(&InputPart, &Agreed)| {
            let mut columns = part.contract.files.iter().filter_map(|file| file.column(&agreed.name));
            columns.any(|column| has_other_unit(&column.kind))
        };
        if columns.iter().any(stored) { Self::Wide } else { Self::Narrow }
    }

    /// Words of a number.
    pub(super) const fn words(self) -> usize {
        match self {
            Self::Narrow => 1,
            Self::Wide | Self::Text => 2,
        }
    }
}

const SECONDS_PER_DAY: i64 = 86_400;

/// A signed integer as a word that sorts as it does.
pub(super) const fn ordered(value: i64) -> u64 {
    value.cast_unsigned() ^ 1 << 63
}

/// What [`ordered`] was made of.
pub(super) const fn integer_of(word: u64) -> i64 {
    (word ^ 1 << 63).cast_signed()
}

/// A float as a word that sorts as the total order of IEEE 754 does, and has all its bits.
pub(super) const fn ordered_float(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// What [`ordered_float`] was made of.
pub(super) const fn float_of(word: u64) -> f64 {
    f64::from_bits(if word >> 63 == 1 { word ^ 1 << 63 } else { !word })
}

/// An integer of 128 bits as two words that sort as it does.
#[allow(clippy::cast_possible_truncation)]
pub(super) const fn ordered_wide(value: i128) -> [u64; 2] {
    let bits = value.cast_unsigned() ^ 1 << 127;
    [(bits >> 64) as u64, bits as u64]
}

/// What [`ordered_wide`] was made of.
pub(super) fn wide_of([high, low]: [u64; 2]) -> i128 {
    ((u128::from(high) << 64 | u128::from(low)) ^ 1 << 127).cast_signed()
}

/// The dates of a batch's rows as words, of which none is zero.
pub(super) enum Moments {
    Narrow(Vec<u64>),
    Wide(Vec<[u64; 2]>),
}

/// The very least tick, which is in 1677 where ticks are nanoseconds, counts as the one after it.
fn narrow(ticks: i64) -> u64 {
    ordered(ticks).max(1)
}

impl Moments {
    /// The days themselves.
    pub(super) fn of_days(days: &[i32]) -> Self {
        Self::Narrow(days.iter().map(|day| narrow(i64::from(*day))).collect())
    }

    /// The dates of a column. `kind`: that of all files, `days`: the day of each row, for dates that are texts.
    pub(super) fn of(column: &Column, days: &[i32], kind: &ColumnKind, form: Form) -> PolarsResult<Self> {
        let is_number = is_whole_number(column.dtype());
        if form == Form::Wide {
            let ticks = if is_number { wide_numbers(column, kind)? } else { vec![None; column.len()] };
            let moments = ticks.into_iter().zip(days).map(|(ticks, day)| ticks.unwrap_or(i128::from(*day)));
            return Ok(Self::Wide(moments.map(ordered_wide).collect()));
        }
        if !is_number {
            return Ok(Self::of_days(days));
        }
        let ticks = integers(column)?.into_iter().zip(days);
        Ok(Self::Narrow(ticks.map(|(ticks, day)| narrow(ticks.unwrap_or(i64::from(*day)))).collect()))
    }

    /// Writes the moment of a row, and says how many words it has.
    #[inline]
    fn write(&self, row: usize, words: &mut [u64]) -> usize {
        match self {
            Self::Narrow(moments) => {
                words[0] = moments[row];
                1
            }
            Self::Wide(moments) => {
                words[..2].copy_from_slice(&moments[row]);
                2
            }
        }
    }
}

fn is_whole_number(dtype: &DataType) -> bool {
    dtype.is_integer() || matches!(dtype, DataType::Date | DataType::Datetime(..))
}

/// The values of a column of whole numbers; what 64 bits with a sign cannot hold is the greatest they can.
fn integers(column: &Column) -> PolarsResult<Vec<Option<i64>>> {
    Ok(match column.dtype() {
        DataType::Boolean => column.bool()?.iter().map(|value| value.map(i64::from)).collect(),
        DataType::Date => column.date()?.physical().iter().map(|day| day.map(i64::from)).collect(),
        DataType::Datetime(..) => column.datetime()?.physical().iter().collect(),
        DataType::UInt64 => {
            column.u64()?.iter().map(|value| value.map(|value| i64::try_from(value).unwrap_or(i64::MAX))).collect()
        }
        _ => column.strict_cast(&DataType::Int64)?.i64()?.iter().collect(),
    })
}

/// The values of a column of decimals or timestamps; timestamps in the unit of `kind`, which is the finest of all files.
fn wide_numbers(column: &Column, kind: &ColumnKind) -> PolarsResult<Vec<Option<i128>>> {
    if let DataType::Decimal(..) = column.dtype() {
        return Ok(column.decimal()?.physical().iter().collect());
    }
    let factor = match (column.dtype(), kind) {
        (DataType::Datetime(stored, _), ColumnKind::Timestamp { unit, .. }) => {
            let stored = match stored {
                TimeUnit::Milliseconds => 1_000,
                TimeUnit::Microseconds => 1_000_000,
                TimeUnit::Nanoseconds => 1_000_000_000,
            };
            (unit.per_second() / stored).max(1)
        }
        // Days beside readings of a clock.
        (DataType::Date, ColumnKind::Timestamp { unit, .. }) => unit.per_second() * SECONDS_PER_DAY,
        _ => 1,
    };
    let values = integers(column)?.into_iter();
    Ok(values.map(|value| value.map(|value| i128::from(value) * i128::from(factor))).collect())
}

/// Writes the moment and the number of each row that has one into the words of a field.
pub(super) fn fill_numbers<'a>(
    column: &Column,
    (kind, form): (&ColumnKind, Form),
    moments: &Moments,
    words: impl Iterator<Item = &'a mut [u64]>,
) -> PolarsResult<()> {
    if form == Form::Wide {
        fill(wide_numbers(column, kind)?.into_iter().map(|value| value.map(ordered_wide)), moments, words);
    } else if column.dtype().is_float() {
        let floats = column.strict_cast(&DataType::Float64)?;
        fill(floats.f64()?.iter().map(|value| value.map(|value| [ordered_float(value)])), moments, words);
    } else if *column.dtype() == DataType::UInt64 {
        fill(column.u64()?.iter().map(|value| value.map(|value| [value])), moments, words);
    } else {
        fill(integers(column)?.into_iter().map(|value| value.map(|value| [ordered(value)])), moments, words);
    }
    Ok(())
}

fn fill<'a, const N: usize>(
    values: impl Iterator<Item = Option<[u64; N]>>,
    moments: &Moments,
    words: impl Iterator<Item = &'a mut [u64]>,
) {
    for (row, (words, value)) in words.zip(values).enumerate() {
        if let Some(value) = value {
            let start = moments.write(row, words);
            words[start..start + N].copy_from_slice(&value);
        }
    }
}

/// Writes the moment and the text of each row that has one into the words of a field; a long text is found by its row.
pub(super) fn fill_texts<'a>(texts: &Utf8ViewArray, moments: &Moments, words: impl Iterator<Item = &'a mut [u64]>) {
    let validity = texts.validity().filter(|validity| validity.unset_bits() > 0);
    for (row, (words, view)) in words.zip(texts.views().iter()).enumerate() {
        if validity.is_some_and(|validity| !validity.get_bit(row)) {
            continue;
        }
        let text = if view.is_inline() {
            // Four bytes of length, and twelve of the text.
            let stored = view.as_u128().to_ne_bytes();
            let mut bytes = [0; 16];
            bytes[..12].copy_from_slice(&stored[4..]);
            TextWords::short(bytes, u64::from(view.length))
        } else {
            TextWords::new(texts.value(row).as_bytes(), row as u64)
        };
        let start = moments.write(row, words);
        text.write(words, start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_sort_as_their_values_do_and_lead_back_to_them() {
        let integers = [i64::MIN, -1, 0, 1, i64::MAX];
        assert!(integers.map(ordered).is_sorted());
        assert_eq!(integers.map(|value| integer_of(ordered(value))), integers);
        let floats = [-f64::NAN, f64::NEG_INFINITY, -1.5, -0.0, 0.0, 1e-300, 2.0, f64::INFINITY, f64::NAN];
        assert!(floats.windows(2).all(|pair| pair[0].total_cmp(&pair[1]).is_lt()));
        assert!(floats.map(ordered_float).is_sorted());
        assert_eq!(floats.map(|value| float_of(ordered_float(value)).to_bits()), floats.map(f64::to_bits));
        let wide = [i128::MIN, i128::from(i64::MIN) - 1, -1, 0, 1 << 70, i128::MAX];
        assert!(wide.map(ordered_wide).is_sorted());
        assert_eq!(wide.map(|value| wide_of(ordered_wide(value))), wide);
    }

    #[test]
    fn moments_are_counted_in_the_finest_unit_and_are_never_zero() {
        use crate::source::kinds::TimeUnit as Ticks;
        let column = |unit, ticks: [i64; 2]| {
            let column = Column::new("t".into(), ticks);
            column.cast(&DataType::Datetime(unit, None)).unwrap()
        };
        let kind = ColumnKind::Timestamp { unit: Ticks::Ns, utc: false };
        // Year 1 in milliseconds is beyond what 64 bits hold of nanoseconds.
        let early = column(TimeUnit::Milliseconds, [-62_135_596_800_000, 1]);
        let Moments::Wide(moments) = Moments::of(&early, &[0, 0], &kind, Form::Wide).unwrap() else { panic!("wide") };
        assert_eq!([wide_of(moments[0]), wide_of(moments[1])], [-62_135_596_800_000_000_000, 1_000_000]);
        let least = column(TimeUnit::Nanoseconds, [i64::MIN, 0]);
        let Moments::Narrow(moments) = Moments::of(&least, &[0, 0], &kind, Form::Narrow).unwrap() else {
            panic!("narrow")
        };
        assert_eq!(moments, [1, 1 << 63]);
        let texts = Column::new("t".into(), ["2025-01-02", "2025-01-01"]);
        let Moments::Narrow(moments) = Moments::of(&texts, &[2, 1], &ColumnKind::Text, Form::Narrow).unwrap() else {
            panic!("narrow")
        };
        assert_eq!(moments, [ordered(2), ordered(1)]);
    }
}
