//! The customers, summed once by everything that reports group by.
//!
//! Lives here: one pass over the customers to a table of some thousand rows. The reports are lazy plans over it.
//! Does not live here: any report.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use polars::prelude::*;
use rayon::prelude::*;

use super::findings::Findings;
use super::groups;
use crate::hashing::spread_bits;

/// What customers are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    scores: [u8; 3],
    octant: u16,
    grid_cell: u8,
    abc: u8,
    segment: u16,
}

impl Key {
    fn packed(self) -> u64 {
        let [r, f, m] = self.scores.map(u64::from);
        let groups = u64::from(self.octant) << 8 | u64::from(self.grid_cell) << 16 | u64::from(self.abc) << 24;
        r << 56 | f << 48 | m << 40 | groups << 8 | u64::from(self.segment)
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    customers: i64,
    revenue: i64,
    orders: i64,
    recency_days: i64,
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.customers += other.customers;
        self.revenue += other.revenue;
        self.orders += other.orders;
        self.recency_days += other.recency_days;
    }
}

/// Keys are packed numbers already; mixing them once is enough.
#[derive(Debug, Default)]
struct PackedHasher(u64);

impl Hasher for PackedHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = spread_bits(self.0 ^ u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = spread_bits(number);
    }
}

type Groups = HashMap<u64, (Key, Sums), BuildHasherDefault<PackedHasher>>;

/// Rows that one thread sums at a time.
const ROWS_PER_TASK: usize = 1 << 16;

/// The cube: `r_score`, `f_score`, `m_score`, `octant`, `grid_cell`, `abc`, `segment` (its index in the map), and the
/// sums `customers`, `revenue` (minor units), `orders`, `recency_days`.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
pub fn cube(findings: &Findings) -> PolarsResult<DataFrame> {
    let count = findings.customers.len();
    let tasks = count.div_ceil(ROWS_PER_TASK);
    let grouped = (0..tasks)
        .into_par_iter()
        .fold(Groups::default, |mut groups, task| {
            let rows = task * ROWS_PER_TASK..count.min((task + 1) * ROWS_PER_TASK);
            rows.for_each(|row| add_row(&mut groups, findings, row));
            groups
        })
        .reduce(Groups::default, merge);
    let mut rows: Vec<(Key, Sums)> = grouped.into_values().chain(prospects(findings)).collect();
    rows.sort_unstable_by_key(|(key, _)| *key);
    frame(&rows)
}

/// The code of the octant that is better in nothing.
pub(super) const LOWEST_OCTANT: &str = "000";

/// Those who never bought, where they count: lowest in everything, in a cell for each band of days since they signed up.
#[allow(clippy::cast_possible_truncation)]
fn prospects(findings: &Findings) -> Vec<(Key, Sums)> {
    let Some(members) = findings.members.as_ref().filter(|members| members.counted() > 0) else { return Vec::new() };
    let octant = findings.octants.list.iter().position(|octant| octant.code == LOWEST_OCTANT).unwrap_or_default();
    let segment = findings.own().map.prospects().unwrap_or_default();
    // Without money there is no monetary score.
    let scores = [1, 1, u8::from(findings.customers.known.has_money())];
    let lowest = Key { scores, octant: octant as u16, grid_cell: 0, abc: 2, segment };
    let mut cells = [0_i64; groups::CELLS_WITHOUT_ORDERS as usize + 1];
    members.prospect_days(findings.as_of).for_each(|days| cells[usize::from(findings.prospect_cell(days))] += 1);
    let occupied = (0..).zip(cells).filter(|(_, customers)| *customers > 0);
    let row = |(grid_cell, customers)| (Key { grid_cell, ..lowest }, Sums { customers, ..Sums::default() });
    occupied.map(row).collect()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn add_row(groups: &mut Groups, findings: &Findings, row: usize) {
    let own = findings.own();
    let [r, f, m] = &own.scores;
    let key = Key {
        scores: [r[row] as u8, f[row] as u8, m[row] as u8],
        octant: findings.octant.get(row).copied().unwrap_or_default(),
        grid_cell: findings.grid_cell[row],
        abc: findings.ranking.abc[row],
        segment: own.segment[row],
    };
    let sums = Sums {
        customers: 1,
        revenue: findings.customers.revenue[row],
        orders: findings.customers.orders[row].into(),
        recency_days: findings.recency_days[row].into(),
    };
    groups.entry(key.packed()).or_insert((key, Sums::default())).1.add(sums);
}

fn merge(mut left: Groups, right: Groups) -> Groups {
    for (packed, (key, sums)) in right {
        left.entry(packed).or_insert((key, Sums::default())).1.add(sums);
    }
    left
}

fn frame(rows: &[(Key, Sums)]) -> PolarsResult<DataFrame> {
    let score = |axis: usize| rows.iter().map(|(key, _)| i32::from(key.scores[axis])).collect::<Vec<_>>();
    df!(
        "r_score" => score(0),
        "f_score" => score(1),
        "m_score" => score(2),
        "octant" => rows.iter().map(|(key, _)| i32::from(key.octant)).collect::<Vec<_>>(),
        "grid_cell" => rows.iter().map(|(key, _)| i32::from(key.grid_cell)).collect::<Vec<_>>(),
        "abc" => rows.iter().map(|(key, _)| i32::from(key.abc)).collect::<Vec<_>>(),
        "segment" => rows.iter().map(|(key, _)| i32::from(key.segment)).collect::<Vec<_>>(),
        "customers" => rows.iter().map(|(_, sums)| sums.customers).collect::<Vec<_>>(),
        "revenue" => rows.iter().map(|(_, sums)| sums.revenue).collect::<Vec<_>>(),
        "orders" => rows.iter().map(|(_, sums)| sums.orders).collect::<Vec<_>>(),
        "recency_days" => rows.iter().map(|(_, sums)| sums.recency_days).collect::<Vec<_>>(),
    )
}
