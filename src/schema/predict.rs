//! What `[predict]` adds: columns behind those of some tables, and tables of its own.
//!
//! `H` in a name stands for a horizon with its unit, as `12_months`; each of them has such a column.

use serde::Serialize;

use super::{ColumnEntry, ColumnType, TableEntry, column};

/// The paragraph before all this in the data dictionary.
pub(super) const INTRODUCTION: &str = "
# With `[predict]`

Only runs with `predict.model` or `predict.params_from` have what follows, but for the last five: columns behind the others of `customers`, `segments` and `octants` (in
`customers` before the attributes), and tables of their own. `H` stands for each of `predict.horizons` with its unit, as
in `clv_12_months`. Where the data support no model, all of it is null or empty, and a warning says why.
";

/// A column that predictions add, by the name it is published under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PredictedColumn {
    /// The name, with the horizon.
    pub name: String,
    /// What it is.
    pub entry: &'static ColumnEntry,
    /// The place of the horizon, where there is one.
    pub horizon: Option<usize>,
}

/// The columns that predictions for `horizons` add to a table.
#[must_use]
pub fn predicted_columns(table: &str, horizons: &[String]) -> Vec<PredictedColumn> {
    let entries = PREDICTED_COLUMNS.iter().filter(|added| added.name == table).flat_map(|added| added.columns);
    let expanded = |entry: &'static ColumnEntry| match entry.name.strip_suffix("_H") {
        None => vec![PredictedColumn { name: entry.name.to_owned(), entry, horizon: None }],
        Some(name) => {
            let of = |(place, horizon): (usize, &String)| PredictedColumn {
                name: format!("{name}_{horizon}"),
                entry,
                horizon: Some(place),
            };
            horizons.iter().enumerate().map(of).collect()
        }
    };
    entries.flat_map(expanded).collect()
}

/// The columns behind those of some tables.
#[rustfmt::skip]
pub const PREDICTED_COLUMNS: &[TableEntry] = &[
    TableEntry {
        name: "customers",
        meaning: "Columns behind the others.",
        columns: &[
            column("p_alive", ColumnType::Double, "0..1", "probability that the customer still buys at all; null without a model, or without a day of purchases above zero"),
            column("expected_orders_H", ColumnType::Double, "days", "days with a purchase expected within the horizon; null as p_alive"),
            column("expected_value", ColumnType::Double, "money", "value expected of an order (Gamma-Gamma); null where the data support no such model"),
            column("clv_H", ColumnType::Double, "money", "customer lifetime value: discounted profit expected within the horizon, less contact costs; null where p_alive or expected_value is"),
            column("clv_rank", ColumnType::Int64, "rank", "place by clv of the longest horizon descending, then customer_id; 1 is first; null as clv"),
        ],
    },
    TableEntry {
        name: "segments",
        meaning: "Columns behind the others: sums over the customers of the segment.",
        columns: SUMS,
    },
    TableEntry {
        name: "octants",
        meaning: "Columns behind the others: sums over the customers of the octant; null in an empty one.",
        columns: SUMS,
    },
];

#[rustfmt::skip]
const SUMS: &[ColumnEntry] = &[
    column("expected_customers_alive", ColumnType::Double, "customers", "sum of p_alive; null where no customer has one"),
    column("expected_customers_alive_share", ColumnType::Double, "0..1", "share of that of all customers"),
    column("expected_orders_H", ColumnType::Double, "days", "sum of expected_orders, likewise"),
    column("expected_orders_share_H", ColumnType::Double, "0..1", "share of that of all customers; null where it is zero"),
    column("clv_H", ColumnType::Double, "money", "sum of clv, likewise"),
    column("clv_share_H", ColumnType::Double, "0..1", "share of that of all customers; null where it is not above zero"),
];

