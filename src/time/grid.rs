//! The grid of recency bands and numbers of orders: the cell of a customer, and how many customers are in each on one date after
//! another.
//!
//! Orders are as known on the analysis date. Does not live here: the names of the bands (`reports`).

use crate::customers::orders::OrderDay;

/// Cells, those of customers without an order in the window too.
pub const CELLS: usize = 30;

/// Where the bands end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GridLimits {
    /// Upper limits in days of the first four recency bands.
    pub days: [u32; 4],
    /// Orders of the first four columns.
    pub orders: [u32; 4],
}

impl GridLimits {
    /// The cell, from 1: five columns of orders, the most frequent first, of five bands of recency each, the most recent first. 26 to
    /// 30 are customers without an order, the most recent first.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)]
    pub fn cell(&self, days: u32, orders: u32) -> u8 {
        let band = self.days.iter().filter(|limit| days > **limit).count();
        let column = self.orders.iter().filter(|limit| orders > **limit).count();
        let from_the_right = if orders == 0 { 5 } else { 4 - column };
        (from_the_right * 5 + band + 1) as u8
    }
}

/// The window in which orders count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GridWindow {
    /// Its days.
    pub days: u32,
    /// Whether those without an order in it are no customers.
    pub is_of_everything: bool,
}

/// How the grid is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridCourse {
    /// The dates, ascending.
    pub days: Vec<i32>,
    /// Where the bands end.
    pub limits: GridLimits,
    /// The window; none where all days count.
    pub window: Option<GridWindow>,
}

/// What the customers of a cell come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CellSums {
    /// Customers.
    pub customers: u64,
    /// Their orders in the window.
    pub orders: u64,
    /// Their revenue in the window, minor units.
    pub revenue: i64,
}

/// The grid on every date while customers are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grids {
    /// How it is counted.
    pub course: GridCourse,
    /// Per date the cells, from the first.
    pub cells: Vec<[CellSums; CELLS]>,
}

impl Grids {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(course: GridCourse) -> Self {
        let cells = vec![[CellSums::default(); CELLS]; course.days.len()];
        Self { course, cells }
    }

    /// Notes a customer, whose days ascend; nobody without a purchase.
    pub fn note(&mut self, days: &[OrderDay]) {
        let (mut end, mut start, mut last) = (0, 0, None);
        let (mut orders, mut revenue) = (0_u32, 0_i64);
        for (date, cells) in self.course.days.iter().zip(&mut self.cells) {
            while let Some(day) = days.get(end).filter(|day| day.day <= *date) {
                orders += day.purchases;
                revenue = revenue.wrapping_add(day.revenue());
                last = if day.is_occasion() { Some(day.day) } else { last };
                end += 1;
            }
            let opens = self.course.window.map(|window| date.saturating_sub_unsigned(window.days));
            while let Some(day) = days[..end].get(start).filter(|day| opens.is_some_and(|opens| day.day <= opens)) {
                orders -= day.purchases;
                revenue = revenue.wrapping_sub(day.revenue());
                start += 1;
            }
            let is_cut = orders == 0 && self.course.window.is_some_and(|window| window.is_of_everything);
            let Some(last) = last.filter(|_| !is_cut) else { continue };
            let cell = usize::from(self.course.limits.cell(date.abs_diff(last), orders)) - 1;
            cells[cell].customers += 1;
            cells[cell].orders += u64::from(orders);
            cells[cell].revenue = cells[cell].revenue.wrapping_add(revenue);
        }
    }

    /// Adds what another thread noted.
    pub fn add(&mut self, other: &Self) {
        for (own, others) in self.cells.iter_mut().flatten().zip(other.cells.iter().flatten()) {
            own.customers += others.customers;
            own.orders += others.orders;
            own.revenue = own.revenue.wrapping_add(others.revenue);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: GridLimits = GridLimits { days: [30, 90, 180, 360], orders: [1, 2, 3, 4] };

    fn day(day: i32, purchases: u32, purchased: i64) -> OrderDay {
        OrderDay { day, purchases, purchased, returned: 0 }
    }

    /// The occupied cells of each date, with their customers and revenue.
    fn occupied(grids: &Grids) -> Vec<Vec<(usize, u64, i64)>> {
        let of_date = |cells: &[CellSums; CELLS]| {
            let occupied = cells.iter().enumerate().filter(|(_, own)| own.customers > 0);
            occupied.map(|(at, own)| (at + 1, own.customers, own.revenue)).collect()
        };
        grids.cells.iter().map(of_date).collect()
    }

    #[test]
    fn customers_move_through_the_grid() {
        let course = GridCourse { days: vec![99, 130, 230], limits: LIMITS, window: None };
        let mut grids = Grids::new(course.clone());
        grids.note(&[day(100, 1, 5), day(200, 1, 7)]);
        grids.note(&[OrderDay { day: 120, purchases: 0, purchased: 0, returned: -3 }]);
        // 30 days after one order: cell 21; 30 days after the second: cell 16.
        assert_eq!(occupied(&grids), [vec![], vec![(21, 1, 5)], vec![(16, 1, 12)]]);
        let mut twice = Grids::new(course);
        twice.add(&grids);
        twice.add(&grids);
        assert_eq!(occupied(&twice)[2], [(16, 2, 24)]);
    }

    #[test]
    fn a_window_counts_its_orders_alone() {
        let window = |is_of_everything| Some(GridWindow { days: 50, is_of_everything });
        let found = |window| {
            let mut grids = Grids::new(GridCourse { days: vec![100, 150, 151], limits: LIMITS, window });
            grids.note(&[day(50, 1, 5), day(101, 1, 7)]);
            occupied(&grids)
        };
        // Day 50 lies before (50, 100]; day 101 in (100, 150], and outside of (101, 151].
        assert_eq!(found(window(false)), [vec![(27, 1, 0)], vec![(22, 1, 7)], vec![(27, 1, 0)]]);
        assert_eq!(found(window(true)), [vec![], vec![(22, 1, 7)], vec![]]);
    }
}
