//! How far an axis has moved since its breaks were learned.
//!
//! Population stability index: the sum of (now - then) ln(now / then) over the shares of customers per score. By a rule
//! of thumb of credit scoring, below 0.1 little has moved, above 0.25 much. In addition: how many customers would get
//! another score if the breaks were learned again.

use super::axis::AxisSpec;
use super::breaks::Breaks;
use super::learned::Learned;
use super::measures::Axis;
use crate::error::{Error, Result};

/// One axis, scored with the breaks of an earlier run and with fresh ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    /// The axis.
    pub axis: Axis,
    /// Customers per score when the breaks were learned; empty where the earlier run did not write them.
    pub then: Vec<u64>,
    /// Customers per score now, with the same breaks.
    pub now: Vec<u64>,
    /// None where the earlier run did not write its customers per score, or either run had none.
    pub population_stability_index: Option<f64>,
    /// Customers whose score would differ with fresh breaks.
    pub differing: u64,
    /// The same as a share of all customers, 0 to 1; none without customers.
    pub differing_share: Option<f64>,
}

/// Compares frozen breaks with those that the present customers would give. `weights` as in
/// [`Learned::learn_weighted`].
///
/// # Errors
/// A config error, where the breaks do not fit the settings; as learning.
pub fn drift(values: &[i64], weights: &[i64], spec: &AxisSpec, frozen: &Breaks) -> Result<Drift> {
    frozen.check_loaded(spec)?;
    let kept = frozen.apply(values)?;
    let fresh = Learned::learn_weighted(values, weights, spec)?.freeze()?.apply(values)?;
    let differing = kept.iter().zip(&fresh).filter(|(kept, fresh)| kept != fresh).count() as u64;
    let now = customers_per_score(&kept, spec.bins)?;
    Ok(Drift {
        axis: spec.axis(),
        population_stability_index: population_stability_index(&frozen.customers_per_score, &now),
        then: frozen.customers_per_score.clone(),
        now,
        differing,
        differing_share: (!kept.is_empty()).then(|| as_f64(differing) / as_f64(kept.len() as u64)),
    })
}

fn customers_per_score(scores: &[i32], bins: u32) -> Result<Vec<u64>> {
    let mut counts = vec![0; bins as usize];
    for score in scores {
        let slot = score.wrapping_sub(1).cast_unsigned() as usize;
        *counts.get_mut(slot).ok_or_else(|| Error::bug(format!("a score of {score} of {bins}")))? += 1;
    }
    Ok(counts)
}

/// A share below this counts as this: the logarithm of an empty group is not a number.
const SMALLEST_SHARE: f64 = 1e-4;

/// The population stability index of counts now against counts then. By a rule of thumb, below 0.1 little has moved,
/// above 0.25 much. None where either has no customers or the groups differ in number.
#[must_use]
pub fn population_stability_index(then: &[u64], now: &[u64]) -> Option<f64> {
    let totals = [then.iter().sum::<u64>(), now.iter().sum()];
    if then.len() != now.len() || totals.contains(&0) {
        return None;
    }
    let [then_total, now_total] = totals.map(as_f64);
    let share = |count: u64, total: f64| (as_f64(count) / total).max(SMALLEST_SHARE);
    let term = |(&then, &now): (&u64, &u64)| {
        let (then, now) = (share(then, then_total), share(now, now_total));
        (now - then) * (now / then).ln()
    };
    Some(then.iter().zip(now).map(term).sum())
}

#[expect(clippy::cast_precision_loss, reason = "indices for people")]
fn as_f64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::measures::Measure;
    use crate::score::method::Method;
    use crate::score::scored::score_axis;

    #[test]
    fn the_stability_index_of_a_worked_example() {
        // shares .5 .5 -> .6 .4: .1 ln 1.2 - .1 ln .8 = .0182322 + .0223144
        let found = population_stability_index(&[50, 50], &[60, 40]).unwrap();
        assert!((found - 0.1 * (1.2_f64.ln() - 0.8_f64.ln())).abs() < 1e-15);
        assert_eq!(population_stability_index(&[5, 5], &[50, 50]), Some(0.0));
        assert!(population_stability_index(&[10, 0], &[0, 10]).unwrap() > 10.0, "a finite sign of a full turn");
        assert_eq!(population_stability_index(&[0], &[1]), None);
        assert_eq!(population_stability_index(&[1], &[1, 1]), None);
    }

    #[test]
    fn drift_of_an_axis_whose_customers_have_doubled_their_orders() {
        let spec = AxisSpec::new(Measure::Orders, 0, Method::Quantile, 5);
        let then: Vec<i64> = (1..=100).collect();
        let frozen = score_axis(&then, &spec, None).unwrap().learned.freeze().unwrap().clone();
        assert_eq!(frozen.customers_per_score, [20; 5]);
        let same = drift(&then, &[], &spec, &frozen).unwrap();
        assert_eq!((same.differing, same.population_stability_index), (0, Some(0.0)));
        // twice as many orders: cuts at 20, 40, 60, 80 leave 10, 10, 10, 10 and 60 customers below, between and above
        let now: Vec<i64> = then.iter().map(|orders| 2 * orders).collect();
        let found = drift(&now, &[], &spec, &frozen).unwrap();
        assert_eq!(found.now, [10, 10, 10, 10, 60]);
        // fresh breaks give 20 each: of the frozen scores 1 2 3 4 and 5 stay 10, 0, 0, 0 and 20
        assert_eq!((found.differing, found.differing_share), (70, Some(0.7)));
        let expected = 4.0 * -0.1 * 0.5_f64.ln() + 0.4 * 3.0_f64.ln();
        assert!(found.population_stability_index.is_some_and(|index| (index - expected).abs() < 1e-12));
        let old = Breaks { customers_per_score: Vec::new(), ..frozen };
        assert_eq!(drift(&now, &[], &spec, &old).unwrap().population_stability_index, None);
    }
}
