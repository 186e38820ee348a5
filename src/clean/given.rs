//! The columns of a table of customers: counts, days and amounts that somebody else has summed.
//!
//! Read as amounts and dates of transactions are, by the same code. Does not live here: customer ids, the last order and the
//! revenue, which are read as the rows of transactions are (`judge`).

use polars::prelude::*;

use super::columns::{self, Amounts, NO_DAY, NULL_DAY, Odd};
use super::dates::{self, DateRules};
use super::judged::Judged;
use super::outcome::Outcome;
use crate::batch::role;

/// Counts beyond this are no counts of orders.
const LARGEST_COUNT: i64 = i32::MAX as i64;

/// What a table of customers says of each, beyond the last order and the revenue.
#[derive(Debug)]
pub struct Given {
    /// Number of orders.
    pub orders: Counts,
    /// Number of days with an order.
    pub purchase_days: Option<Counts>,
    /// Number of rows.
    pub transactions: Option<Counts>,
    /// Day of the first order.
    pub first_day: Option<Vec<i32>>,
    largest_order: Option<Amounts>,
}

/// Whole numbers of zero or more.
#[derive(Debug)]
pub struct Counts {
    /// Zero where there is none.
    pub values: Vec<i64>,
    unusable: Vec<(usize, Outcome)>,
}

impl Counts {
    fn read(column: &Column) -> PolarsResult<Self> {
        let Amounts { minor: values, odd } = columns::amounts(column, 0)?;
        let outcome = |odd: Odd| if odd == Odd::Null { Outcome::NullCount } else { Outcome::CountOutOfRange };
        let unusable = odd.into_iter().map(|(row, odd)| (row, outcome(odd))).collect();
        Ok(Self { values, unusable })
    }

    fn judge(&self, judged: &mut Judged) {
        for (row, outcome) in &self.unusable {
            judged.reject(*row, *outcome);
        }
        let is_count = |value: i64| (0..=LARGEST_COUNT).contains(&value);
        for (row, _) in self.values.iter().enumerate().filter(|(_, value)| !is_count(**value)) {
            judged.reject(row, Outcome::CountOutOfRange);
        }
    }
}

impl Given {
    /// Reads the columns of a batch; `scale` are the decimals of money.
    ///
    /// # Errors
    /// A Polars error where a column is missing or of a type that the footers did not state.
    pub fn read(batch: &DataFrame, dates: &DateRules, scale: u8) -> PolarsResult<Self> {
        let optional = |name: &str| batch.column(name).ok();
        let counts = |name: &str| optional(name).map(Counts::read).transpose();
        Ok(Self {
            orders: Counts::read(batch.column(role::ORDERS)?)?,
            purchase_days: counts(role::PURCHASE_DAYS)?,
            transactions: counts(role::TRANSACTIONS)?,
            first_day: optional(role::FIRST_ORDER).map(|first| dates::days(first, dates)).transpose()?,
            largest_order: optional(role::LARGEST_ORDER).map(|own| columns::amounts(own, scale)).transpose()?,
        })
    }

    /// The largest order, minor units; zero where there is none.
    #[must_use]
    pub fn largest_order(&self) -> Option<&[i64]> {
        self.largest_order.as_ref().map(|amounts| amounts.minor.as_slice())
    }

    /// Rejects rows whose figures cannot be.
    pub(super) fn judge(&self, judged: &mut Judged) {
        self.orders.judge(judged);
        for counts in self.purchase_days.iter().chain(&self.transactions) {
            counts.judge(judged);
        }
        if let Some(days) = &self.purchase_days {
            let pairs = days.values.iter().zip(&self.orders.values).enumerate();
            for (row, _) in pairs.filter(|(_, (days, orders))| days > orders) {
                judged.reject(row, Outcome::CountOutOfRange);
            }
        }
        for (row, first) in self.first_day.iter().flatten().copied().enumerate() {
            match first {
                NULL_DAY => judged.reject(row, Outcome::NullDate),
                NO_DAY => judged.reject(row, Outcome::UnparsableDate),
                first if first > judged.days[row] => judged.reject(row, Outcome::FirstOrderAfterLast),
                _ => {}
            }
        }
        for (row, odd) in self.largest_order.iter().flat_map(|amounts| &amounts.odd) {
            match odd {
                // Without an order there is no largest one.
                Odd::Null if self.orders.values[*row] == 0 => {}
                Odd::Null => judged.reject(*row, Outcome::NullAmount),
                Odd::NotFinite => judged.reject(*row, Outcome::NonFiniteAmount),
                Odd::TooLarge => judged.reject(*row, Outcome::AmountOutOfRange),
                Odd::Rounded | Odd::NoCurrency | Odd::NoRate => {}
            }
        }
    }
}

/// The days of the last orders, from the days since them.
///
/// # Errors
/// As [`Given::read`].
pub(super) fn last_days(recency: &Column, as_of: i32) -> PolarsResult<Vec<i32>> {
    let Amounts { minor, odd } = columns::amounts(recency, 0)?;
    let day = |recency: &i64| i64::from(as_of).checked_sub(*recency).and_then(dates::day_of_number).unwrap_or(NO_DAY);
    let mut days: Vec<i32> = minor.iter().map(day).collect();
    for (row, odd) in odd {
        days[row] = if odd == Odd::Null { NULL_DAY } else { NO_DAY };
    }
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_since_the_last_order_are_counted_back_from_the_analysis_date() {
        let recency = Column::new("r".into(), [Some(0.0), Some(30.0), None, Some(1.5), Some(f64::NAN), Some(-2.0)]);
        assert_eq!(last_days(&recency, 100).unwrap(), [100, 70, NULL_DAY, NO_DAY, NO_DAY, 102]);
        let far = Column::new("r".into(), [10_000_000_i64]);
        assert_eq!(last_days(&far, 100).unwrap(), [NO_DAY], "before the year 1");
    }
}
