//! The second read: customers with an order that has lines on both sides of a bound, or that came back after it was closed.
//!
//! Of each of their orders the lines of every interval are summed apart, so that the order can be said as of any date. Does not
//! live here: noticing who needs it (`partition`).

use std::sync::Mutex;

use super::bounds::Bounds;
use super::partition::{DatesPartition, DatesPolicy};
use crate::batch::Batch;
use crate::customers::key::Name;
use crate::customers::order::Order;
use crate::customers::payload::{Extras, Layout};
use crate::customers::scatter::{Delivery, Scratch};
use crate::customers::work::{Pool, lock, unlock_all};
use crate::error::{Error, Result};

/// The lines of one order in one interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    pub(super) place: u32,
    /// Orders that are one row are never joined: each has a number of its own.
    lone: u32,
    order: u64,
    interval: u16,
    is_lowered: bool,
    day: i32,
    last_day: i32,
    lines: u32,
    total: i64,
}

impl Part {
    const fn key(&self) -> (u32, u32, u64) {
        (self.place, self.lone, self.order)
    }

    fn add(&mut self, other: &Self) {
        self.day = self.day.min(other.day);
        self.last_day = self.last_day.max(other.last_day);
        self.lines += other.lines;
        self.total = self.total.wrapping_add(other.total);
        self.is_lowered |= other.is_lowered;
    }

    fn order(&self) -> Order {
        Order {
            id: (self.lone == 0).then_some(self.order),
            day: self.day,
            last_day: self.last_day,
            total: self.total,
            lines: self.lines,
            is_lowered: self.is_lowered,
        }
    }
}

/// An order by its lines up to a date, and by those up to a cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct SeenOrder {
    pub(super) order: Order,
    /// The same as the order where no line is after the cut.
    pub(super) early: Order,
}

/// The orders of one customer, whose parts these are, by the lines of the intervals up to `last`, and by those up to `cut`; in
/// the order of days.
pub(super) fn orders_up_to(parts: &[Part], last: u16, cut: u16) -> Vec<SeenOrder> {
    let mut orders = Vec::new();
    for parts in parts.chunk_by(|a, b| a.key() == b.key()) {
        let sum = |last: u16| {
            let mut seen = parts.iter().filter(|part| part.interval <= last).copied();
            seen.next().map(|first| {
                seen.fold(first, |mut sum, part| {
                    sum.add(&part);
                    sum
                })
            })
        };
        let Some(order) = sum(last).map(|sum| sum.order()) else { continue };
        let early = sum(cut.min(last)).map_or(order, |sum| sum.order());
        orders.push(SeenOrder { order, early });
    }
    orders.sort_by_key(|seen| seen.order.day);
    orders
}

/// The parts of one partition's customers.
#[derive(Debug, Default)]
struct Parts {
    parts: Vec<Part>,
    /// How many there were after the last join.
    joined: usize,
    lone: u32,
}

/// Parts are joined when they are half as many again as after the last time, and at least this many.
const PARTS_BEFORE_JOIN: usize = 16_384;

impl Parts {
    fn join_if_many(&mut self) {
        if self.parts.len() >= (self.joined + self.joined / 2).max(PARTS_BEFORE_JOIN) {
            self.join();
        }
    }

    /// Makes one part of all lines of an order in an interval.
    fn join(&mut self) {
        self.parts.sort_unstable();
        self.parts.dedup_by(|part, kept| {
            let same = part.key() == kept.key() && part.interval == kept.interval;
            if same {
                kept.add(part);
            }
            same
        });
        self.joined = self.parts.len();
    }
}

/// The second read: add the same batches once more, in any order.
#[derive(Debug)]
pub struct Again<N> {
    partitions: Vec<DatesPartition<N>>,
    parts: Vec<Mutex<Parts>>,
    scratch: Pool<Scratch>,
    bounds: Bounds,
}

impl<N: Name> Again<N> {
    /// Begins the second read.
    #[must_use]
    pub fn new(partitions: Vec<DatesPartition<N>>, policy: &DatesPolicy) -> Self {
        let parts = partitions.iter().map(|_| Mutex::default()).collect();
        Self { partitions, parts, scratch: Pool::default(), bounds: policy.bounds.clone() }
    }

