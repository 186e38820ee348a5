//! What one more order would do for a customer.
//!
//! Does not live here: the nearest change that would move them up (`next_change`).

use serde::Serialize;

use super::axes::{self, in_unit};
use super::subject::{Raise, Subject};
use crate::customers::Customers;
use crate::error::Result;
use crate::reports::findings::Findings;
use crate::reports::finish::to_major;
use crate::reports::tables::abc;
use crate::score::{Measure, Standardise};

/// The scores, the class and the segment after one more order.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct OneMore {
    /// What the order is worth, in major units; none where the input has no amounts, as what follows from it.
    pub(crate) value: Option<f64>,
    /// Where that comes from.
    pub(crate) value_is: Option<&'static str>,
    pub(crate) r_score: i32,
    pub(crate) f_score: i32,
    pub(crate) m_score: Option<i32>,
    /// None where total revenue would not be above zero.
    pub(crate) abc_class: Option<&'static str>,
    pub(crate) revenue_rank: Option<u32>,
    /// None where the run makes none, or by ranks, which depend on everyone.
    pub(crate) weighted_value: Option<f64>,
    pub(crate) v_score: Option<i32>,
    /// None where the map looks at something that is not known after the order: predictions, octants, a value by ranks.
    pub(crate) segment: Option<String>,
    /// What is taken to stay as it is.
    pub(crate) held_still: Vec<&'static str>,
}

/// What one more order, of the customer's average value and on the analysis date, would do. All scores move at once, and so
/// does the place by revenue.
pub(crate) fn one_more(subject: &Subject<'_>) -> Result<Option<OneMore>> {
    let (own, basis, findings) = (subject.findings.own(), subject.basis(), subject.findings);
    let has_money = findings.customers.known.has_money();
    let (value, value_is) = value_of_order(findings, subject.row);
    let after = after_one_more(&subject.customer, findings.as_of, value);
    let mut raised: [Option<Raise>; 3] = [None; 3];
    let scored = if has_money { raised.len() } else { raised.len() - 1 };
    for (raise, bounds) in raised.iter_mut().zip(basis.bounds).take(scored) {
        let Some(breaks) = axes::breaks_of(basis, bounds) else { return Ok(None) };
        let value = match bounds.measure {
            // It stays what it is, whatever the rounding of the order.
            measure @ Measure::AverageOrderValue if subject.customer.orders[0] > 0 => subject.value(measure)?,
            measure => subject.value_of(&after, measure)?,
        };
        let score = breaks.apply(&[value])?.first().copied().unwrap_or(1);
        *raise = Some(Raise { value, score });
    }
    let place = findings.ranking.with_revenue(subject.row, after.revenue[0], subject.abc_limits);
    let place = place.filter(|_| has_money);
    let weighted = weighted_value(subject, &after)?;
    let v_score = weighted.and_then(|(_, score)| score);
    let has_value =
        (!own.map.needs_value_score() || v_score.is_some()) && (!own.map.needs_value() || weighted.is_some());
    let is_known = has_value && subject.unknown_after(true).is_none();
    let abc = place.map_or(findings.ranking.abc[subject.row], |place| place.abc);
    let segment = if is_known { Some(subject.segment_after(raised, &after, abc, weighted)?) } else { None };
    let [r_score, f_score, m_score] = raised.map(|raise| raise.map_or(1, |raise| raise.score));
    Ok(Some(OneMore {
        value: has_money.then(|| to_major(value, findings.scale)),
        value_is: has_money.then_some(value_is),
        r_score,
        f_score,
        m_score: has_money.then_some(m_score),
        abc_class: place.map(|place| abc::CLASSES[usize::from(place.abc)]),
        revenue_rank: place.map(|place| place.rank),
        weighted_value: weighted.map(|(value, _)| in_unit(value, Measure::WeightedValue.decimals(0))),
        v_score,
        segment: segment.map(|segment| own.map.segments[usize::from(segment)].key.clone()),
        held_still: held_still(subject),
    }))
}

