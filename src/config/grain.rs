//! What the settings say of the input's rows: what it tells of customers, and whether interactions are counted.
//!
//! Does not live here: which columns a table of customers has (`input`), and which settings fit (`validate`).

use super::Config;
use crate::known::{Aspect, Known};
use crate::score::Measure;
use crate::score::options::{FrequencyMeasure, ScoreOptions};
use crate::source::options::Grain;

impl Config {
    /// What can be known of the customers, as far as the settings say.
    #[must_use]
    pub fn known(&self) -> Known {
        let known = match self.input.grain {
            Grain::Transactions => Known::ALL,
            Grain::Customers => Known::ALL.without(Aspect::EveryOrder),
        };
        let has_amounts = self.every_input().iter().any(|own| own.columns.has_amounts(own.input.grain));
        if has_amounts { known } else { known.without(Aspect::Money) }
    }

    /// Whether some scoring looks at the number of interactions.
    #[must_use]
    pub fn counts_interactions(&self) -> bool {
        let name = toml::Value::from(Measure::Interactions.column());
        let names_it = |value: Option<&toml::Value>| match value {
            Some(toml::Value::Array(names)) => names.contains(&name),
            Some(one) => *one == name,
            None => false,
        };
        let of_entry = |score: &toml::Table| {
            let of = |section: &str, key: &str| names_it(score.get(section).and_then(|section| section.get(key)));
            of("frequency", "measure") || of("value", "measures")
        };
        looks_at_interactions(&self.score) || self.scoring.iter().any(|entry| of_entry(&entry.score))
    }
}

fn looks_at_interactions(score: &ScoreOptions) -> bool {
    let frequency = score.frequency.measure.map(FrequencyMeasure::measure);
    frequency == Some(Measure::Interactions) || score.value.effective().measures.contains(&Measure::Interactions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn interactions_are_counted_where_a_scoring_measures_them() {
        let counts = |text: &str| config(text).counts_interactions();
        assert!(!counts("[input]\ninteractions = 'a = 1'"));
        assert!(counts("[score.frequency]\nmeasure = 'interactions'"));
        assert!(counts("[[scoring]]\nname = 'a'\nscore.frequency.measure = 'interactions'"));
        assert!(counts("[[scoring]]\nname = 'a'\nscore.value.measures = ['recency_days', 'interactions']"));
        assert!(!counts("[[scoring]]\nname = 'a'\nscore.frequency.measure = 'orders'"));
    }

    #[test]
    fn the_settings_say_whether_there_is_money_and_orders() {
        let lacking = |text: &str| config(text).known().lacking();
        assert!(lacking("").is_empty());
        assert_eq!(lacking("[columns]\namount = 'none'"), [Aspect::Money]);
        assert_eq!(lacking("[input]\ngrain = 'customers'"), [Aspect::EveryOrder]);
        let both = "[input]\ngrain = 'customers'\n[columns]\nrevenue = 'none'";
        assert_eq!(lacking(both), [Aspect::Money, Aspect::EveryOrder]);
    }
}
