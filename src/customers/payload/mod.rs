//! The payload of rows: optional measures that travel next to the packed rows, and what each customer's come to.
//!
//! A run without options has none. Else every row carries the same number of 64-bit words, and every customer has a slot
//! of words; how the words are folded is said by a [`Layout`]. All of it is exact and does not depend on the order of
//! rows: sums of integers, greatest values, and sums of the orders that count.
//! Does not live here: what the words mean (`passes`), and finding a customer's slot (`partition`).

mod gathered;
mod slots;
pub mod texts;

use std::ops::Range;

pub use gathered::{Home, LongTexts, PerCustomer};
use slots::Slots;
use texts::{Arena, StillUsed, TextStore, TextWords, Texts};

use super::accumulator::Closed;
use super::order::OrderPolicy;
use crate::clean::options::Returns;
use crate::spill::Room;

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
    const fn row_words(self) -> usize {
        match self {
            Self::Sum => 1,
            Self::OrderSum => ORDER_SUM,
            Self::Greatest(words) => words,
            Self::LatestText(moment) => moment + TextWords::WORDS,
        }
    }

    const fn slot_words(self) -> usize {
        match self {
            Self::OrderSum => 2 * ORDER_SUM,
            other => other.row_words(),
        }
    }
}

/// A field, and where its words begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    field: Field,
    in_row: usize,
    in_slot: usize,
}

/// Which words a row carries, and which a slot holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    parts: Vec<Part>,
    row_words: usize,
    slot_words: usize,
    has_texts: bool,
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

    pub(super) const fn has_texts(&self) -> bool {
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
    fn texts(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        self.parts.iter().enumerate().filter_map(|(number, part)| match part.field {
            Field::LatestText(moment) => Some((number, part.in_row + moment, part.in_slot + moment)),
            _ => None,
        })
    }

    /// Makes one row of two lines of one order.
    pub(super) fn join(&self, row: &mut [u64], line: &[u64], texts: &dyn Texts) {
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
    pub(super) fn move_texts(&self, row: &mut [u64], from: &dyn Texts, to: &mut Arena) {
        for (number, start, _) in self.texts() {
            let words = TextWords::at(row, start);
            if words.is_long() {
                let reference = to.push(from.text(number, words.reference()));
                words.with_reference(reference).write(row, start);
            }
        }
    }
}

fn add(sums: &mut [u64], values: &[u64]) {
    // The sum of two's complements is the two's complement of the sum.
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum = sum.wrapping_add(*value));
}

fn keep_greatest(known: &mut [u64], other: &[u64]) {
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

/// What a line did to the orders of its customer, and whether their money counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// It opened the first order, or went on with the open one.
    Continued,
    /// It is an order by itself, which counts or not.
    Lone { counts: bool },
    /// It opened an order, and closed the one before it, which counts or not.
    Closed { counts: bool },
}

impl Effect {
    pub(super) fn of(is_lone: bool, closed: Option<Closed>, policy: &OrderPolicy) -> Self {
        match closed {
            None => Self::Continued,
            Some(Closed { order, .. }) if is_lone => Self::Lone { counts: policy.counts_money(&order) },
            Some(Closed { order, .. }) => Self::Closed { counts: policy.counts_money(&order) },
        }
    }
}

/// The slots of one partition's customers.
#[derive(Debug, Default)]
pub struct Payload {
    slots: Slots,
    texts: TextStore,
}

impl Payload {
    /// Folds a row into the slot of its customer.
    pub(super) fn fold(&mut self, layout: &Layout, slot: usize, row: &[u64], texts: &dyn Texts, effect: Effect) {
        let words = self.slots.get_mut(slot, layout.slot_words);
        for (number, part) in layout.parts.iter().enumerate() {
            let known = &mut words[part.in_slot..part.in_slot + part.field.slot_words()];
            let row = &row[part.in_row..part.in_row + part.field.row_words()];
            match part.field {
                Field::Sum => add(known, row),
                Field::OrderSum => fold_order(known, row, effect),
                Field::Greatest(_) => keep_greatest(known, row),
                Field::LatestText(moment) => self.texts.keep_latest(known, row, moment, |words| {
                    // Only a long text is somewhere else.
                    texts.text(number, words.reference())
                }),
            }
        }
    }

