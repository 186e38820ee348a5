//! The columns of `customers`: its own, and those that settings add. Settings check names against them.
//!
//! Does not live here: their values, and what the measures among them mean (`score::measures`).

use crate::predict::options::PredictOptions;
use crate::schema::{ColumnEntry, ColumnType, column};
use crate::score::{Measure, Unit};

/// The column of a measure.
const fn of_measure(measure: Measure) -> ColumnEntry {
    let entry = measure.entry();
    let (kind, unit) = match entry.unit {
        Unit::Days => (ColumnType::Int32, "days"),
        Unit::Count(unit) => (ColumnType::Int64, unit),
        Unit::Money => (ColumnType::Money, ""),
        Unit::MoneyPerOrder => (ColumnType::Double, "money"),
        Unit::Value => (ColumnType::Double, ""),
    };
    column(entry.column, kind, unit, entry.meaning)
}

/// The columns that every run has.
#[rustfmt::skip]
pub const OWN: &[ColumnEntry] = &[
    column("customer_id", ColumnType::Id, "", "the customer, as in the input (after `clean.trim_ids` and `clean.lowercase_ids`)"),
    column("first_order_date", ColumnType::Date, "", "date of the first order up to `as_of`, whatever the window"),
    column("last_order_date", ColumnType::Date, "", "date of the last order up to `as_of`, whatever the window"),
    of_measure(Measure::RecencyDays),
    column("tenure_days", ColumnType::Int32, "days", "`as_of` minus the date of the first order"),
    of_measure(Measure::Orders),
    of_measure(Measure::PurchaseDays),
    of_measure(Measure::Transactions),
    of_measure(Measure::Revenue),
    of_measure(Measure::AverageOrderValue),
    of_measure(Measure::LargestOrder),
    column("r_score", ColumnType::Int32, "score", "recency score, 1..bins, the highest is best"),
    column("f_score", ColumnType::Int32, "score", "frequency score, 1..bins, the highest is best"),
    column("m_score", ColumnType::Int32, "score", "monetary score, 1..bins, the highest is best"),
    column("cell", ColumnType::Text, "", "the digits of the three scores, `545`; joined by `-` with more than 9 bins"),
    column("score_sum", ColumnType::Int32, "score", "sum of the three scores"),
    column("segment", ColumnType::Text, "", "key of the segment; its names are in `dim_segment`"),
    column("octant", ColumnType::Text, "", "R, F and M better than the threshold (1) or not (0): `111` .. `000`"),
    column("grid_cell", ColumnType::Int32, "", "cell of the recency x frequency grid, 1 (most recent, most frequent) .. 25; 26 .. 30 without an order in the window"),
    column("abc_class", ColumnType::Text, "", "A, B or C by revenue; all C where total revenue is not above zero"),
    column("revenue_rank", ColumnType::Int64, "rank", "rank by revenue descending, then customer_id; 1 is first"),
    column("cumulative_revenue_share", ColumnType::Double, "0..1", "share of total revenue of the customers up to this one by revenue_rank; null where total revenue is not above zero"),
];

/// Columns that `input.interactions`, `score.composites.columns`, `[kmeans]`, `columns.margin`, `dates.window_days` and
/// `score.labels` ask for, one by one.
#[rustfmt::skip]
pub const ON_REQUEST: &[ColumnEntry] = &[
    of_measure(Measure::InteractionDays),
    SCORE_MEAN,
    WEIGHTED_SCORE,
    WEIGHTED_VALUE,
    V_SCORE,
    CLUSTER,
    of_measure(Measure::Margin),
    column("orders_ever", ColumnType::Int64, "orders", "number of orders of all days up to `as_of`, whatever the window; with `dates.window_days` and a segment map that looks at them, as `lifecycle`, or `stage` in `compare.by`"),
    column("purchase_days_ever", ColumnType::Int64, "days", "distinct days with an order, likewise"),
    R_LABEL,
    F_LABEL,
    M_LABEL,
    V_LABEL,
    CELL_LABEL,
    of_measure(Measure::Interactions),
];

