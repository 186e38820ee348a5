//! Columns of `customers` that settings ask for, after the fixed ones.
//!
//! Does not live here: what they mean (`reports`), and the columns of predictions and social measures.

use super::Config;
use crate::reports::tables::customers::columns::ON_REQUEST;
use crate::schema::ColumnEntry;
use crate::score::on_request::Composite;
use crate::score::options::Labels;
use crate::score::{Measure, MeasureEntry};

impl Config {
    /// The columns, in the order of the table.
    #[must_use]
    pub fn further_columns(&self) -> Vec<&'static ColumnEntry> {
        let composites = &self.score.composites;
        let has_labels = self.score.labels == Labels::BestIsOne;
        let of_scores = |name: &str| match name {
            "score_mean" => composites.asks_for(Composite::ScoreMean),
            "weighted_score" => composites.asks_for(Composite::WeightedScore),
            "orders_ever" | "purchase_days_ever" => self.may_lack_orders(),
            "v_label" => has_labels && composites.asks_for(Composite::WeightedValue),
            name if name.ends_with("_label") => has_labels,
            "weighted_value" | "v_score" => composites.asks_for(Composite::WeightedValue),
            _ => self.kmeans.is_asked_for(),
        };
        let is_asked_for = |column: &&ColumnEntry| match Measure::of_column(column.name).map(Measure::entry) {
            // To count them costs a word per row: only for those who look at it.
            Some(MeasureEntry { measure: Measure::Interactions, .. }) => self.counts_interactions(),
            Some(MeasureEntry { needs: Some(needs), .. }) => self.is_set(needs.setting),
            _ => of_scores(column.name),
        };
        ON_REQUEST.iter().filter(is_asked_for).collect()
    }

    /// Whether a setting that can be left unset has a value, by its dotted key; for several inputs, whether any of them has.
    pub(super) fn is_set(&self, key: &str) -> bool {
        if self.any_input_sets(key) {
            return true;
        }
        let settings = serde_json::to_value(self).unwrap_or_default();
        settings.pointer(&format!("/{}", key.replace('.', "/"))).is_some_and(|value| !value.is_null())
    }
}
