//! The slow way, for exactly the customers whose orders or days could not be told apart in one pass.
//!
//! Their rows are read once more. Where the input has orders, rows are gathered per order and the accumulators built
//! anew from whole orders in the order of days, in which nothing is uncertain: memory follows their orders. Where each
//! row is an order, only the number of distinct days can be in doubt: memory follows their purchase days.
//! Of the payload, order sums are gathered with the orders.
//! Does not live here: noticing who needs it (`partition`).

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::accumulator::Accumulator;
use super::fold::Folded;
use super::key::Name;
use super::order::{Order, OrderPolicy};
use super::partition::Partition;
use super::payload::{Extras, Field, Layout, ORDER_SUM, Policy};
use super::scatter::{Delivery, Form, PARTITIONS, Scratch};
use super::work::{Pool, for_each_index, lock, unlock_all};
use crate::batch::{Batch, Line};
use crate::error::{Error, Result};
use crate::spill::{Record, Room, Spilled, read_words};

/// Lines of one order, or a part of them, with `M` sums that follow the orders which count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Part<const M: usize> {
    place: u32,
    /// Orders that are one row are never joined: each has a number of its own.
    lone: u32,
    order: u64,
    day: i32,
    last_day: i32,
    all: Lines,
    /// Those dated up to the cut.
    early: Lines,
    sums: [u64; M],
}

/// Lines of an order, summed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Lines {
    total: i64,
    count: u32,
    is_lowered: bool,
}

impl Lines {
    fn add(&mut self, other: Self) {
        self.total = self.total.wrapping_add(other.total);
        self.count += other.count;
        self.is_lowered |= other.is_lowered;
    }
}

impl<const M: usize> Part<M> {
    fn order_key(&self) -> (u32, u32, u64) {
        (self.place, self.lone, self.order)
    }

    /// The order that these lines are, when all parts are joined.
    fn as_order(&self, Lines { total, count: lines, is_lowered }: Lines) -> Order {
        let id = (self.lone == 0).then_some(self.order);
        Order { id, day: self.day, last_day: self.last_day, total, lines, is_lowered }
    }
}

/// Words of a part but for its sums.
const PART_WORDS: usize = 7;

impl<const M: usize> Record for Part<M> {
    const BYTES: usize = (PART_WORDS + M) * u64::BYTES;

    fn write(self, bytes: &mut Vec<u8>) {
        let pair = |upper: u32, lower: u32| u64::from(upper) << u32::BITS | u64::from(lower);
        let counted = |lines: Lines| u64::from(lines.count) << 1 | u64::from(lines.is_lowered);
        let words = [
            pair(self.place, self.lone),
            self.order,
            pair(self.day.cast_unsigned(), self.last_day.cast_unsigned()),
            self.all.total.cast_unsigned(),
            counted(self.all),
            self.early.total.cast_unsigned(),
            counted(self.early),
        ];
        words.iter().chain(&self.sums).for_each(|word| word.write(bytes));
    }

    #[allow(clippy::cast_possible_truncation)]
    fn read(bytes: &[u8]) -> Self {
        let [who, order, days, total, counted, early_total, early_counted] = read_words::<PART_WORDS>(bytes);
        let upper = |word: u64| (word >> u32::BITS) as u32;
        let lines = |total: u64, counted: u64| Lines {
            total: total.cast_signed(),
            count: (counted >> 1) as u32,
            is_lowered: counted & 1 == 1,
        };
        Self {
            place: upper(who),
            lone: who as u32,
            order,
            day: upper(days).cast_signed(),
            last_day: (days as u32).cast_signed(),
            all: lines(total, counted),
            early: lines(early_total, early_counted),
            sums: read_words(&bytes[PART_WORDS * u64::BYTES..]),
        }
    }
}

/// Parts are joined when they are half as many again as after the last time, and at least this many.
const PARTS_BEFORE_JOIN: usize = 16_384;