/// What is taken to stay as it is.
fn held_still(subject: &Subject<'_>) -> Vec<&'static str> {
    let mut held = vec!["the thresholds", "the orders of all other customers"];
    let own = subject.findings.own();
    held.extend(own.value.as_ref().map(|_| "the scale of the weighted value"));
    held.extend(own.groups.as_ref().map(|_| "the group of the customer"));
    held
}

/// What the order is worth: the customer's average, or that of all where they have no order in the window.
fn value_of_order(findings: &Findings, row: usize) -> (i64, &'static str) {
    let customers = &findings.customers;
    match customers.orders[row] {
        0 => {
            let orders: i64 = customers.orders.iter().map(|orders| i64::from(*orders)).sum();
            (findings.ranking.total / orders.max(1), "the average of all customers")
        }
        orders => (customers.revenue[row] / i64::from(orders), "the average value of the customer"),
    }
}

/// The weighted value after the order, and its score where it has breaks; none without a scale of its own, as ranks.
fn weighted_value(subject: &Subject<'_>, after: &Customers) -> Result<Option<(i64, Option<i32>)>> {
    let basis = subject.basis();
    let (Some(bounds), Some(learned)) = (basis.value_bounds, &basis.learned.value) else { return Ok(None) };
    let scale = &learned.scale;
    if scale.standards.iter().any(|standard| standard.standardise == Standardise::Rank) {
        return Ok(None);
    }
    let columns = scale.measures.iter().map(|measure| Ok(vec![subject.value_of(after, *measure)?]));
    let value = scale.apply(&columns.collect::<Result<Vec<_>>>()?, None)?.first().copied().unwrap_or_default();
    let score = match axes::breaks_of(basis, bounds) {
        Some(breaks) => breaks.apply(&[value])?.first().copied(),
        None => None,
    };
    Ok(Some((value, score)))
}

/// A table of one customer, with one more order of this value, and of average margin, on the day `day`.
fn after_one_more(customer: &Customers, day: i32, value: i64) -> Customers {
    let mut after = customer.clone();
    for row in 0..customer.len() {
        let before = i64::from(customer.orders[row].max(1));
        let is_new_day = u32::from(customer.last_day[row] < day);
        after.purchase_days[row] += is_new_day;
        after.last_day[row] = day;
        after.orders[row] += 1;
        after.transactions[row] += 1;
        after.revenue[row] = customer.revenue[row].saturating_add(value);
        after.largest_order[row] = customer.largest_order[row].max(value);
        if let Some(margin) = after.margin.get_mut(row) {
            *margin = margin.saturating_add(*margin / before);
        }
        after.orders_ever.get_mut(row).into_iter().for_each(|orders| *orders += 1);
        after.purchase_days_ever.get_mut(row).into_iter().for_each(|days| *days += is_new_day);
    }
    after.last_interaction_day.fill(day);
    after
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customers::CustomerIds;

    #[test]
    fn one_more_order_brings_the_average_and_a_new_day() {
        let customer = Customers {
            ids: CustomerIds::Integer(vec![7]),
            first_day: vec![10],
            last_day: vec![20],
            orders: vec![3],
            purchase_days: vec![2],
            transactions: vec![5],
            revenue: vec![1_000],
            largest_order: vec![300],
            margin: vec![90],
            ..Customers::default()
        };
        let after = after_one_more(&customer, 25, 333);
        assert_eq!((after.orders[0], after.transactions[0], after.purchase_days[0]), (4, 6, 3));
        // an order of 1000 / 3 = 333, and 90 / 3 = 30 of margin
        assert_eq!((after.revenue[0], after.largest_order[0], after.margin[0]), (1_333, 333, 120));
        assert_eq!((after.first_day[0], after.last_day[0]), (10, 25));
        assert!(after.last_interaction_day.is_empty());
        let same_day = after_one_more(&customer, 20, 333);
        assert_eq!((same_day.orders[0], same_day.purchase_days[0]), (4, 2), "the day is known already");
    }
}
