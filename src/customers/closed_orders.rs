//! What one partition keeps of closed orders beyond the sums of its customers: all that grows with the rows.
//!
//! Does not live here: when it goes to disk (`partition`), and each of the accounts (`log`, `side`, `orders`).

use super::accumulator::Closed;
use super::log::Log;
use super::order::OrderPolicy;
use super::orders::Book;
use super::side::SideAccount;
use crate::error::Result;
use crate::spill::Room;

/// What is kept of closed orders beyond the sums.
#[derive(Debug, Default)]
pub(super) struct ClosedOrders {
    pub(super) log: Log,
    pub(super) side: SideAccount,
    /// Every order, where they are kept.
    pub(super) book: Option<Book>,
    /// Customers with an order that has lines on both sides of the cut.
    pub(super) cut: Vec<u32>,
    /// Whether the log is settled: what is left of returns is of few customers, and stays in memory.
    is_settled: bool,
}

impl ClosedOrders {
    /// Whether every order is noted.
    #[inline]
    pub(super) const fn keeps_all(&self) -> bool {
        self.log.is_kept() || self.book.is_some()
    }

    /// Bytes of memory that spilling frees.
    pub(super) fn held_bytes(&self) -> usize {
        let logged = if self.is_settled { 0 } else { self.log.held_bytes() + self.side.held_bytes() };
        logged + self.book.as_ref().map_or(0, Book::held_bytes)
    }

    /// Takes the log out, for what follows it.
    pub(super) fn take_log(&mut self) -> Log {
        std::mem::take(&mut self.log)
    }

    /// Sums up what is noted of returns, but for customers at these ascending places.
    ///
    /// # Errors
    /// A write error where what was spilled cannot be read back.
    pub(super) fn settle(&mut self, again: &[u32]) -> Result<()> {
        self.is_settled = true;
        self.side.settle(again)
    }

    /// Moves them to disk.
    ///
    /// # Errors
    /// A write error where the disk does not take them.
    pub(super) fn spill(&mut self, room: &Room) -> Result<()> {
        let (Some(logs), Some(orders)) = (room.logs(), room.orders()) else { return Ok(()) };
        let before = self.held_bytes();
        if !self.is_settled {
            self.log.spill(logs)?;
            self.side.spill(logs)?;
        }
        if let Some(book) = &mut self.book {
            book.spill(orders)?;
        }
        room.note_spilled(before - self.held_bytes());
        Ok(())
    }

    /// Notes an order, which is in the log only where the customer has others.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "called for nearly every row")]
    pub(super) fn note(&mut self, place: usize, closed: Closed, is_logged: bool, policy: &OrderPolicy) {
        let Closed { order, .. } = &closed;
        self.side.note(place, order, policy);
        if is_logged {
            self.log.push(place, closed);
        }
        if let Some(book) = &mut self.book {
            book.note(place, order, policy);
            if policy.is_cut(order) {
                self.cut.extend(u32::try_from(place));
            }
        }
    }
}
