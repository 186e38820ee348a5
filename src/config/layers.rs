//! The layers and their order: defaults, file, environment, flags; each overwrites the previous one key by key.
//!
//! Does not live here: how a file is parsed (`toml_text`) or what a value must be (`text`, `validate`).

mod entries;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::{Table, Value};

use super::inputs::{self, InputEntry};
use super::keys::{self, Key};
use super::origin::Origin;
use super::problem::{Problem, error_of};
use super::tables::table_of;
use super::{Config, Draft, FILE_VARIABLE, FlagSetting, Resolved, scoring, service_links, text, toml_text, validate};
use crate::error::{Error, Result};
use crate::privacy::KEY_VARIABLE;
use crate::warnings::{Facts, Warning};

use entries::in_list;
pub(super) use entries::sections;

/// The prefix of this program's variables.
const PREFIX: &str = "RFMETRICS_";
/// Variables of the logger (`RFMETRICS_LOG`, `RFMETRICS_LOG_FORMAT`), which are not settings.
const LOG_PREFIX: &str = "RFMETRICS_LOG";
/// Settings that decide which rows count: where the variable of one is empty, its value was probably lost on the way.
const DECIDING: [&str; 2] = ["dates.as_of", "input.filter"];
/// For this many problems a suggestion is searched for; further ones are counted and not shown.
const SUGGESTIONS: usize = 20;

/// The settings gathered so far, and everything that was wrong with them.
pub(super) struct Layers {
    values: BTreeMap<&'static str, Value>,
    origins: BTreeMap<String, Origin>,
    /// The entries `[[input]]`, and where each of their keys came from.
    entries: Vec<(InputEntry, BTreeMap<String, Origin>)>,
    problems: Vec<String>,
    /// The keys whose values are wrong.
    wrong: BTreeSet<String>,
    /// The keys and tables that unknown names may have been meant for.
    meant: BTreeSet<String>,
    /// The configuration file.
    file: Option<PathBuf>,
    /// Settings whose variables are empty.
    empty: Vec<&'static Key>,
}

impl Layers {
    /// The defaults alone.
    pub(super) fn of_defaults() -> Self {
        let values = keys::all().iter().filter_map(|key| Some((key.name.as_str(), key.default.clone()?))).collect();
        let origins = keys::all().iter().map(|key| (key.name.clone(), Origin::Default)).collect();
        let (problems, wrong, meant) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        Self { values, origins, entries: Vec::new(), problems, wrong, meant, file: None, empty: Vec::new() }
    }

    /// The settings in the `content` of the file at `path`.
    ///
    /// # Errors
    /// A `Config` error where it is not TOML. Wrong keys and values are gathered for [`Layers::resolve`].
    pub(super) fn add_file(&mut self, path: &Path, content: &str) -> Result<()> {
        self.file = Some(path.to_path_buf());
        let entries = toml_text::entries(content, &sections())
            .map_err(|cause| Error::config(format!("`{}`: not a configuration file", path.display())).cause(cause))?;
        for entry in entries {
            let origin = Origin::File { path: path.to_path_buf(), line: entry.line };
            if let Some((place, name)) = in_list(&entry.name) {
                self.add_to_entry(place, name, entry.value, origin);
                continue;
            }
            match (keys::find(&entry.name), entry.value) {
                (Some(key), Some(value)) => self.put(key, value, false, origin),
                (Some(key), None) => {
                    self.refuse(&Problem::new(&key.name, "a number beyond 64 bits", &key.kind), &origin);
                }
                (None, _) if keys::is_section(&entry.name) => {
                    let several = if entry.name == inputs::ENTRIES { ", or several, `[[input]]`" } else { "" };
                    let table = format!("a table, `[{}]`{several}", entry.name);
                    self.refuse(&Problem::new(&entry.name, "a value", table), &origin);
                }
                (None, _) => self.add_unknown_key(&entry.name, &origin),
            }
        }
        Ok(())
    }

    /// The variables that begin with `RFMETRICS_`. An empty one counts as not set.
    pub(super) fn add_environment(&mut self, environment: &[(String, String)]) {
        for (name, value) in environment {
            let is_setting = name.starts_with(PREFIX)
                && !name.starts_with(LOG_PREFIX)
                && name != FILE_VARIABLE
                && name != KEY_VARIABLE;
            if !is_setting {
                continue;
            }
            match keys::all().iter().find(|key| key.variable() == *name) {
                Some(key) if !value.is_empty() => {
                    self.put(key, Value::String(value.clone()), true, Origin::Environment(name.clone()));
                }
                Some(key) => self.empty.push(key),
                None if self.put_in_entry_by_variable(name, value) => {}
                None if service_links::is_one(name, value) => {
                    tracing::debug!(name, "ignored: a variable that Kubernetes or Docker sets for a service");
                }
                None => self.add_unknown_variable(name),
            }
        }
    }

