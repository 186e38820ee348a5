//! What a reader of the scores should know of the customers themselves.
//!
//! Does not live here: what the scores of one axis deserve (`score`).

use rayon::prelude::*;

use super::ranking::Ranking;
use crate::clean::options::Returns;
use crate::customers::Customers;

/// The warnings about the customers of a run.
#[must_use]
pub fn of_customers(customers: &Customers, ranking: &Ranking, returns: Returns) -> Vec<String> {
    let warnings =
        [self::returns(returns, customers), margins(customers), early_date(customers), no_revenue(ranking, customers)];
    warnings.into_iter().flatten().collect()
}

fn returns(returns: Returns, customers: &Customers) -> Option<String> {
    let orders = customers.orders_not_above_zero;
    (orders > 0 && returns == Returns::Net).then(|| {
        format!(
            "{orders} orders are not above zero (returns); they count as orders and are netted from revenue: \
             `clean.returns` can be \"purchases\" or \"drop\" instead of \"net\""
        )
    })
}

fn margins(customers: &Customers) -> Option<String> {
    let rows = customers.margins_unusable;
    (rows > 0).then(|| {
        format!("{rows} used rows have a margin that is null or no amount; they count with 0 in `margin`, and in full in revenue")
    })
}

/// A date before this one is what programs write for "unknown": 1900-01-01, 1970-01-01.
const FIRST_LIKELY_DAY: i32 = 365;

fn early_date(customers: &Customers) -> Option<String> {
    let early = customers.first_day.par_iter().filter(|day| **day < FIRST_LIKELY_DAY).count();
    (early > 0).then(|| {
        format!(
            "{early} customers have a first order before 1971-01-01, as made-up dates are: `dates.min_date` quarantines \
             such rows"
        )
    })
}

fn no_revenue(ranking: &Ranking, customers: &Customers) -> Option<String> {
    (ranking.total <= 0 && !customers.is_empty()).then(|| {
        "total revenue is not above zero: revenue shares, ABC classes and the Gini coefficient are not defined"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_first_dates_and_missing_revenue_are_warned_of() {
        let customers = Customers {
            ids: crate::customers::CustomerIds::Integer(vec![1, 2]),
            first_day: vec![-25_567, 20_000],
            revenue: vec![5, -5],
            ..Customers::default()
        };
        assert!(early_date(&customers).is_some_and(|text| text.starts_with("1 customers")));
        let ranking = Ranking::new(&customers.revenue, [0.8, 0.95]);
        assert!(no_revenue(&ranking, &customers).is_some());
        let later = Customers { first_day: vec![365], ..Customers::default() };
        assert_eq!(early_date(&later), None);
        assert_eq!(no_revenue(&Ranking::new(&[], [0.8, 0.95]), &later), None, "nobody lacks revenue");
    }
}
