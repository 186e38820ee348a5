//! One partition of the customers of several dates: a table of them, their open orders, and the orders that were closed.
//!
//! Does not live here: locks and threads (`fold`), and reading customers again (`again`).

use super::bounds::Bounds;
use super::intervals::PayloadByInterval;
use super::ledger::Ledger;
use crate::customers::accumulator::{Accumulator, Closed};
use crate::customers::key::Name;
use crate::customers::log::{Kept, Log};
use crate::customers::order::OrderPolicy;
use crate::customers::partition::Waiting;
use crate::customers::payload::Layout;
use crate::customers::scatter::Delivery;
use crate::customers::table::Table;
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
    pub(super) fn new(kept: Kept) -> Self {
        Self {
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
        if self.waiting.is_full_with(delivery.rows.len()) {
            self.fold_waiting(policy)?;
        }
        self.waiting.push(delivery, &policy.layout);
        Ok(())
    }

    fn fold_waiting(&mut self, policy: &DatesPolicy) -> Result<()> {
        let Self { table, ledger, payload, log, again, waiting } = self;
        let mut closed = ClosedOrders { ledger, log, again };
        let mut words = waiting.words.chunks_exact(policy.layout.row_words().max(1));
        let touch = |known: &Accumulator| u64::from(known.transactions);
        table.for_each_row(&waiting.rows, &waiting.names, touch, |table, row, name, likely| {
            let place = table.find_or_add_from(likely, row.id, name)?;
            let line = row.line();
            if let Some(order) = table.customers[place].known.take(line, &policy.orders) {
                closed.note(place, order, true, &policy.bounds);
            }
            if !policy.layout.is_empty() {
                let interval = policy.bounds.interval(line.day);
                payload.fold(&policy.layout, (place, interval), words.next().unwrap_or_default(), &waiting.texts);
            }
            Ok(())
        })?;
        payload.forget_unused_texts(&policy.layout);
        waiting.clear();
        Ok(())
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
        again.extend(std::mem::take(log).orders_that_came_back());
        again.sort_unstable();
        again.dedup();
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
