//! What customers brought so far, year by year, and the plain formula of lifetime value.
//!
//! Years are each customer's own: each begins on an anniversary of their first purchase. Money counts in the year of its
//! order's day, so that years sum to the customer's revenue over all days. The value of t years is the sum of their profits,
//! each discounted to the day the customer came, less the cost of winning them.
//! Does not live here: the calendar (`anniversaries`), the formula (`models`), the tables (`reports`).

use rayon::prelude::*;

use super::anniversaries::Anniversaries;
use super::options::PredictOptions;
use super::orders::{OrderDay, occasions};
use crate::models::lifetime_value_of_profits;

/// What one customer brought in one of their years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct YearOfLife {
    /// The customer's row in the customers table.
    pub row: u32,
    /// 1, 2, ..: years without money and without a purchase are left out.
    pub year: u32,
    /// Purchases.
    pub orders: u32,
    /// The money of all orders, returns too, minor units.
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

impl YearOfLife {
    /// Whether there is anything to tell of it.
    const fn is_told(&self) -> bool {
        self.orders > 0 || self.amount != 0
    }
}

impl Years {
    /// Notes the orders of the customer at `row` by their ascending days.
    pub fn note(&mut self, row: u32, days: &[OrderDay]) {
        let Some(first) = occasions(days).next() else { return };
        let anniversaries = Anniversaries::of(first.day);
        let mut own: Option<YearOfLife> = None;
        for day in days {
            let year = anniversaries.year_of(day.day);
            if own.is_none_or(|own| own.year != year) {
                self.rows.extend(own.filter(YearOfLife::is_told));
                own = Some(YearOfLife { row, year, orders: 0, amount: 0 });
            }
            if let Some(own) = &mut own {
                own.orders = own.orders.saturating_add(day.purchases);
                own.amount = own.amount.wrapping_add(day.revenue());
            }
        }
        self.rows.extend(own.filter(YearOfLife::is_told));
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
    use crate::predict::tests::order_days;

    #[test]
    fn years_begin_with_the_first_purchase() {
        let mut years = Years::default();
        // 1970-04-11, 1971-04-10 and 11, 1972-06-19
        years.note(1, &order_days(&[(100, 5_000), (464, 1_000), (465, 2_000), (900, 4_000)]));
        years.note(0, &order_days(&[(7, 300)]));
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
    fn years_follow_returns_and_sum_to_revenue() {
        let mut years = Years::default();
        // a credit note before the first purchase, a free order, a second purchase of the day; a year with a credit note
        // alone, one in which a cancelled order came to nothing, and one with two purchases
        let two = OrderDay { day: 2_000, purchases: 2, purchased: 900, returned: -100 };
        let days = order_days(&[(50, -200), (100, 1_000), (101, 0), (500, -300)]);
        let cancelled = OrderDay { day: 900, ..OrderDay::default() };
        years.note(0, &[&days[..], &[cancelled, two]].concat());
        let found: Vec<(u32, u32, i64)> = years.rows.iter().map(|year| (year.year, year.orders, year.amount)).collect();
        assert_eq!(found, [(1, 2, 800), (2, 0, -300), (6, 2, 800)]);
        years.note(1, &order_days(&[(50, -200)]));
        assert_eq!(years.rows.len(), 3, "no purchase, no customer");
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