/// The tables of their own.
#[rustfmt::skip]
pub const PREDICTED_TABLES: &[TableEntry] = &[
    TableEntry {
        name: "clv_pareto",
        meaning: "Per horizon, customers with a clv by clv descending, then customer_id, in equal groups (SQL NTILE). Sorted by horizon as in the settings, then clv_group.",
        columns: &[
            column("horizon", ColumnType::Text, "", "the horizon, as `12_months`"),
            column("clv_group", ColumnType::Int32, "", "1 is the group of highest clv"),
            column("customers", ColumnType::Int64, "customers", "number of customers"),
            column("customer_share", ColumnType::Double, "0..1", "share of the customers with a clv"),
            column("clv", ColumnType::Double, "money", "sum of clv"),
            column("clv_share", ColumnType::Double, "0..1", "share of the clv of all; null where that is not above zero"),
            column("cumulative_customer_share", ColumnType::Double, "0..1", "customer_share of this group and those before"),
            column("cumulative_clv_share", ColumnType::Double, "0..1", "clv_share of this group and those before; null as clv_share"),
            column("lowest_clv", ColumnType::Double, "money", "the lowest clv in the group"),
            column("highest_clv", ColumnType::Double, "money", "the highest clv in the group"),
            column("revenue", ColumnType::Money, "", "sum of revenue of the same customers: what they brought so far"),
        ],
    },
    TableEntry {
        name: "model_fit",
        meaning: "The models: parameters, how well they are known, how the search went, and what is expected of a new customer. Sorted by model, then measure.",
        columns: &[
            column("model", ColumnType::Text, "", "`bg_nbd`, `mbg_nbd`, `pareto_nbd`: purchases; `gamma_gamma`: what they bring"),
            column("measure", ColumnType::Text, "", "a parameter under its name in the paper (times in `predict.time_unit`), `log_likelihood`, `bic`, `customers`, `gradient_norm`, `hessian_condition`, `starts`, `starts_agreeing`, `correlation` (of the number and the value of purchases), `is_chosen`, `new_customer_orders_H` and `new_customer_value_H`; `not_fitted` where the data do not support the model"),
            column("value", ColumnType::Double, "", "the figure; null where it is not defined"),
            column("standard_error", ColumnType::Double, "", "of a parameter that was fitted; else null"),
            column("note", ColumnType::Text, "", "why a model is not fitted; else null"),
        ],
    },
    TableEntry {
        name: "model_repeats",
        meaning: "Customers by number of repeat purchases (days with a purchase after the first), as they are and as the chosen model expects. Sorted by repeats.",
        columns: &[
            column("repeats", ColumnType::Int32, "days", "repeat purchases; the last row is for 7 or more"),
            column("actual_customers", ColumnType::Int64, "customers", "customers with so many"),
            column("expected_customers", ColumnType::Double, "customers", "customers whom the model expects to have so many"),
        ],
    },
    TableEntry {
        name: "model_tracking",
        meaning: "Repeat purchases of all customers by week, counted from the first purchase of all, as they are and as the chosen model expects. Sorted by week.",
        columns: &[
            column("week", ColumnType::Int32, "weeks", "1, 2, ..; the last one may be shorter"),
            column("last_date", ColumnType::Date, "", "its last day"),
            column("actual_repeats", ColumnType::Int64, "days", "repeat purchases up to then"),
            column("expected_repeats", ColumnType::Double, "days", "what the model expects of them"),
        ],
    },
];

/// The tables of their own with `predict.holdout_days`.
#[rustfmt::skip]
pub const HOLDOUT_TABLES: &[TableEntry] = &[
    TableEntry {
        name: "calibration",
        meaning: "Only with `predict.holdout_days`: what models fitted before the holdout predict for it, and what happened. Customers who had bought before it. Sorted by grouping, then group.",
        columns: &[
            column("grouping", ColumnType::Text, "", "`decile`: equal groups by predicted orders, 1 is the highest; `frequency`: repeat purchases before the holdout, the last group for 7 or more"),
            column("group", ColumnType::Int32, "", "the group's number"),
            column("customers", ColumnType::Int64, "customers", "number of customers"),
            column("mean_predicted_orders", ColumnType::Double, "days", "days with a purchase in the holdout that the model expects, per customer; null in an empty group"),
            column("mean_actual_orders", ColumnType::Double, "days", "such days as they were, likewise"),
            column("mean_predicted_revenue", ColumnType::Double, "money", "revenue that the models expect, per customer; null without a model of order values, too"),
            column("mean_actual_revenue", ColumnType::Double, "money", "revenue of those days as it was, likewise"),
        ],
    },
    TableEntry {
        name: "calibration_summary",
        meaning: "Only with `predict.holdout_days`: single figures of the same. Sorted by measure.",
        columns: &[
            column("measure", ColumnType::Text, "", "`customers`, `holdout_days`; `orders_` and `revenue_` `predicted`, `actual`, `mean_absolute_error`, `correlation`; `buyers_in_top_N_percent_by_S`, `revenue_in_top_N_percent_by_S`: the share of the holdout's buyers and revenue held by the best N percent by S, which is `clv` (predicted revenue; without order values, predicted orders), `rfm_sum` (quintile scores), `recency`, `frequency` or `revenue` before the holdout"),
            column("value", ColumnType::Double, "", "the figure; null where it is not defined"),
        ],
    },
];

