//! What further scoring adds where the settings ask for it: columns of `customers`, and tables of their own.
//!
//! Does not live here: how any of them is computed.

use super::{ColumnEntry, ColumnType, TableEntry, column};

const SCORE_MEAN: ColumnEntry = column("score_mean", ColumnType::Double, "score", "mean of the three scores");
const WEIGHTED_SCORE: ColumnEntry = column(
    "weighted_score",
    ColumnType::Double,
    "score",
    "sum of the three scores, each times its weight (`score.composites.weights`)",
);
const WEIGHTED_VALUE: ColumnEntry =
    column("weighted_value", ColumnType::Double, "", "the weighted sum of standardised measures (`[score.value]`)");
const V_SCORE: ColumnEntry =
    column("v_score", ColumnType::Int32, "score", "score of the weighted value, 1..bins, the highest is best");
const CLUSTER: ColumnEntry =
    column("cluster", ColumnType::Int32, "", "cluster by k-means, 1 is the one of best mean weighted value");

const INTERACTION_DAYS: ColumnEntry = column(
    "interaction_days",
    ColumnType::Int32,
    "days",
    "`as_of` minus the date of the last interaction (`input.interactions`) or order; 0 or more, fewer is better",
);

const MARGIN: ColumnEntry = column(
    "margin",
    ColumnType::Money,
    "",
    "sum of the margins (`columns.margin`) of the rows used, exact; a row without a margin counts with 0",
);

/// Columns of `customers` that `input.interactions`, `score.composites.columns`, `[kmeans]` and `columns.margin` ask for, in
/// this order.
pub const CUSTOMER_COLUMNS_ON_REQUEST: &[ColumnEntry] =
    &[INTERACTION_DAYS, SCORE_MEAN, WEIGHTED_SCORE, WEIGHTED_VALUE, V_SCORE, CLUSTER, MARGIN];

/// A column that a scoring has only where it makes the value or the clusters.
const fn or_null(column: ColumnEntry, meaning: &'static str) -> ColumnEntry {
    ColumnEntry { meaning, ..column }
}

const SCORING: ColumnEntry =
    column("scoring", ColumnType::Text, "", "name of the scoring; `main` is that of `[score]` and `[segment]`");

