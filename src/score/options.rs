//! Settings of the scores: per axis the measure, the method, the number of bins and the cuts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::axis::AxisSpec;
use super::composites::weighted_value::ValueAxis;
use super::measures::Measure;
use super::on_request::CompositeOptions;

pub use super::choices::{FrequencyMeasure, MonetaryMeasure, RecencyMeasure, Weight};
pub use super::method::{Combination, Labels, LearnFrom, Method, PARETO_SHARE};

/// `[score.recency]`: the axis of days since the last order; fewer is better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RecencyAxis {
    /// How the axis is cut.
    pub method: Method,
    /// Number of scores, 2 to 100.
    pub bins: u32,
    /// With `fixed`: ascending upper limits in days, one fewer than bins; a value on a limit is on its better side.
    pub cuts: Vec<f64>,
    /// What is counted.
    pub measure: RecencyMeasure,
    /// With `pareto`: the share that the best customers hold.
    pub share: f64,
    /// With `mean`: what customers count by. With `pareto`: what is held, by default revenue.
    pub weight: Option<Weight>,
}

/// `[score.frequency]`: the axis of how often; more is better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FrequencyAxis {
    /// How the axis is cut.
    pub method: Method,
    /// Number of scores, 2 to 100.
    pub bins: u32,
    /// With `fixed`: ascending cuts; the score is one plus the number of cuts below the value.
    pub cuts: Vec<f64>,
    /// What is counted. Default: `orders`, with `r-rfm` `transactions`.
    pub measure: Option<FrequencyMeasure>,
    /// With `pareto`: the share that the best customers hold.
    pub share: f64,
    /// With `mean`: what customers count by. With `pareto`: what is held, by default the measure itself.
    pub weight: Option<Weight>,
}

/// `[score.monetary]`: the axis of how much; more is better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MonetaryAxis {
    /// How the axis is cut.
    pub method: Method,
    /// Number of scores, 2 to 100.
    pub bins: u32,
    /// With `fixed`: ascending cuts in major units; the score is one plus the number of cuts below the value.
    pub cuts: Vec<f64>,
    /// What is measured.
    pub measure: MonetaryMeasure,
    /// With `pareto`: the share that the best customers hold.
    pub share: f64,
    /// With `mean`: what customers count by. With `pareto`: what is held, by default the measure itself.
    pub weight: Option<Weight>,
}

const DEFAULT_BINS: u32 = 5;

impl Default for RecencyAxis {
    fn default() -> Self {
        Self {
            method: Method::Quantile,
            bins: DEFAULT_BINS,
            cuts: Vec::new(),
            measure: RecencyMeasure::default(),
            share: PARETO_SHARE,
            weight: None,
        }
    }
}

impl Default for FrequencyAxis {
    fn default() -> Self {
        Self {
            method: Method::Quantile,
            bins: DEFAULT_BINS,
            cuts: Vec::new(),
            measure: None,
            share: PARETO_SHARE,
            weight: None,
        }
    }
}

impl Default for MonetaryAxis {
    fn default() -> Self {
        Self {
            method: Method::Quantile,
            bins: DEFAULT_BINS,
            cuts: Vec::new(),
            measure: MonetaryMeasure::default(),
            share: PARETO_SHARE,
            weight: None,
        }
    }
}

/// `[score]`: the three axes, and breaks of an earlier run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScoreOptions {
    /// How the three scores are combined.
    pub combination: Combination,
    /// Whom breaks, groups and scales of frequency and monetary value are learned from, where `dates.window_days` leaves
    /// customers without an order; recency is always of all customers.
    pub learn_from: LearnFrom,
    /// Days since the last order.
    pub recency: RecencyAxis,
    /// How often.
    pub frequency: FrequencyAxis,
    /// How much.
    pub monetary: MonetaryAxis,
    /// The value of a customer, a weighted sum of measures; it is scored where the segment map asks for it.
    pub value: ValueAxis,
    /// Composites as further columns.
    pub composites: CompositeOptions,
    /// Scores as labels in further columns.
    pub labels: Labels,
    /// The `manifest.json` of an earlier run whose breaks are used instead of learning new ones.
    pub breaks_from: Option<String>,
    /// Score customers among those of their group: the attributes that group them, such as `["country"]`, by the latest value
    /// of each. Breaks, equal groups, octants and the scale of the value are then of the group; ranks, ABC classes and
    /// clusters are of all customers. Customers whose value is null are a group.
    pub by: Vec<String>,
    /// With `by`: a group of fewer customers takes the breaks of all.
    pub by_min_customers: u32,
}

