//! The average order value as whole numbers, so that it can be ranked and cut exactly like money.

use super::measures::AVERAGE_DECIMALS;
use crate::error::{Error, Result};

/// Ten to the number of decimals that an average has more than the money.
const SCALE: i64 = 10_i64.pow(AVERAGE_DECIMALS);

/// `revenue / orders` per customer in units of `10^-(money_scale + 4)`, rounded half away from zero. 0 without an order: such
/// a customer has no average, and who shows it shows none.
///
/// With money in cents that is a millionth of the major unit: averages that differ by less share a score.
///
/// # Errors
/// A bug, where the slices differ in length; an overflow, where the average passes 2^63.
pub fn average_order_values(revenue: &[i64], orders: &[i64]) -> Result<Vec<i64>> {
    if revenue.len() != orders.len() {
        return Err(Error::bug(format!("{} revenues and {} orders", revenue.len(), orders.len())));
    }
    revenue.iter().zip(orders).map(|(&revenue, &orders)| average(revenue, orders)).collect()
}

fn average(revenue: i64, orders: i64) -> Result<i64> {
    if orders < 1 {
        return Ok(0);
    }
    if let Some(scaled) = revenue.checked_mul(SCALE) {
        let (quotient, rest) = (scaled / orders, scaled % orders);
        let away = i64::from(rest.unsigned_abs() >= orders.unsigned_abs() - rest.unsigned_abs());
        return Ok(quotient + away * scaled.signum());
    }
    let (scaled, orders) = (i128::from(revenue) * i128::from(SCALE), i128::from(orders));
    let rounded = (2 * scaled.abs() + orders) / (2 * orders) * scaled.signum();
    i64::try_from(rounded).map_err(|_| {
        Error::compute(format!(
            "an average order value of {rounded} units of 10^-{AVERAGE_DECIMALS} minor units overflows"
        ))
        .hint("lower the number of decimals of the money")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_of_a_cent_is_kept_and_a_half_unit_goes_away_from_zero() {
        // 100 / 3 = 33.33333 -> 333333; 200 / 3 = 66.66666 -> 666667; 1 / 20000 = 0.00005 -> 0.5 units -> 1
        let averages = average_order_values(&[100, 200, 1, -1, 0, -200], &[3, 3, 20_000, 20_000, 7, 3]).unwrap();
        assert_eq!(averages, [333_333, 666_667, 1, -1, 0, -666_667]);
    }

    #[test]
    fn large_revenues_take_the_wide_path_and_overflow_is_an_error() {
        // i64::MAX * 10^4 / 10^4 = i64::MAX
        assert_eq!(average(i64::MAX, SCALE).unwrap(), i64::MAX);
        assert_eq!(average(i64::MIN, SCALE).unwrap(), i64::MIN);
        assert_eq!(average(i64::MAX, 1).unwrap_err().kind(), crate::error::Kind::Compute);
    }

    #[test]
    fn both_paths_agree_where_both_can_be_taken() {
        for revenue in -50_i64..=50 {
            for orders in 1..=13_i64 {
                let wide = {
                    let (scaled, orders) = (i128::from(revenue) * i128::from(SCALE), i128::from(orders));
                    (2 * scaled.abs() + orders) / (2 * orders) * scaled.signum()
                };
                assert_eq!(i128::from(average(revenue, orders).unwrap()), wide, "{revenue}/{orders}");
            }
        }
    }

    #[test]
    fn without_an_order_there_is_no_average() {
        assert_eq!(average_order_values(&[1, -1], &[0, 0]).unwrap(), [0, 0]);
        assert_eq!(average_order_values(&[1], &[]).unwrap_err().kind(), crate::error::Kind::Bug);
    }
}
