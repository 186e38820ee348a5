//! The layers of the entries `[[input]]`: keys of a file, of variables and of flags that are for one of them.
//!
//! Does not live here: what an entry may have (`inputs`).

use toml::Value;

use super::Layers;
use crate::config::inputs::{self, InputEntry};
use crate::config::keys::{self, Key};
use crate::config::origin::Origin;
use crate::config::problem::Problem;
use crate::config::{text, toml_text};
use crate::warnings::{Facts, Warning};

impl Layers {
    /// Settings of the run that each of several inputs has of its own.
    pub(super) fn overridden(&self) -> impl Iterator<Item = Warning> {
        let is_given = |key: &&Key| {
            !matches!(self.origins.get(&key.name), None | Some(Origin::Default | Origin::Map(_) | Origin::Settings(_)))
        };
        let is_changed = |entry: &InputEntry, key: &Key| entry.changes().iter().any(|(name, _)| *name == key.name);
        let by_all = |key: &&Key| self.entries.iter().all(|(entry, _)| is_changed(entry, key));
        // Paths beside entries are refused.
        let of_run = keys::all().iter().filter(|key| !self.entries.is_empty() && key.name != "input.paths");
        let without_effect = of_run.filter(is_given).filter(by_all).map(|key| {
            Facts::SettingWithoutEffect {
                setting: key.name.clone(),
                because: "each `[[input]]` has its own".to_owned(),
            }
            .into()
        });
        without_effect.collect::<Vec<Warning>>().into_iter()
    }

    /// Adds a key of the entry at `place` as the file has it; an entry that begins has no name.
    pub(super) fn add_to_entry(&mut self, place: usize, name: &str, value: Option<Value>, origin: Origin) {
        if self.entries.len() <= place {
            self.entries.resize_with(place + 1, Default::default);
        }
        match (name, value) {
            ("", Some(Value::Table(_))) => {}
            ("", _) => self.refuse(&Problem::new(inputs::ENTRIES, "a value", "a table, `[[input]]`"), &origin),
            ("name", Some(Value::String(own))) => self.entries[place].0.name = own,
            ("name", _) => self.refuse(&Problem::new("input.name", "no text", "a text"), &origin),
            (name, Some(value)) => self.put_in_entry(place, &inputs::full_key(name), value, (false, origin)),
            (name, None) => {
                self.refuse(
                    &Problem::new(&inputs::full_key(name), "a number beyond 64 bits", "another value"),
                    &origin,
                );
            }
        }
    }

    /// Sets one key of the entry at `place`, if it is one that an input has of its own and its value fits.
    pub(super) fn put_in_entry(&mut self, place: usize, name: &str, value: Value, (from_text, origin): (bool, Origin)) {
        let Some(key) = keys::find(name) else { return self.add_unknown_key(name, &origin) };
        if !inputs::is_own(name) {
            self.problems.push(format!("{} ({origin})", inputs::of_the_run(name)));
            self.wrong.insert(inputs::ENTRIES.to_owned());
            return;
        }
        // An empty text unsets what can be unset.
        let unset = key.default.is_none() && value.as_str() == Some("");
        match if unset { Ok(value) } else { text::fitted(key, value, from_text) } {
            Ok(value) => {
                if let Some((entry, origins)) = self.entries.get_mut(place) {
                    entry.put(name, value);
                    origins.insert(name.to_owned(), origin);
                }
            }
            Err(problem) => self.refuse(&problem, &origin),
        }
    }

    /// Whether the variable is that of a setting of an entry, which it then sets; an empty one counts as not set.
    pub(super) fn put_in_entry_by_variable(&mut self, name: &str, value: &str) -> bool {
        let Some((place, key)) = inputs::of_variable(name, &self.entry_names()) else { return false };
        if !value.is_empty() {
            let origin = Origin::Environment(name.to_owned());
            self.put_in_entry(place, &key.name, Value::String(value.to_owned()), (true, origin));
        }
        true
    }

    pub(super) fn entry_names(&self) -> Vec<String> {
        self.entries.iter().map(|(entry, _)| entry.name.clone()).collect()
    }
}

/// Which tables of a file hold settings.
pub(in crate::config) fn sections() -> toml_text::Sections<impl Fn(&str) -> bool, impl Fn(&str) -> bool> {
    let is_section = |name: &str| match in_list(name) {
        Some((_, table)) => ["columns", "dates", "clean"].contains(&table),
        None => keys::is_section(name),
    };
    toml_text::Sections { is_section, is_list: |name: &str| name == inputs::ENTRIES }
}

/// The place of an entry and the name in it: 0 and `columns.amount` of `input[0].columns.amount`.
pub(super) fn in_list(name: &str) -> Option<(usize, &str)> {
    let (place, rest) = name.strip_prefix(inputs::ENTRIES)?.strip_prefix('[')?.split_once(']')?;
    Some((place.parse().ok()?, rest.strip_prefix('.').unwrap_or(rest)))
}