    /// Closes the open order of a customer.
    pub(super) fn close(&mut self, layout: &Layout, slot: usize, counts: bool) {
        if !layout.has_order_sums() {
            return;
        }
        let words = self.slots.get_mut(slot, layout.slot_words);
        for part in layout.parts.iter().filter(|part| part.field == Field::OrderSum) {
            let known = &mut words[part.in_slot..part.in_slot + 2 * ORDER_SUM];
            fold_order(known, &[0; ORDER_SUM], Effect::Closed { counts });
        }
    }

    /// Sets the order sum of a customer, computed elsewhere; none where there is no such field.
    pub(super) fn set_order_sum(&mut self, layout: &Layout, slot: usize, sum: [u64; ORDER_SUM]) {
        let words = self.slots.get_mut(slot, layout.slot_words);
        for part in layout.parts.iter().filter(|part| part.field == Field::OrderSum) {
            words[part.in_slot..part.in_slot + ORDER_SUM].copy_from_slice(&sum);
        }
    }

    /// Adds what is known of the same customer elsewhere; all orders are closed.
    pub(super) fn merge(&mut self, layout: &Layout, slot: usize, other: &Self, other_slot: usize) {
        let Some(known) = other.slots.get(other_slot, layout.slot_words) else { return };
        let mut row = vec![0; layout.row_words];
        for part in &layout.parts {
            let words = part.field.row_words();
            row[part.in_row..part.in_row + words].copy_from_slice(&known[part.in_slot..part.in_slot + words]);
        }
        self.fold(layout, slot, &row, other.texts.arena(), Effect::Lone { counts: true });
    }

    /// Forgets texts that no customer has any more, when they may be half of all.
    pub(super) fn forget_unused_texts(&mut self, layout: &Layout) {
        if !self.texts.is_full() {
            return;
        }
        let mut kept = StillUsed::default();
        for slot in self.slots.iter_mut(layout.slot_words) {
            for (_, _, start) in layout.texts() {
                let words = TextWords::at(slot, start);
                if words.is_long() {
                    words.with_reference(kept.keep(&self.texts, words.reference())).write(slot, start);
                }
            }
        }
        self.texts = kept.finish();
    }
}

/// Two sums: of the orders that are closed and count, and of the open one.
fn fold_order(known: &mut [u64], row: &[u64], effect: Effect) {
    let (closed, open) = known.split_at_mut(ORDER_SUM);
    match effect {
        Effect::Continued => add(open, row),
        Effect::Lone { counts } => {
            if counts {
                add(closed, row);
            }
        }
        Effect::Closed { counts } => {
            if counts {
                add(closed, open);
            }
            open.copy_from_slice(row);
        }
    }
}

/// The payload of a batch's rows.
#[derive(Clone, Copy)]
pub struct Extras<'a> {
    /// [`Layout::row_words`] words of each row.
    pub words: &'a [u64],
    /// The long texts that the words refer to.
    pub texts: &'a dyn Texts,
}

impl Extras<'_> {
    /// Of rows that carry nothing.
    pub const NONE: Extras<'static> = Extras { words: &[], texts: &texts::NoTexts };

    /// That of some of the rows.
    #[must_use]
    pub fn rows(&self, layout: &Layout, rows: Range<usize>) -> Self {
        let width = layout.row_words();
        Self { words: &self.words[rows.start * width..rows.end * width], ..*self }
    }
}

/// How rows are folded: which orders count, whether every order is kept, and which payload rows have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Which orders count.
    pub orders: OrderPolicy,
    /// Whether every order is kept, for what looks at each of them.
    pub keeps_orders: bool,
    /// The payload.
    pub layout: Layout,
    /// How much of what grows with the rows stays in memory.
    pub room: Room,
}

impl Default for Policy {
    fn default() -> Self {
        Self::new(OrderPolicy::new(Returns::default()))
    }
}

impl Policy {
    /// Of rows without a payload.
    #[must_use]
    pub fn new(orders: OrderPolicy) -> Self {
        Self { orders, keeps_orders: false, layout: Layout::default(), room: Room::default() }
    }
}

#[cfg(test)]
mod tests;
