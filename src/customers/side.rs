//! Orders that the measures do not count, or that look wrong: returns, orders before the window, orders that go on for long.
//!
//! Kept apart from the accumulators, which every row touches: an entry for each such order, and for orders before the window
//! the sums of each customer, since there may be many. Does not live here: what an order counts for (`order`).

use std::sync::Arc;

use super::chunks::Chunks;
use super::order::{Order, OrderPolicy};
use super::spill_list::SpillList;
use crate::error::Result;
use crate::spill::{Record, SpillFile, read_words};

/// What the measures leave out, and what looks wrong, of all customers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SideTotals {
    /// Rows of orders before the window.
    pub rows_before: u64,
    /// Their money, minor units; returns with it.
    pub money_before: i128,
    /// Rows of returns in the window whose money counts, and which are no orders.
    pub rows_returned: u64,
    /// Money of returns in the window that counts, minor units: zero or less.
    pub returned: i128,
    /// Rows of orders whose money is left out.
    pub rows_left_out: u64,
    /// Money that is left out, minor units: zero or less.
    pub left_out: i128,
    /// Orders that are returns.
    pub returns: u64,
    /// Orders whose total is zero or less.
    pub not_above_zero: u64,
    /// Orders whose lines lie so far apart that they are hardly one.
    pub stretched: u64,
}

impl SideTotals {
    pub(super) fn add(&mut self, other: &Self) {
        self.rows_before += other.rows_before;
        self.money_before += other.money_before;
        self.rows_returned += other.rows_returned;
        self.returned += other.returned;
        self.rows_left_out += other.rows_left_out;
        self.left_out += other.left_out;
        self.returns += other.returns;
        self.not_above_zero += other.not_above_zero;
        self.stretched += other.stretched;
    }

    fn add_entry(&mut self, entry: Entry) {
        let (rows, money) = (u64::from(entry.lines), i128::from(entry.total));
        if entry.is(LEFT_OUT) {
            self.rows_left_out += rows;
            self.left_out += money;
        } else if entry.is(IN_WINDOW) && entry.is(RETURN) {
            self.returned += money;
            self.rows_returned += if entry.is(ORDER) { 0 } else { rows };
        }
        self.returns += u64::from(entry.is(RETURN));
        self.not_above_zero += u64::from(entry.total <= 0);
        self.stretched += u64::from(entry.is(STRETCHED));
    }
}

/// What an entry is, in the highest bits beside the customer's place.
const RETURN: u32 = 1 << 31;
const IN_WINDOW: u32 = 1 << 30;
const LEFT_OUT: u32 = 1 << 29;
const STRETCHED: u32 = 1 << 28;
const ORDER: u32 = 1 << 27;
const PLACE: u32 = ORDER - 1;

/// An order that is noted, 16 bytes.
#[derive(Debug, Clone, Copy)]
struct Entry {
    place: u32,
    lines: u32,
    total: i64,
}

impl Entry {
    fn new(place: u32, order: &Order, policy: &OrderPolicy) -> Self {
        let flag = |is_set: bool, flag: u32| if is_set { flag } else { 0 };
        let flags = flag(!order.is_purchase(), RETURN)
            | flag(order.day >= policy.window_start, IN_WINDOW)
            | flag(!policy.has_money(order), LEFT_OUT)
            | flag(order.is_stretched(), STRETCHED)
            | flag(policy.is_order(order), ORDER);
        Self { place: place | flags, lines: order.lines, total: order.total }
    }

    const fn is(self, flag: u32) -> bool {
        self.place & flag != 0
    }
}

impl Record for Entry {
    const BYTES: usize = 2 * u64::BYTES;

    fn write(self, bytes: &mut Vec<u8>) {
        (u64::from(self.place) << u32::BITS | u64::from(self.lines)).write(bytes);
        self.total.cast_unsigned().write(bytes);
    }

    #[allow(clippy::cast_possible_truncation)]
    fn read(bytes: &[u8]) -> Self {
        let [first, total] = read_words(bytes);
        Self { place: (first >> u32::BITS) as u32, lines: first as u32, total: total.cast_signed() }
    }
}

/// Orders of one customer before the window.
#[derive(Debug, Clone, Copy, Default)]
struct Before {
    money: i64,
    rows: u32,
}

/// What is noted of one partition's customers.
#[derive(Debug, Default)]
pub(super) struct SideAccount {
    entries: SpillList<Entry>,
    /// Of the entries that are settled: nobody asks for them one by one.
    settled: SideTotals,
    /// By the places of the customers; those who are missing have none.
    before: Chunks<Before>,
}

impl SideAccount {
    /// Notes a closed order of the customer at `place`. Of most orders there is nothing to note.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "called for nearly every row, of most of which there is nothing to note")]
    pub(super) fn note(&mut self, place: usize, order: &Order, policy: &OrderPolicy) {
        if order.total <= 0 && policy.has_amounts || order.is_stretched() {
            self.note_entry(place, order, policy);
        }
        if order.day < policy.window_start && policy.has_money(order) {
            let before = self.before_mut(place);
            before.money = before.money.wrapping_add(order.total);
            before.rows += order.lines;
        }
    }

