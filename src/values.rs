//! A column on its way into a file: as the engine holds it, whole numbers as the program holds them, or names by their
//! indices.
//!
//! Does not live here: how it is encoded (`parquet::column`), or what the values mean (`reports`).

use std::borrow::Cow;

use polars::prelude::*;
use polars_arrow::bitmap::Bitmap;

/// Digits of a money column.
pub const MONEY_PRECISION: usize = 18;

/// The values of one column.
#[derive(Debug, Clone)]
pub enum Values<'a> {
    /// As the engine holds them.
    Plain(Column),
    /// Whole numbers, none of them null.
    Numbers {
        /// The numbers: days, counts, minor units of money.
        numbers: Numbers<'a>,
        /// Their type in the file.
        dtype: DataType,
    },
    /// Texts of a short list, each given by its index: millions of rows are not searched for the few texts in them.
    Names {
        /// The list.
        names: Vec<String>,
        /// Per row the index of its text.
        places: Places<'a>,
    },
    /// Values of some rows; the others are null.
    Gapped {
        /// The values, without the nulls between them.
        values: Box<Self>,
        /// Whether a row has one of them, for every row.
        filled: Bitmap,
    },
}

/// Whole numbers, borrowed unless they are made for the file.
#[derive(Debug, Clone)]
pub enum Numbers<'a> {
    /// 32 bits in the file.
    I32(Cow<'a, [i32]>),
    /// 64 bits in the file.
    U32(Cow<'a, [u32]>),
    /// 64 bits in the file.
    I64(Cow<'a, [i64]>),
}

/// The indices of texts in their list.
#[derive(Debug, Clone)]
pub enum Places<'a> {
    /// Of a few texts.
    U8(&'a [u8]),
    /// Of more of them.
    U16(&'a [u16]),
    /// Made for this column.
    U32(Vec<u32>),
}

impl Values<'_> {
    /// The type of the column; names are texts.
    #[must_use]
    pub fn dtype(&self) -> DataType {
        match self {
            Self::Plain(column) => column.dtype().clone(),
            Self::Numbers { dtype, .. } => dtype.clone(),
            Self::Names { .. } => DataType::String,
            Self::Gapped { values, .. } => values.dtype(),
        }
    }
}

impl<'a> From<Numbers<'a>> for Values<'a> {
    /// Integers that are neither days nor money.
    fn from(numbers: Numbers<'a>) -> Self {
        let dtype = match numbers {
            Numbers::I32(_) => DataType::Int32,
            Numbers::U32(_) | Numbers::I64(_) => DataType::Int64,
        };
        Self::Numbers { numbers, dtype }
    }
}

impl From<Vec<i32>> for Values<'_> {
    fn from(numbers: Vec<i32>) -> Self {
        Numbers::I32(numbers.into()).into()
    }
}
