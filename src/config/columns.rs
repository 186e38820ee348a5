//! Columns of `customers` that settings ask for, after the fixed ones.
//!
//! Does not live here: what they mean (`schema`), and the columns of predictions and social measures.

use super::Config;
use crate::schema::{CUSTOMER_COLUMNS_ON_REQUEST, ColumnEntry};
use crate::score::on_request::Composite;

impl Config {
    /// The columns, in the order of the table.
    #[must_use]
    pub fn further_columns(&self) -> Vec<&'static ColumnEntry> {
        let composites = &self.score.composites;
        let is_asked_for = |column: &&ColumnEntry| match column.name {
            "interaction_days" => self.input.interactions.is_some(),
            "margin" => self.columns.margin.is_some(),
            "score_mean" => composites.asks_for(Composite::ScoreMean),
            "weighted_score" => composites.asks_for(Composite::WeightedScore),
            "weighted_value" | "v_score" => composites.asks_for(Composite::WeightedValue),
            _ => self.kmeans.is_asked_for(),
        };
        CUSTOMER_COLUMNS_ON_REQUEST.iter().filter(is_asked_for).collect()
    }
}
