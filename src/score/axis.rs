//! What an axis measures, in which unit, and how it is to be cut.
//!
//! Lives here: the three axes, their measures, and the checked settings of one axis. Does not live here: any method.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::options::{
    FrequencyAxis, FrequencyMeasure, Method, MonetaryAxis, MonetaryMeasure, PARETO_SHARE, RecencyAxis, RecencyMeasure,
    Weight,
};
use crate::error::{Error, Result};

/// Fewest and most scores of an axis.
const BINS: std::ops::RangeInclusive<u32> = 2..=100;
/// More decimals than this do not fit a 64-bit integer.
const MOST_DECIMALS: u32 = 18;
/// Averages are quotients of minor units: they are kept with this many decimals more than the money.
pub(super) const AVERAGE_DECIMALS: u32 = 4;
/// Weighted values are kept with this many decimals, so that they can be ranked and cut like any other measure.
pub(super) const VALUE_DECIMALS: u32 = 9;

impl Weight {
    /// The column.
    #[must_use]
    pub const fn measure(self) -> Measure {
        match self {
            Self::Orders => Measure::Orders,
            Self::PurchaseDays => Measure::PurchaseDays,
            Self::Transactions => Measure::Transactions,
            Self::Revenue => Measure::Revenue,
            Self::Margin => Measure::Margin,
        }
    }
}

/// One of the scores of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// Days since the last order; fewer is better.
    Recency,
    /// How often; more is better.
    Frequency,
    /// How much; more is better.
    Monetary,
    /// A composite of the three; more is better.
    Value,
}

impl Axis {
    /// The name used in settings, manifests and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recency => "recency",
            Self::Frequency => "frequency",
            Self::Monetary => "monetary",
            Self::Value => "value",
        }
    }

    /// Whether a smaller value is better for the business.
    #[must_use]
    pub const fn fewer_is_better(self) -> bool {
        matches!(self, Self::Recency)
    }
}

/// The column of the customers table that an axis measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Days since the last order.
    RecencyDays,
    /// Days since the last interaction or order.
    InteractionDays,
    /// Orders.
    Orders,
    /// Distinct days with an order.
    PurchaseDays,
    /// Input rows.
    Transactions,
    /// Sum of amounts.
    Revenue,
    /// Revenue divided by orders.
    AverageOrderValue,
    /// The largest single order.
    LargestOrder,
    /// Sum of margins.
    Margin,
    /// A composite of standardised measures.
    WeightedValue,
}

impl Measure {
    /// Every measure.
    pub const ALL: [Self; 10] = [
        Self::RecencyDays,
        Self::InteractionDays,
        Self::Orders,
        Self::PurchaseDays,
        Self::Transactions,
        Self::Revenue,
        Self::AverageOrderValue,
        Self::LargestOrder,
        Self::Margin,
        Self::WeightedValue,
    ];

    /// The name of the column.
    #[must_use]
    pub const fn column(self) -> &'static str {
        match self {
            Self::RecencyDays => "recency_days",
            Self::InteractionDays => "interaction_days",
            Self::Orders => "orders",
            Self::PurchaseDays => "purchase_days",
            Self::Transactions => "transactions",
            Self::Revenue => "revenue",
            Self::AverageOrderValue => "average_order_value",
            Self::LargestOrder => "largest_order",
            Self::Margin => "margin",
            Self::WeightedValue => "weighted_value",
        }
    }

    /// The measure of this column.
    #[must_use]
    pub fn of_column(column: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.column() == column)
    }

    /// The axis that this measure belongs to.
    #[must_use]
    pub const fn axis(self) -> Axis {
        match self {
            Self::RecencyDays | Self::InteractionDays => Axis::Recency,
            Self::Orders | Self::PurchaseDays | Self::Transactions => Axis::Frequency,
            Self::Revenue | Self::AverageOrderValue | Self::LargestOrder | Self::Margin => Axis::Monetary,
            Self::WeightedValue => Axis::Value,
        }
    }

    /// Values are whole numbers of `10^-decimals`: 0 for days and counts, `money_scale` for money, and
    /// nine for the weighted value, `money_scale + 4` for the average order value (see [`crate::score::average_order_values`]).
    #[must_use]
    pub const fn decimals(self, money_scale: u32) -> u32 {
        match self {
            Self::RecencyDays | Self::InteractionDays | Self::Orders | Self::PurchaseDays | Self::Transactions => 0,
            Self::Revenue | Self::LargestOrder | Self::Margin => money_scale,
            Self::AverageOrderValue => money_scale + AVERAGE_DECIMALS,
            Self::WeightedValue => VALUE_DECIMALS,
        }
    }
}

