//! Columns of few distinct texts as indices, and columns of ids, slice by slice.

use std::collections::HashMap;

use polars::prelude::*;
use rayon::prelude::*;

use super::NO_CELL;
use crate::customers::CustomerIds;
use crate::reports::campaigns::targets::Words;

/// Rows that one thread looks at.
const SHARE_ROWS: usize = 1 << 16;

/// Texts and their indices, as far as slices were read.
#[derive(Debug, Default)]
pub(in crate::commands::campaign) struct WordsBuilder {
    names: Vec<String>,
    known: HashMap<String, u32>,
    of: Vec<u32>,
}

/// The texts of some rows in the order of their first row, and the index of each row.
struct Share<'a> {
    names: Vec<&'a str>,
    of: Vec<u32>,
}

impl WordsBuilder {
    pub(in crate::commands::campaign) fn names(&self) -> &[String] {
        &self.names
    }

    /// The index of the text of each row; null is [`NO_CELL`].
    ///
    /// # Errors
    /// A Polars error where the column is missing or holds no texts.
    pub(in crate::commands::campaign) fn words(&mut self, slice: &DataFrame, column: &str) -> PolarsResult<Vec<u32>> {
        let texts = slice.column(column)?.str()?;
        let starts = (0_i64..).step_by(SHARE_ROWS).take(texts.len().div_ceil(SHARE_ROWS));
        let slices: Vec<StringChunked> = starts.map(|start| texts.slice(start, SHARE_ROWS)).collect();
        let shares: Vec<Share<'_>> = slices.par_iter().map(share).collect();
        let mut of = Vec::with_capacity(texts.len());
        for share in shares {
            let indices: Vec<u32> = share.names.iter().map(|name| self.index(name)).collect();
            of.extend(share.of.iter().map(|place| indices[*place as usize]));
        }
        Ok(of)
    }

    #[allow(clippy::cast_possible_truncation)] // fewer texts than rows
    fn index(&mut self, name: &str) -> u32 {
        if let Some(index) = self.known.get(name) {
            return *index;
        }
        let index = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.known.insert(name.to_owned(), index);
        index
    }

    /// Keeps these rows of a slice.
    pub(super) fn keep(&mut self, words: &[u32], rows: &[IdxSize]) {
        self.of.extend(rows.iter().map(|row| words[*row as usize]));
    }

    pub(super) fn finish(self) -> Words {
        Words { names: self.names, of: self.of }
    }
}

#[allow(clippy::cast_possible_truncation)] // fewer than SHARE_ROWS
fn share(texts: &StringChunked) -> Share<'_> {
    let (mut names, mut known): (Vec<&str>, HashMap<&str, u32>) = (Vec::new(), HashMap::new());
    let of = texts.iter().map(|text| {
        let text = text.unwrap_or(NO_CELL);
        *known.entry(text).or_insert_with(|| {
            names.push(text);
            names.len() as u32 - 1
        })
    });
    let of = of.collect();
    Share { names, of }
}

/// Adds a column of ids behind others.
///
/// # Errors
/// A Polars error where it holds neither numbers nor texts.
pub(super) fn add_ids(ids: &mut CustomerIds, column: &Column) -> PolarsResult<()> {
    if let Ok(integers) = column.i64() {
        if let CustomerIds::Integer(ids) = ids {
            ids.extend(integers.iter().flatten());
        }
        return Ok(());
    }
    if ids.is_empty() {
        *ids = CustomerIds::Text { bytes: Vec::new(), ends: Vec::new() };
    }
    if let CustomerIds::Text { bytes, ends } = ids {
        for text in column.str()?.iter().flatten() {
            bytes.extend_from_slice(text.as_bytes());
            ends.push(bytes.len());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_their_index_from_slice_to_slice() {
        let mut words = WordsBuilder::default();
        let slice = |values: &[Option<&str>]| df!("cell" => values).unwrap();
        assert_eq!(words.words(&slice(&[Some("b"), Some("a"), Some("b")]), "cell").unwrap(), [0, 1, 0]);
        let second = words.words(&slice(&[None, Some("a")]), "cell").unwrap();
        assert_eq!(second, [2, 1]);
        words.keep(&second, &[1]);
        let words = words.finish();
        assert_eq!((words.word(0), words.names.len()), ("a", 3));
    }

    #[test]
    fn ids_are_gathered_as_numbers_or_texts() {
        let mut ids = CustomerIds::default();
        add_ids(&mut ids, &Column::new("i".into(), [3_i64])).unwrap();
        add_ids(&mut ids, &Column::new("i".into(), [4_i64])).unwrap();
        assert_eq!(ids, CustomerIds::Integer(vec![3, 4]));
        let mut ids = CustomerIds::default();
        add_ids(&mut ids, &Column::new("i".into(), ["a", "bc"])).unwrap();
        assert_eq!((ids.len(), ids.text(1)), (2, &b"bc"[..]));
    }
}
