//! Rows into their customers, with and without what they carry.
//!
//! Does not live here: finding a customer (`table`), and what a row does to them (`accumulator`, `payload`).

use std::slice::{ChunksExact, Iter};

use super::accumulator::{Accumulator, Closed};
use super::closed_orders::ClosedOrders;
use super::key::Name;
use super::order::{LonePolicy, Order, OrderPolicy};
use super::payload::texts::Arena;
use super::payload::{Effect, Payload, Policy};
use super::row::{Content, Packed, lone};
use super::strangers::Strangers;
use super::table::{Table, Who, Work};
use crate::batch::Line;
use crate::error::Result;

/// The line of a row, or the next of those beside the rows; none of a note.
#[inline]
fn line_of<R: Packed>(row: R, beside: &mut Iter<'_, Line>) -> Option<Line> {
    match row.content() {
        Content::Lone(amount, day) => Some(lone(amount, day)),
        Content::Line(line) => Some(line),
        Content::Beside => beside.next().copied(),
        Content::Note => None,
    }
}

/// Folds rows without a payload.
pub(super) struct Lines<'a> {
    orders: &'a mut ClosedOrders,
    beside: Iter<'a, Line>,
    policy: &'a OrderPolicy,
    lone: LonePolicy,
    keeps_all: bool,
}

impl<'a> Lines<'a> {
    pub(super) fn new(orders: &'a mut ClosedOrders, beside: Iter<'a, Line>, policy: &'a OrderPolicy) -> Self {
        let keeps_all = orders.keeps_all();
        Self { orders, beside, policy, lone: LonePolicy::of(policy), keeps_all }
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "called for every row: a call costs as much as the work")]
    fn take_line(&mut self, place: usize, known: &mut Accumulator, line: Line) {
        if let Some(closed) = known.take(line, self.policy) {
            self.orders.note(place, closed, true, self.policy);
        }
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "called for every row: a call costs as much as the work")]
    fn take_lone(&mut self, place: usize, known: &mut Accumulator, amount: i64, day: i32) {
        known.add_lone(amount, day, &self.lone);
        if self.keeps_all | self.lone.is_noted(amount, day) {
            self.note_lone(place, amount, day);
        }
    }

    #[inline(never)]
    fn note_lone(&mut self, place: usize, amount: i64, day: i32) {
        let order = Order::of_row(lone(amount, day));
        let closed = Closed { order, is_order: self.policy.is_order(&order) };
        self.orders.note(place, closed, true, self.policy);
    }

    #[inline(never)]
    fn take_beside(&mut self, place: usize, known: &mut Accumulator) {
        if let Some(line) = self.beside.next() {
            self.take_line(place, known, *line);
        }
    }

    /// Takes a row whose customer does not stand where they most likely do.
    #[inline(never)]
    fn take_elsewhere<N: Name>(
        &mut self,
        table: &mut Table<N, Accumulator>,
        content: Content,
        who: Who<'_>,
    ) -> Result<()> {
        let place = table.find_or_add(who)?;
        self.take_content(place, &mut table.customers[place].known, content);
        Ok(())
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "called for every row: a call costs as much as the work")]
    fn take_content(&mut self, place: usize, known: &mut Accumulator, content: Content) {
        match content {
            Content::Lone(amount, day) => self.take_lone(place, known, amount, day),
            Content::Line(line) => self.take_line(place, known, line),
            Content::Beside => self.take_beside(place, known),
            // Rows without a payload are no notes.
            Content::Note => {}
        }
    }
}

impl<N: Name, R: Packed> Work<N, Accumulator, R> for Lines<'_> {
    #[inline]
    fn ask_for(&self, _place: usize) {}

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "called for every row: a call costs as much as the work")]
    fn take(&mut self, table: &mut Table<N, Accumulator>, row: R, who: Who<'_>, likely: usize) -> Result<()> {
        let content = row.content();
        let Some(known) = table.known_at(likely, who) else { return self.take_elsewhere(table, content, who) };
        self.take_content(likely, known, content);
        Ok(())
    }
}

/// Folds rows with what they carry.
pub(super) struct Carried<'a, N> {
    pub(super) orders: &'a mut ClosedOrders,
    pub(super) payload: &'a mut Payload,
    pub(super) strangers: &'a mut Strangers<N>,
    pub(super) beside: Iter<'a, Line>,
    /// The words of each row.
    pub(super) words: ChunksExact<'a, u64>,
    pub(super) texts: &'a Arena,
    pub(super) policy: &'a Policy,
    /// Whether notes of strangers are kept.
    pub(super) remembers: bool,
}

impl<N: Name> Carried<'_, N> {
    fn note(&mut self, table: &Table<N, Accumulator>, who: Who<'_>, likely: usize, words: &[u64]) -> Result<()> {
        let layout = &self.policy.layout;
        if let Some(place) = table.find_from(likely, who) {
            self.payload.fold(layout, place, words, self.texts, Effect::Continued);
        } else if self.remembers {
            let place = self.strangers.table.find_or_add(who)?;
            self.strangers.payload.fold(layout, place, words, self.texts, Effect::Continued);
        }
        Ok(())
    }
}

impl<N: Name, R: Packed> Work<N, Accumulator, R> for Carried<'_, N> {
    #[inline]
    fn ask_for(&self, place: usize) {
        self.payload.ask_for(&self.policy.layout, place);
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "called for every row: a call costs as much as the work")]
    fn take(&mut self, table: &mut Table<N, Accumulator>, row: R, who: Who<'_>, likely: usize) -> Result<()> {
        let words = self.words.next().unwrap_or_default();
        let Some(line) = line_of(row, &mut self.beside) else { return self.note(table, who, likely, words) };
        let place = table.find_or_add_from(likely, who)?;
        let policy = &self.policy.orders;
        let closed = table.customers[place].known.take(line, policy);
        if let Some(closed) = closed {
            self.orders.note(place, closed, true, policy);
        }
        let effect = Effect::of(line.lone, closed, policy);
        self.payload.fold(&self.policy.layout, place, words, self.texts, effect);
        Ok(())
    }
}
