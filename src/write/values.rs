//! A column on its way into a file: as the engine holds it, or names by their places.
//!
//! Does not live here: how it is encoded (`column`), or what the values mean (`reports`).

use polars::prelude::*;

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
}