/// Ten customers per score of five bins.
const LEAST_CUSTOMERS: u32 = 50;

impl Default for ScoreOptions {
    fn default() -> Self {
        Self {
            combination: Combination::default(),
            learn_from: LearnFrom::default(),
            recency: RecencyAxis::default(),
            frequency: FrequencyAxis::default(),
            monetary: MonetaryAxis::default(),
            value: ValueAxis::default(),
            composites: CompositeOptions::default(),
            labels: Labels::default(),
            breaks_from: None,
            by: Vec::new(),
            by_min_customers: LEAST_CUSTOMERS,
        }
    }
}

impl AxisSpec {
    /// The recency axis, in days.
    #[must_use]
    pub fn recency(options: &RecencyAxis) -> Self {
        let held = (options.method == Method::Pareto).then_some(Measure::Revenue);
        let weight = options.weight.map(Weight::measure).or(held);
        let cuts = options.cuts.clone();
        let axis = Self::new(options.measure.measure(), 0, options.method, options.bins);
        Self { cuts, weight, share: options.share, ..axis }
    }

    /// The frequency axis. Where nothing else is set, `r-rfm` counts transactions, as the package does.
    #[must_use]
    pub fn frequency(options: &FrequencyAxis) -> Self {
        let usual = if options.method == Method::RRfm { Measure::Transactions } else { Measure::Orders };
        let measure = options.measure.map_or(usual, FrequencyMeasure::measure);
        let (cuts, weight) = (options.cuts.clone(), options.weight.map(Weight::measure));
        Self { cuts, weight, share: options.share, ..Self::new(measure, 0, options.method, options.bins) }
    }

    /// The monetary axis, where money is kept in `10^-money_scale`.
    #[must_use]
    pub fn monetary(options: &MonetaryAxis, money_scale: u32) -> Self {
        let measure = options.measure.measure();
        let decimals = measure.decimals(money_scale);
        let (cuts, weight) = (options.cuts.clone(), options.weight.map(Weight::measure));
        Self { cuts, weight, share: options.share, ..Self::new(measure, decimals, options.method, options.bins) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_rfm_counts_transactions_where_nothing_else_is_set() {
        let mut options = FrequencyAxis { method: Method::RRfm, ..FrequencyAxis::default() };
        assert_eq!(AxisSpec::frequency(&options).measure, Measure::Transactions);
        options.measure = FrequencyMeasure::of(Measure::Orders);
        assert_eq!(AxisSpec::frequency(&options).measure, Measure::Orders);
        assert_eq!(AxisSpec::frequency(&FrequencyAxis::default()).measure, Measure::Orders);
    }

    #[test]
    fn every_problem_of_an_axis_is_reported_at_once_with_its_key() {
        let options = RecencyAxis { bins: 1, cuts: vec![7.0], ..RecencyAxis::default() };
        let text = AxisSpec::recency(&options).check().unwrap_err().to_string();
        assert!(text.contains("`score.recency.bins` is 1, expected 2 to 100"), "{text}");
        assert!(text.contains("only `method = \"fixed\"` uses them"), "{text}");
    }

    #[test]
    fn methods_of_two_bins_and_their_settings_are_checked() {
        let frequency = |method, bins| FrequencyAxis { method, bins, ..FrequencyAxis::default() };
        let text = AxisSpec::frequency(&frequency(Method::Pareto, 5)).problems().join("; ");
        assert_eq!(text, "`score.frequency.bins` is 5, but `method = \"pareto\"` makes 2: set `bins = 2`");
        let weight = Weight::of(Measure::Revenue);
        let odd = FrequencyAxis { share: 80.0, weight, ..frequency(Method::Median, 2) };
        let text = AxisSpec::frequency(&odd).problems().join("; ");
        assert!(text.contains("`score.frequency.share` is 80, expected a share between 0 and 1, as 0.8"), "{text}");
        assert!(text.contains("only `mean` and `pareto` use it, not `median`"), "{text}");
        let recency = RecencyAxis { method: Method::Pareto, bins: 2, ..RecencyAxis::default() };
        assert_eq!(AxisSpec::recency(&recency).weight, Some(Measure::Revenue), "no customer holds a share of days");
    }

    #[test]
    fn averages_need_more_decimals_than_there_may_be() {
        let measure = MonetaryMeasure::of(Measure::AverageOrderValue).unwrap();
        let options = MonetaryAxis { measure, ..MonetaryAxis::default() };
        assert_eq!(AxisSpec::monetary(&options, 2).decimals, 6);
        assert_eq!(AxisSpec::monetary(&options, 15).problems().len(), 1);
    }
}
