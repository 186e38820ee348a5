//! One partition of the customers: a table of them, the rows waiting for it, and its log of closed orders.
//!
//! Lives here: folding waiting rows, and notes of people who have no order yet. Does not live here: finding and making customers (`table`), locks and threads
//! (`fold`), what the log knows (`log`), or doing a customer again (`repair`).

use super::accumulator::{Accumulator, Closed};
use super::chunks::Chunks;
use super::key::Name;
use super::log::Log;
use super::order::{Order, OrderPolicy};
use super::orders::Book;
use super::payload::texts::Arena;
use super::payload::{Effect, Layout, ORDER_SUM, Payload, Policy};
use super::scatter::{Delivery, Row};
use super::side::{SideAccount, SideTotals};
use super::table::Table;
use crate::error::Result;

/// Rows that wait before they are folded: enough that a partition's table, once fetched into the cache, is used
/// many times; 1024 partitions of them take 64 MiB.
const WAITING_ROWS: usize = 2048;

/// A customer of the table.
pub type Customer<N> = crate::customers::table::Customer<N, Accumulator>;

/// Rows that wait, with what travels next to them.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) rows: Vec<Row>,
    pub(super) names: Vec<u8>,
    pub(super) words: Vec<u64>,
    pub(super) texts: Arena,
}

impl Waiting {
    /// Whether so many more rows are to wait no longer.
    pub(super) const fn is_full_with(&self, more: usize) -> bool {
        self.rows.len() + more > WAITING_ROWS
    }

    pub(super) fn push(&mut self, delivery: Delivery<'_>, layout: &Layout) {
        self.reserve(delivery.rows.len());
        self.rows.extend_from_slice(delivery.rows);
        self.names.extend_from_slice(delivery.names);
        let first = self.words.len();
        self.words.extend_from_slice(delivery.words);
        if layout.has_texts() {
            for row in self.words[first..].chunks_exact_mut(layout.row_words()) {
                layout.move_texts(row, delivery.texts, &mut self.texts);
            }
        }
    }

    /// Doubles the waiting room as it fills, up to its full size and no further.
    fn reserve(&mut self, more: usize) {
        let (length, capacity) = (self.rows.len(), self.rows.capacity());
        if length + more > capacity {
            let wanted = (capacity * 2).min(WAITING_ROWS).max(length + more);
            self.rows.reserve_exact(wanted - length);
        }
    }

    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.names.clear();
        self.words.clear();
        self.texts.clear();
    }
}

/// People of whom there are notes, but no order yet.
#[derive(Debug)]
struct Strangers<N> {
    table: Table<N, ()>,
    payload: Payload,
}

impl<N> Default for Strangers<N> {
    fn default() -> Self {
        Self { table: Table::default(), payload: Payload::default() }
    }
}

/// Strangers of a partition beyond which notes are given up: at least so many, and so many times its customers. All
/// partitions together then hold about four million of them, or a multiple of the customers.
const MOST_STRANGERS: usize = 4096;
const STRANGERS_PER_CUSTOMER: usize = 2;

/// What is kept of closed orders beyond the sums.
#[derive(Debug, Default)]
struct ClosedOrders {
    log: Log,
    side: SideAccount,
    /// Every order, where they are kept.
    book: Option<Book>,
    /// Customers with an order that has lines on both sides of the cut.
    cut: Vec<u32>,
}

