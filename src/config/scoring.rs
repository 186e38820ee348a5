//! `[[scoring]]`: further scorings, as the settings of the run with some of them changed.
//!
//! Lives here: which settings an entry may change, and the complete settings that result. Does not live here: what a
//! setting means.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::keys;
use super::problem::Problem;
use super::tables::table_of;
use super::{Config, text, validate};
use crate::error::{Error, Result};
use crate::score::Measure;
use crate::score::on_request::KmeansOptions;
use crate::score::options::{FrequencyMeasure, ScoreOptions};
use crate::scoring::{MAIN, Scorings, Settings};
use crate::segment::options::SegmentOptions;
use crate::segment::{Available, INFINITE};
use crate::source::options::Grain;

/// `[[scoring]]`: a further scoring of the same customers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Scoring")]
pub struct ScoringEntry {
    /// Its name in the tables.
    pub name: String,
    /// What differs from `[score]`, in the same form.
    #[serde(default)]
    #[schemars(with = "ScoreOptions")]
    pub score: Table,
    /// What differs from `[segment]`, in the same form.
    #[serde(default)]
    #[schemars(with = "SegmentOptions")]
    pub segment: Table,
    /// What differs from `[kmeans]`, in the same form.
    #[serde(default)]
    #[schemars(with = "KmeansOptions")]
    pub kmeans: Table,
}

/// Names appear in tables and messages.
const LONGEST_NAME: usize = 64;
/// The settings that depend on another one; they are not inherited by an entry that sets the other one itself.
const DEPENDENT: [(&str, &[&str]); 6] = [
    ("method", &["cuts", "share", "weight"]),
    ("preset", &["measures", "standardise", "weights", "judgements"]),
    ("measures", &["weights", "judgements", "preset"]),
    ("clusters", &["choose_up_to", "centres"]),
    ("choose_up_to", &["clusters", "centres"]),
    ("centres", &["clusters", "choose_up_to"]),
];

impl Config {
    /// The complete settings of every scoring: the run's own, then the further ones in the order of the file.
    ///
    /// # Errors
    /// A config error with everything that is wrong with the entries.
    pub fn scorings(&self) -> Result<Scorings<Settings>> {
        let problems = problems(self);
        if !problems.is_empty() {
            return Err(Error::config("the further scorings cannot be used").causes(problems));
        }
        let further = self.scoring.iter().filter_map(|entry| Some(derived(self, entry).ok()?.settings_of(&entry.name)));
        Ok(Scorings { own: self.own_scoring(), further: further.collect() })
    }

    /// The settings of the run's own scoring.
    #[must_use]
    pub fn own_scoring(&self) -> Settings {
        self.settings_of(MAIN)
    }

    fn settings_of(&self, name: &str) -> Settings {
        let mut score = self.score.clone();
        if self.input.grain == Grain::Customers && score.frequency.measure.is_none() {
            // `r-rfm` counts rows, of which a table of customers may know nothing; the package counts orders there.
            score.frequency.measure = FrequencyMeasure::of(Measure::Orders);
        }
        Settings {
            name: name.to_owned(),
            score,
            known: self.known(),
            segment: self.segment.clone(),
            kmeans: self.kmeans.clone(),
            octants: self.octants.clone(),
            money_scale: self.clean.money_scale,
            may_lack_orders: self.may_have_none(),
            available: self.available(),
        }
    }

    /// What rules of segment maps can look at besides scores and the measures of every run.
    fn available(&self) -> Available {
        let (predict, mut horizons) = (&self.predict, Vec::new());
        if predict.is_wanted() {
            horizons = predict.horizon_names();
            horizons.extend(predict.infinite_horizon.then(|| INFINITE.to_owned()));
        }
        let has_margin = self.is_set("columns.margin");
        let of_members = self.customers.attributes.clone();
        Available { horizons, attributes: self.every_attribute(), of_members, has_margin }
    }
}

/// Everything that is wrong with the entries of `config`.
pub(super) fn problems(config: &Config) -> Vec<String> {
    let mut problems = Vec::new();
    for (index, entry) in config.scoring.iter().enumerate() {
        let name = &entry.name;
        let own = match derived(config, entry) {
            Ok(own) => validate::problems(&own).iter().filter_map(Problem::line_of_scoring).collect(),
            Err(own) => own,
        };
        problems.extend(own.into_iter().map(|problem| format!("scoring `{name}`: {problem}")));
        if let Some(expected) = refused_name(name) {
            problems.push(format!("`scoring.name`: found `{name}`, expected {expected}"));
        }
        if config.scoring.iter().take(index).any(|before| before.name == *name) {
            problems.push(format!("`scoring.name`: found `{name}` twice, expected each name once"));
        }
    }
    problems
}

/// What a name should be, if this one is not allowed.
fn refused_name(name: &str) -> Option<&'static str> {
    if name == MAIN {
        return Some("another name: this is that of the run's own scoring");
    }
    refused_characters(name)
}

/// What a name that appears in tables and messages should be, if this one cannot be read there.
pub(super) fn refused_characters(name: &str) -> Option<&'static str> {
    let is_fit = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    let fits = !name.is_empty() && name.chars().count() <= LONGEST_NAME && name.chars().all(is_fit);
    (!fits).then_some("1 to 64 letters, digits, `_`, `-` or `.`")
}

