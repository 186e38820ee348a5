//! What customers brought so far, year by year, and the plain formula of lifetime value.
//!
//! Years are each customer's own: the first one begins with their first purchase. The value of t years is the sum of
//! their profits, each discounted to the day they came, less the cost of winning them. Does not live here: the formula
//! (`models`), the tables (`reports`).

use rayon::prelude::*;

use super::options::PredictOptions;
use crate::customers::orders::OrderDay;
use crate::models::lifetime_value_of_profits;

/// Four years have 1461 days.
const DAYS_OF_FOUR_YEARS: u32 = 1461;

/// What one customer brought in one of their years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct YearOfLife {
    /// The customer's row in the customers table.
    pub row: u32,
    /// 1, 2, ..: years without a purchase are left out.
    pub year: u32,
    /// Days with a purchase.
    pub orders: u32,
    /// What they brought, minor units.
    pub amount: i64,
}

/// What a year's revenue leaves, and what winning a customer cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Money {
    /// The share of revenue that is profit.
    pub margin: f64,
    /// What money loses per year.
    pub rate: f64,
    /// What winning a customer cost, major units.
    pub acquisition_cost: f64,
    /// Minor units of a major one.
    pub minor_per_major: f64,
}

/// The years of all customers.
#[derive(Debug, Clone, Default)]
pub struct Years {
    /// By customer, then year, when sorted.
    pub rows: Vec<YearOfLife>,
}

impl Money {
    /// As the settings say.
    #[must_use]
    pub fn of(options: &PredictOptions, minor_per_major: f64) -> Self {
        let PredictOptions { margin, discount_rate: rate, acquisition_cost, .. } = *options;
        Self { margin, rate, acquisition_cost, minor_per_major }
    }

    /// The profit of a year.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "18 digits of money: the first 15 decide")]
    pub fn profit(&self, year: &YearOfLife) -> f64 {
        self.margin * year.amount as f64 / self.minor_per_major
    }

    /// The value of a customer's years, which ascend, up to the last of them.
    #[must_use]
    pub fn value(&self, years: &[YearOfLife]) -> f64 {
        let mut profits = vec![0.0; years.last().map_or(0, |last| last.year as usize)];
        for year in years {
            profits[year.year as usize - 1] = self.profit(year);
        }
        lifetime_value_of_profits(&profits, self.rate, 1.0, self.acquisition_cost)
    }
}

impl Years {
    /// Notes the ascending days of the customer at `row`.
    pub fn note(&mut self, row: u32, days: &[OrderDay]) {
        let Some(first) = days.iter().find(|day| day.purchases > 0) else { return };
        let year_of = |day: &OrderDay| year_of(day.day.max(first.day).abs_diff(first.day));
        for days in days.chunk_by(|a, b| year_of(a) == year_of(b)) {
            self.rows.push(YearOfLife {
                row,
                year: year_of(&days[0]),
                orders: days.iter().map(|day| day.purchases).sum(),
                amount: days.iter().map(|day| day.bought + day.returned).sum(),
            });
        }
    }

    /// Puts the years into their order.
    pub fn sort(&mut self) {
        self.rows.par_sort_unstable();
    }

    /// Reorders the customers: `order` holds the old row of each new row.
    pub fn reorder(&mut self, order: &[u32]) {
        let mut row_of = vec![0; order.len()];
        for (index, row) in (0..).zip(order) {
            row_of[*row as usize] = index;
        }
        for year in &mut self.rows {
            year.row = row_of[year.row as usize];
        }
        self.sort();
    }

    /// The years of the customer of the entry at `index`, up to that one.
    #[must_use]
    pub fn up_to(&self, index: usize) -> &[YearOfLife] {
        let row = self.rows[index].row;
        let before = self.rows[..index].iter().rev().take_while(|year| year.row == row).count();
        &self.rows[index - before..=index]
    }
}

/// The year of life of a day, given as days after the first.
fn year_of(days: u32) -> u32 {
    // Below 2^30 days for any calendar.
    days.saturating_mul(4) / DAYS_OF_FOUR_YEARS + 1
}