/// The last column of tables with segments of the run's own map.
pub const MAP: ColumnEntry = column(
    "map",
    ColumnType::Text,
    "",
    "name of the segment map; `map` and `segment` together are the key of `dim_segment`",
);

pub(crate) const SCORE_MEAN: ColumnEntry =
    column("score_mean", ColumnType::Double, "score", "mean of the three scores");
pub(crate) const WEIGHTED_SCORE: ColumnEntry = column(
    "weighted_score",
    ColumnType::Double,
    "score",
    "sum of the three scores, each times its weight (`score.composites.weights`)",
);
pub(crate) const WEIGHTED_VALUE: ColumnEntry = of_measure(Measure::WeightedValue);
pub(crate) const V_SCORE: ColumnEntry =
    column("v_score", ColumnType::Int32, "score", "score of the weighted value, 1..bins, the highest is best");
pub(crate) const CLUSTER: ColumnEntry =
    column("cluster", ColumnType::Int32, "", "cluster by k-means, 1 is the one of best mean weighted value");

pub(crate) const R_LABEL: ColumnEntry = column(
    "r_label",
    ColumnType::Int32,
    "label",
    "recency label, 1 is the best: bins + 1 - r_score (`score.labels = \"best_is_one\"`)",
);
pub(crate) const F_LABEL: ColumnEntry = column("f_label", ColumnType::Int32, "label", "frequency label, 1 is the best");
pub(crate) const M_LABEL: ColumnEntry = column("m_label", ColumnType::Int32, "label", "monetary label, 1 is the best");
pub(crate) const V_LABEL: ColumnEntry = column(
    "v_label",
    ColumnType::Int32,
    "label",
    "label of the weighted value, 1 is the best; where there is a v_score",
);
pub(crate) const CELL_LABEL: ColumnEntry = column(
    "cell_label",
    ColumnType::Text,
    "",
    "the digits of the three labels, `121`; joined by `-` with more than 9 bins",
);

/// Columns that `[predict]` with a model adds.
#[rustfmt::skip]
pub const PREDICTED: &[ColumnEntry] = &[
    column("p_alive", ColumnType::Double, "0..1", "probability that the customer still buys at all; null without a model, or without a purchase; 1 for all by `nbd`"),
    column("expected_orders_H", ColumnType::Double, "days", "days with a purchase expected within the horizon; null as p_alive"),
    column("expected_value", ColumnType::Double, "money", "value expected of a paid order after returns (Gamma-Gamma, or the mean where customers do not differ in what they pay); 0 where returns left no revenue, null where the data support no such model"),
    column("clv_H", ColumnType::Double, "money", "customer lifetime value: discounted profit expected within the horizon, less contact costs; 0 where expected_value is, null where p_alive or expected_value is"),
    column("clv_rank", ColumnType::Int64, "rank", "rank by clv of the longest horizon descending, then customer_id; 1 is first; null as clv"),
];

/// Columns that settings of `[predict]` ask for, one by one.
#[rustfmt::skip]
pub const MODELLED: &[ColumnEntry] = &[
    column("expected_orders_infinite", ColumnType::Double, "days", "days with a purchase expected over all of the future, discounted to today by `predict.discount_rate` (DERT), with `predict.infinite_horizon`; null as p_alive"),
    column("clv_infinite", ColumnType::Double, "money", "the same times margin and expected_value, less contact costs for ever, with `predict.infinite_horizon`; 0 and null as clv"),
    column("x", ColumnType::Int32, "days", "repeat days with a purchase, as the models see them, with `predict.model_inputs`; null without a purchase"),
    column("t_x", ColumnType::Double, "`predict.time_unit`", "time from the first of them to the last, likewise"),
    column("T", ColumnType::Double, "`predict.time_unit`", "time from the first of them to `as_of`, likewise"),
    column("mean_repeat_value", ColumnType::Double, "money", "mean value of the paid repeat days after returns, likewise (the first day too with `predict.first_purchase_in_value`); 0 without any"),
    column("holdout_predicted_orders", ColumnType::Double, "days", "days with a purchase in the holdout that a model fitted before it expects, with `predict.holdout_customers`; null for customers who came later, or without a model"),
    column("holdout_actual_orders", ColumnType::Int32, "days", "days with a purchase in the holdout that there were, likewise"),
    column("holdout_predicted_revenue", ColumnType::Double, "money", "revenue in the holdout that the models expect, likewise; null without a model of order values, too"),
    column("holdout_actual_revenue", ColumnType::Double, "money", "revenue in the holdout that there was, likewise"),
];

