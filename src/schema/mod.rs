//! Every column of every table: name, type, unit and meaning, once.
//!
//! The data dictionary is printed from here, and no table is published that differs from it.
//! Does not live here: how any of them is computed.

mod on_request;
mod predict;

use std::fmt::Write;

use serde::Serialize;

pub use on_request::{CUSTOMER_COLUMNS_ON_REQUEST, SCORING_TABLES};
pub use predict::{
    CUSTOMER_YEARS, HOLDOUT_TABLES, PLANNED_COLUMNS, PLANNED_LTV, PREDICTED_COLUMNS, PREDICTED_TABLES, PredictedColumn,
    SOCIAL_COLUMNS, VALUE_MAP, predicted_columns,
};

/// The type of a published column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// UTF-8 string.
    Text,
    /// 32-bit signed integer.
    Int32,
    /// 64-bit signed integer.
    Int64,
    /// 64-bit float.
    Double,
    /// Calendar date.
    Date,
    /// `decimal(18, clean.money_scale)`, or a double with `output.money = "double"`.
    Money,
    /// `int64` or string, as the customer ids of the input.
    Id,
}

impl ColumnType {
    /// The name in the data dictionary.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Double => "double",
            Self::Date => "date",
            Self::Money => "money",
            Self::Id => "int64 or string",
        }
    }
}

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ColumnEntry {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// Its unit; empty where there is none.
    pub unit: &'static str,
    /// What it says, and when it is null.
    pub meaning: &'static str,
}

/// One table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TableEntry {
    /// Its name; its file is `<name>.parquet`.
    pub name: &'static str,
    /// What its rows are and how they are sorted.
    pub meaning: &'static str,
    /// Its columns, after `as_of`.
    pub columns: &'static [ColumnEntry],
}

/// The first column of every table.
pub const AS_OF: ColumnEntry = column("as_of", ColumnType::Date, "", "the analysis date of the run");

const fn column(name: &'static str, kind: ColumnType, unit: &'static str, meaning: &'static str) -> ColumnEntry {
    ColumnEntry { name, kind, unit, meaning }
}

/// The entry of a table.
#[must_use]
pub fn table(name: &str) -> Option<&'static TableEntry> {
    TABLES.iter().chain(on_request()).find(|table| table.name == name)
}

/// Every table that a run publishes only where its settings ask for it, in the order in which they are written.
pub fn on_request() -> impl Iterator<Item = &'static TableEntry> {
    let predicted = PREDICTED_TABLES.iter().chain(HOLDOUT_TABLES);
    SCORING_TABLES.iter().chain(predicted).chain([&CUSTOMER_YEARS, &PLANNED_LTV, &VALUE_MAP])
}

/// The data dictionary as Markdown.
#[must_use]
pub fn dictionary_markdown() -> String {
    let mut text =
        String::from("# Data dictionary\n\nEvery table begins with `as_of` (date): the analysis date of the run.\n");
    for table in TABLES {
        describe(&mut text, table);
    }
    text.push_str(
        "\n# On request\n\nOnly runs whose settings ask for them have these.\n\n## further columns of customers\n\n",
    );
    text.push_str("Behind its own columns, in this order; the input's columns (`columns.attributes`) follow.\n");
    write_columns(&mut text, CUSTOMER_COLUMNS_ON_REQUEST);
    for table in SCORING_TABLES {
        describe(&mut text, table);
    }
    text.push_str(predict::INTRODUCTION);
    for table in PREDICTED_COLUMNS.iter().chain(PREDICTED_TABLES).chain(HOLDOUT_TABLES) {
        describe(&mut text, table);
    }
    for table in [&CUSTOMER_YEARS, &PLANNED_LTV, &PLANNED_COLUMNS, &SOCIAL_COLUMNS, &VALUE_MAP] {
        describe(&mut text, table);
    }
    text
}

/// The dictionary as JSON, for programs.
#[must_use]
pub fn dictionary_json() -> serde_json::Value {
    serde_json::json!({
        "first_column": AS_OF,
        "tables": TABLES,
        "on_request": SCORING_TABLES,
        "customer_columns_on_request": CUSTOMER_COLUMNS_ON_REQUEST,
        "predicted_columns": PREDICTED_COLUMNS,
        "predicted_tables": PREDICTED_TABLES,
        "holdout_tables": HOLDOUT_TABLES,
        "value_tables": [CUSTOMER_YEARS, PLANNED_LTV, VALUE_MAP],
        "planned_columns": PLANNED_COLUMNS,
        "social_columns": SOCIAL_COLUMNS,
    })
}