/// How one axis is measured and cut.
#[derive(Debug, Clone, PartialEq)]
pub struct AxisSpec {
    /// What is measured.
    pub measure: Measure,
    /// Values are whole numbers of `10^-decimals` of the column's unit.
    pub decimals: u32,
    /// How it is cut.
    pub method: Method,
    /// Number of scores.
    pub bins: u32,
    /// With [`Method::Fixed`]: ascending cuts in the column's unit, one fewer than bins.
    pub cuts: Vec<f64>,
    /// With [`Method::Mean`] what customers count by, with [`Method::Pareto`] what the best hold a share of; none for
    /// one each, and for the measure itself.
    pub weight: Option<Measure>,
    /// With [`Method::Pareto`]: the share that the best hold.
    pub share: f64,
}

impl AxisSpec {
    /// An axis without settings of its own.
    #[must_use]
    pub const fn new(measure: Measure, decimals: u32, method: Method, bins: u32) -> Self {
        Self { measure, decimals, method, bins, cuts: Vec::new(), weight: None, share: PARETO_SHARE }
    }

    /// The recency axis, in days.
    #[must_use]
    pub fn recency(options: &RecencyAxis) -> Self {
        let measure = match options.measure {
            RecencyMeasure::RecencyDays => Measure::RecencyDays,
            RecencyMeasure::InteractionDays => Measure::InteractionDays,
        };
        let held = (options.method == Method::Pareto).then_some(Weight::Revenue);
        let weight = options.weight.or(held).map(Weight::measure);
        let cuts = options.cuts.clone();
        Self { cuts, weight, share: options.share, ..Self::new(measure, 0, options.method, options.bins) }
    }

    /// The frequency axis. Where nothing else is set, `r-rfm` counts transactions, as the package does.
    #[must_use]
    pub fn frequency(options: &FrequencyAxis) -> Self {
        let measure = match (options.measure, options.method) {
            (Some(FrequencyMeasure::PurchaseDays), _) => Measure::PurchaseDays,
            (Some(FrequencyMeasure::Transactions), _) | (None, Method::RRfm) => Measure::Transactions,
            (Some(FrequencyMeasure::Orders) | None, _) => Measure::Orders,
        };
        let (cuts, weight) = (options.cuts.clone(), options.weight.map(Weight::measure));
        Self { cuts, weight, share: options.share, ..Self::new(measure, 0, options.method, options.bins) }
    }

    /// The monetary axis, where money is kept in `10^-money_scale`.
    #[must_use]
    pub fn monetary(options: &MonetaryAxis, money_scale: u32) -> Self {
        let measure = match options.measure {
            MonetaryMeasure::Revenue => Measure::Revenue,
            MonetaryMeasure::AverageOrderValue => Measure::AverageOrderValue,
            MonetaryMeasure::LargestOrder => Measure::LargestOrder,
            MonetaryMeasure::Margin => Measure::Margin,
        };
        let decimals = measure.decimals(money_scale);
        let (cuts, weight) = (options.cuts.clone(), options.weight.map(Weight::measure));
        Self { cuts, weight, share: options.share, ..Self::new(measure, decimals, options.method, options.bins) }
    }

    /// The axis of the measure.
    #[must_use]
    pub const fn axis(&self) -> Axis {
        self.measure.axis()
    }

