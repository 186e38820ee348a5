//! What is put where a row is put: its payload.
//!
//! Does not live here: where that is (`scatter`), and what the words are (`payload`).

use crate::customers::payload::{Extras, Layout};

/// What else is put where a row is put.
pub(super) trait Follow {
    /// Row `row` of the batch went to `place`, or joined the row that is there.
    fn put(&mut self, place: usize, row: usize, has_joined: bool);
}

/// Rows without a payload.
impl Follow for () {
    #[inline]
    fn put(&mut self, _place: usize, _row: usize, _has_joined: bool) {}
}

/// The payload of a batch, and where it goes.
pub(super) struct Words<'a> {
    pub(super) layout: &'a Layout,
    pub(super) extras: Extras<'a>,
    pub(super) placed: &'a mut [u64],
}

impl Words<'_> {
    #[inline]
    fn both(&mut self, place: usize, row: usize) -> (&mut [u64], &[u64]) {
        let width = self.layout.row_words();
        (&mut self.placed[place * width..][..width], &self.extras.words[row * width..][..width])
    }
}

impl Follow for Words<'_> {
    #[inline]
    fn put(&mut self, place: usize, row: usize, has_joined: bool) {
        let (layout, texts) = (self.layout, self.extras.texts);
        let (to, from) = self.both(place, row);
        layout.put(to, from, has_joined, texts);
    }
}
