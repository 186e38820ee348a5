//! What a partition keeps of closed orders beyond the sums.
//!
//! Does not live here: the log (`log`), the orders themselves (`orders`), and what the sums leave out (`side`).

use super::accumulator::Closed;
use super::log::Log;
use super::order::OrderPolicy;
use super::orders::Book;
use super::side::SideAccount;

/// What is kept of closed orders beyond the sums.
#[derive(Debug, Default)]
pub(super) struct ClosedOrders {
    pub(super) log: Log,
    pub(super) side: SideAccount,
    /// Every order, where they are kept.
    pub(super) book: Option<Book>,
    /// Customers with an order that has lines on both sides of the cut.
    pub(super) cut: Vec<u32>,
}

impl ClosedOrders {
    /// Whether every order is noted.
    #[inline]
    pub(super) const fn keeps_all(&self) -> bool {
        self.log.is_kept() || self.book.is_some()
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
