//! Whether a column is written with a dictionary of its values.
//!
//! The encoder finds out by itself, but only after a hash of every value. Here a sample tells the columns apart whose
//! values are hardly ever the same, ids and sums of money: they are written plainly at once.
//! Does not live here: encoding and compressing (`column`, `pages`).

use polars_arrow::array::{Array, PrimitiveArray, Utf8ViewArray};
use polars_parquet::write::Encoding;

/// Values looked at, evenly spread over the column.
const SAMPLED: usize = 4096;

/// More repeats than this among numbers, and a dictionary may be worth it: of eight thousand distinct values such a sample
/// has a quarter of repeats. With more of them zstd does as well on the numbers themselves.
const MOST_REPEATS_OF_NUMBERS: usize = SAMPLED / 4;
/// The same of texts, which are longer than their places: of values of which three quarters are distinct, as many as the
/// encoder would still put into a dictionary, such a sample of a million has 11 repeats on average.
const MOST_REPEATS_OF_TEXTS: usize = 4;

/// A dictionary, as far as the encoder agrees, or plain values.
pub(super) fn encoding_of(array: &dyn Array) -> Encoding {
    let length = array.len();
    // Small columns cost nothing, and nulls stand for any value.
    if length < 8 * SAMPLED || array.null_count() > 0 {
        return Encoding::RleDictionary;
    }
    let rows = (0..length).step_by(length / SAMPLED);
    let array = array.as_any();
    let hardly_repeats = if let Some(array) = array.downcast_ref::<PrimitiveArray<i64>>() {
        hardly_repeats(rows.map(|row| array.value(row)), MOST_REPEATS_OF_NUMBERS)
    } else if let Some(array) = array.downcast_ref::<PrimitiveArray<i128>>() {
        hardly_repeats(rows.map(|row| array.value(row)), MOST_REPEATS_OF_NUMBERS)
    } else if let Some(array) = array.downcast_ref::<PrimitiveArray<f64>>() {
        hardly_repeats(rows.map(|row| array.value(row).to_bits()), MOST_REPEATS_OF_NUMBERS)
    } else if let Some(array) = array.downcast_ref::<Utf8ViewArray>() {
        hardly_repeats(rows.map(|row| array.value(row)), MOST_REPEATS_OF_TEXTS)
    } else {
        false
    };
    if hardly_repeats { Encoding::Plain } else { Encoding::RleDictionary }
}

fn hardly_repeats<T: Ord>(sample: impl Iterator<Item = T>, most: usize) -> bool {
    let mut sample: Vec<T> = sample.collect();
    sample.sort_unstable();
    sample.windows(2).filter(|pair| pair[0] == pair[1]).count() <= most
}

#[cfg(test)]
mod tests {
    use rand::{RngExt as _, SeedableRng as _};

    use super::*;

    /// A column of `count` values, one after the other.
    fn of(count: i64, value: impl Fn(i64) -> i64) -> Encoding {
        encoding_of(&PrimitiveArray::from_vec((0..count).map(value).collect()))
    }

    #[test]
    fn ids_are_written_plainly_and_counts_with_a_dictionary() {
        assert_eq!(of(100_000, |row| row * 7), Encoding::Plain);
        assert_eq!(of(100_000, |row| row % 1_000), Encoding::RleDictionary);
        assert_eq!(of(100, |row| row), Encoding::RleDictionary, "too few to matter");
        // Every value twice: as good as unknown to a sample, and not worth a dictionary either.
        assert_eq!(of(1_000_000, |row| row / 2 * 31), Encoding::Plain);
        let shares: Vec<f64> = (0..100_000_u32).map(|row| f64::from(row) / 7.0).collect();
        assert_eq!(encoding_of(&PrimitiveArray::from_vec(shares)), Encoding::Plain);
        let same = PrimitiveArray::from_vec(vec![0.5_f64; 100_000]);
        assert_eq!(encoding_of(&same), Encoding::RleDictionary);
        let texts = |modulus: u32| {
            Utf8ViewArray::from_slice_values((0..100_000).map(|row| (row % modulus).to_string()).collect::<Vec<_>>())
        };
        assert_eq!(encoding_of(&texts(100_000)), Encoding::Plain);
        assert_eq!(encoding_of(&texts(9)), Encoding::RleDictionary);
        // Thirty thousand texts are still shorter as places; as many numbers are not.
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        let many: Vec<i64> = (0..100_000).map(|_| random.random_range(0..30_000)).collect();
        let cities: Vec<String> = many.iter().map(ToString::to_string).collect();
        assert_eq!(encoding_of(&Utf8ViewArray::from_slice_values(cities)), Encoding::RleDictionary);
        assert_eq!(encoding_of(&PrimitiveArray::from_vec(many)), Encoding::Plain);
    }
}
