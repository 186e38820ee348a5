//! A column on its way into a file: as the engine holds it, or names by their places.
//!
//! Does not live here: the file (`parquet`), or what the values mean (`reports`).

use polars::prelude::*;
use polars_arrow::array::{Array, DictionaryArray, PrimitiveArray, Utf8ViewArray};
use polars_arrow::datatypes::IntegerType;

/// The values of one column.
#[derive(Debug, Clone)]
pub enum Values {
    /// As the engine holds them.
    Plain(Column),
    /// Texts of a short list, each given by its place: millions of rows are not searched for the few texts in them.
    Names {
        /// The list.
        names: Vec<String>,
        /// Per row the place of its text.
        places: Vec<u32>,
    },
}

impl Values {
    /// The type of the column; names are texts.
    #[must_use]
    pub fn dtype(&self) -> DataType {
        match self {
            Self::Plain(column) => column.dtype().clone(),
            Self::Names { .. } => DataType::String,
        }
    }

    /// The values as the Parquet encoder takes them.
    ///
    /// # Errors
    /// A Polars error where a place is beyond the list, which would be a bug.
    pub(super) fn into_array(self) -> PolarsResult<Box<dyn Array>> {
        match self {
            Self::Plain(column) => Ok(column.as_materialized_series().rechunk().to_arrow(0, CompatLevel::newest())),
            Self::Names { names, places } => dictionary(&names, places),
        }
    }
}

/// The texts as a dictionary of those that occur, so that the statistics of the column are true.
fn dictionary(names: &[String], mut places: Vec<u32>) -> PolarsResult<Box<dyn Array>> {
    let mut key_of = vec![None; names.len()];
    for place in &places {
        let key = key_of.get_mut(*place as usize);
        *key.ok_or_else(|| polars_err!(OutOfBounds: "name {place} of {}", names.len()))? = Some(0);
    }
    let mut used = Vec::new();
    for (name, key) in names.iter().zip(&mut key_of).filter(|(_, key)| key.is_some()) {
        *key = u32::try_from(used.len()).ok();
        used.push(name.as_str());
    }
    for place in &mut places {
        *place = key_of[*place as usize].unwrap_or_default();
    }
    let keys = PrimitiveArray::from_vec(places);
    let dtype = ArrowDataType::Dictionary(IntegerType::UInt32, Box::new(ArrowDataType::Utf8View), false);
    let array = DictionaryArray::try_new(dtype, keys, Box::new(Utf8ViewArray::from_slice_values(used)))?;
    Ok(Box::new(array))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_a_dictionary_of_those_that_occur() {
        let names = ["a", "b", "c"].map(String::from).to_vec();
        let array = Values::Names { names: names.clone(), places: vec![2, 0, 2] }.into_array().unwrap();
        let array = array.as_any().downcast_ref::<DictionaryArray<u32>>().unwrap();
        assert_eq!(array.keys().values().as_slice(), [1, 0, 1]);
        let values = array.values().as_any().downcast_ref::<Utf8ViewArray>().unwrap();
        assert_eq!(values.values_iter().collect::<Vec<_>>(), ["a", "c"]);
        assert!(Values::Names { names, places: vec![3] }.into_array().is_err());
    }
}
