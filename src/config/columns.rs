//! Columns of `customers` that settings ask for, behind its own.
//!
//! Does not live here: what they mean (`reports`), and those of predictions and social measures.

use super::Config;
use crate::reports::tables::customers::columns::ON_REQUEST;
use crate::schema::ColumnEntry;
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
        ON_REQUEST.iter().filter(is_asked_for).collect()
    }
}
