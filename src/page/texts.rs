//! The texts of the page, one file per language.
//!
//! A text may hold `{name}`, which stands for a value, and `{name?one:many}`, which is the first of two words where the value is
//! `1`. Does not live here: names and actions of segments, which the tables bring.

use std::collections::BTreeMap;
use std::fmt::Display;

use toml::{Table, Value};

use crate::error::{Error, Result};
use crate::publish::options::Language;

const ENGLISH: &str = include_str!("texts/en.toml");
const CHINESE: &str = include_str!("texts/zh.toml");

/// The texts of a language, by dotted key.
#[derive(Debug)]
pub(crate) struct Texts {
    entries: BTreeMap<String, String>,
}

impl Texts {
    /// The texts of this language.
    ///
    /// # Errors
    /// A bug where the file of texts cannot be read.
    pub(crate) fn of(language: Language) -> Result<Self> {
        let text = match language {
            Language::En => ENGLISH,
            Language::Zh => CHINESE,
        };
        let table: Table =
            text.parse().map_err(|error| Error::bug("the texts of the page cannot be read").cause(error))?;
        let mut entries = BTreeMap::new();
        flatten("", &table, &mut entries);
        Ok(Self { entries })
    }

    /// The text of this key; the key itself where there is none.
    pub(crate) fn say<'a>(&'a self, key: &'a str) -> &'a str {
        self.entries.get(key).map_or(key, String::as_str)
    }

    /// The text of this key, where there is one.
    pub(crate) fn find(&self, key: &str) -> Option<&str> {
        self.entries.get(key).map(String::as_str)
    }

    /// The text of this key with values for its names.
    pub(crate) fn fill(&self, key: &str, values: &[(&str, &dyn Display)]) -> String {
        filled(self.say(key), values)
    }
}

fn flatten(prefix: &str, table: &Table, entries: &mut BTreeMap<String, String>) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Table(table) => flatten(&key, table, entries),
            Value::String(text) => drop(entries.insert(key, text.clone())),
            _ => {}
        }
    }
}

fn filled(text: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        result.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            rest = after;
            break;
        };
        let (name, words) = name.split_once('?').map_or((name, None), |(name, words)| (name, words.split_once(':')));
        let value = values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_string());
        let value = value.unwrap_or_default();
        match words {
            Some((one, many)) => result.push_str(if value == "1" { one } else { many }),
            None => result.push_str(&value),
        }
        rest = after;
    }
    result + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_values_and_words_follow_them() {
        let say = |count: &dyn Display| filled("{n} {n?order:orders} of {who}", &[("n", count), ("who", &"A")]);
        assert_eq!((say(&1), say(&2)), ("1 order of A".into(), "2 orders of A".into()));
    }

    #[test]
    fn both_languages_have_the_same_keys_and_the_same_names_in_each() {
        let [english, chinese] = [Language::En, Language::Zh].map(|language| Texts::of(language).unwrap());
        let keys = |texts: &Texts| texts.entries.keys().cloned().collect::<Vec<_>>();
        // Sentences of warnings are written in English; other languages have a text for each code.
        let shared =
            |texts: &Texts| keys(texts).into_iter().filter(|key| !key.starts_with("warning.")).collect::<Vec<_>>();
        assert_eq!(shared(&english), shared(&chinese));
        for key in shared(&english) {
            let names = |texts: &Texts| {
                let parts = texts.say(&key).split('{').skip(1);
                let mut names: Vec<String> =
                    parts.map(|part| part.split(['}', '?']).next().unwrap().to_owned()).collect();
                names.sort();
                names.dedup();
                names
            };
            assert_eq!(names(&english), names(&chinese), "{key}");
        }
        assert!(english.entries.values().chain(chinese.entries.values()).all(|text| !text.trim().is_empty()));
    }

    #[test]
    fn chinese_says_something_of_every_warning() {
        let texts = Texts::of(Language::Zh).unwrap();
        for code in crate::warnings::CODES {
            assert!(texts.find(&format!("warning.{code}")).is_some(), "{code}");
        }
    }
}
