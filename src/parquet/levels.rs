//! Which rows of a column have a value: the definition levels of its pages.
//!
//! Does not live here: the values (`pages`).

use std::ops::Range;

use polars::prelude::PolarsResult;
use polars_arrow::bitmap::Bitmap;
use polars_parquet::parquet::encoding::hybrid_rle::Encoder;

/// Rows whose levels are packed under one header, as readers know it.
const PACKED_ROWS: usize = 1 << 13;

/// Which rows of a column have a value.
#[derive(Clone, Copy)]
pub(crate) enum Levels<'a> {
    /// Each of them.
    All,
    /// Those whose bit is set.
    Some(&'a Bitmap),
}

/// The rows of one page.
pub(crate) struct PageRows {
    /// How many rows it has.
    pub(crate) rows: usize,
    /// Which of the column's values are theirs.
    pub(crate) values: Range<usize>,
    /// Which of them have a value; none where each has.
    filled: Option<Bitmap>,
}

impl Levels<'_> {
    /// The rows of a column with so many values, `most` of them a page.
    pub(crate) fn pages(self, values: usize, most: usize) -> Vec<PageRows> {
        let rows = match self {
            Self::All => values,
            Self::Some(filled) => filled.len(),
        };
        let mut end = 0;
        let page = |start: usize| {
            let rows = most.min(rows - start);
            let filled = match self {
                Self::All => None,
                Self::Some(filled) => Some((*filled).clone().sliced(start, rows)),
            };
            let own = filled.as_ref().map_or(rows, Bitmap::set_bits);
            let values = end..end + own;
            end = values.end;
            PageRows { rows, values, filled }
        };
        (0..rows).step_by(most).map(page).collect()
    }
}

impl PageRows {
    /// Rows without a value.
    pub(crate) fn nulls(&self) -> i64 {
        i64::try_from(self.rows - self.values.len()).unwrap_or(i64::MAX)
    }

    /// Appends the levels, behind the number of their bytes.
    pub(crate) fn write_levels(&self, page: &mut Vec<u8>) -> PolarsResult<()> {
        let start = page.len();
        page.extend([0; 4]);
        match &self.filled {
            Some(filled) if !self.values.is_empty() && self.values.len() < self.rows => {
                for first in (0..self.rows).step_by(PACKED_ROWS) {
                    let rows = PACKED_ROWS.min(self.rows - first);
                    let bits = filled.clone().sliced(first, rows);
                    write_header(page, rows.div_ceil(8) << 1 | 1);
                    let words = bits.chunks::<u64>();
                    let left = words.remainder() & ((1 << (rows % 64)) - 1);
                    page.extend(words.flat_map(u64::to_le_bytes));
                    page.extend_from_slice(&left.to_le_bytes()[..(rows % 64).div_ceil(8)]);
                }
            }
            // One run of equal levels.
            _ => bool::run_length_encode(page, self.rows, !self.values.is_empty(), 1)?,
        }
        let bytes = u32::try_from(page.len() - start - 4).unwrap_or(u32::MAX);
        page[start..start + 4].copy_from_slice(&bytes.to_le_bytes());
        Ok(())
    }
}

/// A number, seven bits a byte, the lowest first.
#[allow(clippy::cast_possible_truncation)]
fn write_header(page: &mut Vec<u8>, mut header: usize) {
    while header >= 0x80 {
        page.push(header as u8 | 0x80);
        header >>= 7;
    }
    page.push(header as u8);
}
