//! What a partition gets of a batch.
//!
//! Does not live here: what it does with it (`waiting`, `repair`).

use crate::batch::Line;
use crate::customers::key::Name;
use crate::customers::payload::texts::Texts;
use crate::customers::row::{Content, Packed, Rows, lone};
use crate::error::Result;

/// What a partition gets: rows, the text ids of each in their order, and the payload of each.
#[derive(Clone, Copy)]
pub struct Delivery<'a> {
    pub(in crate::customers) rows: Rows<'a>,
    /// The places and lines of rows that do not hold them.
    pub(in crate::customers) beside: &'a [(usize, Line)],
    /// Their text ids, each behind its length.
    pub(in crate::customers) names: &'a [u8],
    /// The words of their payload.
    pub(in crate::customers) words: &'a [u64],
    /// The long texts that the words refer to.
    pub(in crate::customers) texts: &'a dyn Texts,
}

impl Delivery<'_> {
    /// Hands over each row: its number, its key within the partition, its name, and the line, unless it is a note.
    ///
    /// # Errors
    /// The first error of `work`.
    pub(in crate::customers) fn for_each<N: Name>(
        &self,
        work: impl FnMut(usize, u64, &[u8], Option<Line>) -> Result<()>,
    ) -> Result<()> {
        match self.rows {
            Rows::Short(rows) => self.for_each_of::<N, _>(rows, work),
            Rows::Long(rows) => self.for_each_of::<N, _>(rows, work),
        }
    }

    fn for_each_of<N: Name, R: Packed>(
        &self,
        rows: &[R],
        mut work: impl FnMut(usize, u64, &[u8], Option<Line>) -> Result<()>,
    ) -> Result<()> {
        let (mut names, mut beside) = (self.names, self.beside.iter().map(|(_, line)| *line));
        for (number, row) in rows.iter().enumerate() {
            let line = match row.content() {
                Content::Lone(amount, day) => Some(lone(amount, day)),
                Content::Line(line) => Some(line),
                Content::Note => None,
                Content::Beside => beside.next(),
            };
            work(number, row.key(), N::take(&mut names), line)?;
        }
        Ok(())
    }
}
