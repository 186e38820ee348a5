//! The settings of a published run, read back from its manifest.
//!
//! Another version of this program may have written them: a setting that this one does not know is skipped, and one that was
//! not there yet has its default. Does not live here: settings that a user gives, where an unknown key is an error (`layers`).

use serde::Deserialize;
use serde_json::Value as Json;

use super::{Config, inputs, keys};

/// What every version wrote, and what readers of the tables cannot do without: a default would be a guess.
const REQUIRED: [&str; 5] =
    ["clean.money_scale", "score.frequency.bins", "score.monetary.bins", "score.recency.bins", "score.value.bins"];

impl Config {
    /// The settings under `config` in a manifest.
    ///
    /// # Errors
    /// What is wrong with them, in one line.
    pub fn from_manifest(mut settings: Json) -> Result<Self, String> {
        if settings.is_object() {
            if let Some(missing) = REQUIRED.iter().find_map(|name| missing(&settings, name)) {
                return Err(format!("missing field `{missing}`"));
            }
            drop_unknown(&mut settings, "");
        }
        Self::deserialize(settings).map_err(|error| error.to_string())
    }
}

/// The first part of a dotted name that is not there.
fn missing<'n>(settings: &Json, name: &'n str) -> Option<&'n str> {
    let mut table = settings;
    for part in name.split('.') {
        match table.get(part) {
            Some(inner) => table = inner,
            None => return Some(part),
        }
    }
    None
}

/// Takes away what is neither a setting nor a table of settings. `name` is the dotted name of `table`.
fn drop_unknown(table: &mut Json, name: &str) {
    let Some(fields) = table.as_object_mut() else { return };
    fields.retain(|field, value| {
        let full = if name.is_empty() { field.clone() } else { format!("{name}.{field}") };
        let is_section = keys::is_section(&full);
        if is_section {
            drop_unknown(value, &full);
        }
        is_section || keys::find(&full).is_some() || full == inputs::FIELD
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn written(change: impl Fn(&mut Json)) -> Result<Config, String> {
        let mut settings = json!(Config::default());
        change(&mut settings);
        Config::from_manifest(settings)
    }

    #[test]
    fn settings_come_back_and_those_of_other_versions_are_skipped_or_default() {
        let mut config = Config::default();
        config.score.recency.bins = 7;
        config.columns.attributes = vec!["country".into()];
        config.scoring = toml::from_str::<Config>("[[scoring]]\nname = 'a'\nscore.recency.bins = 3\n").unwrap().scoring;
        assert_eq!(Config::from_manifest(json!(config)).unwrap(), config);
        let other = written(|settings| {
            settings["score"]["of_tomorrow"] = json!({"a": [1]});
            settings["weather"] = json!(true);
            settings.as_object_mut().unwrap().remove("privacy");
        });
        assert_eq!(other.unwrap(), Config::default());
    }

    #[test]
    fn what_cannot_be_guessed_must_be_there() {
        let without = |pointer: &str, field: &str| {
            written(|settings| {
                drop(settings.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(field));
            })
        };
        assert_eq!(without("", "clean").unwrap_err(), "missing field `clean`");
        assert_eq!(without("/score/value", "bins").unwrap_err(), "missing field `bins`");
        let wrong = written(|settings| settings["score"]["recency"]["bins"] = json!("five"));
        assert!(wrong.unwrap_err().contains("invalid type: string \"five\", expected u32"));
        assert!(Config::from_manifest(json!(3)).is_err());
    }
}
