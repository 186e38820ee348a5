//! One wrong setting, as it is told to the user. Does not live here: what is wrong about it.

use std::collections::BTreeMap;
use std::fmt;

use super::origin::Origin;
use crate::error::Error;

/// Longer values are cut: a message about a value need not repeat all of it.
const FOUND_SHOWN: usize = 80;

/// A setting whose value cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    key: String,
    found: String,
    expected: String,
}

impl Problem {
    /// The value of `key` is `found` where `expected` should stand.
    pub(super) fn new(key: &str, found: impl fmt::Display, expected: impl fmt::Display) -> Self {
        Self { key: key.to_owned(), found: shortened(&found.to_string()), expected: expected.to_string() }
    }

    /// The setting.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Whether what is expected depends on one of these other keys.
    pub(super) fn mentions(&self, is_one: impl Fn(&str) -> bool) -> bool {
        self.expected.split('`').skip(1).step_by(2).any(|word| word != self.key && is_one(word))
    }

    /// The line that is shown, with the layer that is to be changed.
    pub(super) fn told(&self, origins: &BTreeMap<String, Origin>) -> String {
        match origins.get(&self.key) {
            Some(origin) => self.told_with(origin),
            None => format!("`{}`: found {}, expected {}", self.key, self.found, self.expected),
        }
    }

    /// The line that is shown for a setting that a further scoring may change; nothing for others, which the run itself
    /// is told of.
    pub(super) fn told_of_scoring(&self) -> Option<String> {
        let own = ["score.", "segment.", "kmeans."].iter().any(|section| self.key.starts_with(section));
        own.then(|| self.told(&BTreeMap::new()))
    }

    /// The line that is shown where the layer is known.
    pub(super) fn told_with(&self, origin: &Origin) -> String {
        format!("`{}` ({origin}): found {}, expected {}", self.key, self.found, self.expected)
    }
}

/// The one error for all problems of a configuration; `told` holds one line for each.
pub(super) fn error_of(told: Vec<String>) -> Error {
    let count = told.len();
    let noun = if count == 1 { "problem" } else { "problems" };
    Error::config(format!("the configuration cannot be used: {count} {noun}"))
        .causes(told)
        .hint("`rfmetrics config` prints every key, its value and where the value came from; `rfmetrics init` writes a file with an explanation of each")
}

/// `text` in at most [`FOUND_SHOWN`] characters.
fn shortened(text: &str) -> String {
    if text.chars().count() <= FOUND_SHOWN {
        return text.to_owned();
    }
    let head: String = text.chars().take(FOUND_SHOWN).collect();
    format!("{head} ..")
}
