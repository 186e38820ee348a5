//! What one more order would do for a customer.
//!
//! Does not live here: the nearest change that would move them up (`next_change`).

use serde::Serialize;

use super::axes;
use super::subject::{Raise, Subject};
use crate::customers::Customers;
use crate::error::Result;
use crate::score::Measure;

/// The scores and the segment after one more order.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct OneMore {
    pub(crate) r_score: i32,
    pub(crate) f_score: i32,
    pub(crate) m_score: i32,
    /// None where the map looks at the weighted value: what the order would do to that is not computed.
    pub(crate) segment: Option<String>,
}

/// What one more order, of the customer's average value and on the analysis date, would do. All three scores move at once.
pub(crate) fn one_more(subject: &Subject<'_>) -> Result<Option<OneMore>> {
    let own = subject.findings.own();
    let after = after_one_more(&subject.customer, subject.findings.as_of);
    let mut raised: [Option<Raise>; 3] = [None; 3];
    for (raise, bounds) in raised.iter_mut().zip(&own.bounds) {
        let Some(breaks) = axes::breaks_of(own, bounds) else { return Ok(None) };
        let value = match bounds.measure {
            // It stays what it is, whatever the rounding of the order.
            measure @ Measure::AverageOrderValue => subject.value(measure)?,
            measure => subject.value_of(&after, measure)?,
        };
        let score = breaks.apply(&[value])?.first().copied().unwrap_or(1);
        *raise = Some(Raise { value, score });
    }
    let is_known = !own.map.needs_value_score();
    let segment = if is_known { subject.segments(&[raised], &after)? } else { Vec::new() };
    let [r_score, f_score, m_score] = raised.map(|raise| raise.map_or(1, |raise| raise.score));
    let segment = segment.first().map(|segment| own.map.segments[usize::from(*segment)].key.clone());
    Ok(Some(OneMore { r_score, f_score, m_score, segment }))
}

/// A table of one customer, with one more order of average value and margin on the day `day`.
fn after_one_more(customer: &Customers, day: i32) -> Customers {
    let mut after = customer.clone();
    for row in 0..customer.len() {
        let before = i64::from(customer.orders[row].max(1));
        let value = customer.revenue[row] / before;
        after.purchase_days[row] += u32::from(customer.last_day[row] < day);
        after.last_day[row] = day;
        after.orders[row] += 1;
        after.transactions[row] += 1;
        after.revenue[row] = customer.revenue[row].saturating_add(value);
        after.largest_order[row] = customer.largest_order[row].max(value);
        if let Some(margin) = after.margin.get_mut(row) {
            *margin = margin.saturating_add(*margin / before);
        }
    }
    after.last_interaction_day.fill(day);
    after
}
