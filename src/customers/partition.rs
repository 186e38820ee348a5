//! One partition of the customers: a table of them, the rows waiting for it, and its log of closed orders.
//!
//! Lives here: folding waiting rows. Does not live here: finding and making customers (`table`), locks and threads
//! (`fold`), what the log knows (`log`), or doing a customer again (`repair`).

use super::accumulator::Accumulator;
use super::chunks::Chunks;
use super::key::Name;
use super::log::Log;
use super::scatter::Row;
use super::table::Table;
use crate::clean::options::Returns;
use crate::error::Result;

/// Rows that wait before they are folded: enough that a partition's table, once fetched into the cache, is used
/// many times; 1024 partitions of them take 64 MiB.
const WAITING_ROWS: usize = 2048;

/// A customer of the table.
pub type Customer<N> = crate::customers::table::Customer<N, Accumulator>;

/// One partition.
#[derive(Debug)]
pub struct Partition<N> {
    table: Table<N, Accumulator>,
    waiting: Vec<Row>,
    waiting_names: Vec<u8>,
    log: Log,
}

impl<N> Default for Partition<N> {
    fn default() -> Self {
        Self { table: Table::default(), waiting: Vec::new(), waiting_names: Vec::new(), log: Log::default() }
    }
}

impl<N: Name> Partition<N> {
    /// Takes rows; they are folded when enough of them wait.
    ///
    /// # Errors
    /// A compute error where the partition cannot hold more customers.
    pub fn receive(&mut self, rows: &[Row], names: &[u8], returns: Returns) -> Result<()> {
        if self.waiting.len() + rows.len() > WAITING_ROWS {
            self.fold_waiting(returns)?;
        }
        self.reserve_waiting(rows.len());
        self.waiting.extend_from_slice(rows);
        self.waiting_names.extend_from_slice(names);
        Ok(())
    }

    /// Doubles the waiting room as it fills, up to its full size and no further.
    fn reserve_waiting(&mut self, more: usize) {
        let (length, capacity) = (self.waiting.len(), self.waiting.capacity());
        if length + more > capacity {
            let wanted = (capacity * 2).min(WAITING_ROWS).max(length + more);
            self.waiting.reserve_exact(wanted - length);
        }
    }

    fn fold_waiting(&mut self, returns: Returns) -> Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        let waiting_names = std::mem::take(&mut self.waiting_names);
        let log = &mut self.log;
        let touch = |known: &Accumulator| u64::from(known.transactions);
        self.table.for_each_row(&waiting, &waiting_names, touch, |table, row, name, likely| {
            let place = table.find_or_add_from(likely, row.id, name)?;
            if let Some(closed) = table.customers[place].known.take(row.line(), returns) {
                log.push(place, closed);
            }
            Ok(())
        })?;
        (self.waiting, self.waiting_names) = (waiting, waiting_names);
        self.waiting.clear();
        self.waiting_names.clear();
        Ok(())
    }

    /// Folds what still waits, closes what is still open, and gives the work space back.
    ///
    /// # Errors
    /// As [`Partition::receive`].
    pub fn finish(&mut self, returns: Returns) -> Result<()> {
        self.fold_waiting(returns)?;
        self.waiting = Vec::new();
        self.waiting_names = Vec::new();
        for place in 0..self.table.customers.len() {
            let accumulator = &mut self.table.customers[place].known;
            let is_logged = accumulator.has_closed();
            if let Some(closed) = accumulator.close(returns).filter(|_| is_logged) {
                self.log.push(place, closed);
            }
        }
        Ok(())
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

    /// What is known of a customer, to be settled.
    pub fn accumulator_mut(&mut self, place: usize) -> &mut Accumulator {
        &mut self.table.customers[place].known
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

    /// Settles by the log what the accumulators left open, and names the places of customers who must be done again,
    /// ascending: those with an order that came back after it was closed, and those whose days the log does not know.
    /// Frees the log.
    #[must_use]
    pub fn settle(&mut self) -> Vec<u32> {
        let log = std::mem::take(&mut self.log);
        let mut again = log.orders_that_came_back();
        let uncertain = |customer: &Customer<N>| customer.known.is_uncertain();
        if self.table.customers.iter().any(uncertain) {
            if let Some(days) = log.days_of(|place| uncertain(&self.table.customers[place])) {
                for (place, distinct) in days {
                    self.table.customers[place].known.settle_days(distinct);
                }
            }
            again.extend(
                (0_u32..)
                    .zip(self.table.customers.iter())
                    .filter(|(_, customer)| uncertain(customer))
                    .map(|(place, _)| place),
            );
            again.sort_unstable();
            again.dedup();
        }
        again
    }

    /// How the partition's log is kept.
    pub fn keep_log(&mut self, log: Log) {
        self.log = log;
    }
}
