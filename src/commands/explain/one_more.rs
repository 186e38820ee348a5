//! What one more order would do for a customer. Does not live here: the nearest change that would move him up (`next`).

use serde::Serialize;

use super::axes;
use super::candidates::{Own, Raise, segments};
use crate::config::Config;
use crate::error::Result;
use crate::reports::findings::Findings;
use crate::scoring::Learned;

/// The scores and the segment after one more order.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct OneMore {
    pub(crate) r_score: i32,
    pub(crate) f_score: i32,
    pub(crate) m_score: i32,
    /// None where the map looks at the weighted value, which the order would change in a way that is not told.
    pub(crate) segment: Option<String>,
}

/// What one more order, of his average value and on the analysis date, would do. All three scores move at once.
pub(crate) fn one_more(
    config: &Config,
    findings: &Findings,
    learned: &Learned,
    place: usize,
) -> Result<Option<OneMore>> {
    let customers = &findings.customers;
    let (revenue, orders) = (customers.revenue[place], customers.orders[place]);
    let average = revenue / i64::from(orders.max(1));
    let margin = customers.margin.get(place).copied().unwrap_or_default();
    let is_new_day = i64::from(findings.recency_days[place] > 0);
    let after = Own {
        recency_days: 0,
        orders: i64::from(orders) + 1,
        purchase_days: i64::from(customers.purchase_days[place]) + is_new_day,
        revenue: revenue.saturating_add(average),
    };
    let mut raised: [Option<Raise>; 3] = [None; 3];
    for (raise, bounds) in raised.iter_mut().zip(&findings.bounds) {
        let Some(breaks) = axes::breaks_of(learned, bounds) else { return Ok(None) };
        let value = match bounds.measure {
            "recency_days" | "interaction_days" => 0,
            "orders" => after.orders,
            "purchase_days" => after.purchase_days,
            "transactions" => i64::from(customers.transactions[place]) + 1,
            "largest_order" => customers.largest_order[place].max(average),
            "average_order_value" => axes::average(revenue, orders)?,
            "margin" => margin.saturating_add(margin / i64::from(orders.max(1))),
            _ => after.revenue,
        };
        let score = breaks.apply(&[value])?.first().copied().unwrap_or(1);
        *raise = Some(Raise { value, score });
    }
    let is_told = !findings.map.needs_value_score();
    let segment = if is_told { segments(config, findings, place, &[raised], &after)? } else { Vec::new() };
    let [r_score, f_score, m_score] = raised.map(|raise| raise.map_or(1, |raise| raise.score));
    let segment = segment.first().map(|segment| findings.map.segments[usize::from(*segment)].key.clone());
    Ok(Some(OneMore { r_score, f_score, m_score, segment }))
}
