//! Few customers, with very many rows each: every thread folds them for itself, and hands its sums over every few batches.
//!
//! Some thousand customers stay in a core's cache, so that a row needs no way to a partition. Only rows that are orders by
//! themselves come here, where nothing is kept of each order and there is no payload. What a thread knows is merged before it
//! spans more days than an accumulator remembers one by one. Where more customers appear, the fold goes on without this.
//! Does not live here: merging (`state`), and the partitions (`partition`).

use super::accumulator::Accumulator;
use super::key::Name;
use super::order::LonePolicy;
use super::table::{Table, Who};
use crate::batch::{Batch, Ids};
use crate::error::Result;
use crate::hashing::hash_text;

/// Customers beyond which there are many.
const MOST_CUSTOMERS: usize = 8192;
/// Days that the sums of a thread may span: fewer than an accumulator remembers, so that merging is exact.
const MOST_DAYS: i64 = 48;
/// Batches after which sums are handed over.
const MOST_BATCHES: u32 = 4;

/// Rows whose customers are asked for together.
const AT_ONCE: usize = 64;

/// What one thread knows of few customers.
#[derive(Debug)]
pub(super) struct Few<N> {
    table: Table<N, Accumulator>,
    /// Rows that the measures leave something out of: the place, the amount and the day.
    noted: Vec<(usize, i64, i32)>,
    /// The first and the last day since sums were handed over.
    days: Option<(i32, i32)>,
    batches: u32,
}

impl<N> Default for Few<N> {
    fn default() -> Self {
        Self { table: Table::default(), noted: Vec::new(), days: None, batches: 0 }
    }
}

/// Takes the sums of a customer, with the rows to be noted: amounts and days.
pub(super) trait TakesSums {
    fn take(&mut self, who: Who<'_>, sums: &Accumulator, noted: &[(usize, i64, i32)]) -> Result<()>;
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// All rows were taken.
    All,
    /// The first rows were taken, then there were too many customers.
    TooMany(usize),
    /// None was taken: the batch spans too many days.
    None,
}

impl<N: Name> Few<N> {
    /// Takes the rows of a batch, each an order by itself.
    ///
    /// # Errors
    /// The first error of `to`.
    pub(super) fn add(&mut self, batch: &Batch<'_>, policy: &LonePolicy, to: &mut impl TakesSums) -> Result<Taken> {
        let Some(days) = days_of(batch) else { return Ok(Taken::All) };
        if is_long(days) {
            return Ok(Taken::None);
        }
        let all = self.days.map_or(days, |(first, last)| (first.min(days.0), last.max(days.1)));
        if is_long(all) {
            self.hand_over(to)?;
        }
        self.days = Some(if is_long(all) { days } else { all });
        let taken = match batch.ids {
            Ids::Integer(ids) => self.add_rows(batch, policy, |row| N::key(ids[row].cast_unsigned()), |_| &[])?,
            Ids::Text(ids) => self.add_rows(batch, policy, |row| N::key(hash_text(ids[row])), |row| ids[row])?,
        };
        self.batches += 1;
        if taken != Taken::All || self.batches >= MOST_BATCHES {
            self.hand_over(to)?;
        }
        Ok(taken)
    }

    #[inline]
    fn add_rows<'a>(
        &mut self,
        batch: &Batch<'_>,
        policy: &LonePolicy,
        key: impl Fn(usize) -> u64,
        name: impl Fn(usize) -> &'a [u8],
    ) -> Result<Taken> {
        let Self { table, noted, .. } = self;
        let mut ahead = [(0, 0); AT_ONCE];
        for start in (0..batch.days.len()).step_by(AT_ONCE) {
            let rows = start..batch.days.len().min(start + AT_ONCE);
            for (row, ahead) in rows.clone().zip(&mut ahead) {
                let key = key(row);
                *ahead = (key, table.ask_for_key(key));
            }
            for (row, &(key, likely)) in rows.zip(&ahead) {
                let (amount, day) = (batch.amounts[row], batch.days[row]);
                if !batch.is_kept(row) {
                    continue;
                }
                let who = Who { key, name: name(row) };
                let place = match table.find_from(likely, who) {
                    Some(place) => place,
                    None if table.customers.len() >= MOST_CUSTOMERS => return Ok(Taken::TooMany(row)),
                    None => table.find_or_add(who)?,
                };
                table.customers[place].known.add_lone(amount, day, policy);
                if policy.is_noted(amount, day) {
                    noted.push((place, amount, day));
                }
            }
        }
        Ok(Taken::All)
    }

    /// Hands all sums over, and begins anew with the same customers.
    ///
    /// # Errors
    /// The first error of `to`.
    pub(super) fn hand_over(&mut self, to: &mut impl TakesSums) -> Result<()> {
        self.noted.sort_unstable_by_key(|(place, ..)| *place);
        let mut noted = self.noted.as_slice();
        for place in 0..self.table.customers.len() {
            let customer = &mut self.table.customers[place];
            let (own, others) = noted.split_at(noted.partition_point(|(noted, ..)| *noted <= place));
            noted = others;
            if customer.known.has_closed() {
                let who = Who { key: customer.key, name: customer.name.text(&self.table.names) };
                to.take(who, &customer.known, own)?;
                customer.known = Accumulator::new();
            }
        }
        self.noted.clear();
        (self.days, self.batches) = (None, 0);
        Ok(())
    }
}

/// Whether so many days are too many.
fn is_long((first, last): (i32, i32)) -> bool {
    i64::from(last) - i64::from(first) >= MOST_DAYS
}

/// The first and the last day of the rows that are used; none without such rows.
fn days_of(batch: &Batch<'_>) -> Option<(i32, i32)> {
    let widen = |(first, last): (i32, i32), day: &i32| (first.min(*day), last.max(*day));
    let nothing = (i32::MAX, i32::MIN);
    let days = match batch.kept {
        None => batch.days.iter().fold(nothing, widen),
        Some(kept) => batch.days.iter().zip(kept).filter(|(_, kept)| **kept).map(|(day, _)| day).fold(nothing, widen),
    };
    (days.0 <= days.1).then_some(days)
}