    #[cold]
    fn note_entry(&mut self, place: usize, order: &Order, policy: &OrderPolicy) {
        if let Ok(place) = u32::try_from(place) {
            self.entries.push(Entry::new(place, order, policy));
        }
    }

    fn before_mut(&mut self, place: usize) -> &mut Before {
        while self.before.len() <= place {
            self.before.push(Before::default());
        }
        &mut self.before[place]
    }

    /// Bytes of memory that spilling frees.
    pub(super) fn held_bytes(&self) -> usize {
        self.entries.held_bytes()
    }

    /// Moves the entries to disk.
    pub(super) fn spill(&mut self, file: &Arc<SpillFile>) -> Result<()> {
        self.entries.spill(file)
    }

    /// Sums up the entries, but for those of customers at these ascending places, who may be forgotten. All that is left is in
    /// memory.
    pub(super) fn settle(&mut self, again: &[u32]) -> Result<()> {
        let mut kept = SpillList::default();
        let settled = &mut self.settled;
        self.entries.for_each(|entry| {
            if again.binary_search(&(entry.place & PLACE)).is_ok() {
                kept.push(entry);
            } else {
                settled.add_entry(entry);
            }
        })?;
        self.entries = kept;
        Ok(())
    }

    /// Forgets the customers at these ascending places, who were not settled.
    pub(super) fn forget(&mut self, places: &[u32]) {
        let mut kept = Chunks::default();
        let is_kept = |entry: &&Entry| places.binary_search(&(entry.place & PLACE)).is_err();
        self.entries.held().iter().filter(is_kept).for_each(|entry| kept.push(*entry));
        self.entries.set_held(kept);
        for &place in places {
            if self.before.get(place as usize).is_some() {
                self.before[place as usize] = Before::default();
            }
        }
    }

    /// The sums.
    pub(super) fn totals(&self) -> SideTotals {
        let mut totals = self.settled;
        self.entries.held().iter().for_each(|entry| totals.add_entry(*entry));
        for before in self.before.iter() {
            totals.money_before += i128::from(before.money);
            totals.rows_before += u64::from(before.rows);
        }
        totals
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::options::Returns;

    fn order(total: i64, day: i32, last_day: i32) -> Order {
        Order { id: Some(1), day, last_day, total, lines: 2, is_lowered: total <= 0 }
    }

    /// The window begins on day 10: a purchase of 50 and a credit note of 8 lie before it, one of 3 in it; an order of 20
    /// goes on for 31 days, and one of 7 is as most are.
    fn orders() -> [Order; 5] {
        [order(50, 9, 9), order(-8, 5, 5), order(-3, 12, 12), order(20, 12, 43), order(7, 12, 12)]
    }

    fn noted(returns: Returns) -> SideAccount {
        let policy = OrderPolicy { window_start: 10, ..OrderPolicy::new(returns) };
        let mut account = SideAccount::default();
        for order in &orders() {
            account.note(3, order, &policy);
        }
        account
    }

    #[test]
    fn what_the_measures_leave_out_is_noted_by_kind() {
        let common = SideTotals { returns: 2, not_above_zero: 2, stretched: 1, ..SideTotals::default() };
        let before = SideTotals { rows_before: 4, money_before: 42, returned: -3, ..common };
        assert_eq!(noted(Returns::Net).totals(), SideTotals { rows_returned: 2, ..before });
        assert_eq!(noted(Returns::Literal).totals(), before, "a return is an order, and its rows are counted");
        let left_out = SideTotals { rows_left_out: 4, left_out: -11, ..common };
        let expected = SideTotals { rows_before: 2, money_before: 50, ..left_out };
        assert_eq!(noted(Returns::Purchases).totals(), expected);
    }

    #[test]
    fn what_was_spilled_is_settled_and_customers_who_are_done_again_are_not() {
        let root = tempfile::tempdir().unwrap();
        let mut account = noted(Returns::Net);
        let all = account.totals();
        account.spill(&Arc::new(SpillFile::new(root.path(), "tests"))).unwrap();
        account.note(4, &order(-1, 12, 12), &OrderPolicy::new(Returns::Net));
        account.settle(&[4]).unwrap();
        account.forget(&[4]);
        assert_eq!(account.totals(), all);
    }

    #[test]
    fn a_customer_who_is_done_again_is_forgotten() {
        let mut account = noted(Returns::Net);
        account.note(4, &order(-1, 12, 12), &OrderPolicy::new(Returns::Net));
        account.forget(&[3, 7]);
        let left =
            SideTotals { rows_returned: 2, returned: -1, returns: 1, not_above_zero: 1, ..SideTotals::default() };
        assert_eq!(account.totals(), left);
    }
}
