//! What settings add to each customer while they are scored: margins, further scorings, weighted values, clusters.
//!
//! Does not live here: the estimate as a whole (`memory`).

use crate::config::Config;
use crate::scoring::{self, Scorings, Settings};
use crate::segment::SegmentMap;
use crate::source::options::Grain;

/// Per customer and further scoring: three scores of four bytes, and the place of the segment.
const SCORING_BYTES: u64 = 3 * 4 + 2;
/// Per customer and scoring that makes it: the weighted value and its score.
const VALUE_BYTES: u64 = 8 + 4;
/// Per customer and scoring that has them: the place of the cluster.
const CLUSTER_BYTES: u64 = 2;
/// Per customer and measure of the value while it is made, and again as a coordinate while clusters are found; of one
/// scoring after the other.
const MEASURE_BYTES: u64 = 8;
/// Per customer and prediction or attribute that rules look at: its value as a whole number.
const RULE_BYTES: u64 = 8;
/// Per customer: their margin, summed in its place.
const MARGIN_BYTES: u64 = 8;

/// Per customer: a figure of a table of customers, or the number of interactions.
const FIGURE_BYTES: u64 = 8;
/// Figures of a table of customers: orders, purchase days, transactions, the first day, the largest order.
const FIGURES_GIVEN: u64 = 5;

/// Bytes per customer of what `[[scoring]]`, `[kmeans]`, the weighted value and `columns.margin` ask for.
pub(crate) fn beside_bytes(config: &Config) -> u64 {
    // Entries that are wrong, and a map that cannot be read, stop the run anyway.
    let scorings = config.scorings().unwrap_or_else(|_| Scorings::alone(config.own_scoring()));
    let has_margin = config.every_input().iter().any(|own| own.columns.margin.is_some());
    let margin = if has_margin { MARGIN_BYTES } else { 0 };
    let given = if config.input.grain == Grain::Customers { FIGURES_GIVEN * FIGURE_BYTES } else { 0 };
    let counted = if config.counts_interactions() { FIGURE_BYTES } else { 0 };
    let beside = margin + given + counted;
    let (mut held, mut most_at_once) = (beside + SCORING_BYTES * scorings.further.len() as u64, 0);
    for settings in scorings.iter() {
        let map = scoring::segment_map(settings).ok();
        let looked = map.iter().flat_map(SegmentMap::looked).filter(|own| own.subject.is_from_beside());
        held += RULE_BYTES * looked.count() as u64;
        if !settings.makes_value(map.as_ref()) {
            continue;
        }
        let measures = MEASURE_BYTES * settings.score.value.effective().measures.len() as u64;
        let is_clustered = settings.kmeans.is_asked_for();
        held += VALUE_BYTES + if is_clustered { CLUSTER_BYTES } else { 0 };
        let copies = 1 + u64::from(is_clustered) + u64::from(is_clustered && settings.kmeans.logarithms);
        most_at_once = most_at_once.max(copies * measures);
    }
    held + most_at_once
}

/// Per customer while rows are read: words of the payload, and where they were folded.
const MARGIN_SLOT_BYTES: u64 = 4 * 8;
const ATTRIBUTE_SLOT_BYTES: u64 = 3 * 8;
const HOME_BYTES: u64 = 8;

/// Bytes per customer of what rows carry to them beyond their amounts.
pub(crate) fn carried_bytes(config: &Config) -> u64 {
    let margin =
        if config.every_input().iter().any(|own| own.columns.margin.is_some()) { MARGIN_SLOT_BYTES } else { 0 };
    let given = if config.input.grain == Grain::Customers { FIGURES_GIVEN * FIGURE_BYTES } else { 0 };
    let counted = if config.counts_interactions() { ATTRIBUTE_SLOT_BYTES } else { 0 };
    let attributes = config.columns.attributes.len() as u64 * ATTRIBUTE_SLOT_BYTES;
    let carried = margin + given + counted + attributes;
    if carried == 0 { 0 } else { carried + HOME_BYTES }
}

/// Whether every order is kept for a segment map that looks at orders of all days, where a window has fewer.
pub(crate) fn looks_at_all_days(config: &Config) -> bool {
    let looks = |settings: &Settings| scoring::segment_map(settings).is_ok_and(|map| map.looks_at_all_days());
    config.may_lack_orders() && config.scorings().is_ok_and(|scorings| scorings.iter().any(looks))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_kept_for_maps_that_look_beyond_the_window() {
        let of = |text: &str| looks_at_all_days(&toml::from_str(text).unwrap());
        assert!(of("[dates]\nwindow_days = 30\n[segment]\nmap = 'lifecycle'"));
        assert!(!of("[segment]\nmap = 'lifecycle'") && !of("[dates]\nwindow_days = 30"));
    }

    #[test]
    fn what_settings_ask_for_is_counted_per_customer() {
        let of = |text: &str| beside_bytes(&toml::from_str(text).unwrap());
        assert_eq!(of(""), 0);
        assert_eq!(of("[columns]\nmargin = 'profit'"), 8);
        assert_eq!((of("[input]\ngrain = 'customers'"), of("[score.frequency]\nmeasure = 'interactions'")), (40, 8));
        assert_eq!(of("[[scoring]]\nname = 'a'\n[[scoring]]\nname = 'b'"), 2 * 14);
        // The value and its score, and the three measures that it is made of.
        assert_eq!(of("[segment]\nmap = 'three_tier'"), 12 + 3 * 8);
        // Both scorings have clusters; the measures and coordinates stand in memory once.
        assert_eq!(of("[kmeans]\nclusters = 3\n[[scoring]]\nname = 'a'"), 14 + 2 * (12 + 2) + 2 * 3 * 8);
        // Beside the coordinates stand the logarithms that they are made of.
        assert_eq!(of("[kmeans]\nclusters = 3\nlogarithms = true"), 12 + 2 + 3 * 3 * 8);
    }

    #[test]
    fn what_rows_carry_is_counted_per_customer() {
        let of = |text: &str| carried_bytes(&toml::from_str(text).unwrap());
        assert_eq!((of(""), of("[columns]\nmargin = 'profit'"), of("[columns]\nattributes = ['a', 'b']")), (0, 40, 56));
    }

    #[test]
    fn predictions_and_attributes_that_rules_look_at_are_held_as_numbers() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("own.toml");
        let map = "name = 'own'\nbins = {}\notherwise = 'a'\n[[segments]]\nkey = 'a'\nname_en = 'A'\n[[rules]]\n\
                   segment = 'a'\nmin_p_alive = 0.5\nmin_orders = 2\nattributes.country = 'DE'\n";
        std::fs::write(&path, map).unwrap();
        let settings = "[columns]\nattributes = ['country']\n[predict]\nmodel = 'auto'\n[segment]\nmap = ";
        let of = |text: &str| beside_bytes(&toml::from_str(text).unwrap());
        assert_eq!(of(&format!("{settings}'{}'", path.display())), 2 * 8);
    }
}
