//! Whether a column is written with a dictionary of its values.
//!
//! Building one takes longer than writing the values. Here a sample finds the columns whose values are hardly ever
//! equal, ids and shares: they are written plainly at once. Does not live here: encoding and compressing (`column`,
//! `pages`).

use polars_arrow::array::{Array, Utf8ViewArray};
use polars_parquet::write::Encoding;

/// Values in the sample, evenly spread over the column.
const SAMPLED: usize = 4096;

/// With fewer repeats than this no dictionary of many values pays off: a quarter of a million distinct ones, as many as
/// are worth it in a row group, give 32 on average. Such an even sample does not see runs of equal values; zstd does.
pub(crate) const FEWEST_REPEATS: usize = 16;
/// With more repeats than this among numbers, the engine's hash of every value may be worth it: of eight thousand
/// distinct values such a sample has a quarter of repeats. With more of them zstd does as well on the numbers
/// themselves.
pub(crate) const MOST_REPEATS_OF_NUMBERS: usize = SAMPLED / 4;
/// The same for texts, which are longer than their indices: of values of which three quarters are distinct, as many as
/// the encoder would still put into a dictionary, such a sample of a million has 11 repeats on average.
const MOST_REPEATS_OF_TEXTS: usize = 4;

/// The encoding that the engine should try: a dictionary, as far as its encoder agrees, or plain values.
pub(crate) fn encoding_of(array: &dyn Array) -> Encoding {
    let texts = array.as_any().downcast_ref::<Utf8ViewArray>().filter(|texts| texts.null_count() == 0);
    let hardly_repeat =
        texts.is_some_and(|texts| repeats(texts.len(), |row| texts.value(row)) <= MOST_REPEATS_OF_TEXTS);
    if hardly_repeat { Encoding::Plain } else { Encoding::RleDictionary }
}

/// How often a sample of the values of `rows` rows has a value that it had before. The largest number where the rows
/// are few, since then nothing takes long.
pub(crate) fn repeats<T: Ord>(rows: usize, value: impl Fn(usize) -> T) -> usize {
    if rows < 8 * SAMPLED {
        return usize::MAX;
    }
    let mut sample: Vec<T> = (0..rows).step_by(rows / SAMPLED).map(value).collect();
    sample.sort_unstable();
    sample.windows(2).filter(|pair| pair[0] == pair[1]).count()
}

#[cfg(test)]
mod tests {
    use rand::{RngExt as _, SeedableRng as _};

    use super::*;

    #[test]
    fn the_sample_distinguishes_ids_from_counts() {
        let of = |rows: usize, value: fn(usize) -> usize| repeats(rows, value);
        assert_eq!(of(100_000, |row| row * 7), 0);
        assert!(of(100_000, |row| row % 1_000) > MOST_REPEATS_OF_NUMBERS);
        assert_eq!(of(100, |row| row), usize::MAX, "too few to matter");
        // A quarter of a million values in a million rows are worth a dictionary, half of them are not.
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        let mut of_drawn = |values: u32| {
            let drawn: Vec<u32> = (0..1 << 20).map(|_| random.random_range(0..values)).collect();
            repeats(drawn.len(), |row| drawn[row])
        };
        assert!((FEWEST_REPEATS..MOST_REPEATS_OF_NUMBERS).contains(&of_drawn(1 << 18)));
        assert!(of_drawn(1 << 20) <= FEWEST_REPEATS);
    }

    #[test]
    fn texts_of_a_list_are_shorter_as_indices() {
        let texts = |texts: Vec<String>| encoding_of(&Utf8ViewArray::from_slice_values(texts));
        assert_eq!(texts((0..100_000).map(|row| row.to_string()).collect()), Encoding::Plain);
        assert_eq!(texts((0..100_000).map(|row| (row % 9).to_string()).collect()), Encoding::RleDictionary);
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        let cities = (0..100_000).map(|_| random.random_range(0..30_000).to_string()).collect();
        assert_eq!(texts(cities), Encoding::RleDictionary);
        let some =
            Utf8ViewArray::from_slice((0..100_000).map(|row| (row > 0).then(|| row.to_string())).collect::<Vec<_>>());
        assert_eq!(encoding_of(&some), Encoding::RleDictionary, "nulls are left to the encoder");
    }
}