/// Those of [`MODELLED`] that these settings ask for.
pub fn asked_of_models(options: &PredictOptions) -> impl Iterator<Item = &'static ColumnEntry> {
    let PredictOptions { infinite_horizon, model_inputs, holdout_customers, .. } = *options;
    MODELLED.iter().filter(move |column| match column.name {
        "expected_orders_infinite" | "clv_infinite" => infinite_horizon,
        "x" | "t_x" | "T" | "mean_repeat_value" => model_inputs,
        _ => holdout_customers,
    })
}

/// Columns that `[customers]` adds.
pub const MEMBERS: &[ColumnEntry] = &[SIGN_UP_DATE, CONSENT];
pub(crate) const SIGN_UP_DATE: ColumnEntry = column(
    "sign_up_date",
    ColumnType::Date,
    "",
    "date on which the member signed up (`customers.sign_up_date`), of several accounts the first; null for customers without a row in the table of members",
);
pub(crate) const CONSENT: ColumnEntry = column(
    "consent",
    ColumnType::Boolean,
    "",
    "whether campaigns may address the member (`customers.consent`), false where one of several accounts says so; null where nothing is known",
);

/// Columns that `compare.with` adds.
#[rustfmt::skip]
pub const PREVIOUS: &[ColumnEntry] = &[
    column("previous_segment", ColumnType::Text, "", "key of the segment on the earlier date (`compare.with`), as scored then; null for customers who were not there"),
    column("previous_r_score", ColumnType::Int32, "score", "recency score on the earlier date, likewise"),
    column("previous_f_score", ColumnType::Int32, "score", "frequency score on the earlier date, likewise"),
    column("previous_m_score", ColumnType::Int32, "score", "monetary score on the earlier date, likewise"),
    column("previous_octant", ColumnType::Text, "", "octant on the earlier date, likewise; null too where `compare.by` has no `octant`"),
];

/// Columns that `alerts.columns` adds.
#[rustfmt::skip]
pub const RHYTHM: &[ColumnEntry] = &[
    column("mean_gap_days", ColumnType::Double, "days", "mean of the days between purchase days of the customer, whatever the window; null with one purchase day"),
    column("own_limit_days", ColumnType::Double, "days", "days of quiet that are many by the customer's own rhythm: the 0.9 quantile (type 7) of these gaps from five on, else twice their mean; null likewise"),
    column("overdue_percent", ColumnType::Double, "percent", "days since the last order in percent of own_limit_days: above 100 they are late; null likewise"),
];

/// The column that `predict.profits` adds.
#[rustfmt::skip]
pub const PLANNED: &[ColumnEntry] = &[
    column("planned_ltv", ColumnType::Double, "money", "the profits of that table by year, each times `predict.retention` to the power year - 1 and divided by (1 + `predict.discount_rate`) to the power year, summed, less `predict.acquisition_cost`; null for customers without a row in it"),
];

/// Columns that social measures add.
#[rustfmt::skip]
pub const SOCIAL: &[ColumnEntry] = &[
    column("influence_index", ColumnType::Double, "", "mean of the standardised measures of `social.influence`"),
    column("activity_index", ColumnType::Double, "", "mean of the standardised measures of `social.activity`"),
    column("value_index", ColumnType::Double, "", "mean of the standardised measures of `social.value`"),
    column("scv", ColumnType::Double, "", "social customer value: the weighted sum of the three"),
];
