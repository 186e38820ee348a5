//! Customers and prospects as one list by id: which of both stands where.
//!
//! Does not live here: who they are (`members`).

use std::ops::Range;

use polars_arrow::bitmap::{Bitmap, BitmapBuilder};

use crate::customers::CustomerIds;

/// The places of prospects among the customers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roster {
    /// Per prospect, ascending by id, the customers whose id is smaller.
    before: Vec<u32>,
}

impl Roster {
    /// The places of these prospects; both lists ascend, and no id is in both.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)]
    pub fn new(prospects: &CustomerIds, customers: &CustomerIds) -> Self {
        let mut place = 0;
        let mut before = Vec::with_capacity(prospects.len());
        for prospect in 0..prospects.len() {
            while place < customers.len() && customers.compare(place, prospects, prospect).is_lt() {
                place += 1;
            }
            before.push(place as u32);
        }
        Self { before }
    }

    /// Per prospect, ascending by id, the customers whose id is smaller.
    #[must_use]
    pub fn customers_before(&self) -> &[u32] {
        &self.before
    }

    /// The customers, and the prospects, of some rows of the list.
    #[must_use]
    pub fn split(&self, rows: &Range<usize>) -> (Range<usize>, Range<usize>) {
        let prospects = self.prospects_up_to(rows.start)..self.prospects_up_to(rows.end);
        (rows.start - prospects.start..rows.end - prospects.end, prospects)
    }

    /// Some rows of the list: the values of its customers, in their order, and between them those of its prospects.
    #[must_use]
    pub fn merged<T: Copy>(&self, rows: &Range<usize>, customers: &[T], prospect: impl Fn(usize) -> T) -> Vec<T> {
        let mut merged = Vec::with_capacity(rows.len());
        self.for_each_run(rows, |customers_before, prospect_before| {
            merged.extend_from_slice(&customers[customers_before]);
            merged.extend(prospect_before.map(&prospect));
        });
        merged
    }

    /// Which of some rows of the list are customers.
    #[must_use]
    pub fn are_customers(&self, rows: &Range<usize>) -> Bitmap {
        let mut are_customers = BitmapBuilder::with_capacity(rows.len());
        self.for_each_run(rows, |customers, prospect| {
            are_customers.extend_constant(customers.len(), true);
            are_customers.extend_constant(usize::from(prospect.is_some()), false);
        });
        are_customers.freeze()
    }

    /// Goes through some rows of the list: customers that stand together, and the prospect behind them, if there is one. Both are
    /// counted from the first of these rows.
    pub fn for_each_run(&self, rows: &Range<usize>, mut work: impl FnMut(Range<usize>, Option<usize>)) {
        let (customers, prospects) = self.split(rows);
        let mut customer = customers.start;
        for (prospect, before) in self.before[prospects].iter().enumerate() {
            let next = (*before as usize).clamp(customer, customers.end);
            work(customer - customers.start..next - customers.start, Some(prospect));
            customer = next;
        }
        work(customer - customers.start..customers.len(), None);
    }

    /// The prospects among the first rows of the list. They stand in it as they ascend.
    fn prospects_up_to(&self, row: usize) -> usize {
        let (mut low, mut high) = (0, self.before.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if (self.before[middle] as usize) + middle < row { low = middle + 1 } else { high = middle }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prospects_stand_among_the_customers_by_id() {
        let roster = Roster::new(&CustomerIds::Integer(vec![-1, 3, 4, 9]), &CustomerIds::Integer(vec![1, 2, 5, 8]));
        // -1 1 2 3 4 5 8 9
        assert_eq!(roster.customers_before(), [0, 2, 2, 4]);
        assert_eq!(roster.split(&(0..8)), (0..4, 0..4));
        assert_eq!(merged(&roster, 0..8), ["p0", "c0", "c1", "p1", "p2", "c2", "c3", "p3"]);
        assert_eq!(roster.split(&(2..6)), (1..3, 1..3));
        assert_eq!(merged(&roster, 2..6), ["c1", "p1", "p2", "c2"]);
        assert_eq!((roster.split(&(1..3)), merged(&roster, 1..3)), ((0..2, 1..1), vec!["c0", "c1"]));
        assert_eq!((roster.split(&(0..0)), merged(&roster, 0..0)), ((0..0, 0..0), vec![]));
    }

    #[test]
    fn texts_stand_by_code_point_and_lists_may_be_empty() {
        let texts = |bytes: &[u8]| CustomerIds::Text { bytes: bytes.to_vec(), ends: (1..=bytes.len()).collect() };
        let of = |prospects: &[u8], customers: &[u8]| Roster::new(&texts(prospects), &texts(customers));
        assert_eq!(merged(&of(b"BZ", b"ACa"), 0..5), ["c0", "p0", "c1", "p1", "c2"]);
        assert_eq!(merged(&of(b"", b"AB"), 0..2), ["c0", "c1"]);
        assert_eq!(merged(&of(b"AB", b""), 0..2), ["p0", "p1"]);
    }

    /// Some rows of the list: `c` and `p` say who they are, and the number which of all of them. Both ways of asking agree.
    fn merged(roster: &Roster, rows: Range<usize>) -> Vec<&'static str> {
        const CUSTOMERS: [&str; 4] = ["c0", "c1", "c2", "c3"];
        const PROSPECTS: [&str; 4] = ["p0", "p1", "p2", "p3"];
        let (customers, prospects) = roster.split(&rows);
        let merged = roster.merged(&rows, &CUSTOMERS[customers], |prospect| PROSPECTS[prospects.start + prospect]);
        let are_customers: Vec<bool> = roster.are_customers(&rows).iter().collect();
        assert_eq!(are_customers, merged.iter().map(|name| name.starts_with('c')).collect::<Vec<_>>());
        merged
    }
}
