//! The commented file that `rfmetrics init` writes. Its explanations are the doc comments of the options.
//!
//! Does not live here: how column names are guessed from the input.

use std::fmt::Write;

use toml::Value;

use super::inputs::ENTRIES;
use super::keys::{self, Key, Kind};
use crate::error::{Error, Result, printable};

/// A setting that was learned from the input and is written out instead of left in a comment.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess {
    /// The dotted key.
    pub key: String,
    /// Its value.
    pub value: Value,
    /// Why: written as a comment after the value.
    pub remark: String,
    /// Whether it stays in a comment anyway, for the user to decide.
    pub is_proposal: bool,
}

const HEAD: &str = "\
# Settings of rfmetrics. Lines with `#:` explain; a setting behind `#` is the default, or an
# example where it says `not set`: take the `#` away to change it.
# Every key can also be given by an environment variable (RFMETRICS_OUTPUT_PATH for `path` under [output])
# and by the flag --set (--set output.path=reports). Flags win over the environment, the environment over this file.
";

/// How several inputs are written.
const SEVERAL_INPUTS: &str = "\
Several inputs: write, in place of [input], an entry for each. It has a name and the keys below, and what differs from
[columns], [dates] (format, epoch_unit, source_time_zone) and [clean] (orders_by, dedupe.., nobody_ids):
  [[input]]
  name = \"shop\"
  paths = [\"/data/shop\"]
  columns.amount = \"total\"
  [[input]]
  name = \"till\"
  paths = [\"/data/till\"]
  filter = \"voided = 0\"
  dates.source_time_zone = \"Europe/Berlin\"";

/// A configuration file with every key, its explanation and its default in a comment; the keys of
/// `guesses` are set. `notes` stand above them: what only the user can decide.
///
/// # Errors
/// A bug where a guess is for a key that does not exist.
pub fn starter_toml(guesses: &[Guess], notes: &[String]) -> Result<String> {
    if let Some(guess) = guesses.iter().find(|guess| keys::find(&guess.key).is_none()) {
        return Err(Error::bug(format!("`{}` is no key to guess", guess.key)));
    }
    let mut text = HEAD.to_owned();
    if !notes.is_empty() {
        text.push_str("#\n# Look at these before the first run:\n");
        for note in notes {
            text.push_str(&comment(&printable(note).replace('\n', " ")));
        }
    }
    let mut section = "";
    for key in keys::all() {
        if key.section() != section {
            section = key.section();
            let _ = writeln!(text, "\n{}[{section}]", comment(&keys::section_description(section)));
            if section == ENTRIES {
                text.push_str(&comment(SEVERAL_INPUTS));
            }
        }
        let guess = guesses.iter().find(|guess| guess.key == key.name);
        text.push_str(&comment(&explanation(key)));
        text.push_str(&setting(key, guess));
    }
    Ok(text)
}

/// The line of one key.
fn setting(key: &Key, guess: Option<&Guess>) -> String {
    let name = key.short_name();
    match (guess, &key.default) {
        (Some(Guess { value, remark, .. }), _) if remark.is_empty() => format!("{name} = {value}\n"),
        (Some(Guess { value, remark, is_proposal, .. }), _) => {
            let mark = if *is_proposal { "# " } else { "" };
            format!("{mark}{name} = {value} # {}\n", printable(remark).replace('\n', " "))
        }
        (None, Some(default)) => format!("# {name} = {default}\n"),
        (None, None) => format!("# {name} = {} # not set\n", placeholder(&key.kind)),
    }
}

/// The doc comment, and the words of a choice with what each means.
fn explanation(key: &Key) -> String {
    let mut text = key.description.clone();
    if let Kind::Choice(choices) = &key.kind {
        for choice in choices {
            let _ = write!(text, "\n  {}: {}", choice.name, choice.description);
        }
    }
    text
}

/// A value that shows the form of a setting without a default.
fn placeholder(kind: &Kind) -> Value {
    match kind {
        Kind::Text | Kind::Names => Value::from(""),
        Kind::Choice(choices) => Value::from(choices.first().map_or("", |choice| choice.name.as_str())),
        // A small number that every such key accepts.
        Kind::Integer => Value::from(2),
        Kind::Number => Value::from(1.0),
        Kind::Boolean => Value::from(false),
        Kind::List(_) => Value::Array(Vec::new()),
        Kind::Table => Value::Table(toml::Table::new()),
        Kind::Either(kinds) => kinds.first().map_or_else(|| Value::from(""), placeholder),
    }
}

/// Each line of `text` as a comment; `#:` marks it as an explanation, so that it differs from a setting that is
/// commented out.
fn comment(text: &str) -> String {
    text.lines().fold(String::new(), |comments, line| format!("{comments}#: {}\n", line.trim_end()))
}