#[derive(Debug, Default)]
struct Again<const M: usize> {
    /// Places to do again, ascending.
    places: Vec<u32>,
    parts: Vec<Part<M>>,
    /// Place and day of each row, packed; used where each row is an order.
    days: Vec<u64>,
    /// Length of `parts` or `days` after the last join.
    joined: usize,
    lone: u32,
    /// Those for which memory had no room, and what it was told of the others.
    spilled_parts: Spilled<Part<M>>,
    spilled_days: Spilled<u64>,
    noted_bytes: usize,
}

/// The second pass: add the same batches once more, in any order, then finish. `M` is [`ORDER_SUM`] where rows have an order
/// sum as their only payload, and 0 where they have none: no other field depends on what is repaired.
#[derive(Debug)]
pub struct Repair<N, const M: usize> {
    partitions: Vec<Partition<N>>,
    again: Vec<Mutex<Again<M>>>,
    scratch: Pool<Scratch>,
    policy: Policy,
    /// The payload of the rows that are read again.
    layout: Layout,
    rows_are_orders: bool,
}

impl<N: Name, const M: usize> Repair<N, M> {
    /// Begins to do the uncertain customers again. `rows_are_orders`: no row has an order id.
    #[must_use]
    pub fn new(folded: Folded<N>, rows_are_orders: bool) -> Self {
        let again = folded.uncertain.into_iter().map(|places| Mutex::new(Again { places, ..Again::default() }));
        Self {
            partitions: folded.partitions,
            again: again.collect(),
            scratch: Pool::default(),
            policy: folded.policy,
            layout: Layout::new(if M == 0 { &[] } else { &[Field::OrderSum] }),
            rows_are_orders,
        }
    }

    /// Adds a batch of the same rows as in the first pass.
    ///
    /// # Errors
    /// A source error where a customer appears who was not there in the first pass: the input has changed.
    pub fn add(&self, batch: &Batch<'_>, extras: Extras<'_>) -> Result<()> {
        self.scratch.with(|scratch| {
            scratch.scatter::<N>(batch, Form::Long, &self.layout, extras, |index, delivery| {
                let mut again = lock(&self.again[index]);
                if again.places.is_empty() { Ok(()) } else { self.gather(&mut again, index, delivery) }
            })
        })
    }

    fn gather(&self, again: &mut Again<M>, index: usize, delivery: Delivery<'_>) -> Result<()> {
        delivery.for_each::<N>(|number, key, name, line| {
            let Some(line) = line else { return Ok(()) };
            let found = self.partitions[index].find(key, name);
            let place = found.and_then(|place| u32::try_from(place).ok()).ok_or_else(input_changed)?;
            if again.places.binary_search(&place).is_err() {
                return Ok(());
            }
            if self.rows_are_orders {
                again.push_day(place, line, &self.policy.orders);
            } else {
                let sums = std::array::from_fn(|word| delivery.words[number * M + word]);
                again.push(place, line, sums, self.policy.orders.cut);
            }
            Ok(())
        })?;
        again.join_if_many();
        again.note_room(&self.policy.room)
    }

    /// Builds the accumulators of these customers anew, on `threads` threads.
    ///
    /// # Errors
    /// A write error where what was spilled cannot be read back.
    pub fn finish(self, threads: usize) -> Result<Vec<Partition<N>>> {
        let partitions: Vec<Mutex<Partition<N>>> = self.partitions.into_iter().map(Mutex::new).collect();
        for_each_index(threads, PARTITIONS, |index| {
            let again = std::mem::take(&mut *lock(&self.again[index]));
            again.rebuild(&mut lock(&partitions[index]), &self.policy)
        })?;
        self.policy.room.logs().into_iter().for_each(|file| file.empty());
        Ok(unlock_all(partitions))
    }
}

fn input_changed() -> Error {
    Error::source("the input changed while it was read: a customer appeared in the second pass")
        .hint("give the run files that no other program writes to")
}

/// Sums that wrap, of each word by itself.
fn add<const M: usize>(sums: &mut [u64; M], others: &[u64; M]) {
    sums.iter_mut().zip(others).for_each(|(sum, other)| *sum = sum.wrapping_add(*other));
}

