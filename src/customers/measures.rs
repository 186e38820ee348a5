//! The customers table as plain columns: the seam between the huge and the small.
//!
//! Lives here: the columns and their order (customer id ascending). Does not live here: how they are gathered from the
//! partitions (`gather`), scores, segments and whatever else is derived from the measures.

use std::cmp::Ordering;

use super::accumulator::Measures;
use super::side::SideTotals;
use crate::batch::Ids;
use crate::batch::pair::PairIds;
use crate::known::Known;

/// One row per customer, sorted by customer id: integers by value, texts by code point.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Customers {
    /// Who.
    pub ids: CustomerIds,
    /// Where the ids are keys of pairs (`customers.per`): how the ids in them are stored.
    pub pairs: Option<PairIds>,
    /// What is known of them: the values of a column that is not are arbitrary, and nothing shows them.
    pub known: Known,
    /// Day of the first order, days since 1970-01-01; whatever the window, as the last one.
    pub first_day: Vec<i32>,
    /// Day of the last order, days since 1970-01-01.
    pub last_day: Vec<i32>,
    /// Number of orders in the window.
    pub orders: Vec<u32>,
    /// Distinct days with an order in the window.
    pub purchase_days: Vec<u32>,
    /// Number of rows of these orders.
    pub transactions: Vec<u32>,
    /// Sum of amounts in the window, minor units; returns with it.
    pub revenue: Vec<i64>,
    /// The largest order's total in the window, minor units; 0 without an order in it.
    pub largest_order: Vec<i64>,
    /// Day of the last interaction or order; empty where interactions were not asked for.
    pub last_interaction_day: Vec<i32>,
    /// Number of interactions in the window; empty where they were not asked for.
    pub interactions: Vec<u32>,
    /// Sum of margins, minor units; empty where they were not asked for.
    pub margin: Vec<i64>,
    /// Number of orders of all days up to the analysis date, whatever the window; empty where there is no window.
    pub orders_ever: Vec<u32>,
    /// Distinct days with an order, likewise.
    pub purchase_days_ever: Vec<u32>,
    /// Used rows whose margin is null or no amount.
    pub margins_unusable: u64,
    /// Customers left out because the returns policy left them without an order, in the window or before it.
    pub without_order: u64,
    /// The money that these customers hold in the window, minor units: returns, which is to say zero or less.
    pub revenue_without_order: i128,
    /// What all measures leave out.
    pub side: SideTotals,
}

/// The ids of the customers, in the order of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomerIds {
    /// Integer ids.
    Integer(Vec<i64>),
    /// Text ids: all of them in one piece, and where each ends.
    Text {
        /// The texts, one after another.
        bytes: Vec<u8>,
        /// Where each text ends in `bytes`.
        ends: Vec<usize>,
    },
}

impl Default for CustomerIds {
    fn default() -> Self {
        Self::Integer(Vec::new())
    }
}

