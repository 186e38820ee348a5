//! One wrong setting, as it is shown to the user. Does not live here: what is wrong with it.

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
    /// A problem: the value of `key` is `found`, but should be `expected`.
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

    /// The line that is shown, with the layer that has to be changed.
    pub(super) fn line(&self, origins: &BTreeMap<String, Origin>) -> String {
        match origins.get(&self.key) {
            Some(origin) => self.line_with(origin),
            None => format!("`{}`: found {}, expected {}", self.key, self.found, self.expected),
        }
    }

    /// The line that is shown for a setting that a further scoring may change; nothing for others, since the run itself
    /// reports those.
    pub(super) fn line_of_scoring(&self) -> Option<String> {
        let own = ["score.", "segment.", "kmeans."].iter().any(|section| self.key.starts_with(section));
        own.then(|| self.line(&BTreeMap::new()))
    }

    /// The line that is shown where the layer is known.
    pub(super) fn line_with(&self, origin: &Origin) -> String {
        format!("`{}` ({origin}): found {}, expected {}", self.key, self.found, self.expected)
    }
}

/// The one error for all problems of a configuration; `lines` holds one line for each.
pub(super) fn error_of(lines: Vec<String>) -> Error {
    let count = lines.len();
    let noun = if count == 1 { "problem" } else { "problems" };
    Error::config(format!("the configuration cannot be used: {count} {noun}"))
        .causes(lines)
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