/// The tables that further scorings, frozen breaks and clusters add.
#[rustfmt::skip]
pub const SCORING_TABLES: &[TableEntry] = &[
    TableEntry {
        name: "scorings",
        meaning: "With `[[scoring]]`: one row per scoring and customer, `main` included. Sorted by scoring, then customer_id.",
        columns: &[
            SCORING,
            column("customer_id", ColumnType::Id, "", "the customer, as in `customers`"),
            column("r_score", ColumnType::Int32, "score", "recency score, 1..bins, the highest is best"),
            column("f_score", ColumnType::Int32, "score", "frequency score, 1..bins, the highest is best"),
            column("m_score", ColumnType::Int32, "score", "monetary score, 1..bins, the highest is best"),
            column("cell", ColumnType::Text, "", "the digits of the three scores, `545`; joined by `-` with more than 9 bins"),
            column("score_sum", ColumnType::Int32, "score", "sum of the three scores"),
            SCORE_MEAN,
            WEIGHTED_SCORE,
            or_null(WEIGHTED_VALUE, "the weighted sum of standardised measures (`[score.value]`); null where the scoring makes none"),
            or_null(V_SCORE, "score of the weighted value, 1..bins, the highest is best; null likewise"),
            column("segment", ColumnType::Text, "", "key of the segment; its names are in `dim_segment`"),
            or_null(CLUSTER, "cluster by k-means, 1 is the one of best mean weighted value; null where the scoring makes none"),
        ],
    },
    TableEntry {
        name: "scoring_segments",
        meaning: "With `[[scoring]]`: one row per scoring and segment that occurs. Sorted by scoring, then segment.",
        columns: &[
            SCORING,
            column("segment", ColumnType::Text, "", "key of the segment"),
            column("map", ColumnType::Text, "", "name of the segment map"),
            column("segment_order", ColumnType::Int32, "", "place of the segment in its map, 1 is best"),
            column("customers", ColumnType::Int64, "customers", "number of customers"),
            column("customer_share", ColumnType::Double, "0..1", "share of all customers"),
            column("revenue", ColumnType::Money, "", "sum of revenue"),
            column("revenue_share", ColumnType::Double, "0..1", "share of total revenue; null where that is not above zero"),
        ],
    },
    TableEntry {
        name: "scoring_bounds",
        meaning: "With `[[scoring]]`: as `score_bounds`, for every scoring. Sorted by scoring, axis, score.",
        columns: &[
            SCORING,
            column("axis", ColumnType::Text, "", "the measure of the axis; `weighted_value` where the scoring makes it"),
            column("score", ColumnType::Int32, "score", "1..bins"),
            column("lowest_value", ColumnType::Double, "axis", "lowest value of the axis among customers of this score; null in an empty bin"),
            column("highest_value", ColumnType::Double, "axis", "highest value likewise; null in an empty bin"),
            column("customers", ColumnType::Int64, "customers", "number of customers"),
            column("upper_threshold", ColumnType::Double, "axis", "the cut that ends the bin towards higher values; null in the open bin, with `ntile` and in nested scores"),
        ],
    },
    TableEntry {
        name: "stability",
        meaning: "With `[[scoring]]`: who is where in two scorings; one row per pair of scorings and pair of segments that share customers. Sorted by its first four columns.",
        columns: &[
            column("scoring_a", ColumnType::Text, "", "name of one scoring"),
            column("scoring_b", ColumnType::Text, "", "name of another, which sorts behind it"),
            column("segment_a", ColumnType::Text, "", "key of the segment in scoring_a"),
            column("segment_b", ColumnType::Text, "", "key of the segment in scoring_b"),
            column("customers", ColumnType::Int64, "customers", "number of customers in both"),
            column("customer_share", ColumnType::Double, "0..1", "share of all customers"),
            column("share_of_segment_a", ColumnType::Double, "0..1", "share of the customers of segment_a"),
            column("share_of_segment_b", ColumnType::Double, "0..1", "share of the customers of segment_b"),
        ],
    },
    TableEntry {
        name: "stability_summary",
        meaning: "With `[[scoring]]`: how far two scorings agree; one row per pair. Sorted by scoring_a, scoring_b.",
        columns: &[
            column("scoring_a", ColumnType::Text, "", "name of one scoring"),
            column("scoring_b", ColumnType::Text, "", "name of another, which sorts behind it"),
            column("customers", ColumnType::Int64, "customers", "number of customers"),
            column("changed_customers", ColumnType::Int64, "customers", "customers whose segment differs; null where the two have not the same segment map"),
            column("changed_share", ColumnType::Double, "0..1", "share of all customers; null likewise"),
            column("adjusted_rand_index", ColumnType::Double, "", "1 where both group alike, 0 on average by chance (Hubert and Arabie 1985)"),
        ],
    },
    TableEntry {
        name: "drift",
        meaning: "With `score.breaks_from`: how far each axis has moved since the run that learned the breaks. One row per scoring and axis that took them. Sorted by scoring, axis.",
        columns: &[
            SCORING,
            column("axis", ColumnType::Text, "", "the measure of the axis"),
            column("population_stability_index", ColumnType::Double, "", "sum over the scores of (now - then) ln(now / then) of the shares of customers; null where either run had no customers"),
            column("customers_then", ColumnType::Int64, "customers", "customers of the run that learned the breaks; null where it did not write them"),
            column("customers_now", ColumnType::Int64, "customers", "customers of this run"),
            column("changed_customers", ColumnType::Int64, "customers", "customers whose score would differ with fresh breaks"),
            column("changed_share", ColumnType::Double, "0..1", "share of all customers; null without customers"),
        ],
    },
    TableEntry {
        name: "clusters",
        meaning: "With `[kmeans]`: the clusters, best first. One row per scoring and cluster. Sorted by scoring, cluster.",
        columns: &[
            SCORING,
            column("cluster", ColumnType::Int32, "", "1 is the cluster of best mean weighted value"),
            column("customers", ColumnType::Int64, "customers", "number of customers"),
            column("customer_share", ColumnType::Double, "0..1", "share of all customers"),
            column("revenue", ColumnType::Money, "", "sum of revenue"),
            column("revenue_share", ColumnType::Double, "0..1", "share of total revenue; null where that is not above zero"),
            column("mean_weighted_value", ColumnType::Double, "", "mean of the weighted value; null in an empty cluster"),
            column("mean_recency_days", ColumnType::Double, "days", "mean of recency_days; null in an empty cluster, as all that follow"),
            column("mean_orders", ColumnType::Double, "orders", "mean of orders"),
            column("mean_revenue", ColumnType::Double, "money", "mean of revenue"),
            column("average_order_value", ColumnType::Double, "money", "revenue divided by orders"),
            column("mean_largest_order", ColumnType::Double, "money", "mean of the largest order"),
        ],
    },
];
