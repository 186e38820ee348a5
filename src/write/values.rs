//! A column on its way into a file: as the engine holds it, money by its minor units, or names by their places.
//!
//! Does not live here: how it is encoded (`column`), or what the values mean (`reports`).

use polars::prelude::*;

/// Digits of a money column.
pub const MONEY_PRECISION: usize = 18;

/// The values of one column.
#[derive(Debug, Clone)]
pub enum Values {
    /// As the engine holds them.
    Plain(Column),
    /// Money as decimals of 64 bits, which is what the file holds: the engine would have 128.
    Money {
        /// Minor units.
        minor: Vec<i64>,
        /// Decimals of the major unit.
        scale: u8,
    },
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
            Self::Money { scale, .. } => DataType::Decimal(MONEY_PRECISION, (*scale).into()),
            Self::Names { .. } => DataType::String,
        }
    }
}