impl<const M: usize> Again<M> {
    fn push(&mut self, place: u32, line: Line, sums: [u64; M], cut: i32) {
        self.lone += u32::from(line.lone);
        let lone = if line.lone { self.lone } else { 0 };
        let all = Lines { total: line.amount, count: line.lines, is_lowered: line.is_lowered };
        let early = if line.day <= cut { all } else { Lines::default() };
        self.parts.push(Part { place, lone, order: line.order, day: line.day, last_day: line.day, all, early, sums });
    }

    fn push_day(&mut self, place: u32, line: Line, policy: &OrderPolicy) {
        if line.day >= policy.window_start && policy.is_order(&Order::of_row(line)) {
            self.days.push(u64::from(place) << 32 | u64::from(line.day.cast_unsigned()));
        }
    }

    fn join_if_many(&mut self) {
        if self.parts.len().max(self.days.len()) >= (self.joined + self.joined / 2).max(PARTS_BEFORE_JOIN) {
            self.join();
        }
    }

    /// Tells the room how much is held, and spills it where there is none left.
    fn note_room(&mut self, room: &Room) -> Result<()> {
        let bytes = self.parts.len() * size_of::<Part<M>>() + self.days.len() * size_of::<u64>();
        let change = bytes.cast_signed() as i64 - self.noted_bytes.cast_signed() as i64;
        self.noted_bytes = bytes;
        if change == 0 || !room.note(0, change)? {
            return Ok(());
        }
        let Some(file) = room.logs() else { return Ok(()) };
        self.join();
        self.spilled_parts.append(file, self.parts.iter())?;
        self.spilled_days.append(file, self.days.iter())?;
        room.note_spilled(bytes);
        (self.parts, self.days, self.joined, self.noted_bytes) = (Vec::new(), Vec::new(), 0, 0);
        Ok(())
    }

    /// Makes one part of all parts of an order.
    fn join(&mut self) {
        self.parts.sort_unstable();
        self.parts.dedup_by(|part, kept| {
            let same = part.order_key() == kept.order_key();
            if same {
                kept.day = kept.day.min(part.day);
                kept.last_day = kept.last_day.max(part.last_day);
                kept.all.add(part.all);
                kept.early.add(part.early);
                add(&mut kept.sums, &part.sums);
            }
            same
        });
        self.days.sort_unstable();
        self.days.dedup();
        self.joined = self.parts.len().max(self.days.len());
    }

    fn rebuild<N: Name>(mut self, partition: &mut Partition<N>, policy: &Policy) -> Result<()> {
        let (parts, days) = (&mut self.parts, &mut self.days);
        self.spilled_parts.for_each(|part| parts.push(part))?;
        self.spilled_days.for_each(|day| days.push(day))?;
        self.join();
        for days in self.days.chunk_by(|a, b| a >> 32 == b >> 32) {
            #[allow(clippy::cast_possible_truncation)]
            partition.accumulator_mut((days[0] >> 32) as usize).settle_days(days.len() as u32);
        }
        let mut orders = std::mem::take(&mut self.parts);
        orders.sort_unstable_by_key(|order| (order.place, order.day));
        if !orders.is_empty() {
            partition.forget_orders(&self.places);
        }
        let mut rebuilt: BTreeMap<u32, (Accumulator, [u64; M])> = BTreeMap::new();
        for part in &orders {
            let order = part.as_order(part.all);
            let (accumulator, sums) = rebuilt.entry(part.place).or_insert_with(|| (Accumulator::new(), [0; M]));
            accumulator.add_order(order, &policy.orders);
            if policy.orders.counts_money(&order) {
                add(sums, &part.sums);
            }
            partition.note_order(part.place as usize, &order, &part.as_order(part.early), &policy.orders);
        }
        for (place, (accumulator, sums)) in rebuilt {
            partition.set(place as usize, accumulator);
            if let Ok(sums) = <[u64; ORDER_SUM]>::try_from(sums.as_slice()) {
                partition.set_order_sum(&policy.layout, place as usize, sums);
            }
        }
        policy.room.note(0, -i64::try_from(self.noted_bytes).unwrap_or(0))?;
        partition.note_room(&policy.room)
    }
}
