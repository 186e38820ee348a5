//! One partition of the customers of several dates: a table of them, their open orders, and the orders that were closed.
//!
//! Does not live here: locks and threads (`fold`), and reading customers again (`again`).

use std::slice::{ChunksExact, Iter};

use super::bounds::Bounds;
use super::intervals::PayloadByInterval;
use super::ledger::Ledger;
use crate::batch::Line;
use crate::customers::accumulator::{Accumulator, Closed};
use crate::customers::key::Name;
use crate::customers::lines::line_of;
use crate::customers::log::{Kept, Log};
use crate::customers::order::OrderPolicy;
use crate::customers::payload::Layout;
use crate::customers::payload::texts::Arena;
use crate::customers::row::Packed;
use crate::customers::scatter::{Delivery, upper_key};
use crate::customers::table::{Table, Who, Work};
use crate::customers::waiting::Waiting;
use crate::error::Result;

/// How the rows are folded.
#[derive(Debug, Clone)]
pub struct DatesPolicy {
    /// The days between which intervals lie.
    pub bounds: Bounds,
    /// What every date has in common: windows and cuts differ.
    pub orders: OrderPolicy,
    /// The payload of rows.
    pub layout: Layout,
    /// Whether closed orders are logged.
    pub kept: Kept,
}

/// One partition.
#[derive(Debug)]
pub struct DatesPartition<N> {
    /// What the keys of all its customers begin with.
    upper_key: u64,
    pub(super) table: Table<N, Accumulator>,
    pub(super) ledger: Ledger,
    pub(super) payload: PayloadByInterval,
    log: Log,
    waiting: Waiting,
    /// Customers with an order that has lines on both sides of a bound, and once all rows are in, those with an order that came
    /// back after it was closed; then ascending.
    pub(super) again: Vec<u32>,
}

impl<N: Name> DatesPartition<N> {
    /// An empty partition: its number among all.
    pub(super) fn numbered(number: usize, kept: Kept) -> Self {
        Self {
            upper_key: upper_key(number),
            table: Table::default(),
            ledger: Ledger::default(),
            payload: PayloadByInterval::default(),
            log: Log::new(kept),
            waiting: Waiting::default(),
            again: Vec::new(),
        }
    }

    /// Takes rows; they are folded when enough of them wait.
    ///
    /// # Errors
    /// A compute error where the partition cannot hold more customers.
    pub(super) fn receive(&mut self, delivery: Delivery<'_>, policy: &DatesPolicy) -> Result<()> {
        if !self.waiting.has_room_for(delivery.rows) {
            self.fold_waiting(policy)?;
        }
        self.waiting.push(delivery, &policy.layout);
        Ok(())
    }

    fn fold_waiting(&mut self, policy: &DatesPolicy) -> Result<()> {
        let mut waiting = std::mem::take(&mut self.waiting);
        let folded = if waiting.short.is_empty() {
            self.fold_rows(&waiting.long, &waiting, policy)
        } else {
            self.fold_rows(&waiting.short, &waiting, policy)
        };
        waiting.clear();
        self.waiting = waiting;
        folded
    }

    fn fold_rows<R: Packed>(&mut self, rows: &[R], waiting: &Waiting, policy: &DatesPolicy) -> Result<()> {
        let Self { table, ledger, payload, log, again, .. } = self;
        let closed = ClosedOrders { ledger, log, again };
        let words = waiting.words.chunks_exact(policy.layout.row_words().max(1));
        let mut lines = LinesOfDates {
            closed,
            payload: &mut *payload,
            beside: waiting.beside.iter(),
            words,
            texts: &waiting.texts,
            policy,
        };
        table.for_each_row(rows, &waiting.names, self.upper_key, &mut lines)?;
        payload.forget_unused_texts(&policy.layout);
        Ok(())
    }

    /// Where a customer stands, by their key within the partition.
    pub(super) fn find(&self, key: u64, name: &[u8]) -> Option<usize> {
        self.table.find(Who { key: self.upper_key | key, name })
    }

    /// Closes what is still open, and finds out who must be read again.
    ///
    /// # Errors
    /// As [`Self::receive`].
    pub(super) fn finish(&mut self, policy: &DatesPolicy) -> Result<()> {
        self.fold_waiting(policy)?;
        self.waiting = Waiting::default();
        let Self { table, ledger, log, again, .. } = self;
        let mut closed = ClosedOrders { ledger, log, again };
        for place in 0..table.customers.len() {
            let accumulator = &mut table.customers[place].known;
            let is_logged = accumulator.has_closed();
            if let Some(order) = accumulator.close(&policy.orders) {
                closed.note(place, order, is_logged, &policy.bounds);
            }
        }
        again.extend(std::mem::take(log).orders_that_came_back()?);
        again.sort_unstable();
        again.dedup();
        Ok(())
    }
}

/// Folds rows into their customers.
struct LinesOfDates<'a> {
    closed: ClosedOrders<'a>,
    payload: &'a mut PayloadByInterval,
    beside: Iter<'a, Line>,
    /// The words of each row.
    words: ChunksExact<'a, u64>,
    texts: &'a Arena,
    policy: &'a DatesPolicy,
}

impl<N: Name, R: Packed> Work<N, Accumulator, R> for LinesOfDates<'_> {
    #[inline]
    fn ask_for(&self, _place: usize) {}

    #[inline]
    fn take(&mut self, table: &mut Table<N, Accumulator>, row: R, who: Who<'_>, likely: usize) -> Result<()> {
        let words = self.words.next().unwrap_or_default();
        let Some(line) = line_of(row, &mut self.beside) else { return Ok(()) };
        let place = table.find_or_add_from(likely, who)?;
        if let Some(order) = table.customers[place].known.take(line, &self.policy.orders) {
            self.closed.note(place, order, true, &self.policy.bounds);
        }
        if !self.policy.layout.is_empty() {
            let interval = self.policy.bounds.interval(line.day);
            self.payload.fold(&self.policy.layout, (place, interval), words, self.texts);
        }
        Ok(())
    }
}

/// Where closed orders go.
struct ClosedOrders<'a> {
    ledger: &'a mut Ledger,
    log: &'a mut Log,
    again: &'a mut Vec<u32>,
}

impl ClosedOrders<'_> {
    #[inline]
    fn note(&mut self, place: usize, closed: Closed, is_logged: bool, bounds: &Bounds) {
        let order = &closed.order;
        self.ledger.push(place, order);
        if !bounds.are_together(order.day, order.last_day) {
            self.again.extend(u32::try_from(place));
        }
        if is_logged {
            self.log.push(place, closed);
        }
    }
}
