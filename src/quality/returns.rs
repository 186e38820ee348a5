//! What returns did to the figures, and the money that is in none of them, as warnings.
//!
//! Does not live here: what a return is (`customers::order`), and the sentences (`warnings`).

use crate::clean::options::Returns;
use crate::clean::outcome::{Outcome, Tally};
use crate::customers::Customers;
use crate::money;
use crate::warnings::{Facts, Warning};

/// What returns did to the figures, and the money that is in none of them. `scale`: decimals of money.
#[must_use]
pub fn of_returns(customers: &Customers, tally: &Tally, returns: Returns, scale: u8) -> Vec<Warning> {
    let side = &customers.side;
    let money = |minor: i128| money::text(minor, scale);
    let left_out = |outcome: Outcome| {
        let (rows, minor) = (tally.rows_of(outcome), tally.amounts[outcome.index()]);
        (rows > 0).then(|| Facts::ReturnsLeftOut { rows, money: money(minor) })
    };
    let of_policy = match returns {
        Returns::Net => {
            (side.returns > 0).then(|| Facts::ReturnsDeducted { orders: side.returns, money: money(side.returned) })
        }
        Returns::Literal => (side.not_above_zero > 0)
            .then(|| Facts::ReturnsNetted { orders: side.not_above_zero, money: money(side.returned) }),
        Returns::Purchases => left_out(Outcome::NotAPurchase),
        Returns::Drop => left_out(Outcome::ReturnDropped),
    };
    let (nobody, theirs) = (customers.without_order, customers.revenue_without_order);
    let only = (nobody > 0).then(|| Facts::OnlyReturns { customers: nobody, money: money(theirs) });
    let stretched = (side.stretched > 0).then_some(Facts::StretchedOrders { orders: side.stretched });
    [of_policy, only, stretched].into_iter().flatten().map(Warning::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customers::side::SideTotals;
    use crate::warnings::sentences;

    #[test]
    fn every_policy_tells_what_returns_do_to_revenue() {
        let side =
            SideTotals { returns: 3, not_above_zero: 4, returned: -12_025, stretched: 2, ..SideTotals::default() };
        let customers = Customers { side, without_order: 1, revenue_without_order: -2_525, ..Customers::default() };
        let mut tally = Tally::default();
        tally.rows[Outcome::NotAPurchase.index()] = 5;
        tally.amounts[Outcome::NotAPurchase.index()] = -20_525;
        let shown = |returns: Returns| sentences(&of_returns(&customers, &tally, returns, 2));
        assert!(shown(Returns::Net)[0].contains("3 orders are returns: they take -120.25 off revenue"));
        assert!(shown(Returns::Literal)[0].contains("4 orders are not above zero"));
        assert!(shown(Returns::Purchases)[0].contains("5 rows are returns, and left out with their money (-205.25)"));
        assert!(shown(Returns::Net)[1].contains("(-25.25)") && shown(Returns::Net)[2].contains("2 orders have lines"));
        assert_eq!(shown(Returns::Drop).len(), 2, "nothing was dropped");
    }
}
