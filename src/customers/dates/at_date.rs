//! The customers of one date: what a fold of the rows up to it would have given.
//!
//! Does not live here: how orders are kept (`histories`), and what becomes of the customers.

use rayon::prelude::*;

use super::again::orders_up_to;
use super::histories::{Block, Histories, Kept};
use crate::customers::accumulator::{Accumulator, Measures};
use crate::customers::order::{Order, OrderPolicy};
use crate::customers::orders::{Book, Orders};
use crate::customers::payload::{Home, PerCustomer};
use crate::customers::side::SideTotals;
use crate::customers::{CustomerIds, Customers, FoldedCustomers};

/// A date, and what counts at it.
#[derive(Debug, Clone, Copy)]
pub struct AtDate {
    /// The analysis date, which is a bound of the fold.
    pub as_of: i32,
    /// Its window and its cut, which is a bound, too.
    pub orders: OrderPolicy,
    /// Whether every order is wanted.
    pub keeps_orders: bool,
}

impl Histories {
    /// The customers of a date.
    #[must_use]
    pub fn at(&self, date: &AtDate) -> FoldedCustomers {
        let bounds = &self.policy.bounds;
        let (last, cut) = (bounds.interval(date.as_of), bounds.interval(date.orders.cut));
        let found: Vec<Found> = self.blocks.par_iter().map(|block| Found::of(block, date, (last, cut))).collect();
        let homes: Vec<Home> = self.blocks.iter().zip(&found).flat_map(|(block, found)| found.homes(block)).collect();
        let payloads = self.payload.par_iter().map(|own| own.up_to(&self.policy.layout, last)).collect();
        let payload = PerCustomer::new(self.policy.layout.clone(), payloads, homes);
        let (customers, orders) = joined(found, date.keeps_orders);
        FoldedCustomers { customers, payload, orders }
    }
}

/// The customers of one block.
#[derive(Debug)]
struct Found {
    /// Which customers of the block they are.
    rows: Vec<u32>,
    /// How many the block has.
    of: usize,
    ids: CustomerIds,
    measures: Vec<Measures>,
    side: SideTotals,
    without_order: u64,
    revenue_without_order: i128,
    book: Option<Book>,
}

/// One customer while their orders come by.
struct Walk<'a> {
    accumulator: Accumulator,
    /// Whether any order has come.
    has_any: bool,
    place: usize,
    policy: &'a OrderPolicy,
    side: &'a mut SideTotals,
    book: Option<&'a mut Book>,
}

impl Walk<'_> {
    #[inline]
    fn take(&mut self, order: &Order, early: Option<&Order>) {
        self.has_any = true;
        self.accumulator.add_order(*order, self.policy);
        self.side.add_order(order, self.policy);
        match (&mut self.book, early) {
            (None, _) => {}
            (Some(book), Some(early)) if self.policy.is_cut(order) => {
                book.note_cut(self.place, order, early, self.policy);
            }
            (Some(book), _) => book.note(self.place, order, self.policy),
        }
    }
}

impl Found {
    fn of(block: &Block, date: &AtDate, (last, cut): (u16, u16)) -> Self {
        let mut found = Self {
            rows: Vec::new(),
            of: block.len(),
            ids: CustomerIds::default(),
            measures: Vec::new(),
            side: SideTotals::default(),
            without_order: 0,
            revenue_without_order: 0,
            book: date.keeps_orders.then(Book::default),
        };
        for (place, kept) in block.customers().enumerate() {
            let mut walk = Walk {
                accumulator: Accumulator::new(),
                has_any: false,
                place,
                policy: &date.orders,
                side: &mut found.side,
                book: found.book.as_mut(),
            };
            match kept {
                Kept::Orders(orders) => {
                    let seen = orders.iter().take_while(|order| order.day <= date.as_of);
                    seen.for_each(|order| walk.take(&order.order(), None));
                }
                Kept::Parts(parts) => {
                    let seen = orders_up_to(parts, last, cut);
                    seen.iter().for_each(|seen| walk.take(&seen.order, Some(&seen.early)));
                }
            }
            let Walk { accumulator, has_any, .. } = walk;
            if has_any {
                found.push(place, &accumulator, date.orders.window_start);
            }
        }
        found.ids = block.ids.select_places(&found.rows);
        found
    }

    #[expect(clippy::cast_possible_truncation, reason = "a block holds fewer than 2^32 customers")]
    fn push(&mut self, place: usize, accumulator: &Accumulator, window_start: i32) {
        if let Some(measures) = accumulator.measures(window_start) {
            self.rows.push(place as u32);
            self.measures.push(measures);
        } else {
            self.without_order += 1;
            self.revenue_without_order += i128::from(accumulator.revenue());
        }
    }

    /// Where the customers were folded; nothing where there is no payload.
    fn homes(&self, block: &Block) -> Vec<Home> {
        if block.homes.is_empty() {
            Vec::new()
        } else {
            self.rows.iter().map(|row| block.homes[*row as usize]).collect()
        }
    }
}

/// The blocks, one behind the other.
fn joined(mut found: Vec<Found>, keeps_orders: bool) -> (Customers, Option<Orders>) {
    let mut customers = Customers::default();
    for own in &found {
        customers.side.add(&own.side);
        customers.without_order += own.without_order;
        customers.revenue_without_order += own.revenue_without_order;
    }
    let books: Vec<Book> = found.iter_mut().filter_map(|own| own.book.take()).collect();
    let counts: Vec<usize> = found.iter().map(|own| own.of).collect();
    let orders = keeps_orders.then(|| Orders::new(books, &counts, &homes_in_blocks(&found)));
    customers.ids = CustomerIds::concat(found.iter_mut().map(|own| std::mem::take(&mut own.ids)).collect());
    let column = Column(&found);
    customers.first_day = column.of(|own| own.first_day);
    customers.last_day = column.of(|own| own.last_day);
    customers.orders = column.of(|own| own.orders);
    customers.purchase_days = column.of(|own| own.purchase_days);
    customers.transactions = column.of(|own| own.transactions);
    customers.revenue = column.of(|own| own.revenue);
    customers.largest_order = column.of(|own| own.largest_order);
    (customers, orders)
}

/// Blocks in place of partitions.
#[expect(clippy::cast_possible_truncation, reason = "there are fewer than 2^16 blocks")]
fn homes_in_blocks(found: &[Found]) -> Vec<Home> {
    let homes =
        |(block, own): (usize, &Found)| own.rows.iter().map(move |row| (block as u16, *row)).collect::<Vec<_>>();
    found.iter().enumerate().flat_map(homes).collect()
}

/// A column of all blocks.
struct Column<'a>(&'a [Found]);

impl Column<'_> {
    fn of<T: Copy + Default + Send>(&self, value: impl Fn(&Measures) -> T + Sync) -> Vec<T> {
        let mut column = vec![T::default(); self.0.iter().map(|own| own.measures.len()).sum()];
        let mut rest = column.as_mut_slice();
        let parts = self.0.iter().map(|own| {
            let part = rest.split_off_mut(..own.measures.len()).unwrap_or_default();
            (part, own.measures.as_slice())
        });
        let parts: Vec<(&mut [T], &[Measures])> = parts.collect();
        parts.into_par_iter().for_each(|(part, measures)| {
            part.iter_mut().zip(measures).for_each(|(cell, measures)| *cell = value(measures));
        });
        column
    }
}