/// What customers brought in each of their years, with `predict.by_year`.
#[rustfmt::skip]
pub const CUSTOMER_YEARS: TableEntry = TableEntry {
    name: "customer_years",
    meaning: "Only with `predict.by_year`: per customer and year of his own that has a day of purchases above zero. The first year begins with his first purchase, up to `as_of` whatever the window. Sorted by customer_id, then year.",
    columns: &[
        column("customer_id", ColumnType::Id, "", "the customer"),
        column("year", ColumnType::Int32, "years", "1, 2, ..: whole years (of 365.25 days) since his first purchase, plus one"),
        column("orders", ColumnType::Int64, "days", "days with a purchase in that year"),
        column("revenue", ColumnType::Money, "", "what they brought"),
        column("profit", ColumnType::Double, "money", "revenue times `predict.margin`"),
        column("historical_ltv", ColumnType::Double, "money", "profits of his years up to this one, each discounted to his first day at the end of its year, less `predict.acquisition_cost`"),
    ],
};

/// The plain formula, with `predict.yearly_profits`.
#[rustfmt::skip]
pub const PLANNED_LTV: TableEntry = TableEntry {
    name: "planned_ltv",
    meaning: "Only with `predict.yearly_profits`: the value of a customer by the plain formula. Sorted by year.",
    columns: &[
        column("year", ColumnType::Int32, "years", "1, 2, .."),
        column("profit", ColumnType::Double, "money", "the profit given for that year"),
        column("staying_share", ColumnType::Double, "0..1", "share of customers who are still there: `predict.retention` to the power year - 1"),
        column("discounted_profit", ColumnType::Double, "money", "both, divided by (1 + `predict.discount_rate`) to the power year"),
        column("ltv", ColumnType::Double, "money", "the sum of these up to this year, less `predict.acquisition_cost`"),
    ],
};

/// The column that `predict.profits` adds to `customers`, before those of social measures.
#[rustfmt::skip]
pub const PLANNED_COLUMNS: TableEntry = TableEntry {
    name: "customers",
    meaning: "Only with `predict.profits.path`: a column behind the others and those of the models.",
    columns: &[
        column("planned_ltv", ColumnType::Double, "money", "the profits of that table by year, each times `predict.retention` to the power year - 1 and divided by (1 + `predict.discount_rate`) to the power year, summed, less `predict.acquisition_cost`; null for customers without a row in it"),
    ],
};

/// The columns that social measures add to `customers`, before the attributes.
#[rustfmt::skip]
pub const SOCIAL_COLUMNS: TableEntry = TableEntry {
    name: "customers",
    meaning: "Only with `social.path`: columns behind the others and those of `[predict]`. All are null for customers without a row in that table.",
    columns: &[
        column("influence_index", ColumnType::Double, "", "mean of the standardised measures of `social.influence`"),
        column("activity_index", ColumnType::Double, "", "likewise of `social.activity`"),
        column("value_index", ColumnType::Double, "", "likewise of `social.value`"),
        column("scv", ColumnType::Double, "", "social customer value: the weighted sum of the three"),
    ],
};

/// Lifetime value beside social value, with both.
#[rustfmt::skip]
pub const VALUE_MAP: TableEntry = TableEntry {
    name: "value_map",
    meaning: "Only with predictions and `social.path`: customers with a clv (of the longest horizon) and an scv, by class of both, empty classes too. Sorted by clv_class, then scv_class, both descending.",
    columns: &[
        column("clv_class", ColumnType::Int32, "score", "1 to `social.map_classes`, cut at quantiles, the highest is best; equal values share a class"),
        column("scv_class", ColumnType::Int32, "score", "likewise by scv"),
        column("customers", ColumnType::Int64, "customers", "number of customers"),
        column("customer_share", ColumnType::Double, "0..1", "share of the customers with both; null where there are none"),
        column("clv", ColumnType::Double, "money", "sum of clv"),
        column("clv_share", ColumnType::Double, "0..1", "share of their clv; null where that is not above zero"),
        column("mean_scv", ColumnType::Double, "", "mean of scv; null in an empty class"),
        column("revenue", ColumnType::Money, "", "sum of revenue"),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_horizon_has_its_column() {
        let horizons = ["3_months".to_owned(), "12_months".to_owned()];
        let names: Vec<String> =
            predicted_columns("customers", &horizons).into_iter().map(|column| column.name).collect();
        assert_eq!(
            names,
            [
                "p_alive",
                "expected_orders_3_months",
                "expected_orders_12_months",
                "expected_value",
                "clv_3_months",
                "clv_12_months",
                "clv_rank"
            ]
        );
        assert!(predicted_columns("abc", &horizons).is_empty());
    }
}
