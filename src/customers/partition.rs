//! One partition of the customers: a table of them, the rows waiting for it, and its log of closed orders.
//!
//! Lives here: when rows are folded, and what is settled when all are in. Does not live here: the rows that wait (`waiting`),
//! what is done with each (`lines`), finding and making customers (`table`), locks and threads (`fold`), what the log knows
//! (`log`), or doing a customer again (`repair`).

use super::accumulator::Accumulator;
use super::chunks::Chunks;
use super::closed_orders::ClosedOrders;
use super::key::Name;
use super::lines::{Carried, Lines};
use super::log::Log;
use super::order::{Order, OrderPolicy};
use super::orders::Book;
use super::payload::{Layout, ORDER_SUM, Payload, Policy};
use super::row::{Packed, lone};
use super::scatter::{Delivery, upper_key};
use super::side::SideTotals;
use super::strangers::{MOST_STRANGERS, STRANGERS_PER_CUSTOMER, Strangers};
use super::table::{Table, Who};
use super::waiting::Waiting;
use crate::error::Result;
use crate::spill::Room;

/// A customer of the table.
pub type Customer<N> = crate::customers::table::Customer<N, Accumulator>;

/// What the room was told of a partition.
#[derive(Debug, Clone, Copy, Default)]
struct Noted {
    customers: usize,
    /// Bytes that could be spilled.
    bytes: usize,
}

/// One partition.
#[derive(Debug)]
pub struct Partition<N> {
    /// What the keys of all its customers begin with.
    upper_key: u64,
    table: Table<N, Accumulator>,
    payload: Payload,
    waiting: Waiting,
    closed: ClosedOrders,
    strangers: Strangers<N>,
    /// True where there were too many strangers: what notes say is not known.
    has_given_up: bool,
    noted: Noted,
}

impl<N: Name> Partition<N> {
    /// An empty partition: the number of it among all.
    #[must_use]
    pub fn numbered(number: usize) -> Self {
        Self {
            upper_key: upper_key(number),
            table: Table::default(),
            payload: Payload::default(),
            waiting: Waiting::default(),
            closed: ClosedOrders::default(),
            strangers: Strangers::default(),
            has_given_up: false,
            noted: Noted::default(),
        }
    }

    /// Takes rows; they are folded when enough of them wait.
    ///
    /// # Errors
    /// A compute error where the partition cannot hold more customers.
    pub fn receive(&mut self, delivery: Delivery<'_>, policy: &Policy) -> Result<()> {
        if !self.waiting.has_room_for(delivery.rows) {
            self.fold_waiting(policy)?;
        }
        self.waiting.push(delivery, &policy.layout);
        Ok(())
    }

    /// Takes the sums of a customer's rows, which are orders by themselves, and notes those that the measures leave something
    /// out of: amounts and days.
    ///
    /// # Errors
    /// As [`Partition::receive`].
    pub(super) fn take_sums(
        &mut self,
        who: Who<'_>,
        sums: &Accumulator,
        noted: &[(usize, i64, i32)],
        policy: &Policy,
    ) -> Result<()> {
        // Rows that have waited for long come first: days that lie far apart could not be told from others.
        if !self.waiting.is_empty() {
            self.fold_waiting(policy)?;
        }
        let place = self.table.find_or_add(who)?;
        self.table.customers[place].known.merge(sums);
        for &(_, amount, day) in noted {
            self.closed.side.note(place, &Order::of_row(lone(amount, day)), &policy.orders);
        }
        Ok(())
    }

    fn fold_waiting(&mut self, policy: &Policy) -> Result<()> {
        let mut waiting = std::mem::take(&mut self.waiting);
        let folded = if waiting.short.is_empty() {
            self.fold_rows(&waiting.long, &waiting, policy)
        } else {
            self.fold_rows(&waiting.short, &waiting, policy)
        };
        waiting.clear();
        self.waiting = waiting;
        folded?;
        self.note_room(&policy.room)
    }

    /// Tells the room how the partition has grown, and spills what can be spilled where there is no room left.
    pub(super) fn note_room(&mut self, room: &Room) -> Result<()> {
        if room.is_unlimited() {
            return Ok(());
        }
        let noted = Noted { customers: self.table.customers.len(), bytes: self.closed.held_bytes() };
        let change = noted.bytes.cast_signed() as i64 - self.noted.bytes.cast_signed() as i64;
        let customers = noted.customers - self.noted.customers;
        self.noted = noted;
        if room.note(customers, change)? {
            self.closed.spill(room)?;
            self.noted.bytes = self.closed.held_bytes();
        }
        Ok(())
    }

    fn fold_rows<R: Packed>(&mut self, rows: &[R], waiting: &Waiting, policy: &Policy) -> Result<()> {
        let beside = waiting.beside.iter();
        if policy.layout.is_empty() {
            let mut lines = Lines::new(&mut self.closed, beside, &policy.orders);
            return self.table.for_each_row(rows, &waiting.names, self.upper_key, &mut lines);
        }
        let Self { table, payload, closed: orders, strangers, has_given_up, .. } = self;
        let words = waiting.words.chunks_exact(policy.layout.row_words());
        let (texts, remembers) = (&waiting.texts, !*has_given_up);
        let mut carried = Carried { orders, payload, strangers, beside, words, texts, policy, remembers };
        table.for_each_row(rows, &waiting.names, self.upper_key, &mut carried)?;
        payload.forget_unused_texts(&policy.layout);
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
            if let Some(customer) = self.table.find(Who { key: stranger.key, name }) {
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

    /// The place of a known customer, by their key within the partition.
    #[must_use]
    pub(super) fn find(&self, key: u64, name: &[u8]) -> Option<usize> {
        self.table.find(Who { key: self.upper_key | key, name })
    }

    /// Settles by the log or the orders what the accumulators left open, and names the places of customers who must be done
    /// again, ascending: those with an order that came back after it was closed, those with an order that is judged twice, and
    /// those whose days are not known. Frees the log.
    ///
    /// # Errors
    /// A write error where what was spilled cannot be read back.
    pub fn settle(&mut self, policy: &OrderPolicy) -> Result<Vec<u32>> {
        let log = self.closed.take_log();
        let mut again = log.orders_that_came_back()?;
        again.append(&mut self.closed.cut);
        let uncertain = |customer: &Customer<N>| customer.known.is_uncertain();
        if self.table.customers.iter().any(uncertain) {
            self.settle_days(&log, policy)?;
            let customers = (0_u32..).zip(self.table.customers.iter());
            again.extend(customers.filter(|(_, customer)| uncertain(customer)).map(|(place, _)| place));
        }
        again.sort_unstable();
        again.dedup();
        self.closed.settle(&again)?;
        Ok(again)
    }

    fn settle_days(&mut self, log: &Log, policy: &OrderPolicy) -> Result<()> {
        let count = self.table.customers.len();
        let is_asked = |place: usize| self.table.customers[place].known.is_uncertain();
        let days: Vec<(usize, u32)> = match &mut self.closed.book {
            Some(book) => {
                book.order_days(count, policy)?.into_iter().enumerate().filter(|(place, _)| is_asked(*place)).collect()
            }
            None => log.days_of(policy.window_start, is_asked)?.unwrap_or_default(),
        };
        for (place, distinct) in days {
            self.table.customers[place].known.settle_days(distinct);
        }
        Ok(())
    }

    /// What is kept of closed orders.
    pub(super) fn keep(&mut self, log: Log, keeps_orders: bool) {
        self.closed.log = log;
        self.closed.book = keeps_orders.then(Book::default);
    }
}
