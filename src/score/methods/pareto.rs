//! The smallest group of best customers that holds a share of a total: the 80/20 rule as a cut.
//!
//! Customers are taken best first until they hold the share; all who stand on the last value belong to the group, so that
//! equal values share a score. What is held is the measure itself or another column; below zero it counts as nothing
//! held, while the total stays net of it. The value is found by halving, without a sort.

use super::rational::Rational;

/// Shares are compared in millionths.
const WHOLE: i128 = 1_000_000;

/// The value of the last customer of the group. Where the total is not above zero there is no group, and the threshold
/// lies beyond the best value. None without customers.
pub(crate) fn threshold(values: &[i64], held: Option<&[i64]>, share: f64, fewer_is_better: bool) -> Option<Rational> {
    let best = if fewer_is_better { values.iter().min() } else { values.iter().max() };
    let best = i128::from(*best?);
    let held = held.unwrap_or(values);
    let total: i128 = held.iter().map(|&part| i128::from(part)).sum();
    // turned, so that the best come last
    let turned = |value: i64| if fewer_is_better { !value } else { value };
    let mut pairs: Vec<(i64, i64)> = values.iter().zip(held).map(|(&v, &part)| (turned(v), part.max(0))).collect();
    let last = (total > 0).then(|| reach(&mut pairs, needed(total, share))).flatten();
    let beyond = if fewer_is_better { best - 1 } else { best + 1 };
    let numerator = last.map_or(beyond, |value| i128::from(turned(value)));
    Some(Rational { numerator, denominator: 1 })
}

/// The share of the total in whole units, rounded up: holdings are whole.
fn needed(total: i128, share: f64) -> i128 {
    #[expect(clippy::cast_possible_truncation, reason = "a share lies between 0 and 1")]
    let millionths = (share * 1e6).round() as i128;
    (total / WHOLE) * millionths + ((total % WHOLE) * millionths + WHOLE - 1) / WHOLE
}

/// The value at which the holdings, summed from the largest value down, reach `needed`.
fn reach(mut pairs: &mut [(i64, i64)], mut needed: i128) -> Option<i64> {
    while pairs.len() > 1 {
        let middle = pairs.len() / 2;
        pairs.select_nth_unstable_by_key(middle, |pair| pair.0);
        let (lower, upper) = pairs.split_at_mut(middle);
        let held: i128 = upper.iter().map(|pair| i128::from(pair.1)).sum();
        if held >= needed {
            pairs = upper;
        } else {
            needed -= held;
            pairs = lower;
        }
    }
    pairs.first().map(|pair| pair.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn last_value(values: &[i64], held: Option<&[i64]>, share: f64, fewer_is_better: bool) -> Option<i128> {
        threshold(values, held, share, fewer_is_better).map(|threshold| threshold.numerator)
    }

    #[test]
    fn a_total_that_is_not_above_zero_has_no_group() {
        assert_eq!(last_value(&[-3, 3, 0], None, 0.8, false), Some(4));
        assert_eq!(last_value(&[7, 9], Some(&[0, 0]), 0.8, true), Some(6));
        assert_eq!(last_value(&[], None, 0.8, false), None);
    }

    #[test]
    fn a_share_is_reached_exactly_on_the_boundary_and_not_by_rounding() {
        // 80 of 100 is 0.8; of 101 it takes 80.8, so that 80 is not enough
        assert_eq!(last_value(&[80, 20], None, 0.8, false), Some(80));
        assert_eq!(last_value(&[80, 21], None, 0.8, false), Some(21));
        // losses lower the total: 0.8 * (80 - 10) = 56
        assert_eq!(last_value(&[60, 20, -10], None, 0.8, false), Some(60));
    }

    proptest! {
        /// By the definition: best first, and the group up to the value before holds less.
        #[test]
        fn the_group_holds_the_share_and_no_smaller_one_does(
            values in prop::collection::vec(0_i64..50, 1..60), parts in prop::collection::vec(-3_i64..20, 60),
            percent in 1_u8..100, up in any::<bool>()
        ) {
            let held = &parts[..values.len()];
            let total: i64 = held.iter().sum();
            prop_assume!(total > 0);
            let last = last_value(&values, Some(held), f64::from(percent) / 100.0, !up).unwrap();
            let holds = |inside: &dyn Fn(i128) -> bool| -> i64 {
                let members = values.iter().zip(held).filter(|(value, _)| inside(i128::from(**value)));
                members.map(|(_, part)| part.max(&0)).sum()
            };
            let enough = |held: i64| held * 100 >= total * i64::from(percent);
            let (group, smaller) = if up {
                (holds(&|value| value >= last), holds(&|value| value > last))
            } else {
                (holds(&|value| value <= last), holds(&|value| value < last))
            };
            prop_assert!(enough(group) && !enough(smaller), "{} {}", group, smaller);
        }
    }
}
