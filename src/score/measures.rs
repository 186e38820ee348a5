//! The table of measures: what each column is that customers can be scored, weighed and compared by.
//!
//! A new measure needs its name in [`Measure`] and its entry in [`MEASURES`], here, and where its values come from, in
//! `scoring::measures`. Where that is no column of the customers yet, it needs this column and its accumulator, and where
//! it is published only on request, its entry among the columns of `customers`. Settings, their explanations, validation,
//! messages, `explain` and the data dictionary follow from the table.
//! Does not live here: values of customers, and what rules of a segment map can look at (`segment`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Averages are quotients of minor units: they are kept with this many decimals more than the money.
pub(super) const AVERAGE_DECIMALS: u32 = 4;
/// Weighted values are kept with this many decimals, so that they can be ranked and cut like any other measure.
pub(super) const VALUE_DECIMALS: u32 = 9;

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
    /// Rows that are interactions.
    Interactions,
}

/// What is known about a measure without any customer.
#[derive(Debug)]
pub struct MeasureEntry {
    /// The measure.
    pub measure: Measure,
    /// The column of the customers table.
    pub column: &'static str,
    /// The axis that it belongs to, which says whether more or fewer is better.
    pub axis: Axis,
    /// What its values are.
    pub unit: Unit,
    /// The setting without which there are no values.
    pub needs: Option<&'static Needs>,
    /// The explanation as the measure of its axis; none where it cannot be chosen.
    pub as_axis: Option<&'static str>,
    /// The explanation as what customers count by or hold; none where it cannot be chosen.
    pub as_weight: Option<&'static str>,
    /// What has to happen for a better value.
    pub rise: Rise,
    /// What the data dictionary says.
    pub meaning: &'static str,
}

/// What the values of a measure are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Days before the analysis date.
    Days,
    /// A number of what is named.
    Count(&'static str),
    /// Money in minor units.
    Money,
    /// Money per order, as a quotient.
    MoneyPerOrder,
    /// A sum of standardised values.
    Value,
}

