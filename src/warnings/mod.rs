//! What a reader of a run's figures should know: warnings as values, each with a code, its facts and one sentence.
//!
//! A stage that sees something makes the [`Facts`] and adds the [`Warning`] to what it returns; the summary, the manifest,
//! the answers in JSON and the log show it. Does not live here: errors (`error`), and log lines about files that were
//! skipped or left over.

mod codes;
mod facts;
mod over_time;
mod parts;
mod wording;
mod wording_of_scores;

use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub use codes::CODES;
pub use facts::Facts;
pub use over_time::{AlertsWithoutComparison, NoCommonCustomers, NoFrozenBreaks, NothingToCompare, SettingsDiffer};
pub use parts::{
    CommonValue, CurrencyRows, FewerRows, FloatColumn, LookupMatches, MergedMembers, MisnamedSegment, NamedGroups,
    NotBuyers, NotMembers, OldIds, SkippedDate, WrittenOtherwise,
};

/// What was noticed, and what it is about. `Display` gives one line without a final stop.
#[derive(Debug, Clone, PartialEq)]
pub struct Warning {
    /// What was noticed.
    pub facts: Facts,
    /// What it is about.
    pub scope: Scope,
    /// The groups of customers that it concerns; none where it is about all customers.
    pub groups: Option<InGroups>,
}

/// Groups of customers that one warning concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InGroups {
    /// The largest of them, of which the facts are.
    pub largest: String,
    /// How many others there are.
    pub more: u64,
}

/// What a warning is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Scope {
    /// The run, and its own scoring.
    #[default]
    Run,
    /// Another scoring, by name.
    Scoring(String),
    /// The models that see only the days before the holdout.
    Holdout,
}

impl Warning {
    /// The stable name of this warning.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.facts.code()
    }

    /// The same, said of the scoring called `name`.
    #[must_use]
    pub fn in_scoring(self, name: &str) -> Self {
        Self { scope: Scope::Scoring(name.to_owned()), ..self }
    }

    /// The same, said of a group of customers, and of `more` others in which it was noticed.
    #[must_use]
    pub fn in_group(self, largest: &str, more: u64) -> Self {
        Self { groups: Some(InGroups { largest: largest.to_owned(), more }), ..self }
    }

    /// The same, said of the models that see only the days before the holdout.
    #[must_use]
    pub fn before_holdout(self) -> Self {
        Self { scope: Scope::Holdout, ..self }
    }
}

impl From<Facts> for Warning {
    fn from(facts: Facts) -> Self {
        Self { facts, scope: Scope::Run, groups: None }
    }
}

impl Display for Warning {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.scope {
            Scope::Run => {}
            Scope::Scoring(name) => write!(f, "scoring `{name}`: ")?,
            Scope::Holdout => write!(f, "before the holdout: ")?,
        }
        match &self.groups {
            None => {}
            Some(InGroups { largest, more: 0 }) => write!(f, "group `{largest}`: ")?,
            Some(InGroups { largest, more }) => write!(f, "group `{largest}` (and {more} more): ")?,
        }
        self.facts.fmt(f)
    }
}

/// The sentences, for people and for lists that hold nothing else.
#[must_use]
pub fn sentences(warnings: &[Warning]) -> Vec<String> {
    warnings.iter().map(ToString::to_string).collect()
}

/// The warnings in the form of manifests and answers.
#[must_use]
pub fn details(warnings: &[Warning]) -> Vec<WarningDetail> {
    warnings.iter().map(WarningDetail::from).collect()
}

/// A warning as manifests and answers in JSON have it. A reader takes codes that it does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarningDetail {
    /// The stable name; `docs/warnings.md` lists all of them.
    pub code: String,
    /// The facts by name. `scoring` names the scoring that it is about, where that is not the run's own; `holdout` is true
    /// where it is about the models before the holdout; `score_group` names the group of customers that it is about, the
    /// largest where there are `more_score_groups`.
    pub facts: Map<String, Value>,
    /// The sentence.
    pub text: String,
}

/// The fact that names a scoring.
const SCORING: &str = "scoring";
/// The fact that says that a warning is about the models before the holdout.
const HOLDOUT: &str = "holdout";
/// The facts that name the largest group of customers that a warning is about, and count the others.
const GROUP: &str = "score_group";
const MORE_GROUPS: &str = "more_score_groups";

impl WarningDetail {
    /// The warning; none where this version does not know it.
    #[must_use]
    pub fn warning(&self) -> Option<Warning> {
        let mut facts = self.facts.clone();
        let scope = match (facts.remove(SCORING), facts.remove(HOLDOUT)) {
            (Some(name), _) => Scope::Scoring(name.as_str()?.to_owned()),
            (None, Some(_)) => Scope::Holdout,
            (None, None) => Scope::Run,
        };
        let groups = match (facts.remove(GROUP), facts.remove(MORE_GROUPS)) {
            (Some(name), more) => Some(InGroups {
                largest: name.as_str()?.to_owned(),
                more: more.and_then(|more| more.as_u64()).unwrap_or(0),
            }),
            (None, _) => None,
        };
        let facts = Facts::deserialize(json!({"code": self.code, "facts": facts})).ok()?;
        Some(Warning { facts, scope, groups })
    }
}

impl From<&Warning> for WarningDetail {
    fn from(warning: &Warning) -> Self {
        let facts = json!(warning.facts).get_mut("facts").map(Value::take);
        let mut facts = match facts {
            Some(Value::Object(facts)) => facts,
            _ => Map::new(),
        };
        match &warning.scope {
            Scope::Run => {}
            Scope::Scoring(name) => drop(facts.insert(SCORING.to_owned(), json!(name))),
            Scope::Holdout => drop(facts.insert(HOLDOUT.to_owned(), json!(true))),
        }
        if let Some(InGroups { largest, more }) = &warning.groups {
            facts.insert(GROUP.to_owned(), json!(largest));
            facts.insert(MORE_GROUPS.to_owned(), json!(more));
        }
        Self { code: warning.code().to_owned(), facts, text: warning.to_string() }
    }
}

#[cfg(test)]
mod tests;
