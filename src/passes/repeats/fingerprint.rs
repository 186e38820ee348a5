//! Fingerprints of whole rows: 128 bits, by value, whatever the types of their columns.
//!
//! Rows have one fingerprint where the engine's grouping has them in one group: nulls are equal, so are 0.0 and -0.0, and so
//! are all NaN. Two different rows have one with a chance of 2^-128, as far as multiplication spreads their bits: among a
//! billion rows, of any pair at all with one of 10^-21.
//! Does not live here: which of them are alike (`distinct`).

use polars::prelude::*;
use polars_arrow::array::BinaryViewArray;
use polars_arrow::bitmap::Bitmap;
use xxhash_rust::xxh3::xxh3_128;

/// The fingerprint of a row. Any of its bits is as good as another.
pub(crate) type Fingerprint = u128;

/// Rows whose fingerprints are made at a time, column by column: they stay in the fastest cache.
const ROWS_AT_ONCE: usize = 2048;

/// Odd numbers without a pattern, from the digits of pi and e: two factors for the first 64 bits of a value, two for the
/// rest, two for a missing value, and two for the end; for either lane one.
const FACTORS: [[u64; 2]; 4] = [
    [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7345],
    [0xa409_3822_299f_31d1, 0x082e_fa98_ec4e_6c89],
    [0x4528_21e6_38d0_1377, 0xbe54_66cf_34e9_0c6d],
    [0xb7e1_5162_8aed_2a6b, 0xbf71_5880_9cf4_f3c7],
];
const VALUE: usize = 0;
const UPPER_VALUE: usize = 1;
const NULL: usize = 2;
const END: usize = 3;
/// What the lanes begin with.
const START: Lanes = [0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f];

/// Two hashes of 64 bits with different factors.
type Lanes = [u64; 2];

/// Makes fingerprints; reused from batch to batch.
#[derive(Debug, Default)]
pub(crate) struct Fingerprints {
    lanes: Vec<Lanes>,
    prints: Vec<Fingerprint>,
}

impl Fingerprints {
    /// The fingerprints of all rows, in their order. The columns decide by their order, too, and not by their names.
    ///
    /// # Errors
    /// A Polars error where a column has a type that nothing can be compared in.
    pub(crate) fn of(&mut self, columns: &[&Column]) -> PolarsResult<&[Fingerprint]> {
        let rows = columns.first().map_or(0, |column| column.len());
        self.prints.clear();
        for start in (0..rows).step_by(ROWS_AT_ONCE) {
            let count = ROWS_AT_ONCE.min(rows - start);
            self.lanes.clear();
            self.lanes.resize(count, START);
            for column in columns {
                add(&mut self.lanes, &column.slice(i64::try_from(start).unwrap_or(i64::MAX), count))?;
            }
            self.prints.extend(self.lanes.iter().map(|lanes| {
                let [upper, lower] = mixed(*lanes, [0, 0], END);
                Fingerprint::from(upper) << 64 | Fingerprint::from(lower)
            }));
        }
        Ok(&self.prints)
    }
}

/// Both halves of the product of 64 bits, folded.
#[inline]
#[allow(clippy::cast_possible_truncation)]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ (product >> 64) as u64
}

/// The lanes after one more word: that of each lane is the same, or has 64 bits of its own.
#[inline]
fn mixed(lanes: Lanes, words: Lanes, factors: usize) -> Lanes {
    let factors = FACTORS[factors];
    [fold(lanes[0] ^ words[0], factors[0]), fold(lanes[1] ^ words[1], factors[1])]
}

#[inline]
fn with_word(lanes: Lanes, word: u64) -> Lanes {
    mixed(lanes, [word; 2], VALUE)
}

#[inline]
#[allow(clippy::cast_possible_truncation)]
fn with_two_words(lanes: Lanes, words: u128) -> Lanes {
    mixed(with_word(lanes, words as u64), [(words >> 64) as u64; 2], UPPER_VALUE)
}

