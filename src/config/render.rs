//! The resolved configuration as text: what is in force, and where it came from.

use std::fmt::Write;

use toml::Value;

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
        for key in keys::all() {
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
        text
    }

    /// The whole configuration as JSON: `{"score.recency.bins": {"value": 5, "origin": "default"}, ...}`; settings
    /// without a value have the value null.
    #[must_use]
    pub fn render_json(&self) -> serde_json::Value {
        let values = values_of(&self.config);
        let fields = keys::all().iter().map(|key| {
            let value = value_at(&values, key);
            (key.name.clone(), serde_json::json!({ "value": value, "origin": self.origin(key).to_string() }))
        });
        serde_json::Value::Object(fields.collect())
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