fn describe(text: &mut String, table: &TableEntry) {
    let _ = writeln!(text, "\n## {}\n\n{}", table.name, table.meaning);
    write_columns(text, table.columns);
}

fn write_columns(text: &mut String, columns: &[ColumnEntry]) {
    text.push_str("\n| column | type | unit | meaning |\n|---|---|---|---|\n");
    for column in columns {
        let (kind, unit) = (column.kind.name(), column.unit);
        let _ = writeln!(text, "| {} | {kind} | {unit} | {} |", column.name, column.meaning);
    }
}

/// Every table that a run publishes.
#[rustfmt::skip]
pub const TABLES: &[TableEntry] = &[
    TableEntry {
        name: "customers",
        meaning: "One row per customer. Sorted by customer_id: numbers by value, texts by code point.",
        columns: &[
            column("customer_id", ColumnType::Id, "", "the customer, as in the input (after `clean.trim_ids` and `clean.lowercase_ids`)"),
            column("first_order_date", ColumnType::Date, "", "date of the first order in the window"),
            column("last_order_date", ColumnType::Date, "", "date of the last order in the window"),
            column("recency_days", ColumnType::Int32, "days", "`as_of` minus the date of the last order; 0 or more, fewer is better"),
            column("tenure_days", ColumnType::Int32, "days", "`as_of` minus the date of the first order"),
            column("orders", ColumnType::Int64, "orders", "frequency: number of orders in the window"),
            column("purchase_days", ColumnType::Int64, "days", "distinct days with an order"),
            column("transactions", ColumnType::Int64, "rows", "number of input rows used"),
            column("revenue", ColumnType::Money, "", "monetary total: sum of the amounts, exact"),
            column("average_order_value", ColumnType::Double, "money", "revenue divided by orders"),
            column("largest_order", ColumnType::Money, "", "the largest single order's total"),
            column("r_score", ColumnType::Int32, "score", "recency score, 1..bins, the highest is best"),
            column("f_score", ColumnType::Int32, "score", "frequency score, 1..bins, the highest is best"),
            column("m_score", ColumnType::Int32, "score", "monetary score, 1..bins, the highest is best"),
            column("cell", ColumnType::Text, "", "the digits of the three scores, `545`; joined by `-` with more than 9 bins"),
            column("score_sum", ColumnType::Int32, "score", "sum of the three scores"),
            column("segment", ColumnType::Text, "", "key of the segment; its names are in `dim_segment`"),
            column("octant", ColumnType::Text, "", "R, F and M better than the threshold (1) or not (0): `111` .. `000`"),
            column("grid_cell", ColumnType::Int32, "", "cell of the recency x frequency grid, 1 (most recent, most frequent) .. 25"),
            column("abc_class", ColumnType::Text, "", "A, B or C by revenue; all C where total revenue is not above zero"),
            column("revenue_rank", ColumnType::Int64, "rank", "place by revenue descending, then customer_id; 1 is first"),
            column("cumulative_revenue_share", ColumnType::Double, "0..1", "share of total revenue of the customers up to this one by revenue_rank; null where total revenue is not above zero"),
        ],
    },
    TableEntry {
        name: "segments",
        meaning: "One row per segment that occurs. Sorted by revenue descending, then segment.",
        columns: &[
            column("segment", ColumnType::Text, "", "key of the segment"),
            column("segment_order", ColumnType::Int32, "", "place of the segment in its map, 1 is best"),
            column("customers", ColumnType::Int64, "customers", "number of customers"),
            column("customer_share", ColumnType::Double, "0..1", "share of all customers"),
            column("revenue", ColumnType::Money, "", "sum of revenue"),
            column("revenue_share", ColumnType::Double, "0..1", "share of total revenue; null where that is not above zero"),
            column("cumulative_customer_share", ColumnType::Double, "0..1", "customer_share of this row and those above"),
            column("cumulative_revenue_share", ColumnType::Double, "0..1", "revenue_share of this row and those above; null as revenue_share"),
            column("orders", ColumnType::Int64, "orders", "number of orders"),
            column("average_order_value", ColumnType::Double, "money", "revenue divided by orders"),
            column("mean_recency_days", ColumnType::Double, "days", "mean of recency_days"),
            column("mean_orders", ColumnType::Double, "orders", "mean of orders per customer"),
            column("mean_revenue", ColumnType::Double, "money", "mean of revenue per customer"),
            column("median_recency_days", ColumnType::Double, "days", "median of recency_days; the mean of the middle two of an even number"),
            column("median_orders", ColumnType::Double, "orders", "median of orders, likewise"),
            column("median_revenue", ColumnType::Double, "money", "median of revenue, likewise"),
        ],
    },
    TableEntry {
        name: "pareto",
        meaning: "Customers by revenue descending, then customer_id, in equal groups (SQL NTILE). Sorted by revenue_group.",
        columns: &[
            column("revenue_group", ColumnType::Int32, "", "1 is the group of highest revenue"),
            column("customers", ColumnType::Int64, "customers", "number of customers"),
            column("customer_share", ColumnType::Double, "0..1", "share of all customers"),
            column("revenue", ColumnType::Money, "", "sum of revenue"),
            column("revenue_share", ColumnType::Double, "0..1", "share of total revenue; null where that is not above zero"),
            column("cumulative_customer_share", ColumnType::Double, "0..1", "customer_share of this group and those before"),
            column("cumulative_revenue_share", ColumnType::Double, "0..1", "revenue_share of this group and those before; null as revenue_share"),
            column("lowest_revenue", ColumnType::Money, "", "the lowest revenue in the group"),
            column("highest_revenue", ColumnType::Money, "", "the highest revenue in the group"),
        ],
    },
    TableEntry {
        name: "pareto_summary",
        meaning: "Single figures of the concentration of revenue. Sorted by measure.",
        columns: &[
            column("measure", ColumnType::Text, "", "`revenue_share_of_top_N_percent`, `customers_for_N_percent_of_revenue`, `customer_share_for_N_percent_of_revenue`, `gini`"),
            column("value", ColumnType::Double, "", "the figure: a share 0..1 or a number of customers; null where total revenue is not above zero (gini: also where a customer's revenue is below zero)"),
        ],
    },
    TableEntry {
        name: "abc",
        meaning: "One row per class that occurs. Sorted by abc_class.",
        columns: &[
            column("abc_class", ColumnType::Text, "", "A: the share of revenue before the customer is below the first limit; B: below the second; else C"),
            column("customers", ColumnType::Int64, "customers", "number of customers"),
            column("customer_share", ColumnType::Double, "0..1", "share of all customers"),
            column("revenue", ColumnType::Money, "", "sum of revenue"),
            column("revenue_share", ColumnType::Double, "0..1", "share of total revenue; null where that is not above zero"),
        ],
    },
    TableEntry {
        name: "cells",
        meaning: "One row per combination of scores that occurs. Sorted by r_score, f_score, m_score.",
        columns: &[
            column("r_score", ColumnType::Int32, "score", "recency score"),
            column("f_score", ColumnType::Int32, "score", "frequency score"),
            column("m_score", ColumnType::Int32, "score", "monetary score"),
            column("cell", ColumnType::Text, "", "the digits of the three scores"),
            column("segment", ColumnType::Text, "", "key of the segment of this cell; null where its customers are in several"),
            column("customers", ColumnType::Int64, "customers", "number of customers"),
            column("customer_share", ColumnType::Double, "0..1", "share of all customers"),
            column("revenue", ColumnType::Money, "", "sum of revenue"),
            column("revenue_share", ColumnType::Double, "0..1", "share of total revenue; null where that is not above zero"),
            column("average_order_value", ColumnType::Double, "money", "revenue divided by orders"),
        ],
    },
    TableEntry {
        name: "grid",
        meaning: "The 25 cells of recency bands x numbers of orders, empty ones too. Sorted by grid_cell.",
        columns: &[
            column("grid_cell", ColumnType::Int32, "", "1 (most recent, most frequent) .. 25 (one order, longest ago)"),
            column("recency_band", ColumnType::Text, "days", "`0-30`, `31-90`, .. `361+` days since the last order"),
            column("orders_band", ColumnType::Text, "orders", "`1`, `2`, `3`, `4`, `5+` orders"),
            column("customers", ColumnType::Int64, "customers", "number of customers"),
            column("customer_share", ColumnType::Double, "0..1", "share of all customers"),
            column("revenue", ColumnType::Money, "", "sum of revenue"),
            column("revenue_share", ColumnType::Double, "0..1", "share of total revenue; null where that is not above zero"),
            column("average_order_value", ColumnType::Double, "money", "revenue divided by orders; null in an empty cell"),
            column("revenue_per_customer", ColumnType::Double, "money", "revenue divided by customers; null in an empty cell"),
        ],
    },
    TableEntry {
        name: "octants",
        meaning: "One row per octant, empty ones too. Sorted by octant descending.",
        columns: &[
            column("octant", ColumnType::Text, "", "R, F, M better than the threshold: `111` .. `000`"),
            column("segment", ColumnType::Text, "", "key of the octant"),
            column("name_en", ColumnType::Text, "", "English name"),
            column("name_zh", ColumnType::Text, "", "Chinese name"),
            column("customers", ColumnType::Int64, "customers", "number of customers"),
            column("customer_share", ColumnType::Double, "0..1", "share of all customers"),
            column("revenue", ColumnType::Money, "", "sum of revenue"),
            column("revenue_share", ColumnType::Double, "0..1", "share of total revenue; null where that is not above zero"),
        ],
    },
    TableEntry {
        name: "score_bounds",
        meaning: "One row per axis and score, empty ones too. Sorted by axis, then score.",
        columns: &[
            column("axis", ColumnType::Text, "", "`recency_days` (or `interaction_days`), and the measures of the frequency and the monetary axis (`orders`, `revenue`)"),
            column("score", ColumnType::Int32, "score", "1..bins"),
            column("lowest_value", ColumnType::Double, "axis", "lowest value of the axis among customers of this score; null in an empty bin"),
            column("highest_value", ColumnType::Double, "axis", "highest value likewise; null in an empty bin"),
            column("customers", ColumnType::Int64, "customers", "number of customers"),
            column("upper_threshold", ColumnType::Double, "axis", "the cut that ends the bin towards higher values; null in the open bin, with `ntile` and in nested scores"),
        ],
    },
    TableEntry {
        name: "dim_segment",
        meaning: "Names of the segments, of the segment map (with `[[scoring]]` of all maps) and of the octants. Sorted by map, then segment_order.",
        columns: &[
            column("map", ColumnType::Text, "", "name of the map"),
            column("segment", ColumnType::Text, "", "key of the segment"),
            column("segment_order", ColumnType::Int32, "", "place in the map, 1 is best"),
            column("name_en", ColumnType::Text, "", "English name"),
            column("name_zh", ColumnType::Text, "", "Chinese name"),
            column("colour", ColumnType::Text, "", "`#rrggbb`"),
            column("action_en", ColumnType::Text, "", "recommended action, English"),
            column("action_zh", ColumnType::Text, "", "recommended action, Chinese"),
        ],
    },
    TableEntry {
        name: "quality",
        meaning: "The row account: what became of every row. One row per outcome, in the order in which rows are judged.",
        columns: &[
            column("outcome", ColumnType::Text, "", "`kept`, `after_as_of`, `before_window`, the reasons of the quarantine, and what settings leave out"),
            column("rows", ColumnType::Int64, "rows", "number of rows"),
            column("row_share", ColumnType::Double, "0..1", "share of all rows read; null without rows"),
            column("amount", ColumnType::Money, "", "sum of the amounts that could be read; null where the scan left the rows out unread"),
            column("rounded_amounts", ColumnType::Int64, "rows", "rows whose amount had more decimals than `clean.money_scale` and was rounded half away from zero, of those that the cleaning has kept (rows of `not_a_purchase` among them); null for other outcomes, where they are not counted"),
        ],
    },
    TableEntry {
        name: "quarantine",
        meaning: "A sample of the bad rows, the same on every run: at most `clean.quarantine_rows` per reason. Sorted by reason, then as sampled.",
        columns: &[
            column("reason", ColumnType::Text, "", "why the row is not used"),
            column("file", ColumnType::Text, "", "the file"),
            column("row", ColumnType::Int64, "rows", "number of the row in its file, from 0; null where the input is too large to be numbered"),
            column("customer_id", ColumnType::Text, "", "raw value as text; null as in the input"),
            column("order_id", ColumnType::Text, "", "likewise; null too where the run reads no such column"),
            column("order_ts", ColumnType::Text, "", "likewise"),
            column("amount", ColumnType::Text, "", "likewise; null where the amount is computed"),
            column("quantity", ColumnType::Text, "", "likewise"),
            column("unit_price", ColumnType::Text, "", "likewise"),
        ],
    },
];
