//! `[score.value]`: the settings of the weighted value and of its score, and the scale that a run has learned.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rfmt::{RFMT_JUDGEMENTS, RFMT_MEASURES, RFMT_STANDARDISE};
use super::standardise::{Standard, Standardise};
use super::{share_problems, weighted_values_among};
use crate::error::{Error, Result};
use crate::score::among::picked;
use crate::score::axis::AxisSpec;
use crate::score::choices::Weight;
use crate::score::measures::{Measure, VALUE_DECIMALS};
use crate::score::method::{Method, PARETO_SHARE};

/// Measures, scale and judgements that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Recency, orders, mean order and largest order, from 0 to 1 by min-max, weighted by AHP. Weights or judgements that
    /// are given take the place of its own.
    Rfmt,
}

/// `[score.value]`: a weighted sum of standardised measures, cut into a score of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ValueAxis {
    /// Measures, scale and judgements at once, instead of `measures` and `standardise`.
    pub preset: Option<Preset>,
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
            preset: None,
            measures: vec![Measure::RecencyDays, Measure::Orders, Measure::Revenue],
            standardise: Standardise::ClippedMinMax,
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
    /// The settings with those of the preset filled in.
    #[must_use]
    pub fn effective(&self) -> Self {
        let Some(Preset::Rfmt) = self.preset else { return self.clone() };
        let mut own = Self { measures: RFMT_MEASURES.to_vec(), standardise: RFMT_STANDARDISE, ..self.clone() };
        if own.weights.is_empty() && own.judgements.is_empty() {
            own.judgements = RFMT_JUDGEMENTS.iter().map(|row| row.to_vec()).collect();
        }
        own
    }

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
        let default = Self::default();
        if self.preset.is_some() && (self.measures != default.measures || self.standardise != default.standardise) {
            problems.push(
                "`score.value.preset` says what is measured and how it is scaled: leave out `measures` and `standardise`"
                    .to_owned(),
            );
        }
        let own = self.effective();
        problems.extend(own.problems_of_weights());
        problems
    }

    fn problems_of_weights(&self) -> Vec<String> {
        let mut problems = Vec::new();
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
        let held = (options.method == Method::Pareto).then_some(Measure::Revenue);
        Self {
            cuts: options.cuts.clone(),
            weight: options.weight.map(Weight::measure).or(held),
            share: options.share,
            ..Self::new(Measure::WeightedValue, VALUE_DECIMALS, options.method, options.bins)
        }
    }
}

/// What weighted values were made with: written with the run, and loaded back with the breaks of the value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueScale {
    /// The measures.
    pub measures: Vec<Measure>,
    /// Decimals of money in the standards.
    pub money_scale: u32,
    /// A weight per measure.
    pub weights: Vec<f64>,
    /// A scale per measure.
    pub standards: Vec<Standard>,
}

impl ValueScale {
    /// Learns the scale of each column; `weights` and `columns` are in the order of the measures. Frequency and monetary
    /// scales are those of `buyers`, where these alone are learned from.
    ///
    /// # Errors
    /// As [`Standard::learn`].
    pub fn learn(
        options: &ValueAxis,
        money_scale: u32,
        weights: Vec<f64>,
        columns: &[Vec<i64>],
        buyers: Option<&[u32]>,
    ) -> Result<Self> {
        let standard = |(column, measure): (&Vec<i64>, &Measure)| {
            let fewer_is_better = measure.axis().fewer_is_better();
            match buyers.filter(|_| !fewer_is_better) {
                Some(buyers) => Standard::learn(&picked(column, buyers), options.standardise, fewer_is_better),
                None => Standard::learn(column, options.standardise, fewer_is_better),
            }
        };
        let standards = columns.iter().zip(&options.measures).map(standard).collect::<Result<_>>()?;
        Ok(Self { measures: options.measures.clone(), money_scale, weights, standards })
    }

    /// The weighted value of every customer in whole numbers of 10^-9.
    ///
    /// # Errors
    /// As [`super::weighted_values`].
    pub fn apply(&self, columns: &[Vec<i64>], buyers: Option<&[u32]>) -> Result<Vec<i64>> {
        let slices: Vec<&[i64]> = columns.iter().map(Vec::as_slice).collect();
        weighted_values_among(&slices, &self.standards, &self.weights, buyers)
    }

