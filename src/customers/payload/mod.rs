//! The payload of rows: optional measures that travel next to the packed rows, and what each customer's come to.
//!
//! A run without options has none. Else every row carries the same number of 64-bit words, and every customer has a slot
//! of words; how the words are folded is said by a [`Layout`]. All of it is exact and does not depend on the order of
//! rows: sums of integers, greatest values, and sums of the orders that count.
//! Does not live here: what the words mean (`passes`), and finding a customer's slot (`partition`).

mod gathered;
mod layout;
mod slots;
pub mod texts;

use std::ops::Range;

pub use gathered::{Home, LongTexts, PerCustomer};
pub use layout::{Field, Layout, ORDER_SUM};
use layout::{add, keep_greatest};
use slots::Slots;
use texts::{StillUsed, TextStore, TextWords, Texts};

use super::accumulator::Closed;
use super::order::OrderPolicy;
use super::prefetch::prefetch;
use crate::clean::options::Returns;
use crate::spill::Room;

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
    /// Asks for the memory of a slot.
    #[inline]
    pub(super) fn ask_for(&self, layout: &Layout, slot: usize) {
        if let Some(words) = self.slots.get(slot, layout.slot_words) {
            words.first().into_iter().chain(words.last()).for_each(prefetch);
        }
    }

    /// Folds a row into the slot of its customer.
    #[inline]
    pub(super) fn fold(&mut self, layout: &Layout, slot: usize, row: &[u64], texts: &dyn Texts, effect: Effect) {
        let Self { slots, texts: own } = self;
        let words = slots.get_mut(slot, layout.slot_words);
        // Mostly there is one field, which has all words.
        if let [part] = layout.parts.as_slice() {
            return fold_field(own, part.field, words, row, effect, |words| texts.text(0, words.reference()));
        }
        for (number, part) in layout.parts.iter().enumerate() {
            let known = &mut words[part.in_slot..part.in_slot + part.field.slot_words()];
            let row = &row[part.in_row..part.in_row + part.field.row_words()];
            fold_field(own, part.field, known, row, effect, |words| texts.text(number, words.reference()));
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

/// Folds the words of a field. `text`: where a long text is found.
#[inline]
fn fold_field<'a>(
    texts: &mut TextStore,
    field: Field,
    known: &mut [u64],
    row: &[u64],
    effect: Effect,
    text: impl Fn(TextWords) -> &'a [u8],
) {
    match field {
        Field::Sum => {
            if let ([known], [row]) = (known, row) {
                *known = known.wrapping_add(*row);
            }
        }
        Field::OrderSum => fold_order(known, row, effect),
        Field::Greatest(1) => {
            if let ([known], [row]) = (known, row) {
                *known = (*known).max(*row);
            }
        }
        Field::Greatest(_) => keep_greatest(known, row),
        Field::LatestText(moment) => texts.keep_latest(known, row, moment, text),
    }
}

/// Two sums: of the orders that are closed and count, and of the open one.
fn fold_order(known: &mut [u64], row: &[u64], effect: Effect) {
    let (closed, open) = known.split_at_mut(ORDER_SUM);
    let (Some(closed), Some(open), Some(row)) =
        (closed.first_chunk_mut::<ORDER_SUM>(), open.first_chunk_mut::<ORDER_SUM>(), row.first_chunk::<ORDER_SUM>())
    else {
        return;
    };
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
            *open = *row;
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
