//! Which words rows carry and which a customer's slot holds, and how lines of one order become one row.
//!
//! Does not live here: folding rows into slots (`payload`).

use std::ops::Range;

use super::texts::{Arena, TextWords, Texts};

/// How one measure is folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The sum over all rows: one word, a signed integer that wraps.
    Sum,
    /// The sum over the orders that count: of each row its value, a signed integer that wraps, and a count. A slot holds
    /// both for the orders that are closed, and for the open one.
    OrderSum,
    /// The greatest of all rows: so many words, compared as one large number; all zero where a row says nothing.
    Greatest(usize),
    /// The text of the row with the greatest moment, and of several the greatest text: so many words of the moment, all
    /// zero where a row says nothing, and two of the text ([`TextWords`]).
    LatestText(usize),
}

/// Words of an order sum in a row; a slot has twice as many.
pub const ORDER_SUM: usize = 2;

impl Field {
    pub(super) const fn row_words(self) -> usize {
        match self {
            Self::Sum => 1,
            Self::OrderSum => ORDER_SUM,
            Self::Greatest(words) => words,
            Self::LatestText(moment) => moment + TextWords::WORDS,
        }
    }

    pub(super) const fn slot_words(self) -> usize {
        match self {
            Self::OrderSum => 2 * ORDER_SUM,
            other => other.row_words(),
        }
    }
}

/// A field, and where its words begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) field: Field,
    pub(super) in_row: usize,
    pub(super) in_slot: usize,
}

/// Which words a row carries, and which a slot holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    pub(super) parts: Vec<Part>,
    pub(super) row_words: usize,
    pub(super) slot_words: usize,
    has_texts: bool,
    /// Whether any field is a sum, and whether any is something else.
    has_sums: bool,
    has_others: bool,
}

impl Layout {
    /// The fields in this order.
    #[must_use]
    pub fn new(fields: &[Field]) -> Self {
        let mut layout = Self::default();
        for &field in fields {
            layout.parts.push(Part { field, in_row: layout.row_words, in_slot: layout.slot_words });
            layout.row_words += field.row_words();
            layout.slot_words += field.slot_words();
            layout.has_texts |= matches!(field, Field::LatestText(_));
            let is_sum = matches!(field, Field::Sum | Field::OrderSum);
            layout.has_sums |= is_sum;
            layout.has_others |= !is_sum;
        }
        layout
    }

    /// Words of each row.
    #[must_use]
    pub const fn row_words(&self) -> usize {
        self.row_words
    }

    /// True where rows carry nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.row_words == 0
    }

    pub(in crate::customers) const fn has_texts(&self) -> bool {
        self.has_texts
    }

    /// True where sums follow the orders that count.
    #[must_use]
    pub fn has_order_sums(&self) -> bool {
        self.parts.iter().any(|part| part.field == Field::OrderSum)
    }

    /// Which words of a row a field has.
    #[must_use]
    pub fn in_row(&self, field: usize) -> Range<usize> {
        let part = self.parts[field];
        part.in_row..part.in_row + part.field.row_words()
    }

    /// Each text field, and where its text begins in a row; the same in a slot where there is no order sum before it.
    pub(super) fn texts(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        self.parts.iter().enumerate().filter_map(|(number, part)| match part.field {
            Field::LatestText(moment) => Some((number, part.in_row + moment, part.in_slot + moment)),
            _ => None,
        })
    }

    /// Puts a line where its row goes, or makes one row of it and the lines that are there and of the same order. Whether it
    /// joins cannot be foreseen; so sums are made without a branch, and so is what mostly is the same in all lines of an order.
    #[inline]
    #[allow(clippy::needless_bitwise_bool, reason = "a branch would cost more than both comparisons")]
    pub(in crate::customers) fn put(&self, row: &mut [u64], line: &[u64], has_joined: bool, texts: &dyn Texts) {
        if let ([row], [line]) = (&mut *row, line) {
            // One word is a sum or the greatest.
            let known = if has_joined { *row } else { 0 };
            *row = if self.has_others { known.max(*line) } else { known.wrapping_add(*line) };
            return;
        }
        if !self.has_others {
            let mask = u64::from(has_joined).wrapping_neg();
            row.iter_mut().zip(line).for_each(|(sum, value)| *sum = (*sum & mask).wrapping_add(*value));
            return;
        }
        let differs = row.iter().zip(line).fold(0, |differs, (row, line)| differs | (row ^ line)) != 0;
        if has_joined & (differs | self.has_sums) {
            self.join(row, line, texts);
        } else {
            // Mostly few words: a loop is cheaper than a call.
            row.iter_mut().zip(line).for_each(|(row, line)| *row = *line);
        }
    }

    /// Makes one row of two lines of one order.
    fn join(&self, row: &mut [u64], line: &[u64], texts: &dyn Texts) {
        for (number, part) in self.parts.iter().enumerate() {
            let words = part.in_row..part.in_row + part.field.row_words();
            let (row, line) = (&mut row[words.clone()], &line[words]);
            match part.field {
                Field::Sum | Field::OrderSum => add(row, line),
                Field::Greatest(_) => keep_greatest(row, line),
                Field::LatestText(moment) => {
                    let text = |words: TextWords| texts.text(number, words.reference());
                    if is_later_text(row, line, moment, text, text) {
                        row.copy_from_slice(line);
                    }
                }
            }
        }
    }

    /// Copies the long texts of a row from where they are into an arena.
    pub(in crate::customers) fn move_texts(&self, row: &mut [u64], from: &dyn Texts, to: &mut Arena) {
        for (number, start, _) in self.texts() {
            let words = TextWords::at(row, start);
            if words.is_long() {
                let reference = to.push(from.text(number, words.reference()));
                words.with_reference(reference).write(row, start);
            }
        }
    }
}

pub(super) fn add(sums: &mut [u64], values: &[u64]) {
    // The sum of two's complements is the two's complement of the sum.
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum = sum.wrapping_add(*value));
}

pub(super) fn keep_greatest(known: &mut [u64], other: &[u64]) {
    if *other > *known {
        known.copy_from_slice(other);
    }
}

/// Whether `other` is later than what is known, or as late and its text greater.
fn is_later_text<'a>(
    known: &[u64],
    other: &[u64],
    moment: usize,
    known_text: impl FnOnce(TextWords) -> &'a [u8],
    other_text: impl FnOnce(TextWords) -> &'a [u8],
) -> bool {
    match other[..moment].cmp(&known[..moment]) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => {
            TextWords::at(other, moment).is_greater(TextWords::at(known, moment), other_text, known_text)
        }
    }
}
