//! What a model expects of the customers it was fitted on, for comparison with what they did.

use std::collections::BTreeMap;

use super::histories::Histories;
use super::purchase_model::PurchaseModel;
use crate::models::numeric::special::weight;

/// The customers that a model expects with 0, 1, .. repeat purchases in the time each was observed; the last entry is
/// for `last` or more. Compare with [`Histories::repeat_counts`].
#[must_use]
pub fn expected_repeat_counts(model: &dyn PurchaseModel, histories: &Histories, last: u32) -> Vec<f64> {
    let mut counts = vec![0.0; last as usize + 1];
    for (t_cal, customers) in by_time(histories.patterns().iter().map(|(h, count)| (h.t_cal, *count))) {
        let fewer = if last == 0 { Vec::new() } else { model.purchase_probabilities(last - 1, t_cal) };
        let rest = (1.0 - fewer.iter().sum::<f64>()).max(0.0);
        for (count, probability) in counts.iter_mut().zip(fewer.into_iter().chain([rest])) {
            *count += customers * probability;
        }
    }
    counts
}

/// The repeat purchases that a model expects of all customers together by the end of each day of `until`, where `first`
/// gives how many customers made their first purchase on which day. All days are on one calendar, and the model's unit
/// of time has `days_per_unit` of them. The expectation depends only on the days in between, and is computed once for
/// each.
#[must_use]
pub fn expected_cumulative_repeats(
    model: &dyn PurchaseModel,
    days_per_unit: f64,
    first: &BTreeMap<i32, u64>,
    until: &[i32],
) -> Vec<f64> {
    let observed = |until: i32, start: i32| u32::try_from(i64::from(until) - i64::from(start)).unwrap_or(0);
    let mut apart: Vec<u32> =
        until.iter().flat_map(|until| first.keys().map(|start| observed(*until, *start))).collect();
    apart.sort_unstable();
    apart.dedup();
    let times: Vec<f64> = apart.iter().map(|days| f64::from(*days) / days_per_unit).collect();
    let expected = model.expected_purchases_of_new(&times);
    let total = |until: &i32| {
        let of = |(start, customers): (&i32, &u64)| {
            let index = apart.partition_point(|days| *days < observed(*until, *start));
            expected.get(index).map_or(0.0, |expected| weight(*customers) * expected)
        };
        first.iter().map(of).sum()
    };
    until.iter().map(total).collect()
}

/// The customers per distinct time, which is 0 or more, in ascending order.
fn by_time(customers: impl Iterator<Item = (f64, u64)>) -> impl Iterator<Item = (f64, f64)> {
    let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
    for (time, count) in customers {
        *counts.entry((time + 0.0).to_bits()).or_insert(0) += count; // positive floats are in the order of their bits
    }
    counts.into_iter().map(|(bits, count)| (f64::from_bits(bits), weight(count)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{BgNbd, History};

    const CDNOW: BgNbd = BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };

    #[test]
    fn expected_counts_add_up_to_the_customers() {
        let customers =
            vec![(History { x: 0, t_x: 0.0, t_cal: 39.0 }, 60), (History { x: 3, t_x: 9.0, t_cal: 27.0 }, 40)];
        let histories = Histories::new(customers).unwrap();
        let counts = expected_repeat_counts(&CDNOW, &histories, 7);
        assert_eq!(counts.len(), 8);
        assert!((counts.iter().sum::<f64>() - 100.0).abs() < 1e-9);
        let none = 60.0 * CDNOW.purchase_probabilities(0, 39.0)[0] + 40.0 * CDNOW.purchase_probabilities(0, 27.0)[0];
        assert!((counts[0] - none).abs() < 1e-9);
    }

    #[test]
    fn customers_who_have_not_started_are_expected_to_buy_nothing() {
        let first = BTreeMap::from([(100, 10), (135, 10)]);
        let totals = expected_cumulative_repeats(&CDNOW, 7.0, &first, &[128, 163]);
        let alone = CDNOW.expected_purchases_of_new(&[4.0, 9.0]);
        assert!((totals[0] - 10.0 * alone[0]).abs() < 1e-12);
        assert!((totals[1] - 10.0 * (alone[1] + alone[0])).abs() < 1e-12);
    }
}