impl ClosedOrders {
    /// Notes an order, which is in the log only where the customer has others.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "called for nearly every row")]
    fn note(&mut self, place: usize, closed: Closed, is_logged: bool, policy: &OrderPolicy) {
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

/// One partition.
#[derive(Debug)]
pub struct Partition<N> {
    table: Table<N, Accumulator>,
    payload: Payload,
    waiting: Waiting,
    closed: ClosedOrders,
    strangers: Strangers<N>,
    /// True where there were too many strangers: what notes say is not known.
    has_given_up: bool,
}

impl<N> Default for Partition<N> {
    fn default() -> Self {
        Self {
            table: Table::default(),
            payload: Payload::default(),
            waiting: Waiting::default(),
            closed: ClosedOrders::default(),
            strangers: Strangers::default(),
            has_given_up: false,
        }
    }
}

impl<N: Name> Partition<N> {
    /// Takes rows; they are folded when enough of them wait.
    ///
    /// # Errors
    /// A compute error where the partition cannot hold more customers.
    pub fn receive(&mut self, delivery: Delivery<'_>, policy: &Policy) -> Result<()> {
        if self.waiting.is_full_with(delivery.rows.len()) {
            self.fold_waiting(policy)?;
        }
        self.waiting.push(delivery, &policy.layout);
        Ok(())
    }

    fn fold_waiting(&mut self, policy: &Policy) -> Result<()> {
        let mut waiting = std::mem::take(&mut self.waiting);
        let folded = if policy.layout.is_empty() {
            self.fold_lines(&waiting, &policy.orders)
        } else {
            self.fold_with_payload(&waiting, policy)
        };
        waiting.clear();
        self.waiting = waiting;
        folded
    }

    fn fold_lines(&mut self, waiting: &Waiting, policy: &OrderPolicy) -> Result<()> {
        let orders = &mut self.closed;
        let touch = |known: &Accumulator| u64::from(known.transactions);
        self.table.for_each_row(&waiting.rows, &waiting.names, touch, |table, row, name, likely| {
            let place = table.find_or_add_from(likely, row.id, name)?;
            if let Some(closed) = table.customers[place].known.take(row.line(), policy) {
                orders.note(place, closed, true, policy);
            }
            Ok(())
        })
    }

    fn fold_with_payload(&mut self, waiting: &Waiting, policy: &Policy) -> Result<()> {
        let Self { table, payload, closed: orders, strangers, has_given_up, .. } = self;
        let (layout, texts) = (&policy.layout, &waiting.texts);
        let mut words = waiting.words.chunks_exact(layout.row_words());
        let touch = |known: &Accumulator| u64::from(known.transactions);
        table.for_each_row(&waiting.rows, &waiting.names, touch, |table, row, name, likely| {
            let words = words.next().unwrap_or_default();
            if row.is_note() {
                if let Some(place) = table.find_from(likely, row.id, name) {
                    payload.fold(layout, place, words, texts, Effect::Continued);
                } else if !*has_given_up {
                    let place = strangers.table.find_or_add(row.id, name)?;
                    strangers.payload.fold(layout, place, words, texts, Effect::Continued);
                }
                return Ok(());
            }
            let place = table.find_or_add_from(likely, row.id, name)?;
            let line = row.line();
            let closed = table.customers[place].known.take(line, &policy.orders);
            if let Some(closed) = closed {
                orders.note(place, closed, true, &policy.orders);
            }
            payload.fold(layout, place, words, texts, Effect::of(line.lone, closed, &policy.orders));
            Ok(())
        })?;
        payload.forget_unused_texts(layout);
        if strangers.table.customers.len() > MOST_STRANGERS.max(STRANGERS_PER_CUSTOMER * table.customers.len()) {
            *strangers = Strangers::default();
            *has_given_up = true;
        }
        Ok(())
    }

    /// Folds what still waits, closes what is still open, and gives the work space back.
    ///
    /// # Errors
    /// As [`Partition::receive`].
    pub fn finish(&mut self, policy: &Policy) -> Result<()> {
        self.fold_waiting(policy)?;
        self.waiting = Waiting::default();
        for place in 0..self.table.customers.len() {
            let accumulator = &mut self.table.customers[place].known;
            let is_logged = accumulator.has_closed();
            if let Some(closed) = accumulator.close(&policy.orders) {
                self.payload.close(&policy.layout, place, policy.orders.counts_money(&closed.order));
                self.closed.note(place, closed, is_logged, &policy.orders);
            }
        }
        self.merge_strangers(&policy.layout);
        Ok(())
    }

    /// What was noted of customers before their first order; the others are forgotten.
    fn merge_strangers(&mut self, layout: &Layout) {
        let strangers = std::mem::take(&mut self.strangers);
        for (place, stranger) in strangers.table.customers.iter().enumerate() {
            let name = stranger.name.text(&strangers.table.names);
            if let Some(customer) = self.table.find(stranger.id, name) {
                self.payload.merge(layout, customer, &strangers.payload, place);
            }
        }
    }

    /// True where there were more people without an order than were to be remembered: notes are not complete.
    #[must_use]
    pub const fn has_given_up(&self) -> bool {
        self.has_given_up
    }

    /// Takes the payload out, when all rows are in.
    pub(super) fn take_payload(&mut self) -> Payload {
        std::mem::take(&mut self.payload)
    }

    /// Replaces the order sum of a customer.
    pub(super) fn set_order_sum(&mut self, layout: &Layout, place: usize, sum: [u64; ORDER_SUM]) {
        self.payload.set_order_sum(layout, place, sum);
    }

    /// The customers, in the order in which they were first seen.
    #[must_use]
    pub fn customers(&self) -> &Chunks<Customer<N>> {
        &self.table.customers
    }

    /// Replaces what is known of a customer.
    pub fn set(&mut self, place: usize, accumulator: Accumulator) {
        self.table.customers[place].known = accumulator;
    }

    /// Forgets what was noted of the orders of customers at these ascending places.
    pub(super) fn forget_orders(&mut self, places: &[u32]) {
        self.closed.side.forget(places);
        if let Some(book) = &mut self.closed.book {
            book.forget(places);
        }
    }

    /// Notes a whole order of a customer who is done again; `early` is the order by its lines up to the cut.
    pub(super) fn note_order(&mut self, place: usize, order: &Order, early: &Order, policy: &OrderPolicy) {
        self.closed.side.note(place, order, policy);
        match &mut self.closed.book {
            Some(book) if policy.is_cut(order) => book.note_cut(place, order, early, policy),
            Some(book) => book.note(place, order, policy),
            None => {}
        }
    }

    /// What is known of a customer, to be settled.
    pub fn accumulator_mut(&mut self, place: usize) -> &mut Accumulator {
        &mut self.table.customers[place].known
    }

    /// What the measures leave out.
    #[must_use]
    pub fn side_totals(&self) -> SideTotals {
        self.closed.side.totals()
    }

    /// Takes every order out, where they are kept, when all rows are in.
    pub(super) fn take_book(&mut self) -> Option<Book> {
        self.closed.book.take()
    }

    /// The store of text ids.
    #[must_use]
    pub fn names(&self) -> &[u8] {
        &self.table.names
    }

    /// The store of text ids and the customers, when no more rows will come.
    #[must_use]
    pub fn into_customers(self) -> (Vec<u8>, Chunks<Customer<N>>) {
        (self.table.names, self.table.customers)
    }

    /// The place of a known customer.
    #[must_use]
    pub fn find(&self, id: u64, name: &[u8]) -> Option<usize> {
        self.table.find(id, name)
    }

    /// Settles by the log or the orders what the accumulators left open, and names the places of customers who must be done
    /// again, ascending: those with an order that came back after it was closed, those with an order that is judged twice, and
    /// those whose days are not known. Frees the log.
    #[must_use]
    pub fn settle(&mut self, policy: &OrderPolicy) -> Vec<u32> {
        let log = std::mem::take(&mut self.closed.log);
        let mut again = log.orders_that_came_back();
        again.append(&mut self.closed.cut);
        let uncertain = |customer: &Customer<N>| customer.known.is_uncertain();
        if self.table.customers.iter().any(uncertain) {
            self.settle_days(&log, policy);
            let customers = (0_u32..).zip(self.table.customers.iter());
            again.extend(customers.filter(|(_, customer)| uncertain(customer)).map(|(place, _)| place));
        }
        again.sort_unstable();
        again.dedup();
        again
    }

    fn settle_days(&mut self, log: &Log, policy: &OrderPolicy) {
        let count = self.table.customers.len();
        let is_asked = |place: usize| self.table.customers[place].known.is_uncertain();
        let days: Vec<(usize, u32)> = match &mut self.closed.book {
            Some(book) => {
                book.order_days(count, policy).into_iter().enumerate().filter(|(place, _)| is_asked(*place)).collect()
            }
            None => log.days_of(policy.window_start, is_asked).unwrap_or_default(),
        };
        for (place, distinct) in days {
            self.table.customers[place].known.settle_days(distinct);
        }
    }

    /// What is kept of closed orders.
    pub(super) fn keep(&mut self, log: Log, keeps_orders: bool) {
        self.closed.log = log;
        self.closed.book = keeps_orders.then(Book::default);
    }
}