    /// Each column on its scale.
    #[must_use]
    pub fn standardised(&self, columns: &[Vec<i64>], buyers: Option<&[u32]>) -> Vec<Vec<f64>> {
        let pairs = self.standards.iter().zip(columns);
        pairs.map(|(standard, column)| standard.apply_among(column, buyers)).collect()
    }

    /// Checks that the scale of an earlier run is the one that this run's settings ask for.
    ///
    /// # Errors
    /// A config error with everything that differs; where the scale is of ranks, which cannot be kept.
    pub fn check_loaded(&self, options: &ValueAxis, money_scale: u32, weights: &[f64]) -> Result<()> {
        let mut problems = Vec::new();
        if self.measures != options.measures {
            problems.push("the measures differ".to_owned());
        }
        if self.money_scale != money_scale {
            problems.push(format!("its money has {} decimals, that of this run {money_scale}", self.money_scale));
        }
        let differ = |(a, b): (&f64, &f64)| (a - b).abs() > WEIGHT_TOLERANCE;
        if self.weights.len() != weights.len() || self.weights.iter().zip(weights).any(differ) {
            problems.push(format!("its weights are {:?}, those of this run {weights:?}", self.weights));
        }
        if self.standards.len() != self.measures.len()
            || self.standards.iter().any(|standard| standard.standardise != options.standardise)
        {
            problems.push("the measures are standardised in another way".to_owned());
        }
        if options.standardise == Standardise::Rank {
            problems.push("ranks depend on the customers at hand and cannot be kept".to_owned());
        }
        if problems.is_empty() {
            return Ok(());
        }
        Err(Error::config("the loaded scale of the weighted value does not fit this run")
            .causes(problems)
            .hint("set `[score.value]` as in the run it comes from, or leave out `score.breaks_from`"))
    }
}

/// Weights of an earlier run and of this one may differ by the rounding of an eigenvector.
const WEIGHT_TOLERANCE: f64 = 1e-9;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rfmt_preset_fills_in_measures_scale_and_judgements() {
        let rfmt = ValueAxis { preset: Some(Preset::Rfmt), ..ValueAxis::default() };
        assert!(rfmt.problems().is_empty(), "{:?}", rfmt.problems());
        let own = rfmt.effective();
        assert_eq!((own.measures.len(), own.judgements.len()), (4, 4));
        let weighted = ValueAxis { weights: vec![0.25; 4], ..rfmt.clone() };
        assert!(weighted.problems().is_empty() && weighted.effective().judgements.is_empty());
        let twice = ValueAxis { standardise: Standardise::Rank, ..rfmt };
        assert!(twice.problems()[0].contains("leave out `measures` and `standardise`"));
    }

    #[test]
    fn a_scale_is_kept_and_refused_where_the_settings_have_changed() {
        let standardise = Standardise::MinMax;
        let options = ValueAxis { measures: vec![Measure::Orders], standardise, ..ValueAxis::default() };
        let scale = ValueScale::learn(&options, 2, vec![1.0], &[vec![1, 5]], None).unwrap();
        let text = serde_json::to_string(&scale).unwrap();
        let loaded: ValueScale = serde_json::from_str(&text).unwrap();
        loaded.check_loaded(&options, 2, &[1.0]).unwrap();
        // 9 orders on a scale from 1 to 5: (9 - 1) / 4 = 2
        assert_eq!(loaded.apply(&[vec![9]], None).unwrap(), [2_000_000_000]);
        let other = ValueAxis { standardise: Standardise::Rank, measures: vec![Measure::Revenue], ..options };
        let text = loaded.check_loaded(&other, 3, &[0.5]).unwrap_err().to_string();
        for part in ["measures differ", "2 decimals", "weights are [1.0]", "another way", "cannot be kept"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

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
        let scored = crate::score::score_axis_weighted(&[500, 900, 100], &[50, 30, 20], &spec, None).unwrap();
        assert_eq!(scored.scores, [2, 2, 1]);
    }
}
