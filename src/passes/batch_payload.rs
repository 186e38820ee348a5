//! The payload of one batch, field by field.
//!
//! Does not live here: what is written into the fields (`payload`, and a file for each measure).

use polars_arrow::array::Utf8ViewArray;

use crate::customers::payload::texts::Texts;
use crate::customers::payload::{Extras, Layout};

/// The payload of one batch.
pub(super) struct BatchPayload<'a> {
    layout: &'a Layout,
    words: Vec<u64>,
    /// Per field the column of its long texts, in which they are found by their rows.
    texts: Vec<Option<Utf8ViewArray>>,
}

impl<'a> BatchPayload<'a> {
    /// Zeros for so many rows.
    pub(super) fn new(layout: &'a Layout, rows: usize) -> Self {
        Self { layout, words: vec![0; rows * layout.row_words()], texts: Vec::new() }
    }

    /// The words of a field, row by row.
    pub(super) fn field(&mut self, field: usize) -> impl Iterator<Item = &mut [u64]> {
        let words = self.layout.in_row(field);
        self.words.chunks_exact_mut(self.layout.row_words()).map(move |row| &mut row[words.clone()])
    }

    /// Keeps the texts that the words of a field refer to.
    pub(super) fn keep_texts(&mut self, field: usize, texts: Utf8ViewArray) {
        if self.texts.len() <= field {
            self.texts.resize_with(field + 1, || None);
        }
        self.texts[field] = Some(texts);
    }

    /// As the fold takes it.
    pub(super) fn extras(&self) -> Extras<'_> {
        Extras { words: &self.words, texts: self }
    }
}

impl Texts for BatchPayload<'_> {
    #[allow(clippy::cast_possible_truncation)]
    fn text(&self, field: usize, reference: u64) -> &[u8] {
        let texts = self.texts.get(field).and_then(Option::as_ref);
        texts.map_or(&[], |texts| texts.value(reference as usize).as_bytes())
    }
}
