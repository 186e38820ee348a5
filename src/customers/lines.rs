//! Rows into their customers, with and without what they carry.
//!
//! Does not live here: finding a customer (`table`), and what a row does to them (`accumulator`, `payload`).

use std::slice::ChunksExact;

use super::accumulator::Accumulator;
use super::closed::ClosedOrders;
use super::key::Name;
use super::order::OrderPolicy;
use super::payload::texts::Arena;
use super::payload::{Effect, Payload, Policy};
use super::scatter::Row;
use super::strangers::Strangers;
use super::table::{Table, Work};
use crate::error::Result;

/// Folds rows without a payload.
pub(super) struct Lines<'a> {
    pub(super) orders: &'a mut ClosedOrders,
    pub(super) policy: &'a OrderPolicy,
}

impl<N: Name> Work<N, Accumulator, Row> for Lines<'_> {
    #[inline]
    fn ask_for(&self, _place: usize) {}

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "called for every row: a call costs as much as the work")]
    fn take(&mut self, table: &mut Table<N, Accumulator>, row: &Row, name: &[u8], likely: usize) -> Result<()> {
        let place = table.find_or_add_from(likely, row.id, name)?;
        if let Some(closed) = table.customers[place].known.take(row.line(), self.policy) {
            self.orders.note(place, closed, true, self.policy);
        }
        Ok(())
    }
}

/// Folds rows with what they carry.
pub(super) struct Carried<'a, N> {
    pub(super) orders: &'a mut ClosedOrders,
    pub(super) payload: &'a mut Payload,
    pub(super) strangers: &'a mut Strangers<N>,
    /// The words of each row.
    pub(super) words: ChunksExact<'a, u64>,
    pub(super) texts: &'a Arena,
    pub(super) policy: &'a Policy,
    /// Whether notes of strangers are kept.
    pub(super) remembers: bool,
}

impl<N: Name> Work<N, Accumulator, Row> for Carried<'_, N> {
    #[inline]
    fn ask_for(&self, place: usize) {
        self.payload.ask_for(&self.policy.layout, place);
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "called for every row: a call costs as much as the work")]
    fn take(&mut self, table: &mut Table<N, Accumulator>, row: &Row, name: &[u8], likely: usize) -> Result<()> {
        let Self { payload, strangers, texts, policy, .. } = self;
        let words = self.words.next().unwrap_or_default();
        if row.is_note() {
            if let Some(place) = table.find_from(likely, row.id, name) {
                payload.fold(&policy.layout, place, words, *texts, Effect::Continued);
            } else if self.remembers {
                let place = strangers.table.find_or_add(row.id, name)?;
                strangers.payload.fold(&policy.layout, place, words, *texts, Effect::Continued);
            }
            return Ok(());
        }
        let place = table.find_or_add_from(likely, row.id, name)?;
        let line = row.line();
        let closed = table.customers[place].known.take(line, &policy.orders);
        if let Some(closed) = closed {
            self.orders.note(place, closed, true, &policy.orders);
        }
        payload.fold(&policy.layout, place, words, *texts, Effect::of(line.lone, closed, &policy.orders));
        Ok(())
    }
}
