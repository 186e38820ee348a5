//! `[[input]]`: several inputs, each as the settings of the run with what is its own.
//!
//! Lives here: which settings an entry may change, the complete settings that result, and changes of single keys of an entry by
//! `--set input.shop.paths=..` and variables. Does not live here: what a setting means, and reading an input (`input`).

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::keys::{self, Key};
use super::scoring::{leaves, put_default, refused_characters, set};
use super::tables::table_of;
use super::{Config, validate};
use crate::clean::options::CleanOptions;
use crate::error::{Error, Result};
use crate::source::options::{ColumnOptions, DateOptions, Grain, InputOptions};

/// `[[input]]`: one of several inputs that are joined to one stream of transactions.
///
/// Beside its name it has the keys of `[input]`, and in the tables `columns`, `dates` and `clean` what differs from those
/// of the run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct InputEntry {
    /// Its name in tables and messages.
    pub name: String,
    /// What differs from `[columns]`.
    #[serde(default, skip_serializing_if = "Table::is_empty")]
    pub columns: Table,
    /// What differs from `[dates]`: `format`, `epoch_unit` and `source_time_zone`.
    #[serde(default, skip_serializing_if = "Table::is_empty")]
    pub dates: Table,
    /// What differs from `[clean]`: what an order is, repeats, and ids that mean nobody.
    #[serde(default, skip_serializing_if = "Table::is_empty")]
    pub clean: Table,
    /// The keys of `[input]`.
    #[serde(flatten)]
    pub input: Table,
}

/// The settings of one input: those of the run, and what its entry changes.
#[derive(Debug, Clone, PartialEq)]
pub struct InputSettings {
    /// Its name; none where there is one `[input]`.
    pub name: Option<String>,
    /// Where it lies, and which of its rows are read.
    pub input: InputOptions,
    /// How its columns are called.
    pub columns: ColumnOptions,
    /// How its dates are written.
    pub dates: DateOptions,
    /// What its orders are, and which of its rows repeat others.
    pub clean: CleanOptions,
}

/// The table whose entries are inputs, as people write it, and its name among the settings.
pub(super) const ENTRIES: &str = "input";
pub(super) const FIELD: &str = "inputs";

/// What one input may have of its own beside the keys of `[input]` and `[columns]`: how its rows are written. What counts is
/// that of the run.
const OWN: [&str; 9] = [
    "dates.source_time_zone",
    "dates.format",
    "dates.epoch_unit",
    "clean.orders_by",
    "clean.dedupe",
    "clean.count_repeats",
    "clean.dedupe_keys",
    "clean.dedupe_latest_by",
    "clean.nobody_ids",
];

/// A setting that an entry changes, and those that belong to the one it takes the place of: they are not inherited with it.
const REPLACED: [(&str, &[&str]); 5] = [
    ("columns.amount", &["columns.quantity", "columns.unit_price"]),
    ("dates.format", &["dates.epoch_unit"]),
    ("dates.epoch_unit", &["dates.format"]),
    ("clean.dedupe_keys", &["clean.dedupe_latest_by", "clean.count_repeats"]),
    ("clean.dedupe", &["clean.count_repeats"]),
];

/// Whether an input may have this setting of its own.
pub(super) fn is_own(key: &str) -> bool {
    key.starts_with("input.") || key.starts_with("columns.") || OWN.contains(&key)
}

impl Config {
    /// The settings of each input: of the one `[input]`, or of the entries `[[input]]` in the order of their names, so that
    /// the order in which they are written changes nothing.
    ///
    /// # Errors
    /// A config error with everything that is wrong with the entries.
    pub fn inputs(&self) -> Result<Vec<InputSettings>> {
        let problems = problems(self);
        if !problems.is_empty() {
            return Err(Error::config("the inputs cannot be used").causes(problems));
        }
        Ok(self.every_input())
    }

    /// As [`Self::inputs`], of those that can be used.
    pub(crate) fn every_input(&self) -> Vec<InputSettings> {
        if self.inputs.is_empty() {
            return vec![settings_of(self, None)];
        }
        let own = |entry: &InputEntry| Some(settings_of(&derived(self, entry).ok()?, Some(entry.name.clone())));
        let mut inputs: Vec<InputSettings> = self.inputs.iter().filter_map(own).collect();
        inputs.sort_by(|a, b| a.name.cmp(&b.name));
        inputs
    }

    /// The attributes of all inputs, each once.
    pub(super) fn every_attribute(&self) -> Vec<String> {
        let mut attributes: Vec<String> = Vec::new();
        for name in self.every_input().into_iter().flat_map(|own| own.columns.attributes) {
            if !attributes.contains(&name) {
                attributes.push(name);
            }
        }
        attributes
    }

