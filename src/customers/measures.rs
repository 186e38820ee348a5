//! The customers table as plain columns: the seam between the huge and the small.
//!
//! Lives here: the columns, their order (customer id ascending) and how they are gathered from the partitions.
//! Does not live here: scores, segments and whatever else is derived from the measures.

use rayon::prelude::*;

use super::accumulator::{Accumulator, Measures};
use super::key::Name;
use super::partition::Partition;

/// One row per customer, sorted by customer id: integers by value, texts by code point.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Customers {
    /// Who.
    pub ids: CustomerIds,
    /// Day of the first order, days since 1970-01-01.
    pub first_day: Vec<i32>,
    /// Day of the last order, days since 1970-01-01.
    pub last_day: Vec<i32>,
    /// Number of orders.
    pub orders: Vec<u32>,
    /// Distinct days with an order.
    pub purchase_days: Vec<u32>,
    /// Number of rows.
    pub transactions: Vec<u32>,
    /// Sum of amounts, minor units.
    pub revenue: Vec<i64>,
    /// The largest order's total, minor units.
    pub largest_order: Vec<i64>,
    /// Customers left out because the returns policy left them without an order.
    pub without_order: u64,
    /// Orders whose total is zero or less, whether they count or not.
    pub orders_not_above_zero: u64,
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

/// Partition and place of a customer, 10 and 22 bits.
#[derive(Debug, Clone, Copy)]
struct Home(u32);

impl Home {
    #[allow(clippy::cast_possible_truncation)]
    fn new(partition: usize, place: usize) -> Self {
        Self((partition as u32) << 22 | place as u32)
    }

    fn partition(self) -> usize {
        (self.0 >> 22) as usize
    }

    fn place(self) -> usize {
        (self.0 & ((1 << 22) - 1)) as usize
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

    /// Gathers customers with integer ids.
    #[must_use]
    pub fn from_integer<N: Name>(mut partitions: Vec<Partition<N>>) -> Self {
        let mut table = Self::begin(&mut partitions);
        let mut homes = homes(&partitions, |customer| customer.id.cast_signed());
        homes.par_sort_unstable_by_key(|(id, _)| *id);
        table.gather(&partitions, &homes);
        table.ids = CustomerIds::Integer(homes.into_iter().map(|(id, _)| id).collect());
        table
    }

    /// Gathers customers with text ids.
    #[must_use]
    pub fn from_text<N: Name>(mut partitions: Vec<Partition<N>>) -> Self {
        let mut table = Self::begin(&mut partitions);
        let name = |home: Home| partitions[home.partition()].name(home.place());
        let mut homes = homes(&partitions, |_| 0_u64);
        homes.par_iter_mut().for_each(|(prefix, home)| *prefix = first_bytes(name(*home)));
        homes.par_sort_unstable_by(|(a, home_a), (b, home_b)| a.cmp(b).then_with(|| name(*home_a).cmp(name(*home_b))));
        table.gather(&partitions, &homes);
        let mut bytes = Vec::with_capacity(homes.iter().map(|(_, home)| name(*home).len()).sum());
        let mut ends = Vec::with_capacity(homes.len());
        for (_, home) in &homes {
            bytes.extend_from_slice(name(*home));
            ends.push(bytes.len());
        }
        table.ids = CustomerIds::Text { bytes, ends };
        table
    }

    fn begin<N: Name>(partitions: &mut [Partition<N>]) -> Self {
        let mut table = Self::default();
        for partition in partitions {
            partition.drop_index();
            for customer in partition.customers() {
                table.without_order += u64::from(customer.accumulator.measures().is_none());
                table.orders_not_above_zero += u64::from(customer.accumulator.orders_not_above_zero());
            }
        }
        table
    }

    /// Fills every column but the ids, in the order of `homes`.
    fn gather<K: Sync, N: Name>(&mut self, partitions: &[Partition<N>], homes: &[(K, Home)]) {
        let count = homes.len();
        self.first_day = vec![0; count];
        self.last_day = vec![0; count];
        self.orders = vec![0; count];
        self.purchase_days = vec![0; count];
        self.transactions = vec![0; count];
        self.revenue = vec![0; count];
        self.largest_order = vec![0; count];
        let days = self.first_day.par_iter_mut().zip(&mut self.last_day);
        let counts = self.orders.par_iter_mut().zip(&mut self.purchase_days).zip(&mut self.transactions);
        let money = self.revenue.par_iter_mut().zip(&mut self.largest_order);
        homes.par_iter().zip(days).zip(counts).zip(money).with_min_len(4096).for_each(
            |((((_, home), (first, last)), ((orders, days), rows)), (revenue, largest))| {
                let customer = &partitions[home.partition()].customers()[home.place()];
                if let Some(m) = customer.accumulator.measures() {
                    (*first, *last) = (m.first_day, m.last_day);
                    (*orders, *days, *rows) = (m.orders, m.purchase_days, m.transactions);
                    (*revenue, *largest) = (m.revenue, m.largest_order);
                }
            },
        );
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

/// The homes of all customers who have an order, with a sort key.
fn homes<K, N: Name>(partitions: &[Partition<N>], key: impl Fn(&super::partition::Customer<N>) -> K) -> Vec<(K, Home)> {
    let mut homes = Vec::with_capacity(partitions.iter().map(|partition| partition.customers().len()).sum());
    for (index, partition) in partitions.iter().enumerate() {
        let with_order = |accumulator: &Accumulator| accumulator.measures().is_some();
        homes.extend(
            (0..)
                .zip(partition.customers())
                .filter(|(_, customer)| with_order(&customer.accumulator))
                .map(|(place, customer)| (key(customer), Home::new(index, place))),
        );
    }
    homes
}

/// The first eight bytes as a number that sorts as they do; shorter texts are filled up with zeros, and the whole
/// texts decide between equals.
fn first_bytes(name: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let length = name.len().min(8);
    bytes[..length].copy_from_slice(&name[..length]);
    u64::from_be_bytes(bytes)
}
