//! `[score.value]`: the settings of the weighted value and of its score.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::axis::{AxisSpec, Measure, VALUE_DECIMALS};
use super::composite::share_problems;
use super::options::{Method, PARETO_SHARE, Weight};
use super::standard::Standardise;

/// `[score.value]`: a weighted sum of standardised measures, cut into a score of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ValueAxis {
    /// The measures, by column.
    pub measures: Vec<Measure>,
    /// How they are put on one scale.
    pub standardise: Standardise,
    /// A weight per measure; they sum to 1. Default: all alike.
    pub weights: Vec<f64>,
    /// Instead of weights, AHP judgements: a row per measure, how many times as important it is as each of them.
    pub judgements: Vec<Vec<f64>>,
    /// Whether judgements that contradict one another (consistency ratio 0.10 and more) are used all the same.
    pub allow_inconsistent: bool,
    /// How the value is cut.
    pub method: Method,
    /// Number of scores, 2 to 100.
    pub bins: u32,
    /// With `fixed`: ascending cuts of the value, one fewer than bins.
    pub cuts: Vec<f64>,
    /// With `pareto`: the share that the best customers hold.
    pub share: f64,
    /// With `mean`: what customers count by. With `pareto`: what is held, by default revenue.
    pub weight: Option<Weight>,
}

impl Default for ValueAxis {
    fn default() -> Self {
        Self {
            measures: vec![Measure::RecencyDays, Measure::Orders, Measure::Revenue],
            standardise: Standardise::MinMax,
            weights: Vec::new(),
            judgements: Vec::new(),
            allow_inconsistent: false,
            method: Method::Quantile,
            bins: 5,
            cuts: Vec::new(),
            share: PARETO_SHARE,
            weight: None,
        }
    }
}

impl ValueAxis {
    /// The weights that are given, or equal ones; with judgements they come from `models::ahp` instead.
    #[must_use]
    pub fn given_weights(&self) -> Vec<f64> {
        if self.weights.is_empty() {
            #[expect(clippy::cast_precision_loss, reason = "a few measures")]
            let equal = 1.0 / self.measures.len() as f64;
            return vec![equal; self.measures.len()];
        }
        self.weights.clone()
    }

    /// Everything that is wrong with these settings but the judgements themselves, each with its key.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = AxisSpec::value(self).problems();
        let count = self.measures.len();
        if count == 0 || self.measures.contains(&Measure::WeightedValue) {
            problems.push("`score.value.measures` must name columns of customers, as `orders`".to_owned());
        }
        if !self.weights.is_empty() && !self.judgements.is_empty() {
            problems.push("`score.value.weights` and `score.value.judgements` are given: leave out one".to_owned());
        }
        if !self.weights.is_empty() && self.weights.len() != count {
            let given = self.weights.len();
            problems.push(format!("`score.value.weights` has {given} numbers, expected {count}, one for each measure"));
        } else if count > 0 {
            let weights = share_problems(&self.given_weights());
            problems.extend(weights.into_iter().map(|problem| format!("`score.value.weights`: {problem}")));
        }
        problems
    }
}

impl AxisSpec {
    /// The axis of the weighted value.
    #[must_use]
    pub fn value(options: &ValueAxis) -> Self {
        let held = (options.method == Method::Pareto).then_some(Weight::Revenue);
        Self {
            cuts: options.cuts.clone(),
            weight: options.weight.or(held).map(Weight::measure),
            share: options.share,
            ..Self::new(Measure::WeightedValue, VALUE_DECIMALS, options.method, options.bins)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_given_or_alike_and_must_sum_to_one() {
        let options = ValueAxis::default();
        assert!(options.problems().is_empty());
        assert!(options.given_weights().iter().all(|weight| (weight - 1.0 / 3.0).abs() < 1e-15));
        let wrong =
            |weights: &[f64]| ValueAxis { weights: weights.to_vec(), ..ValueAxis::default() }.problems().join("; ");
        assert!(wrong(&[0.5, 0.5]).contains("has 2 numbers, expected 3"));
        let text = wrong(&[1.0, 2.0, 1.0]);
        assert_eq!(
            text,
            "`score.value.weights`: the weights sum to 4, expected 1: in the same proportion 0.2500, 0.5000, 0.2500"
        );
        let both = ValueAxis { judgements: vec![vec![1.0]], weights: vec![0.2, 0.3, 0.5], ..ValueAxis::default() };
        assert!(both.problems()[0].contains("leave out one"));
        let none = ValueAxis { measures: Vec::new(), bins: 1, ..ValueAxis::default() };
        assert_eq!(none.problems().len(), 2);
    }

    #[test]
    fn the_core_is_cut_by_the_revenue_that_the_best_hold() {
        let spec = AxisSpec::value(&ValueAxis { method: Method::Pareto, bins: 2, ..ValueAxis::default() });
        assert_eq!((spec.weight, spec.axis().name()), (Some(Measure::Revenue), "value"));
        // values 0.9 0.5 0.1 with revenue 30 50 20: the best two hold 80 of 100
        let scored = super::super::score_axis_weighted(&[500, 900, 100], &[50, 30, 20], &spec, None).unwrap();
        assert_eq!(scored.scores, [2, 2, 1]);
    }
}