/// A year of the plain formula.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlannedYear {
    /// 1, 2, ..
    pub year: u32,
    /// The profit given for it.
    pub profit: f64,
    /// The share of customers who are still there.
    pub staying_share: f64,
    /// Both, at today's value.
    pub discounted_profit: f64,
    /// The value of the years up to this one, less acquisition.
    pub lifetime_value: f64,
}

/// The plain formula over the yearly profits of the settings.
#[must_use]
pub fn planned_years(options: &PredictOptions) -> Vec<PlannedYear> {
    let PredictOptions { yearly_profits: profits, discount_rate: rate, retention, acquisition_cost, .. } = options;
    let value = |years: usize| lifetime_value_of_profits(&profits[..years], *rate, *retention, *acquisition_cost);
    let planned = |(year, (index, profit)): (u32, (usize, &f64))| PlannedYear {
        year,
        profit: *profit,
        staying_share: retention.powf(f64::from(year - 1)),
        discounted_profit: value(index + 1) - value(index),
        lifetime_value: value(index + 1),
    };
    (1..).zip(profits.iter().enumerate()).map(planned).collect()
}

/// The plain formula for each of many customers, whose profits in the first, second, .. year are the columns `years`.
#[must_use]
pub fn planned_values(options: &PredictOptions, years: &[Vec<f64>]) -> Vec<f64> {
    let PredictOptions { discount_rate: rate, retention, acquisition_cost, .. } = options;
    let value = |customer: usize| {
        let profits: Vec<f64> = years.iter().map(|year| year[customer]).collect();
        lifetime_value_of_profits(&profits, *rate, *retention, *acquisition_cost)
    };
    (0..years.first().map_or(0, Vec::len)).into_par_iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(days: &[(i32, i64)]) -> Vec<OrderDay> {
        days.iter().map(|&(day, bought)| OrderDay { day, purchases: 1, bought, returned: 0 }).collect()
    }

    #[test]
    fn years_begin_with_the_first_purchase() {
        assert_eq!([0, 365, 366, 730, 731, 1_460, 1_461].map(year_of), [1, 1, 2, 2, 3, 4, 5]);
        let mut years = Years::default();
        years.note(1, &days(&[(100, 5_000), (465, 1_000), (466, 2_000), (900, 4_000)]));
        years.note(0, &days(&[(7, 300)]));
        years.sort();
        let found: Vec<(u32, u32, u32, i64)> =
            years.rows.iter().map(|year| (year.row, year.year, year.orders, year.amount)).collect();
        assert_eq!(found, [(0, 1, 1, 300), (1, 1, 2, 6_000), (1, 2, 1, 2_000), (1, 3, 1, 4_000)]);
        // half of 60, 20 and 40 at 10%: 30/1.1 + 10/1.21 + 20/1.331 - 5 = 27.27273 + 8.26446 + 15.02630 - 5
        let money = Money { margin: 0.5, rate: 0.1, acquisition_cost: 5.0, minor_per_major: 100.0 };
        assert!((money.value(years.up_to(3)) - 45.563_486_1).abs() < 1e-6);
        assert!((money.value(years.up_to(1)) - (30.0 / 1.1 - 5.0)).abs() < 1e-12);
        years.reorder(&[1, 0]);
        assert_eq!(years.rows[3], YearOfLife { row: 1, year: 1, orders: 1, amount: 300 });
    }

    #[test]
    fn the_plain_formula_worked_by_hand() {
        let options = PredictOptions {
            yearly_profits: vec![100.0, 100.0],
            discount_rate: 0.1,
            retention: 0.5,
            acquisition_cost: 30.0,
            ..PredictOptions::default()
        };
        // 100/1.1 - 30 = 60.909091; 50/1.21 = 41.322314
        let years = planned_years(&options);
        assert_eq!(
            (years[1].year, years[1].profit.to_bits(), years[1].staying_share.to_bits()),
            (2, 100_f64.to_bits(), 0.5_f64.to_bits())
        );
        assert!((years[0].lifetime_value - 60.909_091).abs() < 1e-6);
        assert!((years[1].discounted_profit - 41.322_314).abs() < 1e-6);
        assert!((years[1].lifetime_value - 102.231_405).abs() < 1e-6);
    }
}
