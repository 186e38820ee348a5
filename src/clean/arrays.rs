//! The one array of a column, and where it is null.
//!
//! Does not live here: what the values are (`columns`, `whole_numbers`).

use polars::prelude::*;
use polars_arrow::array::Array;
use polars_arrow::bitmap::Bitmap;

/// The validity, only where something is null.
pub(super) fn nulls_of(array: &dyn Array) -> Option<&Bitmap> {
    array.validity().filter(|validity| validity.unset_bits() > 0)
}

/// All values in one piece.
pub(super) fn one_chunk<T: PolarsDataType>(values: &ChunkedArray<T>) -> T::Array {
    values.rechunk().downcast_as_array().clone()
}
