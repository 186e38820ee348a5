//! Customers and prospects as one list by id: which of both stands where.
//!
//! Does not live here: who they are (`members`).

use std::ops::Range;

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

    /// For some rows of the list the place of each in a column in which their customers come first, and then their prospects.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)]
    pub fn order(&self, rows: &Range<usize>) -> Vec<u32> {
        let (customers, prospects) = self.split(rows);
        let (mut customer, mut prospect) = (0, 0);
        let is_prospect = |row: usize, prospect: usize| {
            let before = self.before.get(prospects.start + prospect);
            prospect < prospects.len()
                && before.is_some_and(|before| *before as usize + prospects.start + prospect == row)
        };
        let place = |row: usize| {
            let place = if is_prospect(row, prospect) {
                prospect += 1;
                customers.len() + prospect - 1
            } else {
                customer += 1;
                customer - 1
            };
            place as u32
        };
        rows.clone().map(place).collect()
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
        assert_eq!(roster.order(&(0..8)), [4, 0, 1, 5, 6, 2, 3, 7]);
        assert_eq!(roster.split(&(2..6)), (1..3, 1..3));
        // 2 3 4 5: the customers 2 and 5, the prospects 3 and 4.
        assert_eq!(roster.order(&(2..6)), [0, 2, 3, 1]);
        assert_eq!((roster.split(&(1..3)), roster.order(&(1..3))), ((0..2, 1..1), vec![0, 1]));
        assert_eq!(roster.split(&(0..0)), (0..0, 0..0));
    }

    #[test]
    fn texts_stand_by_code_point_and_lists_may_be_empty() {
        let texts = |bytes: &[u8]| CustomerIds::Text { bytes: bytes.to_vec(), ends: (1..=bytes.len()).collect() };
        assert_eq!(Roster::new(&texts(b"BZ"), &texts(b"ACa")).order(&(0..5)), [0, 3, 1, 4, 2]);
        assert_eq!(Roster::new(&texts(b""), &texts(b"AB")).order(&(0..2)), [0, 1]);
        assert_eq!(Roster::new(&texts(b"AB"), &texts(b"")).order(&(0..2)), [0, 1]);
    }
}
