//! From every order of every customer to what models see, what is kept from them, and what customers brought year by year.
//!
//! Does not live here: how orders are gathered (`customers::orders`), and what each of the three is made of (a file each).

use super::day_counts::DayCounts;
use super::holdout::Holdout;
use super::look::Look;
use super::options::PredictOptions;
use super::orders::{CustomerOrders, occasions};
use super::purchase_histories::{PurchaseHistories, PurchaseHistory};
use super::years::Years;
use crate::customers::orders::Orders;
use crate::error::Result;

/// What some of the customers did.
#[derive(Debug, Default)]
struct Part {
    rows: Vec<(u32, PurchaseHistory)>,
    others: Vec<PurchaseHistory>,
    occasions: DayCounts,
    holdout: Option<Holdout>,
    years: Years,
}

impl Part {
    fn note(&mut self, row: Option<u32>, orders: &CustomerOrders<'_>, options: &PredictOptions, as_of: i32) {
        let look = Look::of(options, as_of);
        if let Some(row) = row.filter(|_| options.by_year) {
            self.years.note(row, orders.days);
        }
        if self.holdout.is_none() {
            self.holdout = kept_back(options, as_of);
        }
        if let Some(holdout) = &mut self.holdout {
            holdout.note(row, orders);
        }
        let steps = look.steps(orders.days);
        let Some(history) = look.history(&steps) else { return };
        for day in occasions(&steps) {
            self.occasions.count(day.day);
        }
        match row {
            Some(row) => self.rows.push((row, history)),
            None => self.others.push(history),
        }
    }
}

/// What every order tells.
#[derive(Debug)]
pub struct FromOrders {
    /// What the models see.
    pub histories: PurchaseHistories,
    /// What is kept from them, where it is asked for.
    pub holdout: Option<Holdout>,
    /// By year of each customer, where it is asked for.
    pub years: Option<Years>,
}

impl FromOrders {
    /// Looks at the orders of `customers` customers, up to `as_of`, on `threads` threads.
    ///
    /// # Errors
    /// As [`Orders::finish`].
    pub fn gather(
        orders: Orders,
        options: &PredictOptions,
        customers: usize,
        as_of: i32,
        threads: usize,
    ) -> Result<Self> {
        let look = Look::of(options, as_of);
        let mut found = Self {
            histories: PurchaseHistories {
                as_of: look.last,
                by_row: vec![None; customers],
                unfinished_days: look.unfinished_days(as_of),
                ..PurchaseHistories::default()
            },
            holdout: kept_back(options, as_of),
            years: options.by_year.then(Years::default),
        };
        let note = |part: &mut Part, row: Option<u32>, own: CustomerOrders<'_>| part.note(row, &own, options, as_of);
        orders.finish(threads, note, |part| found.take(part))?;
        if let Some(years) = &mut found.years {
            years.sort();
        }
        Ok(found)
    }

    fn take(&mut self, part: Part) {
        for (row, history) in part.rows {
            self.histories.by_row[row as usize] = Some(history);
        }
        self.histories.others.extend(part.others);
        part.occasions.add_to(&mut self.histories.occasions);
        if let (Some(all), Some(own)) = (&mut self.holdout, part.holdout) {
            all.add(own);
        }
        if let Some(years) = &mut self.years {
            years.rows.extend(part.years.rows);
        }
    }
}

fn kept_back(options: &PredictOptions, as_of: i32) -> Option<Holdout> {
    options.holdout_days.map(|days| Holdout::new(as_of, days, options.first_purchase_in_value))
}