impl CustomerIds {
    /// Number of customers.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Integer(ids) => ids.len(),
            Self::Text { ends, .. } => ends.len(),
        }
    }

    /// True without customers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row of the customer of row `row` of a batch.
    #[must_use]
    pub fn row_in_batch(&self, ids: Ids<'_>, row: usize) -> Option<usize> {
        match ids {
            Ids::Integer(ids) => self.row_of_integer(ids[row]),
            Ids::Text(ids) => self.row_of_text(ids[row]),
        }
    }

    /// The row of an integer id.
    #[must_use]
    pub fn row_of_integer(&self, id: i64) -> Option<usize> {
        match self {
            Self::Integer(ids) => ids.binary_search(&id).ok(),
            Self::Text { .. } => None,
        }
    }

    /// The row of a text id.
    #[must_use]
    pub fn row_of_text(&self, id: &[u8]) -> Option<usize> {
        let (mut low, mut high) = (0, if matches!(self, Self::Text { .. }) { self.len() } else { 0 });
        while low < high {
            let middle = low + (high - low) / 2;
            match self.text(middle).cmp(id) {
                Ordering::Less => low = middle + 1,
                Ordering::Equal => return Some(middle),
                Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// How the id of a row stands to one of another table.
    #[must_use]
    pub fn compare(&self, row: usize, other: &Self, place: usize) -> Ordering {
        match (self, other) {
            (Self::Integer(own), Self::Integer(others)) => own[row].cmp(&others[place]),
            _ => self.text(row).cmp(other.text(place)),
        }
    }

    /// For each id its row in another table, if it is there. Both are sorted.
    #[must_use]
    pub fn rows_in(&self, other: &Self) -> Vec<Option<u32>> {
        let mut place = 0;
        let row_in = |row: usize| {
            while place < other.len() && self.compare(row, other, place).is_gt() {
                place += 1;
            }
            let is_there = place < other.len() && self.compare(row, other, place).is_eq();
            is_there.then(|| u32::try_from(place).ok()).flatten()
        };
        (0..self.len()).map(row_in).collect()
    }

    /// The ids of these rows, in their order.
    fn select(&self, rows: &[usize]) -> Self {
        match self {
            Self::Integer(ids) => Self::Integer(rows.iter().map(|row| ids[*row]).collect()),
            Self::Text { .. } => {
                let (mut bytes, mut ends) = (Vec::new(), Vec::with_capacity(rows.len()));
                for row in rows {
                    bytes.extend_from_slice(self.text(*row));
                    ends.push(bytes.len());
                }
                Self::Text { bytes, ends }
            }
        }
    }

    /// The ids of some rows, which ascend.
    pub(super) fn select_places(&self, rows: &[u32]) -> Self {
        let rows: Vec<usize> = rows.iter().map(|row| *row as usize).collect();
        if rows.len() == self.len() { self.clone() } else { self.select(&rows) }
    }

    /// Lists of ids of one kind, one behind the other.
    pub(super) fn concat(lists: Vec<Self>) -> Self {
        let mut all = Self::default();
        for list in lists {
            match (&mut all, list) {
                (Self::Integer(ids), Self::Integer(more)) => ids.extend(more),
                (Self::Text { bytes, ends }, Self::Text { bytes: more, ends: of_more }) => {
                    let before = bytes.len();
                    bytes.extend(more);
                    ends.extend(of_more.into_iter().map(|end| before + end));
                }
                (all, list) => *all = list,
            }
        }
        all
    }

    /// The text id of a row; empty for integer ids.
    #[must_use]
    pub fn text(&self, row: usize) -> &[u8] {
        match self {
            Self::Integer(_) => &[],
            Self::Text { bytes, ends } => {
                let start = if row == 0 { 0 } else { ends[row - 1] };
                &bytes[start..ends[row]]
            }
        }
    }
}

impl Customers {
    /// Number of customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// True without customers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Puts the rows of every column but the ids into another order: `order` names for each place the row that goes
    /// there.
    pub fn reorder(&mut self, order: &[u32]) {
        fn reordered<T: Copy>(column: &mut Vec<T>, order: &[u32]) {
            *column = order.iter().map(|row| column[*row as usize]).collect();
        }
        reordered(&mut self.first_day, order);
        reordered(&mut self.last_day, order);
        reordered(&mut self.orders, order);
        reordered(&mut self.purchase_days, order);
        reordered(&mut self.transactions, order);
        reordered(&mut self.revenue, order);
        reordered(&mut self.largest_order, order);
        if !self.last_interaction_day.is_empty() {
            reordered(&mut self.last_interaction_day, order);
        }
        if !self.interactions.is_empty() {
            reordered(&mut self.interactions, order);
        }
        if !self.margin.is_empty() {
            reordered(&mut self.margin, order);
        }
        if !self.orders_ever.is_empty() {
            reordered(&mut self.orders_ever, order);
            reordered(&mut self.purchase_days_ever, order);
        }
    }

    /// The table of these rows, in their order; a row may be named more than once.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        Self { ids: self.ids.select(rows), ..self.columns_of(rows, |row| *row) }
    }

    /// The table of these rows without their ids: the customers of a group. The ids are the rows, ascending as the customers
    /// are.
    #[must_use]
    pub fn measures_of(&self, rows: &[u32]) -> Self {
        let ids = CustomerIds::Integer(rows.iter().map(|row| i64::from(*row)).collect());
        Self { ids, ..self.columns_of(rows, |row| *row as usize) }
    }

    /// The columns of some rows, but for the ids.
    fn columns_of<R>(&self, rows: &[R], place: impl Fn(&R) -> usize + Copy) -> Self {
        fn of<T: Copy, R>(column: &[T], rows: &[R], place: impl Fn(&R) -> usize) -> Vec<T> {
            if column.is_empty() { Vec::new() } else { rows.iter().map(|row| column[place(row)]).collect() }
        }
        Self {
            pairs: self.pairs,
            known: self.known,
            first_day: of(&self.first_day, rows, place),
            last_day: of(&self.last_day, rows, place),
            orders: of(&self.orders, rows, place),
            purchase_days: of(&self.purchase_days, rows, place),
            transactions: of(&self.transactions, rows, place),
            revenue: of(&self.revenue, rows, place),
            largest_order: of(&self.largest_order, rows, place),
            last_interaction_day: of(&self.last_interaction_day, rows, place),
            interactions: of(&self.interactions, rows, place),
            margin: of(&self.margin, rows, place),
            orders_ever: of(&self.orders_ever, rows, place),
            purchase_days_ever: of(&self.purchase_days_ever, rows, place),
            ..Self::default()
        }
    }

    /// Number of orders of all days, whatever the window.
    #[must_use]
    pub fn orders_of_all_days(&self) -> &[u32] {
        if self.orders_ever.is_empty() { &self.orders } else { &self.orders_ever }
    }

    /// Distinct days with an order, of all days.
    #[must_use]
    pub fn purchase_days_of_all_days(&self) -> &[u32] {
        if self.purchase_days_ever.is_empty() { &self.purchase_days } else { &self.purchase_days_ever }
    }

    /// The measures of one row of the table.
    #[must_use]
    pub fn measures(&self, row: usize) -> Measures {
        Measures {
            first_day: self.first_day[row],
            last_day: self.last_day[row],
            orders: self.orders[row],
            purchase_days: self.purchase_days[row],
            transactions: self.transactions[row],
            revenue: self.revenue[row],
            largest_order: self.largest_order[row],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_in_another_table() {
        let (own, others) = (CustomerIds::Integer(vec![-3, 1, 5, 9]), CustomerIds::Integer(vec![1, 4, 9, 12]));
        assert_eq!(own.rows_in(&others), [None, Some(0), None, Some(2)]);
        let texts = |bytes: &[u8]| CustomerIds::Text { bytes: bytes.to_vec(), ends: (1..=bytes.len()).collect() };
        assert_eq!(texts(b"acd").rows_in(&texts(b"bcd")), [None, Some(1), Some(2)]);
    }

    #[test]
    fn rows_are_selected_in_any_order_and_more_than_once() {
        let ids = CustomerIds::Text { bytes: b"abbccc".to_vec(), ends: vec![1, 3, 6] };
        let customers = Customers { ids, orders: vec![1, 2, 3], margin: vec![7, 8, 9], ..Customers::default() };
        let selected = customers.select(&[2, 0, 2]);
        let texts: Vec<&[u8]> = (0..selected.len()).map(|row| selected.ids.text(row)).collect();
        assert_eq!(texts, [&b"ccc"[..], b"a", b"ccc"]);
        assert_eq!((selected.orders, selected.margin), (vec![3, 1, 3], vec![9, 7, 9]));
        assert!(selected.last_interaction_day.is_empty(), "what was not asked for stays away");
    }
}
