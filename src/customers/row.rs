//! One row on its way to its customer, packed.
//!
//! Does not live here: which rows travel together (`scatter`).

use crate::batch::Line;

/// The parts of [`Row::bits`]: whether the row is an order by itself (1 bit), whether one of its lines is below zero (1 bit),
/// how many lines have joined its first (6 bits), and the bytes of a text id (24 bits).
const LONE: u32 = 1 << 31;
const LOWERED: u32 = 1 << 30;
const ONE_LINE: u32 = 1 << 24;
pub(super) const MOST_JOINED: u32 = (LOWERED - 1) / ONE_LINE;
pub(super) const LONGEST_NAME: usize = (ONE_LINE - 1) as usize;
/// The order of a row that is no line of any: only its payload counts. Lines without an order have 0.
const NO_LINE: u64 = 1;

/// A row on its way to its customer, 32 bytes. The bytes of a text id travel beside it, in the order of rows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Row {
    /// The integer id's bits, or the hash of the text id.
    pub id: u64,
    order: u64,
    amount: i64,
    day: i32,
    bits: u32,
}

impl Row {
    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    pub(super) fn new(id: u64, line: Line, length: usize) -> Self {
        let lone = if line.lone { LONE } else { 0 };
        let lowered = if line.is_lowered { LOWERED } else { 0 };
        Self { id, order: line.order, amount: line.amount, day: line.day, bits: length as u32 | lone | lowered }
    }

    /// The row, with the lines of another one before it if it has joined that one: of the same order and day. Sums wrap, as
    /// the accumulators' do. Without a branch.
    #[inline]
    pub(super) fn joining(self, before: &Self, has_joined: bool) -> Self {
        let mask = i64::from(has_joined).wrapping_neg();
        #[allow(clippy::cast_possible_truncation, reason = "all ones or all zeros")]
        let bits = self.bits | before.bits & mask as u32;
        let one_line = u32::from(has_joined) * ONE_LINE;
        Self { amount: self.amount.wrapping_add(before.amount & mask), bits: bits.wrapping_add(one_line), ..self }
    }

    /// The order line, or the lines of one order that came together.
    #[inline]
    #[must_use]
    pub fn line(&self) -> Line {
        Line {
            order: self.order,
            amount: self.amount,
            day: self.day,
            lines: (self.bits & (LOWERED - 1)) / ONE_LINE + 1,
            is_lowered: self.bits & LOWERED != 0,
            lone: self.bits & LONE != 0,
        }
    }

    /// Makes the row a note: only its payload counts.
    #[inline]
    pub(super) fn make_note(&mut self) {
        self.order = NO_LINE;
        self.bits |= LONE;
    }

    /// True where only the payload counts.
    #[inline]
    #[must_use]
    pub(super) fn is_note(&self) -> bool {
        self.bits & LONE != 0 && self.order == NO_LINE
    }

    /// Bytes of the text id.
    #[inline]
    #[must_use]
    pub fn name_length(&self) -> usize {
        (self.bits % ONE_LINE) as usize
    }
}
