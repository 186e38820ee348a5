//! Rows on their way to their customers, packed: the fewer bytes they take, the more of them wait in the same memory.
//!
//! Rows that are orders by themselves take 12 bytes, lines of orders 24. What does not fit into one stands beside it, as it
//! is. Does not live here: which rows travel together (`scatter`), and where they wait (`waiting`).

use crate::batch::Line;

/// Bits of a customer's key within their partition: the others are the partition.
pub(super) const KEY_BITS: u32 = 54;
const KEY: u64 = (1 << KEY_BITS) - 1;

/// Lines that can travel as one, less the first.
pub(super) const MOST_JOINED: u32 = 63;

/// Days take 16 bits, counted from 1900-01-01 (day -25,567): enough until 2079.
const FIRST_DAY: i32 = -25_567;

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// A row that is an order by itself: its amount and its day.
    Lone(i64, i32),
    /// A line, or some lines of one order.
    Line(Line),
    /// Nothing but its payload.
    Note,
    /// A line that does not fit into the row: it is the next of those that stand beside the rows.
    Beside,
}

/// Rows of one kind.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rows<'a> {
    /// Orders by themselves.
    Short(&'a [Short]),
    /// Lines, or whatever else.
    Long(&'a [Long]),
}

/// The line of a row that is an order by itself.
#[inline]
pub(super) const fn lone(amount: i64, day: i32) -> Line {
    Line { order: 0, amount, day, lines: 1, is_lowered: amount < 0, lone: true }
}

/// A packed row.
pub(super) trait Packed: Copy + Default {
    /// The most rows of this kind that wait in a partition: 96 KiB, or 96 MiB in all partitions together.
    const MOST_WAITING: usize;

    /// Packs a line, and tells whether it fits; else the row says that it stands beside.
    fn pack(key: u64, line: Line) -> (Self, bool);

    /// As [`Packed::pack`], of a row that is an order by itself.
    #[inline]
    fn pack_lone(key: u64, amount: i64, day: i32) -> (Self, bool) {
        Self::pack(key, lone(amount, day))
    }

    /// A row of which only the payload counts.
    fn note(key: u64) -> Self;

    /// The key within the partition.
    fn key(&self) -> u64;

    /// What it is about.
    fn content(&self) -> Content;

    /// Rows of this kind.
    fn rows(rows: &[Self]) -> Rows<'_>;
}

/// The day of a row, which fits if it has no more than 16 bits.
#[inline]
const fn short_day(day: i32) -> u32 {
    day.wrapping_sub(FIRST_DAY).cast_unsigned()
}

/// A row that is an order by itself, 12 bytes: 54 bits of the key, 26 of the amount, 16 of the day.
#[derive(Debug, Clone, Copy, Default)]
#[repr(Rust, packed(4))]
pub(super) struct Short {
    /// The key, and above it the lower bits of the amount.
    low: u64,
    /// The day, and above it the other bits of the amount.
    high: u32,
}

/// The two least amounts say that there is none.
const AMOUNT_BITS: u32 = 26;
const BESIDE: i64 = -1 << (AMOUNT_BITS - 1);
const NOTE: i64 = BESIDE + 1;
const LEAST: i64 = BESIDE + 2;
const GREATEST: i64 = -(BESIDE + 1);

impl Short {
    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    const fn new(key: u64, amount: i64, day: u32) -> Self {
        let amount = amount.cast_unsigned();
        Self { low: key & KEY | amount << KEY_BITS, high: day & 0xffff | ((amount >> 10) as u32) << 16 }
    }
}

impl Packed for Short {
    const MOST_WAITING: usize = 8192;

    fn rows(rows: &[Self]) -> Rows<'_> {
        Rows::Short(rows)
    }

    #[inline]
    fn pack(key: u64, line: Line) -> (Self, bool) {
        Self::pack_lone(key, line.amount, line.day)
    }

    #[inline]
    #[allow(clippy::needless_bitwise_bool, reason = "a branch would cost more than both comparisons")]
    fn pack_lone(key: u64, amount: i64, day: i32) -> (Self, bool) {
        const RANGE: u64 = (GREATEST - LEAST).cast_unsigned();
        let day = short_day(day);
        let fits = (amount.wrapping_sub(LEAST).cast_unsigned() <= RANGE) & (day <= 0xffff);
        (Self::new(key, if fits { amount } else { BESIDE }, day), fits)
    }

    fn note(key: u64) -> Self {
        Self::new(key, NOTE, 0)
    }

    #[inline]
    fn key(&self) -> u64 {
        self.low & KEY
    }

    #[inline]
    fn content(&self) -> Content {
        let (low, high) = (self.low >> KEY_BITS, u64::from(self.high >> 16));
        // The sign stands in the highest of the 26 bits.
        let amount = ((high << 10 | low) << (64 - AMOUNT_BITS)).cast_signed() >> (64 - AMOUNT_BITS);
        if amount < LEAST {
            return if amount == BESIDE { Content::Beside } else { Content::Note };
        }
        Content::Lone(amount, FIRST_DAY.wrapping_add((self.high & 0xffff).cast_signed()))
    }
}