    /// Whether any input says what its amounts are in.
    #[must_use]
    pub fn has_currencies(&self) -> bool {
        self.every_input().iter().any(|own| own.columns.currency.is_some())
    }

    /// The setting as one of the inputs has it, or the run where there is one: whether any of them has a value.
    pub(super) fn any_input_sets(&self, key: &str) -> bool {
        let Some((section, name)) = key.split_once('.').filter(|_| is_own(key)) else { return false };
        self.inputs.iter().any(|entry| {
            let table = entry.table(section);
            table.is_some_and(|table| table.get(name).is_some_and(|value| value.as_str() != Some("")))
        })
    }
}

fn settings_of(config: &Config, name: Option<String>) -> InputSettings {
    let Config { input, columns, dates, clean, .. } = config;
    InputSettings { name, input: input.clone(), columns: columns.clone(), dates: dates.clone(), clean: clean.clone() }
}

impl InputEntry {
    fn table(&self, section: &str) -> Option<&Table> {
        match section {
            "input" => Some(&self.input),
            "columns" => Some(&self.columns),
            "dates" => Some(&self.dates),
            "clean" => Some(&self.clean),
            _ => None,
        }
    }

    /// What it changes, by dotted key.
    pub(super) fn changes(&self) -> Vec<(String, Value)> {
        let mut changes = Vec::new();
        for section in ["input", "columns", "dates", "clean"] {
            if let Some(table) = self.table(section) {
                leaves(table, section, &mut changes);
            }
        }
        changes
    }

    /// Adds an attribute to those of its own, if it has such a list.
    pub(super) fn add_attribute(&mut self, name: &str) {
        if let Some(Value::Array(own)) = self.columns.get_mut("attributes") {
            own.push(Value::from(name));
        }
    }

    /// The name of one of its settings among those of all: `input.shop.columns.amount`.
    pub(super) fn origin_key(&self, key: &str) -> String {
        format!("input.{}.{}", self.name, key.strip_prefix("input.").unwrap_or(key))
    }

    /// Changes one of its settings, by the dotted key that it has in the run.
    pub(super) fn put(&mut self, key: &str, value: Value) {
        let mut tables = Table::new();
        if let Some((table, name)) = table_of(&mut tables, key) {
            table.insert(name.to_owned(), value);
        }
        for (section, table) in tables {
            let own = match section.as_str() {
                "columns" => &mut self.columns,
                "dates" => &mut self.dates,
                "clean" => &mut self.clean,
                _ => &mut self.input,
            };
            if let Value::Table(table) = table {
                own.extend(table);
            }
        }
    }
}

/// Everything that is wrong with the entries of `config`, a line each.
pub(super) fn problems(config: &Config) -> Vec<String> {
    let mut problems = Vec::new();
    let lines = |config: &Config| -> Vec<String> {
        validate::problems(config).iter().map(|problem| problem.line(&BTreeMap::new())).collect()
    };
    let of_run = if config.inputs.is_empty() { Vec::new() } else { lines(&without_entries(config)) };
    for (index, entry) in config.inputs.iter().enumerate() {
        let name = &entry.name;
        let own = match derived(config, entry) {
            Ok(own) => lines(&own).into_iter().filter(|line| !of_run.contains(line)).collect(),
            Err(own) => own,
        };
        problems.extend(own.into_iter().map(|problem| format!("input `{name}`: {problem}")));
        if entry.input.get("paths").and_then(Value::as_array).is_none_or(Vec::is_empty) {
            problems.push(format!(
                "input `{name}`: `input.paths`: found nothing, expected its files, directories or patterns"
            ));
        }
        if is_of_customers(config, entry) {
            let expected = "`transactions`: a table of customers is read alone";
            problems.push(format!("input `{name}`: `input.grain`: found `customers`, expected {expected}"));
        }
        if let Some(expected) = refused_characters(name) {
            problems.push(format!("`input.name`: found `{name}`, expected {expected}"));
        }
        if config.inputs.iter().take(index).any(|before| before.name == *name) {
            problems.push(format!("`input.name`: found `{name}` twice, expected each name once"));
        }
    }
    problems.extend(mixed_amounts(config));
    problems
}

fn is_of_customers(config: &Config, entry: &InputEntry) -> bool {
    derived(config, entry).is_ok_and(|own| own.input.grain == Grain::Customers)
}