/// The settings of the run with those of the entry, or what is wrong with the entry.
fn derived(config: &Config, entry: &ScoringEntry) -> std::result::Result<Config, Vec<String>> {
    let mut base = Config { scoring: Vec::new(), ..config.clone() };
    // The entry may name another map, which brings its own bins.
    base.unfit();
    let mut settings = Table::try_from(&base).map_err(|error| vec![error.to_string()])?;
    let mut changes = Vec::new();
    for (name, table) in [("score", &entry.score), ("segment", &entry.segment), ("kmeans", &entry.kmeans)] {
        leaves(table, name, &mut changes);
    }
    for (name, _) in &changes {
        let Some((section, changed)) = name.rsplit_once('.') else { continue };
        for field in DEPENDENT.iter().filter(|(on, _)| *on == changed).flat_map(|(_, fields)| *fields) {
            put_default(&mut settings, &format!("{section}.{field}"));
        }
    }
    let mut given = base.map_fit.given;
    given.extend(changes.iter().map(|(name, _)| name.clone()));
    let problems: Vec<String> =
        changes.into_iter().filter_map(|(name, value)| set(&mut settings, &name, value)).collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut own = Config::deserialize(Value::Table(settings)).map_err(|error| vec![error.message().to_owned()])?;
    own.map_fit.given = given;
    own.fit_to_map();
    Ok(own)
}

/// The settings in a table, by dotted name.
pub(super) fn leaves(table: &Table, name: &str, found: &mut Vec<(String, Value)>) {
    for (key, value) in table {
        let full = format!("{name}.{key}");
        match value {
            Value::Table(inner) if keys::is_section(&full) => leaves(inner, &full, found),
            other => found.push((full, other.clone())),
        }
    }
}

/// Sets one key; returns what is wrong with it. An empty text unsets an optional setting.
pub(super) fn set(settings: &mut Table, name: &str, value: Value) -> Option<String> {
    let Some(key) = keys::find(name) else {
        let meant = keys::suggestion(name).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
        return Some(format!("unknown key `{name}`{meant}"));
    };
    if key.default.is_none() && value.as_str() == Some("") {
        put_default(settings, name);
        return None;
    }
    match text::fitted(key, value, false) {
        Ok(value) => {
            put(settings, name, Some(value));
            None
        }
        Err(problem) => Some(problem.line(&std::collections::BTreeMap::new())),
    }
}

pub(super) fn put_default(settings: &mut Table, name: &str) {
    if let Some(key) = keys::find(name) {
        put(settings, name, key.default.clone());
    }
}

fn put(settings: &mut Table, name: &str, value: Option<Value>) {
    let Some((table, short_name)) = table_of(settings, name) else { return };
    match value {
        Some(value) => drop(table.insert(short_name.to_owned(), value)),
        None => drop(table.remove(short_name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::options::Method;

    fn config(text: &str) -> Config {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn an_entry_inherits_what_it_does_not_set() {
        let base = config(
            "[score.recency]\nmethod = 'fixed'\nbins = 3\ncuts = [7, 30]\n[score]\nbreaks_from = 'a.json'\n\
             [[scoring]]\nname = 'by_mean'\nscore.recency = { method = 'mean', bins = 2 }\nsegment.map = 'four_class'\n\
             score.breaks_from = ''",
        );
        let scorings = base.scorings().unwrap();
        let own = &scorings.further[0];
        assert_eq!((own.name.as_str(), own.score.recency.method, own.score.recency.bins), ("by_mean", Method::Mean, 2));
        assert!(own.score.recency.cuts.is_empty(), "cuts belong to the method that was replaced");
        assert_eq!((own.segment.map.as_str(), own.score.breaks_from.as_deref()), ("four_class", None));
        let monetary = (own.score.monetary.method, own.score.monetary.bins);
        assert_eq!(monetary, (Method::Mean, 2), "what neither sets, the map of the entry brings");
    }

    #[test]
    fn what_depends_on_a_changed_setting_is_not_inherited() {
        let base = config(
            "[score.value]\nmeasures = ['orders', 'revenue']\nweights = [0.2, 0.8]\n[kmeans]\nclusters = 4\n\
             [[scoring]]\nname = 'preset'\nscore.value.preset = 'rfmt'\nkmeans.choose_up_to = 9\n\
             [[scoring]]\nname = 'without'\nkmeans.clusters = ''\n",
        );
        let scorings = base.scorings().unwrap();
        let (preset, without) = (&scorings.further[0], &scorings.further[1]);
        assert!(preset.score.value.problems().is_empty() && preset.score.value.weights.is_empty());
        assert_eq!((preset.kmeans.clusters, preset.kmeans.choose_up_to), (None, Some(9)));
        assert!(!without.kmeans.is_asked_for());
        assert_eq!(without.score.value.weights, [0.2, 0.8]);
    }

    #[test]
    fn everything_wrong_with_the_entries_is_listed_with_their_names() {
        let base = config(
            "[[scoring]]\nname = 'a'\nscore.recency.bins = 1\nscore.recency.bin = 4\n[[scoring]]\nname = 'a'\n\
             [[scoring]]\nname = 'main'\nscore.frequency.method = 'best'\n[[scoring]]\nname = 'b'\nscore.monetary.bins = 101\n\
             [[scoring]]\nname = 'of two words'",
        );
        let text = problems(&base).join("\n");
        for part in [
            "scoring `a`: unknown key `score.recency.bin`; did you mean `score.recency.bins`?",
            "`scoring.name`: found `a` twice",
            "scoring `main`: `score.frequency.method`: found text `best`, expected one of `quantile`",
            "found `main`, expected another name",
            "scoring `b`: `score.monetary.bins`: found `101`, expected 2 to 100",
            "found `of two words`, expected 1 to 64 letters",
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
        assert!(base.scorings().is_err());
    }
}