    /// How many customers are read again.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.partitions.iter().map(|partition| partition.again.len()).sum()
    }

    /// Adds a batch of the same rows as in the first read.
    ///
    /// # Errors
    /// A source error where a customer appears who was not there in the first read: the input has changed.
    pub fn add(&self, batch: &Batch<'_>) -> Result<()> {
        self.scratch.with(|scratch| {
            scratch.scatter_with::<N>(batch, &Layout::default(), Extras::NONE, |index, delivery| {
                let partition = &self.partitions[index];
                if partition.again.is_empty() { Ok(()) } else { self.gather(index, delivery) }
            })
        })
    }

    fn gather(&self, index: usize, delivery: Delivery<'_>) -> Result<()> {
        let partition = &self.partitions[index];
        let mut own = lock(&self.parts[index]);
        let mut name_start = 0;
        for row in delivery.rows {
            let name_end = name_start + row.name_length();
            let found = partition.table.find(row.id, &delivery.names[name_start..name_end]);
            name_start = name_end;
            let place = found.and_then(|place| u32::try_from(place).ok()).ok_or_else(input_changed)?;
            if partition.again.binary_search(&place).is_err() {
                continue;
            }
            let line = row.line();
            own.lone += u32::from(line.lone);
            let part = Part {
                place,
                lone: if line.lone { own.lone } else { 0 },
                order: line.order,
                interval: self.bounds.interval(line.day),
                is_lowered: line.is_lowered,
                day: line.day,
                last_day: line.day,
                lines: line.lines,
                total: line.amount,
            };
            own.parts.push(part);
        }
        own.join_if_many();
        Ok(())
    }

    /// The partitions, and the parts of each, those of one customer together.
    #[must_use]
    pub fn finish(self) -> (Vec<DatesPartition<N>>, Vec<Vec<Part>>) {
        let parts = unlock_all(self.parts).into_iter().map(|mut own| {
            own.join();
            own.parts
        });
        (self.partitions, parts.collect())
    }
}

fn input_changed() -> Error {
    Error::source("the input changed while it was read: a customer appeared in the second read")
        .hint("give the run files that no other program writes to")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(order: u64, interval: u16, day: i32, total: i64) -> Part {
        Part { place: 0, lone: 0, order, interval, is_lowered: total < 0, day, last_day: day, lines: 1, total }
    }

    #[test]
    fn an_order_is_told_by_the_lines_up_to_a_date_and_up_to_a_cut() {
        // Order 1 of 50 on day 5 is taken back on day 15 and made up for on day 25; order 2 comes on day 12.
        let parts = [part(1, 0, 5, 50), part(1, 1, 15, -50), part(1, 2, 25, 7), part(2, 1, 12, 3)];
        let totals = |last: u16, cut: u16| {
            let orders = orders_up_to(&parts, last, cut);
            orders.iter().map(|seen| (seen.order.day, seen.order.total, seen.early.total)).collect::<Vec<_>>()
        };
        assert_eq!(totals(0, u16::MAX), [(5, 50, 50)]);
        assert_eq!(totals(1, 0), [(5, 0, 50), (12, 3, 3)]);
        assert_eq!(totals(2, 1), [(5, 7, 0), (12, 3, 3)]);
        let last = orders_up_to(&parts, 2, u16::MAX)[0].order;
        assert_eq!((last.last_day, last.lines, last.is_lowered), (25, 3, true));
    }

    #[test]
    fn rows_without_an_order_stay_apart_and_lines_of_one_interval_are_joined() {
        let mut parts = Parts { parts: vec![part(1, 0, 6, 2), part(1, 0, 5, 1)], ..Parts::default() };
        parts.parts.extend([1, 2].map(|lone| Part { lone, ..part(0, 0, 5, 9) }));
        parts.join();
        assert_eq!(parts.parts.len(), 3);
        assert_eq!((parts.parts[0].total, parts.parts[0].day, parts.parts[0].last_day), (3, 5, 6));
    }
}