    /// The share that the best hold, where the method asks for one.
    #[must_use]
    pub fn share_that_counts(&self) -> Option<f64> {
        (self.method == Method::Pareto).then_some(self.share)
    }

    /// Everything that is wrong with these settings, each with its key.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let key = format!("score.{}", self.axis().name());
        let mut problems = Vec::new();
        if !BINS.contains(&self.bins) {
            problems.push(format!("`{key}.bins` is {}, expected {} to {}", self.bins, BINS.start(), BINS.end()));
        }
        if self.decimals > MOST_DECIMALS {
            problems.push(format!(
                "`{}` would need {} decimals, expected at most {MOST_DECIMALS}",
                self.measure.column(),
                self.decimals
            ));
        }
        let method = self.method.name();
        if matches!(self.method, Method::Mean | Method::Median | Method::Pareto) && self.bins != 2 {
            problems
                .push(format!("`{key}.bins` is {}, but `method = \"{method}\"` makes 2: set `bins = 2`", self.bins));
        }
        if !(self.share > 0.0 && self.share < 1.0) {
            problems.push(format!("`{key}.share` is {}, expected a share between 0 and 1, as 0.8", self.share));
        }
        if self.weight.is_some() && !matches!(self.method, Method::Mean | Method::Pareto) {
            problems.push(format!("`{key}.weight` is given, but only `mean` and `pareto` use it, not `{method}`"));
        }
        if self.method == Method::Fixed {
            problems.extend(crate::score::methods::fixed::problems(&key, self));
        } else if !self.cuts.is_empty() {
            problems.push(format!("`{key}.cuts` are given, but only `method = \"fixed\"` uses them"));
        }
        problems
    }

    /// An error that lists every problem, or nothing.
    pub(super) fn check(&self) -> Result<()> {
        let problems = self.problems();
        if problems.is_empty() {
            return Ok(());
        }
        Err(Error::config(format!("the {} score is not well defined", self.axis().name())).causes(problems))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_rfm_counts_transactions_unless_told_otherwise() {
        let mut options = FrequencyAxis { method: Method::RRfm, ..FrequencyAxis::default() };
        assert_eq!(AxisSpec::frequency(&options).measure, Measure::Transactions);
        options.measure = Some(FrequencyMeasure::Orders);
        assert_eq!(AxisSpec::frequency(&options).measure, Measure::Orders);
        assert_eq!(AxisSpec::frequency(&FrequencyAxis::default()).measure, Measure::Orders);
    }

    #[test]
    fn every_problem_of_an_axis_is_told_at_once_with_its_key() {
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
        let odd = FrequencyAxis { share: 80.0, weight: Some(Weight::Revenue), ..frequency(Method::Median, 2) };
        let text = AxisSpec::frequency(&odd).problems().join("; ");
        assert!(text.contains("`score.frequency.share` is 80, expected a share between 0 and 1, as 0.8"), "{text}");
        assert!(text.contains("only `mean` and `pareto` use it, not `median`"), "{text}");
        let recency = RecencyAxis { method: Method::Pareto, bins: 2, ..RecencyAxis::default() };
        assert_eq!(AxisSpec::recency(&recency).weight, Some(Measure::Revenue), "nobody holds a share of days");
    }

    #[test]
    fn averages_carry_four_decimals_more_than_money() {
        let options = MonetaryAxis { measure: MonetaryMeasure::AverageOrderValue, ..MonetaryAxis::default() };
        assert_eq!(AxisSpec::monetary(&options, 2).decimals, 6);
        assert_eq!(AxisSpec::monetary(&options, 15).problems().len(), 1);
    }

    #[test]
    fn the_serialised_measure_is_the_column_name() {
        for measure in Measure::ALL {
            assert_eq!(Measure::of_column(measure.column()), Some(measure));
            assert_eq!(serde_json::to_string(&measure).unwrap(), format!("\"{}\"", measure.column()));
        }
    }
}