/// The line for inputs of which only some have amounts.
fn mixed_amounts(config: &Config) -> Option<String> {
    let inputs = config.every_input();
    let (with, without): (Vec<_>, Vec<_>) = inputs.iter().partition(|own| own.columns.has_amounts(own.input.grain));
    let first = without.first().filter(|_| !with.is_empty())?;
    let name = first.name.clone().unwrap_or_default();
    Some(format!("input `{name}`: `columns.amount`: found `none`, expected a column, as the other inputs have one"))
}

fn without_entries(config: &Config) -> Config {
    Config { inputs: Vec::new(), scoring: Vec::new(), ..config.clone() }
}

/// The settings of the run with those of the entry, or what is wrong with the entry.
fn derived(config: &Config, entry: &InputEntry) -> std::result::Result<Config, Vec<String>> {
    let base = without_entries(config);
    let mut settings = Table::try_from(&base).map_err(|error| vec![error.to_string()])?;
    let changes = entry.changes();
    let is_changed = |key: &str| changes.iter().any(|(name, _)| name == key);
    let replaced = REPLACED.iter().filter(|(by, _)| is_changed(by)).flat_map(|(_, keys)| *keys);
    for key in replaced.filter(|key| !is_changed(key)) {
        put_default(&mut settings, key);
    }
    let mut problems = Vec::new();
    for (key, value) in changes {
        if keys::find(&key).is_some() && !is_own(&key) {
            problems.push(of_the_run(&key));
        } else {
            problems.extend(set(&mut settings, &key, value));
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut own = Config::deserialize(Value::Table(settings)).map_err(|error| vec![error.message().to_owned()])?;
    own.map_fit = base.map_fit;
    Ok(own)
}

pub(super) fn of_the_run(key: &str) -> String {
    let (section, name) = key.rsplit_once('.').unwrap_or(("", key));
    format!("`{key}` is one for all inputs: write `{name}` under `[{section}]`")
}

/// The input and the key that `input.shop.paths` or `input.shop.columns.amount` means.
pub(super) fn addressed<'k>(name: &'k str, entries: &[String]) -> Option<(usize, Cow<'k, str>)> {
    let rest = name.strip_prefix("input.")?;
    entries.iter().enumerate().find_map(|(index, entry)| {
        let key = rest.strip_prefix(entry.as_str())?.strip_prefix('.')?;
        Some((index, full_key(key)))
    })
}

/// The input and the key whose variable this is: `RFMETRICS_INPUT_SHOP_PATHS`.
pub(super) fn of_variable(variable: &str, entries: &[String]) -> Option<(usize, &'static Key)> {
    let own = || keys::all().iter().filter(|key| is_own(&key.name));
    let named = |entry: &str, key: &Key| {
        let short = key.name.strip_prefix("input.").unwrap_or(&key.name);
        let plain = format!("{entry}_{short}").replace(|c: char| !c.is_alphanumeric(), "_");
        format!("RFMETRICS_INPUT_{}", plain.to_uppercase())
    };
    entries.iter().enumerate().find_map(|(index, entry)| {
        let key = own().find(|key| named(entry, key) == variable)?;
        Some((index, key))
    })
}

/// The key of the run that a key within an entry stands for.
pub(super) fn full_key(key: &str) -> Cow<'_, str> {
    let is_table = ["columns.", "dates.", "clean."].iter().any(|table| key.starts_with(table));
    if is_table { Cow::Borrowed(key) } else { Cow::Owned(format!("input.{key}")) }
}

impl JsonSchema for InputEntry {
    fn schema_name() -> Cow<'static, str> {
        "InputEntry".into()
    }

    /// The keys that an entry may have, as `[input]`, `[columns]`, `[dates]` and `[clean]` describe them.
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut entry = InputOptions::json_schema(generator).to_value();
        let dates = own_part("dates", DateOptions::json_schema(generator).to_value());
        let clean = own_part("clean", CleanOptions::json_schema(generator).to_value());
        entry["description"] = "One of several inputs that are joined to one stream of transactions.".into();
        entry["required"] = serde_json::json!(["name", "paths"]);
        let columns = ColumnOptions::json_schema(generator).to_value();
        let name = serde_json::json!({"type": "string", "description": "Its name in tables and messages."});
        for (key, schema) in [("name", name), ("columns", columns), ("dates", dates), ("clean", clean)] {
            entry["properties"][key] = schema;
        }
        Schema::try_from(entry).unwrap_or_default()
    }
}

/// The schema of a section, with the keys that an input may have of its own.
fn own_part(section: &str, mut schema: serde_json::Value) -> serde_json::Value {
    if let Some(properties) = schema["properties"].as_object_mut() {
        properties.retain(|key, _| is_own(&format!("{section}.{key}")));
    }
    schema
}