/// What has to happen for a better value, as a sentence can say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rise {
    /// Something within fewer days: `an order`.
    Within(&'static str),
    /// More of something: `order`.
    More(&'static str),
    /// So much more, where `{}` stands.
    By(&'static str),
    /// As much as this, where `{}` stands.
    To(&'static str),
}

/// A setting that gives a measure its values, and what is said where it is not set.
#[derive(Debug, PartialEq, Eq)]
pub struct Needs {
    /// The dotted key.
    pub setting: &'static str,
    /// What is expected instead of the measure, and why.
    pub expected: &'static str,
    /// What the input lacks.
    pub lacking: &'static str,
    /// How to set it.
    pub hint: &'static str,
}

const INTERACTIONS: Needs = Needs {
    setting: "input.interactions",
    expected: "`recency_days`, because `input.interactions` does not say which rows are interactions",
    lacking: "no row is an interaction",
    hint: "say which rows are with `input.interactions`, such as `event_type IN ('visit', 'purchase')`",
};

const COUNTED_INTERACTIONS: Needs = Needs {
    expected: "`orders`, because `input.interactions` does not say which rows are interactions",
    ..INTERACTIONS
};

const MARGIN: Needs = Needs {
    setting: "columns.margin",
    expected: "another measure, because `columns.margin` names no column",
    lacking: "no column is one",
    hint: "say which column is with `columns.margin`",
};

/// Every measure, each at the index of its name in [`Measure`].
pub static MEASURES: [MeasureEntry; 11] = [
    MeasureEntry {
        measure: Measure::RecencyDays,
        column: "recency_days",
        axis: Axis::Recency,
        unit: Unit::Days,
        needs: None,
        as_axis: Some("Days since the last order."),
        as_weight: None,
        rise: Rise::Within("an order"),
        meaning: "`as_of` minus the date of the last order; 0 or more, fewer is better",
    },
    MeasureEntry {
        measure: Measure::InteractionDays,
        column: "interaction_days",
        axis: Axis::Recency,
        unit: Unit::Days,
        needs: Some(&INTERACTIONS),
        as_axis: Some("Days since the last interaction or order (`input.interactions`)."),
        as_weight: None,
        rise: Rise::Within("an interaction"),
        meaning: "`as_of` minus the date of the last interaction (`input.interactions`) or order; 0 or more, fewer is better",
    },
    MeasureEntry {
        measure: Measure::Orders,
        column: "orders",
        axis: Axis::Frequency,
        unit: Unit::Count("orders"),
        needs: None,
        as_axis: Some("Orders."),
        as_weight: Some("Orders."),
        rise: Rise::More("order"),
        meaning: "frequency: number of orders in the window",
    },
    MeasureEntry {
        measure: Measure::PurchaseDays,
        column: "purchase_days",
        axis: Axis::Frequency,
        unit: Unit::Count("days"),
        needs: None,
        as_axis: Some("Distinct days with an order."),
        as_weight: Some("Distinct days with an order."),
        rise: Rise::More("purchase day"),
        meaning: "distinct days with an order in the window",
    },
    MeasureEntry {
        measure: Measure::Transactions,
        column: "transactions",
        axis: Axis::Frequency,
        unit: Unit::Count("rows"),
        needs: None,
        as_axis: Some("Input rows (what the R package rfm counts)."),
        as_weight: Some("Input rows."),
        rise: Rise::More("row"),
        meaning: "rows of these orders",
    },
    MeasureEntry {
        measure: Measure::Revenue,
        column: "revenue",
        axis: Axis::Monetary,
        unit: Unit::Money,
        needs: None,
        as_axis: Some("The sum of amounts."),
        as_weight: Some("The sum of amounts; an amount below zero counts as zero."),
        rise: Rise::By("revenue {} more"),
        meaning: "monetary total: sum of the amounts in the window, with returns as `clean.returns` says; exact",
    },
    MeasureEntry {
        measure: Measure::AverageOrderValue,
        column: "average_order_value",
        axis: Axis::Monetary,
        unit: Unit::MoneyPerOrder,
        needs: None,
        as_axis: Some("Revenue divided by orders."),
        as_weight: None,
        rise: Rise::By("an average order value higher by {}"),
        meaning: "revenue divided by orders; null without an order in the window",
    },
    MeasureEntry {
        measure: Measure::LargestOrder,
        column: "largest_order",
        axis: Axis::Monetary,
        unit: Unit::Money,
        needs: None,
        as_axis: Some("The largest single order."),
        as_weight: None,
        rise: Rise::To("one order of {} or more"),
        meaning: "the largest single order's total; null without an order in the window",
    },
    MeasureEntry {
        measure: Measure::Margin,
        column: "margin",
        axis: Axis::Monetary,
        unit: Unit::Money,
        needs: Some(&MARGIN),
        as_axis: Some("The sum of margins (`columns.margin`)."),
        as_weight: Some("The sum of margins (`columns.margin`); a sum below zero counts as zero."),
        rise: Rise::By("margin {} more"),
        meaning: "sum of the margins (`columns.margin`) of the rows used, exact; a row without a margin counts with 0",
    },
    MeasureEntry {
        measure: Measure::WeightedValue,
        column: "weighted_value",
        axis: Axis::Value,
        unit: Unit::Value,
        needs: None,
        as_axis: None,
        as_weight: None,
        rise: Rise::By("weighted value {} more"),
        meaning: "the weighted sum of standardised measures (`[score.value]`)",
    },
    MeasureEntry {
        measure: Measure::Interactions,
        column: "interactions",
        axis: Axis::Frequency,
        unit: Unit::Count("interactions"),
        needs: Some(&COUNTED_INTERACTIONS),
        as_axis: Some("Interactions (`input.interactions`)."),
        as_weight: None,
        rise: Rise::More("interaction"),
        meaning: "number of rows in the window that are interactions (`input.interactions`); an order counts with the rows of it that are",
    },
];

impl Measure {
    /// Its entry in the table.
    #[must_use]
    pub const fn entry(self) -> &'static MeasureEntry {
        &MEASURES[self as usize]
    }

    /// The name of the column.
    #[must_use]
    pub const fn column(self) -> &'static str {
        self.entry().column
    }

    /// The measure of this column.
    #[must_use]
    pub fn of_column(column: &str) -> Option<Self> {
        MEASURES.iter().find(|entry| entry.column == column).map(|entry| entry.measure)
    }

    /// The axis that this measure belongs to.
    #[must_use]
    pub const fn axis(self) -> Axis {
        self.entry().axis
    }

    /// Whether a customer without an order has no value.
    #[must_use]
    pub const fn needs_an_order(self) -> bool {
        matches!(self, Self::AverageOrderValue | Self::LargestOrder)
    }

    /// Values are whole numbers of `10^-decimals`: 0 for days and counts, `money_scale` for money, and
    /// nine for the weighted value, `money_scale + 4` for the average order value (see [`crate::score::average_order_values`]).
    #[must_use]
    pub const fn decimals(self, money_scale: u32) -> u32 {
        match self.entry().unit {
            Unit::Days | Unit::Count(_) => 0,
            Unit::Money => money_scale,
            Unit::MoneyPerOrder => money_scale + AVERAGE_DECIMALS,
            Unit::Value => VALUE_DECIMALS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_stands_at_its_own_index_and_is_written_as_its_column() {
        for (index, entry) in MEASURES.iter().enumerate() {
            let measure = entry.measure;
            assert_eq!(measure as usize, index, "{measure:?}");
            assert_eq!(Measure::of_column(entry.column), Some(measure));
            assert_eq!(serde_json::to_string(&measure).unwrap(), format!("\"{}\"", entry.column));
        }
        assert_eq!(Measure::of_column("segment"), None);
    }

    #[test]
    fn averages_carry_four_decimals_more_than_money() {
        let decimals = |measure: Measure| measure.decimals(2);
        assert_eq!([Measure::Orders, Measure::Revenue, Measure::AverageOrderValue].map(decimals), [0, 2, 6]);
    }
}