    /// The flags, later ones over earlier ones.
    pub(super) fn add_flags(&mut self, flags: Vec<FlagSetting>) {
        for (name, value, flag) in flags {
            let origin = Origin::Flag(flag);
            match keys::find(&name) {
                Some(key) => self.put(key, value, true, origin),
                None => match inputs::addressed(&name, &self.entry_names()) {
                    Some((place, key)) => self.put_in_entry(place, &key, value, (true, origin)),
                    None => self.add_unknown_key(&name, &origin),
                },
            }
        }
    }

    /// The merged and checked configuration.
    ///
    /// # Errors
    /// A `Config` error with every problem of every layer.
    pub(super) fn resolve(mut self) -> Result<Resolved> {
        let (config, _) = self.checked()?;
        for (entry, origins) in &mut self.entries {
            let named = |(key, origin): (String, Origin)| (entry.origin_key(&key), origin);
            self.origins.extend(std::mem::take(origins).into_iter().map(named));
        }
        if self.problems.is_empty() {
            Ok(Resolved { config, origins: self.origins, file: self.file })
        } else {
            Err(error_of(self.problems))
        }
    }

    /// The merged configuration as far as it can be used: wrong settings have their default, and where that does not
    /// fit the rest of the table, the whole table has its defaults.
    ///
    /// # Errors
    /// As [`Layers::resolve`], where no part of it can be used.
    pub(super) fn draft(mut self) -> Result<Draft> {
        let (mut config, mut found) = self.checked()?;
        let problems = std::mem::take(&mut self.problems);
        let problem = (!problems.is_empty()).then(|| error_of(problems));
        let mut next = std::mem::take(&mut self.wrong);
        // Where only names are unknown, every known value can be used.
        while !(next.is_empty() && found.is_empty()) {
            next.extend(found.difference(&self.wrong).cloned());
            if next.is_empty() {
                let tables = found.iter().filter_map(|key| key.split('.').next()).map(str::to_owned);
                next = tables.filter(|table| !self.wrong.contains(table)).collect();
            }
            if next.is_empty() {
                return Err(problem.unwrap_or_else(|| Error::bug("the default settings do not fit one another")));
            }
            self.reset(&next);
            self.wrong.append(&mut next);
            (config, found) = self.checked()?;
            self.problems.clear();
        }
        self.wrong.append(&mut self.meant);
        let warnings = self.warnings();
        Ok(Draft { config, wrong: self.wrong, problem, file: self.file, warnings })
    }

    /// Empty variables of settings that decide which rows count, and that no other layer gives.
    fn warnings(&self) -> Vec<Warning> {
        let is_unset = |key: &&&Key| self.origins.get(&key.name) == Some(&Origin::Default);
        let lost = self.empty.iter().filter(|key| DECIDING.contains(&key.name.as_str())).filter(is_unset);
        let lost = lost.map(|key| Facts::EmptyVariable { variable: key.variable(), setting: key.name.clone() }.into());
        lost.chain(self.overridden()).collect()
    }

    /// Resets the keys with these names, and those below them, to their defaults.
    fn reset(&mut self, names: &BTreeSet<String>) {
        if names.contains(inputs::ENTRIES) {
            self.entries.clear();
        }
        let is_meant = |key: &&Key| names.iter().any(|name| is_within(&key.name, name));
        for key in keys::all().iter().filter(is_meant) {
            match key.default.clone() {
                Some(default) => self.values.insert(&key.name, default),
                None => self.values.remove(key.name.as_str()),
            };
        }
    }

    /// The merged configuration, and the keys that are wrong in it; the problems are noted.
    fn checked(&mut self) -> Result<(Config, BTreeSet<String>)> {
        let mut config = Config::deserialize(Value::Table(tree(&self.values))).map_err(|error| {
            Error::bug("the merged configuration does not fit its own types").cause(error.message())
        })?;
        config.inputs = self.entries.iter().map(|(entry, _)| entry.clone()).collect();
        self.fit_to_map(&mut config);
        self.carry_group_attributes(&mut config);
        let mut wrong = validate::problems(&config);
        wrong.retain(|problem| !self.follows(problem));
        let mut found: BTreeSet<String> = wrong.iter().map(|problem| problem.key().to_owned()).collect();
        self.problems.extend(wrong.iter().map(|problem| problem.line(&self.origins)));
        if wrong.is_empty() {
            let wrong = inputs::problems(&config);
            found.extend(wrong.first().map(|_| inputs::ENTRIES.to_owned()));
            self.problems.extend(wrong);
        }
        // Problems of further scorings are left out if they follow from the settings that the scorings change.
        if wrong.iter().all(|problem| problem.line_of_scoring().is_none()) {
            let origin = self.origins.get("scoring").unwrap_or(&Origin::Default);
            let wrong = scoring::problems(&config);
            found.extend(wrong.first().map(|_| "scoring".to_owned()));
            self.problems.extend(wrong.iter().map(|problem| format!("{problem} ({origin})")));
        }
        Ok((config, found))
    }