/// A line of an order, or several of them, or a row that is an order by itself, 24 bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Long {
    /// The key, and above it what the row is: see [`JOINED_SHIFT`].
    key: u64,
    order: u64,
    /// The day, and above it 48 bits of the amount.
    day_and_amount: u64,
}

/// Above the key: how many lines have joined the first (6 bits), and whether one of them is below zero, whether the row is an
/// order by itself, and whether it holds no line at all: then `order` says why.
const JOINED_SHIFT: u32 = KEY_BITS;
const LOWERED: u64 = 1 << 60;
const LONE: u64 = 1 << 61;
const NO_LINE: u64 = 1 << 62;
const NO_LINE_BUT_NOTE: u64 = 1;
const NO_LINE_BUT_BESIDE: u64 = 2;
const GREATEST_LONG: i64 = (1 << 47) - 1;

impl Packed for Long {
    const MOST_WAITING: usize = 4096;

    fn rows(rows: &[Self]) -> Rows<'_> {
        Rows::Long(rows)
    }

    #[inline]
    #[allow(clippy::needless_bitwise_bool, reason = "a branch would cost more than both comparisons")]
    fn pack(key: u64, line: Line) -> (Self, bool) {
        let day = short_day(line.day);
        let fits = (line.amount >= -GREATEST_LONG) & (line.amount <= GREATEST_LONG) & (day <= 0xffff);
        if !fits {
            return (Self { key: key & KEY | NO_LINE, order: NO_LINE_BUT_BESIDE, day_and_amount: 0 }, false);
        }
        let joined = u64::from(line.lines.wrapping_sub(1) & MOST_JOINED) << JOINED_SHIFT;
        let lowered = u64::from(line.is_lowered) * LOWERED;
        let lone = u64::from(line.lone) * LONE;
        let day_and_amount = u64::from(day) | line.amount.cast_unsigned() << 16;
        (Self { key: key & KEY | joined | lowered | lone, order: line.order, day_and_amount }, true)
    }

    fn note(key: u64) -> Self {
        Self { key: key & KEY | NO_LINE, order: NO_LINE_BUT_NOTE, day_and_amount: 0 }
    }

    #[inline]
    fn key(&self) -> u64 {
        self.key & KEY
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    fn content(&self) -> Content {
        if self.key & NO_LINE != 0 {
            return if self.order == NO_LINE_BUT_NOTE { Content::Note } else { Content::Beside };
        }
        Content::Line(Line {
            order: self.order,
            amount: self.day_and_amount.cast_signed() >> 16,
            day: FIRST_DAY.wrapping_add((self.day_and_amount & 0xffff) as i32),
            lines: (self.key >> JOINED_SHIFT) as u32 % (MOST_JOINED + 1) + 1,
            is_lowered: self.key & LOWERED != 0,
            lone: self.key & LONE != 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row says what was packed, or that it does not fit.
    fn pack_and_look<R: Packed>(key: u64, line: Line) -> bool {
        let (row, fits) = R::pack(key, line);
        assert_eq!(row.key(), key % (1 << 54));
        let content = match row.content() {
            Content::Lone(amount, day) => Content::Line(lone(amount, day)),
            other => other,
        };
        assert_eq!(content, if fits { Content::Line(line) } else { Content::Beside });
        fits
    }

    #[test]
    fn rows_hold_what_fits_and_say_what_does_not() {
        assert_eq!((size_of::<Short>(), size_of::<Long>()), (12, 24));
        // 2^25 = 33,554,432; the two least of 26 bits are taken. 1900-01-01 and 65,535 days later.
        let amounts = [(33_554_431, true), (33_554_432, false), (-33_554_430, true), (-33_554_431, false), (0, true)];
        for (amount, fits) in amounts {
            assert_eq!(pack_and_look::<Short>(u64::MAX, lone(amount, 20_000)), fits, "{amount}");
            assert!(pack_and_look::<Long>(u64::MAX, lone(amount, 20_000)));
        }
        for (day, fits) in
            [(-25_567, true), (-25_568, false), (39_968, true), (39_969, false), (i32::MAX, false), (i32::MIN, false)]
        {
            assert_eq!(pack_and_look::<Short>(5, lone(-1, day)), fits, "{day}");
            assert_eq!(pack_and_look::<Long>(5, lone(-1, day)), fits, "{day}");
        }
        for lines in [1, 2, 64] {
            for (amount, fits) in [(1 << 46, true), (-(1 << 47) + 1, true), (1 << 47, false), (i64::MIN, false)] {
                let line = Line { order: u64::MAX, amount, day: 1, lines, is_lowered: lines == 2, lone: false };
                assert_eq!(pack_and_look::<Long>(1 << 53, line), fits, "{amount}");
            }
        }
        assert_eq!((Short::note(7).content(), Short::note(7).key()), (Content::Note, 7));
        assert_eq!((Long::note(7).content(), Long::note(7).key()), (Content::Note, 7));
    }
}
