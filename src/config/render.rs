//! The resolved configuration as text: what is in force, and where it came from.

use std::fmt::Write;

use toml::Value;

use super::inputs::{self, InputEntry};
use super::keys::{self, Key};
use super::{Config, Origin, Resolved};

impl Resolved {
    /// The whole configuration as TOML that can be read back. Each value is followed by a comment that says where it
    /// came from; settings without a value are in a comment.
    #[must_use]
    pub fn render_toml(&self) -> String {
        let values = values_of(&self.config);
        let mut text = String::new();
        let mut section = "";
        // Of several inputs each is written with all that it has.
        let is_of_entries = |key: &&Key| !self.config.inputs.is_empty() && key.name.starts_with("input.");
        for key in keys::all().iter().filter(|key| !is_of_entries(key)) {
            if key.section() != section {
                section = key.section();
                let gap = if text.is_empty() { "" } else { "\n" };
                let _ = writeln!(text, "{gap}[{section}]");
            }
            let _ = match value_at(&values, key) {
                Some(value) => writeln!(text, "{} = {value} # {}", key.short_name(), self.origin(key)),
                None => writeln!(text, "# {} = ... (not set)", key.short_name()),
            };
        }
        self.config.inputs.iter().for_each(|entry| self.render_entry(&values, entry, &mut text));
        text
    }

    /// An entry `[[input]]`: the keys of `[input]`, its own or those of the run, and what else it changes.
    fn render_entry(&self, values: &Value, entry: &InputEntry, text: &mut String) {
        let changes = entry.changes();
        let own = |key: &Key| changes.iter().find(|(name, _)| *name == key.name).map(|(_, value)| value);
        let _ = writeln!(text, "\n[[{}]]\nname = {}", inputs::ENTRIES, Value::from(entry.name.as_str()));
        for key in keys::all() {
            let is_of_input = key.name.starts_with("input.");
            let of_run = value_at(values, key).filter(|_| is_of_input);
            let Some(value) = own(key).or(of_run) else { continue };
            let name = key.name.strip_prefix("input.").unwrap_or(&key.name);
            let origin = self.origins.get(&entry.origin_key(&key.name)).unwrap_or_else(|| self.origin(key));
            let _ = writeln!(text, "{name} = {value} # {origin}");
        }
    }

    /// The whole configuration as JSON: `{"score.recency.bins": {"value": 5, "origin": "default"}, ...}`; settings
    /// without a value have the value null. What one of several inputs has of its own is called `input.shop.paths`.
    #[must_use]
    pub fn render_json(&self) -> serde_json::Value {
        let values = values_of(&self.config);
        let fields = keys::all().iter().map(|key| {
            let value = value_at(&values, key);
            (key.name.clone(), serde_json::json!({ "value": value, "origin": self.origin(key).to_string() }))
        });
        let own = |entry: &InputEntry| {
            let fields = entry.changes().into_iter().map(|(key, value)| {
                let key = entry.origin_key(&key);
                let origin = self.origins.get(&key).unwrap_or(&Origin::Default).to_string();
                (key, serde_json::json!({ "value": value, "origin": origin }))
            });
            fields.collect::<Vec<_>>()
        };
        let entries = self.config.inputs.iter().flat_map(own).collect::<Vec<_>>();
        serde_json::Value::Object(fields.chain(entries).collect())
    }

    fn origin(&self, key: &Key) -> &Origin {
        self.origins.get(&key.name).unwrap_or(&Origin::Default)
    }
}

/// The configuration as TOML. Its types always fit TOML, so the empty table is never returned.
fn values_of(config: &Config) -> Value {
    Value::try_from(config).unwrap_or_else(|_| Value::Table(toml::Table::new()))
}

fn value_at<'v>(values: &'v Value, key: &Key) -> Option<&'v Value> {
    key.name.split('.').try_fold(values, |table, part| table.get(part))
}