/// Puts the values of one column into the lanes of their rows.
fn add(lanes: &mut [Lanes], column: &Column) -> PolarsResult<()> {
    let series = column.as_materialized_series();
    match series.dtype() {
        DataType::Null => {}
        DataType::Float32 => add_numbers(lanes, series.f32()?, |value| u64::from(canonical_f32(value))),
        DataType::Float64 => add_numbers(lanes, series.f64()?, canonical_f64),
        DataType::Decimal(..) => {
            let decimals = series.decimal()?.physical();
            add_each(
                lanes,
                decimals,
                |array| array.values().iter().copied(),
                |lanes, units| with_two_words(lanes, units.cast_unsigned()),
            );
        }
        DataType::String => add_texts(lanes, &series.str()?.as_binary()),
        DataType::Binary => add_texts(lanes, series.binary()?),
        // The text of a category, since its code may differ from file to file.
        DataType::Categorical(..) | DataType::Enum(..) => {
            add_texts(lanes, &series.cast(&DataType::String)?.str()?.as_binary());
        }
        _ => add_physical(lanes, &series.to_physical_repr())?,
    }
    Ok(())
}

/// Puts whole numbers, and what is stored as such, into the lanes.
fn add_physical(lanes: &mut [Lanes], series: &Series) -> PolarsResult<()> {
    match series.dtype() {
        DataType::Boolean => {
            for (lanes, value) in lanes.iter_mut().zip(series.bool()?.iter()) {
                *lanes = value.map_or_else(|| mixed(*lanes, [0, 0], NULL), |value| with_word(*lanes, value.into()));
            }
        }
        DataType::Int64 => add_numbers(lanes, series.i64()?, i64::cast_unsigned),
        DataType::UInt64 => add_numbers(lanes, series.u64()?, |value| value),
        kind if kind.is_integer() => {
            add_numbers(lanes, series.strict_cast(&DataType::Int64)?.i64()?, i64::cast_unsigned);
        }
        // Nothing that is read today: the engine's own bytes of a row are compared.
        _ => {
            let encoded = row_encode::encode_rows_unordered(&[series.clone().into_column()])?;
            for (lanes, bytes) in lanes.iter_mut().zip(encoded.iter()) {
                *lanes = with_hash(*lanes, bytes.unwrap_or_default());
            }
        }
    }
    Ok(())
}

fn add_numbers<T: PolarsNumericType>(lanes: &mut [Lanes], values: &ChunkedArray<T>, word: impl Fn(T::Native) -> u64) {
    add_each(lanes, values, |array| array.values().iter().copied(), |lanes, value| with_word(lanes, word(value)));
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

fn with_hash(lanes: Lanes, bytes: &[u8]) -> Lanes {
    let hash = xxh3_128(bytes);
    #[allow(clippy::cast_possible_truncation)]
    let halves = [(hash >> 64) as u64, hash as u64];
    // Each lane has its own half first: equal halves of different texts must not meet in both.
    mixed(mixed(lanes, halves, VALUE), [halves[1], halves[0]], UPPER_VALUE)
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
    use polars_arrow::array::Array;
    let mut rest = lanes;
    for array in column.downcast_iter() {
        let (own, others) = rest.split_at_mut(array.len());
        rest = others;
        match array.validity().filter(|validity: &&Bitmap| validity.unset_bits() > 0) {
            None => own.iter_mut().zip(values(array)).for_each(|(lanes, value)| *lanes = with(*lanes, value)),
            Some(validity) => {
                for ((lanes, value), is_there) in own.iter_mut().zip(values(array)).zip(validity.iter()) {
                    *lanes = if is_there { with(*lanes, value) } else { mixed(*lanes, [0, 0], NULL) };
                }
            }
        }
    }
}

/// The bits of a float, of which one stands for zero and one for what is no number, as in the engine's grouping.
fn canonical_f64(value: f64) -> u64 {
    if value.is_nan() { f64::NAN.to_bits() } else { (value + 0.0).to_bits() }
}

fn canonical_f32(value: f32) -> u32 {
    if value.is_nan() { f32::NAN.to_bits() } else { (value + 0.0).to_bits() }
}