    /// Lets the map bring what was not given, and notes where that comes from.
    fn fit_to_map(&mut self, config: &mut Config) {
        let is_given = |origin: &Origin| !matches!(origin, Origin::Default | Origin::Map(_) | Origin::Settings(_));
        let given = self.origins.iter().filter(|(_, origin)| is_given(origin)).map(|(key, _)| key.clone());
        config.map_fit.given = given.collect();
        config.fit_to_map();
        for key in &config.map_fit.brought {
            self.origins.insert(key.clone(), Origin::Map(config.segment.map.clone()));
        }
    }

    /// Attributes that group customers are carried along; where none were named, that follows from other settings.
    fn carry_group_attributes(&mut self, config: &mut Config) {
        let key = "columns.attributes";
        if config.carry_group_attributes() && self.origins.get(key) == Some(&Origin::Default) {
            self.origins.insert(key.to_owned(), Origin::Settings("`customers.per`, `score.by` and `reports.by`"));
        }
    }

    /// Whether a problem exists only because another value was refused, or was given to an unknown name, so that a
    /// default applies: then it goes away with that problem.
    fn follows(&self, problem: &Problem) -> bool {
        let is_refused = |key: &str| self.wrong.iter().chain(&self.meant).any(|wrong| is_within(key, wrong));
        let is_default = self.origins.get(problem.key()) == Some(&Origin::Default);
        is_default && is_refused(problem.key()) || problem.mentions(is_refused)
    }

    /// Notes a problem of one layer.
    fn refuse(&mut self, problem: &Problem, origin: &Origin) {
        self.problems.push(problem.line_with(origin));
        self.wrong.insert(problem.key().to_owned());
    }

    /// Sets one key if its value fits. A value that does not fit leaves the earlier one unchanged.
    fn put(&mut self, key: &'static Key, value: Value, from_text: bool, origin: Origin) {
        match text::fitted(key, value, from_text) {
            Ok(value) => {
                self.values.insert(&key.name, value);
                self.origins.insert(key.name.clone(), origin);
            }
            Err(problem) => self.refuse(&problem, &origin),
        }
    }

    /// The value is not shown: an unknown key may hold anything, even a password.
    fn add_unknown_key(&mut self, name: &str, origin: &Origin) {
        let meant = self.suggestion(|| keys::suggestion(name).map(str::to_owned));
        self.problems.push(format!("unknown key `{name}` ({origin}){}", did_you_mean(meant.as_deref())));
        let (table, last) = name.rsplit_once('.').unwrap_or(("", name));
        let namesakes = keys::all().iter().filter(|key| key.short_name() == last).map(|key| key.name.clone());
        self.meant.extend(namesakes.chain(meant).chain(keys::is_section(table).then(|| table.to_owned())));
    }

    fn add_unknown_variable(&mut self, name: &str) {
        let known: Vec<String> = keys::all().iter().map(Key::variable).collect();
        let known = known.iter().map(String::as_str).chain([FILE_VARIABLE]);
        let whole = keys::all().iter().map(Key::variable).find(|known| known.starts_with(&format!("{name}_")));
        let meant = self.suggestion(|| crate::config::nearest(name, known).map(str::to_owned).or(whole));
        self.problems.push(format!("unknown environment variable `{name}`{}", did_you_mean(meant.as_deref())));
        let key = keys::all().iter().find(|key| Some(key.variable()) == meant);
        self.meant.extend(key.map(|key| key.name.clone()));
    }

    fn suggestion(&self, nearest: impl FnOnce() -> Option<String>) -> Option<String> {
        if self.problems.len() < SUGGESTIONS { nearest() } else { None }
    }
}

fn did_you_mean(name: Option<&str>) -> String {
    name.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// Whether a dotted name is `table`, or below it.
pub(super) fn is_within(name: &str, table: &str) -> bool {
    name.strip_prefix(table).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The variables of the process that this program may read, as text. `std::env::vars` would panic on a variable of
/// another program that is not Unicode.
pub fn environment_of(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Vec<(String, String)> {
    let as_text = variables.into_iter().filter_map(|(name, value)| {
        let name = name.into_string().ok().filter(|name| name.starts_with(PREFIX))?;
        Some((name, value.to_string_lossy().into_owned()))
    });
    as_text.collect()
}

/// Values by dotted key as nested tables.
fn tree(values: &BTreeMap<&'static str, Value>) -> Table {
    let mut root = Table::new();
    for (name, value) in values {
        if let Some((table, short_name)) = table_of(&mut root, name) {
            table.insert(short_name.to_owned(), value.clone());
        }
    }
    root
}
