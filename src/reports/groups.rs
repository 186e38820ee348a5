//! Grid cells and medians, on plain numbers.
//!
//! Does not live here: scores, segments and octants.

use rayon::prelude::*;

use crate::time::grid::GridLimits;

/// Twice the median: the sum of the middle two, which of an odd number is the middle one twice. Reorders `values`,
/// which must not be empty.
#[must_use]
pub fn twice_the_median<T: Copy + Ord + Into<i128>>(values: &mut [T]) -> i128 {
    let middle = values.len() / 2;
    let is_odd = values.len() % 2 == 1;
    let (below, upper, _) = values.select_nth_unstable(middle);
    let lower = if is_odd { *upper } else { below.iter().copied().max().unwrap_or(*upper) };
    lower.into() + (*upper).into()
}

/// Cells of the grid where every customer has an order.
pub const CELLS: u8 = 25;
/// And where some have none: five bands of recency more.
pub const CELLS_WITHOUT_ORDERS: u8 = 30;

/// The cell of the grid per customer, 1 to 25: five columns of orders, the most frequent first, of five bands of
/// recency each, the most recent first. 26 to 30 are customers without an order, the most recent first.
#[must_use]
pub fn grid_cells(recency_days: &[i32], orders: &[u32], days: [u32; 4], order_limits: [u32; 4]) -> Vec<u8> {
    let limits = GridLimits { days, orders: order_limits };
    recency_days.par_iter().zip(orders).map(|(days, orders)| limits.cell(days.unsigned_abs(), *orders)).collect()
}

/// The cell of someone who never bought: by the days since they signed up, where these are known; else the last one.
#[must_use]
pub fn prospect_cell(days: Option<i32>, day_limits: [u32; 4]) -> u8 {
    days.and_then(|days| grid_cells(&[days.max(0)], &[0], day_limits, [1, 2, 3, 4]).pop())
        .unwrap_or(CELLS_WITHOUT_ORDERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_order_between_31_and_90_days_ago_is_cell_22() {
        let cells = |days: i32, orders: u32| grid_cells(&[days], &[orders], [30, 90, 180, 360], [1, 2, 3, 4])[0];
        assert_eq!(cells(31, 1), 22);
        assert_eq!(cells(90, 1), 22);
        assert_eq!((cells(0, 9), cells(361, 5), cells(30, 1), cells(361, 1)), (1, 5, 21, 25));
        assert_eq!((cells(0, 0), cells(31, 0), cells(361, 0)), (26, 27, 30), "without an order in the window");
        let prospect = |days| prospect_cell(days, [30, 90, 180, 360]);
        assert_eq!([Some(0), Some(31), Some(500), None].map(prospect), [26, 27, 30, 30], "by the date of signing up");
        // One more purchase, today: 21-25 to 16, and 6-10 to 1.
        assert_eq!((cells(0, 2), cells(0, 5)), (16, 1));
    }

    #[test]
    fn the_median_of_an_even_number_lies_between() {
        assert_eq!(twice_the_median(&mut [5, 1, 9]), 10);
        assert_eq!(twice_the_median(&mut [4, 1]), 5);
    }
}
